/**
 * Reads CSV or NDJSON, packed with gzip or not, into checked rows.
 *
 *     bytes ──unpack──> bytes ──cut after a line break──> blocks of whole lines ──parse──> rows
 *
 * Work goes block by block, because a promise for each row would cost more than its parsing.
 *
 * @module
 */

import { once } from 'node:events'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { plainShape, type ScoreShape } from '../format/score-shape.ts'
import { LadderError } from '../ground/errors.ts'
import type { BadRow } from '../words/index.ts'
import { type Row, type RowFormat, type RowParser, RowProblem, type RowRules } from './rows.ts'
import { CsvParser } from './rows-csv.ts'
import { plainText } from './rows-dialect.ts'
import { checkRowBytes, kindOf } from './rows-fields.ts'
import { JsonParser } from './rows-json.ts'
import { NdjsonParser } from './rows-ndjson.ts'
import { type RowRuleOptions, rulesOf } from './rows-rules.ts'

/** Options of {@link readRows}. */
export interface ReadRowsOptions {
  format: RowFormat
  /** What scores look like. Default: plain numbers. */
  shape?: ScoreShape | undefined
  /** How the rows are written. Default: as exports write them. */
  rules?: RowRuleOptions | undefined
  /** Whether the source is packed with gzip. Default: what its first byte says. */
  gzip?: boolean | undefined
  /** Told the line and problem of a row that is then left out. Default: such a row ends the reading. */
  onBadRow?: ((bad: BadRow) => void) | undefined
  /** Told how many bytes of the source were read so far, before unpacking, after each chunk. */
  onBytes?: ((count: number) => void) | undefined
}

// What is parsed at once: the event loop waits for it. Larger chunks, say a whole file, are cut.
const PIECE_BYTES_MAX = 64 * 1024

// The first byte of gzip data, and of no row.
const GZIP_MARK = 0x1f

const EMPTY: Buffer = Buffer.alloc(0)
const SPACE = 0x20
const BRACKET_OPEN = 0x5b

/**
 * Reads the rows of a source of bytes and yields them in order, some hundreds or thousands at a time.
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
  source: AsyncIterable<Uint8Array | string>,
  options: ReadRowsOptions,
): AsyncGenerator<Row[], void, undefined> {
  const { format, shape = plainShape('descending') } = options
  const rules = rulesOf(options.rules ?? {}, shape)
  let parser: RowParser | undefined
  try {
    const text = plainText(await unpacked(source, options), format)
    for await (const block of blocksOf(text, format)) {
      parser ??= parserOf(block, { format, rules })
      const rows = rowsOf(block, { ...options, parser })
      if (rows.length > 0) yield rows
    }
    parser ??= parserOf(EMPTY, { format, rules })
    parser.end()
  } catch (error) {
    throw atLine(parser?.line ?? 1, error)
  }
}

function parserOf(start: Buffer, file: { format: RowFormat; rules: RowRules }): RowParser {
  if (isScanned(start, file.format)) return new JsonParser(file.rules)
  return file.format === 'csv' ? new CsvParser(file.rules) : new NdjsonParser(file.rules)
}

// An array has no lines that mean anything. People call such a file ndjson too, so its first character
// decides.
function isScanned(start: Buffer, format: RowFormat): boolean {
  if (format !== 'ndjson') return format === 'json'
  return start.find((byte) => byte > SPACE) === BRACKET_OPEN
}

function rowsOf(
  block: Buffer,
  { parser, onBadRow }: ReadRowsOptions & { parser: RowParser },
): Row[] {
  const rows: Row[] = []
  for (const read of parser.parse(block)) {
    try {
      const row = read()
      if (row !== undefined) rows.push(row)
    } catch (error) {
      if (onBadRow === undefined || !(error instanceof RowProblem)) throw error
      onBadRow({ line: parser.line, column: error.column, problem: error.message })
    }
  }
  return rows
}

function atLine(line: number, error: unknown): unknown {
  if (error instanceof RowProblem) {
    return new LadderError('BAD_ROW', `Line ${line}: ${error.message}`, { cause: error })
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
    const problem = `cannot unpack the gzip data: ${error.message}; get a whole copy of the file`
    return new LadderError('BAD_ROW', `Line ${line}: ${problem}`, { cause: error })
  }
  return error
}

async function unpacked(
  source: AsyncIterable<Uint8Array | string>,
  options: ReadRowsOptions,
): Promise<Readable> {
  const pieces = Readable.from(piecesOf(source, options))
  await once(pieces, 'readable')
  const first: Buffer | null = pieces.read()
  if (first !== null) pieces.unshift(first)
  if (!(options.gzip ?? first?.[0] === GZIP_MARK)) return pieces
  // The callback is empty because an error also destroys the gzip stream, whose reader sees it.
  return pipeline(pieces, createGunzip({ chunkSize: PIECE_BYTES_MAX }), () => {})
}

async function* piecesOf(
  source: AsyncIterable<Uint8Array | string>,
  { onBytes }: ReadRowsOptions,
): AsyncGenerator<Buffer> {
  let count = 0
  for await (const given of source) {
    // Streams of text are usual where the rows are made by a program.
    const chunk: unknown = typeof given === 'string' ? Buffer.from(given) : given
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot read rows: the source yields ${kindOf(chunk)}, expected bytes or text of a file`,
      )
    }
    count += chunk.length
    onBytes?.(count)
    for (let start = 0; start < chunk.length; start += PIECE_BYTES_MAX) {
      // A copy, because a source may use its memory again for the next chunk.
      yield Buffer.from(chunk.subarray(start, start + PIECE_BYTES_MAX))
    }
  }
}

// Blocks of whole lines; for what is scanned, pieces as they come.
async function* blocksOf(pieces: AsyncIterable<Buffer>, format: RowFormat): AsyncGenerator<Buffer> {
  let rest = EMPTY
  let isCut: boolean | undefined
  for await (const piece of pieces) {
    isCut ??= !isScanned(piece, format)
    if (!isCut) {
      yield piece
      continue
    }
    rest = Buffer.concat([rest, piece])
    const end = rest.lastIndexOf('\n') + 1
    if (end > 0) yield rest.subarray(0, end)
    rest = rest.subarray(end)
    checkRowBytes(rest.length)
  }
  if (rest.length > 0) yield Buffer.concat([rest, Buffer.from('\n')])
}
