/**
 * What is kept for a player on a board, and the value beside the player's ordered entry.
 *
 *     players   board varint | playerId, utf-8     →  | crc 4 | flags 1 | head 16 | name, utf-8 ... |
 *     entries   board varint | head 16 | playerId  →  | crc 4 | flags 1 | name, utf-8 ... |
 *
 * The head is the one of the entry's key, so `players` leads to the entry without another read, and
 * each of the two can be made again from the other. The name is kept in both: lists read `entries`
 * alone, a submit reads `players` alone. A name equal to the playerId is left out (flag 1 not set).
 * The checksum covers key and value.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from './checksum.ts'
import { HEAD_BYTES } from './entry-key.ts'
import { readText } from './text.ts'

const FLAG_NAME = 1
const FLAGS_AT = CHECKSUM_BYTES

/** Where the head starts in the value of a player record. */
export const RECORD_HEAD_AT: number = CHECKSUM_BYTES + 1

const RECORD_NAME_AT = RECORD_HEAD_AT + HEAD_BYTES
const ENTRY_NAME_AT = CHECKSUM_BYTES + 1

/** A decoded player record. */
export interface PlayerRecord {
  /** Score and time as in the entry's key. */
  head: Buffer
  /** Undefined where it is the playerId. */
  name: string | undefined
}

/** Returns the value of a player record; `head` must hold at least the 16 bytes of a head. */
export function encodePlayerRecord(key: Uint8Array, record: PlayerRecord): Buffer {
  const value = allocate(RECORD_NAME_AT, record.name)
  record.head.copy(value, RECORD_HEAD_AT, 0, HEAD_BYTES)
  return seal(key, value)
}

/** Reads a player record; undefined where its checksum or its form is wrong. */
export function decodePlayerRecord(key: Uint8Array, value: Buffer): PlayerRecord | undefined {
  if (value.length < RECORD_NAME_AT || !isSealed(key, value)) return undefined
  const name = readName(value, RECORD_NAME_AT)
  if (name === null) return undefined
  return { head: Buffer.from(value.subarray(RECORD_HEAD_AT, RECORD_NAME_AT)), name }
}

/** Returns the value beside an ordered entry. */
export function encodeEntryValue(key: Uint8Array, name: string | undefined): Buffer {
  return seal(key, allocate(ENTRY_NAME_AT, name))
}

/** Reads the value beside an entry: its name, undefined where it is the playerId, null where damaged. */
export function decodeEntryValue(key: Uint8Array, value: Buffer): string | undefined | null {
  if (value.length < ENTRY_NAME_AT || !isSealed(key, value)) return null
  return readName(value, ENTRY_NAME_AT)
}

function allocate(nameAt: number, name: string | undefined): Buffer {
  const nameBytes = name === undefined ? 0 : Buffer.byteLength(name)
  const value = Buffer.allocUnsafe(nameAt + nameBytes)
  value[FLAGS_AT] = name === undefined ? 0 : FLAG_NAME
  if (name !== undefined) value.write(name, nameAt)
  return value
}

function readName(value: Buffer, nameAt: number): string | undefined | null {
  const flags = value[FLAGS_AT] as number
  if (flags === FLAG_NAME && value.length > nameAt) return readText(value, nameAt, value.length)
  return flags === 0 && value.length === nameAt ? undefined : null
}
