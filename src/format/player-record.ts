/**
 * What is kept for a player on a board, and the value beside the player's ordered entry.
 *
 *     players   board varint | playerId, utf-8     →  | crc 4 | flags 1 | head | chain 14 | details |
 *     entries   board varint | head | playerId     →  | crc 4 | flags 1 | details |
 *     details   without metadata                   →  | name, utf-8 ... |
 *               with metadata                      →  | size of name 2 | name | metadata, JSON ... |
 *
 * The head is the one of the entry's key, so `players` leads to the entry without another read, and
 * each of the two can be made again from the other. The details are kept in both: lists read `entries`
 * alone, a submit reads `players` alone. A name equal to the playerId is left out (flag 1 not set);
 * flag 2 says that there is metadata; flag 4, in `players` alone, that the player is hidden: then there is
 * no entry, and the record is all that is stored; flag 8, there too, that a chain leads to the
 * player's runs in the log (run-chain.ts). The checksum covers key and value.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { copyBytes } from './bytes.ts'
import { CHECKSUM_BYTES, isSealed, seal, sealInPlace } from './checksum.ts'
import { CHAIN_BYTES, type RunChain, readChain, writeChain } from './run-chain.ts'
import { readText, writeText } from './text.ts'

const FLAG_NAME = 1
const FLAG_METADATA = 2
const FLAG_HIDDEN = 4
const FLAG_CHAIN = 8
const FLAGS_AT = CHECKSUM_BYTES
const NAME_SIZE_BYTES = 2

/** Where the head starts in the value of a player record. */
export const RECORD_HEAD_AT: number = CHECKSUM_BYTES + 1

const ENTRY_DETAILS_AT = CHECKSUM_BYTES + 1

/** What is known of a player beside the score. */
export interface Details {
  /** Undefined if it is the playerId. */
  name: string | undefined
  /** JSON text of an object; undefined if the player has none. */
  metadata: string | undefined
}

/** A decoded player record. */
export interface PlayerRecord extends Details {
  /** Score and time as in the entry's key. */
  head: Buffer
  /** Whether there is no entry: a ban has taken the player off the board. */
  isHidden?: boolean
  /** Leads to the player's runs in the log; undefined if it has none. */
  chain?: RunChain | undefined
}

/** Returns the value of a player record; `head` may be longer than the head, which it begins with. */
export function encodePlayerRecord(
  key: Uint8Array,
  record: PlayerRecord,
  headBytes: number,
): Buffer {
  assert(record.head.length >= headBytes, '(2) a record has the whole head of its entry')
  const { chain } = record
  const chainAt = RECORD_HEAD_AT + headBytes
  const value = allocate(chain === undefined ? chainAt : chainAt + CHAIN_BYTES, record)
  if (record.isHidden === true) value[FLAGS_AT] = (value[FLAGS_AT] as number) | FLAG_HIDDEN
  record.head.copy(value, RECORD_HEAD_AT, 0, headBytes)
  if (chain !== undefined) {
    value[FLAGS_AT] = (value[FLAGS_AT] as number) | FLAG_CHAIN
    writeChain(value, chain, chainAt)
  }
  return seal(key, value)
}

/** Reads a player record; undefined if its checksum or its form is wrong. */
export function decodePlayerRecord(
  key: Uint8Array,
  value: Buffer,
  headBytes: number,
): PlayerRecord | undefined {
  const chainAt = RECORD_HEAD_AT + headBytes
  if (value.length < chainAt || !isSealed(key, value)) return undefined
  const flags = value[FLAGS_AT] as number
  const hasChain = (flags & FLAG_CHAIN) !== 0
  const detailsAt = hasChain ? chainAt + CHAIN_BYTES : chainAt
  if (value.length < detailsAt) return undefined
  const chain = hasChain ? readChain(value, chainAt) : undefined
  const details = readDetails(value, detailsAt, flags & ~(FLAG_HIDDEN | FLAG_CHAIN))
  if (details === undefined || (hasChain && chain === undefined)) return undefined
  const { name, metadata } = details
  const head = Buffer.allocUnsafe(headBytes)
  copyHead(value, head, headBytes)
  return isHiddenRecord(value)
    ? { head, chain, name, metadata, isHidden: true }
    : { head, chain, name, metadata }
}

