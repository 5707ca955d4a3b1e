/**
 * The windows of a board that comes out of a backup, with all seasons and finals.
 *
 *     each season ──► a number of its own, noted as being filled ──► one transaction: windows, trees, finals
 *
 * Until the last transaction nothing leads to the entries that were copied: a crash leaves bytes to be swept.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { BoardStorageWriter } from '../board/board-storage.ts'
import { commitOf } from '../board/commit.ts'
import { noteOrphan } from '../embedded/catalog.ts'
import { isBanned, placedBans } from '../embedded/moderation/bans.ts'
import { giveBackName } from '../embedded/moderation/profiles.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { carriedWindows, putCarried } from '../embedded/seasons/carry-windows.ts'
import { asSeason, isSeasonSealed } from '../embedded/seasons/season-at.ts'
import { seasonEntry } from '../embedded/seasons/season-boards.ts'
import type { StoredSeason } from '../embedded/seasons/season-records.ts'
import { presentIn } from '../embedded/seasons/turn.ts'
import type { BoardWindow } from '../embedded/seasons/windows.ts'
import { sweepBoard } from '../embedded/sweep.ts'
import { BoardKeys, keyShapeOf, NO_BOARD_ID } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { orphanKey } from '../format/meta/orphan.ts'
import { ALL_BOARDS } from '../format/people/ban.ts'
import {
  decodeFinal,
  encodeFinal,
  finalKey,
  finalPlaceOf,
  finalsOfBoard,
} from '../format/people/final.ts'
import {
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
} from '../format/player-record.ts'
import type { Table } from '../format/tables.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { FILL_CHUNK_KEYS, TURN_KEYS } from '../ground/limits.ts'
import { BulkLoader } from '../rank/bulk-load.ts'
import type { Reader, Writer } from '../store/store.ts'
import { keepPlace } from './fill/chunk-writer.ts'

/** Where seasons come from and where they go. */
interface Carrying {
  source: Reader<Table>
  context: OpenStore
  /** The board in the backup. */
  board: CatalogEntry
  /** Whom to leave out; undefined: nobody. */
  isErased: ((playerId: string) => boolean) | undefined
  signal: AbortSignal | undefined
}

/** A season whose entries are copied. */
interface Copied {
  boardId: number
  loader: BulkLoader
  hidden: string[]
}

/** The seasons of one board on their way into a store. */
export class CarriedSeasons {
  readonly #carrying: Carrying
  readonly #windows: { window: BoardWindow; seasons: StoredSeason[] }[] = []
  readonly #copied = new Map<number, Copied>()

  constructor(carrying: Carrying) {
    this.#carrying = carrying
  }

  /** Copies the entries of all seasons under numbers of their own. */
  async copy(): Promise<void> {
    const { source, board } = this.#carrying
    for (const { window, seasons } of carriedWindows(source, board.id)) {
      const numbered: StoredSeason[] = []
      this.#windows.push({ window, seasons: numbered })
      for (const season of seasons) numbered.push(await this.#copySeason(season))
    }
  }

  async #copySeason(season: StoredSeason): Promise<StoredSeason> {
    if (season.seasonBoardId === NO_BOARD_ID) return season
    const { context } = this.#carrying
    const from = new BoardKeys(season.seasonBoardId)
    const boardId = await context.store.write((writer) => {
      const commit = commitOf(writer)
      commit.willChange()
      const id = commit.newBoardId()
      noteOrphan(writer, id, { state: 'filling', lastMicros: context.nowMicros() })
      return id
    })
    const { shape } = this.#carrying.board
    const count = await this.#count(from)
    const loader = new BulkLoader({ shape: keyShapeOf(shape), count })
    const copied: Copied = { boardId, loader, hidden: [] }
    this.#copied.set(boardId, copied)
    await this.#inChunks(boardId, this.#players(from, copied))
    await this.#inChunks(boardId, this.#entries(from, copied))
    return { ...season, seasonBoardId: boardId }
  }

