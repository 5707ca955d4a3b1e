/**
 * Whom a log says to be erased, by hashes: under the last id, and under those that were given up for it.
 *
 *     ada ──move──► bob ──erase──►        in front of the move the person is "ada", behind it "bob"
 *
 * @module
 */

import { erasureHash } from '../../format/people/erasure.ts'
import type { LogRecord } from '../../words/index.ts'

/** Hashes as a restore to a point needs them. */
export interface GoneAsOf {
  /** Of all who are erased anywhere in the log. */
  erasures: ReadonlySet<string>
  /** Of those who are erased behind the point, under each id that was theirs there. */
  later: ReadonlySet<string>
  /** Of ids that they gave up with a move in front of the point. */
  givenUp: ReadonlySet<string>
}

/** Gathers who is erased from the records of a log, in their order. */
export class Gone {
  readonly #storeId: string
  readonly #erased: { seq: number; hash: string }[] = []
  readonly #givenUp: { seq: number; hash: string }[] = []
  readonly #moves: { seq: number; from: string; to: string }[] = []

  constructor(storeId: string) {
    this.#storeId = storeId
  }

  add(record: LogRecord): void {
    const { seq, kind, from, to } = record
    const hash = erasedHashOf(record)
    const fromHash = givenUpHashOf(record)
    if (hash !== undefined) this.#erase(seq, hash)
    else if (fromHash !== undefined) this.#givenUp.push({ seq, hash: fromHash })
    else if (kind === 'move' && typeof from === 'string' && typeof to === 'string')
      this.#moves.push({ seq, from: this.#hashOf(from), to: this.#hashOf(to) })
  }

  // Lines that were written before the erasure tell of the moves in full.
  #erase(seq: number, hash: string): void {
    this.#erased.push({ seq, hash })
    const ids = new Set([hash])
    for (const move of this.#moves.toReversed()) {
      if (!ids.has(move.to)) continue
      ids.add(move.from)
      this.#givenUp.push({ seq: move.seq, hash: move.from })
    }
  }

  asOf(end: number): GoneAsOf {
    const hashesOf = (found: { hash: string }[]): Set<string> =>
      new Set(found.map(({ hash }) => hash))
    const all = [...this.#erased, ...this.#givenUp]
    return {
      erasures: hashesOf(this.#erased),
      later: hashesOf(all.filter(({ seq }) => seq > end)),
      givenUp: hashesOf(this.#givenUp.filter(({ seq }) => seq <= end)),
    }
  }

  #hashOf(playerId: string): string {
    return erasureHash(this.#storeId, playerId)
  }
}

/** Returns the hash of the person whom a record says to be erased; undefined if it is another record. */
export function erasedHashOf({ kind, hash }: LogRecord): string | undefined {
  return kind === 'erase' && typeof hash === 'string' ? hash : undefined
}

/** Returns the hash of the id that a person gave up who was erased later: what is left of the move. */
export function givenUpHashOf({ kind, of, fromHash }: LogRecord): string | undefined {
  return kind === 'erase' && of === 'move' && typeof fromHash === 'string' ? fromHash : undefined
}
