/**
 * Bans on a server: what is banned on all boards lies beside the list of names, and each board is told.
 *
 * Boards are told one after another: no instant covers them all. Who is stopped half way calls again.
 *
 * @module
 */

import { untilMicrosOf } from '../calls/bans.ts'
import { toMs } from '../format/time.ts'
import type { Ban, BanAnswer, BannedSubmits, BanOptions } from '../words/index.ts'
import { callByName, noBoardThere } from './board-caller.ts'
import { keysOfBoard } from './board-keys.ts'
import type { ServerArgument } from './connection.ts'
import type { RemoteContext } from './remote-context.ts'

type Named = { board: string; reply: unknown }

/** Bans a player on all boards, none of which lies in partitions, or on one that exists. */
export async function banOnServer(
  context: RemoteContext,
  playerId: string,
  options: BanOptions,
): Promise<BanAnswer> {
  const { board, reason, actor, submits = 'refuse' } = options
  const untilMicros = untilMicrosOf(options.until, context.wallMicros()) ?? 0
  const notes = JSON.stringify({ reason, actor })
  const parts = [letterOf(submits), untilMicros, notes]
  if (board !== undefined) {
    const [left, since] = (await onBoard(context, board, ['ban', playerId, ...parts])) as [
      number,
      Buffer,
    ]
    const ban = banOf(playerId, `0 ${parts[0]} ${since} ${untilMicros} ${notes}`, board)
    return { ...ban, boards: left === 1 ? [board] : [] }
  }
  const clock = [context.givenMicros() ?? '', context.seenMicros]
  const [ban, names] = (await context.ofAll('ban_all', [...clock, playerId, ...parts])) as [
    Buffer,
    Buffer[],
  ]
  const told = await onBoards(context, names.map(String), ['learn', playerId, ban])
  const boards = told.flatMap(({ board, reply }) => (reply === 1 ? [board] : []))
  return { ...banOf(playerId, ban.toString()), boards }
}

/** Lifts the ban of a player on a board that exists, or every ban; returns whether there was one. */
export async function unbanOnServer(
  context: RemoteContext,
  playerId: string,
  { board, except }: { board: string | undefined; except: ReadonlySet<string> },
): Promise<boolean> {
  if (board !== undefined) return (await onBoard(context, board, ['unban', playerId, 0])) === 1
  const args = [context.givenMicros() ?? '', playerId]
  const reply = await context.ofAll('unban_all', args)
  const [was, version, names] = reply as [number, Buffer, Buffer[]]
  const some = names.map(String).filter((name) => !except.has(name))
  const told = await onBoards(context, some, ['unban', playerId, version])
  return was === 1 || told.some((one) => one.reply === 1)
}

/** Returns all bans that hold, by playerId, those of all boards first, then by boards. */
export async function bansOnServer(context: RemoteContext): Promise<Ban[]> {
  const all = (await context.ofAll('all_bans', [], { isRead: true })) as Buffer[]
  const names = await context.names()
  const replies = await context.batch(
    names.map((name) => ({
      ...{ name: 'read', keys: keysOfBoard(context.prefix, name), isRead: true },
      args: ['', '', 8, 'bans'],
    })),
  )
  const bans = names.flatMap((name, i) => {
    const [, , found] = replies[i] as [Buffer, Buffer, Buffer[]]
    return pairsOf(found).map(([id, ban]) => banOf(id, ban, name))
  })
  const everywhere = pairsOf(all).flatMap(([id, ban]) => (id === '' ? [] : banOf(id, ban)))
  const nowMs = toMs(context.wallMicros())
  return [...everywhere, ...bans]
    .filter(({ until }) => until === undefined || until > nowMs)
    .sort((a, b) => compare(a.playerId, b.playerId) || compare(a.board ?? '', b.board ?? ''))
}

async function onBoard(
  context: RemoteContext,
  board: string,
  change: readonly ServerArgument[],
): Promise<unknown> {
  const reply = (await context.call(callByName(context, board, change))) as unknown[]
  if (String(reply[0]) === '!') throw noBoardThere(board)
  return reply[2]
}

async function onBoards(
  context: RemoteContext,
  names: readonly string[],
  change: readonly ServerArgument[],
): Promise<Named[]> {
  const sorted = names.toSorted(compare)
  return Promise.all(
    sorted.map(async (board) => ({ board, reply: await onBoard(context, board, change) })),
  )
}

function banOf(playerId: string, text: string, board?: string): Ban {
  const [, kind, since, until, ...rest] = text.split(' ')
  const notes = JSON.parse(rest.join(' ')) as Pick<Ban, 'reason' | 'actor'>
  return {
    playerId,
    ...(board !== undefined && { board }),
    ...notes,
    since: toMs(Number(since)),
    ...(until !== '0' && { until: toMs(Number(until)) }),
    submits: kind === 'k' ? 'keep' : 'refuse',
  }
}

function letterOf(submits: BannedSubmits): string {
  return submits === 'keep' ? 'k' : 'r'
}

function pairsOf(list: readonly Buffer[]): [string, string][] {
  return Array.from({ length: list.length / 2 }, (_, i) => [
    String(list[2 * i]),
    String(list[2 * i + 1]),
  ])
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
