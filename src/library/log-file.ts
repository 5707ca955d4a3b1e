/**
 * A log as lines in a file, as `ladderdb log --follow --json` writes them.
 *
 *     {…,"storeId":"…","lineageId":"…"}      of which history the lines are that follow; null: never restored
 *     {"seq":17,"at":…,"kind":"submit",…}    a record, as `Leaderboards.log` answers it
 *
 * Who follows a log may begin again at a place that the file has already: records come twice then. A process
 * that is killed leaves a line in part; if another went on behind it, that line has nothing that is missing.
 *
 * @module
 */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseJson } from '../calls/json.ts'
import { fileError } from '../ground/system-errors.ts'
import type { LogRecord } from '../words/index.ts'
import { isSameOrigin, type LogOrigin, type LogSource, otherOrigin } from './log-origin.ts'

/** The log in a file. */
export class LogFile implements LogSource {
  readonly what: string
  readonly problems: readonly string[] = []
  readonly #path: string
  readonly #expected: LogOrigin
  #origin: LogOrigin | undefined
  #isTorn = false
  #newest: number | undefined

  constructor(path: string, expected: LogOrigin) {
    this.what = `the log ${path}`
    this.#path = path
    this.#expected = expected
  }

  get origin(): LogOrigin | undefined {
    return this.#origin
  }

  get lastSeq(): number | undefined {
    return this.#newest
  }

  get isTorn(): boolean {
    return this.#isTorn
  }

  async *records(after: number): AsyncGenerator<LogRecord, void, undefined> {
    const input = createReadStream(this.#path)
    let last = after
    let number = 0
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        number++
        const found = line.trim() === '' ? undefined : this.#read(line)
        this.#isTorn = found === 'torn'
        if (found === undefined || found === 'torn') continue
        this.#newest = Math.max(this.#newest ?? 0, found.seq)
        if (found.seq <= last) continue
        yield found
        last = found.seq
      }
    } catch (error) {
      throw fileError(`Cannot read line ${number + 1} of ${this.#path}`, error)
    } finally {
      input.destroy()
    }
  }

  #read(line: string): LogRecord | 'torn' | undefined {
    const value = objectIn(line)
    if (value === undefined) return 'torn'
    if (isRecord(value)) return value as unknown as LogRecord
    if (typeof value['storeId'] !== 'string') return 'torn'
    const { storeId, lineageId } = value
    this.#origin = { storeId, lineageId: typeof lineageId === 'string' ? lineageId : undefined }
    if (isSameOrigin(this.#origin, this.#expected)) return undefined
    throw otherOrigin(this.what, this.#origin, this.#expected)
  }

  async close(): Promise<void> {}
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseJson(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

function isRecord({ seq, at, kind, commit }: Readonly<Record<string, unknown>>): boolean {
  const isPlaced = Number.isSafeInteger(seq) && Number.isSafeInteger(commit)
  return isPlaced && typeof at === 'number' && typeof kind === 'string'
}
