/**
 * One store: its boards, and what concerns all of them.
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { checkArguments, checkCall } from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import { checkSettings } from '../calls/settings.ts'
import { dumpStore } from '../check/dump.ts'
import { statsOf } from '../check/stats.ts'
import { makeChange } from '../embedded/apply.ts'
import { findBoard, listBoards } from '../embedded/catalog.ts'
import { Housekeeping } from '../embedded/housekeeping.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { infosOf, readerOf } from '../embedded/readers.ts'
import { sweepBoard } from '../embedded/sweep.ts'
import { forCaller } from '../ground/call-site.ts'
import type {
  BackupReport,
  BoardEntry,
  BoardInfo,
  BoardSettings,
  CheckOptions,
  CheckReport,
  DumpedPair,
  DumpOptions,
  RankOptions,
  RebuildOptions,
  RebuildReport,
  Score,
  ScoreOf,
  SealedOptions,
  StoreStats,
  WorkOptions,
} from '../words/index.ts'
import { type Leaderboard, namedOf } from './leaderboard.ts'
import { endMeasures } from './measured-store.ts'
import { OpenBoards } from './open-boards.ts'
import { RuledStore } from './ruled-store.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'

/** An open store. Get it from `openLeaderboards`. */
export class Leaderboards extends RuledStore {
  readonly #context: OpenStore
  readonly #boards: OpenBoards
  readonly #housekeeping: Housekeeping

  /** @internal */
  constructor(context: OpenStore) {
    super(context)
    this.#context = context
    this.#boards = new OpenBoards(context)
    this.#housekeeping = new Housekeeping(context)
    this.#housekeeping.start(() => sweepScratch(context.store.path))
  }

  /** The directory of the store. */
  get path(): string {
    return this.#context.store.path
  }

  /**
   * Returns a board, whether it exists or not. Its first accepted submit or import creates it, with the
   * settings given here; until then it reads like an empty board, and reads create nothing. Cost: one
   * read.
   *
   * If another process creates it meanwhile with other settings, this board's calls throw
   * `SETTINGS_DIFFER`. After the board was dropped they throw `NO_BOARD`, until it exists again.
   *
   * @throws {LadderError} `SETTINGS_DIFFER` if the board has other settings than those given;
   *   `NO_BOARD` if it does not exist and the store was opened read-only.
   * @example
   * const golf = store.board('golf', { order: 'ascending', mode: 'best' })
   * golf.order // 'ascending'
   */
  board<const T extends BoardSettings>(name: string, settings?: T): Leaderboard<ScoreOf<T>> {
    const asked = checkSettings('board', arguments, settings)
    return this.#boards.open(name, asked) as Leaderboard<Score> as Leaderboard<ScoreOf<T>>
  }

  /**
   * Returns a board that exists. Cost: one read.
   *
   * @throws {LadderError} `NO_BOARD` if there is none; `SETTINGS_DIFFER` as `board`.
   * @example
   * await store.createBoard('golf', { order: 'ascending' })
   * store.openBoard('golf').order // 'ascending'
   */
  openBoard<const T extends BoardSettings>(name: string, settings?: T): Leaderboard<ScoreOf<T>> {
    const asked = checkSettings('openBoard', arguments, settings)
    return this.#boards.existing(name, asked) as Leaderboard<Score> as Leaderboard<ScoreOf<T>>
  }

