/**
 * One board of the model, or one season of one: who stands there, and what a submit does.
 *
 * @module
 */

import type { Metadata, Mode, Score } from '../../src/index.ts'
import { ModelView } from '../model/model-view.ts'
import { newRow, type Row, sorted } from '../model/rows.ts'
import { cellsOf, compareScores, type Shape, sumOfScores } from '../model/scores.ts'

/** A submit of which all is known. */
export interface Run {
  playerId: string
  score: Score
  mode: Mode
  micros: number
  isAtGiven: boolean
  /** The name that a newcomer has. */
  name?: string | undefined
  metadata?: Metadata | undefined
  /** What is added may be nothing: the entry is made all the same, and keeps its time. */
  isGain?: boolean
}

/** What a submit did to one board. */
export interface Done {
  score: Score | undefined
  previousScore: Score | undefined
  changed: boolean
  created: boolean
  /** Whether a full board had no place. */
  isLeftOut: boolean
}

export class Entries extends ModelView {
  /** Those who are banned. */
  hidden = new Map<string, Row>()
  #keep: number
  readonly #nextMicros: () => number

  constructor(shape: Shape, options: { keep: number | undefined; nextMicros: () => number }) {
    super(shape)
    this.#keep = options.keep ?? Number.POSITIVE_INFINITY
    this.#nextMicros = options.nextMicros
  }

  get keep(): number {
    return this.#keep
  }

  protected get nextMicros(): number {
    return this.#nextMicros()
  }

  /** A season that keeps fewer from now on. */
  limit(keep: number | undefined): void {
    this.#keep = keep ?? Number.POSITIVE_INFINITY
    this.#cut()
  }

  take(run: Run, isBanned: boolean): Done {
    const { playerId, micros } = run
    const row = this.rowOf(playerId)
    const { score, isAccepted, changed } = this.decide(run)
    const previousScore = row?.score
    if (changed) {
      const next = row ?? newRow(playerId, { score, shape: this.shape, micros })
      const place = { ...next, score, cells: cellsOf(this.shape, score), micros }
      if (row === undefined && !isBanned && !this.#hasRoomFor(place))
        return { score: undefined, previousScore, changed: false, created: false, isLeftOut: true }
      Object.assign(next, place)
      if (row === undefined) {
        if (isBanned) this.hidden.set(playerId, next)
        else this.rows.push(next)
        next.name = run.name ?? playerId
      }
    }
    if (isAccepted) this.#setMetadata(playerId, run.metadata)
    this.#cut()
    return { score, previousScore, changed, created: row === undefined, isLeftOut: false }
  }

  /** What a submit comes to; throws if its sum is none. */
  decide({ playerId, score, mode, micros, isAtGiven }: Run): {
    score: Score
    isAccepted: boolean
    changed: boolean
  } {
    const row = this.rowOf(playerId)
    const next = mode === 'increment' ? sumOfScores(this.shape, row?.score, score) : score
    if (row === undefined) return { score: next, isAccepted: true, changed: true }
    const difference = compareScores(this.shape, next, row.score)
    if (mode !== 'best') return { score: next, isAccepted: true, changed: difference !== 0 }
    const isEarlier = difference === 0 && isAtGiven && micros < row.micros
    if (difference < 0 || isEarlier) return { score: next, isAccepted: true, changed: true }
    return { score: row.score, isAccepted: false, changed: false }
  }

  rowOf(playerId: string): Row | undefined {
    return this.seenRow(playerId) ?? this.hidden.get(playerId)
  }

  drop(playerId: string): boolean {
    const { size } = this
    this.rows = this.rows.filter((row) => row.playerId !== playerId)
    this.#cut()
    return this.hidden.delete(playerId) || this.size < size
  }

  rename(playerId: string, name: string): void {
    const row = this.rowOf(playerId)
    if (row !== undefined) row.name = name
  }

  hide(playerId: string): boolean {
    const row = this.seenRow(playerId)
    if (row === undefined) return false
    this.drop(playerId)
    this.hidden.set(playerId, row)
    return true
  }

  show(playerId: string): void {
    const row = this.hidden.get(playerId)
    this.hidden.delete(playerId)
    if (row === undefined || !this.#hasRoomFor(row)) return
    this.rows.push(row)
    this.#cut()
  }

  /** All of it, to put it back if a later submit of the same change is refused. */
  copy(): { rows: Row[]; hidden: Map<string, Row> } {
    return {
      rows: this.rows.map((row) => ({ ...row })),
      hidden: new Map([...this.hidden].map(([id, row]) => [id, { ...row }])),
    }
  }

  restore({ rows, hidden }: ReturnType<Entries['copy']>): void {
    this.rows = rows
    this.hidden = hidden
  }

  #setMetadata(playerId: string, metadata: Metadata | undefined): void {
    const row = this.rowOf(playerId)
    if (metadata === undefined || row === undefined) return
    const json = JSON.stringify(metadata)
    row.metadata = json === '{}' ? undefined : json
  }

  #hasRoomFor(row: Row): boolean {
    if (this.size < this.keep) return true
    const rows = sorted([...this.rows.map((other) => ({ ...other })), { ...row }], this.shape)
    return rows.findIndex(({ playerId }) => playerId === row.playerId) < this.keep
  }

  #cut(): void {
    sorted(this.rows, this.shape)
    this.rows.length = Math.min(this.size, this.keep)
  }
}
