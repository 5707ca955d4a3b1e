/**
 * A store of boards on a server.
 *
 * What concerns several boards goes board by board: no instant covers them all.
 *
 * @module
 */

import { noBoard } from '../calls/no-board.ts'
import { checkArguments, checkCall } from '../calls/options.ts'
import { copyOfParts, refuseSecond } from '../calls/rules.ts'
import { settingsInfo } from '../domain/settings.ts'
import type {
  AlteredBoard,
  BoardAlteration,
  BoardEntry,
  CheckOptions,
  CheckReport,
  RankOptions,
  Score,
  ScoreOf,
  SealedOptions,
  StoreAlteration,
  WorkOptions,
} from '../words/index.ts'
import { checkBoards } from './board/check-boards.ts'
import { alterOnServer } from './board/remote-alter.ts'
import { RemoteBoard } from './board/remote-board.ts'
import { UnbornBoards } from './board/unborn-boards.ts'
import { boardOnServer, boardsOnServer, callerOf, callsOf } from './partitions/found-boards.ts'
import { dropPartitions } from './partitions/partition-life.ts'
import { forOwnUse } from './replicas/own-use.ts'
import type { BoardCalls } from './slot/board-calls.ts'
import { keysOfBoard } from './slot/board-keys.ts'
import { refuseCalls } from './slot/refused-calls.ts'
import type { RemoteContext } from './slot/remote-context.ts'
import { type AskedOfServer, checkRemoteSettings } from './slot/remote-settings.ts'
import { RemotePeople } from './store/remote-people.ts'
import { renameOnServer } from './store/remote-profiles.ts'
import { removedFromAll } from './store/remote-removals.ts'
import { endRemoteMeasures } from './store/remote-reports.ts'
import { alterStoreOnServer, settingsOnServer } from './store/remote-store-settings.ts'
import type {
  RemoteBoardInfo,
  RemoteBoardSettings,
  RemoteStoreSettings,
  ReplicaState,
} from './words.ts'

/** A store of boards on a server. Get it from `connectLeaderboards`. */
export class RemoteLeaderboards extends RemotePeople {
  readonly #context: RemoteContext
  readonly #unborn = new UnbornBoards()

  static {
    refuseCalls(RemoteLeaderboards.prototype, [
      ...(['sequence', 'log', 'follow'] as const),
      ...(['resolve', 'dump', 'snapshot'] as const),
      ...(['undo', 'rebuild', 'backup'] as const),
    ])
  }

  /** @internal */
  constructor(context: RemoteContext) {
    super(context)
    this.#context = context
  }

  /**
   * Resolves with a board, whether it exists or not. Its first accepted submit creates it, with the settings
   * given here. Cost: one round trip.
   *
   * @throws {LadderError} `SETTINGS_DIFFER` if it exists with other settings; `UNSUPPORTED` for a `log`, and
   *   for `keep`, also of a window, beside `partitions`; `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * const golf = await store.board('golf', { order: 'ascending', mode: 'best' })
   * golf.order // 'ascending'
   */
  async board<const T extends RemoteBoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const asked = checkRemoteSettings('board', name, settings)
    return new RemoteBoard<ScoreOf<T>>(await this.#open(name, asked))
  }

