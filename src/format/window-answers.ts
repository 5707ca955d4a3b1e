/**
 * What a submit did in seasons, as an answer that is kept tells it.
 *
 *     | flags 2 | size 1, window | size 1, season | score | score before |    8 a column each
 *               | rank, varint | rank before, varint |   …
 *
 *     flag 1  season           flag 16  score before      flag 128  whether it was created is told
 *          2  rank                  32  rank before             256  the entry changed
 *          4  sealed                64  whether it changed      512  the entry was created
 *          8  score                     is told
 *
 * Parts that the flags do not name are absent.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { Score, WindowAnswer } from '../words/index.ts'
import { Cursor } from './run-record.ts'
import type { ScoreShape } from './score-shape.ts'
import { encodeVarint } from './varint.ts'

const FLAG = {
  SEASON: 1,
  RANK: 2,
  SEALED: 4,
  SCORE: 8,
  SCORE_BEFORE: 16,
  RANK_BEFORE: 32,
  TELLS_CHANGED: 64,
  TELLS_ALL: 128,
  CHANGED: 256,
  CREATED: 512,
} as const
const FLAGS_ALL = 1023

/** What a submit did in the seasons of some windows, by their names. */
type WindowAnswers = Record<string, WindowAnswer<Score>>

export function encodeWindowAnswers(answers: WindowAnswers, shape: ScoreShape): Buffer {
  return Buffer.concat(
    Object.entries(answers).flatMap(([window, answer]) => [
      flagsOf(answer),
      sized(window),
      ...(answer.season === undefined ? [] : [sized(answer.season)]),
      ...[answer.score, answer.previousScore].flatMap((score) =>
        score === undefined ? [] : [scoreBytes(score, shape)],
      ),
      ...[answer.rank, answer.previousRank].flatMap((rank) =>
        rank === undefined ? [] : [encodeVarint(rank)],
      ),
    ]),
  )
}

/** Reads them; undefined if the bytes are not some. */
export function decodeWindowAnswers(bytes: Buffer, shape: ScoreShape): WindowAnswers | undefined {
  const cursor = new Cursor(bytes, 0)
  const answers: [string, WindowAnswer<Score>][] = []
  while (!cursor.isAtEnd) {
    const flags = cursor.size()
    const window = cursor.text(cursor.byte())
    const answer = answerOf(cursor, flags, shape)
    if (!cursor.isWhole || flags > FLAGS_ALL || window === '' || answer === undefined)
      return undefined
    answers.push([window, answer])
  }
  return answers.length === 0 ? undefined : Object.fromEntries(answers)
}

function flagsOf(answer: WindowAnswer<Score>): Buffer {
  const { season, rank, sealed, score, previousScore, previousRank, changed, created } = answer
  const flags =
    (season === undefined ? 0 : FLAG.SEASON) |
    (rank === undefined ? 0 : FLAG.RANK) |
    (sealed === true ? FLAG.SEALED : 0) |
    (score === undefined ? 0 : FLAG.SCORE) |
    (previousScore === undefined ? 0 : FLAG.SCORE_BEFORE) |
    (previousRank === undefined ? 0 : FLAG.RANK_BEFORE) |
    (changed === undefined ? 0 : FLAG.TELLS_CHANGED) |
    (created === undefined ? 0 : FLAG.TELLS_ALL) |
    (changed === true ? FLAG.CHANGED : 0) |
    (created === true ? FLAG.CREATED : 0)
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(flags)
  return bytes
}

function answerOf(
  cursor: Cursor,
  flags: number,
  shape: ScoreShape,
): WindowAnswer<Score> | undefined {
  const has = (flag: number): boolean => (flags & flag) !== 0
  let isSound = true
  const nextScore = (flag: number): Score | undefined => {
    if (!has(flag)) return undefined
    const bytes = cursor.bytes(shape.bytes)
    const score = bytes.length === shape.bytes ? shape.read(bytes, 0) : undefined
    isSound &&= score !== undefined
    return score
  }
  const season = has(FLAG.SEASON) ? cursor.text(cursor.byte()) : undefined
  const score = nextScore(FLAG.SCORE)
  const previousScore = nextScore(FLAG.SCORE_BEFORE)
  const rank = has(FLAG.RANK) ? cursor.varint() : undefined
  const previousRank = has(FLAG.RANK_BEFORE) ? cursor.varint() : undefined
  if (!isSound || season === '') return undefined
  if (has(FLAG.SEALED)) return { season, rank: undefined, sealed: true }
  const changed = has(FLAG.TELLS_CHANGED) ? { changed: has(FLAG.CHANGED) } : {}
  if (!has(FLAG.TELLS_ALL)) return { season, rank, ...changed }
  return {
    ...{ season, score, previousScore, rank, previousRank, ...changed },
    created: has(FLAG.CREATED),
  }
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function scoreBytes(score: Score, shape: ScoreShape): Buffer {
  const bytes = Buffer.alloc(shape.bytes)
  shape.write(bytes, 0, score)
  return bytes
}
