/**
 * Answers of a board in partitions, in the form in which a board in one slot answers: see ladderdb_1.lua.
 *
 * @module
 */

import { rankOfShare } from '../../domain/answers.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { LadderError } from '../../ground/errors.ts'
import type { RankMode } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import type { PlayerReply, RowsReply } from '../client/replies.ts'
import { unsupported } from '../slot/refused-calls.ts'
import { type FindReply, mergedFinds } from '../slot/remote-find.ts'
import type { TiersReply } from '../slot/standing-tiers.ts'
import type { Gathered, PartitionRow } from './partition-rows.ts'
import type { CountedMode, PartitionSlots } from './partition-slots.ts'
import { keyNear, NEAR } from './place-search.ts'

type NewcomerReply = [number, number, number, number, number, tiers: TiersReply]
type Found = [PlayerReply, size: number, tiers: TiersReply]

// How often an entry that moves meanwhile is looked for. More than a few times is rare.
const ATTEMPTS = 20
const START: Buffer = Buffer.alloc(0)

/** Questions to some partitions. */
export class PartitionedAnswers {
  readonly #slots: PartitionSlots
  readonly shape: ScoreShape

  constructor(slots: PartitionSlots, shape: ScoreShape) {
    this.#slots = slots
    this.shape = shape
  }

  /** Answers a question. @throws {LadderError} `UNSUPPORTED` for dense ranks. */
  answer(question: string, args: readonly ServerArgument[]): Promise<unknown> {
    const answer = this.#answers[question]
    if (answer === undefined) throw unsupported(`ask ${question}`, 'the board lies in partitions')
    return answer(args)
  }

  /** Returns a player as the board has it; undefined without an entry. */
  async player(playerId: string, mode: CountedMode): Promise<Found | undefined> {
    const found = await this.#slots.player(playerId, mode)
    if (found === undefined) return undefined
    const { reply, partition, size, tiers } = found
    const [record, ordinal, number, better = 0, worse = 0] = reply
    // The own partition told ranks in it, at one instant with the record. What is in front in the other partitions is
    // counted by the key, which orders all of them.
    const others = await this.#slots.count(this.#keysOf(playerId, { record, mode }), partition)
    const [first = 0, second = 0, third = 0] = others.below
    if (mode !== 'all') return [[record, ordinal, number + first], size + others.size, tiers]
    const all: PlayerReply = [
      ...([record, ordinal + first, ordinal + first] as const),
      ...([better + second, worse + others.size - third, 0] as const),
    ]
    return [all, size + others.size, tiers]
  }

  /** Returns rows of the board, the first of which stands at `first`, as replies tell them. */
  async rowsReply(
    rows: readonly PartitionRow[],
    place: { size: number; first: number; mode: RankMode },
  ): Promise<RowsReply> {
    const { size, first, mode } = place
    // Rows after the first one number themselves by their scores. The first one may share its score with rows in front.
    const [row] = rows
    const isShared = mode === 'competition' && first > 0 && row !== undefined
    const base = isShared ? await this.#betterThan(row.member) : first
    return [
      ...([size, Buffer.from(String(first)), base + 1] as const),
      ...([rows.map(({ member }) => member), rows.map(({ record }) => record)] as const),
    ]
  }

