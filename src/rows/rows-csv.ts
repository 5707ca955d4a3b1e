/**
 * Reads rows of CSV, strictly to RFC 4180: a quote opens a field, closes it, or is doubled inside it.
 *
 * The first row names the columns, in any order. An empty field means "not given"; blank lines are passed
 * over. A bad header or a quote that is never closed ends the reading: what follows cannot be understood.
 *
 * csv-parse gets whole blocks and is not asked for lines, which would double its time. They are counted
 * here: a row has one more than its fields have line breaks. Only a block that it refuses is parsed once
 * more, up to the row in question.
 *
 * @module
 */

import { CsvError, type Options, parse } from 'csv-parse/sync'

import { type Row, type RowParser, RowProblem, type RowRules, rowColumns } from './rows.ts'
import { type Columns, columnsOf, nameInFile, rowOf } from './rows-columns.ts'
import { saidSeparator, separatorOf } from './rows-dialect.ts'
import { checkRowBytes, encodingOf, toText } from './rows-fields.ts'

const NOTHING: Buffer = Buffer.alloc(0)
const LINE_FEED = 0x0a
const QUOTE = 0x22
const STRAY_QUOTE =
  'has a quote inside a field: put the field in quotes and double the quotes in it'

/** Parses CSV. */
export class CsvParser implements RowParser {
  line = 1
  readonly #rules: RowRules
  #columns: Columns | undefined
  // What separates fields: as the caller says, or the first line.
  #separator: string | undefined
  // The beginning of a row whose quote was still open where the last block ended.
  #open: Buffer = NOTHING

  constructor(rules: RowRules) {
    this.#rules = rules
    this.#separator = rules.delimiter
  }

  *parse(block: Buffer): Generator<() => Row | undefined> {
    checkRowBytes(this.#open.length)
    let rest: Buffer = Buffer.concat([this.#open, block])
    const encoding = encodingOf(rest)
    this.#open = NOTHING
    if (this.#columns === undefined) rest = this.#withoutSeparatorLine(rest, encoding)
    while (rest.length > 0) {
      const { records, error } = recordsOf(rest, { encoding, delimiter: this.#separator ?? ',' })
      const firstLine = this.line
      for (const record of records) {
        const read = this.#reader(record, encoding)
        if (read !== undefined) yield read
        this.line += 1 + lineBreaksIn(record)
      }
      if (error === undefined) return
      const start = startOfLine(rest, this.line - firstLine)
      if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
        this.#open = rest.subarray(start)
        return
      }
      const end = endOfStrayQuote(rest, error)
      yield* this.#passOver(rest.subarray(start, end))
      rest = rest.subarray(end)
    }
  }

  end(): void {
    if (this.#open.length > 0) {
      throw new RowProblem(
        'a quote is never closed: close it, and double the quotes inside a field',
      )
    }
    if (this.#columns !== undefined) return
    throw new RowProblem(
      `the header is missing: begin with a line like ${rowColumns(this.#rules.shape).join(',')}`,
    )
  }

  // Takes note of the separator when the first line is there that has any text.
  #withoutSeparatorLine(bytes: Buffer, encoding: BufferEncoding): Buffer {
    let start = 0
    for (let i = 0; start < bytes.length; i++) {
      const end = bytes.indexOf(LINE_FEED, start) + 1
      const line = bytes.toString(encoding, start, end)
      const said = i === 0 && this.line === 1 ? saidSeparator(line) : undefined
      if (said !== undefined) {
        this.#separator = this.#rules.delimiter ?? said
        this.line++
        return bytes.subarray(end)
      }
      start = end
      if (/^[\s,;|]*$/.test(line)) continue
      const known = rowColumns(this.#rules.shape).map((column) => nameInFile(column, this.#rules))
      this.#separator ??= separatorOf(line, known)
      return bytes
    }
    return bytes
  }

  // Returns undefined for the header and for a blank line: a row has two fields at least.
  #reader(record: string[], encoding: BufferEncoding): (() => Row | undefined) | undefined {
    if (record.length === 1 && record[0] === '') return undefined
    const columns = this.#columns
    if (columns !== undefined)
      return () => rowOf(toTexts(record, encoding), { columns, line: this.line })
    if (record.every((field) => field.trim() === '')) return undefined
    const options = { rules: this.#rules, separator: this.#separator ?? ',' }
    this.#columns = columnsOf(toTexts(record, encoding), options)
    return undefined
  }

  // A stray quote takes the lines up to the next quote into its row, which helps to fix the file.
  *#passOver(lines: Buffer): Generator<() => never> {
    const count = lines.toString('latin1').split('\n').length - 1
    const extent = count === 1 ? '' : ` (the row was read up to line ${this.line + count - 1})`
    const problem = new RowProblem(STRAY_QUOTE + extent)
    if (this.#columns === undefined) throw problem
    yield () => {
      throw problem
    }
    this.line += count
  }
}

// Returns the rows up to the first bad quote, if there is one: csv-parse throws them away with its error.
// Blank lines and rows of another length than the first are the slow ones here, 20 µs each. A NUL behind
// a closing quote is let pass as part of the field.
function recordsOf(
  bytes: Buffer,
  dialect: { encoding: BufferEncoding; delimiter: string },
): { records: string[][]; error?: CsvError } {
  const options: Options = {
    ...dialect,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
  }
  try {
    return { records: parse(bytes, options) }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const to = Number(error.records)
    return { records: to === 0 ? [] : parse(bytes, { ...options, to }), error }
  }
}

function toTexts(record: string[], encoding: BufferEncoding): string[] {
  return encoding === 'utf8' ? record : record.map((field) => toText(field, encoding))
}

function lineBreaksIn(fields: readonly string[]): number {
  let count = 0
  for (const field of fields) {
    for (let i = field.indexOf('\n'); i !== -1; i = field.indexOf('\n', i + 1)) count++
  }
  return count
}

function startOfLine(bytes: Buffer, index: number): number {
  let start = 0
  for (let i = 0; i < index; i++) start = bytes.indexOf(LINE_FEED, start) + 1
  return start
}

// Where the line ends that has the stray quote. The error tells where its field begins.
function endOfStrayQuote(bytes: Buffer, error: CsvError): number {
  let quote = bytes.indexOf(QUOTE, Number(error.bytes))
  if (error.code === 'CSV_INVALID_CLOSING_QUOTE') {
    quote = bytes.indexOf(QUOTE, quote + 1)
    while (bytes[quote + 1] === QUOTE) quote = bytes.indexOf(QUOTE, quote + 2)
  }
  return bytes.indexOf(LINE_FEED, quote) + 1
}
