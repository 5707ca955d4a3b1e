/**
 * What leads from a player to his runs in the log: the newest one, and how many there were.
 *
 *     | last 6 | plays 4 | wins 4 |      all integers big-endian
 *
 * It lies in the player's record, which a submit writes anyway, and for a player without an entry in
 * the table `history`:
 *
 *     history   board varint | playerId, utf-8   →   | crc 4 | flags 1 | chain 14 | tail … |
 *
 * Each run leads on to the one before (run-record.ts). The top bit of `last` says that the number counts
 * from the first record of the rows that filled the board.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from './checksum.ts'
import { decodeTail, encodeTail, type Fields } from './tail.ts'

/** Bytes of a chain. */
export const CHAIN_BYTES = 14

const RELATIVE = 0x8000_0000_0000
const HISTORY_HEAD_BYTES = CHECKSUM_BYTES + 1
const FLAG_CHAIN = 1

/** A player's runs on one board. */
export interface RunChain {
  /** The seq of the newest one. */
  last: number
  /** Whether `last` counts from the first record of the board's filling. */
  isRelative: boolean
  /** Accepted submits, trimmed ones too. */
  plays: number
  /** Those of them that were won. */
  wins: number
}

/** Writes a chain at `at`. */
export function writeChain(target: Buffer, chain: RunChain, at: number): void {
  target.writeUIntBE(chain.last + (chain.isRelative ? RELATIVE : 0), at, 6)
  target.writeUInt32BE(chain.plays, at + 6)
  target.writeUInt32BE(chain.wins, at + 10)
}

/** Reads the chain at `at`; undefined if it is not one. */
export function readChain(source: Buffer, at: number): RunChain | undefined {
  const first = source.readUIntBE(at, 6)
  const isRelative = first >= RELATIVE
  const plays = source.readUInt32BE(at + 6)
  const wins = source.readUInt32BE(at + 10)
  if (wins > plays) return undefined
  return { last: isRelative ? first - RELATIVE : first, isRelative, plays, wins }
}

/** Tags of the tail of a record of `history`. */
export const HISTORY_TAG = {
  BASELINE: 1,
  /** Who was pushed out: by which run, and the record. */
  AWAY: 2,
  FILLED: 3,
  /** The seq of the last move of the player. */
  MOVED: 4,
  /** Who left by an undo and by nothing else: by which one, and the record. */
  EMPTIED: 5,
  /** The seq of the oldest run that an undo ever turned over. */
  TURNED: 6,
  /** Of the board itself: the seq of the last import whose rows left no record. */
  UNLOGGED: 7,
} as const

/** What is kept for a player beside, or in place of, the record of an entry. */
export interface HistoryRecord {
  /** Undefined if the chain lies in the player's record. */
  chain: RunChain | undefined
  tail: Fields
}

/** Returns the value of a record of `history`. */
export function encodeHistory(key: Uint8Array, { chain, tail }: HistoryRecord): Buffer {
  const head = Buffer.alloc(HISTORY_HEAD_BYTES + (chain === undefined ? 0 : CHAIN_BYTES))
  if (chain !== undefined) {
    head[CHECKSUM_BYTES] = FLAG_CHAIN
    writeChain(head, chain, HISTORY_HEAD_BYTES)
  }
  return seal(key, tail.size === 0 ? head : Buffer.concat([head, encodeTail(tail)]))
}

/** Reads a record of `history`; undefined if it is damaged. */
export function decodeHistory(key: Uint8Array, value: Buffer): HistoryRecord | undefined {
  if (value.length < HISTORY_HEAD_BYTES || !isSealed(key, value)) return undefined
  const flags = value[CHECKSUM_BYTES] as number
  const hasChain = flags === FLAG_CHAIN
  const end = HISTORY_HEAD_BYTES + (hasChain ? CHAIN_BYTES : 0)
  if ((flags & ~FLAG_CHAIN) !== 0 || value.length < end) return undefined
  const chain = hasChain ? readChain(value, HISTORY_HEAD_BYTES) : undefined
  const tail = decodeTail(value, end)
  if (tail === undefined || (hasChain && chain === undefined)) return undefined
  return { chain, tail }
}
