/**
 * Submits as the function takes them, and its answers as callers see them.
 *
 * @module
 */

import { decideSubmit } from '../../domain/decide.ts'
import { foldName } from '../../domain/find.ts'
import { nameTaken } from '../../domain/names.ts'
import { digestOf } from '../../format/request-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { assert } from '../../ground/assert.ts'
import { LadderError } from '../../ground/errors.ts'
import type {
  Mode,
  Passed,
  RankMode,
  Score,
  SubmitAnswer,
  SubmitRequest,
  WindowAnswer,
} from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { headOf, type RowsReply, rowsOf } from '../client/replies.ts'

/**
 * What became of a submit: what the entry did, its score and time, those before, ranks, who was passed and in which
 * rank mode, if that was asked; whether it is the answer of before; what a partition keeps of the answers of all; what
 * became of it in each window, and whether all of that was asked for.
 */
export type SubmitReply = [
  ...[outcome: Buffer, head: Buffer, previousHead: Buffer | null],
  ...[rank: number | null, previousRank: number | null],
  ...[passedCount: number, passed: RowsReply | null, passedMode: Buffer | null],
  ...[isRepeated: number, told?: Buffer | null | undefined],
  windows?: [isAll: number, WindowReply[]] | undefined,
]

/**
 * What became of a submit in the window of a name: there was no season, it took nothing, or what its entry did; in
 * partitions also the number of the window and the start of the season.
 */
export type WindowReply = [
  ...[window: Buffer, outcome: Buffer, season?: Buffer | undefined],
  ...[made?: SubmitReply | undefined, place?: Buffer | undefined],
]

const TWO_32 = 0x1_0000_0000

/** What of a list of submits lies in one slot. */
export interface ListPart {
  /** Whether the submits are a list, if only of one: a board that keeps the best judges such a one later. */
  isList?: boolean
  /** The id behind the last submit of a list under one id. */
  beyondId?: string | undefined
  /** Whether others of the board lie elsewhere: who was passed is not asked here, nor are all ranks. */
  isPartition?: boolean
  /** What the whole list comes to, if this is not all of it. */
  digest?: Buffer | undefined
}

/** Returns what all submits of a call are to answer. */
export function askedArguments(
  submit: SubmitRequest | undefined,
  { isList = false, beyondId = '', isPartition = false }: ListPart,
): ServerArgument[] {
  const { rankMode, passedMax = 0, passedMode, isAllOfWindows } = submit ?? {}
  const all = isAllOfWindows === true ? 1 : 0
  const mode = passedMax > 0 ? (passedMode as string) : ''
  const list = [isList ? 1 : 0, beyondId]
  if (!isPartition) return [rankMode ?? '', passedMax, mode, all, ...list]
  // Whom a ban hides has no rank, and so passed nobody.
  return [rankMode ?? (mode === '' ? '' : 'ordinal'), 0, mode, all, ...list]
}

/** Returns the arguments of one submit; `listDigest` is of the list of which a partition gets a part. */
export function submitArguments(
  submit: SubmitRequest,
  shape: ScoreShape,
  listDigest?: Buffer,
): ServerArgument[] {
  const { playerId, mode, score, atMicros, name, metadata, only = '', expected } = submit
  return [
    ...[playerId, mode, scoreBytes(score, shape)],
    atMicros === undefined ? '' : microsBytes(atMicros),
    nameChange(playerId, name),
    change(metadata),
    only,
    expectedBytes(expected, shape),
    ...requestArguments(submit, shape, listDigest),
    meantSeasons(submit),
  ]
}

function requestArguments(
  submit: SubmitRequest,
  shape: ScoreShape,
  listDigest: Buffer | undefined,
): ServerArgument[] {
  const { requestId } = submit
  if (requestId === undefined) return ['', '']
  const digest = digestOf(submit, shape)
  return [requestId, listDigest === undefined ? digest : Buffer.concat([digest, listDigest])]
}

// The names of windows with the ids of the seasons that a submit is meant for.
function meantSeasons({ season }: SubmitRequest): string {
  return season === undefined ? '' : JSON.stringify(Object.entries(season))
}

/** Returns the ordered bytes of a score. */
export function scoreBytes(score: Score, shape: ScoreShape): Buffer {
  const bytes = Buffer.alloc(shape.bytes)
  shape.write(bytes, 0, score)
  return bytes
}

/** Returns the answer of a submit. */
export function submitAnswer(
  submit: SubmitRequest,
  reply: SubmitReply,
  shape: ScoreShape,
): SubmitAnswer<Score> {
  const [outcomeText, head, previousHead, rank, previousRank] = reply
  const { playerId, score: submitted } = submit
  const outcome = outcomeText.toString()
  const told = {
    ...passedOf(reply, shape),
    ...windowsOf(submit, reply, shape),
    ...(reply[8] === 1 && { repeated: true as const }),
  }
  if (outcome === 'has no place')
    return {
      ...{ playerId, score: undefined, previousScore: undefined },
      ...{ rank: undefined, previousRank: undefined },
      ...{ changed: false, created: false, submitted, ...told },
    }
  const score = shape.read(head, 0)
  assert(score !== undefined, 'the function answers a score')
  const isMove = outcome === 'moves'
  return {
    ...{ playerId, score },
    previousScore: previousHead === null ? undefined : headOf(previousHead, shape).score,
    ...{ rank: rank ?? undefined, previousRank: previousRank ?? undefined },
    ...{ changed: isMove, created: isMove && previousHead === null, ...told },
  }
}

