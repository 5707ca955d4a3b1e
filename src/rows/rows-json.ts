/**
 * Reads rows of a JSON array, `[ {…}, {…} ]`, whatever lines it is written on; or of objects one after
 * the other.
 *
 * The bytes are scanned for where an object begins and ends, so that memory holds one object and not the
 * array; each is parsed by itself. Between objects the state says what may come next:
 *
 *     opening ── [ ──> item ── { … } ──> after ── , ──> item        after ── ] ──> closed
 *        └─────── { ──> loose objects: the same without brackets, commas left out or not
 *
 * @module
 */

import { type Row, type RowParser, RowProblem, type RowRules } from './rows.ts'
import { checkRowBytes, encodingOf, excerpt, toText } from './rows-fields.ts'
import { ObjectReader } from './rows-objects.ts'

const NOTHING: Buffer = Buffer.alloc(0)
const LINE_FEED = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET_OPEN = 0x5b
const BACKSLASH = 0x5c
const BRACKET_CLOSE = 0x5d
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d

type State = 'opening' | 'item' | 'after' | 'loose' | 'closed'

/** Parses a JSON array of objects. */
export class JsonParser implements RowParser {
  /** The line on which the object that is being read starts. */
  line = 1
  readonly #objects: ObjectReader
  #state: State = 'opening'
  // The object that is open: its bytes so far, and where in it the scan is.
  #open: Buffer = NOTHING
  #depth = 0
  #isText = false
  #isEscaped = false
  #lineOfScan = 1

  constructor(rules: RowRules) {
    this.#objects = new ObjectReader(rules)
  }

  *parse(block: Buffer): Generator<() => Row | undefined> {
    let i = 0
    while (i < block.length) {
      if (this.#depth === 0) {
        const isObject = this.#step(block[i] as number, block.subarray(i))
        if (!isObject) {
          i++
          continue
        }
        this.line = this.#lineOfScan
      }
      const end = this.#endOfObject(block, i)
      const part = block.subarray(i, end)
      const bytes = this.#open.length === 0 ? part : Buffer.concat([this.#open, part])
      if (this.#depth > 0) {
        checkRowBytes(bytes.length)
        this.#open = Buffer.from(bytes)
        return
      }
      this.#open = NOTHING
      this.#state = this.#state === 'loose' ? 'loose' : 'after'
      const encoding = encodingOf(bytes)
      const json = bytes.toString(encoding)
      yield () => this.#objects.rowOf(toText(json, encoding), this.line)
      i = end
    }
  }

  end(): void {
    if (this.#depth > 0)
      throw new RowProblem('an object is never closed: the file is cut short, get a whole copy')
    if (this.#state === 'item' || this.#state === 'after')
      throw new RowProblem('the array is never closed: the file is cut short, get a whole copy')
  }

  // Takes a byte between objects; returns whether an object begins there.
  #step(byte: number, rest: Buffer): boolean {
    if (byte === LINE_FEED) this.#lineOfScan++
    if (byte <= 0x20) return false
    this.line = this.#lineOfScan
    const mayBegin = this.#state !== 'after' && this.#state !== 'closed'
    if (byte === BRACE_OPEN && mayBegin) {
      if (this.#state === 'opening') this.#state = 'loose'
      return true
    }
    const next = nextState(this.#state, byte)
    if (next === undefined) throw unexpected(this.#state, rest)
    this.#state = next
    return false
  }

  // Returns the index behind the end of the object that begins or goes on at `start`.
  #endOfObject(block: Buffer, start: number): number {
    for (let i = start; i < block.length; i++) {
      const byte = block[i]
      if (byte === LINE_FEED) this.#lineOfScan++
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === BACKSLASH) this.#isEscaped = true
        else if (byte === QUOTE) this.#isText = false
      } else if (byte === QUOTE) this.#isText = true
      else if (byte === BRACE_OPEN) this.#depth++
      else if (byte === BRACE_CLOSE && --this.#depth === 0) return i + 1
    }
    return block.length
  }
}

function nextState(state: State, byte: number): State | undefined {
  if (state === 'opening' && byte === BRACKET_OPEN) return 'item'
  if (state === 'after' && byte === COMMA) return 'item'
  if (state === 'loose' && byte === COMMA) return 'loose'
  if ((state === 'after' || state === 'item') && byte === BRACKET_CLOSE) return 'closed'
  return undefined
}

function unexpected(state: State, rest: Buffer): RowProblem {
  const text = excerpt(rest.subarray(0, 20).toString('latin1').trim())
  if (state === 'closed')
    return new RowProblem(`${text} follows the end of the array: write one array a file`)
  if (state === 'after')
    return new RowProblem(`${text} follows an object: write a comma, or ] at the end`)
  const where = state === 'opening' ? 'the file begins with' : 'the array holds'
  return new RowProblem(`${where} ${text}: write objects like {"playerId":"ann","score":1500}`)
}
