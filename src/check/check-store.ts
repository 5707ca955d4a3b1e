/**
 * Walking everything in a store and saying all that is wrong with it.
 *
 * Every finding carries the number of the invariant that is broken, as FORMAT.md lists them. Boards are
 * walked one after the other: the entries with the records of their players (check-entry.ts), records that
 * were not seen with an entry, the rank tree (rank/check-tree.ts). Pages are read first, without LMDB
 * (store/datafile/page-walk.ts), which may end the process if one is damaged.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { BoardStorage } from '../board/board-storage.ts'
import { listOrphans, ORPHANS } from '../embedded/catalog.ts'
import type { TableStore } from '../embedded/open-store.ts'
import { joinBytes } from '../format/bytes.ts'
import { readMicros } from '../format/entry-key.ts'
import { BoardKeys, FIRST_BOARD_ID, keyShapeOf, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { BOARDS_END, BOARDS_START, boardNameOf, decodeBoard } from '../format/meta/board.ts'
import { decodeOrphan, orphanIdOf } from '../format/meta/orphan.ts'
import { decodePlayerRecord, type PlayerRecord } from '../format/player-record.ts'
import { printKey } from '../format/print.ts'
import { decodeNode } from '../format/tree-node.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { TURN_KEYS } from '../ground/limits.ts'
import { checkTree } from '../rank/check-tree.ts'
import { ROOT_ID } from '../rank/tree-storage.ts'
import type { Reader } from '../store/store.ts'
import type { CheckOptions, CheckReport, Finding } from '../words/index.ts'
import { banProblems, unbannedProblem } from './check-bans.ts'
import { checkBoardChanges } from './check-changes.ts'
import { EntryCheck, hiddenProblem, type Problem } from './check-entry.ts'
import {
  checkCounters,
  headerProblems,
  lineageProblems,
  UNKNOWN_COUNTERS,
} from './check-identity.ts'
import { checkLog, countRecords } from './check-log.ts'
import { checkRequests } from './check-requests.ts'
import { checkRulesAndPeople } from './check-rules.ts'
import { SeasonEntryCheck } from './check-season-entries.ts'
import { type SeasonBoard, SeasonCheck } from './check-seasons.ts'
import { INVARIANT } from './invariants.ts'
import { straysOf } from './strays.ts'

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

type Found = Omit<Finding, 'board'> & { board?: string | undefined }

class Check {
  readonly #reader: Reader<Table>
  readonly #options: CheckOptions
  readonly #findings: Finding[] = []
  readonly #checked = { boards: 0, entries: 0, players: 0, nodes: 0 }
  /** By their numbers. */
  readonly #seasons = new Map<number, SeasonBoard>()
  #done = 0
  /** Entries and player records, as the trees count them, and records of the log. */
  #total: number | undefined

  constructor(reader: Reader<Table>, options: CheckOptions) {
    this.#reader = reader
    this.#options = options
  }

  report(): CheckReport {
    return { ok: this.#findings.length === 0, findings: this.#findings, checked: this.#checked }
  }

  // Read without LMDB, which may end the process if they are damaged.
  async arePagesSound(store: TableStore): Promise<boolean> {
    const problems = await store.findPageProblems(async () => {
      throwIfAborted(this.#options)
      await nextTurn()
    })
    for (const problem of problems)
      this.#find({ invariant: INVARIANT.PAGES, place: 'pages of the data file', problem })
    return problems.length === 0
  }

  // Counters and catalog come first, as all others are measured by them. Each stage goes on with what it can read, so that
  // one finding does not hide the others.
  async run(): Promise<void> {
    let counters = UNKNOWN_COUNTERS
    let boards: CatalogEntry[] = []
    await this.#stage('header', () => this.#findAll(headerProblems(this.#reader)))
    await this.#stage('counters', () => {
      const checked = checkCounters(this.#reader)
      counters = checked.counters
      return this.#findAll(checked.found)
    })
    await this.#stage('catalog', () => {
      boards = this.#catalog(counters.nextBoardId)
    })
    const windows = new SeasonCheck(this.#reader, boards)
    const seasons = windows.boards(counters.lastMicros)
    // A number that two have is told below; the first one has the entries.
    for (const season of seasons.toReversed()) this.#seasons.set(season.id, season)
    const entries = boards.reduce((sum, board) => sum + this.#sizeOf(board), 0)
    this.#total = 2 * entries + countRecords(this.#reader)
    const all = [...boards, ...seasons]
    for (const board of all) await this.#board(board, counters.sequence)
    await this.#stage('orphans', () => this.#checkOrphans(all, counters.nextBoardId))
    await this.#stage('windows', () => this.#findAll(windows.problems(counters.nextBoardId)))
    await this.#stage('lineage', () => this.#findAll(lineageProblems(this.#reader)))
    const { sequence } = counters
    await this.#stage('last changes', () =>
      this.#findAll(checkBoardChanges(this.#reader, { boards, sequence })),
    )
    await this.#stage('requests', () => this.#findAll(checkRequests(this.#reader, boards)))
    await this.#stage('bans', () => this.#findAll(banProblems(this.#reader, boards, seasons)))
    await this.#stage('rules and players', () =>
      this.#findAll(checkRulesAndPeople(this.#reader, boards)),
    )
    const runsOf = this.#options.history === true ? boards : []
    await this.#stage('log', () => this.#findAll(checkLog(this.#reader, { counters, runsOf })))
    await this.#stage('keys of no board', () => this.#checkStrays(all))
  }

  // Pages that cannot be read end a part of the work and not the whole.
  async #stage(
    place: string,
    work: () => Promise<void> | void,
    board?: CatalogEntry,
  ): Promise<void> {
    throwIfAborted(this.#options)
    const stage = board === undefined ? place : `${placeOn(board, place)} of board "${board.name}"`
    this.#options.onStage?.(stage, { ...this.#checked })
    try {
      await work()
    } catch (error) {
      if (!isDamage(error)) throw error
      const invariant = error instanceof LadderError ? INVARIANT.FORM : INVARIANT.PAGES
      const problem = `it cannot be read: ${error.message}`
      this.#find({ invariant, board: board?.name, place: placeOn(board, place), problem })
    }
  }

  // (6): a number is given once. Two boards of one number would share their entries.
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
        const problem = 'its settings are damaged'
        this.#find({ invariant: INVARIANT.FORM, board: name, place: 'catalog', problem })
        continue
      }
      const { id } = board
      if (names.has(id)) {
        const problem = `its number ${id} is that of board "${names.get(id)}" too`
        this.#find({ invariant: INVARIANT.BOARD_NUMBER, board: name, place: 'catalog', problem })
      }
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
    const problem = `its board number is ${id}, numbers ${expected}`
    this.#find({ invariant: INVARIANT.BOARD_NUMBER, board: at.name, place: at.place, problem })
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

  // (1), (3) by the entries, (2) by the records, (4) by the tree: in this order, for the records are counted against the
  // entries that lead to one.
  async #board(board: CatalogEntry, sequence: number): Promise<void> {
    if (board.season === undefined) this.#checked.boards++
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
    const check = new EntryCheck(this.#reader, { keys, shape: board.shape })
    const ofSeason = this.#seasonCheck(board)
    const before = this.#checked.entries
    let linked = 0
    for (const pair of this.#reader.pairs('entries', keys.all())) {
      this.#checked.entries++
      const problem = check.problemOf(pair)
      if (problem === undefined) linked++
      const found = problem ?? ofSeason?.(pair.key)
      if (found !== undefined) {
        const place = `entry of ${printKey('entries', pair.key, board.shape)}`
        this.#find({ ...found, board: board.name, place: placeOn(board, place) })
      }
      if (this.#isTurnDue()) await this.#turn()
    }
    this.#checkKeep(board, this.#checked.entries - before)
    return linked
  }

  // Of the key of an entry, and of that of a hidden player's, which is not stored.
  #seasonCheck({ id, shape }: CatalogEntry): ((key: Buffer) => Problem | undefined) | undefined {
    const season = this.#seasons.get(id)
    if (season === undefined) return undefined
    const check = new SeasonEntryCheck(this.#reader, season)
    const headAt = new BoardKeys(id).prefix.length
    return (key) =>
      check.problemOf(key.subarray(headAt + shape.headBytes), readMicros(key, headAt + shape.bytes))
  }

  // (12). A season that is final may have more: its window keeps fewer since.
  #checkKeep(board: CatalogEntry, entries: number): void {
    const { id, name, keep } = board
    if (keep === undefined || entries <= keep || this.#seasons.get(id)?.isFinal === true) return
    const problem = `the board has ${entries} of them and keeps ${keep}`
    const place = placeOn(board, 'entries')
    this.#find({ invariant: INVARIANT.KEEP, board: name, place, problem })
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
      const playerId = key.subarray(prefixBytes)
      const problem = this.#recordProblem(record, { keys, playerId, board })
      if (problem !== undefined)
        this.#find({
          ...problem,
          board: board.name,
          place: placeOn(board, `player record of ${printKey('players', key)}`),
        })
      if (this.#isTurnDue()) await this.#turn()
    }
  }

  #recordProblem(
    record: PlayerRecord | undefined,
    place: { keys: BoardKeys; playerId: Buffer; board: CatalogEntry },
  ): Problem | undefined {
    const { keys, playerId, board } = place
    const { id: boardId, shape } = board
    if (record === undefined)
      return { invariant: INVARIANT.FORM, problem: 'the record has a wrong checksum or form' }
    // (2), (16): a hidden player has a ban that holds instead of an entry, unless the season is over.
    const entryKey = keys.entry(joinBytes(record.head, playerId))
    if (record.isHidden === true) {
      const season = this.#seasons.get(boardId)
      const problem = hiddenProblem(record, shape) ?? this.#seasonCheck(board)?.(entryKey)
      if (problem !== undefined || season?.isOver === true) return problem
      const banned = { playerId: playerId.toString(), boardId: season?.parentId ?? boardId }
      return unbannedProblem(this.#reader, banned)
    }
    return this.#reader.get('entries', entryKey) === undefined
      ? { invariant: INVARIANT.RECORD_HAS_ENTRY, problem: 'the record leads to no entry' }
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
      this.#find({
        invariant: `${INVARIANT.RANK_TREE}.${invariant}`,
        board: board.name,
        place: placeOn(board, `rank tree, node ${nodeId}`),
        problem,
      })
      if (this.#isTurnDue()) await this.#turn()
    }
  }

  // (5), (6): the keys of a board that was dropped are swept under this note, so its number must be nobody else's.
  #checkOrphans(boards: readonly CatalogEntry[], nextBoardId: number): void {
    for (const { key, value } of this.#reader.pairs('meta', ORPHANS)) {
      const boardId = orphanIdOf(key)
      const name = boards.find(({ id }) => id === boardId)?.name
      const place = printKey('meta', key)
      if (boardId === undefined || decodeOrphan(key, value) === undefined) {
        const problem = 'the note about an orphan board is damaged'
        this.#find({ invariant: INVARIANT.FORM, place, problem })
      } else if (name !== undefined) {
        const problem = 'the board is noted as an orphan, but has its name'
        this.#find({ invariant: INVARIANT.BOARD_NUMBER, board: name, place, problem })
      } else this.#checkBoardId(boardId, { nextBoardId, name: undefined, place })
    }
  }

  // (5): keys that no board and no note leads to would never be swept.
  #checkStrays(boards: readonly CatalogEntry[]): void {
    const orphans = listOrphans(this.#reader)
    const known = new Set([...boards.map(({ id }) => id), ...orphans.map(({ boardId }) => boardId)])
    for (const finding of straysOf(this.#reader, known)) this.#find(finding)
  }

  // Of what is looked at one after another and may be sound.
  async #findAll(looks: Iterable<Found | undefined>): Promise<void> {
    for (const finding of looks) {
      if (finding !== undefined) this.#find(finding)
      if (this.#isTurnDue()) await this.#turn()
    }
  }

  #find(finding: Found): void {
    this.#findings.push({ board: undefined, ...finding })
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

// A season has the name of its board.
function placeOn(board: CatalogEntry | undefined, place: string): string {
  if (board?.season === undefined) return place
  const { window, id } = board.season
  return `season "${id}" of window "${window}", ${place}`
}

// Errors of LMDB can come through; anything else is a bug or what the caller wants.
function isDamage(error: unknown): error is Error {
  if (error instanceof LadderError) return error.code === 'CORRUPT'
  return error instanceof Error && /MDB_/.test(error.message)
}