  /**
   * Creates a board; resolves when it is durable. An existing one with these settings is fine. Cost: a share of a disk sync.
   *
   * @throws {LadderError} `SETTINGS_DIFFER`, and those of writes.
   * @example
   * await store.createBoard('weekly', { mode: 'increment' })
   * store.boards().length // 1
   */
  async createBoard<const T extends BoardSettings>(
    name: string,
    settings?: T,
  ): Promise<Leaderboard<ScoreOf<T>>> {
    if (this.#context.store.readOnly) throw this.#context.store.readOnlyError()
    const asked = checkSettings('createBoard', arguments, settings)
    const board = this.#boards.open(name, asked)
    // The board that was found may be dropped before its turn comes.
    await makeChange(this.#context, { kind: 'create', board: namedOf(board) })
    return board as Leaderboard<Score> as Leaderboard<ScoreOf<T>>
  }

  /**
   * Returns whether a board of this name exists. Creates nothing. Cost: one read.
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * store.hasBoard('arena') // false
   */
  hasBoard(name: string): boolean {
    checkArguments('hasBoard', arguments)
    return findBoard(this.#context.store.current(), name) !== undefined
  }

  /**
   * Returns all boards, ordered by the bytes of their names. Cost: two reads a board.
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * store.boards() // []
   */
  boards(): BoardInfo[] {
    checkArguments('boards', arguments)
    return infosOf(this.#context, this.#context.store.current())
  }

  /**
   * Drops a board with all its entries. It is gone for everybody with the first commit; its bytes
   * are freed in many small ones, between which others write. Resolves when that is done, or when
   * the store is closed meanwhile: the next opening goes on with it. Cost: O(n), in small commits.
   *
   * @throws {LadderError} `NO_BOARD`, and those of writes.
   * @example
   * await store.createBoard('old season')
   * await store.dropBoard('old season')
   * store.hasBoard('old season') // false
   */
  async dropBoard(name: string, options?: WorkOptions): Promise<void> {
    const { onProgress, signal } = checkCall('dropBoard', arguments, options)
    const dropped = await makeChange(this.#context, { kind: 'drop', board: name })
    const { boardId, size, seasonIds } = dropped
    this.#boards.forget(name)
    for (const id of [boardId, ...seasonIds]) this.#context.forget(id)
    const total = 2 * size
    let done = 0
    const onSwept = (keys: number): void => {
      // The nodes of the rank tree go last, and are not counted.
      done = Math.min(total, done + keys)
      onProgress?.({ done, total })
    }
    const isEnded = (): boolean => this.#housekeeping.isEnding || signal?.aborted === true
    for (const id of [boardId, ...seasonIds])
      await sweepBoard(this.#context, id, { isEnded, onSwept })
  }

  /**
   * Returns a player's entries on all boards, ordered by the bytes of the boards' names, all of one
   * instant. Those in seasons are asked of `board.window()`. Cost: O(boards × log n).
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * await store.board('arena').submit('ada', 900)
   * store.boardsOf('ada')[0].entry.rank // 1
   */
  boardsOf(playerId: string, options?: RankOptions): BoardEntry[] {
    const { rankMode = 'ordinal' } = checkCall('boardsOf', arguments, options)
    const reader = this.#context.store.current()
    return listBoards(reader).flatMap((board) => {
      const entry = readerOf(this.#context, reader, board).get(playerId, rankMode)
      return entry === undefined ? [] : [{ board: board.name, entry }]
    })
  }

  /**
   * Gives a player a name on every board at once, in one transaction; resolves, when it is durable,
   * with the number of boards that have an entry of the player. The player's id as name takes the
   * name away. A player with a profile gets the name there too. Seasons as in `removePlayer`. Cost: O(boards).
   *
   * @throws {LadderError} `NAME_TAKEN` where names are unique, and those of writes.
   * @example
   * await store.board('arena').submit('ada', 900)
   * await store.rename('ada', 'Ada L.') // 1
   */
  async rename(playerId: string, name: string, options?: SealedOptions): Promise<number> {
    const { sealed: isSealedToo = false } = checkCall('rename', arguments, options)
    return makeChange(this.#context, { kind: 'rename', playerId, name, isSealedToo })
  }

  /**
   * Takes a player off every board in one transaction; resolves, when it is durable, with the number
   * of boards that had an entry, or one in a season. Of seasons, those that are sealed stay as they are,
   * unless `sealed` is true. Cost: O(boards × log n).
   *
   * @throws {LadderError} `CLOSED_FOR_WRITES` if one of them is, and those of writes.
   * @example
   * await store.board('arena').submit('ada', 900)
   * await store.removePlayer('ada') // 1
   */
  async removePlayer(playerId: string, options?: SealedOptions): Promise<number> {
    const { sealed: isSealedToo = false } = checkCall('removePlayer', arguments, options)
    const change = { kind: 'removePlayer', playerId, isSealedToo } as const
    return (await makeChange(this.#context, change)).boards
  }

  /**
   * Takes a player off every board like `removePlayer`; resolves with the entries that there were and
   * their boards, ordered by the bytes of the boards' names. Ranks are ordinal. Cost: O(boards × log n).
   *
   * @throws {LadderError} those of writes.
   * @example
   * await store.board('arena').submit('ada', 900)
   * const [taken] = await store.takePlayer('ada')
   * taken.entry.score // 900
   */
  async takePlayer(playerId: string, options?: SealedOptions): Promise<BoardEntry[]> {
    const { sealed: isSealedToo = false } = checkCall('takePlayer', arguments, options)
    const change = { kind: 'removePlayer', playerId, isSealedToo } as const
    return (await makeChange(this.#context, change)).entries
  }

  /**
   * Makes several reads on several boards at one instant. `read` must be synchronous, and after ten
   * seconds the snapshot answers no more: as long as it is held, no page of the file that is replaced
   * meanwhile can be used again, so the file grows. Cost: that of the reads.
   *
   * @throws {TypeError} if `read` returns a promise.
   * @throws {LadderError} `EXPIRED` by a read after ten seconds; `CLOSED` by one after the end.
   * @example
   * const [a, b] = store.snapshot((view) => [view.boards().length, view.boards().length])
   * a === b // true
   */
  snapshot<T>(read: (view: Snapshot) => T): T {
    checkArguments('snapshot', arguments)
    return readSnapshot(this.#context, read)
  }

  /**
   * Returns sizes, the shape of every rank tree, and who reads. Cost: every node of the trees.
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * store.stats().entries // 0
   */
  stats(): StoreStats {
    checkArguments('stats', arguments)
    return statsOf({ store: this.#context.store, nowMicros: this.#context.nowMicros() })
  }

  /**
   * Iterates over every key and value that is stored, in hexadecimal and in words, by tables and keys:
   * for those who look into a store. What is damaged is shown too. A long iteration that gives up control
   * in between may show pairs of several commits. Cost: O(answer).
   *
   * @throws {LadderError} `NO_BOARD`, `CLOSED`.
   * @example
   * await store.board('arena').submit('ada', 900)
   * const [first] = store.dump({ table: 'players' })
   * first.text.includes('player "ada"') // true
   */
  dump(options?: DumpOptions): Generator<DumpedPair> {
    return dumpStore(this.#context.store.current(), checkCall('dump', arguments, options))
  }

  /**
   * Walks everything on one snapshot and reports every finding; changes nothing. Both directions
   * between players and entries, their order, all checksums and every invariant of the rank trees.
   * Cost: 3 to 4 s of processor time per million entries; the event loop gets a turn now and then. Pages on
   * which LMDB gives up end the process: `checkStore` reads them in a child.
   *
   * With `history` the runs of every player are made again, from the oldest that the log has, and must come to
   * the entry that is stored. Left out are what no record tells of: boards with `log: 'none'`, what an import
   * without records brought, what was before a move, and, on a board of the best, players of whom an undo took
   * runs. Cost: beyond that O(records).
   *
   * @throws {LadderError} `ABORTED` by the signal.
   * @example
   * const { ok, findings } = await store.check()
   * ok // true
   */
  check(options?: CheckOptions): Promise<CheckReport> {
    return forCaller('Cannot check the store', async () => {
      const checked = checkCall('check', arguments, options)
      const { checkOpenStore } = await import('../check/check-store.ts')
      return checkOpenStore(this.#context.store, checked)
    })
  }

  /**
   * Rebuilds the rank tree of a board from its entries, or with `from: 'players'` the entries from the
   * player records too: missing and damaged ones are made, those that no record leads to are removed.
   * Times that a clock far off has left, and no store can hold, become that of now with `from: 'players'`.
   * One transaction for the board, then one for each season: if it fails the old state stays. Cost: a walk with
   * turns for the event loop, then the transaction, for which others wait, with a second walk if a commit came.
   * About 2 s per million entries from entries, 6 s from player records.
   *
   * With `from: 'log'` a board becomes what its changes come to: all changes of the store are made again beside
   * it, from the first one on, while others write; one transaction then takes over what differs. Without a
   * board, all boards, and the answer is a list. The log must be whole: nothing trimmed, no person erased, and on
   * the boards asked for no import without records. Cost: that of the changes, and room for them on the disk.
   *
   * @throws {LadderError} `CORRUPT` if an entry is damaged, or a player record with `from:
   *   'players'`: restore a backup then; `LOG_TRIMMED`, `LOG_OFF`, `LOG_UNUSABLE` if the log does not tell
   *   all, before anything is changed; `BUSY` if an import fills the board meanwhile; `NO_BOARD`, `ABORTED`, and those of writes.
   * @example
   * await store.createBoard('arena')
   * const { entries } = await store.rebuild('arena', { from: 'players' })
   * entries // 0
   */
  rebuild(board: string, options?: RebuildOptions): Promise<RebuildReport>
  rebuild(board: undefined, options: RebuildOptions & { from: 'log' }): Promise<RebuildReport[]>
  rebuild(
    board: string | undefined,
    options?: RebuildOptions,
  ): Promise<RebuildReport | RebuildReport[]> {
    return forCaller('Cannot rebuild the board', async () => {
      const checked = checkCall('rebuild', [board, options], options)
      if (checked.from === 'log') {
        const { rebuildFromLog } = await import('./rebuild-from-log.ts')
        const reports = await rebuildFromLog(this.#context, board, checked)
        return board === undefined ? reports : (reports[0] as RebuildReport)
      }
      if (board === undefined)
        throw new TypeError(
          'Cannot rebuild without a board: name one; only from: "log" rebuilds all',
        )
      const { rebuildBoard } = await import('../check/rebuild.ts')
      return rebuildBoard(this.#context, board, { ...checked, from: checked.from })
    })
  }

  /**
   * Backs up the store, while others write to it, to a new directory: a compacted copy of one
   * instant, flushed, then opened and checked in a child process, and a manifest. The directory
   * appears under its name only when it is complete; what fails leaves nothing. Submits go on, and
   * the file grows by what they change meanwhile. A stream gets the backup as one file and is ended. Cost: reads what the store holds, writes it once, reads that twice.
   *
   * The signal ends it between and within its steps, but LMDB's own copy of the pages goes on to its
   * end first.
   *
   * @throws {LadderError} `EXISTS`, `DISK_FULL`, `CORRUPT` if the check finds something,
   *   `PERMISSION`, `IO`, `ABORTED`.
   * @example
   * const { boards } = await store.backup(`${path}/2026-11-21.ladder`)
   * boards.length // 0
   */
  backup(
    target: string | URL | Writable,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<BackupReport> {
    return forCaller('Cannot back up the store', async () => {
      const isStream = typeof (target as Writable | undefined)?.write === 'function'
      const place = isStream ? (target as Writable) : checkPath(target, 'back up', 'target')
      const checked = checkCall('backup', arguments, options)
      const work = { ...checked, now: this.#context.nowMicros() / 1000 }
      const { backupStore, streamStore } = await import('../backup/backup.ts')
      if (typeof place === 'string') return backupStore(this.#context.store, place, work)
      return streamStore(this.#context.store, place, work)
    })
  }

  /**
   * Waits for every write that was begun, `erase` included, then closes. More calls do no harm; afterwards every
   * other call throws `CLOSED`. An import, a rebuild or a check under way may end with `CLOSED`: nothing of such
   * an import is stored, and a rebuild can be made again. Cost: that of the writes.
   *
   * @example
   * await store.close() // undefined
   */
  async close(): Promise<void> {
    checkArguments('close', arguments)
    await this.#housekeeping.end()
    const { works, store } = this.#context
    if (works.size > 0) await Promise.allSettled(works)
    await store.close()
    endMeasures(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function sweepScratch(directory: string): Promise<void> {
  const { sweepLeftovers } = await import('../backup/debris.ts')
  await sweepLeftovers(directory, ['importing', 'rebuilding'])
}
