/**
 * Reads CSV or NDJSON, packed with gzip or not, into checked rows.
 *
 *     bytes ──unpack──> bytes ──cut after line breaks──> blocks of whole lines ──parse──> rows
 *
 * Work is done a block at a time, never a row at a time, because a promise for each row would cost more
 * than its parsing; and a block is decoded at once, so that a line without quotes is one split().
 *
 * Lines are physical ones: whatever ends in LF, also inside a quoted field. A row is named by the line on
 * which it starts. CR before the LF that ends a row belongs to the line end; any other CR is text.
 *
 * CSV is read to RFC 4180, strictly: a quote opens a field or is doubled inside one. The parser is our
 * own because csv-parse takes three times as long, counts CR LF in a field as two lines, and takes bytes
 * that are not UTF-8 for text; the tests compare it with csv-parse.
 *
 * @module
 */

import { isAscii, isUtf8 } from 'node:buffer'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { LadderError } from '../errors.ts'
import {
  type BadRow,
  type CsvColumns,
  checkEncoding,
  columnsOf,
  ROW_COLUMNS,
  type Row,
  type RowFormat,
  RowProblem,
  rowOfFields,
  rowOfJson,
} from './rows.ts'

/** Options of {@link readRows}. */
export interface ReadRowsOptions {
  format: RowFormat
  /** Whether the source is packed with gzip. Default: what its first two bytes say. */
  gzip?: boolean
  /** Called for a row that cannot be used, which is then left out. Default: the reading ends with an error. */
  onBadRow?: (bad: BadRow) => void
  /** Called after each chunk with the number of bytes read from the source so far, before unpacking. */
  onBytes?: (count: number) => void
}

/** Whole lines of the source, each with its line break. */
interface Block {
  text: string
  /** False where bytes were not UTF-8: a lone surrogate, which decoding never yields, stands for them. */
  isUtf8: boolean
}

interface RowParser {
  /** The line of the row that is being read. */
  readonly line: number
  /** Returns the rows of the block; may keep the last lines until the next one. */
  parse(block: Block): Row[]
  /** Throws if the source must not end here. */
  end(): void
}

type BadRowHandler = ((bad: BadRow) => void) | undefined

const BATCH_ROWS_MAX = 1000

// What one step of the event loop decodes: larger chunks, as from a file in memory, are cut.
const PIECE_BYTES_MAX = 64 * 1024

// Metadata is a few kilobytes, so a longer row is not ours, or its quote is never closed. It bounds memory.
const ROW_BYTES_MAX = 1024 * 1024

const LINE_FEED = 10
const DAMAGE = '\uDC00'

/**
 * Reads rows from a source of bytes and yields them in order, in batches of 1 to 1,000.
 *
 * Blank lines are passed over. A row that cannot be used ends the reading, or is reported and left out
 * where there is an `onBadRow`. Some things end it all the same, because nothing after them can be trusted:
 * a header without the columns needed, or with unknown ones; a quote that is never closed; a row longer
 * than 1 MiB; gzip data that is damaged or cut short.
 *
 * Leaving the loop early closes the source. Errors of the source itself are passed on as they are.
 *
 * @throws {LadderError} `BAD_ROW`, with a message that opens with `Line 12: `, says what is wrong and what
 * to do.
 * @example
 * for await (const rows of readRows(createReadStream('scores.csv'), { format: 'csv' })) {
 *   await board.submitMany(rows)
 * }
 */
export async function* readRows(
  source: AsyncIterable<Uint8Array>,
  options: ReadRowsOptions,
): AsyncGenerator<Row[], void, undefined> {
  const parser = parserOf(options)
  try {
    for await (const block of blocksOf(unpacked(source, options))) {
      const rows = parser.parse(block)
      for (let first = 0; first < rows.length; first += BATCH_ROWS_MAX) {
        yield rows.slice(first, first + BATCH_ROWS_MAX)
      }
    }
    parser.end()
  } catch (error) {
    throw atLine(parser.line, error)
  }
}

function parserOf(options: ReadRowsOptions): RowParser {
  switch (options.format) {
    case 'csv':
      return new CsvParser(options.onBadRow)
    case 'ndjson':
      return new NdjsonParser(options.onBadRow)
    default:
      throw new TypeError(`Cannot read rows: format is ${options.format}, expected csv or ndjson`)
  }
}

function atLine(line: number, error: unknown): unknown {
  if (error instanceof RowProblem) {
    return new LadderError('BAD_ROW', `Line ${line}: ${error.message}`, { cause: error.cause })
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
    const problem = `cannot unpack the gzip data: ${error.message}; get a whole copy of the file`
    return new LadderError('BAD_ROW', `Line ${line}: ${problem}`, { cause: error })
  }
  return error
}

// ---- bytes to blocks -----------------------------------------------------------------------------

