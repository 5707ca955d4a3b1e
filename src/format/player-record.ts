/**
 * What is kept for a player on a board, and the value beside the player's ordered entry.
 *
 *     players   board varint | playerId, utf-8     →  | crc 4 | flags 1 | head | details |
 *     entries   board varint | head | playerId     →  | crc 4 | flags 1 | details |
 *     details   without metadata                   →  | name, utf-8 ... |
 *               with metadata                      →  | size of name 2 | name | metadata, JSON ... |
 *
 * The head is the one of the entry's key, so `players` leads to the entry without another read, and
 * each of the two can be made again from the other. The details are kept in both: lists read `entries`
 * alone, a submit reads `players` alone. A name equal to the playerId is left out (flag 1 not set);
 * flag 2 says that there is metadata. The checksum covers key and value.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { copyBytes } from './bytes.ts'
import { CHECKSUM_BYTES, isSealed, seal } from './checksum.ts'
import { readText } from './text.ts'

const FLAG_NAME = 1
const FLAG_METADATA = 2
const FLAGS_AT = CHECKSUM_BYTES
const NAME_SIZE_BYTES = 2

/** Where the head starts in the value of a player record. */
export const RECORD_HEAD_AT: number = CHECKSUM_BYTES + 1

const ENTRY_DETAILS_AT = CHECKSUM_BYTES + 1

/** What is known of a player beside the score. */
export interface Details {
  /** Undefined where it is the playerId. */
  name: string | undefined
  /** JSON text of an object; undefined where there is none. */
  metadata: string | undefined
}

/** A decoded player record. */
export interface PlayerRecord extends Details {
  /** Score and time as in the entry's key. */
  head: Buffer
}

/** Returns the value of a player record; `head` may be longer than the head, which it begins with. */
export function encodePlayerRecord(
  key: Uint8Array,
  record: PlayerRecord,
  headBytes: number,
): Buffer {
  const value = allocate(RECORD_HEAD_AT + headBytes, record)
  record.head.copy(value, RECORD_HEAD_AT, 0, headBytes)
  return seal(key, value)
}

/** Reads a player record; undefined where its checksum or its form is wrong. */
export function decodePlayerRecord(
  key: Uint8Array,
  value: Buffer,
  headBytes: number,
): PlayerRecord | undefined {
  const detailsAt = RECORD_HEAD_AT + headBytes
  if (value.length < detailsAt || !isSealed(key, value)) return undefined
  const details = readDetails(value, detailsAt)
  if (details === undefined) return undefined
  const { name, metadata } = details
  const head = Buffer.allocUnsafe(headBytes)
  copyHead(value, head, headBytes)
  return { head, name, metadata }
}

/** Copies the head of a player record into `target`; false where its checksum is wrong. */
export function readRecordHead(
  pair: { key: Uint8Array; value: Buffer },
  target: Buffer,
  headBytes: number,
): boolean {
  const { key, value } = pair
  if (value.length < RECORD_HEAD_AT + headBytes || !isSealed(key, value)) return false
  copyHead(value, target, headBytes)
  return true
}

function copyHead(value: Buffer, target: Buffer, headBytes: number): void {
  copyBytes({ bytes: value, start: RECORD_HEAD_AT, count: headBytes }, target, 0)
}

/** Returns the value beside an ordered entry. */
export function encodeEntryValue(key: Uint8Array, details: Details): Buffer {
  return seal(key, allocate(ENTRY_DETAILS_AT, details))
}

/** Reads the value beside an entry; undefined where its checksum or its form is wrong. */
export function decodeEntryValue(key: Uint8Array, value: Buffer): Details | undefined {
  if (value.length < ENTRY_DETAILS_AT || !isSealed(key, value)) return undefined
  return readDetails(value, ENTRY_DETAILS_AT)
}

function allocate(detailsAt: number, { name, metadata }: Details): Buffer {
  const nameBytes = name === undefined ? 0 : Buffer.byteLength(name)
  const flags = name === undefined ? 0 : FLAG_NAME
  if (metadata === undefined) {
    const value = Buffer.allocUnsafe(detailsAt + nameBytes)
    value[FLAGS_AT] = flags
    if (name !== undefined) value.write(name, detailsAt)
    return value
  }
  const nameAt = detailsAt + NAME_SIZE_BYTES
  const value = Buffer.allocUnsafe(nameAt + nameBytes + Buffer.byteLength(metadata))
  value[FLAGS_AT] = flags | FLAG_METADATA
  value.writeUInt16BE(nameBytes, detailsAt)
  if (name !== undefined) value.write(name, nameAt)
  value.write(metadata, nameAt + nameBytes)
  return value
}

const NO_DETAILS: Details = { name: undefined, metadata: undefined }

function readDetails(value: Buffer, at: number): Details | undefined {
  const flags = value[FLAGS_AT] as number
  if (flags === 0) return value.length === at ? NO_DETAILS : undefined
  if (flags === FLAG_NAME)
    return value.length > at
      ? { name: readText(value, at, value.length), metadata: undefined }
      : undefined
  if ((flags & ~FLAG_NAME) !== FLAG_METADATA || value.length < at + NAME_SIZE_BYTES)
    return undefined
  const nameAt = at + NAME_SIZE_BYTES
  const metadataAt = nameAt + value.readUInt16BE(at)
  const hasName = metadataAt > nameAt
  if (hasName !== ((flags & FLAG_NAME) !== 0) || metadataAt >= value.length) return undefined
  return {
    name: hasName ? readText(value, nameAt, metadataAt) : undefined,
    metadata: value.toString('utf8', metadataAt),
  }
}