function windowsOf(
  submit: SubmitRequest,
  reply: SubmitReply,
  shape: ScoreShape,
): Pick<SubmitAnswer<Score>, 'windows'> {
  const told = reply[10]
  if (told === undefined) return {}
  const [isAll, replies] = told
  const answers = replies.map(([name, outcome, season, made]) => {
    const window = name.toString()
    const id = season?.toString()
    if (made !== undefined)
      return [window, windowAnswer(id, submitAnswer(submit, made, shape), isAll === 1)]
    const isSealed = outcome.toString() === 'sealed'
    return [window, { season: id, rank: undefined, ...(isSealed && { sealed: true as const }) }]
  })
  return { windows: Object.fromEntries(answers) as Record<string, WindowAnswer<Score>> }
}

function windowAnswer(
  season: string | undefined,
  made: SubmitAnswer<Score>,
  isAll: boolean,
): WindowAnswer<Score> {
  const { rank, score, previousScore, previousRank, changed, created } = made
  if (isAll) return { season, rank, score, previousScore, previousRank, changed, created }
  return score === undefined ? { season, rank, changed: false } : { season, rank }
}

/**
 * Returns why a submit was refused, on the board or in a window: `head` is that of the entry which there was, `rest` the
 * name of the window, and the mode and score that its season was asked for with.
 */
export function refusedError(
  submit: SubmitRequest,
  {
    code,
    head,
    rest: [window, mode, score],
  }: { code: string; head: Buffer | null; rest: readonly Buffer[] },
  shape: ScoreShape,
): LadderError {
  if (code === 'NAME_TAKEN')
    return nameTaken(`${submit.name}`, { playerId: submit.playerId, owner: String(head) })
  if (code === 'GAIN') return gainError(submit.playerId, String(window))
  if (mode === undefined || score === undefined) return submitError(submit, head, shape)
  const asked = submitOfSeason(submit, String(mode) as Mode, shape.read(score, 0))
  return submitError(asked, head, shape)
}

function gainError(playerId: string, window: string): LadderError {
  return new LadderError(
    'INEXACT',
    `Cannot count what player "${playerId}" gained in window "${window}": it is beyond 64 bits; the entries are unchanged`,
  )
}

// What a season was asked for by a submit to the board.
function submitOfSeason(
  submit: SubmitRequest,
  mode: Mode,
  score: Score | undefined,
): SubmitRequest {
  const { only: _, expected: __, ...rest } = submit
  return { ...rest, mode, score: score ?? submit.score, only: undefined, expected: undefined }
}

// The same rule is asked, with what the server had found.
function submitError(submit: SubmitRequest, head: Buffer | null, shape: ScoreShape): LadderError {
  try {
    decideSubmit(shape, submit, head === null ? undefined : headOf(head, shape))
  } catch (error) {
    if (error instanceof LadderError) return error
    throw error
  }
  throw new LadderError(
    'CORRUPT',
    `Cannot submit for player "${submit.playerId}": the server refuses it without a reason; see that its library is ours`,
  )
}

// A retry is told what was asked for at first.
function passedOf(reply: SubmitReply, shape: ScoreShape): { passed?: Passed<Score> } {
  const [, , , , , count, rows, mode] = reply
  if (mode === null) return {}
  const passedMode = mode.toString() as RankMode
  const entries = rows === null ? [] : rowsOf(rows, shape, passedMode).entries
  return { passed: { count, entries } }
}

/** Returns a name as the functions take it: the id of its player takes the name away. */
export function nameChange(playerId: string, name: string | null | undefined): string {
  return change(name === playerId ? null : name)
}

/** Returns a name as it is owned, see owners.lua: folded; empty if it is not a name that anybody could have. */
export function ownedName(playerId: string, name: string | null | undefined): string {
  return name == null || name === playerId ? '' : foldName(name)
}

// 'k' keeps what there is, 'r' removes it, 's' sets what follows.
function change(text: string | null | undefined): string {
  if (text === undefined) return 'k'
  return text === null ? 'r' : `s${text}`
}

function expectedBytes(expected: Score | null | undefined, shape: ScoreShape): Buffer | string {
  if (expected === undefined) return ''
  if (expected === null) return 'n'
  return Buffer.concat([Buffer.from('s'), scoreBytes(expected, shape)])
}

/** Returns a time as it stands in a key. */
export function microsBytes(micros: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(Math.floor(micros / TWO_32), 0)
  bytes.writeUInt32BE(micros % TWO_32, 4)
  return bytes
}
