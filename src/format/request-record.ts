/**
 * A submit that was made under an id of its caller, with its answer: what tells a retry from a second run.
 *
 *     board varint | requestId, utf-8   →   | crc 4 | number 6 | time 6 | arguments 8 | flags 1 |
 *                                           | size of the id, varint | playerId, utf-8 ... |
 *                                           | score | score before | what came in |  8 a column each
 *                                           | rank, varint | rank before, varint | tail … |
 *
 * The flags say which scores and ranks are there. Times are whole milliseconds, so that six bytes hold
 * them; all integers are big-endian. Number 0 is not a board's: under its key stands the state of the table.
 *
 *     00                                →   | crc 4 | next number 6 | count 6 | hand … |
 *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { hash } from 'node:crypto'
import type { Score, SubmitAnswer, SubmitRequest } from '../words/index.ts'
import { copyBytes, joinBytes } from './bytes.ts'
import { isSealed, seal } from './checksum.ts'
import { decodePassed, encodePassed } from './passed-players.ts'
import type { ScoreShape } from './score-shape.ts'
import { decodeTail, encodeTail, type Fields } from './tail.ts'
import { readText, writeText } from './text.ts'
import { decodeVarint, encodeVarint, writeVarint } from './varint.ts'
import { decodeWindowAnswers, encodeWindowAnswers } from './window-answers.ts'

/** The key of the state: in front of all requests, as no board has number 0. */
export const REQUESTS_STATE_KEY: Buffer = Buffer.from([0])

/** Where the keys of requests begin. */
export const REQUESTS_START: Buffer = Buffer.from([1])

/** Bytes of what the arguments of a submit come to. */
export const DIGEST_BYTES = 8

const NUMBER_AT = 4
const TIME_AT = 10
const DIGEST_AT = 16
const FLAGS_AT = 24
const PLAYER_AT = 25
const COUNT_AT = 10
const HAND_AT = 16
const WORD_BYTES = 6
const TAG = { PASSED: 1, WINDOWS: 2 } as const
const VARINT_BYTES_MAX = 5
const NO_TAIL: Buffer = Buffer.alloc(0)

const FLAG = {
  SCORE: 1,
  SCORE_BEFORE: 2,
  SUBMITTED: 4,
  RANK: 8,
  RANK_BEFORE: 16,
  CHANGED: 32,
  CREATED: 64,
} as const
const FLAGS_ALL = 127

/** What is kept of a request. */
export interface RequestRecord {
  /** Its place among all requests of the store, from 1. */
  number: number
  /** When it was made, whole milliseconds since 1970. */
  ms: number
  /** What its arguments come to, see {@link digestOf}. */
  digest: Buffer
  answer: SubmitAnswer<Score>
}

/** The state of the table. */
export interface RequestsState {
  /** The number of the next request. */
  next: number
  /** How many requests are stored. */
  count: number
  /** The key behind which the search for old requests goes on; empty: from the first one. */
  hand: Buffer
}

/**
 * Returns what the arguments of a submit come to: the first bytes of the SHA-256 of them as JSON. Scores
 * count by their values, metadata without the order of its fields. The seasons that a submit is meant for do not
 * count: a retry may leave them out, or name those that are on by then.
 */
export function digestOf(submit: SubmitRequest, shape: ScoreShape): Buffer {
  const { playerId, score, mode, atMicros, name, metadata, only, expected, won } = submit
  const cells = (of: Score): string[] => shape.cellsOf(of).map(String)
  const text = JSON.stringify([
    playerId,
    cells(score),
    mode,
    atMicros ?? null,
    name ?? null,
    metadata === undefined ? null : sortedFields(JSON.parse(metadata ?? '{}')),
    only ?? null,
    expected === undefined ? null : expected === null ? [] : cells(expected),
    won,
  ])
  return hash('sha256', text, 'buffer').subarray(0, DIGEST_BYTES)
}

// JSON that went through a proxy or a database may come back in another order.
function sortedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sortedFields)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sortedFields(field)]))
}