  readonly #answers: Readonly<
    Record<string, (args: readonly ServerArgument[]) => Promise<unknown>>
  > = {
    players: async ([mode, ...ids]) => {
      const counted = mode === 'all' ? 'all' : countedMode(mode)
      // Who asks for nobody is told if the board is gone.
      if (ids.length === 0) return [(await this.#slots.count([])).size, []]
      const found = await Promise.all(ids.map((id) => this.player(id as string, counted)))
      const [first] = found
      return [first?.[1] ?? 0, found.map((one) => one?.[0] ?? null), first?.[2] ?? null]
    },
    rows: async ([first, count, mode]) =>
      this.#rowsAt({ first: Number(first), count: Number(count), mode: countedMode(mode) }),
    around: async ([id, above, below, fill, mode]) => {
      const sides = { above: Number(above), below: Number(below), isFilled: fill === '1' }
      return this.#around(id as string, { ...sides, mode: countedMode(mode) })
    },
    between: async ([first, stop, offset, limit, mode]) => {
      const keys = { first: this.#keyOfBound(first), stop: this.#keyOfBound(stop) }
      const page = { offset: Number(offset), limit: Number(limit), mode: countedMode(mode) }
      return this.#between(keys, page)
    },
    page: async ([side, key, limit, mode]) =>
      this.#page(side as string, {
        key: key as Buffer,
        limit: Number(limit),
        mode: countedMode(mode),
      }),
    newcomer: async (args) => {
      const replies = (await this.#slots.askAll('newcomer', args)) as NewcomerReply[]
      const sums = [0, 1, 2, 3].map((i) =>
        replies.reduce((sum, one) => sum + (one[i] as number), 0),
      )
      const [size = 0, ordinals = 0, better, worse] = sums
      // Each partition says 1 for a newcomer who is first in it: only one of these counts.
      return [size, ordinals - replies.length + 1, better, worse, 0, replies[0]?.[5] ?? null]
    },
    find: async (args) => mergedFinds((await this.#slots.askAll('find', args)) as FindReply[]),
    score_at: async ([rank, mode]) => {
      countedMode(mode)
      return [await this.#scoreAt(Number(rank))]
    },
    goal: async ([rank, percent, mode, id]) => {
      countedMode(mode)
      const found = id === '' ? undefined : await this.player(id as string, 'all')
      const size = found?.[1] ?? (await this.#slots.count([])).size
      const total = size + (found === undefined ? 1 : 0)
      const wanted = rank === '' ? rankOfShare(total, Number(percent)) : Number(rank)
      const mark = await this.#scoreAt(wanted)
      return [size, Buffer.from(String(wanted)), found?.[0] ?? null, mark, null]
    },
  }

  async #rowsAt(asked: { first: number; count: number; mode: RankMode }): Promise<RowsReply> {
    const { first, count, mode } = asked
    if (count <= 0) {
      const { size } = await this.#slots.count([])
      return this.rowsReply([], { size, first, mode })
    }
    if (first === 0) {
      const { size, under } = await this.#slots.gather([START], { above: 0, under: count })
      return this.rowsReply(under, { size, first, mode })
    }
    const { size, rows } = await this.#rowsFrom(first, count)
    return this.rowsReply(rows, { size, first, mode })
  }

  // A place can be looked for only by a key. So a key near it is guessed, and the rows around that key are fetched with
  // the counts in front of it, which say where the rows stand. If others moved meanwhile, that misses, and is tried again.
  async #rowsFrom(first: number, count: number): Promise<{ size: number; rows: PartitionRow[] }> {
    for (let i = 0; i < ATTEMPTS; i++) {
      const { key, below } = await keyNear(this.#slots, first)
      const wanted = { above: NEAR, under: first - below + count + NEAR }
      const { size, below: counts, above, under } = await this.#slots.gather([key], wanted)
      const start = first - ((counts[0] ?? 0) - above.length)
      const rows = [...above, ...under]
      const isEnd = under.length < wanted.under
      if (start >= 0 && (isEnd || rows.length >= start + count))
        return { size, rows: rows.slice(start, start + count) }
    }
    throw restless(`place ${first + 1}`)
  }

  async #around(
    playerId: string,
    asked: { above: number; below: number; isFilled: boolean; mode: RankMode },
  ): Promise<RowsReply> {
    const { above, below, isFilled, mode } = asked
    // To fill up at the ends of the board, either side may have to give all rows.
    const most = isFilled ? above + below : undefined
    for (let i = 0; i < ATTEMPTS; i++) {
      const found = await this.#slots.player(playerId, 'ordinal')
      if (found === undefined) return this.rowsReply([], { size: 0, first: 0, mode })
      const [key] = this.#keysOf(playerId, { record: found.reply[0], mode: 'ordinal' }) as [Buffer]
      const wanted = { above: most ?? above, under: (most ?? below) + 1 }
      const rows = await this.#slots.gather([key], wanted)
      // The player moved between the two readings.
      if (!rows.under[0]?.member.equals(key)) continue
      const window = isFilled ? filled(rows, { above, count: above + below + 1 }) : rows
      const first = (rows.below[0] as number) - window.above.length
      return this.rowsReply([...window.above, ...window.under], { size: rows.size, first, mode })
    }
    throw restless(`player "${playerId}"`)
  }

  async #between(
    keys: { first: Buffer; stop: Buffer },
    { offset, limit, mode }: { offset: number; limit: number; mode: RankMode },
  ): Promise<[count: number, rows: RowsReply]> {
    const under = offset === 0 ? limit : 0
    const found = await this.#slots.gather([keys.stop, keys.first], { above: 0, under })
    const [stop = 0, first = 0] = found.below
    const start = first + offset
    const count = Math.max(0, Math.min(limit, stop - start))
    // With an offset the rows lie elsewhere, and are looked for by their place. Between the two readings entries may have
    // moved across the end, so what lies behind it is left out.
    const isFetched = offset === 0 || count === 0
    const { rows } = isFetched ? { rows: found.under } : await this.#rowsFrom(start, count)
    const inside = rows.filter(({ member }) => Buffer.compare(member, keys.stop) < 0)
    const page = count === 0 ? [] : inside.slice(0, limit)
    const place = { size: found.size, first: start, mode }
    return [Math.max(0, stop - first), await this.rowsReply(page, place)]
  }

  async #page(
    side: string,
    { key, limit, mode }: { key: Buffer; limit: number; mode: RankMode },
  ): Promise<RowsReply> {
    const isBefore = side === 'before'
    const wanted = { above: isBefore ? limit : 0, under: isBefore ? 0 : limit }
    const found = await this.#slots.gather([side === 'first' ? START : key], wanted)
    const { size, above, under, below } = found
    const first = (below[0] ?? 0) - above.length
    return this.rowsReply([...above, ...under], { size, first, mode })
  }

  async #scoreAt(rank: number): Promise<Buffer | null> {
    const [, , , members] = await this.#rowsAt({ first: rank - 1, count: 1, mode: 'ordinal' })
    const [member] = members
    return member === undefined ? null : member.subarray(0, this.shape.bytes)
  }

  async #betterThan(member: Buffer): Promise<number> {
    const { below } = await this.#slots.count([member.subarray(0, this.shape.bytes)])
    return below[0] as number
  }

