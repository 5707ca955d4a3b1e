/**
 * What calls of the model test need beside data: pages that lead on, and rows as text.
 *
 * @module
 */

import { Readable, Writable } from 'node:stream'
import type { ImportOptions, Leaderboard, Mode, Page, PageOptions, Score } from '../../src/index.ts'
import type { ImportRow, ModelBoard } from './model.ts'

/** One place on a board, as the store and as the model say it. */
export interface Cursors {
  actual: string
  expected: string
}

/** A page of a board without its cursors. */
type Shown = Pick<Page<Score>, 'entries' | 'total'> & { leadsOn: boolean; leadsBack: boolean }

/** Asks a board and its model for the page at a place; `cursors` are those of the page. */
export function turn(
  pair: { board: Leaderboard<Score>; model: ModelBoard },
  query: { options: PageOptions; place: Cursors | undefined; isForwards: boolean },
): { actual: Shown; expected: Shown; cursors: Cursors[] } {
  const { options, place, isForwards } = query
  const at = (cursor: string | undefined): PageOptions => {
    if (cursor === undefined) return options
    return isForwards ? { ...options, after: cursor } : { ...options, before: cursor }
  }
  const actual = pair.board.page(at(place?.actual))
  const expected = pair.model.page(at(place?.expected))
  // A page beyond an end has no row that the model could name a place by.
  const sides = actual.entries.length === 0 ? [] : (['next', 'previous'] as const)
  const cursors = sides.flatMap((side): Cursors[] => {
    const cursor = { actual: actual[side], expected: expected[side] }
    return cursor.actual === undefined || cursor.expected === undefined ? [] : [cursor as Cursors]
  })
  return { actual: shown(actual), expected: shown(expected), cursors }
}

export function ndjsonOf(rows: readonly ImportRow[], mode?: Mode): [Readable, ImportOptions] {
  const text = rows.map((row) => `${JSON.stringify(row, integersAsText)}\n`).join('')
  const options: ImportOptions = { format: 'ndjson' }
  return [readableOf(text), mode === undefined ? options : { ...options, mode }]
}

export function readableOf(text: string): Readable {
  return Readable.from([Buffer.from(text)])
}

export async function exportText(
  board: Leaderboard<Score>,
  format: 'csv' | 'ndjson',
): Promise<string> {
  const chunks: Buffer[] = []
  const target = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await board.exportTo(target, { format })
  return Buffer.concat(chunks).toString()
}

function shown({ entries, total, next, previous }: Page<Score>): Shown {
  return { entries, total, leadsOn: next !== undefined, leadsBack: previous !== undefined }
}

function integersAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
