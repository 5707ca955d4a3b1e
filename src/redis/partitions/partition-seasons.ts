/**
 * Questions about the seasons of a board in partitions, as a board in one slot answers them. The home says which seasons
 * there are; what is in them is summed or merged over the partitions.
 *
 * A season is told to be sealed as soon as all partitions take it for sealed, each by its own clock: its standing is final.
 *
 * @module
 */

import type { ServerArgument } from '../client/connection.ts'
import { numberOf } from '../client/replies.ts'
import type { BoardCaller } from '../slot/board-caller.ts'
import type { SlotReplied } from '../slot/board-calls.ts'
import type { AboutSeasons } from '../slot/given-seasons.ts'
import { numbersOf } from '../slot/remote-settings.ts'
import { type SeasonReply, toldSeason } from '../slot/season-calls.ts'
import { windowNamedIn } from '../slot/window-words.ts'
import { BoardReplaced, type PartitionSlots } from './partition-slots.ts'
import { countedMode, PartitionedAnswers } from './partitioned-answers.ts'

type Named = AboutSeasons['named']
type SeasonsReply = [
  ...[present: Buffer, since: Buffer, floor: Buffer, sealedEnd: Buffer, place: Buffer],
  seasons: [SeasonReply, size: number][],
]
type FinalReply = [SeasonReply, record: Buffer, rank: number, size: number]
type CountsReply = [present: Buffer, below: number[], sizes: number[]]

/** Questions about seasons of one incarnation of a board. */
export class PartitionSeasons {
  readonly #id: string
  readonly #home: BoardCaller
  readonly #slots: PartitionSlots

  constructor(id: string, home: BoardCaller, slots: PartitionSlots) {
    this.#id = id
    this.#home = home
    this.#slots = slots
  }

  /** Answers a question of `BoardCalls.readSeasons`. @throws {BoardReplaced} */
  async answer(
    question: string,
    args: readonly ServerArgument[],
    named: Named,
  ): Promise<SlotReplied> {
    // A season has the rules of its board, which the home knows.
    if (question === 'in_season' && args[2] === 'rules') return this.#atHome(question, args, named)
    if (question === 'in_season') return this.#inSeason(args, named)
    if (question === 'seasons') return this.#seasons(args, named)
    if (question === 'finals') return this.#finals(args, named)
    return this.#atHome(question, args, named)
  }

