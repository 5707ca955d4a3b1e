/**
 * Bans on a server: what is banned on all boards lies beside the list of names, and each board is told.
 *
 * Boards are told one after another: no instant covers them all. What somebody who was stopped half way has not told
 * is noted beside the bans, and the next check tells it, or the next ban or unban some seconds later.
 *
 * @module
 */

import { toMs } from '../../format/time.ts'
import type { Ban, BanAnswer, BannedSubmits, BanOptions, NamedSeason } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { keysOfBoard } from '../slot/board-keys.ts'
import { tellSlots } from '../slot/change-slot.ts'
import { keysOfPartitions, partitionOf } from '../slot/partitions.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import type { RemoteSpec } from '../slot/remote-settings.ts'

/** What boards are told of a player, and whether that is a ban or its end. */
interface Told {
  playerId: string
  version: number
  /** The ban; undefined: it was lifted. */
  ban?: ServerArgument
  /** Whether its end reaches sealed seasons too. */
  sealed?: boolean
}

/** Bans a player on all boards, or on that of `caller`. */
export async function banOnServer(
  context: RemoteContext,
  playerId: string,
  asked: {
    caller: BoardCalls | undefined
    options: BanOptions
    untilMicros: number | undefined
  },
): Promise<BanAnswer> {
  const { caller, options, untilMicros = 0 } = asked
  const { reason, actor, submits = 'refuse', sealed = false } = options
  const notes = JSON.stringify({ reason, actor })
  const parts = [letterOf(submits, sealed), untilMicros, notes]
  if (caller !== undefined) {
    const version = (await context.ofAll('ban_version', [])) as number
    const { value } = await caller.write('ban', [playerId, version, ...parts])
    const [left, ban, seasons] = value as [left: number, ban: Buffer, seasons: Buffer[]]
    const { name } = caller.spec
    const boards = left === 1 ? [name] : []
    return { ...banOf(playerId, ban.toString(), name), boards, ...seasonsOf(name, seasons) }
  }
  const clock = [context.givenMicros() ?? '', context.seenMicros]
  const [ban, version, names] = (await context.ofAll('ban_all', [
    ...[...clock, playerId, ...parts],
  ])) as [Buffer, number, Buffer[]]
  const left = await tellAll(context, names.map(String), { playerId, version, ban })
  const boards = left.flatMap(({ board, count }) => (count === 1 ? [board] : []))
  const seasons = left.flatMap(({ board, seasons }) => seasonsOf(board, seasons).seasons ?? [])
  const reached = seasons.length > 0 ? { seasons } : {}
  const sealedToo = left.some(({ isSealed }) => isSealed) ? { sealed: true as const } : {}
  return { ...banOf(playerId, ban.toString()), ...sealedToo, boards, ...reached }
}

/** Lifts every ban of a player, or that of the board of `caller`; returns whether there was one. */
export async function unbanOnServer(
  context: RemoteContext,
  playerId: string,
  { caller, sealed }: { caller: BoardCalls | undefined; sealed: boolean },
): Promise<boolean> {
  if (caller !== undefined) {
    const { value } = await caller.write('unban', [playerId, 0, '', sealed ? 1 : 0])
    return (value as [number, number])[0] === 1
  }
  const args = [context.givenMicros() ?? '', playerId, sealed ? 1 : 0]
  const reply = await context.ofAll('unban_all', args)
  const [was, version, names] = reply as [number, number, Buffer[]]
  const told = await tellAll(context, names.map(String), { playerId, version, sealed })
  return was === 1 || told.some(({ count }) => count === 1)
}

/** Tells boards of a ban, or of its end, of which not all of them are told. */
export async function finishBan(
  context: RemoteContext,
  names: readonly string[],
  [id, version, kind, ban]: UntoldBan,
): Promise<void> {
  const letter = kind.toString()
  const told = { playerId: id.toString(), version, sealed: letter === 'U' }
  const isBan = letter === 'b'
  // A ban that is over is told to nobody.
  const isOver = isBan && ban.length === 0
  await tellAll(context, isOver ? [] : names, isBan ? { ...told, ban } : told)
}

/** A ban, or its end, of which not all boards are told: see bans.lua. */
export type UntoldBan = [playerId: Buffer, version: number, kind: Buffer, ban: Buffer]

