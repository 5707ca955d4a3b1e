/**
 * Holds a board of one store against the same board of another, both of which may be in use.
 *
 * What differs may only be on its way: it is looked at again some times, each store before and after the other. A
 * rank of the one counts as that of the other if it lies between two readings around it.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Entry, Score } from '../../index.ts'
import { type AnyBoard, countOf } from '../any-store.ts'
import { type Difference, differencesOf } from './entry-differences.ts'
import { entriesOf, pagesOf } from './side.ts'

/** A player in whom the boards differ. */
export interface Found {
  playerId: string
  differs: Difference[]
  a: Entry<Score> | null
  b: Entry<Score> | null
}

/** What a comparison is told to do. */
export interface ComparisonWork {
  /** Whether times, names and metadata are compared too. */
  details: boolean
  /** Told of each player whose entries were looked at; what it throws ends the comparison. */
  onEntries: (count: number) => void
  onFound: (found: Found) => Promise<void>
}

type Fields = readonly Exclude<Difference, 'missing'>[]

/** How long to wait before what differs is looked at again, milliseconds. */
const AGAIN_MS: readonly number[] = [200, 100, 200, 400]
const SAMPLE = 100
/** Players who differ and are looked at again together: all of them wait as long as one. */
const SUSPECTS = 10_000
/** Whose four readings lie close to one another. */
const LOOKED_AT_ONCE = 500

/** Two boards. */
export class BoardComparison {
  readonly #a: AnyBoard
  readonly #b: AnyBoard
  readonly #fields: Fields
  readonly #work: ComparisonWork
  readonly #suspects = new Set<string>()

  constructor(a: AnyBoard, b: AnyBoard, work: ComparisonWork) {
    this.#a = a
    this.#b = b
    this.#work = work
    const standing: Fields = ['score', 'rank']
    this.#fields = work.details ? [...standing, 'at', 'name', 'metadata'] : standing
  }

  /** Compares every entry of both. */
  async all(): Promise<void> {
    for await (const entries of pagesOf(this.#a)) await this.#compare(entries, this.#b)
    // All that are on the first board were looked at.
    for await (const entries of pagesOf(this.#b)) await this.#compareMissing(entries)
    await this.#lookAgain()
  }

  /** Compares some entries from a place on, which `random` chooses, 0 to 1. */
  async sample(random: () => number): Promise<void> {
    const [board, other] = random() < 0.5 ? [this.#a, this.#b] : [this.#b, this.#a]
    const count = await countOf(board)
    const first = 1 + Math.floor(random() * Math.max(1, count - SAMPLE + 1))
    await this.#compare(await board.range(first, first + SAMPLE - 1), other)
    await this.#lookAgain()
  }

  async #compare(entries: readonly Entry<Score>[], other: AnyBoard): Promise<void> {
    const ids = entries.map(({ playerId }) => playerId)
    const there = await entriesOf(other, ids)
    const suspects = entries.filter((entry) => {
      return differencesOf(entry, there.get(entry.playerId), this.#fields).length > 0
    })
    this.#work.onEntries(entries.length)
    await this.#suspect(suspects.map(({ playerId }) => playerId))
  }

  async #compareMissing(entries: readonly Entry<Score>[]): Promise<void> {
    const ids = entries.map(({ playerId }) => playerId)
    const there = await entriesOf(this.#a, ids)
    await this.#suspect(ids.filter((id) => !there.has(id)))
  }

  async #suspect(playerIds: readonly string[]): Promise<void> {
    for (const id of playerIds) this.#suspects.add(id)
    if (this.#suspects.size >= SUSPECTS) await this.#lookAgain()
  }

  // What is on its way changes from look to look; what stays as it is is told.
  async #lookAgain(): Promise<void> {
    const playerIds = [...this.#suspects]
    this.#suspects.clear()
    let open = await this.#look(playerIds)
    for (const ms of AGAIN_MS) {
      if (open.length === 0) return
      this.#work.onEntries(0)
      await sleep(ms)
      const before = new Map(open.map((found) => [found.playerId, found]))
      const moving: Found[] = []
      for (const found of await this.#look([...before.keys()])) {
        const isStill = isDeepStrictEqual(found, before.get(found.playerId))
        if (isStill) await this.#work.onFound(found)
        else moving.push(found)
      }
      open = moving
    }
    for (const found of open) await this.#work.onFound(found)
  }

  async #look(playerIds: readonly string[]): Promise<Found[]> {
    const found: Found[] = []
    for (let start = 0; start < playerIds.length; start += LOOKED_AT_ONCE)
      found.push(...(await this.#lookAtSome(playerIds.slice(start, start + LOOKED_AT_ONCE))))
    return found
  }

  // Each board before and after the other.
  async #lookAtSome(playerIds: readonly string[]): Promise<Found[]> {
    const readings: Map<string, Entry<Score>>[] = []
    for (const board of [this.#a, this.#b, this.#a, this.#b])
      readings.push(await entriesOf(board, playerIds))
    return playerIds.flatMap((playerId) => {
      const [a1, b1, a2, b2] = readings.map((reading) => reading.get(playerId))
      if (this.#agree(b1, [a1, a2]) || this.#agree(a2, [b1, b2])) return []
      const differs = differencesOf(a2, b2, this.#fields)
      return differs.length === 0 ? [] : [{ playerId, differs, a: a2 ?? null, b: b2 ?? null }]
    })
  }

  // Whether a reading is like one of those around it, and its rank between theirs.
  #agree(
    reading: Entry<Score> | undefined,
    around: readonly (Entry<Score> | undefined)[],
  ): boolean {
    const others = this.#fields.filter((field) => field !== 'rank')
    if (!around.some((one) => differencesOf(reading, one, others).length === 0)) return false
    if (reading === undefined) return true
    const ranks = around.flatMap((one) => (one === undefined ? [] : [one.rank]))
    return reading.rank >= Math.min(...ranks) && reading.rank <= Math.max(...ranks)
  }
}
