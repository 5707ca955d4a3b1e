/**
 * A run in the log: one submit that was accepted, with what its player had before.
 *
 *     log   seq 8   →   | crc 4 | kind 1 | flags 2 | committed 7 | commit | board | size, playerId |
 *                       | submitted 8 c | before 8 c + 7 | at 7 | rank | previous rank |
 *                       | plays · 2 + (wins > 0) | wins | run before | size 2, name | size 2, metadata | tail … |
 *
 * Parts that the flags do not name are absent. Numbers without a size are in the form of varint.ts; c is
 * the number of columns; before is the head of the entry
 * before without the first byte of its time, which is 0. What the score became is not stored: the run and what was before say it.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import type { Mode } from '../words/index.ts'
import { CHECKSUM_BYTES, isSealed, seal } from './checksum.ts'
import { decodeTail, encodeTail, type Fields, NO_FIELDS } from './tail.ts'
import { readText, writeText } from './text.ts'
import { decodeVarint, varintSize, writeVarint } from './varint.ts'

// ON DISK: the place in this list is the number in the flags. Only append.
export const RUN_MODES: readonly Mode[] = ['set', 'best', 'increment']

/** The kind byte of a run. Notes have the others: log-note.ts. */
export const RUN_KIND = 1

/** Bits of the flags. */
export const RUN_FLAG = {
  MODE: 0x3,
  BEFORE: 0x4,
  AT: 0x8,
  RANKS: 0x10,
  NAME: 0x20,
  METADATA: 0x40,
  WON: 0x80,
  NO_PLACE: 0x100,
  AT_GIVEN: 0x200,
  HIDDEN: 0x400,
  COMMIT: 0x800,
  TAIL: 0x1000,
  RUN_BEFORE: 0x2000,
  COLUMNS_SHIFT: 14,
} as const

/** Bytes of a time in the log: enough for every time that can be stored. */
export const MICROS_BYTES = 7
const VARINT_MAX = 0xffff_ffff
const SCORE_BYTES = 8

/** Most plays that are counted. */
export const PLAYS_MAX: number = 2 ** 31 - 1

const KIND_AT = CHECKSUM_BYTES
const FLAGS_AT = KIND_AT + 1
const COMMITTED_AT = FLAGS_AT + 2
/** Where the parts of a run begin that the head does not have. */
export const REST_AT: number = COMMITTED_AT + MICROS_BYTES

/** Tags of the tail of a record. Those from UNDID on are of notes. */
export const RUN_TAG = {
  /** The undo that holds. */
  UNDONE: 1,
  PUSHED_OUT: 2,
  FLAGS: 3,
  REQUEST_ID: 4,
  WINDOWS: 5,
  /** Of a move: where the chains of both players end. */
  CHAINS: 6,
  /** The undo that made a run count again that was undone before. */
  REVIVED: 7,
  /** Empty: the player had no entry because runs were undone, and for no other reason. */
  GOES_ON: 8,
  /** The runs that an undo took back. */
  UNDID: 9,
  /** The runs that it made count again. */
  REVIVES: 10,
  /** Of a run whose player's run before lies further back than a varint says: how far, 8 bytes. */
  RUN_BACK: 11,
} as const

/** A run as it is stored. */
export interface RunRecord {
  committedMicros: number
  /** How many records the first one of its change lies before it. */
  commitBack: number
  boardId: number
  playerId: string
  mode: Mode
  /** The ordered form of what was submitted. */
  submitted: Uint8Array
  /** Score and time of the entry before, as in its key; undefined for a newcomer. */
  before: Uint8Array | undefined
  /** When the score was reached. */
  atMicros: number
  /** Whether the submit named that time. */
  isAtGiven: boolean
  /** Ordinal ranks after and before, 0 for none; undefined if no ranks were asked for. */
  ranks: { rank: number; previousRank: number } | undefined
  /** Accepted submits of the player on the board up to this one, and those of them that were won. */
  plays: number
  wins: number
  /** Whether this one was. */
  won: boolean
  /** How many records the player's run before this one lies before it; 0: there is none. */
  runBack: number
  /** As submitted; undefined if the submit gave none. */
  name: string | undefined
  /** As submitted: JSON text; null took it away; undefined if the submit gave none. */
  metadata: string | null | undefined
  /** Whether a full board had no place for the newcomer. */
  hasNoPlace: boolean
  /** Whether the player was hidden. */
  isHidden: boolean
  tail: Fields
}

// A board number, an id, four columns twice, name, metadata, and all the rest.
const scratch = Buffer.alloc(4096)

/** Returns the value of a run; its bytes are valid until the next call. */
export function encodeRun(key: Uint8Array, run: RunRecord): Buffer {
  if (isFarBack(run.runBack)) return encodeFarRun(key, run)
  const at = writeRun(scratch, run)
  if (run.tail.size === 0) return seal(key, scratch.subarray(0, at))
  return seal(key, Buffer.concat([scratch.subarray(0, at), encodeTail(run.tail)]))
}

