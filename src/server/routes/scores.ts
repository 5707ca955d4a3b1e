/**
 * Submits: one, or a list that is stored as a whole; each may be sent again under the same `Idempotency-Key`.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { CALLS, makeNamedCall, type NamedArguments } from '../../calls/index.ts'
import type { Leaderboard, Score } from '../../index.ts'
import { LIST_BODY_BYTES_MAX } from '../limits.ts'
import { type Asked, boardOf, type Route, remoteFields, routeOf } from './route.ts'

const SUBMIT_FIELDS = remoteFields({ ...CALLS.submit.arguments, ...CALLS.submit.options })

/** The board that the first submit makes by itself. */
const FIRST_BOARD = 'default'

// A requestId has at most 128 bytes; the number of an item takes up to five more.
const KEY_BYTES_MAX = 120

/** The routes of submits. */
export const SCORE_ROUTES: readonly Route[] = [
  routeOf('POST', '/boards/{board}/scores', {
    calls: ['submit', 'submitMany'],
    does: 'submits a score, or many of them, all or nothing',
    maySign: true,
    query: remoteFields(CALLS.submitMany.options),
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
  const submissions = items.map((item, i) => withRequest(asked, item, i))
  const answers = makeNamedCall(board, 'submitMany', { given: { ...given, submissions } })
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

// The key covers the list: each item has its number under it.
function withRequest({ idempotencyKey: key }: Asked, item: unknown, i: number): unknown {
  if (key === undefined || typeof item !== 'object' || item === null) return item
  if ('requestId' in item && item.requestId !== null)
    throw new TypeError(
      `Submission ${i}: Cannot use requestId beside Idempotency-Key, which covers the whole list; give one`,
    )
  return { ...item, requestId: `${shortened(key)}:${i}` }
}

function shortened(key: string): string {
  if (Buffer.byteLength(key) <= KEY_BYTES_MAX || Buffer.byteLength(key) > 128) return key
  return createHash('sha256').update(key).digest('base64url')
}
