/**
 * Walking everything in a store and saying all that is wrong with it.
 *
 * Per board, beside the invariants of the rank tree (rank/check-tree.ts):
 * (1) Every entry has a sound value, and a player record that leads back to it with the same name.
 * (2) Every player record is sound, and leads to an entry.
 * (3) Scores are finite and not -0, times are not beyond the last one that is exact.
 * And for the store: every page of the data file (store/datafile/page-walk.ts), the header, the clock within
 * what a double counts exactly, the catalog with numbers that are given once and below the next one,
 * and no key of a board that is not there.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { readPlayer } from '../board/board-reader.ts'
import { BoardStorage } from '../board/board-storage.ts'
import { decodeRow, metadataOf } from '../board/rows.ts'
import { listOrphans, ORPHANS } from '../embedded/catalog.ts'
import type { TableStore } from '../embedded/open-store.ts'
import { joinBytes } from '../format/bytes.ts'
import { readMicros } from '../format/entry-key.ts'
import { BoardKeys, FIRST_BOARD_ID, keyShapeOf, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { BOARDS_END, BOARDS_START, boardNameOf, decodeBoard } from '../format/meta/board.ts'
import {
  BOARD_CHANGES_END,
  BOARD_CHANGES_START,
  boardChangeIdOf,
  decodeBoardChange,
} from '../format/meta/board-change.ts'
import { COUNTERS_KEY, type Counters, decodeCounters } from '../format/meta/counters.ts'
import { decodeHeader, HEADER_KEY } from '../format/meta/header.ts'
import { decodeLineage, LINEAGE_KEY } from '../format/meta/lineage.ts'
import { decodeOrphan, orphanIdOf } from '../format/meta/orphan.ts'
import { decodePlayerRecord, type PlayerRecord } from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import { NO_FIELDS } from '../format/tail.ts'
import { decodeNode } from '../format/tree-node.ts'
import { decodeVarint } from '../format/varint.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { AT_MICROS_MAX, BOARD_ID_MAX, EXACT_MAX, TURN_KEYS } from '../ground/limits.ts'
import { checkTree } from '../rank/check-tree.ts'
import { ROOT_ID } from '../rank/tree-storage.ts'
import type { Reader } from '../store/store.ts'
import type { CheckOptions, CheckReport, Finding } from '../words/index.ts'

/** Checks a store; see `Leaderboards.check`. */
export async function checkOpenStore(
  store: TableStore,
  options: CheckOptions,
): Promise<CheckReport> {
  return store.hold(async (reader) => {
    const check = new Check(reader, options)
    if (await check.arePagesSound(store)) await check.run()
    return check.report()
  })
}

class Check {
  readonly #reader: Reader<Table>
  readonly #options: CheckOptions
  readonly #findings: Finding[] = []
  readonly #checked = { boards: 0, entries: 0, players: 0, nodes: 0 }
  #done = 0
  /** Entries and player records, as the trees count them. */
  #total: number | undefined

  constructor(reader: Reader<Table>, options: CheckOptions) {
    this.#reader = reader
    this.#options = options
  }

