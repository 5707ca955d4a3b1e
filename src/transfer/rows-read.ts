/**
 * Reads CSV or NDJSON, packed with gzip or not, into checked rows.
 *
 *     bytes ──unpack──> bytes ──cut after a line break──> blocks of whole lines ──parse──> rows
 *
 * Work goes block by block, because a promise for each row would cost more than its parsing; and a block
 * is decoded at once, so that a line without quotes is one split().
 *
 * A line is a physical one: it ends in LF, also inside a quoted field. A row is named by the line on which
 * it starts. A CR right before the LF that ends a row belongs to the line break; any other CR is text.
 *
 * CSV is read strictly to RFC 4180: a quote opens a field, closes it, or is doubled inside it. The parser
 * is our own: csv-parse takes twice as long as all of this for the fields alone and four times with line
 * numbers, counts CR LF inside a field as two lines, and turns bytes that are not UTF-8 into U+FFFD
 * without a word. The tests have csv-stringify write what this reads, and csv-parse read what we write.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { LadderError } from '../errors.ts'
import {
  type BadRow,
  type CsvColumns,
  columnsOf,
  hasLoneSurrogate,
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
  gzip?: boolean | undefined
  /** Takes a row that cannot be used, which is then left out. Default: it ends the reading. */
  onBadRow?: ((bad: BadRow) => void) | undefined
  /** Told how many bytes of the source were read so far, before unpacking, after each chunk. */
  onBytes?: ((count: number) => void) | undefined
}

/** Whole lines of the source, each with its line break. */
interface Block {
  text: string
  /** False where some bytes were not: lone surrogates, which decoding never yields, stand for them. */
  isUtf8: boolean
}

/** Makes rows of blocks. */
interface RowParser {
  /** The line on which the row that is being read starts. */
  readonly line: number
  /** Returns the rows of a block; may keep its last lines until the next one. */
  parse(block: Block): Row[]
  /** Throws if the source must not end here. */
  end(): void
}

/** A row of CSV, cut into fields. */
interface CsvRecord {
  fields: string[]
  /** Index after the line break that ends it. */
  end: number
  /** How many physical lines it has. */
  lineCount: number
  problem: string | undefined
}

const BATCH_ROWS_MAX = 1000

// What is decoded at once: the event loop waits for it. Larger chunks, say a whole file, are cut.
const PIECE_BYTES_MAX = 64 * 1024

// Bounds memory. A row with metadata has a few kilobytes; a longer one has lost its closing quote, or
// this is no text file.
const ROW_BYTES_MAX = 1024 * 1024

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

const DAMAGE = '\uDC00'
const FIELD_END = /[",\n]|\r\n/g
const STRAY_QUOTE = 'has a quote inside a field: put the field in quotes and double the quotes in it'
const NOT_UTF8 = 'is not UTF-8: save the file as UTF-8'

/**
 * Reads the rows of a source of bytes and yields them in order, in batches of 1 to 1,000.
 *
 * Blank lines are passed over. A row that cannot be used ends the reading or, given `onBadRow`, is
 * reported and left out. Where the rows that follow cannot be trusted either, the reading ends all the
 * same: a header without the columns needed or with unknown ones, a quote that is never closed, a row
 * longer than 1 MiB, gzip data that is damaged or cut short.
 *
 * Leaving the loop early closes the source. Errors of the source itself are passed on as they are.
 *
 * @throws {LadderError} `BAD_ROW`, with a message that opens with `Line 12: ` and says what is wrong and
 * what to do.
 * @example
 * for await (const rows of readRows(createReadStream('scores.csv'), { format: 'csv' })) {
 *   for (const { playerId, score } of rows) console.log(playerId, score)
 * }
 */
export async function* readRows(
  source: AsyncIterable<Uint8Array>,
  options: ReadRowsOptions,
): AsyncGenerator<Row[], void, undefined> {
  const Parser = options.format === 'csv' ? CsvParser : NdjsonParser
  const parser: RowParser = new Parser(options.onBadRow)
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

function atLine(line: number, error: unknown): unknown {
  if (error instanceof RowProblem) {
    const options = error.cause === undefined ? {} : { cause: error.cause }
    return new LadderError('BAD_ROW', `Line ${line}: ${error.message}`, options)
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
    const problem = `cannot unpack the gzip data: ${error.message}; get a whole copy of the file`
    return new LadderError('BAD_ROW', `Line ${line}: ${problem}`, { cause: error })
  }
  return error
}

async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  { gzip, onBytes }: ReadRowsOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const chunks = chunksOf(source, onBytes)
  const head = await headOf(chunks)
  const pieces = piecesOf(head, chunks)
  if (!(gzip ?? (head[0] === 0x1f && head[1] === 0x8b))) return yield* pieces
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES_MAX })
  // The callback is empty because an error also destroys `gunzip`, and whoever reads that sees it.
  yield* pipeline(Readable.from(pieces), gunzip, () => {})
}

