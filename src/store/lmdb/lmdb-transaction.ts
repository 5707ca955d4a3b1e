/**
 * Reads and writes in terms of LMDB's calls.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Transaction } from '../commit-queue.ts'
import type { Scans } from '../scans.ts'
import type { Pair, Range, Reader, Writer } from '../store.ts'
import { afterCommit } from './after-commit.ts'
import { BorrowedReads, type Visitor } from './borrowed-reads.ts'
import { type Faults, NamedIterable } from './faults.ts'
import type { Database, HeldTransaction, LmdbRange } from './lmdb-types.ts'

/** The open tables. A file of an older version lacks the younger ones. */
export type Databases<Table extends string> = { [name in Table]?: Database }

/** Returns the tables that are open. */
export function databasesOf(databases: Databases<string>): Database[] {
  return Object.values(databases).filter((database) => database !== undefined)
}

/** What all readers and writers of a store have in common. */
export interface StoreParts<Table extends string> {
  /** The directory of the store. */
  path: string
  databases: Databases<Table>
  /** Whether the file has a table that is not open. */
  isInFile: (table: Table, options?: { transaction: HeldTransaction }) => boolean
  /** Makes the tables that the file lacks, inside of a transaction. */
  make: () => void
  scans: Scans
  faults: Faults
}

/** Reads on the shared snapshot, or on one that is held. */
export class LmdbReader<Table extends string> implements Reader<Table> {
  protected readonly scans: Scans
  readonly #parts: StoreParts<Table>
  readonly #databases: Databases<Table>
  readonly #transaction: HeldTransaction | undefined
  readonly #options: { transaction: HeldTransaction } | undefined
  generation: number

  constructor(parts: StoreParts<Table>, generation: number, transaction?: HeldTransaction) {
    this.#parts = parts
    this.#databases = parts.databases
    this.scans = parts.scans
    this.generation = generation
    this.#transaction = transaction
    this.#options = transaction && { transaction }
  }

  has(table: Table): boolean {
    return this.#databaseOf(table) !== undefined
  }

  get(table: Table, key: Uint8Array): Buffer | undefined {
    let value: Buffer | undefined
    try {
      value = this.#databaseOf(table)?.getBinaryFast(key, this.#options)
    } catch (error) {
      throw this.#named(error, table)
    }
    // Where a size is damaged, LMDB may answer something else than bytes.
    if (value !== undefined && typeof value.length !== 'number')
      throw this.#parts.faults.damaged(`read table "${table}"`, 'a value has an impossible size')
    return value
  }

  keys(table: Table, range: Range): Iterable<Buffer> {
    return this.#iterate(table, () => this.#databaseOf(table)?.getKeys(this.#range(range)) ?? [])
  }

  pairs(table: Table, range: Range): Iterable<Pair> {
    return this.#pairs(table, range)
  }

