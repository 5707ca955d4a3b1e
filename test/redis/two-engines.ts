/**
 * The embedded engine and a server, given the same random calls and the same clock.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { inspect, isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import type {
  BadRow,
  BanAnswer,
  BoardSettings,
  ExportOptions,
  Leaderboard,
  Leaderboards,
  Mode,
  MoveAnswer,
  Page,
  PageOptions,
  StoreAlteration,
} from '../../src/index.ts'
import {
  type ConnectOptions,
  connectLeaderboards,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { BOARDS, settingsOf } from '../model/boards.ts'
import {
  type Call,
  CallMaker,
  isOfStore,
  MODES,
  type Outcome,
  outcomeOfPromise,
  playerIds,
  withoutCursors,
} from '../model/calls.ts'
import type { Shape } from '../model/scores.ts'
import type { Random } from '../support/random.ts'
import { unlessReplica } from '../support/redis-cluster.ts'
import { redisSizeOf } from '../support/redis-server.ts'
import type { FakeClock } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000
/** The clock goes two days at once at most. */
const REQUEST_DAYS = 3
const CROWD = 500
/** A board with cursors of more pages forgets the oldest ones. */
const PLACES_MAX = 12
/** Few ids, so that many are used again. */
const REQUEST_IDS = 200
/** Few, so that both have an entry at times. */
const MOVED = playerIds(6)
const ANYBODY = playerIds(260)
/** Beside those that isOfStore() names. */
const OF_STORE: ReadonlySet<string> = new Set([...['dropBoard', 'profile', 'setProfile', 'alter']])
/** Into boards as they are at the end. */
const IMPORTS = redisSizeOf('REDIS_IMPORTS', { test: 1, whole: 3 })
const RANK_MODES = ['ordinal', 'competition', 'dense'] as const

/** What both engines are given. */
interface Parts {
  embedded: Leaderboards
  /** One server, or some nodes of a cluster. */
  urls: readonly string[]
  /** Of each board on the server; with several, what takes one instant of a board is left out. */
  partitions: number
  /** How the server is connected to. */
  connecting?: ConnectOptions
  clock: FakeClock
  random: Random
}

/** One place on a board, as each engine says it. */
interface Place {
  embedded: string
  remote: string
}

type Target = object

/** Two stores that must not differ. */
export class TwoEngines {
  readonly #parts: Parts
  readonly remote: RemoteLeaderboards
  readonly #few: CallMaker
  readonly #crowd: CallMaker
  readonly #settings = new Map<string, BoardSettings>()
  // Handles are kept while the boards are dropped and made anew.
  readonly #handles = new Map<string, { embedded: Target; remote: Target }>()
  readonly #places = new Map<string, Place[]>()
  // Calls with ids of requests, to be made again.
  readonly #sent = new Map<string, Call[]>()
  /** From some point on: a submit may then take more than one call. */
  #hasProfiles = false
  operations = 0

