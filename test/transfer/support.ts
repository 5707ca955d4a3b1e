/**
 * Rows for imports, and what is to be seen while they go on.
 *
 * @module
 */

import { readdirSync } from 'node:fs'
import type { Leaderboard, Leaderboards } from '../../src/index.ts'

/** Returns a CSV of players p0, p1 and so on, each with the score that `scoreOf` tells. */
export function* csvOf(
  count: number,
  rowOf: (i: number) => string = (i) => `p${i},${(i * 7919) % count}`,
): Generator<string> {
  yield 'playerId,score\n'
  for (let i = 0; i < count; i++) yield `${rowOf(i)}\n`
}

/** Returns all that a board holds, without its ranks. */
export function contentOf(board: Leaderboard): unknown[] {
  return [...board.entries()].map(({ playerId, score, name }) => [playerId, score, name])
}

/** Returns what of the store's directory is not the store. */
export function leftBeside(store: Leaderboards): string[] {
  return readdirSync(store.path).filter((name) => name !== 'data.mdb' && name !== 'lock.mdb')
}
