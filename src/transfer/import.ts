/**
 * Feeding the rows of a file to a board.
 *
 * All rows are read and tried before the first one is stored, so a bad row leaves nothing behind. An
 * empty board is then filled in bulk: its new content is written in sorted chunks under a board
 * number that no name leads to, and the last commit lets the name lead there. Until then nobody sees
 * anything, and a crash leaves only bytes that the next opening sweeps. A board with entries gets
 * the rows as submits, many a commit.
 *
 * @module
 */

import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readPlayer } from '../board/board-reader.ts'
import { atMicrosOf } from '../board/board-writer.ts'
import { readCounters } from '../board/commit.ts'
import { microsOfAt } from '../calls/times.ts'
import { checkMode, checkWhole } from '../calls/values.ts'
import { decideScore } from '../domain/decide.ts'
import { settingsError } from '../domain/settings.ts'
import { applyChange } from '../embedded/apply.ts'
import { findBoard } from '../embedded/catalog.ts'
import type { NamedBoard } from '../embedded/named-board.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { submitOfRow } from '../embedded/submits.ts'
import { BoardKeys } from '../format/keys.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMicros } from '../format/time.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { IMPORT_CHUNK_ROWS } from '../ground/limits.ts'
import type { BadRow, ImportOptions, ImportReport, Mode } from '../words/index.ts'
import { fillBoard } from './fill/fill-board.ts'
import type { Row } from './rows/rows.ts'
import { readRows } from './rows/rows-read.ts'

/** Imports rows; see `Leaderboard.importFrom`. */
export async function importRows(
  context: OpenStore,
  work: {
    board: NamedBoard
    source: Readable | AsyncIterable<Uint8Array>
    options: ImportOptions
  },
): Promise<ImportReport> {
  const { board, options } = work
  const { futureAllowanceMs } = options
  if (futureAllowanceMs !== undefined) checkWhole(futureAllowanceMs, 'futureAllowanceMs')
  const mode = options.mode === undefined ? board.spec.mode : checkMode(options.mode)
  const fold = new Fold(context, { board, mode, futureAllowanceMs })
  const skipped = await readAll(work.source, { options, fold })
  const report = { imported: fold.rows.length, changed: fold.changed, skipped }
  // No row, no change: a board that does not exist is not made by it.
  if (fold.rows.length === 0) return report
  // A board that keeps only the best is asked row by row: who was left out begins anew.
  if (
    fold.isFirstImport &&
    board.spec.keep === undefined &&
    (await fillBoard(context, {
      board,
      players: fold.players,
      lines: fold.rows.at(-1)?.line ?? 0,
      options,
    }))
  ) {
    return report
  }
  report.changed = await submitAll(context, { board, mode, fold, options })
  return report
}

// Reads and tries all rows; returns how many were left out.
async function readAll(
  source: Readable | AsyncIterable<Uint8Array>,
  work: { options: ImportOptions; fold: Fold },
): Promise<number> {
  const { options, fold } = work
  let skipped = 0
  const report = (bad: BadRow): void => {
    skipped++
    options.onBadRow?.(bad)
  }
  const onBadRow = options.skipBad === true ? report : undefined
  const onBytes = (done: number): void => options.onProgress?.({ done, total: undefined })
  for await (const rows of readRows(source, {
    shape: fold.shape,
    format: options.format,
    gzip: options.gzip,
    rules: options,
    onBadRow,
    onBytes,
  })) {
    throwIfAborted(options)
    for (const row of rows) {
      const problem = fold.take(row)
      if (problem === undefined) continue
      if (onBadRow === undefined)
        throw new LadderError(
          'BAD_ROW',
          `Line ${row.line}: ${problem}; nothing was imported, mend the row or skip bad rows`,
        )
      onBadRow({ line: row.line, column: undefined, problem })
    }
  }
  return skipped
}

/** The rows taken so far, and what they make of each player. */
class Fold {
  readonly rows: Row[] = []
  /** What each player has after all rows so far: a row whose `line` is the one that brought the score. */
  readonly players = new Map<string, Row>()
  /** Whether the board had no entries when the import began. */
  readonly isFirstImport: boolean
  changed = 0
  readonly #context: OpenStore
  readonly #keys: BoardKeys
  readonly shape: ScoreShape
  readonly #mode: Mode
  readonly #latestMicros: number
  readonly #firstMicros: number

