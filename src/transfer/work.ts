/**
 * What the two ways of storing rows share: the rows themselves, where they go, and who is told.
 *
 * @module
 */

import type { NamedBoard } from '../embedded/named-board.ts'
import { badRowError } from '../rows/bad-rows.ts'
import type { BadRow, ImportOptions, Mode } from '../words/index.ts'
import type { PairSpool } from './fill/pair-spool.ts'
import type { Scratch } from './fill/scratch.ts'

/** How many rows were taken, and how many of them changed a score or brought a player. */
export interface Taken {
  imported: number
  changed: number
  /** By windows: rows that their seasons did not take any more. */
  sealed?: Record<string, number>
}

/** Rows that were read, on their way into a board. */
export class Work {
  readonly board: NamedBoard
  readonly mode: Mode
  readonly rows: PairSpool
  readonly scratch: Scratch
  /** Memory for the entries that they come to. */
  readonly runBytes: number
  readonly options: ImportOptions
  /** Whether its rows are submits in the order of their lines: one may hang on another of another player. */
  readonly isInOrder: boolean
  /** How many lines the rows stand on: each may need a time of its own. */
  lines = 0
  // Lines, so that each row is reported once, however often the work is repeated.
  readonly #refused = new Set<number>()
  #first: BadRow | undefined
  #skippedInReading = 0

  constructor(
    parts: Pick<Work, 'board' | 'mode' | 'rows' | 'scratch' | 'runBytes' | 'options' | 'isInOrder'>,
  ) {
    this.board = parts.board
    this.mode = parts.mode
    this.rows = parts.rows
    this.scratch = parts.scratch
    this.runBytes = parts.runBytes
    this.options = parts.options
    this.isInOrder = parts.isInOrder
  }

  /** Rows that were skipped. */
  get skipped(): number {
    return this.#skippedInReading + this.#refused.size
  }

  /** Whether a row was refused and bad rows are not to be skipped: then nothing is stored. */
  get isRefused(): boolean {
    return this.#first !== undefined
  }

  /** Skips a row that cannot be read. */
  skip(bad: BadRow): void {
    this.#skippedInReading++
    this.options.onBadRow?.(bad)
  }

  /** Notes a row that was read but cannot be used. */
  refuse(bad: BadRow): void {
    if (this.options.skipBad !== true) {
      if (this.#first === undefined || bad.line < this.#first.line) this.#first = bad
      return
    }
    if (this.#refused.has(bad.line)) return
    this.#refused.add(bad.line)
    this.options.onBadRow?.(bad)
  }

  /** @throws {LadderError} `BAD_ROW` with the first of them. */
  throwIfRefused(): void {
    if (this.#first === undefined) return
    throw badRowError(this.#first)
  }

  /** Reports how many rows are stored. */
  progress(rows: number): void {
    const total = this.rows.count
    this.options.onProgress?.({ done: Math.min(total, Math.floor(rows)), total })
  }
}
