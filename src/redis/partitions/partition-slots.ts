/**
 * The partitions of one incarnation of a board: what is asked of one of them, and of all.
 *
 * @module
 */

import type { ServerArgument } from '../client/connection.ts'
import type { PlayerReply } from '../client/replies.ts'
import type { BoardCaller } from '../slot/board-caller.ts'
import { partitionOf } from '../slot/partitions.ts'
import { SharedCalls } from '../slot/shared-calls.ts'
import type { TiersReply } from '../slot/standing-tiers.ts'
import { type Gathered, type GatherReply, gathered, type Sides, shareOf } from './partition-rows.ts'

/** How a player of a partition is asked for. */
export type CountedMode = 'ordinal' | 'competition' | 'all'

/** Entries below each of some keys, and how many there are. */
export interface Counts {
  below: number[]
  size: number
}

/** Some partition belongs to another incarnation of the board. */
export class BoardReplaced extends Error {}

interface Shared {
  counts: SharedCalls<Buffer, number>
  players: Readonly<Record<CountedMode, SharedCalls<string, PlayerReply | null>>>
}

/** How many seasons are remembered, so that questions about them share calls. */
const SEASONS_MAX = 16

/** The partitions of a board; none if it does not exist. With `season`, of one of its seasons: see home.lua. */
export class PartitionSlots {
  readonly all: readonly BoardCaller[]
  /** How many changes each was known to have had, when it answered last. */
  readonly writes: number[]
  /** The present of each, when it answered last about a season, microseconds. */
  readonly presents: number[]
  readonly #id: string
  readonly #season: string | undefined
  readonly #shared: readonly Shared[]
  readonly #seasons = new Map<string, PartitionSlots>()

  constructor(id: string, slots: readonly BoardCaller[], season?: string) {
    this.#id = id
    this.#season = season
    this.all = slots
    this.writes = slots.map(() => 0)
    this.presents = slots.map(() => 0)
    this.#shared = slots.map((_, i) => this.#sharedOf(i))
  }

  /** Returns the partitions as those of a season, named by the number of its window and its start. */
  ofSeason(season: string): PartitionSlots {
    const known = this.#seasons.get(season)
    if (known !== undefined) return known
    const [oldest] = this.#seasons.keys()
    if (this.#seasons.size >= SEASONS_MAX) this.#seasons.delete(oldest as string)
    const slots = new PartitionSlots(this.#id, this.all, season)
    this.#seasons.set(season, slots)
    return slots
  }

  /** Returns the number of the partition of a player; undefined if there are none. */
  numberOf(playerId: string): number | undefined {
    return this.all.length === 0 ? undefined : partitionOf(playerId, this.all.length)
  }

  /** Asks one partition. */
  async ask(i: number, question: string, args: readonly ServerArgument[]): Promise<unknown> {
    const season = this.#season
    if (season === undefined) return this.#ask(i, question, args)
    const clock = (this.all[i] as BoardCaller).context.givenMicros() ?? ''
    const about = [clock, season, question, ...args]
    const [present, answer] = (await this.#ask(i, 'of_season', about)) as [Buffer, unknown]
    this.notePresent(i, present)
    return answer
  }

  /** Notes the present of a partition; it never falls. */
  notePresent(i: number, present: Buffer): void {
    this.presents[i] = Math.max(this.presents[i] as number, Number(String(present)))
  }

  /** Asks all. */
  askAll(question: string, args: readonly ServerArgument[]): Promise<unknown[]> {
    return Promise.all(this.all.map((_, i) => this.ask(i, question, args)))
  }

  /** Asks for a player; undefined without one. Ranks are those in the partition, at one instant with the record. */
  async player(
    playerId: string,
    mode: CountedMode,
  ): Promise<
    { reply: PlayerReply; partition: number; size: number; tiers: TiersReply } | undefined
  > {
    const partition = this.numberOf(playerId)
    if (partition === undefined) return undefined
    const shared = (this.#shared[partition] as Shared).players[mode]
    const { answers, size, beside } = await shared.ask([playerId])
    const [reply] = answers
    return reply == null ? undefined : { reply, partition, size, tiers: beside as TiersReply }
  }

  /** Counts in each partition; `except` is left out. */
  countEach(keys: readonly Buffer[], except?: number): Promise<Counts[]> {
    const some = this.#shared.filter((_, i) => i !== except)
    return Promise.all(
      some.map(async ({ counts }) => {
        const { answers, size } = await counts.ask(keys)
        return { below: [...answers], size }
      }),
    )
  }

  /** Counts over all partitions. */
  async count(keys: readonly Buffer[], except?: number): Promise<Counts> {
    const each = await this.countEach(keys, except)
    return {
      below: keys.map((_, i) => each.reduce((sum, { below }) => sum + (below[i] as number), 0)),
      size: each.reduce((sum, { size }) => sum + size, 0),
    }
  }

  /** Counts below some keys and fetches rows around the last of them. */
  async gather(keys: readonly Buffer[], wanted: Sides): Promise<Gathered> {
    const { length } = this.all
    const sent = { above: shareOf(wanted.above, length), under: shareOf(wanted.under, length) }
    // The rows of one reading only: in two a player may be twice.
    return (
      (await this.#gather(keys, { wanted, sent })) ??
      ((await this.#gather(keys, { wanted, sent: wanted })) as Gathered)
    )
  }

  async #gather(
    keys: readonly Buffer[],
    sides: { wanted: Sides; sent: Sides },
  ): Promise<Gathered | undefined> {
    const { above, under } = sides.sent
    const replies = await this.askAll('gather', [above, under, ...keys])
    return gathered(replies as GatherReply[], { keys, ...sides })
  }

  async #ask(i: number, question: string, args: readonly ServerArgument[]): Promise<unknown> {
    const { id, value, writes } = await (this.all[i] as BoardCaller).read(question, args)
    if (id !== this.#id) throw new BoardReplaced('the board was dropped and made again')
    this.writes[i] = Math.max(this.writes[i] as number, writes)
    return value
  }

  #sharedOf(i: number): Shared {
    const players = (mode: CountedMode): SharedCalls<string, PlayerReply | null> =>
      new SharedCalls(async (ids) => {
        const reply = await this.ask(i, 'players', [mode, ...ids])
        const [size, answers, beside] = reply as PlayersReply
        return { size, answers, beside }
      })
    const counts = new SharedCalls(async (keys: readonly Buffer[]) => {
      const [size, answers] = (await this.ask(i, 'gather', [0, 0, ...keys])) as GatherReply
      return { size, answers }
    })
    const modes = { ordinal: players('ordinal'), competition: players('competition') }
    return { counts, players: { ...modes, all: players('all') } }
  }
}

type PlayersReply = [size: number, players: (PlayerReply | null)[], tiers: TiersReply]
