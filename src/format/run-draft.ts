/**
 * A run that has no place in the log yet: the row of an import, of which only the last transaction knows
 * under which seq and when it is committed.
 *
 *     | flags 2 | at 7 | before 6 | size 2 | size 1 | board … before | plays, wins | name, metadata, tail |
 *       └────────────────────────────────────────┘   └───────────── as in the record ─────────────────┘
 *
 * `before` leads to the player's run before, as chains do: 0 means none, the top bit says that the rest is its
 * place among the rows of the import. A draft is never kept, so it needs no checksum.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import type { Mode, Score } from '../words/index.ts'
import { copyBytes } from './bytes.ts'
import { seal } from './checksum.ts'
import { logKey } from './log-key.ts'
import {
  hasRunBack,
  isFarBack,
  MICROS_BYTES,
  REST_AT,
  RUN_FLAG,
  RUN_MODES,
  RUN_TAG,
  readMicrosShort,
  writeMicrosShort,
  writeRunHead,
  writeSized,
} from './run-record.ts'
import type { ScoreShape } from './score-shape.ts'
import { writeVarint } from './varint.ts'

const AT_AT = 2
const BEFORE_AT = AT_AT + MICROS_BYTES
const FRONT_SIZE_AT = BEFORE_AT + 6
const PLAYS_SIZE_AT = FRONT_SIZE_AT + 2
const FRONT_AT = PLAYS_SIZE_AT + 1
const SCORE_BYTES = 8
const PLACE = 0x8000_0000_0000

/** Which run of the player was the one before. */
export type RunBefore =
  /** Its seq; 0: there is none. */
  | { seq: number }
  /** The place among the rows of the import, from 0 on. */
  | { place: number }

/** What is known of a run beforehand. */
export interface RunDraft {
  boardId: number
  /** The id of the player, utf-8, begins this buffer. */
  id: Buffer
  idBytes: number
  mode: Mode
  score: Score
  /** The entry before; undefined for a newcomer. */
  previous: { score: Score; atMicros: number } | undefined
  atMicros: number
  isAtGiven: boolean
  isHidden: boolean
  /** Whether the player has no entry because runs were undone. */
  goesOn: boolean
  plays: number
  wins: number
  before: RunBefore
  name: string | undefined
  metadata: string | null | undefined
}

/** Writes a draft at `start` and returns where it ends; the target has room for it. */
export function writeRunDraft(
  target: Buffer,
  start: number,
  { draft, shape }: { draft: RunDraft; shape: ScoreShape },
): number {
  const { before, name, metadata } = draft
  target.writeUInt16BE(flagsOf(draft, shape), start)
  writeMicrosShort(target, draft.atMicros, start + AT_AT)
  const beforeCode = 'seq' in before ? before.seq : PLACE + before.place
  target.writeUIntBE(beforeCode, start + BEFORE_AT, 6)
  const playsAt = writeFront(target, start + FRONT_AT, { draft, shape })
  target.writeUInt16BE(playsAt - start - FRONT_AT, start + FRONT_SIZE_AT)
  let at = writeVarint(target, 2 * draft.plays + (draft.wins > 0 ? 1 : 0), playsAt)
  if (draft.wins > 0) at = writeVarint(target, draft.wins, at)
  target[start + PLAYS_SIZE_AT] = at - playsAt
  if (name !== undefined) at = writeSized(target, name, at)
  if (metadata !== undefined) at = writeSized(target, metadata ?? '', at)
  if (!draft.goesOn) return at
  // The only field of the tail, and empty.
  target[at] = RUN_TAG.GOES_ON
  target[at + 1] = 0
  return at + 2
}

// From the board up to the entry before.
function writeFront(
  target: Buffer,
  start: number,
  { draft, shape }: { draft: RunDraft; shape: ScoreShape },
): number {
  const { id, idBytes: count, previous } = draft
  const idAt = writeVarint(target, count, writeVarint(target, draft.boardId, start))
  const submittedAt = copyBytes({ bytes: id, start: 0, count }, target, idAt)
  shape.write(target, submittedAt, draft.score)
  const at = submittedAt + shape.bytes
  if (previous === undefined) return at
  shape.write(target, at, previous.score)
  return writeMicrosShort(target, previous.atMicros, at + shape.bytes)
}