  private constructor(parts: Parts, remote: RemoteLeaderboards) {
    const { random, clock } = parts
    const shapeOf = (board: string): Shape => shapeOfSettings(this.#settings.get(board) ?? {})
    const options = { nowMs: (): number => clock.now, shapeOf }
    this.#parts = parts
    this.remote = remote
    this.#few = new CallMaker(random, { ...options, ids: ANYBODY })
    this.#crowd = new CallMaker(random, { ...options, ids: playerIds(CROWD) })
  }

  static async open(parts: Parts): Promise<TwoEngines> {
    const [url = '', ...others] = parts.urls
    const target = others.length === 0 ? url : parts.urls
    const remote = await connectLeaderboards(target, {
      ...parts.connecting,
      clock: parts.clock.read,
    })
    const engines = new TwoEngines(parts, remote)
    // Later on, ids of which the one engine has freed the records would be known again.
    const requests = parts.random.pick([null, { days: REQUEST_DAYS }])
    await engines.#alterStore({ requests })
    for (const name of engines.#boards) await engines.#createBoard(name, settingsOf(name))
    // The embedded engine judges a list as a whole since its first ban, and a server always.
    await parts.embedded.ban('nobody')
    await parts.embedded.unban('nobody')
    return engines
  }

  /** Makes random calls, so many at least. */
  async run(operations: number): Promise<void> {
    const plain = this.#random.below(operations)
    while (this.operations < operations) {
      this.#hasProfiles ||= this.operations >= plain
      this.#moveClock()
      const steps = this.#random.chance(0.03) ? this.#rareSteps : this.#commonSteps
      await this.#random.pick(steps)()
    }
    for (const board of this.#boards)
      for (const rankMode of RANK_MODES)
        await this.#expectSame({ board, name: 'entries', args: [{ rankMode }] })
    for (let i = 0; i < IMPORTS; i++) await this.#importRows()
    for (const board of this.#boards) await this.#expectSameFiles(board)
    await this.#check()
  }

  close(): Promise<void> {
    return this.remote.close()
  }

  get #random(): Random {
    return this.#parts.random
  }

  get #isPartitioned(): boolean {
    return this.#parts.partitions > 1
  }

  get #boards(): readonly string[] {
    if (!this.#isPartitioned) return BOARDS
    return BOARDS.filter((name) => settingsOf(name).keep === undefined)
  }

  readonly #commonSteps: readonly (() => Promise<void>)[] = [
    () => this.#oneByOne(),
    () => this.#reads(),
    () => this.#writesAtOnce(),
    () => this.#writesAtOnce(),
    () => this.#listInParts(),
    () => this.#turnPages(),
  ]

  readonly #rareSteps: readonly (() => Promise<void>)[] = [
    () => this.#check(),
    () => this.#loseFunctions(),
    () => this.#movePlayer(),
    () => this.#erase(),
    () => this.#movePlayer(),
    () => this.#replaceBoard(),
    () => this.#replaceBoard(),
    () => this.#importRows(),
    () => this.#closeStore(),
    () => this.#ruleBoard(),
  ]

