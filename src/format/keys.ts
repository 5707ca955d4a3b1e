/**
 * The keys of one board in the tables of a store; format/tables.ts is the map of all.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { PLAYER_ID_BYTES_MAX } from '../ground/limits.ts'
import { joinBytes } from './bytes.ts'
import type { ScoreShape } from './score-shape.ts'
import { writeText } from './text.ts'
import { encodeVarint } from './varint.ts'

export { TABLES, type Table } from './tables.ts'

/** Ids of boards start here. Id 0 stands for a board that is not created yet: it has no keys. */
export const FIRST_BOARD_ID = 1
export const NO_BOARD_ID = 0

const VARINT_BYTES_MAX = 5
const SHORT_ID_BYTES = 59
const WORD_BYTES = 4

/** Returns how the rank tree sees the entry keys of a board: one group is one score. */
export function keyShapeOf(shape: ScoreShape): { headBytes: number; groupBytes: number } {
  assert(shape.headBytes % WORD_BYTES === 0, '(4) heads are compared as 32-bit words')
  return { headBytes: shape.headBytes, groupBytes: shape.bytes }
}

/** Keys of a table, from `start` up to `end`, the latter not included. */
export interface BoardRange {
  start: Buffer
  end: Buffer
}

/** Builds the keys of one board. Keys that share a buffer say so. */
export class BoardKeys {
  readonly prefix: Buffer
  /** The first key after those of the board, in every table. */
  readonly end: Buffer
  // Nearly all ids fit; a change of one player on many boards makes one of these for each.
  #scratch = Buffer.allocUnsafe(VARINT_BYTES_MAX + SHORT_ID_BYTES)
  #views: Buffer[] = []
  // A submit asks for the key of its player more than once.
  #lastId = ''
  #last: Buffer | undefined

  constructor(boardId: number) {
    this.prefix = encodeVarint(boardId)
    this.end = successor(this.prefix)
    this.prefix.copy(this.#scratch)
  }

  /** Returns the key of a player, valid until the next call. The id is at most 512 UTF-16 units. */
  player(playerId: string): Buffer {
    if (playerId === this.#lastId && this.#last !== undefined) return this.#last
    // A longer one would be cut without a word, and two players share a record.
    assert(playerId.length <= PLAYER_ID_BYTES_MAX, '(2) the key of a player has the whole id')
    const start = this.prefix.length
    if (start + 3 * playerId.length > this.#scratch.length) this.#grow()
    const size = start + writeText(this.#scratch, playerId, start)
    this.#views[size] ??= this.#scratch.subarray(0, size)
    this.#lastId = playerId
    this.#last = this.#views[size]
    return this.#last
  }

  #grow(): void {
    this.#scratch = Buffer.allocUnsafe(VARINT_BYTES_MAX + 3 * PLAYER_ID_BYTES_MAX)
    this.prefix.copy(this.#scratch)
    this.#views = []
  }

  /** Returns the key in `entries` of a key of the rank tree. */
  entry(treeKey: Uint8Array): Buffer {
    return joinBytes(this.prefix, treeKey)
  }

  /** Returns the key of a node. */
  node(id: number): Buffer {
    const key = Buffer.allocUnsafe(this.prefix.length + 4)
    this.prefix.copy(key)
    key.writeUInt32BE(id, this.prefix.length)
    return key
  }

  /** Returns a range of `entries` between two keys of the rank tree; undefined is the board's edge. */
  entries(start?: Uint8Array, end?: Uint8Array): BoardRange {
    return {
      start: start === undefined ? this.prefix : this.entry(start),
      end: end === undefined ? this.end : this.entry(end),
    }
  }

  /** All keys of the board, in any table but `meta`. */
  all(): BoardRange {
    return { start: this.prefix, end: this.end }
  }
}

// The prefix as a number, plus one: above every key of the board and not above the next board's.
function successor(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix)
  let i = next.length - 1
  while (next[i] === 0xff) next[i--] = 0
  next[i] = (next[i] as number) + 1
  return next
}
