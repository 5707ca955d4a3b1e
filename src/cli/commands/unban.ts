/**
 * `unban`: lifts every ban of a player, or that of one board; the entries come back as they were.
 *
 *     { playerId, unbanned }   `unbanned` is false, and the status 3, if there was no ban
 *
 * @module
 */

import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { SEALED_OPTION, sealedOf } from '../sealed.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface UnbanCommandOptions extends CommonOptions {
  playerId: string
  reason?: string
  actor?: string
  sealed?: boolean
}

/** Declares `unban`. */
export function unbanCommand(cli: Cli): void {
  addCommand(cli, 'unban', {
    summary: 'lift the bans of a player',
    example: ['--board default unban mallory --reason "was a mistake"', 'unban mallory'],
  })
    .argument('<player>', 'id of the player')
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who lifts it')
    .option(...SEALED_OPTION)
    .addHelpText('after', '\nWith --board, only the ban of that board is lifted.')
    .action(runner(cli, runUnban, ['playerId']))
}

export async function runUnban(io: Io, options: UnbanCommandOptions): Promise<number> {
  const { playerId, board, isBoardNamed, reason, actor } = options
  const asked = {
    ...(isBoardNamed && { board }),
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor }),
    ...sealedOf(options),
  }
  const unbanned = await withAnyStore({ ...options, access: 'write' }, (store) =>
    store.unban(playerId, asked),
  )
  if (options.json) await printJson(io, { playerId, unbanned })
  else if (unbanned) await printLine(io, `unbanned ${printable(playerId)}`)
  if (unbanned) return 0
  const where = isBoardNamed ? ` on board "${board}"` : ''
  io.report(`ladderdb: ${printable(`Cannot unban player "${playerId}": there is no ban${where}`)}`)
  return 3
}
