/**
 * Whether the server lives, and whether it takes requests.
 *
 *     /healthz   200 as long as the process answers and the store can be read; else 503: start it again
 *     /readyz    200 if it takes requests; 503 while it stops: send them elsewhere
 *
 * @module
 */

import type { Leaderboards } from '../index.ts'
import type { RemoteLeaderboards } from '../redis/index.ts'
import { FIRST_BOARD } from './limits.ts'

/** What stands in the answer. */
export interface Health {
  status: 'ok' | 'stopping' | 'failed'
  /** Number of the last commit; absent if the store cannot be read. */
  sequence?: number
}

/** Returns how the server is. */
export function healthOf(store: Leaderboards, isStopping: boolean): Health {
  try {
    const { sequence } = store
    return { status: isStopping ? 'stopping' : 'ok', sequence }
  } catch {
    return { status: 'failed' }
  }
}

/** The same of boards on a server: whether it answers. */
export async function remoteHealth(
  store: RemoteLeaderboards,
  isStopping: boolean,
): Promise<Health> {
  try {
    await store.hasBoard(FIRST_BOARD)
    return { status: isStopping ? 'stopping' : 'ok' }
  } catch {
    return { status: 'failed' }
  }
}

/** Returns the answer of `/healthz`. */
export function healthResponse(health: Health): Response {
  return answerOf(health, health.status !== 'failed')
}

/** Returns the answer of `/readyz`. */
export function readyResponse(health: Health): Response {
  return answerOf(health, health.status === 'ok')
}

function answerOf(health: Health, isGood: boolean): Response {
  return new Response(JSON.stringify(health), {
    status: isGood ? 200 : 503,
    headers: {
      ...{ 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
      ...(isGood ? {} : { 'Retry-After': '1' }),
    },
  })
}
