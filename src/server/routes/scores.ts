/**
 * Submits: one, or a list that is stored as a whole; each may be sent again under the same `Idempotency-Key`.
 *
 * @module
 */

import { CALLS, makeNamedCall, type NamedArguments } from '../../calls/index.ts'
import type { Leaderboard, Score } from '../../index.ts'
import { FIRST_BOARD, LIST_BODY_BYTES_MAX } from '../limits.ts'
import { type Asked, boardOf, type Route, remoteFields, routeOf } from './route.ts'

const SUBMIT_FIELDS = remoteFields({ ...CALLS.submit.arguments, ...CALLS.submit.options })

/** The routes of submits. */
export const SCORE_ROUTES: readonly Route[] = [
  routeOf('POST', '/boards/{board}/scores', {
    calls: ['submit', 'submitMany'],
    does: 'submits a score, or many of them, all or nothing',
    maySign: true,
    query: remoteFields(CALLS.submitMany.options, ['requestId']),
    body: { fields: SUBMIT_FIELDS, required: ['playerId', 'score'], items: SUBMIT_FIELDS },
    bodyBytesMax: LIST_BODY_BYTES_MAX,
    answer: 'Submitted',
    run: submit,
  }),
]

function submit(asked: Asked): unknown {
  const { items, given } = asked
  const board = writableBoard(asked)
  if (items === undefined)
    return makeNamedCall(board, 'submit', { given: { ...given, ...requestOf(asked, given) } })
  const { idempotencyKey: requestId } = asked
  const list = { ...given, submissions: items, ...(requestId !== undefined && { requestId }) }
  const answers = makeNamedCall(board, 'submitMany', { given: list })
  return (answers as Promise<unknown>).then((all) => ({ answers: all }))
}

function writableBoard(asked: Asked): Leaderboard<Score> {
  const { store, path } = asked
  if (path['board'] === FIRST_BOARD) return store.board(FIRST_BOARD) as Leaderboard<Score>
  return boardOf(asked)
}

function requestOf({ idempotencyKey }: Asked, given: NamedArguments): NamedArguments {
  if (idempotencyKey === undefined) return {}
  const { requestId } = given
  if (requestId !== undefined && requestId !== idempotencyKey)
    throw new TypeError(
      'Cannot use Idempotency-Key with another requestId: they mean the same, give one',
    )
  return { requestId: idempotencyKey }
}