  report(): CheckReport {
    return { ok: this.#findings.length === 0, findings: this.#findings, checked: this.#checked }
  }

  // Read without LMDB, which may end the process where they are not sound.
  async arePagesSound(store: TableStore): Promise<boolean> {
    const problems = await store.findPageProblems(async () => {
      throwIfAborted(this.#options)
      await nextTurn()
    })
    for (const problem of problems) this.#find(undefined, 'pages of the data file', problem)
    return problems.length === 0
  }

  async run(): Promise<void> {
    let clock = UNKNOWN_COUNTERS
    let boards: CatalogEntry[] = []
    await this.#stage('header', () => this.#checkHeader())
    await this.#stage('counters', () => {
      clock = this.#readCounters()
    })
    await this.#stage('catalog', () => {
      boards = this.#catalog(clock.nextBoardId)
    })
    this.#total = boards.reduce((sum, board) => sum + 2 * this.#sizeOf(board), 0)
    for (const board of boards) await this.#board(board, clock.sequence)
    await this.#stage('orphans', () => this.#checkOrphans(boards, clock.nextBoardId))
    await this.#stage('lineage', () => this.#checkLineage())
    await this.#stage('last changes', () => this.#checkBoardChanges(boards, clock))
    await this.#stage('keys of no board', () => this.#checkStrays(boards))
  }

  // Pages that cannot be read end a part of the work and not the whole.
  async #stage(
    place: string,
    work: () => Promise<void> | void,
    board?: CatalogEntry,
  ): Promise<void> {
    throwIfAborted(this.#options)
    const stage = board === undefined ? place : `${place} of board "${board.name}"`
    this.#options.onStage?.(stage, { ...this.#checked })
    try {
      await work()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#find(board?.name, place, `it cannot be read: ${error.message}`)
    }
  }

  #checkHeader(): void {
    const value = this.#reader.get('meta', HEADER_KEY)
    if (value === undefined || decodeHeader(value) === undefined)
      this.#find(undefined, 'header', 'it is missing or damaged')
  }

  #readCounters(): Counters {
    const value = this.#reader.get('meta', COUNTERS_KEY)
    const clock = value && decodeCounters(value)
    if (clock === undefined) {
      this.#find(undefined, 'counters', 'it is missing or damaged')
      return UNKNOWN_COUNTERS
    }
    const { sequence, lastMicros } = clock
    if (sequence > EXACT_MAX)
      this.#find(undefined, 'counters', `its commit number is ${sequence}, at most ${EXACT_MAX}`)
    if (lastMicros > AT_MICROS_MAX)
      this.#find(undefined, 'counters', `its last time is ${lastMicros}, at most ${AT_MICROS_MAX}`)
    return clock
  }

  #catalog(nextBoardId: number): CatalogEntry[] {
    const boards: CatalogEntry[] = []
    const names = new Map<number, string>()
    for (const { key, value } of this.#reader.pairs('meta', {
      start: BOARDS_START,
      end: BOARDS_END,
    })) {
      const name = boardNameOf(key)
      const board = decodeBoard(key, value)
      if (board === undefined) {
        this.#find(name, 'catalog', 'its settings are damaged')
        continue
      }
      const { id } = board
      if (names.has(id))
        this.#find(name, 'catalog', `its number ${id} is that of board "${names.get(id)}" too`)
      this.#checkBoardId(id, { nextBoardId, name, place: 'catalog' })
      names.set(id, name)
      boards.push({ name, ...board })
    }
    return boards
  }

  #checkBoardId(
    id: number,
    at: { nextBoardId: number; name: string | undefined; place: string },
  ): void {
    if (id >= FIRST_BOARD_ID && id < at.nextBoardId) return
    const expected = `${FIRST_BOARD_ID} to ${at.nextBoardId - 1} were given`
    this.#find(at.name, at.place, `its board number is ${id}, numbers ${expected}`)
  }

  // What a damaged root says is a finding of the tree's own check.
  #sizeOf({ id, shape }: CatalogEntry): number {
    const storage = new BoardStorage(this.#reader, new BoardKeys(id))
    const key = storage.nodeKey(ROOT_ID)
    const root = decodeNode(key, storage.node(ROOT_ID) ?? Buffer.alloc(0), shape.headBytes / 4)
    let size = 0
    for (let i = 0; i < (root?.size ?? 0); i++) size += root?.counts[i] ?? 0
    return size
  }

  async #board(board: CatalogEntry, sequence: number): Promise<void> {
    this.#checked.boards++
    const keys = new BoardKeys(board.id)
    let linked = 0
    const countEntries = async (): Promise<void> => {
      linked = await this.#entries(board, keys)
    }
    await this.#stage('entries', countEntries, board)
    await this.#stage('player records', () => this.#players(board, { keys, linked }), board)
    await this.#stage('rank tree', () => this.#tree(board, { keys, sequence }), board)
  }

  // Returns how many entries are sound and have a record that leads back to them.
  async #entries(board: CatalogEntry, keys: BoardKeys): Promise<number> {
    const prefixBytes = keys.prefix.length
    let linked = 0
    for (const pair of this.#reader.pairs('entries', keys.all())) {
      this.#checked.entries++
      const problem = this.#entryProblem(pair, { board, keys, prefixBytes })
      if (problem === undefined) linked++
      else this.#find(board.name, `entry of ${printKey('entries', pair.key, board.shape)}`, problem)
      if (this.#isTurnDue()) await this.#turn()
    }
    return linked
  }

  #entryProblem(
    pair: { key: Buffer; value: Buffer },
    options: { board: CatalogEntry; keys: BoardKeys; prefixBytes: number },
  ): string | undefined {
    const { board, keys, prefixBytes } = options
    try {
      const row = decodeRow(pair, { prefixBytes, shape: board.shape })
      const micros = readMicros(pair.key, prefixBytes + board.shape.bytes)
      if (micros > AT_MICROS_MAX) return `its time is ${micros}, at most ${AT_MICROS_MAX}`
      const player = readPlayer(this.#reader, { keys, playerId: row.playerId, shape: board.shape })
      if (player === undefined) return `player "${row.playerId}" has no record`
      if (player.treeKey.compare(pair.key, prefixBytes) !== 0)
        return `the record of player "${row.playerId}" leads to another entry`
      if ((player.record.name ?? row.playerId) !== row.name)
        return `its name is not the one in the record of player "${row.playerId}"`
      if (player.record.metadata !== row.metadata)
        return `its metadata is not that in the record of player "${row.playerId}"`
      metadataOf(row)
      return undefined
    } catch (error) {
      if (error instanceof LadderError) return error.message
      throw error
    }
  }

  // Each entry that is linked has a record of its own, which was read with it. If there are as many
  // records as such entries, every record was seen, and a second walk, which would cost as much as the
  // first, could find nothing.
  async #players(
    board: CatalogEntry,
    { keys, linked }: { keys: BoardKeys; linked: number },
  ): Promise<void> {
    const prefixBytes = keys.prefix.length
    if (this.#reader.count('players', keys.all()) === linked) {
      this.#checked.players += linked
      this.#done += linked
      await this.#turn()
      return
    }
    for (const { key, value } of this.#reader.pairs('players', keys.all())) {
      this.#checked.players++
      const record = decodePlayerRecord(key, value, board.shape.headBytes)
      const problem = this.#recordProblem(record, keys, key.subarray(prefixBytes))
      if (problem !== undefined)
        this.#find(board.name, `player record of ${printKey('players', key)}`, problem)
      if (this.#isTurnDue()) await this.#turn()
    }
  }

  #recordProblem(
    record: PlayerRecord | undefined,
    keys: BoardKeys,
    playerId: Buffer,
  ): string | undefined {
    if (record === undefined) return 'the record has a wrong checksum or form'
    const entryKey = keys.entry(joinBytes(record.head, playerId))
    return this.#reader.get('entries', entryKey) === undefined
      ? 'the record leads to no entry'
      : undefined
  }

  async #tree(board: CatalogEntry, options: { keys: BoardKeys; sequence: number }): Promise<void> {
    const { keys, sequence } = options
    const storage = new BoardStorage(this.#reader, keys)
    const storedIds = [...this.#reader.keys('ranks', keys.all())].map((key) =>
      key.readUInt32BE(keys.prefix.length),
    )
    const findings = checkTree(storage, { shape: keyShapeOf(board.shape), sequence, storedIds })
    for (let next = findings.next(); ; next = findings.next()) {
      if (next.done) {
        this.#checked.nodes += next.value.nodes
        break
      }
      const { invariant, nodeId, problem } = next.value
      this.#find(board.name, `rank tree, node ${nodeId}`, `${problem} (invariant ${invariant})`)
      if (this.#isTurnDue()) await this.#turn()
    }
  }

  #checkOrphans(boards: readonly CatalogEntry[], nextBoardId: number): void {
    for (const { key, value } of this.#reader.pairs('meta', ORPHANS)) {
      const boardId = orphanIdOf(key)
      const board = boards.find(({ id }) => id === boardId)
      if (boardId === undefined || decodeOrphan(key, value) === undefined)
        this.#find(undefined, printKey('meta', key), 'the note about a orphan board is damaged')
      else if (board !== undefined)
        this.#find(
          board.name,
          printKey('meta', key),
          'the board is noted as an orphan, but has its name',
        )
      else
        this.#checkBoardId(boardId, { nextBoardId, name: undefined, place: printKey('meta', key) })
    }
  }

  #checkLineage(): void {
    const value = this.#reader.get('meta', LINEAGE_KEY)
    if (value === undefined || decodeLineage(Buffer.from(value.subarray(0, value.length)))) return
    this.#find(undefined, 'lineage', 'it is damaged')
  }

  #checkBoardChanges(boards: readonly CatalogEntry[], counters: Counters): void {
    const known = new Set(boards.map(({ id }) => id))
    const range = { start: BOARD_CHANGES_START, end: BOARD_CHANGES_END }
    for (const { key, value } of this.#reader.pairs('meta', range)) {
      const boardId = boardChangeIdOf(key)
      const change = decodeBoardChange(key, value)
      const place = printKey('meta', key)
      if (boardId === undefined || change === undefined)
        this.#find(undefined, place, 'it is damaged')
      else if (!known.has(boardId)) this.#find(undefined, place, 'no such board is in the catalog')
      else if (change.sequence > counters.sequence)
        this.#find(
          undefined,
          place,
          `it is of commit ${change.sequence}, the last one is ${counters.sequence}`,
        )
    }
  }

  // Keys under a board number that neither the catalog nor the dropped boards know.
  #checkStrays(boards: readonly CatalogEntry[]): void {
    const known = new Set([
      ...boards.map(({ id }) => id),
      ...listOrphans(this.#reader).map(({ boardId }) => boardId),
    ])
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

  // To wait for nothing after each key would cost a tenth of the time.
  #isTurnDue(): boolean {
    return ++this.#done % TURN_KEYS === 0
  }

  async #turn(): Promise<void> {
    throwIfAborted(this.#options)
    this.#options.onProgress?.({ done: this.#done, total: this.#total })
    await nextTurn()
  }
}

// What says nothing about anything else.
const UNKNOWN_COUNTERS: Counters = {
  sequence: Number.POSITIVE_INFINITY,
  lastMicros: 0,
  nextBoardId: BOARD_ID_MAX + 1,
  tail: NO_FIELDS,
}

// LMDB's own words where they come through; all else is a bug or the caller's wish.
function isDamage(error: unknown): error is Error {
  if (error instanceof LadderError) return error.code === 'CORRUPT'
  return error instanceof Error && /MDB_/.test(error.message)
}