function flagsOf(draft: RunDraft, shape: ScoreShape): number {
  assert(shape.bytes % SCORE_BYTES === 0, 'a score is whole columns')
  return (
    RUN_MODES.indexOf(draft.mode) |
    (draft.previous === undefined ? 0 : RUN_FLAG.BEFORE) |
    (draft.name === undefined ? 0 : RUN_FLAG.NAME) |
    (draft.metadata === undefined ? 0 : RUN_FLAG.METADATA) |
    (draft.isAtGiven ? RUN_FLAG.AT_GIVEN : 0) |
    (draft.isHidden ? RUN_FLAG.HIDDEN : 0) |
    (draft.goesOn ? RUN_FLAG.TAIL : 0) |
    ((shape.bytes / SCORE_BYTES - 1) << RUN_FLAG.COLUMNS_SHIFT)
  )
}

/** The place in the log that a run gets. */
export interface RunPlace {
  seq: number
  committedMicros: number
  /** How many records the first one of its change lies before it. */
  commitBack: number
  /** The seq of the first row of the import. */
  firstSeq: number
}

// As many as a record can have.
const record = Buffer.alloc(4096)

/** Returns the pair of a draft that lies from `start` to `end`; the value is valid until the next call. */
export function finishRun(
  draft: { bytes: Buffer; start: number; end: number },
  place: RunPlace,
): { key: Buffer; value: Buffer } {
  const { seq, committedMicros, commitBack } = place
  const { bytes, start, end } = draft
  const frontAt = start + FRONT_AT
  const playsAt = frontAt + bytes.readUInt16BE(start + FRONT_SIZE_AT)
  const nameAt = playsAt + (bytes[start + PLAYS_SIZE_AT] as number)
  const atMicros = readMicrosShort(bytes, start + AT_AT)
  const runBack = runBackOf(bytes.readUIntBE(start + BEFORE_AT, 6), place)
  const flags =
    bytes.readUInt16BE(start) |
    (atMicros === committedMicros ? 0 : RUN_FLAG.AT) |
    (commitBack > 0 ? RUN_FLAG.COMMIT : 0) |
    (hasRunBack({ runBack }) ? RUN_FLAG.RUN_BEFORE : 0) |
    (isFarBack(runBack) ? RUN_FLAG.TAIL : 0)
  let at = writeRunHead(record, { flags, committedMicros })
  assert(at === REST_AT, 'a record begins with its head')
  if (commitBack > 0) at = writeVarint(record, commitBack, at)
  at = copyBytes({ bytes, start: frontAt, count: playsAt - frontAt }, record, at)
  if (atMicros !== committedMicros) at = writeMicrosShort(record, atMicros, at)
  at = copyBytes({ bytes, start: playsAt, count: nameAt - playsAt }, record, at)
  if (hasRunBack({ runBack })) at = writeVarint(record, runBack, at)
  at = copyBytes({ bytes, start: nameAt, count: end - nameAt }, record, at)
  if (isFarBack(runBack)) at = writeFarBack(record, runBack, at)
  const key = logKey(seq)
  return { key, value: seal(key, record.subarray(0, at)) }
}

// The last field of the tail: its tag is above the other one's.
function writeFarBack(target: Buffer, runBack: number, at: number): number {
  target[at] = RUN_TAG.RUN_BACK
  target[at + 1] = 8
  return target.writeBigUInt64BE(BigInt(runBack), at + 2)
}

function runBackOf(code: number, { seq, firstSeq }: RunPlace): number {
  if (code === 0) return 0
  const runBack = code >= PLACE ? seq - firstSeq - (code - PLACE) : seq - code
  assert(runBack > 0, 'the run before lies before a run')
  return runBack
}