async function* chunksOf(
  source: AsyncIterable<Uint8Array>,
  onBytes: ((count: number) => void) | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let count = 0
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError('Cannot read rows: the source yields text, expected bytes; set no encoding')
    }
    count += chunk.byteLength
    onBytes?.(count)
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
}

// Calls next() by hand, since leaving a loop would close the source.
async function headOf(chunks: AsyncGenerator<Buffer, void, undefined>): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* piecesOf(
  head: Buffer,
  chunks: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* cut(head)
    for await (const chunk of chunks) yield* cut(chunk)
  } finally {
    // The loop closes the source when it is left, but the reader may leave within the head.
    await chunks.return()
  }
}

function* cut(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start < chunk.length; start += PIECE_BYTES_MAX) {
    yield chunk.subarray(start, start + PIECE_BYTES_MAX)
  }
}

async function* blocksOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Block, void, undefined> {
  let rest = Buffer.alloc(0)
  let isFirst = true
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(LINE_FEED) + 1
    const bytes = Buffer.concat([rest, end === 0 ? piece : piece.subarray(0, end)])
    // A copy, because a source may use its buffer again for the next chunk.
    rest = end === 0 ? bytes : Buffer.from(piece.subarray(end))
    checkRowSize(rest.length)
    if (end === 0) continue
    yield decode(isFirst ? withoutMark(bytes) : bytes)
    isFirst = false
  }
  if (rest.length === 0) return
  const last = Buffer.concat([rest, Buffer.of(LINE_FEED)])
  yield decode(isFirst ? withoutMark(last) : last)
}

function checkRowSize(size: number): void {
  if (size <= ROW_BYTES_MAX) return
  throw new RowProblem('runs on for more than 1 MiB: close its quotes and end it with a line break')
}

function withoutMark(bytes: Buffer): Buffer {
  const mark = bytes.toString('hex', 0, 3)
  if (mark.startsWith('fffe') || mark.startsWith('feff')) {
    throw new RowProblem('is UTF-16: save the file as UTF-8')
  }
  return mark === 'efbbbf' ? bytes.subarray(3) : bytes
}

function decode(bytes: Buffer): Block {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), isUtf8: true }
  return { text: decodeDamaged(bytes), isUtf8: false }
}