  visit(table: Table, range: Range, visitor: Visitor): void {
    try {
      const database = this.#databaseOf(table)
      if (database !== undefined) lenderOf(database).visit(this.#range(range), visitor)
    } catch (error) {
      throw this.#named(error, table)
    }
  }

  visitKeys(table: Table, range: Range, visitor: (key: Buffer) => void): void {
    try {
      const database = this.#databaseOf(table)
      if (database !== undefined) lenderOf(database).visitKeys(this.#range(range), visitor)
    } catch (error) {
      throw this.#named(error, table)
    }
  }

  scan(table: Table, range: Range): Iterable<Pair> {
    return this.scans.endable(this.#pairs(table, range))
  }

  count(table: Table, range: Range): number {
    try {
      return this.#databaseOf(table)?.getKeysCount(this.#range(range)) ?? 0
    } catch (error) {
      throw this.#named(error, table)
    }
  }

  #pairs(table: Table, range: Range): Iterable<Pair> {
    return this.#iterate(table, () => this.#databaseOf(table)?.getRange(this.#range(range)) ?? [])
  }

  // A table that the file lacks is empty. One that another process has just added must be opened first.
  #databaseOf(table: Table): Database | undefined {
    const database = this.#databases[table]
    if (database !== undefined || !this.#parts.isInFile(table, this.#options)) return database
    throw new LadderError(
      'BUSY',
      `Cannot read table "${table}": another process has upgraded the store since it was opened; open it again`,
    )
  }

  #iterate<T>(table: Table, open: () => Iterable<T>): Iterable<T> {
    try {
      return new NamedIterable(open(), (error) => this.#named(error, table))
    } catch (error) {
      throw this.#named(error, table)
    }
  }

  #named(error: unknown, table: Table): unknown {
    return this.#parts.faults.named(error, `read table "${table}"`)
  }

  // LMDB's reverse ranges start at the upper end, which they would include, and leave out the lower.
  #range(range: Range): LmdbRange {
    const { start = FIRST, end } = range
    const options: LmdbRange = { start }
    if (end !== undefined) options.end = end
    if (range.reverse === true) {
      assert(end !== undefined, 'a reverse range says where it starts')
      Object.assign(options, {
        reverse: true,
        start: end,
        end: start,
        exclusiveStart: true,
        inclusiveEnd: true,
      })
    }
    if (range.limit !== undefined) options.limit = range.limit
    if (range.offset !== undefined) options.offset = range.offset
    if (this.#transaction !== undefined) options.transaction = this.#transaction
    return options
  }
}

const lenders = new WeakMap<Database, BorrowedReads>()

function lenderOf(database: Database): BorrowedReads {
  let lender = lenders.get(database)
  if (lender === undefined) {
    lender = new BorrowedReads(database)
    lenders.set(database, lender)
  }
  return lender
}

const APPEND = { append: true } as const

// Every table's keys are longer than this one byte, or it is their first key.
const FIRST = Buffer.from([0])

/** Reads on a snapshot that is held while the event loop goes on. */
export class HeldReader<Table extends string> extends LmdbReader<Table> {
  override get(table: Table, key: Uint8Array): Buffer | undefined {
    this.scans.assertRunning()
    return super.get(table, key)
  }

  override keys(table: Table, range: Range): Iterable<Buffer> {
    return this.scans.endable(super.keys(table, range))
  }

  override pairs(table: Table, range: Range): Iterable<Pair> {
    return this.scan(table, range)
  }

  override visit(table: Table, range: Range, visitor: Visitor): void {
    this.scans.assertRunning()
    super.visit(table, range, visitor)
  }

  override visitKeys(table: Table, range: Range, visitor: (key: Buffer) => void): void {
    this.scans.assertRunning()
    super.visitKeys(table, range, visitor)
  }

  override count(table: Table, range: Range): number {
    this.scans.assertRunning()
    return super.count(table, range)
  }
}

/** Reads and writes inside a transaction. */
export class LmdbWriter<Table extends string>
  extends LmdbReader<Table>
  implements Transaction<Table>
{
  readonly #parts: StoreParts<Table>
  readonly #locals = new Map<object, unknown>()
  readonly #before: (() => void)[] = []
  readonly #after: (() => void)[] = []
  changes = 0

  constructor(parts: StoreParts<Table>, generation: number) {
    super(parts, generation)
    this.#parts = parts
  }

  addTables(): void {
    try {
      this.#parts.make()
    } catch (error) {
      throw this.#parts.faults.named(error, 'add tables')
    }
  }

  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, (database) => database.put(key, value))
  }

  append(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, (database) => database.put(key, value, APPEND))
  }

  remove(table: Table, key: Uint8Array): boolean {
    return this.#change(table, (database) => database.removeSync(key))
  }

  #change<T>(table: Table, change: (database: Database) => T): T {
    try {
      const database = this.#parts.databases[table]
      assert(database !== undefined, 'a table is added before it is written to')
      return change(database)
    } catch (error) {
      throw this.#parts.faults.named(error, `write to table "${table}"`)
    }
  }

  willChange(): void {
    this.changes++
  }

  local<T extends object>(owner: object, create: (writer: Writer<Table>) => T): T {
    const known = this.#locals.get(owner)
    if (known !== undefined) return known as T
    const made = create(this)
    this.#locals.set(owner, made)
    return made
  }

  beforeCommit(action: () => void): void {
    this.#before.push(action)
  }

  afterCommit(action: () => void): void {
    this.#after.push(action)
  }

  finish(): void {
    for (const action of this.#before) action()
  }

  published(): void {
    for (const action of this.#after) afterCommit(this.#parts.path, action)
  }
}
