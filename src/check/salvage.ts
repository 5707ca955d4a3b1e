/**
 * Saving what can be read of a damaged store into a new one.
 *
 * Each player stands in two tables, and either record makes the other: so what one damaged page takes is
 * lost only if the page that holds the other record is damaged too. If the two differ, the record in
 * `players` counts. Boards whose settings lie on a damaged page are looked for on all pages of the file,
 * where the pages of earlier commits often still are: their checksums prove what is found. Each season of a
 * board is saved as a board of its own.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { commitOf } from '../board/commit.ts'
import { addBoard } from '../embedded/catalog.ts'
import { firstSeqOfEpoch } from '../embedded/lineage.ts'
import { adoptRequests } from '../embedded/moderation/requests.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { boardInWords } from '../embedded/seasons/season-boards.ts'
import { readMicros } from '../format/entry-key.ts'
import { BoardKeys } from '../format/keys.ts'
import { FIRST_SEQ } from '../format/log-key.ts'
import {
  type BoardRecord,
  boardNameOf,
  type CatalogEntry,
  decodeBoard,
} from '../format/meta/board.ts'
import { decodeCounters, logEndOf } from '../format/meta/counters.ts'
import { decodeOrphan, orphanIdOf } from '../format/meta/orphan.ts'
import {
  type Details,
  decodeEntryValue,
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
  type PlayerRecord,
} from '../format/player-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { META_KIND, type Table } from '../format/tables.ts'
import { decodeVarint } from '../format/varint.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { AT_MICROS_MAX, FILL_CHUNK_KEYS } from '../ground/limits.ts'
import type { Pair, Writer } from '../store/store.ts'
import type { SalvagedBoard, SalvageReport, WorkOptions } from '../words/index.ts'
import { rebuildBoard } from './rebuild.ts'
import { bansIn, putSavedBans } from './salvage-bans.ts'
import { requestsIn } from './salvage-requests.ts'
import { saveRules } from './salvage-rules.ts'
import { finalsIn, leaveStrays, saveWindows } from './salvage-seasons.ts'

/** What is read of the damaged file; made by `store/datafile/salvage-walk.ts`. */
export interface Wreck {
  counts: ReadonlyMap<string, number>
  problems: string[]
  pairs(table: string): Iterable<Pair>
  allPairs(): Iterable<Pair & { transaction: number }>
}

interface Target {
  board: CatalogEntry
  keys: BoardKeys
  report: SalvagedBoard
  /** Only of a season: the board that it is of. */
  parent?: CatalogEntry
  /** Whether it is a season that has ended, which bans since may pass by. */
  isOver?: boolean
  /** Whether it is a season that may have players whom the board has lost. */
  isFinal?: boolean
}

type Saved = Pick<SalvageReport, 'boards' | 'problems' | 'lost'>

/** Saves what `wreck` has into an empty store; see `salvageStore`. */
export async function salvageInto(
  context: OpenStore,
  wreck: Wreck,
  options: WorkOptions,
): Promise<Saved> {
  const work = new Salvage(context, wreck, options)
  // Boards before all that belongs to one; records before entries, as they count if the two differ; bans after all players,
  // as those who are hidden without one get one. `finish` builds the trees from what was saved.
  await work.makeBoards()
  await work.players()
  await work.entries()
  await work.strays()
  await work.requests()
  await work.finals()
  await work.bans()
  return work.finish()
}

class Salvage {
  readonly #context: OpenStore
  readonly #wreck: Wreck
  readonly #options: WorkOptions
  readonly #targets = new Map<number, Target>()
  readonly #homeless = new Map<number, number>()
  /** Numbers of boards that were dropped and not swept yet: nothing of them is to be saved. */
  readonly #dropped: ReadonlySet<number>
  #knownNumbers: ReadonlySet<number> | undefined
  readonly #left = { players: 0, entries: 0 }
  #saved = 0
  #done = 0

