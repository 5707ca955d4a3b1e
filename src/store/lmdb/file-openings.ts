/**
 * The openings of one data file that a store works with.
 *
 * A process that writes has two. A transaction is filled over several turns of the event loop, and
 * LMDB's package shows it, half full, to every read through the same opening: so reads go through
 * another one. Beneath, LMDB has the file open once. Walls 1 and 2 of ../DESIGN.md.
 *
 * @module
 */

import type { Databases } from './lmdb-transaction.ts'
import type { Database, Environment } from './lmdb-types.ts'

/** A data file opened once, with its tables. */
export interface OpenFile<Table extends string> {
  root: Environment
  tables: Databases<Table>
}

/** What one or several stores of a process have open of a data file. */
export class FileOpenings<Table extends string> {
  readonly reading: OpenFile<Table>
  /** Undefined where it was opened for reading alone. */
  readonly writing: OpenFile<Table> | undefined
  /** Whether the record of a commit may be lost in a power cut. */
  readonly relaxed: boolean
  /** Called with each table that is opened for reading later. */
  readonly onTable: Set<(database: Database) => void> = new Set()
  readonly #openTable: (root: Environment, options: { name: string; create: boolean }) => Database
  readonly #names: readonly Table[]
  #users = 1
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    reading: OpenFile<Table>,
    options: {
      writing: OpenFile<Table> | undefined
      relaxed: boolean
      names: readonly Table[]
      openTable: (root: Environment, options: { name: string; create: boolean }) => Database
    },
  ) {
    this.reading = reading
    this.#names = options.names
    this.#openTable = options.openTable
    this.writing = options.writing
    this.relaxed = options.relaxed
  }

  /** Whether a store works with them. */
  get isInUse(): boolean {
    return this.#users > 0
  }

  /** Notes one more store. */
  share(): this {
    this.#users++
    return this
  }

  /**
   * Runs `transact` when those of other stores are over: LMDB's package would nest its transaction in
   * one that is being filled.
   */
  alone<T>(transact: () => Promise<T>): Promise<T> {
    const own = this.#last.then(transact)
    this.#last = own.catch(() => undefined)
    return own
  }

  /**
   * Opens the tables that are not open yet, in the transaction that is being filled, and makes those
   * that the file lacks. `tables` is what the transaction writes to.
   */
  makeTables(tables: Databases<Table>): void {
    const { root } = this.writing as OpenFile<Table>
    for (const name of this.#names) tables[name] ??= this.#openTable(root, { name, create: true })
  }

  /** Takes over the tables of a transaction that was committed. No other may be under way. */
  keepTables(tables: Databases<Table>): void {
    const { reading, writing } = this
    for (const name of this.#names) {
      if (writing === undefined || writing.tables[name] !== undefined) continue
      if (tables[name] === undefined) continue
      writing.tables[name] = tables[name]
      const database = this.#openTable(reading.root, { name, create: false })
      reading.tables[name] = database
      for (const notify of this.onTable) notify(database)
    }
  }

  /** Whether nothing is left to wait for. */
  get isClosed(): boolean {
    return this.isInUse || this.#roots().every((root) => root.status === 'closed')
  }

  /** Closes the file when the last store lets go of it. */
  async close(): Promise<void> {
    if (--this.#users > 0) return
    await Promise.all(this.#roots().map((root) => root.close()))
  }

  #roots(): Environment[] {
    const { reading, writing } = this
    return writing === undefined ? [reading.root] : [writing.root, reading.root]
  }
}
