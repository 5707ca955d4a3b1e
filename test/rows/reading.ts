/**
 * Reading rows from text, and the rows that most texts of the tests hold.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect } from 'vitest'
import { ScoreShape } from '../../src/format/score-shape.ts'
import { LadderError } from '../../src/ground/errors.ts'
import type { Row } from '../../src/rows/rows.ts'
import { type ReadRowsOptions, readRows } from '../../src/rows/rows-read.ts'

export const RACE = new ScoreShape('number', [
  { name: 'points', order: 'descending' },
  { name: 'time', order: 'ascending' },
])
export const COINS = new ScoreShape('int64', [
  { name: 'gold', order: 'descending' },
  { name: 'debt', order: 'ascending' },
])

const ABSENT = { name: undefined, at: undefined, metadata: undefined }
export const A: Row = { ...ABSENT, line: 2, playerId: 'a', score: 1 }
export const B: Row = { ...ABSENT, line: 3, playerId: 'b', score: 2 }
export const MISSPELT =
  'Line 1: unknown column "nmae": did you mean "name"? rename or remove it, map it ' +
  '(columns: { name: "nmae" }), or leave out unknown columns (ignoreExtra: true) ' +
  '(known are playerId, score, name, at, metadata; rank and board are ignored)'

export async function read(source: string | Buffer, options: ReadRowsOptions): Promise<Row[]> {
  return collect(readRows(Readable.from([Buffer.from(source)]), options))
}

export async function readSkipping(
  bytes: Buffer,
  format: ReadRowsOptions['format'],
  size: number = bytes.length,
): Promise<{ rows: Row[]; bad: unknown[] }> {
  const chunks = []
  for (let start = 0; start < bytes.length; start += size)
    chunks.push(bytes.subarray(start, start + size))
  const bad: unknown[] = []
  const rows = await collect(
    readRows(Readable.from(chunks), { format, onBadRow: (row) => bad.push(row) }),
  )
  return { rows, bad }
}

export async function collect(batches: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

export async function outcome(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error) => {
    expect(error).toBeInstanceOf(LadderError)
    return error.message
  })
}

export async function expectBadRow(answer: Promise<unknown>, message: string): Promise<void> {
  const error = await answer.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(LadderError)
  expect(error.code).toBe('BAD_ROW')
  expect(error.message.slice(0, message.length)).toBe(message)
}
