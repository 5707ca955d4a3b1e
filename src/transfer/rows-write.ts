/**
 * Writes entries as CSV or NDJSON text, as fast as the reader takes it.
 *
 * CSV opens with the header `playerId,score,name,at,metadata`. A field is put in quotes when it holds a
 * comma, a quote or a line break; rows end in LF. Numbers are the shortest text that reads back as the
 * same double. See rows.ts for the guard against formulas.
 *
 * Quoting is a function of our own: csv-stringify takes three times as long as all of this. The tests
 * compare the bytes.
 *
 * @module
 */

import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'

import { guard, ROW_COLUMNS, type RowFormat } from './rows.ts'

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

// As much as a file stream takes at once; a chunk is what the event loop waits for.
const CHUNK_CHARACTERS = 64 * 1024

const WRITERS = {
  csv: { head: `${ROW_COLUMNS.join(',')}\n`, lineOf: csvLine },
  ndjson: { head: '', lineOf: ndjsonLine },
}

/**
 * Returns a stream of the entries as text in UTF-8, in the order given.
 *
 * Takes entries only as the stream is read, some hundred kilobytes ahead. Destroying the stream ends their
 * iteration, so that a snapshot which it holds is released.
 *
 * @example
 * await pipeline(writeRows(board.entries(), { format: 'csv' }), createWriteStream('arena.csv'))
 */
export function writeRows(entries: Iterable<WritableEntry>, options: WriteRowsOptions): Readable {
  const chunks = chunksOf(entries, options.format)
  const text = Readable.from(chunks, { objectMode: false, highWaterMark: CHUNK_CHARACTERS })
  if (options.gzip !== true) return text
  // The callback is empty because an error also destroys the gzip stream, whose reader sees it.
  return pipeline(text, createGzip({ chunkSize: CHUNK_CHARACTERS }), () => {})
}

function* chunksOf(entries: Iterable<WritableEntry>, format: RowFormat): Generator<Buffer> {
  const { head, lineOf } = WRITERS[format]
  let text = head
  for (const entry of entries) {
    text += lineOf(entry)
    if (text.length < CHUNK_CHARACTERS) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

function csvLine(entry: WritableEntry): string {
  const playerId = csvField(guard(entry.playerId))
  const name = csvField(guard(entry.name))
  const metadata = entry.metadata === undefined ? '' : csvField(entry.metadata)
  return `${playerId},${entry.score},${name},${entry.at},${metadata}\n`
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function ndjsonLine(entry: WritableEntry): string {
  const playerId = JSON.stringify(entry.playerId)
  const name = JSON.stringify(entry.name)
  const metadata = entry.metadata === undefined ? '' : `,"metadata":${onOneLine(entry.metadata)}`
  return `{"playerId":${playerId},"score":${entry.score},"name":${name},"at":${entry.at}${metadata}}\n`
}

// A line break in JSON text is white space: inside a string it is always escaped.
function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, ' ')
}