/** Whether a player record, of which nothing else is looked at, is that of a hidden player. */
export function isHiddenRecord(value: Buffer): boolean {
  return ((value[FLAGS_AT] as number) & FLAG_HIDDEN) !== 0
}

/** Copies the head of a player record into `target`; false if its checksum is wrong. */
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

/**
 * Writes the value of an entry behind its key, which lies from `keyStart` to `at`; returns where the
 * value ends. The target has room for it.
 */
export function writeEntryValue(
  target: Buffer,
  place: { keyStart: number; at: number },
  details: Details,
): number {
  const { keyStart, at: start } = place
  const end = writeDetails(
    target,
    { flagsAt: start + FLAGS_AT, at: start + ENTRY_DETAILS_AT },
    details,
  )
  sealInPlace(target, { keyStart, start, end })
  return end
}

/**
 * Writes the value of a player's record behind its key, likewise, from the player's entry: `entry`
 * tells where in its bytes head and value begin and where the value ends, and what leads to the runs.
 */
export function writePlayerRecordOf(
  entry: {
    bytes: Buffer
    headAt: number
    headBytes: number
    valueAt: number
    end: number
    chain?: RunChain | undefined
  },
  target: Buffer,
  place: { keyStart: number; at: number },
): number {
  const { bytes, headAt, headBytes, valueAt, chain } = entry
  const { keyStart, at: start } = place
  const detailsAt = valueAt + ENTRY_DETAILS_AT
  const count = entry.end - detailsAt
  assert(
    count >= 0 && headAt + headBytes <= valueAt,
    '(1) an entry has the head and details to copy',
  )
  const flags = bytes[valueAt + FLAGS_AT] as number
  target[start + FLAGS_AT] = chain === undefined ? flags : flags | FLAG_CHAIN
  const chainAt = copyBytes(
    { bytes, start: headAt, count: headBytes },
    target,
    start + RECORD_HEAD_AT,
  )
  if (chain !== undefined) writeChain(target, chain, chainAt)
  const end = chainAt + (chain === undefined ? 0 : CHAIN_BYTES) + count
  copyBytes({ bytes, start: detailsAt, count }, target, end - count)
  sealInPlace(target, { keyStart, start, end })
  return end
}

/** Reads the value beside an entry; undefined if its checksum or its form is wrong. */
export function decodeEntryValue(key: Uint8Array, value: Buffer): Details | undefined {
  if (value.length < ENTRY_DETAILS_AT || !isSealed(key, value)) return undefined
  return readDetails(value, ENTRY_DETAILS_AT, value[FLAGS_AT] as number)
}

function allocate(detailsAt: number, details: Details): Buffer {
  const { name = '', metadata } = details
  const nameBytes = Buffer.byteLength(name)
  const metadataBytes = metadata === undefined ? 0 : NAME_SIZE_BYTES + Buffer.byteLength(metadata)
  const value = Buffer.allocUnsafe(detailsAt + nameBytes + metadataBytes)
  const end = writeDetails(value, { flagsAt: FLAGS_AT, at: detailsAt }, details)
  assert(end === value.length, '(10) details fill their value')
  return value
}

// Returns where they end.
function writeDetails(
  target: Buffer,
  { flagsAt, at }: { flagsAt: number; at: number },
  { name, metadata }: Details,
): number {
  // A reader tells an empty name from none by nothing, and refuses it like damage.
  assert(name !== '' && metadata !== '', '(10) what is empty is left out')
  const flags = name === undefined ? 0 : FLAG_NAME
  if (metadata === undefined) {
    target[flagsAt] = flags
    return at + (name === undefined ? 0 : writeText(target, name, at))
  }
  const nameAt = at + NAME_SIZE_BYTES
  const nameBytes = name === undefined ? 0 : writeText(target, name, nameAt)
  const metadataAt = nameAt + nameBytes
  target[flagsAt] = flags | FLAG_METADATA
  target.writeUInt16BE(nameBytes, at)
  return metadataAt + target.write(metadata, metadataAt)
}

const NO_DETAILS: Details = { name: undefined, metadata: undefined }

function readDetails(value: Buffer, at: number, flags: number): Details | undefined {
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
