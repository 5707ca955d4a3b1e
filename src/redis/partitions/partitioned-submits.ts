/**
 * Changes to a board in partitions. Each is made in the partition of the player, at one instant there; ranks are those of
 * a reading right after it.
 *
 * @module
 */

import type { ScoreShape } from '../../format/score-shape.ts'
import { LadderError } from '../../ground/errors.ts'
import type { SubmitRequest } from '../../words/index.ts'
import type { RowsReply } from '../client/replies.ts'
import { type BoardCaller, RefusedByServer } from '../slot/board-caller.ts'
import type { SubmitReply, WindowReply } from '../slot/submit-arguments.ts'
import type { PartitionSlots } from './partition-slots.ts'
import type { PartitionedAnswers } from './partitioned-answers.ts'
import {
  encodeTold,
  isRepeated,
  type PartOfList,
  partsOfList,
  withTold,
} from './partitioned-requests.ts'

type Ranks = [rank: number | null, previousRank: number | null]

/** Where a player stands after all of many submits: on the board, or in the season of a place. */
type CurrentKey = (place: string) => Buffer | undefined

interface Keys {
  key: Buffer
  previous: Buffer | undefined
  current: Buffer | undefined
}

type RemovedReply = [record: Buffer | null, rank: number, seasons?: number | undefined]

/** Changes in some partitions. */
export class PartitionedSubmits {
  readonly #slots: PartitionSlots
  readonly #answers: PartitionedAnswers
  readonly #shape: ScoreShape

  constructor(slots: PartitionSlots, answers: PartitionedAnswers) {
    this.#slots = slots
    this.#answers = answers
    this.#shape = answers.shape
  }

  /** Makes submits, those of each partition all or nothing; `listId` is that of a list under one id. */
  async submit(submits: readonly SubmitRequest[], listId?: string): Promise<SubmitReply[]> {
    const replies: SubmitReply[] = []
    const groups = partsOfList(submits, {
      ...{ partitions: this.#slots.all.length, shape: this.#shape, listId },
    })
    // Wait for all partitions: none may make its part after the caller was told of a refusal.
    const done = await Promise.allSettled(
      groups.map(async (group) => {
        const some = await this.#submitIn(group)
        group.numbers.forEach((number, i) => {
          replies[number] = some[i] as SubmitReply
        })
      }),
    )
    const failed = done.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    if (failed.length > 0) throw firstOf(failed)
    const ranked = this.#rankedAll(submits, replies)
    return afterChange(
      ranked.then((all) => this.#settled(groups, all)),
      submits,
    )
  }

  async #rankedAll(
    submits: readonly SubmitRequest[],
    replies: readonly SubmitReply[],
  ): Promise<SubmitReply[]> {
    // Where each player stands after all of a list. Answers that are repeated changed nothing now, and have their ranks.
    const currentKeys = new Map<string, Buffer>()
    for (const [i, { playerId }] of submits.entries()) {
      const reply = replies[i] as SubmitReply
      if (isRepeated(reply)) continue
      currentKeys.set(` ${playerId}`, this.#keyOf(reply[1], playerId))
      for (const [, , , made, place] of reply[10]?.[1] ?? [])
        if (made) currentKeys.set(`${place} ${playerId}`, this.#keyOf(made[1], playerId))
    }
    return Promise.all(
      replies.map((reply, i) => {
        const submit = submits[i] as SubmitRequest
        const isOfMany = submits.length > 1 && !isRepeated(reply)
        return this.#ranked(submit, {
          reply,
          current: (place) =>
            isOfMany ? currentKeys.get(`${place} ${submit.playerId}`) : undefined,
        })
      }),
    )
  }

  // The partition keeps what retries are told: the first answer that is brought there counts.
  async #settled(
    groups: readonly PartOfList[],
    replies: readonly SubmitReply[],
  ): Promise<SubmitReply[]> {
    const settled = [...replies]
    await Promise.all(
      groups.map(async ({ partition, numbers, submits }) => {
        const some = numbers.flatMap((number, i) => {
          const { requestId, rankMode, passedMax } = submits[i] as SubmitRequest
          const reply = replies[number] as SubmitReply
          const isAsked = rankMode !== undefined || passedMax > 0
          if (requestId === undefined || !isAsked || reply[9]) return []
          return [{ number, requestId, told: encodeTold(reply) }]
        })
        if (some.length === 0) return
        const slot = this.#slots.all[partition] as BoardCaller
        const args = some.flatMap(({ requestId, told }) => [requestId, told])
        const { value } = await slot.write('settle', args, { isRepeatable: true, changes: 0 })
        for (const [i, { number }] of some.entries())
          settled[number] = withTold(
            settled[number] as SubmitReply,
            (value as Buffer[])[i] as Buffer,
          )
      }),
    )
    return settled
  }

