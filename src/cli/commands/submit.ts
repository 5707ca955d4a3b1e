/**
 * `submit`: one score of one player.
 *
 *     { playerId, score, previousScore, rank, previousRank, changed, created }
 *
 * @module
 */

import type { Leaderboard, Mode, RankMode, SubmitAnswer, SubmitOptions } from '../../index.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber, printable, printJson, printLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface SubmitCommandOptions extends CommonOptions {
  playerId: string
  score: number
  name?: string
  mode?: Mode
  at?: number
  rankMode: RankMode
  createBoard?: boolean
}

/** The one board that the first submit makes by itself. */
const DEFAULT_BOARD = 'default'

export async function runSubmit(io: Io, options: SubmitCommandOptions): Promise<number> {
  const mayCreate = options.board === DEFAULT_BOARD || options.createBoard === true
  const access = mayCreate ? 'create' : 'write'
  const { answer, total, mode } = await withStore({ db: options.db, access }, async (store) => {
    if (!mayCreate && !store.hasBoard(options.board)) throw noBoardToSubmitTo(options.board)
    const board = store.board(options.board)
    const answer = await submitTo(board, options)
    return { answer, total: board.size, mode: options.mode ?? board.mode }
  }).catch((error: unknown) => {
    const isMissing = (error as { code?: unknown }).code === 'NO_STORE'
    throw isMissing ? noBoardToSubmitTo(options.board) : error
  })
  if (options.json) await printJson(io, answer)
  else await printLine(io, describe(answer, { total, mode }))
  return 0
}

function submitTo(board: Leaderboard, options: SubmitCommandOptions): Promise<SubmitAnswer> {
  const { playerId, score, rankMode, name, mode, at } = options
  const chosen: SubmitOptions = { rankMode }
  if (name !== undefined) chosen.name = name
  if (mode !== undefined) chosen.mode = mode
  if (at !== undefined) chosen.at = at
  return board.submit(playerId, score, chosen)
}

function noBoardToSubmitTo(board: string): CliError {
  return new CliError(
    'NO_BOARD',
    `Cannot submit to board "${board}": there is none; say --create-board, or make it with create`,
  )
}

function describe(answer: SubmitAnswer, board: { total: number; mode: Mode }): string {
  const { score, previousScore, rank, previousRank, changed, created } = answer
  const player = printable(answer.playerId)
  const now = `${formatNumber(rank ?? 0)} of ${formatNumber(board.total)}`
  if (created) return `${player}: ${formatNumber(score)} · new · rank ${now}`
  if (!changed) return `${player}: stays at ${formatNumber(score)} (${board.mode}) · rank ${now}`
  const scores = `${formatNumber(previousScore ?? 0)} → ${formatNumber(score)}`
  return `${player}: ${scores} · rank ${formatNumber(previousRank ?? 0)} → ${now}`
}
