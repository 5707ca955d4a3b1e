/**
 * Reading what can be read of a damaged LMDB data file, without LMDB: pages that make no sense are
 * skipped and reported.
 *
 * @module
 */

import { closeSync, fstatSync } from 'node:fs'
import {
  BRANCH_PAGE,
  DATABASE_BYTES,
  type DatabaseRecord,
  LEAF_PAGE,
  type LeafNode,
  NO_PAGE,
  nodeCountOf,
  OVERFLOW_PAGE,
  PAGE_HEADER_BYTES,
  type PageFile,
  pageProblem,
  readBranchNode,
  readDatabase,
  readLeafNode,
  readNumber,
  readPage,
} from './page-layout.ts'
import { MAIN_AT, newestMetaOf, openForReading } from './preflight.ts'

/** A damaged data file. */
export interface DamagedFile {
  /** How many pairs each table is said to have, as far as its record can be read. */
  counts: ReadonlyMap<string, number>
  /** What could not be read, in words; grows with each walk. */
  problems: string[]
  /** Yields the pairs of a table that can be read. The bytes are copies. */
  pairs(table: string): Generator<{ key: Buffer; value: Buffer }>
  /** Yields the pairs on all leaves of the file, also on those that nothing leads to any more. */
  allPairs(): Generator<{ key: Buffer; value: Buffer; transaction: number }>
  close(): void
}

/** Opens a data file; returns in words what keeps it from being read at all. */
export function openDamagedFile(path: string): DamagedFile | string {
  const descriptor = openForReading(path)
  const meta = newestMetaOf(descriptor)
  if (typeof meta === 'string') {
    closeSync(descriptor)
    return meta
  }
  const { pageSize, lastPage, transaction } = meta
  const pageCount = Math.floor(fstatSync(descriptor).size / pageSize)
  const file = { descriptor, pageSize, pageCount, lastPage, transaction }
  const problems: string[] = []
  const walk = new SalvageWalk(file, problems)
  const tables = walk.tables(readDatabase(meta.bytes, MAIN_AT))
  return {
    counts: new Map([...tables].map(([name, { entries }]) => [name, entries])),
    problems,
    *pairs(table) {
      const record = tables.get(table)
      if (record !== undefined) yield* walk.pairs(`table "${table}"`, record)
    },
    allPairs: () => walk.allPairs(),
    close: () => closeSync(descriptor),
  }
}

class SalvageWalk {
  readonly #file: PageFile
  readonly #problems: string[]

  constructor(file: PageFile, problems: string[]) {
    this.#file = file
    this.#problems = problems
  }

  tables(main: DatabaseRecord): Map<string, DatabaseRecord> {
    const found = new Map<string, DatabaseRecord>()
    for (const { key, value } of this.pairs('the tree of databases', main)) {
      if (value.length === DATABASE_BYTES)
        found.set(key.toString().replace(/\0$/, ''), readDatabase(value, 0))
    }
    return found
  }

  *pairs(name: string, { root, depth }: DatabaseRecord): Generator<{ key: Buffer; value: Buffer }> {
    if (root === NO_PAGE) return
    const seen = new Set<number>()
    const waiting = [{ number: root, level: depth }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { number, level } = next
      const page = this.#read(name, next)
      if (page === undefined || seen.has(number)) continue
      seen.add(number)
      if (level <= 1) yield* this.#leaf(`page ${number} of ${name}`, page)
      else waiting.push(...this.#children(`page ${number} of ${name}`, { page, level }).reverse())
    }
  }

  *allPairs(): Generator<{ key: Buffer; value: Buffer; transaction: number }> {
    const page = Buffer.alloc(this.#file.pageSize)
    for (let number = 2; number < this.#file.pageCount; number++) {
      readPage(this.#file, number, page)
      if (pageProblem(page, { file: this.#file, number, flags: LEAF_PAGE }) !== undefined) continue
      const transaction = readNumber(page, 8)
      for (const pair of this.#leaf(undefined, page)) yield { ...pair, transaction }
    }
  }

  #read(name: string, { number, level }: { number: number; level: number }): Buffer | undefined {
    const page = Buffer.alloc(this.#file.pageSize)
    const isInFile = number >= 2 && number < this.#file.pageCount
    if (isInFile) readPage(this.#file, number, page)
    const flags = level <= 1 ? LEAF_PAGE : BRANCH_PAGE
    const problem = isInFile
      ? pageProblem(page, { file: this.#file, number, flags })
      : `the file has ${this.#file.pageCount}`
    if (problem === undefined) return page
    this.#problems.push(`page ${number} of ${name}: ${problem}`)
    return undefined
  }

  #children(
    place: string,
    { page, level }: { page: Buffer; level: number },
  ): { number: number; level: number }[] {
    const children: { number: number; level: number }[] = []
    for (let i = 0; i < nodeCountOf(page); i++) {
      const node = readBranchNode(page, i)
      if (typeof node === 'string') this.#problems.push(`${place}: ${node}`)
      else children.push({ number: node.child, level: level - 1 })
    }
    return children
  }

  // Without a place nothing is told: what nothing leads to need not make sense.
  *#leaf(place: string | undefined, page: Buffer): Generator<{ key: Buffer; value: Buffer }> {
    for (let i = 0; i < nodeCountOf(page); i++) {
      const node = readLeafNode(page, i)
      if (typeof node === 'string') {
        if (place !== undefined) this.#problems.push(`${place}: ${node}`)
        continue
      }
      const { key, dataAt, dataBytes } = node
      const value =
        node.bigPage === undefined
          ? Buffer.from(page.subarray(dataAt, dataAt + dataBytes))
          : this.#bigValue(place, node)
      if (value === undefined) continue
      yield { key: Buffer.from(page.subarray(key.at, key.at + key.bytes)), value }
    }
  }

  // A value with pages of its own. Without a place it may be of any commit, and is left out.
  #bigValue(
    place: string | undefined,
    { bigPage: first = NO_PAGE, bigPages, dataBytes }: LeafNode,
  ): Buffer | undefined {
    if (place === undefined) return undefined
    const { pageSize, pageCount } = this.#file
    const isInFile = first >= 2 && first + bigPages <= pageCount
    if (!isInFile || PAGE_HEADER_BYTES + dataBytes > bigPages * pageSize) {
      this.#problems.push(`${place}: a value lies outside of the file`)
      return undefined
    }
    const value = Buffer.alloc(bigPages * pageSize)
    for (let i = 0; i < bigPages; i++)
      readPage(this.#file, first + i, value.subarray(i * pageSize, (i + 1) * pageSize))
    const expected = { file: this.#file, number: first, flags: OVERFLOW_PAGE }
    const problem = pageProblem(value, expected)
    if (problem === undefined)
      return value.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + dataBytes)
    this.#problems.push(`${place}: page ${first} of a value: ${problem}`)
    return undefined
  }
}