  // Calls of all boards and of the store, each after the one before was answered.
  async #oneByOne(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const board = this.#random.pick(this.#boards)
      await this.#expectSame(this.#random.chance(0.6) ? this.#write(board) : this.#read(board))
    }
  }

  async #reads(): Promise<void> {
    const calls = Array.from({ length: 60 }, () => this.#read(this.#random.pick(this.#boards)))
    await this.#expectAllSame(calls)
  }

  // Of one board: what is asked at once is done in the order in which it was asked.
  async #writesAtOnce(): Promise<void> {
    const board = this.#random.pick(this.#boards)
    const length = 1 + this.#random.below(60)
    const write = (): Call => this.#withRequest(this.#maker().write(board))
    const calls = Array.from({ length }, write)
    if (!this.#isPartitioned && !this.#hasProfiles) return this.#expectAllSame(calls)
    for (const call of calls) await this.#expectSame(call)
  }

  // Without what a list is refused for, since other partitions would make theirs; sent once or twice.
  async #listInParts(): Promise<void> {
    if (!this.#isPartitioned) return
    const board = this.#random.pick(this.#boards)
    const banned = new Set(this.#parts.embedded.bans().map(({ playerId }) => playerId))
    const rows = this.#maker().importRows(board, 1 + this.#random.below(20))
    // No sum, which may not be exact.
    const mode = this.#random.pick(['set', 'best'] as const)
    const list = rows
      .filter(({ playerId }) => !banned.has(playerId))
      .map((row) => ({ ...row, mode, at: row.at ?? this.#parts.clock.now }))
    const requestId = `list ${this.operations}`
    const options = this.#random.chance(0.5) ? { ranks: false } : { ranks: false, requestId }
    const call = (other: object): Call => {
      return { board, name: 'submitMany', args: [list, { ...options, ...other }] }
    }
    for (let i = 0; i < 1 + this.#random.below(2); i++) {
      const [answer] = await this.#expectSame(call({}), call({ atomic: false }))
      expect(answer).not.toHaveProperty('error')
    }
  }

  // What is asked of a closed store is refused, or answered as of an open one.
  async #closeStore(): Promise<void> {
    await this.#alterStore({ writes: 'closed' })
    for (let i = 0; i < 5; i++) await this.#oneByOne()
    if (this.#random.chance(0.3)) await this.#replaceBoard()
    await this.#oneByOne()
    await this.#alterStore({ writes: this.#random.pick([null, 'open']) })
  }

  // Some rules for a while; more of them have a test of their own.
  async #ruleBoard(): Promise<void> {
    const random = this.#random
    const board = random.pick(this.#boards)
    const cell = (): unknown => firstCell(this.#maker().importRows(board, 1)[0]?.score)
    const by = (): unknown => {
      const one = cell() as number
      return one < 0 ? -one : one
    }
    const rules = {
      ...(random.chance(0.4) && { [random.pick(['min', 'max'])]: cell() }),
      ...(random.chance(0.4) && { maxGain: { by: by(), action: 'refuse' } }),
      ...(random.chance(0.4) && { perMinute: 1 + random.below(8) }),
      ...(random.chance(0.1) && { writes: 'closed' }),
      tiers: [{ name: 'best', topPercent: 10 }, { name: 'good', score: cell() }, { name: 'rest' }],
    }
    await this.#expectSame({ board, name: 'alter', args: [board, rules] })
    for (let i = 0; i < 3; i++) {
      for (let i = 0; i < 20; i++)
        await this.#expectSame(random.chance(0.7) ? this.#write(board) : this.#read(board))
      await this.#oneByOne()
      this.#moveClock()
    }
    const none = { min: null, max: null, maxGain: null, perMinute: null, writes: 'open' }
    await this.#expectSame({ board, name: 'alter', args: [board, none] })
    await this.#expectSame({ board, name: 'rules', args: [] })
    await this.#expectSame({ board, name: 'alter', args: [board, { tiers: null }] })
  }

  async #alterStore(alteration: StoreAlteration): Promise<void> {
    this.operations++
    const { retention: _, ...embedded } = await this.#parts.embedded.alter(alteration)
    expect(await this.remote.alter(alteration)).toEqual(embedded)
  }

  // The embedded engine moves runs too, which a server does not keep: of boards, those with an entry count.
  async #movePlayer(): Promise<void> {
    const [from, to] = [this.#random.pick(MOVED), this.#random.pick(MOVED)]
    const { embedded } = this.#parts
    const boards = embedded.boardsOf(from).map(({ board }) => board)
    const withoutLog = (answer: unknown): unknown => ({ ...(answer as MoveAnswer), boards, seq: 0 })
    this.operations++
    const outcomes = await Promise.all([
      outcomeOfPromise(embedded.movePlayer(from, to).then(withoutLog)),
      outcomeOfPromise(this.remote.movePlayer(from, to).then((one) => ({ ...one, seq: 0 }))),
    ])
    expect(outcomes[1], `${from} to ${to}`).toEqual(outcomes[0])
    for (const board of this.#boards)
      for (const id of [from, to]) await this.#expectSame({ board, name: 'get', args: [id] })
  }

  async #erase(): Promise<void> {
    const id = this.#person()
    this.operations++
    const [embedded, remote] = await Promise.all([
      this.#parts.embedded.erase(id),
      this.remote.erase(id),
    ])
    expect(remote.boards, id).toEqual(embedded.boards)
  }

  async #loseFunctions(): Promise<void> {
    const admin = new Redis(this.#random.pick(this.#parts.urls))
    await admin.call('FUNCTION', 'FLUSH', 'SYNC').catch(unlessReplica)
    await admin.quit()
  }

  // From a place that was kept, whatever was written since, in one direction or the other.
  async #turnPages(): Promise<void> {
    const board = this.#random.pick(this.#boards)
    const places = this.#places.get(board) ?? []
    this.#places.set(board, places)
    for (let i = 0; i < 10; i++) {
      const place = this.#random.pick([undefined, ...places])
      const direction = this.#random.pick(['after', 'before'] as const)
      const asked: PageOptions = { limit: 1 + this.#random.below(12), rankMode: 'competition' }
      const call = (engine: keyof Place): Call => {
        const at = place === undefined ? {} : { [direction]: place[engine] }
        return { board, name: 'page', args: [{ ...asked, ...at }] }
      }
      const [one, other] = await this.#expectSame(call('embedded'), call('remote'))
      if ('error' in one || 'error' in other) continue
      for (const side of ['next', 'previous'] as const) {
        const [embedded, remote] = [one, other].map(({ value }) => (value as Page)[side])
        if (embedded !== undefined && remote !== undefined) places.push({ embedded, remote })
      }
      places.splice(0, places.length - PLACES_MAX)
    }
  }

  // Dropped and made anew, sometimes with other settings.
  async #replaceBoard(): Promise<void> {
    const board = this.#random.pick(this.#boards)
    await this.#expectSame({ board, name: 'dropBoard', args: [board] })
    await this.#expectSame({ board, name: 'dropBoard', args: [board] })
    for (const call of [this.#few.readOrFind(board), { board, name: 'remove', args: ['a'] }])
      await this.#expectSame(call)
    const before = this.#settings.get(board) as BoardSettings
    const settings = this.#random.chance(0.5) ? before : settingsOf(this.#random.pick(this.#boards))
    await this.#createBoard(board, settings)
    await this.#expectSame({ board, name: 'top', args: [] })
    if (!isDeepStrictEqual(before, settings)) await this.#openHandle(board)
    const [place] = this.#places.get(board) ?? []
    this.#places.delete(board)
    if (place === undefined) return
    const page = (after: string): Call => ({ board, name: 'page', args: [{ after }] })
    await this.#expectSame(page(place.embedded), page(place.remote))
  }

  async #createBoard(board: string, settings: BoardSettings): Promise<void> {
    this.#settings.set(board, settings)
    this.#sent.delete(board)
    const { embedded } = this.#parts
    await embedded.createBoard(board, settings)
    const { partitions } = this.#parts
    await this.remote.createBoard(
      board,
      this.#isPartitioned ? { partitions, ...settings } : settings,
    )
    if (!this.#handles.has(board)) await this.#openHandle(board)
    const boards = embedded.boards().map((info) => ({ ...info, log: 'none' }))
    const found = (await this.remote.boards()).map(({ partitions: _, ...info }) => info)
    expect(found).toEqual(boards)
  }

  async #openHandle(board: string): Promise<void> {
    const { embedded } = this.#parts
    this.#handles.set(board, {
      embedded: embedded.board(board),
      remote: await this.remote.board(board),
    })
  }

  async #check(): Promise<void> {
    this.operations++
    const { findings, checked } = await this.remote.check()
    expect(findings).toEqual([])
    expect(await this.remote.bans()).toEqual(this.#parts.embedded.bans())
    const { boards, entries, players } = (await this.#parts.embedded.check()).checked
    expect(checked).toMatchObject({ boards, entries, players })
  }

  // More rows than a call takes; those whose sum is not exact are told by both.
  async #importRows(): Promise<void> {
    const board = this.#random.pick(this.#boards)
    const rows = this.#maker().importRows(board, this.#random.pick([0, 1, 40, 700]))
    const mode = this.#random.pick([undefined, ...MODES])
    const text = rows.map((row) => JSON.stringify(row, bigIntAsText)).join('\n')
    this.operations++
    const [embedded, remote] = await Promise.all(
      (['embedded', 'remote'] as const).map((engine) =>
        imported(this.#handle(board)[engine] as Pick<Leaderboard, 'importFrom'>, { text, mode }),
      ),
    )
    expect(remote, `${rows.length} rows into ${board}, mode ${mode}`).toEqual(embedded)
    await this.#expectSameFiles(board)
  }

  // Byte for byte; some are cut in the middle of a page, some packed.
  async #expectSameFiles(board: string): Promise<void> {
    for (const format of ['csv', 'ndjson', 'json'] as const) {
      this.operations++
      const top = this.#random.pick([undefined, 1 + this.#random.below(ANYBODY.length)])
      const options = { format, top, gzip: this.#random.chance(0.3) }
      const [embedded, remote] = await Promise.all(
        (['embedded', 'remote'] as const).map((engine) =>
          exported(this.#handle(board)[engine] as Exporter, options),
        ),
      )
      expect(remote, `${board} ${inspect(options)}`).toEqual(embedded)
    }
  }

  #read(board: string): Call {
    if (this.#hasProfiles && this.#random.chance(0.02)) return this.#profile('profile')
    return this.#random.chance(0.03) ? this.#maker().readOfStore() : this.#maker().readOrFind(board)
  }

  #write(board: string): Call {
    if (this.#random.chance(0.93)) return this.#withRequest(this.#maker().write(board))
    if (this.#hasProfiles && this.#random.chance(0.3)) return this.#profile('setProfile')
    const call = this.#maker().writeOfStore()
    return this.#onOneBoard(call, board)
  }

  #profile(name: 'profile' | 'setProfile'): Call {
    const random = this.#random
    const playerId = this.#person()
    const profile = {
      name: random.pick([
        undefined,
        undefined,
        null,
        playerId,
        `Name ${random.below(50)} \u{1f3c6}`,
      ]),
      avatar: random.pick([undefined, null, 'https://example.com/a.png']),
      metadata: random.pick([undefined, null, {}, { n: '\0/"' }]),
    }
    return { board: '', name, args: name === 'profile' ? [playerId] : [playerId, profile] }
  }

  // Often one who is moved at times.
  #person(): string {
    return this.#random.pick(this.#random.chance(0.5) ? MOVED : ANYBODY)
  }

  // Some bans are of one board only.
  #onOneBoard(call: Call, board: string): Call {
    if (!isOfBans(call) || this.#random.chance(0.6)) return call
    const [id, options] = call.args
    return {
      ...call,
      args: [id, { ...(options as object), board, reason: 'a b  "c"', actor: '\0' }],
    }
  }

  // Some submits get an id, and some of these are made again.
  #withRequest(call: Call): Call {
    const random = this.#random
    if (!random.chance(0.3)) return call
    const sent = this.#sent.get(call.board) ?? []
    if (random.chance(0.4) && sent.length > 0) return random.pick(sent)
    if (call.name !== 'submit' && call.name !== 'submitMany') return call
    const [first, ...rest] = call.args
    // In partitions an id is that of its player.
    const id = (): { requestId: string } => ({
      requestId: this.#isPartitioned
        ? `${random.below(2)} ${hashOf(first)}`
        : `id ${random.below(REQUEST_IDS)}`,
    })
    const isOfEach = call.name === 'submitMany' && random.chance(0.5)
    const args = isOfEach
      ? [(first as object[]).map((one) => ({ ...one, ...id() })), ...rest]
      : [first, ...rest.slice(0, -1), { ...(rest.at(-1) as object), ...id() }]
    const again = { ...call, args }
    this.#sent.set(call.board, [...sent.slice(-20), again])
    return again
  }

  async #expectAllSame(calls: readonly Call[]): Promise<void> {
    await Promise.all(calls.map((call) => this.#expectSame(call)))
  }

  async #expectSame(
    call: Call,
    ofRemote: Call = call,
  ): Promise<[embedded: Outcome, remote: Outcome]> {
    if (this.#isPartitioned && needsInstant(ofRemote)) return [NOT_ASKED, NOT_ASKED]
    const operation = ++this.operations
    const [embedded, remote] = await Promise.all([
      outcomeOfPromise(this.#make('embedded', call)),
      outcomeOfPromise(this.#make('remote', ofRemote)),
    ])
    const [expected, actual] = [embedded, remote].map((one) => withoutCursors(call, one))
    if (this.#isPartitioned && call.name.startsWith('standing'))
      for (const one of [expected, actual]) leaveOutDense(one as Outcome)
    if (!isDeepStrictEqual(actual, expected)) {
      const message = `operation ${operation}, ${inspect(call, { depth: 9 })}`
      expect(actual, message).toStrictEqual(expected)
    }
    return [embedded, remote]
  }

  // The call is made before anything is waited for, so that the order of calls is that of the test.
  async #make(engine: keyof Place, call: Call): Promise<unknown> {
    const { board, name, args } = call
    const target =
      isOfStore(call) || OF_STORE.has(name) ? this.#storeOf(engine) : this.#handle(board)[engine]
    const member: unknown = Reflect.get(target, name)
    const answer: unknown =
      typeof member === 'function' ? Reflect.apply(member, target, args) : member
    if (name === 'ban') return withoutSeq((await answer) as BanAnswer)
    if (name !== 'entries') return answer
    const entries: unknown[] = []
    for await (const entry of answer as AsyncIterable<unknown>) entries.push(entry)
    return entries
  }

  #storeOf(engine: keyof Place): Target {
    return engine === 'embedded' ? this.#parts.embedded : this.remote
  }

  #handle(name: string): { embedded: Target; remote: Target } {
    return this.#handles.get(name) as { embedded: Target; remote: Target }
  }

  #maker(): CallMaker {
    return this.#random.chance(0.9) ? this.#few : this.#crowd
  }

  // It often stands still and sometimes steps back; times must rise all the same.
  #moveClock(): void {
    if (this.#random.chance(0.5)) return
    const [ms, isBack] = this.#random.chance(0.01)
      ? // When the record of an old id goes is told apart by a clock that steps back behind its end.
        [2 * DAY_MS, false]
      : [this.#random.pick([1, 1, 20, 5_000, 60_000]), this.#random.chance(0.2)]
    this.#parts.clock.advance(isBack ? -ms : ms)
  }
}

type Exporter = Pick<Leaderboard, 'exportTo'>

async function exported(board: Exporter, options: ExportOptions): Promise<[number, string]> {
  const parts: Buffer[] = []
  const target = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(part)
      done()
    },
  })
  const { exported: count } = await board.exportTo(target, options)
  const bytes = Buffer.concat(parts)
  return [count, String(options.gzip === true ? gunzipSync(bytes) : bytes)]
}

