/**
 * One of the two stores of `copy` and `compare`: the path of one in a directory, or the address of a server.
 *
 * @module
 */

import type { BoardInfo, BoardSettings, Entry, Score } from '../../index.ts'
import type { AnyBoard, AnyStore } from '../any-store.ts'
import { withAnyStore } from '../any-store.ts'
import { isServer, shownServer } from '../server-place.ts'
import type { Access, CommonOptions } from '../with-store.ts'

/** A store that is open, with how it is called. */
export interface Side {
  readonly store: AnyStore
  /** As it may be shown: without a password. */
  readonly name: string
  /** The words of a command line that lead to it. */
  readonly flags: string
  readonly isOnServer: boolean
}

/** Rows that are read and written at once: some milliseconds of a server, in which it answers nobody else. */
const CHUNK = 500

/** Runs `use` on the store that a word names. */
export function withSide<T>(
  options: CommonOptions,
  word: string,
  work: { access: Access; use: (side: Side) => Promise<T> },
): Promise<T> {
  const isOnServer = isServer(word)
  const redis = isOnServer ? word : undefined
  const place = { ...options, db: word, redis, access: work.access, once: true }
  const name = isOnServer ? shownServer(word) : word
  const flags = `${isOnServer ? '--redis' : '--db'} ${name}`
  return withAnyStore(place, (store) => work.use({ store, name, flags, isOnServer }))
}

/** Yields the entries of a board in its order, some at a time; who moves meanwhile may come twice or not. */
export async function* pagesOf(board: AnyBoard): AsyncGenerator<Entry<Score>[]> {
  for (let after: string | undefined; ; ) {
    const page = await board.page({ limit: CHUNK, ...(after !== undefined && { after }) })
    if (page.entries.length > 0) yield page.entries
    if (page.next === undefined) return
    after = page.next
  }
}

/** Returns those of some players who have an entry, by their ids. */
export async function entriesOf(
  board: AnyBoard,
  playerIds: readonly string[],
): Promise<Map<string, Entry<Score>>> {
  const found = new Map<string, Entry<Score>>()
  for (let start = 0; start < playerIds.length; start += CHUNK) {
    const { entries } = await board.among(playerIds.slice(start, start + CHUNK))
    for (const { groupRank: _, ...entry } of entries) found.set(entry.playerId, entry)
  }
  return found
}

/** Returns the boards that are meant: those that are named, or all. */
export async function boardsMeant(
  sides: readonly Side[],
  options: Pick<CommonOptions, 'board' | 'isBoardNamed'> & { boards?: readonly string[] },
): Promise<string[]> {
  const named = [...(options.isBoardNamed ? [options.board] : []), ...(options.boards ?? [])]
  if (named.length > 0) return [...new Set(named)]
  const infos = await Promise.all(sides.map(({ store }) => store.boards()))
  return [...new Set(infos.flat().map(({ name }) => name))]
}

/** Returns the settings of a board by which its entries stand in order. */
export function standingSettings(info: BoardInfo): BoardSettings {
  const { order, mode, scoreType, columns, keep } = info
  return {
    ...(columns === undefined ? { order } : { columns }),
    mode,
    ...(scoreType !== undefined && { scoreType }),
    ...(keep !== undefined && { keep }),
  }
}
