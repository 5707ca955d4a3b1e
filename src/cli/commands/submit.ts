/**
 * `submit`: one score of one player.
 *
 *     { playerId, score, previousScore, rank, previousRank, changed, created }
 *     a repeated --request-id adds   repeated: true
 *     --passed adds   passed: { count, entries: [ … ] }
 *     a board with windows adds   windows: { NAME: { season, rank } }, --windows all more of each
 *     a full board that has no place for a newcomer adds   submitted, and score is null
 *
 * @module
 */

import { parseAt, parseJson, parseScore } from '../../calls/index.ts'
import type {
  AtUnit,
  Mode,
  RankMode,
  Score,
  SubmitAnswer,
  SubmitOptions,
  WindowAnswer,
} from '../../index.ts'
import { type AnyBoard, type AnyStore, countOf, withAnyStore } from '../any-store.ts'
import { parseSeasons, parseWhole } from '../arguments.ts'
import { addCommand, type Cli, choice, rankMode, runner, wordsFor } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, formatNumber, formatScore, printJson, printLine } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface SubmitCommandOptions extends CommonOptions {
  playerId: string
  /** As it was written: what it means is up to the board. */
  score: string
  name?: string
  mode?: Mode
  /** A number of milliseconds, or of what atUnit says, or ISO 8601. */
  at?: string
  atUnit?: AtUnit
  /** JSON text. */
  metadata?: string
  only?: 'new' | 'existing'
  expected?: string
  requestId?: string
  won?: boolean
  passed?: number
  /** By the names of windows, the season that is meant. */
  season?: Record<string, string>
  windows?: 'all'
  rankMode: RankMode
  createBoard?: boolean
}

/** The one board that the first submit makes by itself. */
const DEFAULT_BOARD = 'default'

const REPEATED = ' · answered before: this request counts once'

/** Declares `submit`. */
export function submitCommand(cli: Cli): void {
  addCommand(cli, 'submit', {
    summary: 'submit a score',
    example: 'submit alice 1500 --name "Alice" --mode best',
  })
    .argument('<player>', 'id of the player')
    .argument('<score>', 'a number like 1500, 12.5 or -3; of several columns like 12,71.5')
    .option('--name <text>', 'name to show; kept until another is given')
    .addOption(
      choice(
        '--mode <mode>',
        "replace, keep the better or add; default: the board's",
        wordsFor('submit', 'mode'),
      ),
    )
    .option(
      '--at <time>',
      'when: milliseconds since 1970, or 2026-11-21T18:30:00Z; UTC without an offset',
    )
    .addOption(
      choice(
        '--at-unit <unit>',
        'of a number given as --at; default: ms',
        wordsFor('submit', 'atUnit'),
      ),
    )
    .option('--metadata <json>', 'a JSON object to keep with the entry; {} removes it')
    .addOption(
      choice(
        '--only <which>',
        'refuse unless the player is new, or has an entry',
        wordsFor('submit', 'only'),
      ),
    )
    .option('--expected <score>', "refuse unless this is the player's score")
    .option('--request-id <id>', 'count once: the same submit under the same id is answered again')
    .option('--won', "count the run as won, in the player's history")
    .option('--passed <n>', 'say who was passed, at most this many', parseWhole)
    .option('--season <window=id>', 'refuse if another season is on', parseSeasons)
    .addOption(
      choice(
        '--windows <what>',
        'say all that changed in each window',
        wordsFor('submit', 'windows'),
      ),
    )
    .option('--create-board', 'make the board if it does not exist (the default board always is)')
    .addOption(rankMode())
    .action(runner(cli, runSubmit, ['playerId', 'score']))
}

export async function runSubmit(io: Io, options: SubmitCommandOptions): Promise<number> {
  const mayCreate = options.board === DEFAULT_BOARD || options.createBoard === true
  const access = mayCreate ? 'create' : 'write'
  const { answer, total, mode } = await withAnyStore({ ...options, access }, async (store) => {
    if (!mayCreate && !(await store.hasBoard(options.board))) throw noBoardToSubmitTo(options.board)
    const board = await boardOf(store, options)
    const answer = await submitTo(board, options)
    return { answer, total: await countOf(board), mode: options.mode ?? board.mode }
  }).catch((error: unknown) => {
    const isMissing = (error as { code?: unknown }).code === 'NO_STORE'
    throw isMissing ? noBoardToSubmitTo(options.board, options.db) : error
  })
  if (options.json) await printJson(io, answer)
  else {
    const line = `${describe(answer, { total, mode })}${windowsText(answer)}`
    await printLine(io, `${line}${answer.repeated ? REPEATED : ''}`)
  }
  return 0
}

