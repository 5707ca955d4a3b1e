/**
 * Walking everything in a store and saying all that is wrong with it.
 *
 * Per board, beside the invariants of the rank tree (rank/check-tree.ts):
 * (1) Every entry has a sound value, and a player record that leads back to it with the same name.
 * (2) Every player record is sound, and leads to an entry.
 * And for the store: every page of the data file (store/page-walk.ts), the header, the clock, the catalog, and no key of a board that is not there.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { readPlayer } from '../board/board-reader.ts'
import { BoardStorage } from '../board/board-storage.ts'
import { type CatalogEntry, LEFTOVERS, listLeftovers } from '../board/catalog.ts'
import { readClock } from '../board/commit-clock.ts'
import { decodeRow } from '../board/rows.ts'
import { BoardKeys, type BoardStore, ENTRY_SHAPE, type Table } from '../board/tables.ts'
import { LadderError, throwIfAborted } from '../errors.ts'
import {
  BOARDS_END,
  BOARDS_START,
  boardNameOf,
  decodeBoard,
  decodeHeader,
  decodeLeftover,
  HEADER_KEY,
  leftoverIdOf,
} from '../format/header.ts'
import { decodePlayerRecord } from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import { decodeVarint } from '../format/varint.ts'
import { TURN_KEYS } from '../limits.ts'
import { checkTree } from '../rank/check-tree.ts'
import type { Reader } from '../store/store.ts'
import type { CheckReport, Finding, WorkOptions } from '../types.ts'

/** Checks a store; see `Leaderboards.check`. */
export async function checkStore(store: BoardStore, options: WorkOptions): Promise<CheckReport> {
  return store.hold(async (reader) => {
    const check = new Check(reader, options)
    if (await check.arePagesSound(store)) await check.run()
    return check.report()
  })
}

class Check {
  readonly #reader: Reader<Table>
  readonly #options: WorkOptions
  readonly #findings: Finding[] = []
  readonly #checked = { boards: 0, entries: 0, players: 0, nodes: 0 }
  #done = 0

  constructor(reader: Reader<Table>, options: WorkOptions) {
    this.#reader = reader
    this.#options = options
  }

