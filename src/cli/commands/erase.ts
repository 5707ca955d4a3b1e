/**
 * `erase`: takes a person out of the store for good, after a clear yes.
 *
 *     { playerId, seq?, found, boards, records, heldBy? }   `found`: whether anything of the person was there;
 *                                                           `records`: of the log, of which stays only that
 *                                                           there was one; `heldBy`: backups that still hold
 *                                                           the person
 *
 * @module
 */

import type { EraseAnswer } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, printJson } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

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
  const erased = await withAnyStore({ ...options, access: 'write' }, (store) =>
    store.erase(playerId, backups === undefined ? {} : { backups }),
  )
  if (options.json) await printJson(io, { playerId, ...erased })
  else {
    const isOnServer = options.redis !== undefined
    const lines = isOnServer ? linesOfServer(playerId, erased) : linesOf(playerId, erased)
    await io.print(lines.map((line) => `${line}\n`).join(''))
  }
  return 0
}

function linesOf(playerId: string, erased: EraseAnswer): string[] {
  const { heldBy, found } = erased
  return [
    whatWasErased(playerId, erased),
    ...(heldBy ?? []).map((path) => `still held by ${printable(path)}`),
    ...(heldBy === undefined && found ? ['backups made before still hold the player'] : []),
  ]
}

// A server has no log, and keeps no hash for its files.
function linesOfServer(playerId: string, { found, boards }: EraseAnswer): string[] {
  const who = printable(playerId)
  if (!found) return [`nothing of ${who} was here: check the id`]
  return [
    `erased ${who}: off ${formatCount(boards.length, 'board')}`,
    'files that the server wrote before still hold the player, until BGSAVE and BGREWRITEAOF write them again',
  ]
}

function whatWasErased(playerId: string, { found, boards, records }: EraseAnswer): string {
  const who = printable(playerId)
  if (!found)
    return `nothing of ${who} was here: check the id; backups restored over this store will lose such a player`
  const from = formatCount(boards.length, 'board')
  return `erased ${who}: off ${from}, out of ${formatCount(records, 'record')} of the log`
}