  /**
   * Resolves with a board that exists. Cost: one round trip.
   *
   * @throws {LadderError} `NO_BOARD` if there is no such board, and as `board`.
   * @example
   * await store.createBoard('golf', { order: 'ascending' })
   * const golf = await store.openBoard('golf')
   * golf.order // 'ascending'
   */
  async openBoard<const T extends RemoteBoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const asked = checkRemoteSettings('openBoard', name, settings)
    const found = await boardOnServer(this.#context, name)
    if (found === undefined) throw noBoard(name)
    return new RemoteBoard<ScoreOf<T>>(callerOf(this.#context, found, asked))
  }

  /**
   * Creates a board; resolves with it when it is there. If it exists with these settings already, nothing is
   * changed. Cost: three round trips.
   *
   * @throws {LadderError} as `board` and `RemoteBoard.submit`.
   * @example
   * await store.createBoard('weekly', { mode: 'increment' })
   * await store.hasBoard('weekly') // true
   */
  async createBoard<const T extends RemoteBoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const caller = await this.#open(name, checkRemoteSettings('createBoard', name, settings))
    await caller.write('create', [])
    return new RemoteBoard<ScoreOf<T>>(caller)
  }

  /**
   * Resolves with all boards, ordered by the bytes of their names. Cost: two round trips, one more if some have
   * partitions.
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * await store.boards() // []
   */
  async boards(): Promise<RemoteBoardInfo[]> {
    checkArguments('boards', arguments)
    const all = await boardsOnServer(this.#context)
    return Promise.all(
      all.map(async (found) => {
        const { spec, size } = found
        const { partitions } = spec
        if (partitions === 1) return { ...settingsInfo(spec), size }
        const board = ownBoard(callerOf(this.#context, found))
        return { ...settingsInfo(spec), partitions, size: await board.size() }
      }),
    )
  }

  /**
   * Resolves with whether a board of this name exists. Cost: one round trip.
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * await store.hasBoard('arena') // false
   */
  async hasBoard(name: string): Promise<boolean> {
    checkArguments('hasBoard', arguments)
    return (await boardOnServer(this.#context, name)) !== undefined
  }

  /**
   * Resolves with a player's entries on all boards, ordered by the bytes of the boards' names, each of an
   * instant of its own. Cost: three round trips, O(log n) on each board.
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * await (await store.board('arena')).submit('ada', 900)
   * const [{ entry }] = await store.boardsOf('ada')
   * entry.rank // 1
   */
  async boardsOf(playerId: string, options?: RankOptions): Promise<BoardEntry[]> {
    const asked = checkCall('boardsOf', [playerId], options)
    const found = await this.#onEach((board) => board.get(playerId, asked))
    return found.flatMap(({ name, answer }) =>
      answer === undefined ? [] : [{ board: name, entry: answer }],
    )
  }

  /**
   * Alters the rules and the windows of a board, at one instant; resolves with all rules that it has from then on, and, if
   * windows are named, with those. As `Leaderboards.alter`: rules hold for every process at once, and null takes one
   * away; `maxGain` refuses, and does not flag, as there is no log. Of partitions each goes by the rules from when it is
   * told of them, and all are before this resolves. Of windows, null takes a window away with all its seasons, a new name adds a window whose first season is
   * the one that is on, and `graceMs`, `retain`, `finals` and `keep` of a window can be altered. A season that was sealed
   * stays sealed, and one that left stays away. Other processes that have the board open follow with their next call.
   * Cost: two round trips, four more for the rules of a board in partitions, two more for each alteration of others between the two. The server answers nobody else during
   * the second: O(1) a window, O(seasons) for a window that is taken away, O(log n) for each entry that a smaller `keep`
   * takes off a season.
   *
   * Without a board, it alters settings of the whole store, `requests: { days, count }`, `names` and `writes`; resolves with all that
   * hold when each board goes by them. Each board keeps ids of requests by itself, in partitions each partition. Boards are
   * told one after another: until it resolves, some may still go by the settings of before. If it fails half way, call it
   * again; or the next `check` tells the other boards. `names: 'unique'` is refused with `NAME_TAKEN` if several players
   * have one name. Cost: three round trips, four if some boards have partitions; `names` O(n), a thousand names a round trip.
   *
   * @throws {TypeError | RangeError} for rules and windows that the board cannot have.
   * @throws {LadderError} `NO_BOARD`, `NO_WINDOW`, `SETTINGS_DIFFER` for what is fixed, `BUSY` if others alter the board
   *   all the time; `UNSUPPORTED` for the action `flag`, `fill`, windows beside partitions and `retention`;
   *   and as `RemoteBoard.submit`.
   * @example
   * await store.createBoard('arena')
   * const { windows } = await store.alter('arena', { windows: ['month'] })
   * windows[0].window // 'month'
   * await store.alter('arena', { max: 5000, perMinute: 10 }) // { max: 5000, perMinute: 10 }
   * (await store.alter({ writes: 'closed' })).writes // 'closed'
   */
  alter(settings: StoreAlteration): Promise<RemoteStoreSettings>
  alter(board: string, alteration: BoardAlteration): Promise<AlteredBoard>
  async alter(
    board: string | StoreAlteration,
    alteration?: BoardAlteration,
  ): Promise<AlteredBoard | RemoteStoreSettings> {
    if (typeof board === 'object') {
      refuseSecond(alteration)
      return alterStoreOnServer(this.#context, board)
    }
    // Copied, as it is used later.
    const asked = copyOfParts(checkCall('alter', [board, alteration], alteration))
    return alterOnServer(asked, {
      open: async () => {
        const found = await boardOnServer(this.#context, board)
        if (found === undefined) throw noBoard(board)
        return { caller: callerOf(this.#context, found), rules: found.rules }
      },
      list: (caller) => ownBoard(caller).windows(),
    })
  }

  /**
   * Resolves with the settings of the store, those that were never altered included. There is no `retention`, for boards on
   * a server keep no log. Cost: one round trip.
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * const { requests } = await store.settings()
   * requests // { days: 1, count: 1000000 }
   */
  async settings(): Promise<RemoteStoreSettings> {
    checkArguments('settings', arguments)
    return settingsOnServer(this.#context)
  }

  /**
   * Drops a board with all its entries and seasons. The server frees them by itself, while it answers others.
   * Cost: two round trips, some more for partitions.
   *
   * @throws {LadderError} `NO_BOARD` if there is no such board, and as `RemoteBoard.submit`.
   * @example
   * await store.createBoard('old season')
   * await store.dropBoard('old season')
   * await store.hasBoard('old season') // false
   */
  async dropBoard(name: string, options?: WorkOptions): Promise<void> {
    checkCall('dropBoard', [name], options)
    if (!((await this.#dropSlot(name)) || (await dropPartitions(this.#context, name))))
      throw noBoard(name)
    this.#unborn.forget(name)
  }

  /**
   * Gives a player a name on every board, board by board; resolves with the number of boards that have an entry
   * of the player. The player's id as name takes the name away. A profile takes the name, and then boards made later show
   * it too. Cost: two round trips, three with a profile, one more if some boards have partitions, O(1) on each board.
   *
   * @throws {LadderError} as `RemoteBoard.submit`.
   * @example
   * await (await store.board('arena')).submit('ada', 900)
   * await store.rename('ada', 'Ada L.') // 1
   */
  async rename(playerId: string, name: string, options?: SealedOptions): Promise<number> {
    const { sealed = false } = checkCall('rename', [playerId, name], options)
    return renameOnServer(this.#context, playerId, { name, sealed })
  }

  /**
   * Takes a player off every board, board by board, as `RemoteBoard.remove`; resolves with the number of boards
   * that had an entry. A board that has the player and is closed for writes refuses it, before others are changed.
   * Cost: three round trips, O(log n) on each board; one more if a board is closed.
   *
   * @throws {LadderError} as `RemoteBoard.submit`.
   * @example
   * await (await store.board('arena')).submit('ada', 900)
   * await store.removePlayer('ada') // 1
   */
  async removePlayer(playerId: string, options?: SealedOptions): Promise<number> {
    const { sealed = false } = checkCall('removePlayer', [playerId], options)
    const removal = { sealed, asked: 'alone' } as const
    const found = await removedFromAll(this.#context, playerId, removal)
    return found.filter(({ isFound }) => isFound).length
  }

  /**
   * Takes a player off every board like `removePlayer`; resolves with the entries that there were and their
   * boards. Cost: as `removePlayer`.
   *
   * @throws {LadderError} as `RemoteBoard.submit`.
   * @example
   * await (await store.board('arena')).submit('ada', 900)
   * const [taken] = await store.takePlayer('ada')
   * taken.entry.score // 900
   */
  async takePlayer(playerId: string, options?: SealedOptions): Promise<BoardEntry[]> {
    const { sealed = false } = checkCall('takePlayer', [playerId], options)
    const removal = { sealed, asked: 'and rank' } as const
    const found = await removedFromAll(this.#context, playerId, removal)
    return found.flatMap(({ board, entry }) => (entry === undefined ? [] : [{ board, entry }]))
  }

  /**
   * Walks all boards and reports findings: whether entries, records and distinct scores say the same, and
   * whether seasons overlap. First it tells boards of bans whose caller was stopped half way, and partitions of the rules of
   * their board. Cost: O(n), some
   * thousand entries a round trip, between which the server answers others.
   *
   * @throws {LadderError} `UNSUPPORTED` for `history`, `ABORTED`, `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * const { ok } = await store.check()
   * ok // true
   */
  async check(options?: CheckOptions): Promise<CheckReport> {
    const checked = checkCall('check', [], options)
    return this.#context.mending(() => checkBoards(this.#context, checked))
  }

  /**
   * Returns the replicas that are read from: how late each was at most, and how many questions it answered.
   * Empty if the store reads from the primary. Cost: O(replicas), no round trip.
   *
   * @throws nothing.
   * @example
   * store.replicas() // []
   */
  replicas(): ReplicaState[] {
    return this.#context.replicas()
  }

  /**
   * Waits for what was asked, then ends the connection; a client that the caller made stays open. More calls do
   * no harm; afterwards every other call throws `CLOSED`. Cost: that of the calls under way.
   *
   * @example
   * await store.close() // undefined
   */
  async close(): Promise<void> {
    checkArguments('close', arguments)
    endRemoteMeasures(this)
    return this.#context.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(name: string, asked: AskedOfServer): Promise<BoardCalls> {
    // Taken note of at once: the next one to ask need not wait for this one.
    const noted = this.#unborn.note(name, asked)
    try {
      const found = await boardOnServer(this.#context, name)
      if (found === undefined) return callsOf(this.#context, noted.parts())
      const caller = callerOf(this.#context, found, asked)
      this.#unborn.forget(name)
      return caller
    } catch (error) {
      noted.takeBack()
      throw error
    }
  }

  // Answers false for a board in partitions too, and leaves it alone.
  async #dropSlot(name: string): Promise<boolean> {
    const found = await boardOnServer(this.#context, name)
    if (found === undefined || found.spec.partitions > 1) return false
    const keys = keysOfBoard(this.#context.prefix, name)
    const reply = await this.#context.call({ name: 'drop', keys, args: [], isRead: false })
    return String((reply as unknown[])[0]) !== '!'
  }

  async #onEach<T>(
    work: (board: RemoteBoard<Score>) => Promise<T>,
  ): Promise<{ name: string; answer: T }[]> {
    return this.#onEachCaller(async (caller) => {
      return { name: caller.spec.name, answer: await work(ownBoard(caller)) }
    })
  }

  async #onEachCaller<T>(work: (caller: BoardCalls) => Promise<T>): Promise<T[]> {
    const all = await boardsOnServer(this.#context)
    return Promise.all(all.map((found) => work(callerOf(this.#context, found))))
  }
}

function ownBoard(caller: BoardCalls): RemoteBoard<Score> {
  return forOwnUse(new RemoteBoard<Score>(caller))
}
