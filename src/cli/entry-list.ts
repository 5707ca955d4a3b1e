/**
 * Lists of entries: the answer of `top`, `range`, `around` and `between`.
 *
 * @module
 */

import type { Entry, RankMode, Score, ScoreCell } from '../index.ts'
import { type AnyView, countOf, type Settled, settle, withAnyStore } from './any-store.ts'
import type { Io } from './io.ts'
import { formatNumber, formatTime, printJson, printTable, type TextTable } from './output.ts'
import { placeFields, placeText, type ReadPlace } from './read-place.ts'
import { printable } from './text.ts'
import { viewAt, viewOf, type WindowOptions } from './window.ts'
import { type CommonOptions, withStore } from './with-store.ts'

/** Options of every command that reads a board, or a season of it. */
export interface ReadOptions extends CommonOptions, WindowOptions {}

/** Options of every list. */
export interface ListOptions extends ReadOptions {
  rankMode: RankMode
}

/** The JSON document of a list: `total` counts the entries of the whole board, or of the season. */
export interface EntryList extends ReadPlace {
  total: number
  entries: Entry<Score>[]
}

/**
 * Reads a board, or a season of it, and waits for every field of what `read` returns: on one snapshot, or on a
 * server, where each question is of an instant of its own.
 */
export function readBoard<T extends object>(
  options: ReadOptions,
  read: (view: AnyView, place: ReadPlace) => T,
): Promise<Settled<T>> {
  if (options.redis !== undefined)
    return withAnyStore({ ...options, access: 'read' }, async (store) => {
      const { view, place } = await viewOf(await store.openBoard(options.board), options)
      return settle(read(view, place))
    })
  return withStore({ ...options, access: 'read' }, (store) =>
    settle(
      store.snapshot((snapshot) => {
        const { view, place } = viewAt(snapshot.board<Score>(options.board), options)
        return read(view, place)
      }),
    ),
  )
}

/** Reads a list, and whatever else `read` answers, as `readBoard` does. */
export async function readList<T extends { entries: Entry<Score>[] | Promise<Entry<Score>[]> }>(
  options: ListOptions,
  read: (board: AnyView) => T,
): Promise<Settled<T> & EntryList> {
  const list = await readBoard(options, (view, place) => {
    return { ...read(view), place, total: countOf(view) }
  })
  const { place, ...rest } = list
  return { ...rest, ...place } as unknown as Settled<T> & EntryList
}

/** Prints a list, for people under a title. */
export async function printList(
  io: Io,
  options: CommonOptions,
  shown: { list: EntryList; title: string; playerId?: string },
): Promise<void> {
  const { board, total, entries } = shown.list
  const place = { board, ...placeFields(shown.list) }
  if (options.json) return printJson(io, { ...place, total, entries })
  await io.print(`${placeText(shown.list)}: ${shown.title}\n`)
  if (entries.length === 0) return
  const table = tableOf(entries)
  const highlight = entries.findIndex(({ playerId }) => playerId === shown.playerId)
  await printTable(io, { ...table, highlight }, options)
}

/** Returns a table of entries; ids only if they are not the names. */
export function tableOf(entries: readonly Entry<Score>[]): TextTable {
  const hasNames = entries.some(({ name, playerId }) => name !== playerId)
  const first = entries[0]?.score
  const columns = typeof first === 'object' ? Object.keys(first) : undefined
  return {
    columns: [
      { title: 'rank', align: 'right' },
      { title: 'player' },
      ...(hasNames ? [{ title: 'id' }] : []),
      ...(columns ?? ['score']).map((title) => ({ title, align: 'right' as const })),
      { title: 'when' },
    ],
    rows: entries.map((entry) => [
      formatNumber(entry.rank),
      printable(entry.name),
      ...(hasNames ? [printable(entry.playerId)] : []),
      ...cellsOf(entry.score).map(formatNumber),
      formatTime(entry.at),
    ]),
  }
}

function cellsOf(score: Score): ScoreCell[] {
  return typeof score === 'object' ? Object.values(score) : [score]
}
