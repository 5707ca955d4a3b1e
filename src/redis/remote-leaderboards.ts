/**
 * A store of boards on a server.
 *
 * What concerns several boards goes board by board: no instant covers them all.
 *
 * @module
 */

import { checkArguments, checkCall } from '../calls/options.ts'
import { bothAsked, settingsInfo } from '../domain/settings.ts'
import type {
  Ban,
  BanAnswer,
  BanOptions,
  BoardEntry,
  CheckReport,
  RankOptions,
  Score,
  ScoreOf,
  SealedOptions,
  UnbanOptions,
  WorkOptions,
} from '../words/index.ts'
import { BoardCaller, type CallerParts, noBoardThere } from './board-caller.ts'
import type { BoardCalls } from './board-calls.ts'
import { keysOfBoard, readSpec } from './board-keys.ts'
import { checkBoard } from './check-board.ts'
import { dropPartitions } from './partition-life.ts'
import { PartitionedCaller } from './partitioned-caller.ts'
import { refuseCalls } from './refused-calls.ts'
import {
  banOnServer,
  bansOnServer,
  finishBans,
  TELLING_MICROS,
  unbanOnServer,
} from './remote-bans.ts'
import { RemoteBoard } from './remote-board.ts'
import type { RemoteContext } from './remote-context.ts'
import {
  type AskedOfServer,
  checkRemoteSettings,
  newRemoteSpec,
  type RemoteSpec,
  remoteAskedError,
} from './remote-settings.ts'
import type { RemoteBoardInfo, RemoteBoardSettings, ReplicaState } from './words.ts'

interface FoundBoard {
  spec: RemoteSpec
  id: string
  /** Of a board in one slot. */
  size: number
}

/** A store of boards on a server. Get it from `connectLeaderboards`. */
export class RemoteLeaderboards {
  readonly #context: RemoteContext
  // What boards were asked for with that do not exist yet.
  readonly #asked = new Map<string, AskedOfServer>()

  static {
    refuseCalls(RemoteLeaderboards.prototype, [
      ...(['sequence', 'metrics', 'log', 'follow', 'settings'] as const),
      ...(['alter', 'profile', 'setProfile', 'resolve', 'stats', 'dump', 'snapshot'] as const),
      ...(['movePlayer', 'undo', 'erase', 'rebuild', 'backup'] as const),
    ])
  }

  /** @internal */
  constructor(context: RemoteContext) {
    this.#context = context
  }

  /**
   * Resolves with a board, whether it exists or not. Its first accepted submit creates it, with the settings
   * given here. Cost: one round trip.
   *
   * @throws {LadderError} `SETTINGS_DIFFER`; `UNSUPPORTED` for a `log`, and for `keep` or `windows` beside `partitions`.
   */
  async board<const T extends RemoteBoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const asked = checkRemoteSettings('board', name, settings)
    return new RemoteBoard<ScoreOf<T>>(await this.#open(name, asked))
  }

  /** Resolves with a board that exists. @throws {LadderError} `NO_BOARD`, and as `board`. */
  async openBoard<const T extends RemoteBoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const asked = checkRemoteSettings('openBoard', name, settings)
    const found = await this.#find(name)
    if (found === undefined) throw noBoardThere(name)
    return new RemoteBoard<ScoreOf<T>>(this.#callerOf(found, asked))
  }

