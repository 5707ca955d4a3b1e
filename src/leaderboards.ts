/**
 * One store: its boards, and what concerns all of them.
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { checkBoardName, checkMode, checkOptions, checkOrder } from './arguments.ts'
import { BoardReader } from './board/board-reader.ts'
import {
  addBoard,
  type CatalogEntry,
  findBoard,
  listBoards,
  listLeftovers,
  noBoard,
  removeBoard,
  settingsError,
} from './board/catalog.ts'
import type { StoreContext } from './board/context.ts'
import { sweepBoard } from './board/sweep.ts'
import type { Table } from './board/tables.ts'
import { BoardView } from './board-view.ts'
import { LadderError } from './errors.ts'
import { Leaderboard } from './leaderboard.ts'
import { IMPORT_SILENCE_MS } from './limits.ts'
import { checkStore } from './safekeeping/check.ts'
import { rebuildBoard } from './safekeeping/rebuild.ts'
import { statsOf } from './safekeeping/stats.ts'
import type { Reader } from './store/store.ts'
import type {
  BackupReport,
  BoardInfo,
  BoardSettings,
  CheckOptions,
  CheckReport,
  RebuildOptions,
  RebuildReport,
  StoreStats,
  WorkOptions,
} from './types.ts'

/** What `Leaderboards.snapshot` reads from: every board at one instant. */
export interface Snapshot {
  /** @throws {LadderError} `NO_BOARD`. */
  board(name: string): BoardView
  /** All boards, ordered by the bytes of their names. */
  boards(): BoardInfo[]
}

/** An open store. Get it from `openLeaderboards`. */
export class Leaderboards {
  readonly #context: StoreContext
  readonly #open = new Map<string, Leaderboard>()
  #sweeping: Promise<void> = Promise.resolve()
  #isClosing = false

  /** @internal */
  constructor(context: StoreContext) {
    this.#context = context
    if (!context.store.readOnly) this.#sweepLeftovers()
  }

  /** The directory of the store. */
  get path(): string {
    return this.#context.store.path
  }

  /**
   * Returns a board, which is created where there is none. Its creation is durable with the first
   * submit that resolves, or with `close`.
   *
   * @throws {LadderError} `SETTINGS_DIFFER` where the board has other settings than those given;
   *   `NO_BOARD` where there is none and the store was opened read-only.
   * @example
   * const golf = store.board('golf', { order: 'ascending', mode: 'best' })
   * golf.order // 'ascending'
   */
  board(name: string, settings?: BoardSettings): Leaderboard {
    const { order, mode } = checkSettings(settings)
    const checked = checkBoardName(name)
    const found = findBoard(this.#context.store.current(), checked)
    const opened = this.#open.get(checked)
    if (found === undefined && this.#context.store.readOnly) throw noBoard(checked)
    if (found !== undefined) {
      const error = settingsError(found, { order, mode })
      if (error !== undefined) throw error
      return opened !== undefined && settingsError(found, opened) === undefined
        ? opened
        : this.#remember(found)
    }
    return this.#create(
      { name: checked, order: order ?? 'descending', mode: mode ?? 'set' },
      opened,
    )
  }

  /**
   * Creates a board; resolves when it is durable. An existing one with these settings is fine.
   *
   * @throws {LadderError} `SETTINGS_DIFFER`, and those of writes.
   * @example
   * await store.createBoard('weekly', { mode: 'increment' })
   * store.boards().length // 1
   */
  async createBoard(name: string, settings?: BoardSettings): Promise<Leaderboard> {
    if (this.#context.store.readOnly) throw this.#context.store.readOnlyError()
    const board = this.board(name, settings)
    await this.#context.store.write((writer) => {
      if (findBoard(writer, name) === undefined) throw noBoard(name)
    })
    return board
  }