  async #atHome(
    question: string,
    args: readonly ServerArgument[],
    named: Named,
  ): Promise<SlotReplied> {
    const replied = await this.#home.readSeasons(question, args, named)
    if (replied.id !== this.#id) throw new BoardReplaced('the board was dropped and made again')
    return replied
  }

  async #inSeason(
    [window, id, question, ...rest]: readonly ServerArgument[],
    named: Named,
  ): Promise<SlotReplied> {
    const about = [window, id, 'rows', 0, 0, 'ordinal'] as ServerArgument[]
    const { value } = await this.#atHome('in_season', about, named)
    const [found] = value as [SeasonReply | null]
    const season = found === null ? undefined : toldSeason(found)
    const { fromMicros = 0 } = season ?? {}
    // What this process submits next goes to no season that was over by now.
    if (id === '') this.#home.context.noteSeen(fromMicros)
    const place = `${this.#numberOf(String(window))}:${fromMicros}`
    const slots = this.#slots.ofSeason(place)
    const answers = new PartitionedAnswers(slots, this.#home.shape)
    const answer = await answers.answer(String(question), rest)
    const writes = slots.writes.reduce((sum, count) => sum + count, 0)
    if (found === null) return { id: this.#id, value: [null, answer], writes }
    const isSealed =
      found[3] === 1 && (await this.#isSealed(slots, String(window), season?.toMicros))
    const [seasonId, from, to] = found
    return { id: this.#id, value: [[seasonId, from, to, isSealed ? 1 : 0], answer], writes }
  }

  // By the clock of the home a season is; a partition may be behind it.
  async #isSealed(
    slots: PartitionSlots,
    window: string,
    toMicros: number | undefined,
  ): Promise<boolean> {
    if (toMicros === undefined) return false
    const sealedMicros = toMicros + windowNamedIn(this.#home.spec, window).graceMs * 1000
    const isBefore = (): boolean => slots.presents.some((present) => present < sealedMicros)
    if (isBefore()) await slots.count([])
    return !isBefore()
  }

  async #seasons(args: readonly ServerArgument[], named: Named): Promise<SlotReplied> {
    const [window] = args
    const replied = await this.#atHome('seasons', args, named)
    const [present, since, floor, sealedEnd, place, seasons] = replied.value as SeasonsReply
    const number = this.#numberOf(String(window))
    const starts = seasons.map(([[, from]]) => from.toString())
    const replies = (await this.#slots.askAll('sizes_of_seasons', [
      ...[this.#clock, number],
      ...starts,
    ])) as [present: Buffer, sizes: number[]][]
    const sized = seasons.map(([season], i): [SeasonReply, number] => [
      season,
      replies.reduce((sum, [, sizes]) => sum + (sizes[i] as number), 0),
    ])
    const sealedBy = Math.min(...replies.map(([one]) => numberOf(one)), numberOf(present))
    return { ...replied, value: [present, since, floor, sealedEnd, place, sized, sealedBy] }
  }

  // The partition of the player knows in which seasons he is; the others tell what is in front of him there.
  async #finals(args: readonly ServerArgument[], named: Named): Promise<SlotReplied> {
    const [window, playerId, mode, side, place, count, id = ''] = args as ServerArgument[]
    countedMode(mode)
    const replied = await this.#atHome('finals_place', [window as ServerArgument, id], named)
    const [number, floor, start] = replied.value as [number, Buffer, Buffer]
    const micros = id === '' ? place : start
    const own = this.#slots.numberOf(String(playerId))
    if (own === undefined) return { ...replied, value: [Buffer.alloc(0), []] }
    const asked = ['', this.#clock, 0, window, playerId, mode, side, micros, count, floor]
    const reply = await this.#slots.ask(own, 'finals_here', asked as ServerArgument[])
    const [present, next, finals] = reply as [Buffer, Buffer, FinalReply[]]
    if (finals.length === 0) return { ...replied, value: [next, []] }
    const keys = finals.flatMap(([[, from], record]) => [
      ...[from, this.#keyOf(record, { playerId: String(playerId), mode: String(mode) })],
    ])
    const others = (await Promise.all(
      this.#slots.all.flatMap((_, i) =>
        i === own ? [] : [this.#slots.ask(i, 'counts_in_seasons', [this.#clock, number, ...keys])],
      ),
    )) as CountsReply[]
    const sealedBy = Math.min(numberOf(present), ...others.map(([one]) => numberOf(one)))
    const { graceMs } = windowNamedIn(this.#home.spec, String(window))
    const summed = finals.map(([season, record, rank, size], i): FinalReply => {
      const below = others.reduce((sum, [, counts]) => sum + (counts[i] as number), 0)
      const sizes = others.reduce((sum, [, , all]) => sum + (all[i] as number), 0)
      return [season, record, rank + below, size + sizes]
    })
    const isSealed = ([season]: FinalReply): boolean => {
      const { fromMicros, toMicros = Number.POSITIVE_INFINITY } = toldSeason(season)
      // What left tells its finals, sealed or not.
      return fromMicros < numberOf(floor) || toMicros + graceMs * 1000 <= sealedBy
    }
    return { ...replied, value: [next, summed.filter(isSealed)] }
  }

  get #clock(): ServerArgument {
    return this.#home.context.givenMicros() ?? ''
  }

  #numberOf(window: string): number {
    const { spec } = this.#home
    const at = (spec.windows ?? []).indexOf(windowNamedIn(spec, window))
    return numbersOf(spec).numbers[at] as number
  }

  #keyOf(record: Buffer, { playerId, mode }: { playerId: string; mode: string }): Buffer {
    const { bytes, headBytes } = this.#home.shape
    if (mode === 'competition') return record.subarray(0, bytes)
    return Buffer.concat([record.subarray(0, headBytes), Buffer.from(playerId)])
  }
}
