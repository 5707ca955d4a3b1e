/**
 * The rules at the door: what a submit must pass before anything is changed.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import {
  checkRange,
  closedBoard,
  closedStore,
  judgedOf,
  judgeGain,
  type RunFlag,
  tooManyOf,
  unknownPlayer,
} from '../../domain/rules.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { BoardRules, Score, SubmitRequest } from '../../words/index.ts'
import { readProfile } from './profiles.ts'
import { readRules, rulesIn } from './rules.ts'
import { readSettings, settingsIn } from './store-settings.ts'
import { checkSubmitTimes, noteSubmitTime } from './submit-times.ts'

const NO_FLAGS: readonly RunFlag[] = []

/** @throws {LadderError} `CLOSED_FOR_WRITES`; `board` is undefined where none exists yet. */
export function checkOpenForWrites(writer: Writer<Table>, board: CatalogEntry | undefined): void {
  if (!commitOf(writer).uses('rules')) return
  if (settingsIn(writer).writes === 'closed') throw closedStore()
  if (board !== undefined && rulesIn(writer, board)?.writes === 'closed')
    throw closedBoard(board.name)
}

/** The same on a snapshot, before long work begins. */
export function checkOpenNow(reader: Reader<Table>, board: CatalogEntry | undefined): void {
  if (readSettings(reader).writes === 'closed') throw closedStore()
  if (board !== undefined && readRules(reader, board).writes === 'closed')
    throw closedBoard(board.name)
}

/**
 * Judges a submit by the rules of its board and returns what of it is to be reviewed.
 *
 * @throws {LadderError} `UNKNOWN_PLAYER`, `OUT_OF_RANGE`, `RATE_LIMITED`, `SUSPICIOUS`, `INEXACT`.
 */
export function judge(
  writer: Writer<Table>,
  board: BoardWriter,
  submit: SubmitRequest,
): readonly RunFlag[] {
  const rules = rulesIn(writer, board.board)
  if (rules === undefined) return NO_FLAGS
  const { shape } = board.board
  checkPlayer(writer, rules, submit.playerId)
  // What the player has is read only for rules that ask: it takes a microsecond.
  const isAsked = submit.mode === 'increment' || rules.maxGain !== undefined
  const previous = isAsked ? board.hidden.stored(submit.playerId)?.score : undefined
  const { judged } = judgedOf(shape, submit, previous)
  checkRange(rules, shape, judged)
  if (rules.perMinute !== undefined)
    checkSubmitTimes(writer, submitterOf(board, submit), {
      ...{ perMinute: rules.perMinute, before: 0, total: 1 },
    })
  return judgeGain(rules, shape, judged)
}

/** What is known of a player while the submits of one change are judged. */
interface PlayerOfMany {
  /** What the submits before leave the player with. */
  score: Score | undefined
  /** How many came before. */
  count: number
}

/**
 * Judges the submits of one change, one after another, before the first of them is made. A board that
 * keeps the best may push players out in between: there scores are judged when their turn comes.
 */
export class JudgeOfMany {
  readonly #writer: Writer<Table>
  readonly #board: BoardWriter
  readonly #rules: BoardRules | undefined
  readonly #players = new Map<string, PlayerOfMany>()
  /** How many submits of each player there are; only if the board counts them. */
  readonly #totals = new Map<string, number>()

  constructor(
    writer: Writer<Table>,
    board: BoardWriter,
    submits: readonly (SubmitRequest | undefined)[],
  ) {
    this.#writer = writer
    this.#board = board
    this.#rules = rulesIn(writer, board.board)
    if (this.#rules?.perMinute === undefined) return
    for (const submit of submits)
      if (submit !== undefined)
        this.#totals.set(submit.playerId, (this.#totals.get(submit.playerId) ?? 0) + 1)
  }

  /** Judges the next one. */
  judge(submit: SubmitRequest): void {
    const rules = this.#rules
    if (rules === undefined) return
    const { shape, keep } = this.#board.board
    const player = this.#playerOf(submit, rules)
    const told = keep === undefined ? judgedOf(shape, submit, player.score) : undefined
    if (told !== undefined) checkRange(rules, shape, told.judged)
    if (rules.perMinute !== undefined) this.#checkCount(rules.perMinute, submit, player.count++)
    if (told === undefined) return
    judgeGain(rules, shape, told.judged)
    player.score = told.after
  }

  #playerOf({ playerId }: SubmitRequest, rules: BoardRules): PlayerOfMany {
    const known = this.#players.get(playerId)
    if (known !== undefined) return known
    checkPlayer(this.#writer, rules, playerId)
    const player = { score: this.#board.hidden.stored(playerId)?.score, count: 0 }
    this.#players.set(playerId, player)
    return player
  }

  // The submits before it in the change count as if they had been taken already.
  #checkCount(perMinute: number, submit: SubmitRequest, before: number): void {
    const total = this.#totals.get(submit.playerId) as number
    if (total > perMinute) throw tooManyOf(submit.playerId, { perMinute, total })
    const submitter = submitterOf(this.#board, submit)
    checkSubmitTimes(this.#writer, submitter, { perMinute, before, total })
  }
}

/** Notes that a submit was taken, where its board counts them. */
export function countSubmit(
  writer: Writer<Table>,
  board: BoardWriter,
  submit: SubmitRequest,
): void {
  if (rulesIn(writer, board.board)?.perMinute === undefined) return
  noteSubmitTime(writer, submitterOf(board, submit))
}

function checkPlayer(writer: Writer<Table>, { players }: BoardRules, playerId: string): void {
  if (players === undefined) return
  const isKnown = commitOf(writer).uses('profiles') && readProfile(writer, playerId) !== undefined
  if (isKnown) return
  throw unknownPlayer(playerId)
}

function submitterOf(
  { board }: BoardWriter,
  { playerId, nowMicros }: SubmitRequest,
): { boardId: number; playerId: string; nowMicros: number } {
  return { boardId: board.id, playerId, nowMicros }
}