  /** Whether there is a board of this name. Creates nothing. */
  hasBoard(name: string): boolean {
    return findBoard(this.#context.store.current(), checkBoardName(name)) !== undefined
  }

  /** Returns all boards, ordered by the bytes of their names. Cost: two reads a board. */
  boards(): BoardInfo[] {
    return infosOf(this.#context, this.#context.store.current())
  }

  /**
   * Drops a board with all its entries. It is gone for everybody with the first commit; its bytes
   * are freed in many small ones, between which others write. Resolves when that is done, or when
   * the store is closed meanwhile: the next opening goes on with it.
   *
   * @throws {LadderError} `NO_BOARD`, and those of writes.
   * @example
   * store.board('old season')
   * await store.dropBoard('old season')
   * store.hasBoard('old season') // false
   */
  async dropBoard(name: string, options?: WorkOptions): Promise<void> {
    const checked = checkBoardName(name)
    const { id, size } = await this.#context.store.write((writer) => {
      const board = findBoard(writer, checked)
      if (board === undefined) throw noBoard(checked)
      const size = this.#context.writerOf(writer, board).size
      this.#context.settle(writer, checked)
      removeBoard(writer, board)
      return { id: board.id, size }
    })
    this.#open.delete(checked)
    this.#context.forget(id)
    let done = 0
    const onSwept = (keys: number): void => {
      done += keys
      options?.onProgress?.({ done, total: 2 * size })
    }
    await sweepBoard(this.#context.store, id, {
      isEnded: () => this.#isClosing || options?.signal?.aborted === true,
      onSwept,
    })
  }

  /**
   * Makes several reads on several boards at one instant. `read` must be synchronous: a snapshot
   * that is held makes the file grow.
   *
   * @throws {TypeError} where `read` returns a promise.
   * @example
   * const [a, b] = store.snapshot((view) => [view.boards().length, view.boards().length])
   * a === b // true
   */
  snapshot<T>(read: (view: Snapshot) => T): T {
    const state = { isOver: false }
    try {
      return this.#context.store.snapshot((reader) => {
        const answer = read({
          board: (name) => viewOf(this.#context, reader, { name: checkBoardName(name), state }),
          boards: () => infosOf(this.#context, reader),
        })
        if (answer instanceof Promise)
          throw new TypeError('Cannot hold a snapshot: the function must be synchronous')
        return answer
      })
    } finally {
      state.isOver = true
    }
  }

  /** Returns sizes, the shape of every rank tree, and who reads. Cost: every node of the trees. */
  stats(): StoreStats {
    return statsOf(this.#context.store)
  }

  /**
   * Walks everything on one snapshot and reports every finding; changes nothing. Both directions
   * between players and entries, their order, all checksums and every invariant of the rank trees.
   * Cost: some seconds a million entries; the event loop gets a turn now and then. Pages on which LMDB
   * gives up end the process: `checkStore` reads them in a child.
   *
   * @throws {LadderError} `ABORTED` by the signal.
   * @example
   * const { ok, findings } = await store.check()
   * ok // true
   */
  async check(options?: CheckOptions): Promise<CheckReport> {
    return checkStore(this.#context.store, checkOptions(options))
  }

  /**
   * Makes the rank tree of a board anew from its entries, or with `from: 'players'` the entries from the
   * player records too: missing and damaged ones are made, those that no record leads to are removed.
   * One transaction: where it fails the old state stays. Cost: a walk with turns for the event loop, then
   * the transaction, for which others wait, with a second walk in it where a commit came in between.
   * In all, 2 seconds a million entries from entries, 6 from players.
   *
   * @throws {LadderError} `CORRUPT` where an entry is damaged, or a player record with `from:
   *   'players'`: a backup must mend those; `NO_BOARD`, `ABORTED`, and those of writes.
   * @example
   * store.board('arena')
   * const { entries } = await store.rebuild('arena', { from: 'players' })
   * entries // 0
   */
  async rebuild(name: string, options?: RebuildOptions): Promise<RebuildReport> {
    const checked = checkOptions(options)
    const { from } = checked
    if (from !== undefined && from !== 'entries' && from !== 'players')
      throw new RangeError(`Cannot rebuild from "${from}": it must be entries or players`)
    return rebuildBoard(this.#context, checkBoardName(name), checked)
  }

  /**
   * Backs up the store, while others write to it, to a new directory: a compacted copy of one
   * instant, flushed, then opened and checked in a child process, and a manifest. The directory
   * appears under its name only when it is complete; what fails leaves nothing. Submits go on, and
   * the file grows by what they change meanwhile. A stream gets the backup as one file and is ended.
   *
   * The signal ends it between and within its steps, but LMDB's own copy of the pages goes on to its
   * end first.
   *
   * @throws {LadderError} `EXISTS`, `DISK_FULL`, `CORRUPT` where the check finds something,
   *   `PERMISSION`, `IO`, `ABORTED`.
   * @example
   * const { boards } = await store.backup(`${path}/2026-11-21.ladder`)
   * boards.length // 0
   */
  async backup(
    target: string | Writable,
    options?: { signal?: AbortSignal },
  ): Promise<BackupReport> {
    if (target === '' || (typeof target !== 'string' && typeof target?.write !== 'function'))
      throw new TypeError('Cannot back up: the target must be a non-empty string or a stream')
    const work = { ...checkOptions(options), now: this.#context.nowMicros() / 1000 }
    const { backupStore, streamStore } = await import('./safekeeping/backup.ts')
    if (typeof target === 'string') return backupStore(this.#context.store, target, work)
    return streamStore(this.#context.store, target, work)
  }

  /**
   * Waits for every write that was begun, then closes. More calls do no harm; afterwards every other
   * call throws `CLOSED`.
   */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#sweeping
    await this.#context.store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #create(
    board: { name: string; order: 'descending' | 'ascending'; mode: 'set' | 'best' | 'increment' },
    opened: Leaderboard | undefined,
  ): Leaderboard {
    if (
      opened !== undefined &&
      settingsError({ id: 0, ...board }, opened) === undefined &&
      opened.isCreating
    )
      return opened
    const creation = this.#context.store.write((writer) => {
      const found = findBoard(writer, board.name)
      const error = found && settingsError(found, board)
      if (error !== undefined) throw error
      if (found === undefined) addBoard(writer, board)
    })
    return this.#remember(board, creation)
  }

  #remember(board: Omit<CatalogEntry, 'id'>, creation?: Promise<void>): Leaderboard {
    const leaderboard = new Leaderboard(this.#context, { ...board, creation })
    this.#open.set(board.name, leaderboard)
    return leaderboard
  }

  // A crash or a close in the middle of a drop or an import leaves a board to be swept.
  #sweepLeftovers(): void {
    const { store } = this.#context
    const isEnded = (): boolean => this.#isClosing
    const aliveMicros = this.#context.nowMicros() - IMPORT_SILENCE_MS * 1000
    for (const { boardId, leftover } of listLeftovers(store.current())) {
      if (leftover.state === 'filling' && leftover.lastMicros > aliveMicros) continue
      this.#sweeping = this.#sweeping
        .then(() => sweepBoard(store, boardId, { isEnded, onSwept: () => undefined }))
        .catch(ignoreUntilNextOpening)
    }
  }
}

function infosOf(context: StoreContext, reader: Reader<Table>): BoardInfo[] {
  return listBoards(reader).map((board) => {
    const { name, order, mode } = board
    return { name, order, mode, size: readerOf(context, reader, board).size }
  })
}

function viewOf(
  context: StoreContext,
  reader: Reader<Table>,
  view: { name: string; state: { isOver: boolean } },
): BoardView {
  const board = findBoard(reader, view.name)
  if (board === undefined) throw noBoard(view.name)
  const boardReader = readerOf(context, reader, board)
  const source = (): BoardReader => {
    if (!view.state.isOver) return boardReader
    throw new LadderError(
      'CLOSED',
      `Cannot read board "${board.name}": its snapshot is over; take what is needed inside`,
    )
  }
  return new BoardView(board, { source, context })
}

function readerOf(context: StoreContext, reader: Reader<Table>, board: CatalogEntry): BoardReader {
  const boardReader = new BoardReader(reader, {
    boardId: board.id,
    order: board.order,
    cache: context.cacheOf(board.id),
  })
  if (boardReader.refresh()) return boardReader
  throw new LadderError(
    'CORRUPT',
    `Cannot read board "${board.name}": its rank tree is missing; run rebuild`,
  )
}

function checkSettings(settings: BoardSettings | undefined): {
  order: BoardSettings['order']
  mode: BoardSettings['mode']
} {
  const { order, mode } = checkOptions(settings, 'settings')
  return {
    order: order === undefined ? undefined : checkOrder(order),
    mode: mode === undefined ? undefined : checkMode(mode),
  }
}

// What fails here fails for the caller's own writes too, and is told there.
function ignoreUntilNextOpening(): void {}