  /** Returns what was removed with the rank that it had on the board. */
  async rankRemoved(playerId: string, removed: RemovedReply): Promise<RemovedReply> {
    const [record, rank, seasons] = removed
    if (record === null) return removed
    const key = this.#keyOf(record, playerId)
    // The entry is gone from its own partition, which told the rank in it; its key still says what is in front elsewhere.
    const counting = this.#slots.count([key], this.#slots.numberOf(playerId))
    const { below } = await afterChange(counting, [])
    return [record, rank + (below[0] as number), seasons]
  }

  async #submitIn({ partition, numbers, submits, part }: PartOfList): Promise<SubmitReply[]> {
    const slot = this.#slots.all[partition] as BoardCaller
    try {
      return await slot.submitPart(submits, part)
    } catch (error) {
      if (!(error instanceof RefusedByServer) || error.code === 'LIST_REUSED') throw error
      const [i, ...found] = error.found as [number, ...unknown[]]
      throw new RefusedByServer(error.code, [numbers[i] as number, ...found])
    }
  }

  async #ranked(
    submit: SubmitRequest,
    { reply, current }: { reply: SubmitReply; current: CurrentKey },
  ): Promise<SubmitReply> {
    if (reply[9]) return withTold(reply, reply[9])
    const [outcome, head, previousHead, , , , , mode, repeated] = reply
    const [ranks, [count, rows], windows] = await Promise.all([
      this.#ranksIn(this.#slots, { submit, reply, current: current('') }),
      this.#passedBy(submit, reply),
      this.#windowsRanked(submit, { reply, current }),
    ])
    return [outcome, head, previousHead, ...ranks, count, rows, mode, repeated, undefined, windows]
  }

  async #windowsRanked(
    submit: SubmitRequest,
    { reply: [, , , , , , , , , , told], current }: { reply: SubmitReply; current: CurrentKey },
  ): Promise<SubmitReply[10]> {
    if (told === undefined) return undefined
    const ranked = told[1].map(async (one): Promise<WindowReply> => {
      const [window, outcome, season, made, placeText] = one
      if (made === undefined) return one
      const place = String(placeText)
      const asked = { submit, reply: made, current: current(place) }
      const [rank, previousRank] = await this.#ranksIn(this.#slots.ofSeason(place), asked)
      return [window, outcome, season, withRanks(made, [rank, previousRank]), placeText]
    })
    return [told[0], await Promise.all(ranked)]
  }

  // A player without a rank in the own partition is hidden, and has none on the board. `current` is the key of the player
  // after all of many submits; undefined after one.
  async #ranksIn(
    slots: PartitionSlots,
    asked: { submit: SubmitRequest; reply: SubmitReply; current: Buffer | undefined },
  ): Promise<Ranks> {
    const { submit, reply, current } = asked
    const [, head, previousHead, rank, previousRank] = reply
    const { playerId, rankMode } = submit
    if (rank === null || rankMode === undefined) return [null, null]
    const key = this.#keyOf(head, playerId)
    const previous = previousHead === null ? undefined : this.#keyOf(previousHead, playerId)
    const keys = { key, previous, current }
    return current === undefined
      ? this.#ranks(slots, keys, { submit, ranks: [rank, previousRank] })
      : this.#ranksAfterAll(slots, { ...keys, current }, submit)
  }

  // Ranks in the own partition came with the change; only the other partitions are counted.
  async #ranks(
    slots: PartitionSlots,
    { key, previous }: Pick<Keys, 'key' | 'previous'>,
    { submit, ranks }: { submit: SubmitRequest; ranks: Ranks },
  ): Promise<Ranks> {
    const [rank, previousRank] = ranks
    const keys = this.#counted([key, previous ?? key], submit)
    const { below } = await slots.count(keys, slots.numberOf(submit.playerId))
    const [first = 0, second = 0] = below
    return [rank && rank + first, previousRank && previousRank + second]
  }

  // The player's own entry stands where the last of the submits put it; it must not be counted in front of itself.
  async #ranksAfterAll(
    slots: PartitionSlots,
    { key, previous, current }: Keys & { current: Buffer },
    submit: SubmitRequest,
  ): Promise<Ranks> {
    const keys = this.#counted([key, previous ?? key], submit)
    const { below } = await slots.count(keys)
    const [first = 0, second = 0] = below.map((count, i) => {
      const isInFront = Buffer.compare(current, keys[i] as Buffer) < 0
      return count + (isInFront ? 0 : 1)
    })
    return [first, previous === undefined ? null : second]
  }

  #counted(keys: readonly Buffer[], { rankMode }: SubmitRequest): Buffer[] {
    const { bytes } = this.#shape
    return keys.map((key) => (rankMode === 'competition' ? key.subarray(0, bytes) : key))
  }

  async #passedBy(
    submit: SubmitRequest,
    [outcome, head, previousHead, rank, , , , mode]: SubmitReply,
  ): Promise<[count: number, rows: RowsReply | null]> {
    if (rank === null || mode === null || outcome.toString() !== 'moves') return [0, null]
    const { playerId } = submit
    const previous = previousHead === null ? undefined : this.#keyOf(previousHead, playerId)
    return this.#passed(submit, this.#keyOf(head, playerId), previous)
  }

  async #passed(
    submit: SubmitRequest,
    key: Buffer,
    previous: Buffer | undefined,
  ): Promise<[count: number, rows: RowsReply]> {
    const { passedMax, passedMode: mode } = submit
    // A newcomer passed everybody behind: no key is above these bytes.
    const behind = previous ?? Buffer.alloc(this.#shape.headBytes, 0xff)
    const wanted = { above: 0, under: passedMax + 1 }
    const { size, below, under } = await this.#slots.gather([behind, key], wanted)
    const [stop = 0, place = 0] = below
    const passed = under.filter(
      ({ member }) => !member.equals(key) && Buffer.compare(member, behind) < 0,
    )
    // The player may have moved on since. Then nothing is to be taken off the counts.
    const isThere = under[0]?.member.equals(key) ? 1 : 0
    const rows = passed.slice(0, passedMax)
    const reply = await this.#answers.rowsReply(rows, { size, first: place + isThere, mode })
    return [Math.max(0, stop - place - isThere), reply]
  }

  #keyOf(head: Buffer, playerId: string): Buffer {
    return Buffer.concat([head.subarray(0, this.#shape.headBytes), Buffer.from(playerId)])
  }
}

function withRanks(reply: SubmitReply, ranks: Ranks): SubmitReply {
  const [outcome, head, previousHead, , , ...rest] = reply
  return [outcome, head, previousHead, ...ranks, ...rest]
}

// The error must say that the change was made, or callers would make it twice.
async function afterChange<T>(reading: Promise<T>, submits: readonly SubmitRequest[]): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    const { message } = cause as Error
    const isNamed = submits.length > 0 && submits.every(({ requestId }) => requestId !== undefined)
    const advice = isNamed
      ? 'repeat it under its requestId to be told'
      : 'do not repeat it, ask for the rank later'
    throw new LadderError(
      'UNKNOWN',
      `Cannot tell ranks: ${message}; the change itself was made, ${advice}`,
      { cause },
    )
  }
}

// Returns a failure that is not a refusal if there is one, else the refusal of the first submit.
function firstOf(failed: readonly unknown[]): unknown {
  const other = failed.find(
    (error) => !(error instanceof RefusedByServer) || error.code === 'LIST_REUSED',
  )
  if (other !== undefined) return other
  const numberOf = (error: unknown): number => (error as RefusedByServer).found[0] as number
  return [...failed].sort((a, b) => numberOf(a) - numberOf(b))[0]
}
