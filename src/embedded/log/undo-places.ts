/**
 * Who has a place on a board while its runs happen again: on a board of the best, only those that it keeps.
 *
 * @module
 */

import { WorstFirst } from '../../domain/worst-first.ts'
import { encodeEntryKey } from '../../format/entry-key.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import type { Left } from './undo-replay.ts'

interface Place {
  playerId: string
  held: Left
  key: Buffer
}

/** The places of a board, as they change. */
export class Places {
  /** Who lost a place, and by which run; 0: by nobody's. */
  readonly pushedOut: Map<string, number> = new Map()
  readonly #board: Pick<CatalogEntry, 'keep' | 'shape'>
  readonly #places = new Map<string, Place>()
  readonly #worst = new WorstFirst<Place>()

  constructor(board: Pick<CatalogEntry, 'keep' | 'shape'>) {
    this.#board = board
  }

  get(playerId: string): Left | undefined {
    return this.#places.get(playerId)?.held
  }

  has(playerId: string): boolean {
    return this.#places.has(playerId)
  }

  delete(playerId: string): void {
    this.#places.delete(playerId)
  }

  isFull(): boolean {
    const { keep } = this.#board
    return keep !== undefined && this.#places.size >= keep
  }

  /** Gives a player a place, even on a full board. */
  seat(playerId: string, held: Left): void {
    const place = { playerId, held, key: this.#keyOf(playerId, held) }
    this.#places.set(playerId, place)
    if (this.#board.keep !== undefined) this.#worst.push(place)
  }

  /** The same, but a full board takes a newcomer only in place of one who is worse. */
  enter(playerId: string, held: Left, seq: number | undefined): void {
    const isNew = !this.#places.has(playerId)
    const worst = isNew && this.isFull() ? this.#last() : undefined
    if (worst !== undefined && this.#keyOf(playerId, held).compare(worst.key) >= 0) return
    this.seat(playerId, held)
    this.pushedOut.delete(playerId)
    const { keep = Number.POSITIVE_INFINITY } = this.#board
    while (this.#places.size > keep) {
      const out = this.#last()
      if (out === undefined) return
      this.#places.delete(out.playerId)
      this.pushedOut.set(out.playerId, seq ?? 0)
    }
  }

  // Those who moved on, or left, are still in the heap where they were.
  #last(): Place | undefined {
    for (;;) {
      const place = this.#worst.peek()
      if (place === undefined || this.#places.get(place.playerId) === place) return place
      this.#worst.pop()
    }
  }

  #keyOf(playerId: string, { score, atMicros }: Left): Buffer {
    return encodeEntryKey({ score, atMicros, playerId }, this.#board.shape)
  }
}