  /** Creates a board; one with these settings that exists is fine. Cost: three round trips. */
  async createBoard<const T extends RemoteBoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const caller = await this.#open(name, checkRemoteSettings('createBoard', name, settings))
    await caller.write('create', [])
    return new RemoteBoard<ScoreOf<T>>(caller)
  }

  /** Resolves with all boards, by their names. Cost: two round trips, one more if some have partitions. */
  async boards(): Promise<RemoteBoardInfo[]> {
    checkArguments('boards', [])
    const all = await this.#all()
    return Promise.all(
      all.map(async (found) => {
        const { spec, size } = found
        const { partitions } = spec
        if (partitions === 1) return { ...settingsInfo(spec), size }
        const board = new RemoteBoard<Score>(this.#callerOf(found))
        return { ...settingsInfo(spec), partitions, size: await board.size() }
      }),
    )
  }

  /** Resolves with whether a board exists. */
  async hasBoard(name: string): Promise<boolean> {
    checkArguments('hasBoard', [name])
    return (await this.#find(name)) !== undefined
  }

  /** Resolves with the entries of a player on all boards, board by board. Cost: three round trips. */
  async boardsOf(playerId: string, options?: RankOptions): Promise<BoardEntry[]> {
    const asked = checkCall('boardsOf', [playerId], options)
    const found = await this.#onEach((board) => board.get(playerId, asked))
    return found.flatMap(({ name, answer }) =>
      answer === undefined ? [] : [{ board: name, entry: answer }],
    )
  }

  /** Drops a board with all its entries. @throws {LadderError} `NO_BOARD`. */
  async dropBoard(name: string, options?: WorkOptions): Promise<void> {
    checkCall('dropBoard', [name], options)
    if (!((await this.#dropSlot(name)) || (await dropPartitions(this.#context, name))))
      throw noBoardThere(name)
    this.#asked.delete(name)
  }

  /** Gives a player a name on every board, board by board; resolves with on how many. */
  async rename(playerId: string, name: string, options?: SealedOptions): Promise<number> {
    const { sealed = false } = checkCall('rename', [playerId, name], options)
    const change = name === playerId ? 'r' : `s${name}`
    const all = await this.#onEachCaller(async (caller) => {
      return (await caller.write('rename', [playerId, change, sealed ? 1 : 0])).value as number
    })
    return all.reduce((sum, one) => sum + one, 0)
  }

  /** Takes a player off every board, board by board; resolves with from how many. */
  async removePlayer(playerId: string, options?: SealedOptions): Promise<number> {
    const asked = checkCall('removePlayer', [playerId], options)
    const found = await this.#onEach((board) => board.remove(playerId, asked))
    return found.filter(({ answer }) => answer).length
  }

  /** The same; resolves with the entries that there were. */
  async takePlayer(playerId: string, options?: SealedOptions): Promise<BoardEntry[]> {
    const asked = checkCall('takePlayer', [playerId], options)
    const found = await this.#onEach((board) => board.take(playerId, asked))
    return found.flatMap(({ name, answer }) =>
      answer === undefined ? [] : [{ board: name, entry: answer }],
    )
  }

  /**
   * Takes a player out of sight on every board, those made later too, or on one, as `Leaderboards.ban`: board by
   * board, so that some may show the player until it resolves. If it fails half way, the next `check` of any process
   * tells the other boards, or the next `ban` or `unban` after ten seconds. A ban ends with the first change to a board after its
   * `until`, on each board by itself, in partitions with the first one to that of the player; before that reads go on
   * without the player. Cost: four round trips, five if some boards have partitions, O(log n) on each board, and a
   * look at each newcomer afterwards.
   *
   * @throws {RangeError} if `until` is not later than now.
   * @throws {LadderError} `NO_BOARD`.
   */
  async ban(playerId: string, options?: BanOptions): Promise<BanAnswer> {
    const asked = checkCall('ban', [playerId], options)
    const caller = await this.#callerOfBans(asked.board)
    return banOnServer(this.#context, playerId, { caller, options: asked })
  }

  /**
   * Lifts every ban of a player, or that of one board, as `Leaderboards.unban`, board by board; resolves with
   * whether there was a ban. Cost: as `ban`. @throws {LadderError} `NO_BOARD`.
   */
  async unban(playerId: string, options?: UnbanOptions): Promise<boolean> {
    const { board, sealed = false } = checkCall('unban', [playerId], options)
    const caller = await this.#callerOfBans(board)
    return unbanOnServer(this.#context, playerId, { caller, sealed })
  }

  /** Resolves with all bans, ordered as `Leaderboards.bans` has them. Cost: four round trips, O(bans). */
  async bans(): Promise<Ban[]> {
    checkArguments('bans', [])
    const all = await this.#all()
    return bansOnServer(
      this.#context,
      all.map(({ spec }) => spec),
    )
  }

  /**
   * Walks all boards, in bites that the server's other callers hardly notice; reports findings. Before that it tells
   * boards of bans whose caller was stopped half way.
   */
  async check(): Promise<CheckReport> {
    const report: CheckReport = {
      ...{ ok: true, findings: [] },
      checked: { boards: 0, entries: 0, players: 0, nodes: 0 },
    }
    await finishBans(this.#context, 0)
    for (const found of await this.#all()) await checkBoard(this.#callerOf(found), report)
    return { ...report, ok: report.findings.length === 0 }
  }

  /** Returns the replicas that are read from: how late each was at most, and how many questions it answered. */
  replicas(): ReplicaState[] {
    return this.#context.replicas()
  }

  /** Waits for what was asked and ends the connection. */
  close(): Promise<void> {
    return this.#context.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(name: string, asked: AskedOfServer): Promise<BoardCalls> {
    // Taken note of at once: the next one to ask need not wait for this one.
    const all = bothAsked(this.#asked.get(name), asked).all as AskedOfServer
    this.#asked.set(name, all)
    const found = await this.#find(name)
    if (found === undefined) return this.#callsOf({ spec: newRemoteSpec(name, all), asked: all })
    this.#asked.delete(name)
    return this.#callerOf(found, asked)
  }

  #callerOf({ spec, id }: FoundBoard, asked?: AskedOfServer): BoardCalls {
    const error = asked && remoteAskedError(spec, asked)
    if (error !== undefined) throw error
    return this.#callsOf({ spec, id })
  }

  #callsOf(parts: CallerParts): BoardCalls {
    const Caller = parts.spec.partitions > 1 ? PartitionedCaller : BoardCaller
    return new Caller(this.#context, parts)
  }

  // Answers false for a board in partitions too, and leaves it alone.
  async #dropSlot(name: string): Promise<boolean> {
    const found = await this.#find(name)
    if (found === undefined || found.spec.partitions > 1) return false
    const keys = keysOfBoard(this.#context.prefix, name)
    const reply = await this.#context.call({ name: 'drop', keys, args: [], isRead: false })
    return String((reply as unknown[])[0]) !== '!'
  }

  // What was left of earlier bans comes first.
  async #callerOfBans(board: string | undefined): Promise<BoardCalls | undefined> {
    await finishBans(this.#context, TELLING_MICROS)
    if (board === undefined) return undefined
    const found = await this.#find(board)
    if (found === undefined) throw noBoardThere(board)
    return this.#callerOf(found)
  }

  async #find(name: string): Promise<FoundBoard | undefined> {
    return foundIn(name, await this.#context.call(this.#infoCall(name)))
  }

  async #all(): Promise<FoundBoard[]> {
    const names = await this.#context.names()
    const replies = await this.#context.batch(names.map((name) => this.#infoCall(name)))
    return names.flatMap((name, i) => foundIn(name, replies[i]) ?? [])
  }

  #infoCall(name: string) {
    const keys = keysOfBoard(this.#context.prefix, name)
    return { name: 'read', keys, args: ['', '', 8, 'info'], isRead: true }
  }

  async #onEach<T>(
    work: (board: RemoteBoard<Score>) => Promise<T>,
  ): Promise<{ name: string; answer: T }[]> {
    return this.#onEachCaller(async (caller) => {
      return { name: caller.spec.name, answer: await work(new RemoteBoard<Score>(caller)) }
    })
  }

  async #onEachCaller<T>(work: (caller: BoardCalls) => Promise<T>): Promise<T[]> {
    const all = await this.#all()
    return Promise.all(all.map((found) => work(this.#callerOf(found))))
  }
}

function foundIn(name: string, reply: unknown): FoundBoard | undefined {
  const [id, , value] = reply as [Buffer, Buffer, [[Buffer | null], number]]
  const [[settings], size] = value
  if (settings === null) return undefined
  return { spec: readSpec(name, settings.toString()), id: id.toString(), size }
}
