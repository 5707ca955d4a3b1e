/**
 * Rows that are submits, in the order of their lines: into a board that keeps the best, where a player who was
 * pushed out starts again; by the rules; and into one with windows, where each goes to its seasons too.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { applyChange, submitTo } from '../embedded/apply.ts'
import { isBanned } from '../embedded/moderation/bans.ts'
import { nameOfRow } from '../embedded/moderation/profiles.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { prepareImport } from '../embedded/seasons/import-seasons.ts'
import { hasWindows } from '../embedded/seasons/windowed-board.ts'
import { submitOfRow } from '../embedded/submits.ts'
import type { Table } from '../format/keys.ts'
import { ALL_BOARDS } from '../format/people/ban.ts'
import type { Writer } from '../store/store.ts'
import type { Place } from './fill/packed-pairs.ts'
import { type PackedRow, playerOf, readRow } from './fill/row-pairs.ts'
import { orProblem } from './fold-rows.ts'
import { noteImport } from './import-log.ts'
import { boardIn, type Merge, type RowAnswer, visitRows } from './merge.ts'
import type { Taken, Work } from './work.ts'

/** Submits the rows. */
export async function submitInOrder(context: OpenStore, { writer, work }: Merge): Promise<Taken> {
  const commit = commitOf(writer)
  commit.isUnlogged = work.options.log === false
  commit.beginChange()
  if (hasWindows(writer, work.board)) await prepareSeasons(context, writer, work)
  const sequenceBefore = commit.lastSeq
  const submits = new RowSubmits(context, { writer, work })
  await visitRows(work, (place) => {
    submits.take(place)
    // A board that the first row made is a change of its own; all rows are one.
    if (submits.isAny) commit.joinChanges()
    return undefined
  })
  const taken = submits.taken
  const isAltered = submits.isAltered || commit.lastSeq > sequenceBefore
  noteImport(context, writer, { work, taken, isAltered })
  return taken
}

// Seasons belong to a board: it is made before the first row that goes to them.
async function prepareSeasons(
  context: OpenStore,
  writer: Writer<Table>,
  work: Work,
): Promise<void> {
  const { id } = boardIn(context, writer, work).board
  const { lines, board } = work
  const times = (visit: (atMicros: number) => void): Promise<void> =>
    visitRows(
      work,
      (place) => {
        const { atMicros } = readRow(place, board.spec.shape)
        if (atMicros !== undefined) visit(atMicros)
        return undefined
      },
      0,
    )
  await prepareImport({ context, writer }, id, { lines, times })
  commitOf(writer).beginChange()
}

/** Rows that are submits, one after the other. */
class RowSubmits {
  readonly #context: OpenStore
  readonly #merge: Merge
  readonly #sealed: Record<string, number> = {}
  #imported = 0
  #changed = 0
  /** Whether a row may have altered anything, as far as the log does not say so. */
  isAltered = false

  constructor(context: OpenStore, merge: Merge) {
    this.#context = context
    this.#merge = merge
  }

  /** Whether any row was taken. */
  get isAny(): boolean {
    return this.#imported > 0
  }

  /** What was taken so far. */
  get taken(): Taken {
    const taken = { imported: this.#imported, changed: this.#changed }
    const isAny = Object.keys(this.#sealed).length > 0
    return isAny ? { ...taken, sealed: { ...this.#sealed } } : taken
  }

  take(place: Place): void {
    const { work } = this.#merge
    const row = readRow(place, work.board.spec.shape)
    // A row is refused before its first effect, so the transaction can go on.
    const answer = orProblem(() => this.#submit(playerOf(place), row))
    if (typeof answer === 'string') {
      work.refuse({ line: row.line, column: undefined, problem: answer })
      work.throwIfRefused()
      return
    }
    this.#imported++
    if (answer.changed) this.#changed++
    this.isAltered ||= answer.changed || row.name !== undefined || row.metadata !== undefined
    for (const [window, { sealed, season }] of Object.entries(answer.windows ?? {}))
      if (sealed === true) this.#sealed[window] = (this.#sealed[window] ?? 0) + 1
      else this.isAltered ||= season !== undefined
  }

  #submit(playerId: string, row: PackedRow): RowAnswer {
    const { writer, work } = this.#merge
    const { board, mode, options } = work
    const { score, atMicros, name, metadata } = row
    const at = atMicros === undefined ? undefined : atMicros / 1000
    const isJudged = options.rules === true
    const submit = submitOfRow(this.#context, {
      ...{ playerId, score, at, name, metadata, mode, isJudged },
    })
    const boardId = this.#context.writerOf(writer, board)?.board.id ?? ALL_BOARDS
    if (!isBanned(writer, { playerId, boardId }))
      return applyChange(this.#context, writer, { kind: 'submit', board, submit })
    const unseen = { ...submit, name: nameOfRow(writer, playerId, name) }
    const target = boardIn(this.#context, writer, work)
    return submitTo({ context: this.#context, writer }, { target, request: unseen, isHidden: true })
  }
}
