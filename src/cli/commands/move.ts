/**
 * `move`: gives one player's entries and history to another id, on all boards at once.
 *
 *     { from, to, seq?, boards, seasons? }   `boards`, `seasons`: where there was something to move
 *
 * @module
 */

import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatCount, printJson, printLine } from '../output.ts'
import { inSeasons, SEALED_OPTION, sealedOf } from '../sealed.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'
import { noEntry } from './rename.ts'

export interface MoveCommandOptions extends CommonOptions {
  from: string
  to: string
  reason?: string
  actor?: string
  sealed?: boolean
}

/** Declares `move`. */
export function moveCommand(cli: Cli): void {
  addCommand(cli, 'move', {
    summary: "give one player's entries and history to another id",
    example: 'move cheater penitent --reason "signed up again"',
  })
    .argument('<from>', 'id of the player to move')
    .argument('<to>', 'id that receives; where both have an entry, the better one stays')
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who moves')
    .option(...SEALED_OPTION)
    .action(runner(cli, runMove, ['from', 'to']))
}

export async function runMove(io: Io, options: MoveCommandOptions): Promise<number> {
  const { from, to, reason, actor } = options
  const asked = {
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor }),
    ...sealedOf(options),
  }
  const moved = await withAnyStore({ ...options, access: 'write' }, (store) =>
    store.movePlayer(from, to, asked),
  )
  // A server has no record to tell of.
  const isNothing = moved.boards.length === 0 && moved.seasons === undefined
  if (moved.seq === undefined && isNothing) throw noEntry(from)
  if (options.json) await printJson(io, moved)
  else {
    const more = inSeasons(moved.seasons)
    const boards = formatCount(moved.boards.length, 'board')
    const where = more === '' ? boards : `${boards} and ${more}`
    await printLine(io, `moved ${printable(from)} to ${printable(to)} on ${where}`)
  }
  return 0
}
