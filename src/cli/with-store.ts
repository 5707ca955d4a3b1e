/**
 * Opening the store for a command, and closing it again whatever happens.
 *
 * @module
 */

import type { Leaderboard, Leaderboards, Score } from '../index.ts'
import { CliError, isLadderError } from './failures.ts'
import { isFree, withNewStore } from './new-store.ts'
import { shownServer } from './server-place.ts'
import { shellWord } from './text.ts'

/** What every command is told. */
export interface CommonOptions {
  /** Directory of the store. */
  db: string
  /** Address of a server that is meant in place of a directory. */
  redis: string | undefined
  board: string
  /** Whether `--board` was given. */
  isBoardNamed: boolean
  json: boolean
  /** False with `--no-color`. */
  color: boolean
  /** The directory may lie on a network file system. */
  allowNetworkFileSystem: boolean
}

/**
 * What a command wants of the store: `read` changes and creates nothing, `write` needs one that is
 * there, `create` makes one that appears when the command has worked.
 */
export type Access = 'read' | 'write' | 'create'

/** What opening a store takes. */
export type StoreOptions = Pick<CommonOptions, 'db' | 'allowNetworkFileSystem'> & {
  access: Access
  /** `use` cannot run a second time: what it reads is gone then. */
  once?: boolean
}

/** Returns what a store is called, for people. */
export function storeName({ db, redis }: Pick<CommonOptions, 'db' | 'redis'>): string {
  return redis === undefined ? db : shownServer(redis)
}

/** Returns the words of a command line that lead to the same store again. */
export function storeFlags({ db, redis }: Pick<CommonOptions, 'db' | 'redis'>): string {
  if (redis === undefined) return `--db ${shellWord(db)}`
  return `--redis ${shellWord(shownServer(redis))}`
}

const NAMES_SHOWN = 10

/** Runs `use` on the open store. */
export async function withStore<T>(
  options: StoreOptions,
  use: (store: Leaderboards) => T | Promise<T>,
): Promise<T> {
  if (options.access !== 'create' || !isFree(options.db)) return withOpenStore(options, use)
  try {
    const made = await withNewStore(options.db, (db) => withOpenStore({ ...options, db }, use))
    return made === undefined ? withOpenStore(options, use) : made.answer
  } catch (error) {
    const isTaken = error instanceof CliError && error.code === 'BUSY' && options.once !== true
    if (isTaken) return withOpenStore(options, use)
    throw error
  }
}

async function withOpenStore<T>(
  options: StoreOptions,
  use: (store: Leaderboards) => T | Promise<T>,
): Promise<T> {
  const { db, access, allowNetworkFileSystem } = options
  const { openLeaderboards } = await import('../index.ts')
  const store = openLeaderboards(db, {
    readOnly: access === 'read',
    create: access === 'create',
    allowNetworkFileSystem,
  })
  try {
    return await use(store)
  } catch (error) {
    throw withBoards(store, error)
  } finally {
    await store.close()
  }
}

// A board that is not there is most often a --board that was left out: the message says which there are.
function withBoards(store: Leaderboards, error: unknown): unknown {
  if (!isLadderError(error) || error.code !== 'NO_BOARD') return error
  const action = error.message.slice(0, error.message.lastIndexOf('": ') + 1)
  return new CliError('NO_BOARD', `${action}: ${boardsOf(store)}`, { cause: error })
}

/** Returns a board that is there, for a command that must not make it. */
export function existingBoard(store: Leaderboards, name: string): Leaderboard<Score> {
  if (store.hasBoard(name)) return store.board(name) as Leaderboard<Score>
  throw new CliError('NO_BOARD', `Cannot find board "${name}": ${boardsOf(store)}`)
}

function boardsOf(store: Leaderboards): string {
  return boardsInWords(store.boards().map(({ name }) => name))
}

/** Says in words which boards a store has; `program` is how a command line on it begins. */
export function boardsInWords(names: readonly string[], program = 'ladderdb'): string {
  const [first] = names
  if (first === undefined) return `the store has no boards yet; ${program} create BOARD makes one`
  if (names.length === 1) return `the only board is "${first}"; say --board ${first}`
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `"${name}"`)
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
  return `the boards are ${shown.join(', ')}${more}; name one with --board`
}