  // The tree is laid out for that number of entries.
  async #count(from: BoardKeys): Promise<number> {
    const { source, isErased, board } = this.#carrying
    const count = source.count('entries', from.all())
    if (isErased === undefined) return count
    const idAt = from.prefix.length + board.shape.headBytes
    let erased = 0
    let seen = 0
    for (const key of source.keys('entries', from.all())) {
      if (isErased(key.toString('utf8', idAt))) erased++
      if (++seen % TURN_KEYS === 0) await nextTurn()
    }
    return count - erased
  }

  *#players(from: BoardKeys, { boardId, hidden }: Copied): Generator<Put> {
    const { source, board, isErased } = this.#carrying
    const { headBytes } = board.shape
    const to = new BoardKeys(boardId)
    for (const { key, value } of source.pairs('players', from.all())) {
      const playerId = key.toString('utf8', from.prefix.length)
      const record = decodePlayerRecord(key, value, headBytes)
      if (record === undefined) throw damaged(board.name)
      if (isErased?.(playerId) === true) continue
      if (record.isHidden === true) hidden.push(playerId)
      yield (writer) => {
        const named = { ...record, name: giveBackName(writer, playerId, record.name) }
        const playerKey = to.player(playerId)
        writer.put('players', playerKey, encodePlayerRecord(playerKey, named, headBytes))
        if (record.isHidden === true) commitOf(writer).use('hidden players')
      }
    }
  }

  *#entries(from: BoardKeys, { boardId, loader }: Copied): Generator<Put> {
    const { source, board, isErased } = this.#carrying
    const { headBytes } = board.shape
    const to = new BoardKeys(boardId)
    for (const key of source.keys('entries', from.all())) {
      const treeKey = Buffer.from(key.subarray(from.prefix.length))
      const playerId = treeKey.toString('utf8', headBytes)
      if (isErased?.(playerId) === true) continue
      loader.add(treeKey)
      yield (writer) => {
        const playerKey = to.player(playerId)
        const stored = writer.get('players', playerKey)
        const record = stored && decodePlayerRecord(playerKey, stored, headBytes)
        if (record === undefined) throw damaged(board.name)
        const entryKey = to.entry(treeKey)
        writer.put('entries', entryKey, encodeEntryValue(entryKey, record))
      }
    }
  }

  async #inChunks(boardId: number, puts: Iterable<Put>): Promise<void> {
    let chunk: Put[] = []
    for (const put of puts) {
      chunk.push(put)
      if (chunk.length < FILL_CHUNK_KEYS) continue
      await this.#write(boardId, chunk)
      chunk = []
    }
    await this.#write(boardId, chunk)
  }

  async #write(boardId: number, chunk: readonly Put[]): Promise<void> {
    const { context, signal } = this.#carrying
    throwIfAborted({ signal })
    await context.store.write((writer) => {
      commitOf(writer).willChange()
      keepPlace(writer, boardId, context.nowMicros())
      for (const put of chunk) put(writer)
    })
    await nextTurn()
  }

  /**
   * Gives a board its windows, in a transaction of its own: it has the name that it is to have, and bans hold on
   * it already.
   */
  async place(writer: Writer<Table>, board: CatalogEntry): Promise<void> {
    const { context } = this.#carrying
    const place = { context, writer }
    for (const carried of this.#windows) {
      for (const { seasonBoardId } of carried.seasons) this.#finishTree(writer, seasonBoardId)
      putCarried(place, board.id, carried)
      for (const season of carried.seasons) this.#hide(writer, { ...carried, board, season })
      await nextTurn()
    }
    await this.#placeFinals(writer, board.id)
    writer.afterCommit(() => this.#copied.clear())
  }

  #finishTree(writer: Writer<Table>, boardId: number): void {
    const copied = this.#copied.get(boardId)
    if (copied === undefined) return
    keepPlace(writer, boardId, this.#carrying.context.nowMicros())
    const storage = new BoardStorageWriter(writer, new BoardKeys(boardId))
    copied.loader.finish(storage, commitOf(writer).sequence)
    writer.remove('meta', orphanKey(boardId))
  }

  // The store knows best who is banned now. What is sealed stands as it is.
  #hide(
    writer: Writer<Table>,
    of: { board: CatalogEntry; window: BoardWindow; season: StoredSeason },
  ): void {
    const { board, window, season } = of
    const { context } = this.#carrying
    const copied = this.#copied.get(season.seasonBoardId)
    const presentMicros = presentIn({ context, writer })
    if (copied === undefined || isSeasonSealed(window, asSeason(season), presentMicros)) return
    const { hidden } = context.writerOfSeason(writer, seasonEntry(board, window, season))
    for (const playerId of copied.hidden)
      if (!isBanned(writer, { playerId, boardId: board.id })) hidden.show(playerId)
    if (!commitOf(writer).uses('bans')) return
    for (const { playerId, boardId } of placedBans(writer))
      if (boardId === ALL_BOARDS || boardId === board.id) hidden.hide(playerId)
  }

  async #placeFinals(writer: Writer<Table>, boardId: number): Promise<void> {
    const { source, board, isErased } = this.#carrying
    let put = 0
    for (const { key, value } of source.pairs('people', finalsOfBoard(board.id))) {
      const place = finalPlaceOf(key)
      const final = decodeFinal(key, value, board.shape.headBytes)
      if (place === undefined || final === undefined) throw damaged(board.name)
      const isKept = this.#windows.some(({ window }) => window.windowId === place.windowId)
      if (!isKept || isErased?.(place.playerId) === true) continue
      const to = finalKey({ ...place, boardId })
      writer.put('people', to, encodeFinal(to, final))
      if (++put % TURN_KEYS === 0) await nextTurn()
    }
  }

  /** Removes what was copied and got no place. */
  async discard(): Promise<void> {
    const { context } = this.#carrying
    for (const boardId of this.#copied.keys()) {
      await sweepBoard(context, boardId, { isEnded: () => false, onSwept: () => undefined })
      context.forget(boardId)
    }
  }
}

type Put = (writer: Writer<Table>) => void

function damaged(board: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot restore board "${board}": a record of its seasons is damaged in the backup; take another one`,
  )
}