// A board that the submit makes takes its mode: a submit of a best wants a board of bests.
async function boardOf(store: AnyStore, options: SubmitCommandOptions): Promise<AnyBoard> {
  const { board, mode } = options
  const settings = mode === undefined || (await store.hasBoard(board)) ? undefined : { mode }
  return store.board(board, settings)
}

async function submitTo(
  board: AnyBoard,
  options: SubmitCommandOptions,
): Promise<SubmitAnswer<Score>> {
  const { playerId, rankMode, name, mode, at, atUnit, metadata, only, expected } = options
  const { requestId, won, passed, season, windows } = options
  const chosen: SubmitOptions<Score> = {
    rankMode,
    ...(name !== undefined && { name }),
    ...(mode !== undefined && { mode }),
    // Judged by its text, so that a time of any kind is one of milliseconds from here on.
    ...(at !== undefined && { at: parseAt(at, atUnit), atUnit: 'ms' }),
    ...(metadata !== undefined && { metadata: parseMetadata(metadata) }),
    ...(only !== undefined && { only }),
    ...(expected !== undefined && { expected: parseScore(expected, board, '--expected') }),
    ...(requestId !== undefined && { requestId }),
    ...(won !== undefined && { won }),
    ...(passed !== undefined && { passed }),
    ...(season !== undefined && { season }),
    ...(windows !== undefined && { windows }),
  }
  return board.submit(playerId, parseScore(options.score, board), chosen)
}

function parseMetadata(text: string): Record<string, unknown> {
  try {
    return parseJson(text) as Record<string, unknown>
  } catch (cause) {
    const problem = `Cannot read the metadata: ${(cause as Error).message}`
    throw new CliError('USAGE', `${problem}; write a JSON object like '{"car":"red"}'`, { cause })
  }
}

function noBoardToSubmitTo(board: string, missingStore?: string): CliError {
  const problem =
    missingStore === undefined ? 'it does not exist' : `there is no store at ${missingStore}`
  return new CliError(
    'NO_BOARD',
    `Cannot submit to board "${board}": ${problem}; say --create-board, or make it with create`,
  )
}

function describe(answer: SubmitAnswer<Score>, board: { total: number; mode: Mode }): string {
  const { previousScore, rank, previousRank, changed, created, passed, submitted } = answer
  const player = printable(answer.playerId)
  const others = passed === undefined ? '' : ` · passed ${passedOf(passed)}`
  const score = answer.score ?? submitted ?? 0
  // The entry of a banned player whose submits are taken has no place that anybody sees.
  if (rank === undefined && submitted === undefined)
    return `${player}: ${formatScore(score)} · ${created ? 'new' : changed ? 'changed' : 'not changed'} · no rank, the player is banned`
  if (rank === undefined)
    return `${player}: ${formatScore(score)} · not among the best ${formatNumber(board.total)}${others}`
  const now = `${formatNumber(rank)} of ${formatNumber(board.total)}${others}`
  if (created) return `${player}: ${formatScore(score)} · new · rank ${now}`
  if (!changed) return `${player}: stays at ${formatScore(score)} (${board.mode}) · rank ${now}`
  const scores = `${formatScore(previousScore ?? 0)} → ${formatScore(score)}`
  return `${player}: ${scores} · rank ${formatNumber(previousRank ?? 0)} → ${now}`
}

// The board first, then what became of each window.
function windowsText({ windows = {} }: SubmitAnswer<Score>): string {
  return Object.entries(windows)
    .map(([name, answer]) => ` · ${printable(name)} ${windowText(answer)}`)
    .join('')
}

function windowText({ season, rank, sealed }: WindowAnswer<Score>): string {
  if (season === undefined) return 'has no season yet'
  const place = sealed ? 'sealed' : rank === undefined ? 'no rank' : `rank ${formatNumber(rank)}`
  return `${printable(season)} ${place}`
}

function passedOf({ count, entries }: NonNullable<SubmitAnswer<Score>['passed']>): string {
  const names = entries.map(({ name }) => printable(name))
  if (entries.length < count) names.push(`${formatCount(count - entries.length, 'more', 'more')}`)
  return names.length === 0 ? 'nobody' : names.join(', ')
}
