/**
 * Boards on a server of Redis, behind the same routes: every call is made, and what the store refuses is
 * answered with the reason.
 *
 * Other processes change such a store without a number that tells of all: no answer is kept for the next one
 * who asks.
 *
 * @module
 */

import { LadderError, type Leaderboard, Leaderboards, type Score } from '../index.ts'
import type { RemoteLeaderboards } from '../redis/index.ts'
import { FIRST_BOARD } from './limits.ts'
import type { Route } from './routes/route.ts'

/** A store that can be served: in a directory, or on a server. */
export type ServedStore = Leaderboards | RemoteLeaderboards

/** Returns a store that is on a server; undefined if it is in a directory. */
export function remoteOf(store: ServedStore): RemoteLeaderboards | undefined {
  return store instanceof Leaderboards ? undefined : store
}

/**
 * Resolves with a store as routes take it, for one request: the board of its path is open, all else answers
 * later. Cost: one round trip.
 *
 * @throws {LadderError} `NO_BOARD`, `UNAVAILABLE`.
 */
export async function storeForRequest(
  remote: RemoteLeaderboards,
  { board: name }: Readonly<Record<string, string>>,
  { calls }: Route,
): Promise<Leaderboards> {
  if (name === undefined) return withBoard(remote, undefined)
  const mayMake = name === FIRST_BOARD && calls.includes('submit')
  const board = mayMake ? await remote.board(name) : await remote.openBoard(name)
  return withBoard(remote, board as unknown as Leaderboard<Score>)
}

/** Returns what stands in the place of a store in a directory. Nobody uses it. */
export function storeElsewhere(): Leaderboards {
  return new Proxy({} as Leaderboards, {
    get: () => {
      throw new LadderError(
        'UNSUPPORTED',
        'Cannot use the files of a store: its boards lie on a server',
      )
    },
  })
}

/** Returns the error of backups of such a store: nobody is sent to an option that it cannot have. */
export function noBackups(): LadderError {
  return new LadderError(
    'UNSUPPORTED',
    'Cannot make backups of boards on a server: it keeps its own files; use its RDB and AOF, or export each board to a file (ladderdb --redis URL export FILE)',
  )
}

function withBoard(
  remote: RemoteLeaderboards,
  board: Leaderboard<Score> | undefined,
): Leaderboards {
  const opened = { openBoard: () => board, board: () => board }
  return new Proxy(remote, {
    get: (_, name) => {
      if (board !== undefined && Object.hasOwn(opened, name)) return Reflect.get(opened, name)
      const member: unknown = Reflect.get(remote, name)
      return typeof member === 'function' ? member.bind(remote) : member
    },
  }) as unknown as Leaderboards
}
