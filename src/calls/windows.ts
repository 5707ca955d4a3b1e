/**
 * The checks of windows: those that a board is made with, and what `alter` takes.
 *
 * @module
 */

import { WINDOWS_MAX } from '../ground/limits.ts'
import type {
  AlteredWindow,
  AskedWindow,
  Calendar,
  Order,
  WindowAlteration,
  WindowAlterations,
  WindowChange,
  WindowInput,
} from '../words/index.ts'
import { CALENDAR_FIELDS, checkCalendar } from './calendars.ts'
import { isPlainObject } from './kinds.ts'
import { checkFields } from './options.ts'
import { checkWindowName, show } from './values.ts'
import { ALTERED_WINDOW_FIELDS, WINDOW_FIELDS } from './window-fields.ts'

const WORDS: readonly unknown[] = ['day', 'week', 'month', 'year', 'manual']
const CALENDAR_NAMES = Object.keys(CALENDAR_FIELDS) as (keyof Calendar)[]

/** What of a board says which windows it can have. */
interface Columns {
  readonly columns: readonly unknown[]
  readonly order: Order
  /** Undefined: all. */
  readonly keep?: number | undefined
}

/** Returns the windows that a board is asked for with. What its columns must be is judged apart. */
export function checkWindows(value: readonly WindowInput[]): AskedWindow[] {
  if (value.length > WINDOWS_MAX)
    throw new RangeError(
      `Cannot use ${value.length} windows: a board can have at most ${WINDOWS_MAX}`,
    )
  // Copied, so that a hole in the array is a window of nothing.
  const windows = [...value].map(windowOfInput)
  const names = new Set<string>()
  for (const { name } of windows) {
    if (names.has(name))
      throw new RangeError(`Cannot use two windows of the name "${name}": give each its own`)
    names.add(name)
  }
  return windows
}

/** Returns what is to become of the windows of a board. */
export function checkWindowChanges(value: WindowAlterations, board: Columns): WindowChange[] {
  const changes = Array.isArray(value)
    ? checkWindows(value as readonly WindowInput[]).map(additionOf)
    : Object.entries(value)
        .filter(([, change]) => change !== undefined)
        .map(([name, change]) => changeOf(name, change as WindowAlteration | string | null))
  for (const { window } of changes) if (window !== undefined) checkValue(window, board)
  return changes
}

/**
 * @throws {RangeError} if a window asks for something that a board like this cannot have: how much a score rose
 *   is a question of one column in which more is better. Where only the best are kept, a player who comes back
 *   would bring in again what was counted before.
 */
export function checkValue(
  { name, value }: Pick<AskedWindow, 'name' | 'value'>,
  { columns, order, keep }: Columns,
): void {
  if (value !== 'gain') return
  const reasons = [
    ...(columns.length > 1 ? ['scores have several columns'] : []),
    ...(order === 'ascending' ? ['lower scores are better'] : []),
    ...(keep === undefined ? [] : [`only the best ${keep} are kept`]),
  ]
  if (reasons.length === 0) return
  throw new RangeError(`Cannot use value gain for window "${name}": ${reasons[0]} on the board`)
}

function windowOfInput(input: unknown): AskedWindow {
  const given = typeof input === 'string' ? { every: input } : input
  if (!isPlainObject(given))
    throw new TypeError(
      `Cannot use ${show(input)} as a window: it must be day, week, month, year, manual or an object`,
    )
  const fields = checkFields(given as Partial<WindowAlteration>, {
    fields: WINDOW_FIELDS,
    what: 'a window',
  })
  const { name, every } = fields
  if (every === undefined)
    throw new TypeError(
      `Cannot use a window without every: it must be ${CALENDAR_FIELDS.every.words}`,
    )
  const calendar = inWindow(name, () => calendarOf(fields))
  if (name === undefined && typeof every !== 'string')
    throw new TypeError(
      'Cannot use a window without a name: its every is not a word, so give it a name',
    )
  return partsOf(name ?? (every as string), { ...fields, calendar }) as AskedWindow
}

function changeOf(name: string, value: WindowAlteration | string | null): WindowChange {
  checkWindowName(name)
  if (value === null) return { name, window: undefined, isFilled: false }
  const given = typeof value === 'string' ? { every: value } : value
  const fields = checkFields(given as WindowAlteration, {
    fields: ALTERED_WINDOW_FIELDS,
    what: `window "${name}"`,
  })
  if (fields.name !== undefined && fields.name !== name)
    throw new RangeError(
      `Cannot use ${show(fields.name)} as name of window "${name}": names cannot be altered`,
    )
  const every = fields.every ?? (WORDS.includes(name) ? name : undefined)
  const calendar =
    every === undefined
      ? undefined
      : inWindow(name, () => calendarOf({ ...fields, every } as WindowAlteration))
  const window = partsOf(name, { ...fields, calendar })
  return { name, window, isFilled: fields.fill === 'log' }
}

function additionOf(window: AskedWindow): WindowChange {
  return { name: window.name, window, isFilled: false }
}

function partsOf(
  name: string,
  fields: WindowAlteration & { calendar: Calendar | undefined },
): AlteredWindow {
  const { calendar, mode, value, graceMs, retain, finals, keep } = fields
  refuseBeside(name, fields)
  const said = CALENDAR_NAMES.filter((field) => fields[field] !== undefined)
  const source = (calendar ?? fields) as Calendar
  return {
    name,
    calendar,
    said: Object.fromEntries(said.map((field) => [field, source[field]])),
    ...{ mode, value, graceMs, retain, finals, keep },
  }
}

// A gain is a sum of rises: a mode has nothing to decide, and what a player who was pushed out had gained would
// be lost at the next rise.
function refuseBeside(name: string, { value, mode, keep }: WindowAlteration): void {
  if (value !== 'gain') return
  const [other] = Object.entries({ mode, keep }).find(([, field]) => field != null) ?? []
  if (other === undefined) return
  throw new TypeError(
    `Cannot use ${other} with value gain in window "${name}": a season then keeps what the board's scores rose by; leave one out`,
  )
}

function calendarOf(fields: WindowAlteration): Calendar {
  const said = CALENDAR_NAMES.filter((field) => fields[field] !== undefined)
  return checkCalendar(Object.fromEntries(said.map((field) => [field, fields[field]])))
}

// A board may have several windows: what is refused says of which.
function inWindow<T>(name: string | undefined, work: () => T): T {
  if (name === undefined) return work()
  try {
    return work()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      error.message = `Window "${name}": ${error.message}`
    throw error
  }
}
