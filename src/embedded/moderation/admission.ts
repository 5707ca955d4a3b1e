/**
 * A submit on its way through rules and profiles: what it must pass, and what it brings with it.
 *
 *     admit ──► the board makes the submit ──► settle
 *       │ refuses, changes nothing               │ counts for perMinute, gives the name to all boards
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import type { Table } from '../../format/tables.ts'
import type { Writer } from '../../store/store.ts'
import type { Score, SubmitAnswer, SubmitRequest } from '../../words/index.ts'
import { openFlag } from './flags.ts'
import { countSubmit, JudgeOfMany, judge } from './judging.ts'
import { ownerOfName } from './names.ts'
import {
  type AllBoards,
  isUnique,
  type NameChange,
  nameChangeOf,
  nameOfRow,
  takeName,
  withProfileName,
} from './profiles.ts'

/** A submit that may be made. */
export interface Admission {
  /** With the name that it is to be made with. */
  submit: SubmitRequest
  name: NameChange | undefined
  /** The last record of the log before it. */
  seqBefore: number
}

/** Whether anything but the board itself has a say in submits. */
export function isRuled(writer: Writer<Table>): boolean {
  const commit = commitOf(writer)
  return commit.uses('rules') || commit.uses('profiles')
}

/**
 * Returns a submit that may be made; `board` is undefined if the submit makes it.
 *
 * @throws {LadderError} `UNKNOWN_PLAYER`, `OUT_OF_RANGE`, `RATE_LIMITED`, `SUSPICIOUS`, `NAME_TAKEN`; nothing
 *   is changed then.
 */
export function admit(
  writer: Writer<Table>,
  board: BoardWriter | undefined,
  asked: SubmitRequest,
): Admission {
  if (asked.isUnjudged === true)
    return { submit: withoutJudging(writer, asked), name: undefined, seqBefore: 0 }
  const { playerId, name } = asked
  const flags = board === undefined ? [] : judge(writer, board, asked)
  const change = name === undefined ? undefined : nameChangeOf(writer, name, playerId)
  const isNew = (): boolean => board?.hidden.stored(playerId) === undefined
  const named = withProfileName(writer, asked, isNew)
  const submit = flags.length === 0 ? named : { ...named, flags }
  return { submit, name: change, seqBefore: commitOf(writer).lastSeq }
}

// A row of a file gives no name to a player whose name is that of the profile.
function withoutJudging(writer: Writer<Table>, asked: SubmitRequest): SubmitRequest {
  const { playerId, name } = asked
  return { ...asked, name: nameOfRow(writer, playerId, name) }
}

/** Does what a submit that was made brings with it. */
export function settleSubmit(
  writer: Writer<Table>,
  made: { board: BoardWriter; admission: Admission; answer: SubmitAnswer<Score> },
  boards: AllBoards,
): void {
  const { board, admission, answer } = made
  const { submit, name, seqBefore } = admission
  if (submit.isUnjudged !== true) countSubmit(writer, board, submit)
  const { lastSeq } = commitOf(writer)
  if (submit.flags !== undefined && lastSeq > seqBefore) openFlag(writer, lastSeq, board.board.id)
  // A newcomer for whom a full board has no place leaves nothing, no name either.
  if (name === undefined || answer.score === undefined) return
  // Hosts send the name with each submit: all boards show it already.
  if (!takeName(writer, submit.playerId, name)) return
  for (const other of boards()) other.rename(submit.playerId, name.name)
}

/**
 * Judges all submits of one change before the first is made, as far as they do not hang on one another:
 * each is judged again when its turn comes. Those that are undefined are answered without being made.
 *
 * @throws {LadderError} as {@link admit}.
 */
export function admitAll(
  writer: Writer<Table>,
  board: BoardWriter | undefined,
  asked: {
    submits: readonly (SubmitRequest | undefined)[]
    inOrder: (i: number, judgeOne: () => void) => void
  },
): void {
  const { submits, inOrder } = asked
  const judges = board && new JudgeOfMany(writer, board, submits)
  const areUnique = isUnique(writer)
  const players = new Set(submits.map((submit) => submit?.playerId))
  for (const [i, submit] of submits.entries()) {
    if (submit === undefined) continue
    inOrder(i, () => {
      judges?.judge(submit)
      const { name, playerId } = submit
      if (name === undefined || !areUnique) return
      // A player of this change may give the name away before: that is asked when the turn comes.
      const owner = ownerOfName(writer, name)
      if (!players.has(owner)) nameChangeOf(writer, name, playerId)
    })
  }
}