/** Returns all bans that hold, by playerId, those of all boards first, then by boards. */
export async function bansOnServer(
  context: RemoteContext,
  specs: readonly RemoteSpec[],
): Promise<Ban[]> {
  const reply = await context.ofAll('all_bans', [], { isRead: true })
  const [all, names] = reply as [Buffer[], Buffer[]]
  const partitionsOf = new Map(specs.map(({ name, partitions }) => [name, partitions]))
  // What one ban handed on to another stays noted where a board was dropped.
  const slots = names.map(String).flatMap((name) => {
    const partitions = partitionsOf.get(name) ?? 1
    const keys =
      partitions > 1
        ? keysOfPartitions(context.prefix, name, partitions)
        : [keysOfBoard(context.prefix, name)]
    return keys.map((some) => ({ name, keys: some }))
  })
  const replies = await context.batch(
    slots.map(({ keys }) => ({
      ...{ name: 'read', keys, isRead: true },
      args: ['', '', 8, 'bans'],
    })),
  )
  const told = replies.map((one) => (one as [Buffer, Buffer, [Buffer[], Buffer[]]])[2])
  const bans = slots.flatMap(({ name }, i) =>
    pairsOf(told[i]?.[0] ?? []).map(([id, ban]) => banOf(id, ban, name)),
  )
  const handed = new Set(
    told.flatMap(([, some]) => pairsOf(some).map(([id, version]) => `${version} ${id}`)),
  )
  const everywhere = pairsOf(all).flatMap(([id, text]) => {
    if (id === '') return []
    const isSealed = handed.has(`${text.split(' ')[0]} ${id}`)
    return { ...banOf(id, text), ...(isSealed && { sealed: true as const }) }
  })
  const nowMs = toMs(context.wallMicros())
  return [...everywhere, ...bans]
    .filter(({ until }) => until === undefined || until > nowMs)
    .sort((a, b) => compare(a.playerId, b.playerId) || compare(a.board ?? '', b.board ?? ''))
}

// What became of a player on one board: whether it made a difference, and windows and ids of seasons by turns.
interface Left {
  board: string
  count: number
  seasons: readonly Buffer[]
  /** Whether the ban is, on this board, one that reached sealed seasons, itself or by one before it. */
  isSealed: boolean
}

// Answers for each board, by their names.
async function tellAll(
  context: RemoteContext,
  names: readonly string[],
  told: Told,
): Promise<Left[]> {
  const sorted = names.toSorted(compare)
  const found = await Promise.all(sorted.map((board) => tell(context, board, told)))
  await context.ofAll('told', [told.playerId, told.version])
  return found
}

async function tell(context: RemoteContext, board: string, told: Told): Promise<Left> {
  const { playerId, version, ban, sealed = false } = told
  const change = (id: string): ServerArgument[] =>
    ban === undefined
      ? ['unban', playerId, version, id, sealed ? 1 : 0]
      : ['learn', id, playerId, ban]
  const among = (i: number, partitions: number): boolean => i === partitionOf(playerId, partitions)
  const [reply] = (await tellSlots(context, board, { change, among })) as [ToldReply]
  const [, , [count, , seasons = [], letter]] = reply
  const isSealed = isSealedLetter(String(letter))
  return { board, count, seasons, isSealed }
}

type ToldReply = [
  ...[id: Buffer, last: Buffer],
  [count: number, partitions: number, seasons?: readonly Buffer[], letter?: Buffer],
]

function banOf(playerId: string, text: string, board?: string): Ban {
  const [, kind, since, until, ...rest] = text.split(' ')
  const notes = JSON.parse(rest.join(' ')) as Pick<Ban, 'reason' | 'actor'>
  return {
    playerId,
    ...(board !== undefined && { board }),
    ...notes,
    since: toMs(Number(since)),
    ...(until !== '0' && { until: toMs(Number(until)) }),
    submits: 'kKL'.includes(kind as string) ? 'keep' : 'refuse',
    ...(isSealedLetter(kind as string) && { sealed: true as const }),
  }
}

function isSealedLetter(letter: string): boolean {
  return ['R', 'K', 'S', 'L'].includes(letter)
}

// Windows and ids of seasons come by turns.
function seasonsOf(board: string, found: readonly Buffer[]): { seasons?: NamedSeason[] } {
  const seasons = pairsOf(found).map(([window, season]) => ({ board, window, season }))
  return seasons.length === 0 ? {} : { seasons }
}

// See bans.lua.
function letterOf(submits: BannedSubmits, sealed: boolean): string {
  const letter = submits === 'keep' ? 'k' : 'r'
  return sealed ? letter.toUpperCase() : letter
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
