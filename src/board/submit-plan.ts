/**
 * What a submit is to do to a board, decided before anything is changed.
 *
 * @module
 */

import { decideSubmit } from '../domain/decide.ts'
import { encodeEntryKey } from '../format/entry-key.ts'
import type { Details } from '../format/player-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { assert } from '../ground/assert.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import type { Score, SubmitRequest } from '../words/index.ts'
import { atMicrosOf, type StoredPlayer } from './board-reader.ts'
import type { Commit } from './commit.ts'
import { detailsOf } from './details.ts'

/** A submit that was decided, and changes nothing before it is made. */
export interface SubmitPlan {
  readonly request: SubmitRequest
  readonly player: StoredPlayer | undefined
  readonly score: Score
  readonly details: Details
  /** Where the entry goes, and when it came to its score; undefined if it stays where it is. */
  readonly treeKey: Buffer | undefined
  readonly atMicros: number
  windows: WindowsDone | undefined
  /** Ordinal ranks, once it is made and if it asks for ranks. */
  places?: { rank: number; previousRank: number | undefined }
}

/** What a submit does in the windows of its board: as the log has it, and whether it changes any of them. */
export interface WindowsDone {
  readonly tail: Buffer
  readonly changed: boolean
}

/**
 * Decides a submit of a player, undefined for a newcomer.
 *
 * @throws {LadderError} `INEXACT`, `CONDITION_FAILED`, `CLOCK`.
 */
export function planSubmit(
  request: SubmitRequest,
  player: StoredPlayer | undefined,
  { shape, commit }: { shape: ScoreShape; commit: Commit },
): SubmitPlan {
  const previous = player && { score: player.score, atMicros: atMicrosOf(player, shape) }
  const { score, accepted, moves } = decideSubmit(shape, request, previous)
  const details = detailsOf(request, { player, accepted })
  const windows = undefined
  // Literals: objects that are put together of others cost microseconds.
  if (!moves) return { request, player, score, details, treeKey: undefined, atMicros: 0, windows }
  const { playerId } = request
  const atMicros = commit.timeOf(request)
  assert(Number.isInteger(atMicros) && atMicros <= AT_MICROS_MAX, '(3) a time can be stored')
  const treeKey = encodeEntryKey({ score, atMicros, playerId }, shape)
  return { request, player, score, details, treeKey, atMicros, windows }
}