  report(): CheckReport {
    return { ok: this.#findings.length === 0, findings: this.#findings, checked: this.#checked }
  }

  // Read without LMDB, which may end the process where they are not sound.
  async arePagesSound(store: BoardStore): Promise<boolean> {
    const problems = await store.findPageProblems(async () => {
      throwIfAborted(this.#options)
      await nextTurn()
    })
    for (const problem of problems) this.#find(undefined, 'pages of the data file', problem)
    return problems.length === 0
  }

  async run(): Promise<void> {
    this.#checkHeader()
    const sequence = this.#sequence()
    const boards = this.#catalog()
    for (const board of boards) await this.#board(board, sequence)
    this.#checkLeftovers(boards)
    this.#checkStrays(
      new Set([
        ...boards.map(({ id }) => id),
        ...listLeftovers(this.#reader).map(({ boardId }) => boardId),
      ]),
    )
  }

  #checkHeader(): void {
    const value = this.#reader.get('meta', HEADER_KEY)
    if (value === undefined || decodeHeader(value) === undefined)
      this.#find(undefined, 'header', 'it is missing or damaged')
  }

  #sequence(): number {
    try {
      return readClock(this.#reader).sequence
    } catch (error) {
      if (!(error instanceof LadderError)) throw error
      this.#find(undefined, 'clock', 'it is missing or damaged')
      return Number.POSITIVE_INFINITY
    }
  }

  #catalog(): CatalogEntry[] {
    const boards: CatalogEntry[] = []
    for (const { key, value } of this.#reader.pairs('meta', {
      start: BOARDS_START,
      end: BOARDS_END,
    })) {
      const name = boardNameOf(key)
      const board = decodeBoard(key, value)
      if (board === undefined) this.#find(name, 'catalog', 'its settings are damaged')
      else boards.push({ name, ...board })
    }
    return boards
  }

  async #board(board: CatalogEntry, sequence: number): Promise<void> {
    this.#checked.boards++
    const keys = new BoardKeys(board.id)
    await this.#entries(board, keys)
    await this.#players(board, keys)
    await this.#tree(board, { keys, sequence })
  }

  async #entries(board: CatalogEntry, keys: BoardKeys): Promise<void> {
    const prefixBytes = keys.prefix.length
    for (const pair of this.#reader.pairs('entries', keys.all())) {
      this.#checked.entries++
      const problem = this.#entryProblem(pair, { board, keys, prefixBytes })
      if (problem !== undefined)
        this.#find(board.name, `entry of ${printKey('entries', pair.key, board.order)}`, problem)
      await this.#step()
    }
  }

  #entryProblem(
    pair: { key: Buffer; value: Buffer },
    options: { board: CatalogEntry; keys: BoardKeys; prefixBytes: number },
  ): string | undefined {
    const { board, keys, prefixBytes } = options
    try {
      const row = decodeRow(pair, { prefixBytes, order: board.order })
      const player = readPlayer(this.#reader, { keys, playerId: row.playerId, order: board.order })
      if (player === undefined) return `player "${row.playerId}" has no record`
      if (!player.treeKey.equals(pair.key.subarray(prefixBytes)))
        return `the record of player "${row.playerId}" leads to another entry`
      if ((player.record.name ?? row.playerId) !== row.name)
        return `its name is not the one in the record of player "${row.playerId}"`
      return undefined
    } catch (error) {
      if (error instanceof LadderError) return error.message
      throw error
    }
  }

  async #players(board: CatalogEntry, keys: BoardKeys): Promise<void> {
    const prefixBytes = keys.prefix.length
    for (const { key, value } of this.#reader.pairs('players', keys.all())) {
      this.#checked.players++
      const record = decodePlayerRecord(key, value)
      const place = `player record of ${printKey('players', key)}`
      if (record === undefined)
        this.#find(board.name, place, 'the record has a wrong checksum or form')
      else {
        const entryKey = keys.entry(Buffer.concat([record.head, key.subarray(prefixBytes)]))
        if (this.#reader.get('entries', entryKey) === undefined)
          this.#find(board.name, place, 'the record leads to no entry')
      }
      await this.#step()
    }
  }

  async #tree(board: CatalogEntry, options: { keys: BoardKeys; sequence: number }): Promise<void> {
    const { keys, sequence } = options
    const storage = new BoardStorage(this.#reader, keys)
    const storedIds = [...this.#reader.keys('ranks', keys.all())].map((key) =>
      key.readUInt32BE(keys.prefix.length),
    )
    const findings = checkTree(storage, { shape: ENTRY_SHAPE, sequence, storedIds })
    for (let next = findings.next(); ; next = findings.next()) {
      if (next.done) {
        this.#checked.nodes += next.value.nodes
        break
      }
      const { invariant, nodeId, problem } = next.value
      this.#find(board.name, `rank tree, node ${nodeId}`, `${problem} (invariant ${invariant})`)
      await this.#step()
    }
  }

  #checkLeftovers(boards: CatalogEntry[]): void {
    for (const { key, value } of this.#reader.pairs('meta', LEFTOVERS)) {
      const boardId = leftoverIdOf(key)
      const board = boards.find(({ id }) => id === boardId)
      if (boardId === undefined || decodeLeftover(key, value) === undefined)
        this.#find(undefined, printKey('meta', key), 'the note about a leftover board is damaged')
      else if (board !== undefined)
        this.#find(
          board.name,
          printKey('meta', key),
          'the board is noted as a leftover, but has its name',
        )
    }
  }

  // Keys under a board number that neither the catalog nor the dropped boards know.
  #checkStrays(known: Set<number>): void {
    for (const table of ['entries', 'players', 'ranks'] as const) {
      let start: Buffer | undefined
      for (
        let key = this.#firstKey(table, start);
        key !== undefined;
        key = this.#firstKey(table, start)
      ) {
        const boardId = decodeVarint(key)?.value
        if (boardId === undefined) {
          this.#find(undefined, `${table}: ${printKey(table, key)}`, 'the key belongs to no board')
          return
        }
        if (!known.has(boardId))
          this.#find(undefined, `${table} of board ${boardId}`, 'no such board is in the catalog')
        start = new BoardKeys(boardId).end
      }
    }
  }

  #firstKey(table: Table, start: Buffer | undefined): Buffer | undefined {
    for (const key of this.#reader.keys(table, { start, limit: 1 })) return key
    return undefined
  }

  #find(board: string | undefined, place: string, problem: string): void {
    this.#findings.push({ board, place, problem })
  }

  async #step(): Promise<void> {
    if (++this.#done % TURN_KEYS !== 0) return
    throwIfAborted(this.#options)
    this.#options.onProgress?.({ done: this.#done, total: undefined })
    await nextTurn()
  }
}
