/**
 * Whether the requests that a store keeps are sound, and as many as their state says.
 *
 * @module
 */

import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { printKey } from '../format/print.ts'
import {
  decodeRequest,
  decodeRequestAge,
  decodeRequestsState,
  REQUESTS_START,
  REQUESTS_STATE_KEY,
  type RequestRecord,
  type RequestsState,
} from '../format/request-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { decodeVarint } from '../format/varint.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'

type Board = Pick<CatalogEntry, 'id' | 'name' | 'shape'>

/** Walks all requests: yields what is wrong with each, or undefined. */
export function* checkRequests(
  reader: Reader<Table>,
  boards: readonly Board[],
): Generator<Finding | undefined> {
  const byId = new Map(boards.map((board) => [board.id, board]))
  const value = reader.get('requests', REQUESTS_STATE_KEY)
  const state = value && decodeRequestsState(value)
  let count = 0
  for (const pair of reader.pairs('requests', { start: REQUESTS_START })) {
    count++
    const board = byId.get(decodeVarint(pair.key)?.value ?? 0)
    const problem = problemOf(pair, { shape: board?.shape, state })
    const place = printKey('requests', pair.key)
    yield problem && { board: board?.name, place, ...problem }
  }
  yield stateProblem(count, { isThere: value !== undefined, state })
}

type Problem = Pick<Finding, 'invariant' | 'problem'>

// Of a board that is being swept only the checksum is known to be right or wrong.
function problemOf(
  { key, value }: Pair,
  known: { shape: ScoreShape | undefined; state: RequestsState | undefined },
): Problem | undefined {
  const { shape, state } = known
  const request: Pick<RequestRecord, 'number'> | undefined =
    shape === undefined ? decodeRequestAge(key, value) : decodeRequest(key, value, shape)
  if (request === undefined)
    return { invariant: INVARIANT.FORM, problem: 'it has a wrong checksum or form' }
  // (15) Numbers are given in turn.
  if (state === undefined || request.number < state.next) return undefined
  const problem = `its number is ${request.number}, numbers 1 to ${state.next - 1} were given`
  return { invariant: INVARIANT.REQUESTS, problem }
}

function stateProblem(
  count: number,
  { isThere, state }: { isThere: boolean; state: RequestsState | undefined },
): Finding | undefined {
  const at = { board: undefined, place: 'state of the requests' }
  if (!isThere && count === 0) return undefined
  if (state === undefined)
    return { ...at, invariant: INVARIANT.FORM, problem: 'it is missing or damaged' }
  if (state.count === count) return undefined
  const problem = `it counts ${state.count} requests, there are ${count}`
  return { ...at, invariant: INVARIANT.REQUESTS, problem }
}
