/**
 * Writes entries as CSV or NDJSON text, as fast as the reader takes it.
 *
 * CSV opens with the header `playerId,score,name,at,metadata`. A field is put in quotes when it holds a
 * comma, a quote or a line break; rows end in LF. Numbers are the shortest text that reads back as the
 * same double. See rows-guard.ts for the guard against formulas.
 *
 * @module
 */

import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { stringify } from 'csv-stringify/sync'

import { CHUNK_ENTRIES } from '../limits.ts'
import { ROW_COLUMNS, type RowFormat } from './rows.ts'
import { guard } from './rows-guard.ts'

/** What an export writes of an entry. */
export interface WritableEntry {
  playerId: string
  score: number
  name: string
  /** Milliseconds since 1970 UTC. */
  at: number
  /** JSON text of an object. */
  metadata?: string | undefined
}

/** Options of {@link writeRows}. */
export interface WriteRowsOptions {
  format: RowFormat
  /** Compress the text. Default false. */
  gzip?: boolean | undefined
}

// As much as a file stream takes at once.
const BUFFER_BYTES = 64 * 1024

const WRITERS = {
  csv: { head: stringify([ROW_COLUMNS]), textOf: csvText },
  ndjson: { head: '', textOf: ndjsonText },
}

/**
 * Returns a stream of the entries as text in UTF-8, in the order given.
 *
 * Takes entries only as the stream is read, some thousands ahead. Destroying the stream ends their
 * iteration, so that a snapshot which it holds is released.
 *
 * @example
 * await pipeline(writeRows(board.entries(), { format: 'csv' }), createWriteStream('arena.csv'))
 */
export function writeRows(entries: Iterable<WritableEntry>, options: WriteRowsOptions): Readable {
  const chunks = chunksOf(entries, options.format)
  const text = Readable.from(chunks, { objectMode: false, highWaterMark: BUFFER_BYTES })
  if (options.gzip !== true) return text
  // The callback is empty because an error also destroys the gzip stream, whose reader sees it.
  return pipeline(text, createGzip({ chunkSize: BUFFER_BYTES }), () => {})
}

// A chunk is what the event loop waits for.
function* chunksOf(entries: Iterable<WritableEntry>, format: RowFormat): Generator<Buffer> {
  const { head, textOf } = WRITERS[format]
  let chunk: WritableEntry[] = []
  if (head !== '') yield Buffer.from(head)
  for (const entry of entries) {
    if (chunk.push(entry) < CHUNK_ENTRIES) continue
    yield Buffer.from(textOf(chunk))
    chunk = []
  }
  if (chunk.length > 0) yield Buffer.from(textOf(chunk))
}

function csvText(entries: WritableEntry[]): string {
  const cells = entries.map(({ playerId, score, name, at, metadata }) => {
    return [guard(playerId), score, guard(name), at, metadata]
  })
  return stringify(cells)
}

function ndjsonText(entries: WritableEntry[]): string {
  return entries.map(ndjsonLine).join('')
}

function ndjsonLine({ playerId, score, name, at, metadata }: WritableEntry): string {
  const row = JSON.stringify({ playerId, score, name, at })
  if (metadata === undefined) return `${row}\n`
  // A line break in JSON text is white space: inside a string it is always escaped.
  return `${row.slice(0, -1)},"metadata":${metadata.replaceAll(/[\r\n]+/g, ' ')}}\n`
}