// Line by line, so that a U+FFFD that is really in the file makes no other line look damaged.
function decodeDamaged(bytes: Buffer): string {
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

function reportOrThrow(error: unknown, line: number, onBadRow: ReadRowsOptions['onBadRow']): void {
  if (onBadRow === undefined || !(error instanceof RowProblem)) throw error
  onBadRow({ line, problem: error.message })
}

class NdjsonParser implements RowParser {
  line = 1
  readonly #onBadRow: ReadRowsOptions['onBadRow']

  constructor(onBadRow: ReadRowsOptions['onBadRow']) {
    this.#onBadRow = onBadRow
  }

  parse({ text, isUtf8 }: Block): Row[] {
    const rows: Row[] = []
    for (let start = 0; start < text.length; this.line++) {
      const end = text.indexOf('\n', start)
      const json = text.slice(start, end)
      start = end + 1
      if (json.trim() === '') continue
      try {
        if (!isUtf8 && hasLoneSurrogate(json)) throw new RowProblem(NOT_UTF8)
        rows.push(rowOfJson(json, this.line))
      } catch (error) {
        reportOrThrow(error, this.line, this.#onBadRow)
      }
    }
    return rows
  }

  end(): void {}
}

class CsvParser implements RowParser {
  line = 1
  readonly #onBadRow: ReadRowsOptions['onBadRow']
  #columns: CsvColumns | undefined
  // The start of a row whose quote was still open where the last block ended.
  #open: Block = { text: '', isUtf8: true }

  constructor(onBadRow: ReadRowsOptions['onBadRow']) {
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
      if (!isUtf8 && hasLoneSurrogate(text.slice(start, record.end))) record.problem = NOT_UTF8
      this.#take(record, rows)
      this.line += record.lineCount
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

  #take({ fields, problem, lineCount }: CsvRecord, rows: Row[]): void {
    // A blank line. No row is one, since it has two fields at least.
    if (fields.length === 1 && fields[0] === '') return
    const columns = this.#columns
    try {
      if (problem !== undefined) throw new RowProblem(problem + extent(this.line, lineCount))
      if (columns !== undefined) rows.push(rowOfFields(fields, columns, this.line))
      else this.#columns = columnsOf(fields)
    } catch (error) {
      // Without its header no row can be understood, so that problem cannot be left out.
      reportOrThrow(error, this.line, columns === undefined ? undefined : this.#onBadRow)
    }
  }
}

function plainRecord(text: string, start: number, lineEnd: number): CsvRecord {
  const end = text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd
  const fields = text.slice(start, end).split(',')
  return { fields, end: lineEnd + 1, lineCount: 1, problem: undefined }
}

// Answers undefined where a quote is still open at the end of the text, which is the end of a line.
function quotedRecord(text: string, start: number): CsvRecord | undefined {
  const fields: string[] = []
  for (let position = start; ; position++) {
    if (text[position] === '"') {
      const close = closingQuote(text, position)
      if (close === -1) return undefined
      fields.push(text.slice(position + 1, close).replaceAll('""', '"'))
      position = close + 1
    } else {
      const end = unquotedEnd(text, position)
      fields.push(text.slice(position, end))
      position = end
    }
    if (text[position] !== ',') return recordTo(text, start, position, fields)
  }
}

// Index of the quote that closes the field opened at `start`, or -1.
function closingQuote(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1)
  while (quote !== -1 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2)
  return quote
}

// Index of what ends a field without quotes. A quote does, too, and is then found not to be allowed.
function unquotedEnd(text: string, start: number): number {
  FIELD_END.lastIndex = start
  return FIELD_END.exec(text)?.index ?? text.length
}

// A row whose last field ends at `fieldsEnd`; if no line break follows, something is wrong with a quote,
// and the rest of the line is left out.
function recordTo(text: string, start: number, fieldsEnd: number, fields: string[]): CsvRecord {
  const lineEnd = text.indexOf('\n', fieldsEnd)
  const lineBreak = text.slice(fieldsEnd, lineEnd + 1)
  return {
    fields,
    end: lineEnd + 1,
    lineCount: text.slice(start, lineEnd + 1).split('\n').length - 1,
    problem: lineBreak === '\n' || lineBreak === '\r\n' ? undefined : STRAY_QUOTE,
  }
}

// A stray quote takes the lines up to the next quote into its row; whoever mends the file wants to know.
function extent(line: number, lineCount: number): string {
  return lineCount === 1 ? '' : ` (the row was read up to line ${line + lineCount - 1})`
}