  constructor(
    context: OpenStore,
    options: { board: NamedBoard; mode: Mode; futureAllowanceMs: number | undefined },
  ) {
    const reader = context.store.current()
    const found = findBoard(reader, options.board.name)
    const error = found && settingsError(found, options.board.spec)
    if (error !== undefined) throw error
    this.#context = context
    this.#keys = new BoardKeys(found?.id ?? 0)
    this.shape = options.board.spec.shape
    this.#mode = options.mode
    this.#latestMicros = context.latestMicros(options.futureAllowanceMs)
    this.#firstMicros = Math.max(context.nowMicros(), readCounters(reader).lastMicros + 1)
    this.isFirstImport = isEmpty(context, this.#keys)
  }

  /** Takes a row, or returns in words why it cannot be taken. */
  take(row: Row): string | undefined {
    if (row.at !== undefined && toMicros(row.at) > this.#latestMicros)
      return `its time ${row.at} is in the future: at is in milliseconds since 1970; futureAllowanceMs takes it nevertheless`
    try {
      if (row.at !== undefined) microsOfAt(row.at)
      this.#apply(row)
      this.rows.push(row)
      return undefined
    } catch (error) {
      const isInexact = error instanceof LadderError && error.code === 'INEXACT'
      if (error instanceof RangeError || isInexact) return (error as Error).message
      throw error
    }
  }

  #apply(row: Row): void {
    const { playerId } = row
    const player = this.players.get(playerId) ?? this.#stored(playerId)
    const { score, accepted, moves } = decideScore(this.shape, {
      mode: this.#mode,
      score: row.score,
      atMicros: row.at === undefined ? undefined : toMicros(row.at),
      previous: player && { score: player.score, atMicros: this.#microsOf(player) },
    })
    if (player === undefined) {
      this.changed++
      // Most rows are the only one of their player: a million copies would cost half a second.
      this.players.set(playerId, Object.is(score, row.score) ? row : { ...row, score })
      return
    }
    const name = row.name ?? player.name
    const isGiven = accepted && row.metadata !== undefined
    const metadata = isGiven ? row.metadata : player.metadata
    if (moves) {
      this.changed++
      this.players.set(playerId, { ...row, score, name, metadata })
    } else if (name !== player.name || metadata !== player.metadata) {
      this.players.set(playerId, { ...player, name, metadata })
    }
  }

  // What has no time gets one of the store, in the order of the lines.
  #microsOf({ at, line }: Row): number {
    return at === undefined ? this.#firstMicros + line : toMicros(at)
  }

  #stored(playerId: string): Row | undefined {
    if (this.isFirstImport) return undefined
    const stored = readPlayer(this.#context.store.current(), {
      keys: this.#keys,
      playerId,
      shape: this.shape,
    })
    if (stored === undefined) return undefined
    const { score, record } = stored
    const { name, metadata } = record
    return { line: 0, playerId, score, at: atMicrosOf(stored, this.shape) / 1000, name, metadata }
  }
}

// The board has entries, or got some meanwhile: the rows go one by one, a chunk of them a commit.
async function submitAll(
  context: OpenStore,
  work: { board: NamedBoard; mode: Mode; fold: Fold; options: ImportOptions },
): Promise<number> {
  const { board, mode, fold, options } = work
  let changed = 0
  for (let start = 0; start < fold.rows.length; start += IMPORT_CHUNK_ROWS) {
    throwIfAborted(options)
    const submits = fold.rows
      .slice(start, start + IMPORT_CHUNK_ROWS)
      .map((row) => submitOfRow(context, { ...row, mode }))
    changed += await context.store.write((writer) => {
      return submits.filter(
        (submit) => applyChange(context, writer, { kind: 'submit', board, submit }).changed,
      ).length
    })
    options.onProgress?.({
      done: Math.min(start + IMPORT_CHUNK_ROWS, fold.rows.length),
      total: fold.rows.length,
    })
    await nextTurn()
  }
  return changed
}

function isEmpty(context: OpenStore, keys: BoardKeys): boolean {
  for (const _key of context.store.current().keys('players', { ...keys.all(), limit: 1 }))
    return false
  return true
}
