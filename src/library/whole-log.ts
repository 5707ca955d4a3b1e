/**
 * Which boards can be made again from a log, and what of it is passed by on the way.
 *
 *     create ──► whole ──┬──► drop                     another life of the name begins
 *                        └──► a gap ──► passed by      rows without records, a board out of a backup,
 *                                                      entries that got other times, unknown kinds
 *
 * What concerns one board leaves the others whole. What may have concerned all of them, and is not known any
 * more, ends the work: records of an erased person, and kinds of changes that name no board.
 *
 * @module
 */

import { optionInWords } from '../calls/remedies.ts'
import { REMADE_KINDS } from '../embedded/log/remake.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { LadderError } from '../ground/errors.ts'
import type { LogRecord } from '../words/index.ts'

/** What is to be done where boards cannot be made again from the log. */
export const REBUILD_REMEDY: string = `rebuild with ${optionInWords('from', 'players')}, or restore a backup; nothing was changed`

/** The log up to some record. Records are given one after the other. */
export class WholeLog {
  readonly #known = new Map<string, number>()
  readonly #gaps = new Map<string, string>()
  /** First seqs of changes that are imports. */
  readonly imports: Set<number> = new Set()
  /** Whether anything was passed by that concerned a board. */
  isPartial = false
  #hasSilent = false

  /**
   * Takes the next record; returns whether its change can be made again.
   *
   * @throws {LadderError} `LOG_UNUSABLE` if no board is whole behind it.
   */
  take(record: LogRecord): boolean {
    const { kind, board, commit, seq } = record
    if (kind === 'import') this.imports.add(commit)
    if (kind === 'erase') throw unusable(`record ${seq} is what is left of an erased person`)
    if (board === undefined) {
      this.isPartial ||= boardsIn(record).some((name) => !this.#known.has(name))
      return takesAll(record)
    }
    if (kind === 'create') {
      this.#known.set(board, seq)
      this.#gaps.delete(board)
      const { log } = (record['settings'] ?? {}) as { log?: unknown }
      this.#hasSilent ||= log === 'none'
      return true
    }
    if (kind === 'drop') {
      this.#gaps.delete(board)
      return this.#known.delete(board)
    }
    const gap = gapIn(record) ?? this.#absence(record)
    if (gap !== undefined && !this.#gaps.has(board)) this.#gaps.set(board, gap)
    const isGap = this.#gaps.has(board)
    this.isPartial ||= isGap
    return !isGap
  }

  /** Whether a record is the one with which the present life of a board began. */
  isBeginning({ kind, board, seq }: LogRecord): boolean {
    return kind === 'create' && board !== undefined && this.#known.get(board) === seq
  }

  /** Whether names may come from boards of which it does not tell: a move gives those of any of the boards. */
  mayLackNames(boards: readonly CatalogEntry[]): boolean {
    return this.isPartial || this.#hasSilent || boards.some(({ name }) => !this.#known.has(name))
  }

  /** @throws {LadderError} `LOG_OFF` or `LOG_UNUSABLE` if a board cannot be made again from the log. */
  assertWhole({ name, log }: CatalogEntry): void {
    if (log === 'none')
      throw new LadderError(
        'LOG_OFF',
        `Cannot rebuild board "${name}" from the log: the board has no log; ${REBUILD_REMEDY}`,
      )
    const gap =
      this.#gaps.get(name) ??
      (this.#known.has(name) ? undefined : 'the log does not have its creation')
    if (gap !== undefined) throw unusable(gap, name)
  }

  #absence({ board = '', seq }: LogRecord): string | undefined {
    if (this.#known.has(board)) return undefined
    return `record ${seq} is about it, but no earlier record creates it`
  }
}

/** Returns the error for a log that boards cannot be made again from. */
export function unusable(problem: string, board?: string, cause?: unknown): LadderError {
  const what = board === undefined ? '' : ` board "${board}"`
  return new LadderError(
    'LOG_UNUSABLE',
    `Cannot rebuild${what} from the log: ${problem}; ${REBUILD_REMEDY}`,
    { cause },
  )
}

/** Whether a record tells that the whole store was restored: it goes on with the boards as they were. */
export function isRestoreOfAll({ kind, board }: LogRecord): boolean {
  return kind === 'restore' && board === undefined
}

function takesAll(record: LogRecord): boolean {
  if (isRestoreOfAll(record)) return false
  const { seq, kind } = record
  if (!REMADE_KINDS.has(kind))
    throw unusable(`record ${seq} is of kind "${kind}", which cannot be made again`)
  return true
}

// Those that a change of many boards lists.
function boardsIn({ boards }: LogRecord): string[] {
  if (!Array.isArray(boards)) return []
  return boards.map((one: string | { board: string }) =>
    typeof one === 'string' ? one : one.board,
  )
}

function gapIn(record: LogRecord): string | undefined {
  const { seq, kind } = record
  if (kind === 'import' && record['logged'] === false)
    return `record ${seq} is an import whose rows were left out`
  if (kind === 'restore') return `record ${seq} tells that it came out of a backup`
  if (kind === 'rebuild' && Number(record['retimed'] ?? 0) > 0)
    return `record ${seq} is a rebuild that gave entries other times`
  if (REMADE_KINDS.has(kind)) return undefined
  return `record ${seq} is of kind "${kind}", which cannot be made again`
}
