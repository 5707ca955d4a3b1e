/**
 * Writes entries as CSV, NDJSON or a JSON array, as fast as the reader takes it.
 *
 * CSV opens with the header `playerId,score,name,at,metadata`, where a score of several columns has its
 * columns in place of `score`. A field is put in quotes when it holds a
 * comma, a quote or a line break; rows end in LF. Numbers are the shortest text that reads back as the
 * same double. See formula-escape.ts for the guard against formulas.
 *
 * @module
 */

import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { stringify } from 'csv-stringify/sync'
import { writtenAt } from '../calls/times.ts'
import { plainShape, type ScoreShape } from '../format/score-shape.ts'
import { CHUNK_ENTRIES } from '../ground/limits.ts'
import type { Metadata, Score } from '../words/index.ts'
import { guard } from './formula-escape.ts'
import { type RowFormat, rowColumns } from './rows.ts'

/** What an export writes of an entry. */
export interface WritableEntry {
  playerId: string
  score: Score
  name: string
  /** Milliseconds since 1970 UTC. */
  at: number
  metadata?: Metadata | undefined
}

/** Entries that are there, or come later. */
export type WritableEntries = Iterable<WritableEntry> | AsyncIterable<WritableEntry>

/** Options of {@link writeRows}. */
export interface WriteRowsOptions {
  format: RowFormat
  /** What scores look like. Default: plain numbers. */
  shape?: ScoreShape | undefined
  /** A first line of NDJSON in front of the rows. Default: none. */
  firstLine?: string | undefined
  /** Begin with a byte order mark. Default false. */
  bom?: boolean | undefined
  /** Compress the text. Default false. */
  gzip?: boolean | undefined
}

// As much as a file stream takes at once.
const BUFFER_BYTES = 64 * 1024

const BYTE_ORDER_MARK = '\u{FEFF}'

/**
 * Returns a stream of the entries as text in UTF-8, in the order given.
 *
 * Takes entries only as the stream is read, some thousands ahead. Destroying the stream ends their
 * iteration, so that a snapshot which it holds is released.
 *
 * @example
 * await pipeline(writeRows(board.entries(), { format: 'csv' }), createWriteStream('arena.csv'))
 */
export function writeRows(entries: WritableEntries, options: WriteRowsOptions): Readable {
  const chunks = chunksOf(entries, options)
  const text = Readable.from(chunks, { objectMode: false, highWaterMark: BUFFER_BYTES })
  if (options.gzip !== true) return text
  // The callback is empty because an error also destroys the gzip stream, whose reader sees it.
  return pipeline(text, createGzip({ chunkSize: BUFFER_BYTES }), () => {})
}

// A chunk is what the event loop waits for.
async function* chunksOf(
  entries: WritableEntries,
  { format, shape = plainShape('descending'), bom = false, firstLine }: WriteRowsOptions,
): AsyncGenerator<Buffer> {
  if (bom) yield Buffer.from(BYTE_ORDER_MARK)
  if (format === 'csv') yield Buffer.from(stringify([rowColumns(shape)]))
  if (format === 'json') yield Buffer.from('[')
  if (format === 'ndjson' && firstLine !== undefined) yield Buffer.from(`${firstLine}\n`)
  let separator = '\n'
  const chunks = Symbol.asyncIterator in entries ? laterInChunks(entries) : inChunks(entries)
  for await (const chunk of chunks) {
    if (format === 'csv') yield Buffer.from(csvText(chunk, shape))
    else if (format === 'ndjson') yield Buffer.from(`${chunk.map(jsonText).join('\n')}\n`)
    else yield Buffer.from(separator + chunk.map(jsonText).join(',\n'))
    separator = ',\n'
  }
  if (format === 'json') yield Buffer.from('\n]\n')
}

function* inChunks(entries: Iterable<WritableEntry>): Generator<WritableEntry[]> {
  let chunk: WritableEntry[] = []
  for (const entry of entries) {
    if (chunk.push(entry) < CHUNK_ENTRIES) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

async function* laterInChunks(
  entries: AsyncIterable<WritableEntry>,
): AsyncGenerator<WritableEntry[]> {
  let chunk: WritableEntry[] = []
  for await (const entry of entries) {
    if (chunk.push(entry) < CHUNK_ENTRIES) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

function csvText(entries: WritableEntry[], shape: ScoreShape): string {
  const cells = entries.map(({ playerId, score, name, at, metadata }) => {
    const json = metadata === undefined ? undefined : JSON.stringify(metadata)
    return [guard(playerId), ...shape.cellsOf(score), guard(name), writtenAt(at), json]
  })
  return stringify(cells)
}

function jsonText({ playerId, score, name, at, metadata }: WritableEntry): string {
  const row = { playerId, score, name, at: writtenAt(at), metadata }
  return JSON.stringify(row, integersAsText)
}

// JSON numbers are read as doubles: what must stay exact is written as text.
function integersAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
