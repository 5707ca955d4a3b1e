/**
 * Whether the last change that is noted of a board is one of a board and of a commit that there are.
 *
 * @module
 */

import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import {
  BOARD_CHANGES_END,
  BOARD_CHANGES_START,
  boardChangeIdOf,
  decodeBoardChange,
} from '../format/meta/board-change.ts'
import { printKey } from '../format/print.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'
import { NO_SUCH_BOARD } from './strays.ts'

type Wrong = Pick<Finding, 'invariant' | 'problem'>

/** Walks all last changes: yields what is wrong with each, or undefined. */
export function* checkBoardChanges(
  reader: Reader<Table>,
  { boards, sequence }: { boards: readonly CatalogEntry[]; sequence: number },
): Generator<Finding | undefined> {
  const known = new Set(boards.map(({ id }) => id))
  const range = { start: BOARD_CHANGES_START, end: BOARD_CHANGES_END }
  for (const pair of reader.pairs('meta', range)) {
    const wrong = wrongOf(pair, { known, sequence })
    yield wrong && { board: undefined, place: printKey('meta', pair.key), ...wrong }
  }
}

function wrongOf(
  { key, value }: Pair,
  { known, sequence }: { known: ReadonlySet<number>; sequence: number },
): Wrong | undefined {
  const boardId = boardChangeIdOf(key)
  const change = decodeBoardChange(key, value)
  if (boardId === undefined || change === undefined)
    return { invariant: INVARIANT.FORM, problem: 'it is damaged' }
  if (!known.has(boardId)) return { invariant: INVARIANT.LAST_CHANGE, problem: NO_SUCH_BOARD }
  if (change.sequence <= sequence) return undefined
  const problem = `it is of commit ${change.sequence}, the last one is ${sequence}`
  return { invariant: INVARIANT.LAST_CHANGE, problem }
}
