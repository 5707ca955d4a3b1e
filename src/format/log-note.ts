/**
 * A note in the log: any change but a submit, as JSON.
 *
 *     log   seq 8   →   | crc 4 | kind 1 | flags 2 | committed 7 | commit | size, JSON … | tail … |
 *
 * Head and flags are those of a run (run-record.ts). A score of 64 bits is `{"int64":"…"}` in the JSON.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { LogKind } from '../words/index.ts'
import { CHECKSUM_BYTES, isSealed, seal } from './checksum.ts'
import { Cursor, committedMicrosOf, writeMicrosShort } from './run-record.ts'
import { encodeTail, type Fields } from './tail.ts'
import { encodeVarint } from './varint.ts'

// ON DISK: the place in this list, plus one, is the byte. Only append.
const KINDS: readonly LogKind[] = [
  'submit',
  'remove',
  'rename',
  'create',
  'drop',
  'import',
  'ban',
  'unban',
  'undo',
  'move',
  'erase',
  'profile',
  'resolve',
  'rebuild',
  'restore',
  'season-open',
  'season-close',
  'season-seal',
  'alter',
]

const FLAG_COMMIT = 1 << 11
const FLAG_TAIL = 1 << 12
const KIND_AT = CHECKSUM_BYTES
const HEAD_BYTES = CHECKSUM_BYTES + 10

/** Fields of a note, as JSON has them. */
export type NoteFields = Readonly<Record<string, unknown>>

/** A note as it is stored. */
export interface NoteRecord {
  kind: Exclude<LogKind, 'submit'>
  committedMicros: number
  /** How many records the first one of its change lies before it. */
  commitBack: number
  fields: NoteFields
  tail: Fields
}

/** Returns the value of a note. */
export function encodeNote(key: Uint8Array, note: NoteRecord): Buffer {
  const { kind, committedMicros, commitBack, fields, tail } = note
  const head = Buffer.alloc(HEAD_BYTES)
  head[KIND_AT] = KINDS.indexOf(kind) + 1
  head.writeUInt16BE((commitBack > 0 ? FLAG_COMMIT : 0) | (tail.size > 0 ? FLAG_TAIL : 0), 5)
  writeMicrosShort(head, committedMicros, 7)
  const json = encodeJson(fields)
  const back = commitBack > 0 ? encodeVarint(commitBack) : Buffer.alloc(0)
  return seal(key, Buffer.concat([head, back, encodeVarint(json.length), json, encodeTail(tail)]))
}

/** Reads a note; undefined if it is damaged or no note. */
export function decodeNote(key: Uint8Array, value: Buffer): NoteRecord | undefined {
  if (value.length <= HEAD_BYTES || !isSealed(key, value)) return undefined
  const kind = logKindOf(value)
  if (kind === undefined || kind === 'submit') return undefined
  const flags = value.readUInt16BE(5)
  if ((flags & ~(FLAG_COMMIT | FLAG_TAIL)) !== 0) return undefined
  const cursor = new Cursor(value, HEAD_BYTES)
  const commitBack = (flags & FLAG_COMMIT) === 0 ? 0 : cursor.varint()
  const json = cursor.text(cursor.varint())
  const tail = (flags & FLAG_TAIL) === 0 ? cursor.end() : cursor.tail()
  const fields = cursor.isWhole ? fieldsOf(json) : undefined
  if (fields === undefined || tail === undefined) return undefined
  return { kind, committedMicros: committedMicrosOf(value), commitBack, fields, tail }
}

/** Returns the kind of a record; undefined if no kind has the byte. Its checksum is not looked at. */
export function logKindOf(value: Buffer): LogKind | undefined {
  return KINDS[(value[KIND_AT] ?? 0) - 1]
}

/** Returns a value as the JSON of the log, in which scores of 64 bits are exact. */
export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, withIntegers))
}

/** Reads such a JSON; undefined if it is not one. */
export function decodeJson(json: string): unknown {
  try {
    return JSON.parse(json, toIntegers)
  } catch {
    return undefined
  }
}

function fieldsOf(json: string): NoteFields | undefined {
  const fields = decodeJson(json)
  return typeof fields === 'object' && fields !== null ? (fields as NoteFields) : undefined
}

function withIntegers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { int64: String(value) } : value
}

function toIntegers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { int64 } = value as { int64?: unknown }
  const isInteger = typeof int64 === 'string' && Object.keys(value).length === 1
  return isInteger && /^-?\d{1,19}$/.test(int64) ? BigInt(int64) : value
}