async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  options: ReadRowsOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const chunks = counted(source, options.onBytes)
  const head = await headOf(chunks)
  if (options.gzip ?? (head[0] === 0x1f && head[1] === 0x8b)) {
    const packed = Readable.from(joined(head, chunks))
    // The callback is empty because an error also destroys the last stream, which is the one we read.
    yield* pipeline(packed, createGunzip({ chunkSize: PIECE_BYTES_MAX }), () => {})
  } else {
    yield* joined(head, chunks)
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onBytes: ((count: number) => void) | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let count = 0
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError('Cannot read rows: the source yields text, expected bytes (set no encoding)')
    }
    count += chunk.byteLength
    onBytes?.(count)
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
}

// Calls next() by hand, since leaving a for-await loop would close the source.
async function headOf(chunks: AsyncGenerator<Buffer, void, undefined>): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* joined(
  head: Buffer,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* piecesOf(head)
  for await (const chunk of chunks) yield* piecesOf(chunk)
}

function* piecesOf(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start < chunk.length; start += PIECE_BYTES_MAX) {
    yield chunk.subarray(start, start + PIECE_BYTES_MAX)
  }
}

async function* blocksOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Block, void, undefined> {
  let rest = Buffer.alloc(0)
  let isFirst = true
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(LINE_FEED) + 1
    const lines = Buffer.concat([rest, piece.subarray(0, end)])
    // Always a copy: a source may use its buffer again for the next chunk.
    rest = end === 0 ? Buffer.concat([lines, piece]) : Buffer.from(piece.subarray(end))
    checkRowSize(rest.length)
    if (end === 0) continue
    yield blockOf(isFirst ? withoutMark(lines) : lines)
    isFirst = false
  }
  if (rest.length === 0) return
  const last = Buffer.concat([rest, Buffer.of(LINE_FEED)])
  yield blockOf(isFirst ? withoutMark(last) : last)
}

function checkRowSize(size: number): void {
  if (size <= ROW_BYTES_MAX) return
  throw new RowProblem('runs on for more than 1 MiB: end the row with a line break, and close its quotes')
}

function withoutMark(bytes: Buffer): Buffer {
  const mark = bytes.toString('latin1', 0, 3)
  if (mark.startsWith('\xff\xfe') || mark.startsWith('\xfe\xff')) {
    throw new RowProblem('the file is UTF-16: save it as UTF-8')
  }
  return mark === '\xef\xbb\xbf' ? bytes.subarray(3) : bytes
}

function blockOf(bytes: Buffer): Block {
  if (isAscii(bytes)) return { text: bytes.latin1Slice(), isUtf8: true }
  if (isUtf8(bytes)) return { text: bytes.utf8Slice(), isUtf8: true }
  return { text: damagedText(bytes), isUtf8: false }
}

// Only lines with such bytes are marked, so that U+FFFD is kept in the others.
function damagedText(bytes: Buffer): string {
  let text = ''
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start) + 1
    const line = bytes.subarray(start, end)
    const lineText = line.toString('utf8')
    text += isUtf8(line) ? lineText : lineText.replaceAll('\uFFFD', DAMAGE)
    start = end
  }
  return text
}

// ---- CSV -----------------------------------------------------------------------------------------

/** A row of CSV, cut into fields. */
interface CsvRecord {
  fields: string[]
  /** Index after the line break that ends it. */
  end: number
  /** Physical lines of it. */
  lines: number
  problem: string | undefined
}

class CsvParser implements RowParser {
  line = 1
  readonly #onBadRow: BadRowHandler
  #columns: CsvColumns | undefined
  /** The start of a row whose quote was still open where the last block ended. */
  #open: Block = { text: '', isUtf8: true }

  constructor(onBadRow: BadRowHandler) {
    this.#onBadRow = onBadRow
  }

  parse(block: Block): Row[] {
    const text = this.#open.text + block.text
    const isUtf8 = this.#open.isUtf8 && block.isUtf8
    const rows: Row[] = []
    let start = 0
    let quote = text.indexOf('"')
    while (start < text.length) {
      const lineEnd = text.indexOf('\n', start)
      if (quote !== -1 && quote < start) quote = text.indexOf('"', start)
      const isPlain = quote === -1 || quote > lineEnd
      const record = isPlain ? plainRecord(text, start, lineEnd) : quotedRecord(text, start)
      if (record === undefined) break
      if (!isUtf8) markDamage(record, text.slice(start, record.end))
      this.#take(record, rows)
      this.line += record.lines
      start = record.end
    }
    this.#open = { text: text.slice(start), isUtf8 }
    checkRowSize(this.#open.text.length)
    return rows
  }

  end(): void {
    if (this.#open.text !== '') {
      throw new RowProblem('a quote is never closed: close it, and double the quotes inside a field')
    }
    if (this.#columns !== undefined) return
    this.line = 1
    throw new RowProblem(`the header is missing: begin with a line like ${ROW_COLUMNS.join(',')}`)
  }

  #take(record: CsvRecord, rows: Row[]): void {
    const { fields, problem } = record
    if (isBlank) return
    try {
      if (problem !== undefined) throw new RowProblem(problem)
      if (this.#columns === undefined) this.#columns = columnsOf(fields)
      else rows.push(rowOfFields(fields, this.#columns, this.line))
    } catch (error) {
      // Without its header no row can be understood, so that problem cannot be skipped.
      reportOrThrow(error, this.line, this.#columns === undefined ? undefined : this.#onBadRow)
    }
  }
}
