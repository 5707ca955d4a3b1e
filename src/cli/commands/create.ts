/**
 * `create`: makes a board. One that is there with the same settings is fine.
 *
 *     { board, order, mode, created }   and scoreType, columns, keep, log, windows if not the usual ones
 *
 * @module
 */

import type { LogMode, WindowInput } from '../../index.ts'
import { infoOf, withAnyStore } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addSettings, describeOrder, type SettingsOptions, settingsOf } from '../board-settings.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { printable } from '../text.ts'
import { addWindow, WINDOW_HELP } from '../window-text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface CreateOptions extends CommonOptions, SettingsOptions {
  name: string
  log?: LogMode
  window?: WindowInput[]
  partitions?: number
}

/** Declares `create`. */
export function createCommand(cli: Cli): void {
  const command = addCommand(cli, 'create', {
    summary: 'make a board',
    example: [
      'create golf --order ascending --mode best',
      'create arena2 --mode best --window day --window month',
    ],
  }).argument('<board>', 'name of the board')
  addSettings(command, '')
    .addOption(
      choice(
        '--mode <mode>',
        'of submits that name none; default: set',
        wordsFor('createBoard', 'mode'),
      ),
    )
    .addOption(
      choice(
        '--log <what>',
        'what history keeps: all runs, changes, or none; default: all',
        wordsFor('createBoard', 'log'),
      ),
    )
    .option('--window <what>', 'day, week, month, year or JSON; may be given again', addWindow)
    .option(
      '--partitions <n>',
      'on a server, 1 to 64; each has its part of the players',
      parseCount,
    )
    .addHelpText('after', WINDOW_HELP)
    .action(runner(cli, runCreate, ['name']))
}

export async function runCreate(io: Io, options: CreateOptions): Promise<number> {
  if (options.partitions !== undefined && options.redis === undefined)
    throw new CliError('USAGE', 'Cannot use --partitions for a directory: they are of servers')
  const { created, info } = await withAnyStore({ ...options, access: 'create' }, async (store) => {
    const created = !(await store.hasBoard(options.name))
    const board = await store.createBoard(options.name, {
      ...settingsOf(options),
      ...(options.log !== undefined && { log: options.log }),
      ...(options.window !== undefined && { windows: options.window }),
      ...(options.partitions !== undefined && { partitions: options.partitions }),
    })
    return { created, info: await infoOf(board) }
  })
  const { name, size: _, ...settings } = info
  if (options.json) await printJson(io, { board: name, ...settings, created })
  else {
    const what = created
      ? `created board '${printable(name)}'`
      : `board '${printable(name)}' exists`
    await printLine(io, `${what} (${describeOrder(settings)}, ${settings.mode})`)
  }
  return 0
}
