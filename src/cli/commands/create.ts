/**
 * `create`: makes a board. One that is there with the same settings is fine.
 *
 *     { board, order, mode, created }   and scoreType, columns, keep, log if they are not the usual ones
 *
 * @module
 */

import type { LogMode } from '../../index.ts'
import { addSettings, describeOrder, type SettingsOptions, settingsOf } from '../board-settings.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { printable } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface CreateOptions extends CommonOptions, SettingsOptions {
  name: string
  log?: LogMode
}

/** Declares `create`. */
export function createCommand(cli: Cli): void {
  const command = addCommand(cli, 'create', {
    summary: 'make a board',
    example: 'create golf --order ascending --mode best',
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
    .action(runner(cli, runCreate, ['name']))
}

export async function runCreate(io: Io, options: CreateOptions): Promise<number> {
  const { created, info } = await withStore({ ...options, access: 'create' }, async (store) => {
    const created = !store.hasBoard(options.name)
    const { info } = await store.createBoard(options.name, {
      ...settingsOf(options),
      ...(options.log !== undefined && { log: options.log }),
    })
    return { created, info }
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