// Over a restore, which moves seqs on, the run before may lie further back than a varint says.
function encodeFarRun(key: Uint8Array, run: RunRecord): Buffer {
  const back = Buffer.alloc(8)
  back.writeBigUInt64BE(BigInt(run.runBack))
  const tail = new Map([...run.tail, [RUN_TAG.RUN_BACK, back]])
  return encodeRun(key, { ...run, runBack: 0, tail })
}

function writeRun(target: Buffer, run: RunRecord): number {
  const { submitted, before, ranks, name, metadata } = run
  assert(submitted.length % SCORE_BYTES === 0, 'a score is whole columns')
  let at = writeRunHead(target, { flags: flagsOf(run), committedMicros: run.committedMicros })
  if (run.commitBack > 0) at = writeVarint(target, run.commitBack, at)
  at = writeVarint(target, run.boardId, at)
  at = writeId(target, run.playerId, at)
  at = writeAll(target, submitted, at)
  if (before !== undefined) at = writeBefore(target, { before, scoreBytes: submitted.length }, at)
  if (run.atMicros !== run.committedMicros) at = writeMicrosShort(target, run.atMicros, at)
  if (ranks !== undefined)
    at = writeVarint(target, ranks.previousRank, writeVarint(target, ranks.rank, at))
  at = writeVarint(target, 2 * run.plays + (run.wins > 0 ? 1 : 0), at)
  if (run.wins > 0) at = writeVarint(target, run.wins, at)
  if (hasRunBack(run)) at = writeVarint(target, run.runBack, at)
  if (name !== undefined) at = writeSized(target, name, at)
  return metadata === undefined ? at : writeSized(target, metadata ?? '', at)
}

/** Writes what a record begins with, but for its checksum, and returns where it ends. */
export function writeRunHead(
  target: Buffer,
  { flags, committedMicros }: { flags: number; committedMicros: number },
): number {
  target[KIND_AT] = RUN_KIND
  target.writeUInt16BE(flags, FLAGS_AT)
  return writeMicrosShort(target, committedMicros, COMMITTED_AT)
}

function flagsOf(run: RunRecord): number {
  return (
    RUN_MODES.indexOf(run.mode) |
    (run.before === undefined ? 0 : RUN_FLAG.BEFORE) |
    (run.atMicros === run.committedMicros ? 0 : RUN_FLAG.AT) |
    (run.ranks === undefined ? 0 : RUN_FLAG.RANKS) |
    (run.name === undefined ? 0 : RUN_FLAG.NAME) |
    (run.metadata === undefined ? 0 : RUN_FLAG.METADATA) |
    (run.won ? RUN_FLAG.WON : 0) |
    (run.hasNoPlace ? RUN_FLAG.NO_PLACE : 0) |
    (run.isAtGiven ? RUN_FLAG.AT_GIVEN : 0) |
    (run.isHidden ? RUN_FLAG.HIDDEN : 0) |
    (run.commitBack > 0 ? RUN_FLAG.COMMIT : 0) |
    (run.tail.size > 0 ? RUN_FLAG.TAIL : 0) |
    (hasRunBack(run) ? RUN_FLAG.RUN_BEFORE : 0) |
    ((run.submitted.length / SCORE_BYTES - 1) << RUN_FLAG.COLUMNS_SHIFT)
  )
}

/** Whether the head of a run tells the one before: what lies further back stands in the tail. */
export function hasRunBack({ runBack }: Pick<RunRecord, 'runBack'>): boolean {
  return runBack > 0 && !isFarBack(runBack)
}

/** Whether the run before lies further back than a varint says. */
export function isFarBack(runBack: number): boolean {
  return runBack > VARINT_MAX
}

/** Reads a run; undefined if it is damaged or no run. Its buffers are copies. */
export function decodeRun(key: Uint8Array, value: Buffer): RunRecord | undefined {
  if (value.length < REST_AT || value[KIND_AT] !== RUN_KIND || !isSealed(key, value))
    return undefined
  return readRun(new Cursor(value, REST_AT), value)
}

