/**
 * Settings of a board on the command line, and how they are shown.
 *
 * @module
 */

import { type Command, InvalidArgumentError } from 'commander'
import type { BoardInfo, BoardSettings, Mode, Order, ScoreType } from '../index.ts'
import { parseWhole } from './arguments.ts'
import { choice, wordsFor } from './command.ts'
import { formatNumber } from './output.ts'
import { printable } from './text.ts'

/** The settings of a new board, as options. */
export interface SettingsOptions {
  order?: Order
  mode?: Mode
  scoreType?: ScoreType
  column?: { name: string; order?: Order }[]
  keep?: number
}

/** Returns the settings of the library. */
export function settingsOf(options: SettingsOptions): BoardSettings {
  const { order, mode, scoreType, column, keep } = options
  return {
    ...(order !== undefined && { order }),
    ...(mode !== undefined && { mode }),
    ...(scoreType !== undefined && { scoreType }),
    ...(column !== undefined && { columns: column }),
    ...(keep !== undefined && { keep }),
  }
}

/** Adds the settings of a new board but its mode; `when` says in the help when they count. */
export function addSettings(command: Command, when: string): Command {
  return command
    .addOption(
      choice(
        '--order <order>',
        `which scores are better${when}; default: descending`,
        wordsFor('createBoard', 'order'),
      ),
    )
    .addOption(
      choice(
        '--score-type <type>',
        `what scores are${when}; default: number`,
        wordsFor('createBoard', 'scoreType'),
      ),
    )
    .option('--column <name:order>', `a column of the scores${when}, up to four times`, parseColumn)
    .option('--keep <n>', `keep only this many entries, the best${when}`, parseWhole)
}

/** Adds a column, `NAME` or `NAME:ORDER`, to those before it. */
export function parseColumn(
  text: string,
  before: SettingsOptions['column'] = [],
): { name: string; order?: Order }[] {
  const [name = '', order, ...rest] = text.split(':')
  if (rest.length > 0 || (order !== undefined && !wordsFor('createBoard', 'order').includes(order)))
    throw new InvalidArgumentError('It must be a name, or like time:ascending.')
  return [...before, order === undefined ? { name } : { name, order: order as Order }]
}

/** Returns in words how a board orders its entries, which, and what windows and partitions it has. */
export function describeOrder(
  board: Omit<BoardInfo, 'size' | 'name'> & { partitions?: number },
): string {
  const { order, scoreType, columns, keep, log, windows, partitions } = board
  return [
    ...(columns?.map((column) => `${printable(column.name)} ${column.order}`) ?? [order]),
    ...(scoreType === undefined ? [] : [scoreType]),
    ...(keep === undefined ? [] : [`the best ${formatNumber(keep)}`]),
    ...(log === undefined ? [] : [`log ${log}`]),
    ...(windows === undefined ? [] : [windowsText(windows)]),
    ...(partitions === undefined ? [] : [`${partitions} partitions`]),
  ].join(', ')
}

function windowsText(windows: NonNullable<BoardInfo['windows']>): string {
  const names = windows.map(({ name }) => printable(name))
  return `${names.length === 1 ? 'window' : 'windows'} ${names.join(' ')}`
}
