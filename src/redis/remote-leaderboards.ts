/**
 * A store of boards on a server.
 *
 * What concerns several boards goes board by board: no instant covers them all.
 *
 * @module
 */

import { checkArguments, checkCall } from '../calls/options.ts'
import { checkSettings } from '../calls/settings.ts'
import { askedError, type BoardSpec, bothAsked, newSpec, settingsInfo } from '../domain/settings.ts'
import type {
  AskedSettings,
  BoardEntry,
  BoardInfo,
  BoardSettings,
  CheckReport,
  RankOptions,
  Score,
  ScoreOf,
  SealedOptions,
  WorkOptions,
} from '../words/index.ts'
import { BoardCaller, noBoardThere } from './board-caller.ts'
import { keysOfBoard, readSpec } from './board-keys.ts'
import { checkBoard } from './check-board.ts'
import { refuseCalls, unsupported } from './refused-calls.ts'
import { RemoteBoard } from './remote-board.ts'
import type { RemoteContext } from './remote-context.ts'

interface FoundBoard {
  spec: BoardSpec
  id: string
  size: number
}

/** A store of boards on a server. Get it from `connectLeaderboards`. */
export class RemoteLeaderboards {
  readonly #context: RemoteContext
  // What boards were asked for with that do not exist yet.
  readonly #asked = new Map<string, AskedSettings>()

  static {
    refuseCalls(RemoteLeaderboards.prototype, [
      ...(['bans', 'ban', 'unban', 'sequence', 'metrics', 'log', 'follow', 'settings'] as const),
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
   * @throws {LadderError} `SETTINGS_DIFFER`; `UNSUPPORTED` for `windows` and a `log`.
   */
  async board<const T extends BoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const asked = settingsOf('board', name, settings)
    return new RemoteBoard<ScoreOf<T>>(await this.#open(name, asked))
  }

  /** Resolves with a board that exists. @throws {LadderError} `NO_BOARD`, and as `board`. */
  async openBoard<const T extends BoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const asked = settingsOf('openBoard', name, settings)
    const found = await this.#find(name)
    if (found === undefined) throw noBoardThere(name)
    return new RemoteBoard<ScoreOf<T>>(this.#callerOf(found, asked))
  }

  /** Creates a board; one with these settings that exists is fine. Cost: three round trips. */
  async createBoard<const T extends BoardSettings>(
    name: string,
    settings?: T,
  ): Promise<RemoteBoard<ScoreOf<T>>> {
    const caller = await this.#open(name, settingsOf('createBoard', name, settings))
    await caller.write('create', [])
    return new RemoteBoard<ScoreOf<T>>(caller)
  }

  /** Resolves with all boards, by their names. Cost: two round trips. */
  async boards(): Promise<BoardInfo[]> {
    checkArguments('boards', [])
    return (await this.#all()).map(({ spec, size }) => ({ ...settingsInfo(spec), size }))
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
    const keys = keysOfBoard(this.#context.prefix, name)
    const reply = await this.#context.call({ name: 'drop', keys, args: [], isRead: false })
    if (String((reply as unknown[])[0]) === '!') throw noBoardThere(name)
    this.#asked.delete(name)
  }

  /** Gives a player a name on every board, board by board; resolves with on how many. */
  async rename(playerId: string, name: string, options?: SealedOptions): Promise<number> {
    checkCall('rename', [playerId, name], options)
    const change = name === playerId ? 'r' : `s${name}`
    const all = await this.#onEachCaller(async (caller) => {
      return (await caller.write('rename', [playerId, change])).value as number
    })
    return all.reduce((sum, one) => sum + one, 0)
  }

  /** Takes a player off every board, board by board; resolves with from how many. */
  async removePlayer(playerId: string, options?: SealedOptions): Promise<number> {
    checkCall('removePlayer', [playerId], options)
    const found = await this.#onEach((board) => board.remove(playerId))
    return found.filter(({ answer }) => answer).length
  }

  /** The same; resolves with the entries that there were. */
  async takePlayer(playerId: string, options?: SealedOptions): Promise<BoardEntry[]> {
    checkCall('takePlayer', [playerId], options)
    const found = await this.#onEach((board) => board.take(playerId))
    return found.flatMap(({ name, answer }) =>
      answer === undefined ? [] : [{ board: name, entry: answer }],
    )
  }

  /** Walks all boards, in bites that the server's other callers hardly notice; reports findings. */
  async check(): Promise<CheckReport> {
    const report: CheckReport = {
      ...{ ok: true, findings: [] },
      checked: { boards: 0, entries: 0, players: 0, nodes: 0 },
    }
    for (const found of await this.#all()) await checkBoard(this.#callerOf(found, {}), report)
    return { ...report, ok: report.findings.length === 0 }
  }

  /** Waits for what was asked and ends the connection. */
  close(): Promise<void> {
    return this.#context.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(name: string, asked: AskedSettings): Promise<BoardCaller> {
    // Taken note of at once: the next one to ask need not wait for this one.
    const { all } = bothAsked(this.#asked.get(name), asked)
    this.#asked.set(name, all)
    const found = await this.#find(name)
    if (found === undefined) return new BoardCaller(this.#context, specOf(name, all), undefined)
    this.#asked.delete(name)
    return this.#callerOf(found, asked)
  }

  #callerOf({ spec, id }: FoundBoard, asked: Partial<AskedSettings>): BoardCaller {
    const error = askedError(spec, { ...asked, log: undefined } as AskedSettings)
    if (error !== undefined) throw error
    return new BoardCaller(this.#context, spec, id)
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

  async #onEachCaller<T>(work: (caller: BoardCaller) => Promise<T>): Promise<T[]> {
    const all = await this.#all()
    return Promise.all(all.map((found) => work(this.#callerOf(found, {}))))
  }
}

function foundIn(name: string, reply: unknown): FoundBoard | undefined {
  const [id, , value] = reply as [Buffer, Buffer, [[Buffer | null], number]]
  const [[settings], size] = value
  if (settings === null) return undefined
  return { spec: readSpec(name, settings.toString()), id: id.toString(), size }
}

function settingsOf(
  call: 'board' | 'openBoard' | 'createBoard',
  name: string,
  settings: BoardSettings | undefined,
): AskedSettings {
  const asked = checkSettings(call, [name], settings)
  if (asked.windows !== undefined)
    throw unsupported('use windows', 'boards on a server have no windows')
  if (asked.log !== undefined && asked.log !== 'none')
    throw unsupported('keep a log', 'boards on a server keep no log')
  return asked
}

function specOf(name: string, asked: AskedSettings): BoardSpec {
  return { ...newSpec(name, asked), log: 'none' }
}
