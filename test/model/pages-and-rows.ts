/**
 * What calls of the model test need beside data: pages that lead on, and rows as text.
 *
 * @module
 */

import { Readable, Writable } from 'node:stream'
import { expect } from 'vitest'
import type { ImportOptions, Leaderboard, Mode, Page, PageOptions, Score } from '../../src/index.ts'
import type { Random } from '../support/random.ts'
import type { ImportRow, ModelBoard } from './model.ts'

/** A board with cursors of more pages forgets the oldest ones. */
const PLACES_MAX = 12

/** One place on a board, as the store and as the model say it. */
export interface Cursors {
  actual: string
  expected: string
}

/** A page of a board without its cursors. */
type Shown = Pick<Page<Score>, 'entries' | 'total'> & { leadsOn: boolean; leadsBack: boolean }

/**
 * Expects of a board the page of its model at one of some places, or the first one; the places that it
 * leads to join the others.
 */
export function expectPage(
  pair: { board: Leaderboard<Score>; model: ModelBoard },
  random: Random,
  places: Cursors[],
): void {
  const options: PageOptions = { limit: 1 + random.below(12), rankMode: 'competition' }
  const place = random.pick([undefined, ...places])
  const direction = random.pick(['after', 'before'] as const)
  const at = (cursor: string | undefined): PageOptions => {
    return cursor === undefined ? options : { ...options, [direction]: cursor }
  }
  const actual = pair.board.page(at(place?.actual))
  const expected = pair.model.page(at(place?.expected))
  expect(shown(actual)).toEqual(shown(expected))
  // A page beyond an end has no row that the model could name a place by.
  const sides = actual.entries.length === 0 ? [] : (['next', 'previous'] as const)
  for (const side of sides) {
    const cursors = { actual: actual[side], expected: expected[side] }
    if (cursors.actual !== undefined) places.push(cursors as Cursors)
  }
  places.splice(0, places.length - PLACES_MAX)
}

/** Expects that `copy`, which is empty, imports all that `board` exports, to the last bit. */
export async function expectCopy(
  board: Leaderboard<Score>,
  copy: Leaderboard<Score>,
  format: 'csv' | 'ndjson',
): Promise<void> {
  const text = await exportText(board, format)
  await copy.importFrom(readableOf(text), { format, mode: 'set' })
  expect([...copy.entries()]).toEqual([...board.entries()])
  expect(withoutName(await exportText(copy, format))).toBe(withoutName(text))
}

// The settings in the first line of NDJSON name their board.
function withoutName(text: string): string {
  return text.replace(/^(\{"ladderdb":\{"format":1,"board":\{)"name":"(?:[^"\\]|\\.)*",/, '$1')
}

/** Says when a player reached the score, in microseconds. */
export function microsIn(board: {
  get(playerId: string): { at: number } | undefined
}): (playerId: string) => number {
  return (playerId) => Math.round((board.get(playerId)?.at ?? 0) * 1000)
}

export function ndjsonOf(rows: readonly ImportRow[], mode?: Mode): [Readable, ImportOptions] {
  const text = rows.map((row) => `${JSON.stringify(row, integersAsText)}\n`).join('')
  const options: ImportOptions = { format: 'ndjson' }
  return [readableOf(text), mode === undefined ? options : { ...options, mode }]
}

function readableOf(text: string): Readable {
  return Readable.from([Buffer.from(text)])
}

async function exportText(board: Leaderboard<Score>, format: 'csv' | 'ndjson'): Promise<string> {
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
