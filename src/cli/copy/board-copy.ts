/**
 * Makes a board of one store what it is in another, while the other is in use.
 *
 *     fill      every entry, page by page, to a board that is empty
 *     level     every entry of both held against the other; what differs is brought
 *     bring     the same of some players, whom the log names
 *
 * @module
 */

import type { Entry, Score, Submission, SubmitManyOptions } from '../../index.ts'
import type { AnyBoard } from '../any-store.ts'
import { differencesOf } from './entry-differences.ts'
import { entriesOf, pagesOf } from './side.ts'

/** What was done so far. */
export interface CopyCounts {
  /** Entries that were put in place. */
  written: number
  /** Entries that the source did not have any more. */
  removed: number
}

/** A board on its way. */
export class BoardCopy {
  readonly #source: AnyBoard
  readonly #target: AnyBoard
  readonly #onEntries: (count: number) => void
  readonly #submitOptions: SubmitManyOptions & { atomic?: false }
  readonly counts: CopyCounts = { written: 0, removed: 0 }

  /** `onEntries` is told how many entries were looked at; what it throws ends the copy. */
  constructor(
    source: AnyBoard,
    target: AnyBoard,
    work: { isOnServer: boolean; onEntries: (count: number) => void },
  ) {
    this.#source = source
    this.#target = target
    this.#onEntries = work.onEntries
    // What is cut off goes on later: that all or none of some are there helps nobody.
    this.#submitOptions = { ranks: false, ...(work.isOnServer && { atomic: false }) }
  }

  /** Copies every entry to a board that has none. */
  async fill(): Promise<void> {
    for await (const entries of pagesOf(this.#source)) {
      await this.#write(entries, new Map())
      this.#onEntries(entries.length)
    }
  }

  /** Brings everything that differs; returns how many entries that were. */
  async level(): Promise<number> {
    let brought = 0
    // First those that are gone: a board that does not keep all has room then.
    for await (const entries of pagesOf(this.#target)) {
      const ids = entries.map(({ playerId }) => playerId)
      const there = await entriesOf(this.#source, ids)
      brought += await this.#remove(ids.filter((id) => !there.has(id)))
      this.#onEntries(0)
    }
    for await (const entries of pagesOf(this.#source)) {
      brought += await this.#bringEntries(entries)
      this.#onEntries(entries.length)
    }
    return brought
  }

  /** Brings some players; returns how many entries differed. */
  async bring(playerIds: readonly string[]): Promise<number> {
    const found = await entriesOf(this.#source, playerIds)
    const gone = playerIds.filter((id) => !found.has(id))
    const there = await entriesOf(this.#target, gone)
    return (await this.#remove([...there.keys()])) + (await this.#bringEntries([...found.values()]))
  }

  async #bringEntries(entries: readonly Entry<Score>[]): Promise<number> {
    const there = await entriesOf(
      this.#target,
      entries.map(({ playerId }) => playerId),
    )
    const others = entries.filter((entry) => {
      const fields = ['score', 'at', 'name', 'metadata'] as const
      return differencesOf(entry, there.get(entry.playerId), fields).length > 0
    })
    if (others.length > 0) await this.#write(others, there)
    return others.length
  }

  async #write(
    entries: readonly Entry<Score>[],
    there: ReadonlyMap<string, Entry<Score>>,
  ): Promise<void> {
    // A submit of the score that is there leaves the time as it is.
    for (const { playerId, at } of entries) {
      const old = there.get(playerId)
      if (old !== undefined && old.at !== at) await this.#target.remove(playerId)
    }
    const submissions = entries.map((entry) => submissionOf(entry, there.get(entry.playerId)))
    await this.#target.submitMany(submissions, this.#submitOptions)
    this.counts.written += entries.length
  }

  async #remove(playerIds: readonly string[]): Promise<number> {
    for (const playerId of playerIds) await this.#target.remove(playerId)
    this.counts.removed += playerIds.length
    return playerIds.length
  }
}

function submissionOf(
  { playerId, score, at, name, metadata }: Entry<Score>,
  old: Entry<Score> | undefined,
): Submission<Score> {
  const isNamed = name !== playerId || (old !== undefined && old.name !== name)
  return {
    ...{ playerId, score, at, atUnit: 'ms', mode: 'set' },
    ...(isNamed && { name }),
    ...((metadata !== undefined || old?.metadata !== undefined) && { metadata: metadata ?? {} }),
  }
}