async function imported(
  board: Pick<Leaderboard, 'importFrom'>,
  { text, mode }: { text: string; mode: Mode | undefined },
): Promise<unknown> {
  const bad: BadRow[] = []
  const onBadRow = (row: BadRow): unknown => bad.push(row)
  const report = await board.importFrom([text], { format: 'ndjson', mode, skipBad: true, onBadRow })
  return { report, bad: bad.sort((a, b) => a.line - b.line) }
}

function bigIntAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

const NOT_ASKED: Outcome = { error: 'not asked' }

/** Whether a call takes one instant of a whole board, which there is not in partitions. */
function needsInstant({ name, args }: Call): boolean {
  if (name === 'submitMany') return (args[1] as { atomic?: boolean } | undefined)?.atomic !== false
  return args.some((arg) => (arg as { rankMode?: string } | undefined)?.rankMode === 'dense')
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(inspect(value)).digest('hex').slice(0, 16)
}

function firstCell(score: unknown): unknown {
  return typeof score === 'object' ? Object.values(score as object)[0] : score
}

function leaveOutDense(outcome: Outcome): void {
  if (!('value' in outcome) || outcome.value === undefined) return
  const { dense: _, ...standing } = outcome.value as { dense?: number }
  outcome.value = standing
}

function isOfBans({ name }: Call): boolean {
  return name === 'ban' || name === 'unban'
}

// A server has no log.
function withoutSeq({ seq: _, ...answer }: BanAnswer): Omit<BanAnswer, 'seq'> {
  return answer
}

function shapeOfSettings(settings: BoardSettings): Shape {
  const { order = 'descending', scoreType = 'number', columns } = settings
  if (columns === undefined) return { type: scoreType, columns: [{ name: '', order }] }
  const complete = columns.map(({ name, order = 'descending' }) => ({ name, order }))
  return { type: scoreType, columns: complete }
}