/** Returns the key of a request on a board. */
export function requestKey(boardId: number, requestId: string): Buffer {
  return joinBytes(encodeVarint(boardId), Buffer.from(requestId))
}

/** Returns the value of a request. */
export function encodeRequest(key: Buffer, record: RequestRecord, shape: ScoreShape): Buffer {
  const { answer } = record
  const idBytes = Buffer.byteLength(answer.playerId)
  const tail = tailOf(answer, shape)
  const sizeMax = PLAYER_AT + 3 * VARINT_BYTES_MAX + idBytes + 3 * shape.bytes + tail.length
  const value = Buffer.allocUnsafe(sizeMax)
  value.writeUIntBE(record.number, NUMBER_AT, WORD_BYTES)
  value.writeUIntBE(record.ms, TIME_AT, WORD_BYTES)
  copyBytes({ bytes: record.digest, start: 0, count: DIGEST_BYTES }, value, DIGEST_AT)
  value[FLAGS_AT] = flagsOf(answer)
  const idAt = writeVarint(value, idBytes, PLAYER_AT)
  const at = writeAnswer(value, { answer, shape }, idAt + writeText(value, answer.playerId, idAt))
  const end = copyBytes({ bytes: tail, start: 0, count: tail.length }, value, at)
  return seal(key, value.subarray(0, end))
}

// Returns where it ends.
function writeAnswer(
  target: Buffer,
  { answer, shape }: { answer: SubmitAnswer<Score>; shape: ScoreShape },
  start: number,
): number {
  const { score, previousScore, submitted, rank, previousRank } = answer
  let at = start
  for (const one of [score, previousScore, submitted]) {
    if (one === undefined) continue
    shape.write(target, at, one)
    at += shape.bytes
  }
  for (const one of [rank, previousRank]) if (one !== undefined) at = writeVarint(target, one, at)
  return at
}

/** Reads a request; undefined if its checksum or its form is wrong. */
export function decodeRequest(
  key: Buffer,
  value: Buffer,
  shape: ScoreShape,
): RequestRecord | undefined {
  if (value.length <= PLAYER_AT || !isSealed(key, value)) return undefined
  const flags = value[FLAGS_AT] as number
  if (flags > FLAGS_ALL) return undefined
  const size = decodeVarint(value.subarray(PLAYER_AT))
  if (size === undefined || size.value === 0) return undefined
  const playerAt = PLAYER_AT + size.size
  const scoresAt = playerAt + size.value
  const scores = readScores(value, { at: scoresAt, flags, shape })
  const ranks = scores && readRanks(value, { at: scores.end, flags })
  const tail = ranks && decodeTail(value, ranks.end)
  const told = tail && readTail(tail, shape)
  if (scores === undefined || ranks === undefined || told === undefined) return undefined
  const { score, previousScore, submitted } = scores
  const { rank, previousRank } = ranks
  return {
    ...ageOf(value),
    digest: Buffer.from(value.subarray(DIGEST_AT, FLAGS_AT)),
    answer: {
      playerId: readText(value, playerAt, scoresAt),
      ...{ score, previousScore, rank, previousRank },
      ...told,
      changed: (flags & FLAG.CHANGED) !== 0,
      created: (flags & FLAG.CREATED) !== 0,
      ...(submitted !== undefined && { submitted }),
    },
  }
}

/** Reads how old a request is, and no more; undefined if its checksum is wrong. */
export function decodeRequestAge(
  key: Buffer,
  value: Buffer,
): Pick<RequestRecord, 'number' | 'ms'> | undefined {
  return value.length > PLAYER_AT && isSealed(key, value) ? ageOf(value) : undefined
}

export function encodeRequestsState({ next, count, hand }: RequestsState): Buffer {
  const value = Buffer.alloc(HAND_AT + hand.length)
  value.writeUIntBE(next, NUMBER_AT, WORD_BYTES)
  value.writeUIntBE(count, COUNT_AT, WORD_BYTES)
  hand.copy(value, HAND_AT)
  return seal(REQUESTS_STATE_KEY, value)
}