function readRun(cursor: Cursor, value: Buffer): RunRecord | undefined {
  const flags = value.readUInt16BE(FLAGS_AT)
  const has = (flag: number): boolean => (flags & flag) !== 0
  const mode = RUN_MODES[flags & RUN_FLAG.MODE]
  const scoreBytes = SCORE_BYTES * ((flags >>> RUN_FLAG.COLUMNS_SHIFT) + 1)
  const committedMicros = readMicrosShort(value, COMMITTED_AT)
  const commitBack = has(RUN_FLAG.COMMIT) ? cursor.varint() : 0
  const boardId = cursor.varint()
  const playerId = cursor.text(cursor.varint())
  const submitted = cursor.bytes(scoreBytes)
  const before = has(RUN_FLAG.BEFORE) ? readBefore(cursor, scoreBytes) : undefined
  const atMicros = has(RUN_FLAG.AT) ? cursor.micros() : committedMicros
  const ranks = has(RUN_FLAG.RANKS)
    ? { rank: cursor.varint(), previousRank: cursor.varint() }
    : undefined
  const played = cursor.varint()
  const plays = played >>> 1
  const wins = played % 2 === 1 ? cursor.varint() : 0
  const runBack = has(RUN_FLAG.RUN_BEFORE) ? cursor.varint() : 0
  const name = has(RUN_FLAG.NAME) ? cursor.text(cursor.size()) : undefined
  const text = has(RUN_FLAG.METADATA) ? cursor.text(cursor.size()) : undefined
  const tail = has(RUN_FLAG.TAIL) ? cursor.tail() : cursor.end()
  const isForm = mode !== undefined && playerId !== '' && plays > 0 && wins <= plays
  if (!cursor.isWhole || !isForm || tail === undefined || committedMicros > AT_MICROS_MAX)
    return undefined
  return {
    ...{ committedMicros, commitBack, boardId, playerId, mode, submitted, before, atMicros },
    ...{ isAtGiven: has(RUN_FLAG.AT_GIVEN), ranks, plays, wins, won: has(RUN_FLAG.WON), name },
    runBack: runBack > 0 || tail.size === 0 ? runBack : farBackOf(tail),
    metadata: text === '' ? null : text,
    hasNoPlace: has(RUN_FLAG.NO_PLACE),
    isHidden: has(RUN_FLAG.HIDDEN),
    tail,
  }
}

function farBackOf(tail: Fields): number {
  const back = tail.get(RUN_TAG.RUN_BACK)
  return back?.length === 8 ? Number(back.readBigUInt64BE()) : 0
}

/** Whether a value is that of a run; its checksum is not looked at. */
export function isRun(value: Buffer): boolean {
  return value[KIND_AT] === RUN_KIND
}

/** Returns when a record of any kind was committed; its checksum is not looked at. */
export function committedMicrosOf(value: Buffer): number {
  return value.length < REST_AT ? 0 : readMicrosShort(value, COMMITTED_AT)
}

/** Writes a time in seven bytes and returns where it ends. */
export function writeMicrosShort(target: Buffer, micros: number, at: number): number {
  target.writeUIntBE(Math.floor(micros / 2 ** 32), at, 3)
  target.writeUInt32BE(micros % 2 ** 32, at + 3)
  return at + MICROS_BYTES
}

/** Reads such a time. */
export function readMicrosShort(source: Buffer, at: number): number {
  return source.readUIntBE(at, 3) * 2 ** 32 + source.readUInt32BE(at + 3)
}

function writeId(target: Buffer, id: string, at: number): number {
  // The size takes one byte of nearly every id: write behind it, and move on if it takes more.
  const size = writeText(target, id, at + 1)
  const idAt = writeVarint(target, size, at)
  if (idAt !== at + 1) writeText(target, id, idAt)
  return idAt + size
}

// The first byte of a time is 0.
function writeBefore(
  target: Buffer,
  { before, scoreBytes }: { before: Uint8Array; scoreBytes: number },
  at: number,
): number {
  const end = writeAll(target, before, at)
  target.copyWithin(at + scoreBytes, at + scoreBytes + 1, end)
  return end - 1
}

function readBefore(cursor: Cursor, scoreBytes: number): Buffer {
  const score = cursor.bytes(scoreBytes)
  return Buffer.concat([score, Buffer.of(0), cursor.bytes(MICROS_BYTES)])
}

function writeAll(target: Buffer, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < bytes.length; i++) target[at + i] = bytes[i] as number
  return at + bytes.length
}

/** Writes a text behind its size and returns where it ends. */
export function writeSized(target: Buffer, text: string, at: number): number {
  const size = target.write(text, at + 2)
  target.writeUInt16BE(size, at)
  return at + 2 + size
}

/** Reads the parts of a record one after another; `isWhole` says whether all were there. */
export class Cursor {
  readonly #bytes: Buffer
  #at: number
  #isWhole = true

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    return this.#take(1)[0] ?? 0
  }

  varint(): number {
    const size = varintSize(this.#bytes[this.#at])
    const read = decodeVarint(this.#take(size))
    if (read === undefined) this.#isWhole = false
    return read?.value ?? 0
  }

  size(): number {
    const bytes = this.#take(2)
    return bytes.length === 2 ? bytes.readUInt16BE() : 0
  }

  micros(): number {
    const bytes = this.#take(MICROS_BYTES)
    return bytes.length === MICROS_BYTES ? readMicrosShort(bytes, 0) : 0
  }

  text(size: number): string {
    const bytes = this.#take(size)
    return readText(bytes, 0, bytes.length)
  }

  /** A copy. */
  bytes(size: number): Buffer {
    return Buffer.from(this.#take(size))
  }

  tail(): Fields | undefined {
    const tail = decodeTail(this.#bytes, this.#at)
    return tail?.size === 0 ? undefined : tail
  }

  /** No tail: nothing may follow. */
  end(): Fields | undefined {
    return this.#at === this.#bytes.length ? NO_FIELDS : undefined
  }

  #take(size: number): Buffer {
    const end = this.#at + size
    if (end > this.#bytes.length) this.#isWhole = false
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = Math.min(end, this.#bytes.length)
    return bytes
  }
}
