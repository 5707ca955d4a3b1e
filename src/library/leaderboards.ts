/**
 * One store: its boards, and what concerns all of them.
 *
 * @module
 */

import { checkArguments, checkCall } from '../calls/options.ts'
import { checkSettings } from '../calls/settings.ts'
import { makeChange } from '../embedded/apply.ts'
import { findBoard, listBoards } from '../embedded/catalog.ts'
import { Housekeeping } from '../embedded/housekeeping.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { infosOf, readerOf } from '../embedded/readers.ts'
import { sweepBoard } from '../embedded/sweep.ts'
import type {
  BoardEntry,
  BoardInfo,
  BoardSettings,
  RankOptions,
  Score,
  ScoreOf,
  SealedOptions,
  WorkOptions,
} from '../words/index.ts'
import { type Leaderboard, namedOf } from './leaderboard.ts'
import { endMeasures } from './measured-store.ts'
import { OpenBoards } from './open-boards.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'
import { SoundStore } from './sound-store.ts'

/** An open store. Get it from `openLeaderboards`. */
export class Leaderboards extends SoundStore {
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
    const board =
      settings === undefined ? this.#boards.named(name) : this.#boards.existing(name, asked)
    return board as Leaderboard<Score> as Leaderboard<ScoreOf<T>>
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
