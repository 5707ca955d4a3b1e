/**
 * What the first bytes of a file tell of how it is written: its encoding, its line ends, and in CSV what
 * separates its fields.
 *
 * @module
 */

import { type RowFormat, RowProblem } from './rows.ts'

const BYTE_ORDER_MARK = Buffer.from('\u{FEFF}')
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const QUOTE = 0x22
const BACKSLASH = 0x5c

// A first line may be a header with long names, not a book.
const OPENING_BYTES_MAX = 64 * 1024

const SEPARATORS = [',', ';', '\t', '|']

/** Yields the bytes of a file as UTF-8 text without a mark, whose lines end in LF. */
export async function* plainText(
  pieces: AsyncIterable<Buffer>,
  format: RowFormat,
): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0)
  let prepare: ((bytes: Buffer) => Buffer) | undefined
  for await (const piece of pieces) {
    if (prepare !== undefined) {
      yield prepare(piece)
      continue
    }
    head = Buffer.concat([head, piece])
    if (lineEndOf(head, format) === undefined && head.length < OPENING_BYTES_MAX) continue
    prepare = lineEndOf(head, format) === 'cr' ? withLineFeeds : asIs
    yield prepare(opened(head))
  }
  if (prepare !== undefined || head.length === 0) return
  yield lineEndOf(Buffer.concat([head, BYTE_ORDER_MARK]), format) === 'cr'
    ? withLineFeeds(opened(head))
    : opened(head)
}

/**
 * Returns what separates the fields of a header line: what makes most known columns of it, else what
 * makes most columns.
 */
export function separatorOf(header: string, known: readonly string[]): string {
  const names = new Set(known.map((name) => name.toLowerCase()))
  let best = { separator: ',', found: 0, count: 1 }
  for (const separator of SEPARATORS) {
    const fields = fieldsOf(header, separator)
    const found = fields.filter((field) => names.has(field.toLowerCase())).length
    const count = fields.length
    if (found > best.found || (found === best.found && count > best.count))
      best = { separator, found, count }
  }
  return best.separator
}

/** Returns what the first line of a file for Excel says: `sep=;`. */
export function saidSeparator(line: string): string | undefined {
  return /^"?sep=(.)"?\s*$/i.exec(line)?.[1]
}

/** Returns in words what separates fields. */
export function separatorInWords(separator: string): string {
  return separator === '\t' ? 'a tab' : `"${separator}"`
}

function opened(head: Buffer): Buffer {
  if (head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004')))
    throw new RowProblem('is a workbook or another ZIP file, no text: save it as CSV UTF-8')
  if (isUtf16(head))
    throw new RowProblem(
      'is not UTF-8 but UTF-16: save the file as CSV UTF-8, or convert it: iconv -f UTF-16 -t UTF-8',
    )
  return head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? head.subarray(3) : head
}

function isUtf16(head: Buffer): boolean {
  const mark = head.length >= 2 ? head.readUInt16BE() : 0
  if (mark === 0xfffe || mark === 0xfeff) return true
  // Without a mark every other byte of plain letters is 0.
  const start = head.subarray(0, 64)
  const zeros = start.filter((byte) => byte === 0).length
  return start.length >= 4 && zeros * 3 > start.length
}

// The end of the first line, undefined as long as it cannot be told. JSON has none inside its texts.
function lineEndOf(head: Buffer, format: RowFormat): 'lf' | 'cr' | undefined {
  let isQuoted = false
  for (let i = 0; i < head.length; i++) {
    const byte = head[i]
    if (byte === QUOTE && head[i - 1] !== BACKSLASH) isQuoted = !isQuoted
    if (isQuoted && format === 'csv') continue
    if (byte === LINE_FEED) return 'lf'
    if (byte !== CARRIAGE_RETURN) continue
    if (i + 1 === head.length) return undefined
    return head[i + 1] === LINE_FEED ? 'lf' : 'cr'
  }
  return undefined
}

function asIs(bytes: Buffer): Buffer {
  return bytes
}

function withLineFeeds(bytes: Buffer): Buffer {
  for (let i = bytes.indexOf(CARRIAGE_RETURN); i !== -1; i = bytes.indexOf(CARRIAGE_RETURN, i + 1))
    bytes[i] = LINE_FEED
  return bytes
}

function fieldsOf(line: string, separator: string): string[] {
  const fields = ['']
  let isQuoted = false
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted
    else if (character === separator && !isQuoted) fields.push('')
    else fields[fields.length - 1] += character
  }
  return fields.map((field) => field.trim())
}
