/**
 * A store that a command works on, in a directory or on a server: the same calls, which the one answers at once
 * and the other later.
 *
 * What a server does not offer it refuses by itself, `UNSUPPORTED` and why.
 *
 * @module
 */

import type {
  BoardInfo,
  BoardSettings,
  Leaderboard,
  Leaderboards,
  LiveView,
  Score,
} from '../index.ts'
import { CliError, isLadderError } from './failures.ts'
import { openServer } from './server-place.ts'
import { boardsInWords, type StoreOptions, storeFlags, withStore } from './with-store.ts'

type Soon<F> = F extends (...args: infer A) => infer R ? (...args: A) => R | Promise<Awaited<R>> : F

type SoonOf<T, Left extends keyof T> = { readonly [K in Exclude<keyof T, Left>]: Soon<T[K]> }

interface Sized {
  readonly size: number | (() => Promise<number>)
  readonly info: BoardInfo | (() => Promise<BoardInfo>)
}

/** What is read of a board, or of a season of it. */
export type AnyView = SoonOf<LiveView<Score>, keyof Sized> & Sized

/** A board that is open. */
export type AnyBoard = SoonOf<Leaderboard<Score>, keyof Sized> & Sized

/** A store that is open. */
export type AnyStore = SoonOf<Leaderboards, 'board' | 'openBoard' | 'createBoard'> & {
  readonly [K in 'board' | 'openBoard' | 'createBoard']: (
    name: string,
    settings?: BoardSettings & { partitions?: number },
  ) => AnyBoard | Promise<AnyBoard>
}

/** What `settle` makes of an object. */
export type Settled<T> = { [K in keyof T]: Awaited<T[K]> }

/** Runs `use` on the store that the options name. */
export async function withAnyStore<T>(
  options: StoreOptions & { redis: string | undefined },
  use: (store: AnyStore) => T | Promise<T>,
): Promise<T> {
  const { redis } = options
  if (redis === undefined) return withStore(options, (store) => use(store as unknown as AnyStore))
  const store = (await openServer(redis)) as unknown as AnyStore
  try {
    return await use(store)
  } catch (error) {
    throw await withBoards(store, redis, error)
  } finally {
    await store.close()
  }
}

/** Returns an object whose fields are all there. Those of a store in a directory are read before it returns. */
export async function settle<T extends object>(fields: T): Promise<Settled<T>> {
  const entries = Object.entries(fields)
  const values = await Promise.all(entries.map(([, value]) => value))
  return Object.fromEntries(entries.map(([name], i) => [name, values[i]])) as Settled<T>
}

/** Returns how many entries there are. */
export function countOf(view: Sized): number | Promise<number> {
  return typeof view.size === 'function' ? view.size() : view.size
}

/** Returns the settings and the size of a board. */
export function infoOf(board: Sized): BoardInfo | Promise<BoardInfo> {
  return typeof board.info === 'function' ? board.info() : board.info
}

/** Returns what a question answers, or something else if the store does not offer it. */
export async function ifOffered<T, Otherwise>(
  ask: () => T,
  otherwise: Otherwise,
): Promise<Awaited<T> | Otherwise> {
  try {
    return await ask()
  } catch (error) {
    if (isLadderError(error) && error.code === 'UNSUPPORTED') return otherwise
    throw error
  }
}

// A board that is not there is most often a --board that was left out: the message says which there are.
async function withBoards(store: AnyStore, redis: string, error: unknown): Promise<unknown> {
  if (!isLadderError(error) || error.code !== 'NO_BOARD') return error
  const action = error.message.slice(0, error.message.lastIndexOf('": ') + 1)
  const names = (await store.boards()).map(({ name }) => name)
  const program = `ladderdb ${storeFlags({ db: '', redis })}`
  return new CliError('NO_BOARD', `${action}: ${boardsInWords(names, program)}`, { cause: error })
}
