/**
 * `erase`: takes a person out of the store for good, after a clear yes.
 *
 *     { playerId, seq?, boards, records, heldBy? }   `records`: of the log, of which stays only that there was
 *                                                    one; `heldBy`: backups that still hold the person
 *
 * @module
 */

import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, printJson } from '../output.ts'
import { printable } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface EraseCommandOptions extends CommonOptions {
  playerId: string
  yes?: boolean
  backups?: string
}

/** Declares `erase`. */
export function eraseCommand(cli: Cli): void {
  addCommand(cli, 'erase', {
    summary: 'take a person out of the store for good',
    example: 'erase penitent --yes',
  })
    .argument('<player>', 'id of the player')
    .option('--yes', 'confirm that entries, history and profile go')
    .option('--backups <dir>', 'tell which backups there still hold the player')
    .action(runner(cli, runErase, ['playerId']))
}

export async function runErase(io: Io, options: EraseCommandOptions): Promise<number> {
  const { playerId, backups } = options
  if (options.yes !== true)
    throw new CliError(
      'USAGE',
      `Cannot erase player "${playerId}" without --yes: nothing of the player would be left; say --yes`,
    )
  const erased = await withStore({ ...options, access: 'write' }, (store) =>
    store.erase(playerId, backups === undefined ? {} : { backups }),
  )
  const { boards, records, heldBy } = erased
  if (options.json) await printJson(io, { playerId, ...erased })
  else {
    const from = formatCount(boards.length, 'board')
    const lines = [
      `erased ${printable(playerId)}: off ${from}, out of ${formatCount(records, 'record')} of the log`,
      ...(heldBy ?? []).map((path) => `still held by ${printable(path)}`),
      ...(heldBy === undefined ? ['backups made before still hold the player'] : []),
    ]
    await io.print(lines.map((line) => `${line}\n`).join(''))
  }
  return 0
}
