/**
 * What the rows of a file make of each player: pure but for what it is told to ask and to hand on.
 *
 * Rows come sorted by player, those of one player in the order of their lines. The rule of one row is
 * that of a submit, `domain/decide.ts`.
 *
 * @module
 */

import { decideScore } from '../domain/decide.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { type ErrorCode, LadderError } from '../ground/errors.ts'
import { PLAYER_ID_BYTES_MAX } from '../ground/limits.ts'
import type { BadRow, Mode, Score } from '../words/index.ts'
import type { PairVisitor } from './fill/packed-pairs.ts'
import { type PackedRow, playerOf, readRow } from './fill/row-pairs.ts'

/** What a player has after some rows. */
export interface Folded {
  score: Score
  atMicros: number
  name: string | undefined
  metadata: string | undefined
  /** Whether the rows gave another score or time. */
  moves: boolean
}

/** A player whose rows were all taken. */
export interface FoldedPlayer {
  /** The id begins this buffer; valid until the next player. */
  id: Buffer
  idBytes: number
  entry: Folded
}

/** What one row did. */
export interface RowStep {
  row: PackedRow
  /** The id of the player begins this buffer; valid until the next player. */
  id: Buffer
  idBytes: number
  /** Undefined for a newcomer. */
  previous: Folded | undefined
  folded: Folded
  /** Its time, given or not. */
  atMicros: number
  /** Whether it gave another score or time. */
  moves: boolean
}

/** How rows are taken. */
export interface FoldRules {
  shape: ScoreShape
  mode: Mode
  /** The time of a row without one is this and its line. */
  firstMicros: number
}

/** What a fold asks, and whom it tells. */
export interface FoldTalk {
  /** What a player had before. */
  before: (playerId: string) => Folded | undefined
  /** Takes a player whose rows are all taken. */
  take: (player: FoldedPlayer) => Promise<void> | undefined
  /** Takes a row that cannot be used, and its place among the rows. */
  refuse: (bad: BadRow, row: number) => void
  /** Hears of each row that was taken. */
  onRow?: ((step: RowStep) => Promise<void> | undefined) | undefined
}

/** Folds rows; visit them, then {@link end}. */
export class RowFold {
  readonly #rules: FoldRules
  readonly #talk: FoldTalk
  readonly #id = Buffer.alloc(PLAYER_ID_BYTES_MAX)
  #idBytes = -1
  #entry: Folded | undefined
  /** Rows taken, and those of them that changed a score or brought a player. */
  imported = 0
  changed = 0

  constructor(rules: FoldRules, talk: FoldTalk) {
    this.#rules = rules
    this.#talk = talk
  }

  readonly visit: PairVisitor = (place) => {
    const { slab, start, keyEnd } = place
    const row = readRow(place, this.#rules.shape)
    if (this.#isSame(slab, start, keyEnd)) return this.#take(row)
    const taken = this.end()
    this.#idBytes = keyEnd - start
    slab.copy(this.#id, 0, start, keyEnd)
    this.#entry = this.#talk.before(playerOf(place))
    const noted = this.#take(row)
    return taken === undefined ? noted : taken.then(() => noted)
  }

  /** Hands on the last player. */
  end(): Promise<void> | undefined {
    const entry = this.#entry
    if (entry === undefined) return undefined
    this.#entry = undefined
    return this.#talk.take({ id: this.#id, idBytes: this.#idBytes, entry })
  }

  #take(row: PackedRow): Promise<void> | undefined {
    const previous = this.#entry
    const { line, atMicros = this.#rules.firstMicros + line } = row
    const decision = this.#decide(row, previous)
    if (decision === undefined) return undefined
    const folded = foldedBy(row, { decision, previous, atMicros })
    const { moves } = decision
    if (moves) this.changed++
    this.imported++
    this.#entry = folded
    const [id, idBytes] = [this.#id, this.#idBytes]
    return this.#talk.onRow?.({ row, id, idBytes, previous, folded, atMicros, moves })
  }

  #decide(row: PackedRow, previous: Folded | undefined): Decision | undefined {
    const { shape, mode } = this.#rules
    const { score, atMicros } = row
    const decision = orProblem(() => decideScore(shape, { mode, score, atMicros, previous }))
    if (typeof decision !== 'string') return decision
    this.#talk.refuse({ line: row.line, column: undefined, problem: decision }, row.row)
    return undefined
  }

  #isSame(slab: Buffer, start: number, end: number): boolean {
    if (end - start !== this.#idBytes) return false
    for (let i = 0, j = start; j < end; i++, j++) if (this.#id[i] !== slab[j]) return false
    return true
  }
}

type Decision = ReturnType<typeof decideScore>

function foldedBy(
  row: PackedRow,
  step: { decision: Decision; previous: Folded | undefined; atMicros: number },
): Folded {
  const { decision, previous, atMicros } = step
  const { score, accepted, moves } = decision
  if (previous === undefined)
    return { score, atMicros, name: row.name, metadata: row.metadata ?? undefined, moves }
  const name = row.name ?? previous.name
  const isGiven = accepted && row.metadata !== undefined
  const metadata = isGiven ? (row.metadata ?? undefined) : previous.metadata
  if (moves) return { score, atMicros, name, metadata, moves }
  return { ...previous, name, metadata }
}

/** What is wrong with one row, and says nothing of the others. */
const REFUSALS: readonly ErrorCode[] = [
  ...(['INEXACT', 'OUT_OF_RANGE', 'SUSPICIOUS', 'RATE_LIMITED'] as const),
  ...(['UNKNOWN_PLAYER', 'NAME_TAKEN'] as const),
]

/** Returns what `decide` does, or why a row cannot be used, in words. */
export function orProblem<T>(decide: () => T): T | string {
  try {
    return decide()
  } catch (error) {
    const isRefused = error instanceof LadderError && REFUSALS.includes(error.code)
    if (error instanceof RangeError || isRefused) return (error as Error).message
    throw error
  }
}