/** Reads the state of the table; undefined if it is damaged. */
export function decodeRequestsState(value: Buffer): RequestsState | undefined {
  if (value.length < HAND_AT || !isSealed(REQUESTS_STATE_KEY, value)) return undefined
  return {
    next: value.readUIntBE(NUMBER_AT, WORD_BYTES),
    count: value.readUIntBE(COUNT_AT, WORD_BYTES),
    hand: Buffer.from(value.subarray(HAND_AT)),
  }
}

function ageOf(value: Buffer): Pick<RequestRecord, 'number' | 'ms'> {
  return {
    number: value.readUIntBE(NUMBER_AT, WORD_BYTES),
    ms: value.readUIntBE(TIME_AT, WORD_BYTES),
  }
}

function flagsOf(answer: SubmitAnswer<Score>): number {
  const { score, previousScore, submitted, rank, previousRank, changed, created } = answer
  return (
    (score === undefined ? 0 : FLAG.SCORE) |
    (previousScore === undefined ? 0 : FLAG.SCORE_BEFORE) |
    (submitted === undefined ? 0 : FLAG.SUBMITTED) |
    (rank === undefined ? 0 : FLAG.RANK) |
    (previousRank === undefined ? 0 : FLAG.RANK_BEFORE) |
    (changed ? FLAG.CHANGED : 0) |
    (created ? FLAG.CREATED : 0)
  )
}

function tailOf({ passed, windows }: SubmitAnswer<Score>, shape: ScoreShape): Buffer {
  if (passed === undefined && windows === undefined) return NO_TAIL
  const fields = new Map<number, Buffer>()
  if (passed !== undefined) fields.set(TAG.PASSED, encodePassed(passed, shape))
  if (windows !== undefined) fields.set(TAG.WINDOWS, encodeWindowAnswers(windows, shape))
  return encodeTail(fields)
}

function readTail(
  tail: Fields,
  shape: ScoreShape,
): Pick<SubmitAnswer<Score>, 'passed' | 'windows'> | undefined {
  if (tail.size === 0) return {}
  const passed = tail.get(TAG.PASSED)
  const windows = tail.get(TAG.WINDOWS)
  const answer = {
    ...(passed && { passed: decodePassed(passed, shape) }),
    ...(windows && { windows: decodeWindowAnswers(windows, shape) }),
  }
  const isSound = Object.values(answer).every((part) => part !== undefined)
  return isSound ? (answer as Pick<SubmitAnswer<Score>, 'passed' | 'windows'>) : undefined
}

// Returns undefined where the value ends within them or one is not a score.
function readScores(
  value: Buffer,
  { at, flags, shape }: { at: number; flags: number; shape: ScoreShape },
):
  | (Pick<SubmitAnswer<Score>, 'score' | 'previousScore' | 'submitted'> & { end: number })
  | undefined {
  let end = at
  let isWhole = true
  const next = (flag: number): Score | undefined => {
    if ((flags & flag) === 0) return undefined
    const start = end
    end += shape.bytes
    const score = end > value.length ? undefined : shape.read(value, start)
    isWhole &&= score !== undefined
    return score
  }
  const score = next(FLAG.SCORE)
  const previousScore = next(FLAG.SCORE_BEFORE)
  const submitted = next(FLAG.SUBMITTED)
  if (!isWhole || end > value.length) return undefined
  return { score, previousScore, ...(submitted !== undefined && { submitted }), end }
}

function readRanks(
  value: Buffer,
  { at, flags }: { at: number; flags: number },
): (Pick<SubmitAnswer<Score>, 'rank' | 'previousRank'> & { end: number }) | undefined {
  let end = at
  let isWhole = true
  const next = (flag: number): number | undefined => {
    if ((flags & flag) === 0) return undefined
    const rank = decodeVarint(value.subarray(end))
    isWhole &&= rank !== undefined
    end += rank?.size ?? 0
    return rank?.value
  }
  const rank = next(FLAG.RANK)
  const previousRank = next(FLAG.RANK_BEFORE)
  return isWhole ? { rank, previousRank, end } : undefined
}