  #keysOf(playerId: string, { record, mode }: { record: Buffer; mode: CountedMode }): Buffer[] {
    const { bytes, headBytes } = this.shape
    const score = record.subarray(0, bytes)
    if (mode === 'competition') return [score]
    const key = Buffer.concat([record.subarray(0, headBytes), Buffer.from(playerId)])
    return mode === 'ordinal' ? [key] : [key, score, lastOf(score)]
  }

  #keyOfBound(bound: ServerArgument | undefined): Buffer {
    if (typeof bound === 'object') return bound.subarray(1)
    // No time begins so, and so no key.
    return bound === '-' ? START : Buffer.alloc(this.shape.headBytes, 0xff)
  }
}

/** Returns a rank mode. @throws {LadderError} `UNSUPPORTED` for one that no sum of counts tells. */
export function countedMode(mode: ServerArgument | undefined): 'ordinal' | 'competition' {
  if (mode !== 'dense') return mode as 'ordinal' | 'competition'
  throw unsupported(
    'use rankMode "dense"',
    'a score may be in several partitions, and counts of distinct scores do not add up; use competition, or partitions: 1',
  )
}

// Behind every entry of the score.
function lastOf(score: Buffer): Buffer {
  return Buffer.concat([score, Buffer.alloc(8, 0xff)])
}

function filled(
  { above, under }: Gathered,
  { above: most, count }: { above: number; count: number },
): { above: PartitionRow[]; under: PartitionRow[] } {
  const isShort = under.length < count - most
  const inFront = isShort ? count - under.length : Math.min(most, above.length)
  const front = inFront === 0 ? [] : above.slice(-inFront)
  return { above: front, under: under.slice(0, count - front.length) }
}

function restless(what: string): LadderError {
  return new LadderError(
    'UNAVAILABLE',
    `Cannot find ${what}: it moved each time it was looked for; try again`,
  )
}
