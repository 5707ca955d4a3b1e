/**
 * Reads and writes in terms of LMDB's calls.
 *
 * @module
 */

import { assert } from '../assert.ts'
import type { Transaction } from './commit-queue.ts'
import { Lender, type Visitor } from './lender.ts'
import type { Database, HeldTransaction, LmdbRange } from './lmdb-types.ts'
import type { Scans } from './scans.ts'
import type { Pair, Range, Reader } from './store.ts'

/** The open tables. */
export type Databases<Table extends string> = Record<Table, Database>

/** Reads on the shared snapshot, or on one that is held. */
export class LmdbReader<Table extends string> implements Reader<Table> {
  protected readonly scans: Scans
  readonly #databases: Databases<Table>
  readonly #transaction: HeldTransaction | undefined
  readonly #options: { transaction: HeldTransaction } | undefined
  generation: number

  constructor(
    parts: { databases: Databases<Table>; scans: Scans },
    generation: number,
    transaction?: HeldTransaction,
  ) {
    this.#databases = parts.databases
    this.scans = parts.scans
    this.generation = generation
    this.#transaction = transaction
    this.#options = transaction && { transaction }
  }

  get(table: Table, key: Uint8Array): Buffer | undefined {
    return this.#databases[table].getBinaryFast(key, this.#options)
  }

  keys(table: Table, range: Range): Iterable<Buffer> {
    return this.#databases[table].getKeys(this.#range(range))
  }

  pairs(table: Table, range: Range): Iterable<Pair> {
    return this.#databases[table].getRange(this.#range(range))
  }

  visit(table: Table, range: Range, visitor: Visitor): void {
    lenderOf(this.#databases[table]).visit(this.#range(range), visitor)
  }

  visitKeys(table: Table, range: Range, visitor: (key: Buffer) => void): void {
    lenderOf(this.#databases[table]).visitKeys(this.#range(range), visitor)
  }

  scan(table: Table, range: Range): Iterable<Pair> {
    return this.scans.guard(this.#databases[table].getRange(this.#range(range)))
  }

  count(table: Table, range: Range): number {
    return this.#databases[table].getKeysCount(this.#range(range))
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

const lenders = new WeakMap<Database, Lender>()

function lenderOf(database: Database): Lender {
  let lender = lenders.get(database)
  if (lender === undefined) {
    lender = new Lender(database)
    lenders.set(database, lender)
  }
  return lender
}

// Every table's keys are longer than this one byte, or it is their first key.
const FIRST = Buffer.from([0])

/** Reads on a snapshot that is held while the event loop goes on. */
export class HeldReader<Table extends string> extends LmdbReader<Table> {
  override get(table: Table, key: Uint8Array): Buffer | undefined {
    this.scans.assertRunning()
    return super.get(table, key)
  }

  override keys(table: Table, range: Range): Iterable<Buffer> {
    return this.scans.guard(super.keys(table, range))
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
  readonly #tables: Databases<Table>
  readonly #locals = new Map<object, unknown>()
  readonly #before: (() => void)[] = []
  readonly #after: (() => void)[] = []
  changes = 0

  constructor(parts: { databases: Databases<Table>; scans: Scans }, generation: number) {
    super(parts, generation)
    this.#tables = parts.databases
  }

  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#tables[table].put(key, value)
  }

  append(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#tables[table].put(key, value, { append: true })
  }

  remove(table: Table, key: Uint8Array): boolean {
    return this.#tables[table].removeSync(key)
  }

  willChange(): void {
    this.changes++
  }

  local<T>(owner: object, create: () => T): T {
    if (!this.#locals.has(owner)) this.#locals.set(owner, create())
    return this.#locals.get(owner) as T
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
    for (const action of this.#after) action()
  }
}
