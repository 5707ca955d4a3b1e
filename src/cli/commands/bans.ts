/**
 * `bans`: who is banned, where, until when and why.
 *
 *     { bans: [{ playerId, board?, reason?, actor?, since, until?, submits }] }
 *
 * @module
 */

import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatTime, printJson, printTable } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

/** Declares `bans`. */
export function bansCommand(cli: Cli): void {
  addCommand(cli, 'bans', { summary: 'list who is banned', example: 'bans' }).action(
    runner(cli, runBans),
  )
}

export async function runBans(io: Io, options: CommonOptions): Promise<number> {
  const bans = await withAnyStore({ ...options, access: 'read' }, (store) => store.bans())
  if (options.json) {
    await printJson(io, { bans })
    return 0
  }
  const titles = ['player', 'board', 'since', 'until', 'submits', 'actor', 'reason']
  const rows = bans.map(({ playerId, board, since, until, submits, sealed, actor, reason }) => [
    printable(playerId),
    board === undefined ? '(all)' : printable(board),
    formatTime(since),
    until === undefined ? '' : formatTime(until),
    sealed === true ? `${submits}, sealed seasons too` : submits,
    printable(actor ?? ''),
    printable(reason ?? ''),
  ])
  await printTable(io, { columns: titles.map((title) => ({ title })), rows }, options)
  return 0
}
