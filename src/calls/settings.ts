/**
 * The check of a board's settings.
 *
 * @module
 */

import { COLUMN_NAME } from '../format/score-shape.ts'
import { COLUMNS_MAX } from '../ground/limits.ts'
import type { AskedSettings, AskedWindow, BoardSettings, ScoreColumn } from '../words/index.ts'
import { checkCall, checkColumnOf, checkOptionsOf } from './options.ts'
import type { CallName } from './table.ts'
import { show } from './values.ts'
import { checkValue, checkWindows } from './windows.ts'

const RESERVED_NAMES = ['playerId', 'score', 'name', 'at', 'metadata', 'rank', 'board']

/** Returns the settings that a call was given for a board; undefined where not given. */
export function checkSettings(
  call: CallName,
  given: ArrayLike<unknown>,
  settings: BoardSettings | undefined,
): AskedSettings {
  return judged(checkCall(call, given, settings))
}

/** Returns the settings that a file tells. */
export function checkToldSettings(settings: BoardSettings): AskedSettings {
  return judged(checkOptionsOf('board', settings))
}

/** What is asked of a board that is named alone. */
export const NOTHING_ASKED: AskedSettings = judged({})

function judged(settings: BoardSettings): AskedSettings {
  const { order, mode, scoreType, columns, keep, log, windows } = settings
  if (order !== undefined && columns !== undefined)
    throw new TypeError('Cannot use order with columns: give each column its own order')
  const checked = columns === undefined ? undefined : checkColumns(columns)
  const asked = { order, mode, scoreType, columns: checked, keep, log }
  return windows === undefined ? asked : { ...asked, windows: windowsOf(windows, asked) }
}

// As far as is asked for: a board that exists has what it has, its windows too.
function windowsOf(
  windows: NonNullable<BoardSettings['windows']>,
  { order, columns, keep }: AskedSettings,
): AskedWindow[] {
  const [first] = columns ?? []
  const asked = { columns: columns ?? [{}], order: order ?? first?.order ?? 'descending', keep }
  const checked = checkWindows(windows)
  for (const window of checked) checkValue(window, asked)
  return checked
}

function checkColumns(value: readonly object[]): [ScoreColumn, ...ScoreColumn[]] {
  // Copied, so that a hole in the array is a column of nothing.
  const columns = [...value].map((column): ScoreColumn => {
    const { name, order = 'descending' } = checkColumnOf(column as Partial<ScoreColumn>)
    return { name: checkColumnName(name), order }
  })
  const [first, ...others] = columns
  if (first === undefined || columns.length > COLUMNS_MAX)
    throw new RangeError(`Cannot use ${columns.length} columns: there must be 1 to ${COLUMNS_MAX}`)
  const names = new Set(columns.map(({ name }) => name))
  if (names.size === columns.length) return [first, ...others]
  throw new RangeError('Cannot use two columns of the same name: give each its own')
}

function checkColumnName(value: unknown): string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${show(value)} as name of a column: it must be a string`)
  if (!COLUMN_NAME.test(value))
    throw new RangeError(
      `Cannot use ${show(value)} as name of a column: it must be a letter, then letters, digits, _ and -, 32 at most`,
    )
  if (RESERVED_NAMES.includes(value))
    throw new RangeError(
      `Cannot use "${value}" as name of a column: imports and exports already have one of this name`,
    )
  return value
}
