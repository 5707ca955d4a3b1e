/**
 * The log of a store that nobody has open, read page by page without LMDB: as far as it can be read.
 *
 * @module
 */

import { RecordReader } from '../embedded/log/records.ts'
import { seqOf } from '../format/log-key.ts'
import { COUNTERS_KEY, decodeCounters, logEndOf } from '../format/meta/counters.ts'
import { decodeHeader, HEADER_KEY } from '../format/meta/header.ts'
import { decodeLineage, LINEAGE_KEY } from '../format/meta/lineage.ts'
import type { Table } from '../format/tables.ts'
import { LadderError } from '../ground/errors.ts'
import { type DamagedFile, openDamagedFile } from '../store/datafile/salvage-walk.ts'
import type { Pair, Range, Reader } from '../store/store.ts'
import type { LogRecord } from '../words/index.ts'
import type { LogOrigin, LogSource } from './log-origin.ts'

/** Opens the log of a data file. */
export function openDamagedLog(path: string): LogSource {
  const file = openDamagedFile(path)
  if (typeof file === 'string')
    throw new LadderError(
      'CORRUPT',
      `Cannot read the log of ${path}: nothing of the store can be read, ${file}; name a file of log lines, or restore the backup alone`,
    )
  return new LogOfWreck(path, file)
}

class LogOfWreck implements LogSource {
  readonly what: string
  readonly origin: LogOrigin | undefined
  readonly isTorn = false
  readonly lastSeq: number | undefined
  readonly #file: DamagedFile
  readonly #meta: Reader<Table>
  readonly #problems = new Set<string>()

  constructor(path: string, file: DamagedFile) {
    this.what = `the log of ${path}`
    this.#file = file
    const pairs = [...file.pairs('meta')]
    this.#meta = readerOfPairs(pairs)
    const header = decodeHeader(this.#meta.get('meta', HEADER_KEY) ?? Buffer.alloc(0))
    const counters = decodeCounters(this.#meta.get('meta', COUNTERS_KEY) ?? Buffer.alloc(0))
    const lineage = this.#meta.get('meta', LINEAGE_KEY)
    this.origin = header && {
      storeId: header.storeId,
      lineageId: lineage && decodeLineage(lineage)?.lineageId,
    }
    this.lastSeq = counters && logEndOf(counters).seq
  }

  get problems(): readonly string[] {
    return [...new Set([...this.#file.problems, ...this.#problems])]
  }

  // What follows a record that cannot be read does not lead on from what is there.
  async *records(after: number): AsyncGenerator<LogRecord, void, undefined> {
    const records = new RecordReader(this.#meta)
    let last: number | undefined
    for (const pair of this.#file.pairs('log')) {
      const seq = seqOf(pair.key)
      if (seq === undefined || seq <= after) continue
      if (last !== undefined && seq !== last + 1) {
        this.#problems.add(`records ${last + 1} to ${seq - 1} of the log are missing`)
        return
      }
      const record = this.#read(records, seq, pair)
      if (record === undefined) return
      yield record
      last = seq
    }
    if (last !== undefined && this.lastSeq !== undefined && last < this.lastSeq)
      this.#problems.add(`records ${last + 1} to ${this.lastSeq} of the log are missing`)
  }

  #read(records: RecordReader, seq: number, pair: Pair): LogRecord | undefined {
    try {
      return records.read(seq, pair)
    } catch (error) {
      if (!(error instanceof LadderError)) throw error
      this.#problems.add(`record ${seq} of the log is damaged, or its board is not known`)
      return undefined
    }
  }

  async close(): Promise<void> {
    this.#file.close()
  }
}

// What is said of boards lies in one table, which is small.
function readerOfPairs(all: readonly Pair[]): Reader<Table> {
  const values = new Map(all.map(({ key, value }) => [key.toString('latin1'), value]))
  const pairs = (_table: Table, { start, end }: Range): Pair[] =>
    all.filter(
      ({ key }) =>
        (start === undefined || Buffer.compare(key, start) >= 0) &&
        (end === undefined || Buffer.compare(key, end) < 0),
    )
  return {
    generation: 0,
    has: (table) => table === 'meta',
    get: (_table, key) => values.get(Buffer.from(key).toString('latin1')),
    pairs,
    scan: pairs,
    keys: (table, range) => pairs(table, range).map(({ key }) => key),
    visit: (table, range, visitor) => {
      for (const { key, value } of pairs(table, range)) visitor(key, value)
    },
    visitKeys: (table, range, visitor) => {
      for (const { key } of pairs(table, range)) visitor(key)
    },
    count: (table, range) => pairs(table, range).length,
  }
}