  constructor(context: OpenStore, wreck: Wreck, options: WorkOptions) {
    this.#context = context
    this.#wreck = wreck
    this.#options = options
    this.#dropped = droppedIn(wreck)
  }

  async makeBoards(): Promise<void> {
    const boards = this.#boards()
    const { lastMicros, lastSeq } = this.#ends()
    await this.#context.store.write((writer) => {
      // The log is not saved. A new epoch of it: no record gets a seq that a player's chain leads to.
      const firstSeq = firstSeqOfEpoch(this.#context.nowMicros())
      commitOf(writer).leaveOutUntil(Math.max(firstSeq, lastSeq + 1))
      for (const [id, found] of boards) {
        const board = addBoard(writer, found)
        const report = { board: board.name, entries: 0, fromEntries: 0 }
        this.#targets.set(id, { board, keys: new BoardKeys(board.id), report })
      }
      this.#wreck.problems.push(...saveRules(writer, this.#wreck, this.#boardOfId))
      if (lastMicros > 0) commitOf(writer).give(lastMicros)
      this.#makeSeasons(writer)
    })
  }

  #makeSeasons(writer: Writer<Table>): void {
    const place = { context: this.#context, writer }
    const hasRows = (id: number): boolean => this.#numbers().has(id)
    const boards = { boardOfId: this.#boardOfId, hasRows }
    for (const { fromId, ...season } of saveWindows(place, this.#wreck, boards)) {
      const report = { board: season.parent.name, entries: 0, fromEntries: 0 }
      this.#targets.set(fromId, { ...season, keys: new BoardKeys(season.board.id), report })
    }
  }

  readonly #boardOfId = (id: number): CatalogEntry | undefined => {
    const target = this.#targets.get(id)
    return target?.parent === undefined ? target?.board : undefined
  }

  /** Saves the records in `players`, hidden players too. Cost: O(n), a transaction for each chunk of rows. */
  async players(): Promise<void> {
    await this.#inChunks('players', ({ key, value }, { target, shape, prefixBytes }) => {
      const record = decodePlayerRecord(key, value, shape.headBytes)
      if (record === undefined) return undefined
      return { playerId: key.subarray(prefixBytes), record: withoutFilling(record), target }
    })
  }

  /** Saves the entries whose record was lost. The chain of runs, which only the record has, stays lost. */
  async entries(): Promise<void> {
    await this.#inChunks('entries', ({ key, value }, { target, shape, prefixBytes }) => {
      const details = decodeEntryValue(key, value)
      const idAt = prefixBytes + shape.headBytes
      if (details === undefined || key.length <= idAt) return undefined
      const record = { ...details, head: key.subarray(prefixBytes, idAt) }
      return { playerId: key.subarray(idAt), record, target, isSecond: true }
    })
  }

  /** In seasons that go on nobody stays whom the board has lost. */
  async strays(): Promise<void> {
    if (this.#wreck.problems.length === 0) return
    for (const { board, parent, isFinal, report } of this.#targets.values()) {
      if (parent === undefined || isFinal === true) continue
      const left = await this.#context.store.write((writer) =>
        leaveStrays(writer, { board, parent }),
      )
      if (left === 0) continue
      const who = left === 1 ? 'one player is' : `${left} players are`
      this.#wreck.problems.push(
        `${boardInWords(board)}: ${who} left out, as the board has lost them`,
      )
      report.entries -= left
      this.#saved -= left
    }
  }

  /** Saves the answers by request ids, so that a retry after the disaster still counts once. */
  async requests(): Promise<void> {
    const boards = new Map([...this.#targets].map(([id, { board }]) => [id, board]))
    const { problems } = this.#wreck
    for (const chunk of requestsIn(this.#wreck, { boards, problems }))
      await this.#context.store.write((writer) => adoptRequests(writer, chunk))
  }

  async finals(): Promise<void> {
    for (const put of finalsIn(this.#wreck, this.#boardOfId)) await this.#context.store.write(put)
  }

  /** Saves the bans. A hidden player whose ban is lost stays hidden, by a ban that says so. */
  async bans(): Promise<void> {
    const ids = new Map([...this.#targets].map(([id, { board }]) => [id, board.id]))
    const { saved, problems } = bansIn(this.#wreck, ids)
    this.#wreck.problems.push(...problems)
    const targets = [...this.#targets.values()].filter(({ isOver }) => isOver !== true)
    await this.#context.store.write((writer) =>
      putSavedBans({ context: this.#context, writer }, { targets, saved }),
    )
  }

  /** Builds the rank trees from the entries that were saved; tells what was saved and what was not. */
  async finish(): Promise<Saved> {
    const targets = [...this.#targets.values()]
    const boards = targets.filter(({ parent }) => parent === undefined)
    for (const { board } of boards)
      await rebuildBoard(this.#context, board.name, { signal: this.#options.signal })
    const { counts, problems } = this.#wreck
    const homeless = [...this.#homeless].map(
      ([id, count]) => `board ${id}: its settings are lost, so ${count} records are not saved`,
    )
    const [players, entries] = (['players', 'entries'] as const).map(
      (table) => (counts.get(table) ?? 0) - this.#left[table],
    ) as [number, number]
    // Each player should stand in both tables, so the larger number is how many there were.
    const expected = Math.max(players, entries)
    return {
      boards: boards.map(({ board, report }) => {
        const seasons = targets.filter(({ parent }) => parent === board)
        return seasons.length === 0 ? report : { ...report, seasons: seasonsReport(seasons) }
      }),
      problems: [...new Set(problems), ...homeless],
      lost: Math.max(0, expected - this.#saved),
    }
  }

  // Those of the catalog; of the others that pages of earlier commits hold, the newest of each number.
  #boards(): Map<number, BoardRecord & { name: string }> {
    const boards = new Map<number, BoardRecord & { name: string }>()
    for (const pair of this.#wreck.pairs('meta')) {
      const board = boardOf(pair)
      if (board !== undefined) boards.set(board.id, board)
      else if (pair.key[0] === META_KIND.BOARD)
        this.#wreck.problems.push(`the settings of board "${boardNameOf(pair.key)}" are damaged`)
    }
    if (this.#wreck.problems.length === 0) return boards
    const names = new Set([...boards.values()].map(({ name }) => name))
    const found = [...this.#wreck.allPairs()].filter(({ key }) => key[0] === META_KIND.BOARD)
    for (const pair of found.sort((a, b) => b.transaction - a.transaction)) {
      const board = boardOf(pair)
      if (board === undefined || boards.has(board.id) || names.has(board.name)) continue
      if (!this.#numbers().has(board.id) || this.#dropped.has(board.id)) continue
      names.add(board.name)
      boards.set(board.id, board)
    }
    return boards
  }

  // Under which there are players or entries.
  #numbers(): ReadonlySet<number> {
    this.#knownNumbers ??= new Set(
      ['players', 'entries'].flatMap((table) => {
        const found = new Set<number>()
        for (const { key } of this.#wreck.pairs(table)) found.add(decodeVarint(key)?.value ?? 0)
        return [...found]
      }),
    )
    return this.#knownNumbers
  }

  // The last time and the last seq that the damaged store gave; 0 if that is lost.
  #ends(): { lastMicros: number; lastSeq: number } {
    for (const { key, value } of this.#wreck.pairs('meta')) {
      const counters = key[0] === META_KIND.COUNTERS ? decodeCounters(value) : undefined
      if (counters === undefined) continue
      const { lastMicros } = counters
      const lastSeq = logEndOf(counters).seq
      return { lastMicros: lastMicros <= AT_MICROS_MAX ? lastMicros : 0, lastSeq }
    }
    return { lastMicros: 0, lastSeq: 0 }
  }

  async #inChunks(table: 'players' | 'entries', read: ReadPair): Promise<void> {
    let chunk: Found[] = []
    for (const pair of this.#wreck.pairs(table)) {
      const found = this.#find(table, pair, read)
      if (found !== undefined) chunk.push(found)
      if (chunk.length < FILL_CHUNK_KEYS) continue
      await this.#store(chunk)
      chunk = []
    }
    await this.#store(chunk)
  }

  #find(table: 'players' | 'entries', pair: Pair, read: ReadPair): Found | undefined {
    const number = decodeVarint(pair.key)
    const target = number && this.#targets.get(number.value)
    if (number !== undefined && target === undefined && this.#dropped.has(number.value)) {
      this.#left[table]++
      return undefined
    }
    if (number !== undefined && target === undefined && table === 'players')
      this.#homeless.set(number.value, (this.#homeless.get(number.value) ?? 0) + 1)
    if (number === undefined || target === undefined) return undefined
    const { shape } = target.board
    const found = read(pair, { target, shape, prefixBytes: number.size })
    if (found !== undefined && isSound(found.record, shape)) return found
    this.#wreck.problems.push(
      `table "${table}": a record of ${boardInWords(target.board)} is damaged`,
    )
    return undefined
  }

  async #store(chunk: readonly Found[]): Promise<void> {
    throwIfAborted(this.#options)
    let saved: Target[] = []
    await this.#context.store.write((writer) => {
      // It may run again.
      saved = []
      commitOf(writer).willChange()
      for (const { playerId, record, target, isSecond } of chunk) {
        const { keys, board } = target
        const key = Buffer.concat([keys.prefix, playerId])
        if (isSecond === true && writer.get('players', key) !== undefined) continue
        writer.put('players', key, encodePlayerRecord(key, record, board.shape.headBytes))
        saved.push(target)
        if (record.isHidden === true) {
          commitOf(writer).use('hidden players')
          continue
        }
        const entryKey = keys.entry(Buffer.concat([record.head, playerId]))
        writer.put('entries', entryKey, encodeEntryValue(entryKey, record))
      }
    })
    for (const { report } of saved) {
      report.entries++
      if (chunk[0]?.isSecond === true) report.fromEntries++
    }
    this.#saved += saved.length
    this.#done += chunk.length
    this.#options.onProgress?.({ done: this.#done, total: undefined })
    await nextTurn()
  }
}

// A chain that counts from the rows of an import leads to a record that is not saved, as all others do.
function withoutFilling(record: PlayerRecord): PlayerRecord {
  const { chain } = record
  if (chain?.isRelative !== true) return record
  return { ...record, chain: { ...chain, isRelative: false, last: FIRST_SEQ } }
}

function droppedIn(wreck: Wreck): Set<number> {
  const dropped = new Set<number>()
  for (const { key, value } of wreck.pairs('meta')) {
    if (key[0] !== META_KIND.ORPHAN) continue
    const id = orphanIdOf(key)
    if (id !== undefined && decodeOrphan(key, value) !== undefined) dropped.add(id)
  }
  return dropped
}

function seasonsReport(seasons: readonly Target[]): NonNullable<SalvagedBoard['seasons']> {
  const sum = (of: 'entries' | 'fromEntries'): number =>
    seasons.reduce((total, { report }) => total + report[of], 0)
  return { count: seasons.length, entries: sum('entries'), fromEntries: sum('fromEntries') }
}

interface Found {
  playerId: Buffer
  record: PlayerRecord
  target: Target
  /** Whether the record in `players` comes first. */
  isSecond?: boolean
}

type ReadPair = (
  pair: Pair,
  place: { target: Target; shape: ScoreShape; prefixBytes: number },
) => Found | undefined

function boardOf({ key, value }: Pair): (BoardRecord & { name: string }) | undefined {
  if (key[0] !== META_KIND.BOARD || key.length < 2) return undefined
  const board = decodeBoard(key, value)
  return board && { name: boardNameOf(key), ...board }
}

function isSound({ head }: PlayerRecord & Details, shape: ScoreShape): boolean {
  return shape.read(head, 0) !== undefined && readMicros(head, shape.bytes) <= AT_MICROS_MAX
}
