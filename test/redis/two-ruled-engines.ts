/**
 * The embedded engine and a server, given the same random rules, changes and questions, and the same clock.
 *
 * @module
 */

import { inspect, isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { BadRow, BoardSettings, Leaderboard, Leaderboards } from '../../src/index.ts'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { MODES } from '../model/calls.ts'
import type { Random } from '../support/random.ts'
import type { FakeClock } from '../support/temporary-store.ts'

const PLAYERS = ['ann', 'bob', 'cy', 'dee', 'eve', 'fay']
const REQUEST_IDS = 12
/** So long a run may seem to take. */
const REQUEST_DAYS = 365
const ALL = 1_000

/** Some of these come to a minute. */
const STEPS_MS = [1, 1, 500, 2_000, 10_000, 59_999]
const BACK_MS = [1, 500, 30_000]
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** A board without rules. */
const TICKS = 'ticks'

const BOARDS: Readonly<Record<string, BoardSettings>> = {
  plain: {},
  golf: { order: 'ascending', mode: 'best' },
  coins: { scoreType: 'int64', mode: 'increment' },
  points: { mode: 'increment' },
  race: { columns: [{ name: 'time', order: 'ascending' }, { name: 'laps' }] },
  few: { mode: 'best', keep: 3 },
  hours: { windows: [{ name: 'hour', every: { hours: 1, from: 0 }, graceMs: 60_000 }, 'day'] },
}

/** What both engines are given; of boards in partitions what takes one instant is left out. */
interface Parts {
  embedded: Leaderboards
  urls: readonly string[]
  partitions: number
  clock: FakeClock
  random: Random
}

interface Call {
  /** Undefined: of the store. */
  board: string | undefined
  name: string
  args: readonly unknown[]
}

/** Two stores that must not differ. */
export class TwoRuledEngines {
  readonly #parts: Parts
  /** Two processes: one alters rules, the other goes by them. */
  readonly #remotes: readonly [RemoteLeaderboards, RemoteLeaderboards]
  readonly #boards: readonly string[]
  readonly #sent: Call[] = []
  /** How often each outcome came. */
  readonly counts = new Map<string, number>()
  operations = 0
  #latestMs = 0
  /** Or may be. */
  #areUnique = false

  private constructor(parts: Parts, remotes: [RemoteLeaderboards, RemoteLeaderboards]) {
    this.#parts = parts
    this.#remotes = remotes
    const all = Object.entries(BOARDS)
    const some = all.filter(([, { keep }]) => keep === undefined)
    this.#boards = (parts.partitions > 1 ? some : all).map(([name]) => name)
  }

  static async open(parts: Parts): Promise<TwoRuledEngines> {
    const { urls, clock } = parts
    const [url = '', ...others] = urls
    const target = others.length === 0 ? url : urls
    const connect = (): Promise<RemoteLeaderboards> =>
      connectLeaderboards(target, { clock: clock.read })
    const engines = new TwoRuledEngines(parts, [await connect(), await connect()])
    // An old id is forgotten for good as its record goes, and that is told apart by a clock that steps back behind its end.
    for (const store of [parts.embedded, engines.#remotes[0]])
      await store.alter({ requests: { days: REQUEST_DAYS } })
    for (const name of [...engines.#boards, TICKS]) await engines.#createBoard(name)
    return engines
  }

  async run(operations: number): Promise<void> {
    const { random } = this.#parts
    while (this.operations < operations) {
      await this.#moveClock()
      await this.#same(this.#call(random.pick(this.#boards)))
    }
    for (const board of this.#boards) {
      await this.#same({ board, name: 'rules', args: [] })
      await this.#same({ board, name: 'top', args: [ALL] })
    }
    expect((await this.#remotes[0].check()).findings).toEqual([])
  }

  async close(): Promise<void> {
    for (const remote of this.#remotes) await remote.close()
  }

  get #isPartitioned(): boolean {
    return this.#parts.partitions > 1
  }

  async #createBoard(name: string): Promise<void> {
    const { embedded, partitions } = this.#parts
    await embedded.createBoard(name, BOARDS[name])
    await this.#remotes[0].createBoard(name, { ...BOARDS[name], partitions })
  }

  async #moveClock(): Promise<void> {
    const { random, clock } = this.#parts
    const kind = random.below(100)
    if (kind < 30) clock.advance(random.pick(STEPS_MS))
    else if (kind < 32) clock.advance(random.pick([200_000, 2 * HOUR_MS]))
    else if (kind < 34) await this.#stepBack()
  }

  // By less than a minute, for rates go by the last time that was given then; or far. In between, each engine has forgotten
  // other submits of before, which a clock that goes back brings into the minute again.
  async #stepBack(): Promise<void> {
    const { random, clock } = this.#parts
    this.#latestMs = Math.max(this.#latestMs, clock.now)
    const leastMs = this.#latestMs - MINUTE_MS + 1
    if (clock.now < leastMs) return
    // That a border of a season has passed, the embedded engine notes for all boards, and a server for that board alone. A
    // time that is given after it holds for all that this process submits.
    await this.#same({ board: TICKS, name: 'submit', args: ['nobody', 0] })
    if (random.chance(0.1)) clock.now -= HOUR_MS
    else clock.now = Math.max(leastMs, clock.now - random.pick(BACK_MS))
  }

  #call(board: string): Call {
    const { random } = this.#parts
    const playerId = random.pick(PLAYERS)
    const kind = random.below(100)
    if (kind < 12)
      return { board: undefined, name: 'alter', args: [board, this.#alteration(board)] }
    if (kind < 50)
      return this.#again({ board, name: 'submit', args: this.#submit(board, playerId) })
    if (kind < 65) return this.#again(this.#list(board))
    if (kind < 70) return this.#import(this.#importable(board))
    if (kind < 74) return { board, name: random.pick(['remove', 'take']), args: [playerId] }
    if (kind < 76) return this.#ofStore(playerId)
    if (kind < 77) return this.#profile(playerId)
    if (kind < 79) return { board: undefined, name: 'replace', args: [board] }
    if (kind < 84) return { board, name: 'rules', args: [] }
    if (kind < 90) return { board, name: 'standing', args: [playerId] }
    if (kind < 95) return { board, name: 'standingOf', args: [this.#score(board)] }
    return { board, name: 'top', args: [ALL] }
  }

  #ofStore(playerId: string): Call {
    const { random } = this.#parts
    const name = random.pick(['removePlayer', 'takePlayer', 'rename', 'ban', 'unban', 'unban'])
    const args = {
      ban: [playerId, { submits: random.pick(['keep', 'refuse']) }],
      rename: [playerId, random.pick(['Ada', playerId])],
    }[name]
    return { board: undefined, name, args: args ?? [playerId] }
  }

  #profile(playerId: string): Call {
    const { random } = this.#parts
    if (random.chance(0.2)) {
      this.#areUnique = random.chance(0.5)
      const names = this.#areUnique ? 'unique' : random.pick(['free', null])
      return { board: undefined, name: 'alter', args: [{ names }] }
    }
    if (random.chance(0.2)) return { board: undefined, name: 'profile', args: [playerId] }
    const name = random.pick([undefined, null, 'A', 'B', 'a'])
    return { board: undefined, name: 'setProfile', args: [playerId, { name }] }
  }

  // Some submits with ids are made again.
  #again(call: Call): Call {
    const { random } = this.#parts
    if (random.chance(0.1) && this.#sent.length > 0) return random.pick(this.#sent)
    this.#sent.push(call)
    if (this.#sent.length > 20) this.#sent.shift()
    return call
  }

  #alteration(board: string): object {
    const { random } = this.#parts
    // A board that takes nothing is no test of anything else.
    if (random.chance(0.3)) return { writes: 'open', min: null, max: null, players: null }
    const cell = (): unknown => this.#cell(board)
    const rules: Record<string, () => unknown> = {
      min: cell,
      max: cell,
      maxGain: () => ({ by: this.#positive(board), action: 'refuse' }),
      perMinute: () => 1 + random.below(4),
      players: () => 'known',
      tiers: () => this.#tiers(board),
      writes: () => random.pick(['open', 'open', 'open', 'closed']),
    }
    const names = Object.keys(rules).filter((name) =>
      random.chance(name === 'perMinute' ? 0.6 : 0.3),
    )
    return Object.fromEntries(
      names.map((name) => [name, random.chance(0.3) ? null : rules[name]?.()]),
    )
  }

  #tiers(board: string): object[] {
    const { random } = this.#parts
    const limits = [{ rank: 1 }, { topPercent: 40 }, { score: this.#cell(board) }, { rank: 4 }]
    const some = limits.filter(() => random.chance(0.6))
    return [...some.map((limit, i) => ({ name: `tier ${i}`, ...limit })), { name: 'rest' }]
  }

  #submit(board: string, playerId: string): unknown[] {
    return [playerId, this.#score(board), this.#options(playerId)]
  }

  #options(playerId: string): Record<string, unknown> {
    const { random, clock } = this.#parts
    // In partitions an id is that of its player.
    const whose = this.#isPartitioned ? playerId : 'id'
    return {
      ...(random.chance(0.5) && { mode: random.pick(MODES) }),
      ...(random.chance(0.1) && { only: random.pick(['new', 'existing']) }),
      ...(random.chance(0.1) && { at: clock.now - random.below(100_000) }),
      ...(random.chance(0.1) && { name: random.pick(['A', 'B']) }),
      ...(random.chance(0.3) && { requestId: `${whose} ${random.below(REQUEST_IDS)}` }),
    }
  }

  // In partitions of one player: such a list is all or nothing there.
  #list(board: string): Call {
    const { random } = this.#parts
    const one = random.pick(PLAYERS)
    const list = Array.from({ length: 1 + random.below(6) }, () => {
      const playerId = this.#isPartitioned ? one : random.pick(PLAYERS)
      const { name, ...options } = this.#options(playerId)
      // If one gives a name away that another one of the list takes, that is refused on a server.
      const named = this.#areUnique || name === undefined ? {} : { name }
      return { playerId, score: this.#score(board), ...options, ...named }
    })
    return { board, name: 'submitMany', args: [list, { ranks: false }] }
  }

  // Nothing is imported into windows beside partitions, nor are they altered.
  #importable(board: string): string {
    return this.#isPartitioned && BOARDS[board]?.windows !== undefined ? 'plain' : board
  }

  #import(board: string): Call {
    const { random, clock } = this.#parts
    const rules = random.chance(0.7)
    // In partitions a row takes a time even if a rule refuses it: then all that come later are other ones.
    const bringsTime = this.#isPartitioned && rules
    const rows = Array.from({ length: random.below(8) }, () => {
      const score = this.#score(board)
      const cells = typeof score === 'object' ? (score as object) : { score }
      // Names of two players keep the store from making them unique.
      const name = random.chance(0.1) ? { name: random.pick(['A', 'B']) } : {}
      const at = bringsTime ? { at: clock.now - random.below(100_000) } : {}
      return { playerId: random.pick(PLAYERS), ...cells, ...name, ...at }
    })
    const text = rows.map((row) => JSON.stringify(row, asText)).join('\n')
    return {
      board,
      name: 'import',
      args: [text, { mode: random.pick([undefined, ...MODES]), rules }],
    }
  }

  #score(board: string): unknown {
    const cell = this.#cell(board)
    return board === 'race' ? { time: cell, laps: this.#parts.random.below(3) } : cell
  }

  // Some tenths, so that gains lie on the bound, as people reckon.
  #cell(board: string): number | bigint {
    const { random } = this.#parts
    const tenths = random.below(40) - 5
    if (board === 'coins') return random.chance(0.05) ? 2n ** 62n : BigInt(tenths)
    if (random.chance(0.02)) return 2 ** 53 - 1
    return tenths / 10
  }

  #positive(board: string): number | bigint {
    const tenths = this.#parts.random.below(10)
    return board === 'coins' ? BigInt(tenths) : tenths / 10
  }

  async #same(call: Call): Promise<void> {
    const operation = ++this.operations
    const { embedded } = this.#parts
    const remote = this.#remotes[call.name === 'alter' ? 1 : 0]
    const expected = await this.#outcome(embedded as AnyStore, call)
    const actual = await this.#outcome(remote as AnyStore, call)
    const kind = (expected as { code?: string }).code ?? call.name
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    if (isDeepStrictEqual(actual, expected)) return
    expect(actual, `operation ${operation}, ${inspect(call, { depth: 9 })}`).toStrictEqual(expected)
  }

  async #outcome(store: AnyStore, call: Call): Promise<unknown> {
    try {
      const value = await this.#make(store, call)
      return { value }
    } catch (error) {
      const { name, code, message, retryAfterMs } = error as Error & {
        code?: string
        retryAfterMs?: number
      }
      // In which order several names are listed, and which form of each, is left open.
      if (message.startsWith('Cannot make names unique')) return { code }
      return { code: code ?? name, message, retryAfterMs }
    }
  }

  async #make(store: AnyStore, call: Call): Promise<unknown> {
    const { name, args, board } = call
    const isRemote = 'replicas' in store
    if (name === 'replace') return this.#replace(store, args[0] as string)
    if (board === undefined) {
      const answer: unknown = await (Reflect.get(store, name) as Method).apply(store, [...args])
      if (name !== 'ban' && name !== 'alter') return answer
      const { seq: _, retention: __, ...rest } = answer as { seq?: number; retention?: object }
      return rest
    }
    const target = (await store.board(board)) as Leaderboard
    if (name === 'import') return imported(target, args as [string, object])
    const parts =
      isRemote && this.#isPartitioned && name === 'submitMany' ? { atomic: false } : undefined
    const [first, ...others] = args
    const given = parts ? [first, { ...(others[0] as object), ...parts }] : args
    const answer: unknown = await (Reflect.get(target, name) as Method).apply(target, [...given])
    if (!this.#isPartitioned || answer === undefined) return answer
    return name.startsWith('standing') ? { ...(answer as object), dense: undefined } : answer
  }

  // Rules, and times of submits, go with their board.
  async #replace(store: AnyStore, board: string): Promise<void> {
    const { partitions } = this.#parts
    const isRemote = 'replicas' in store
    await store.dropBoard(board)
    await store.createBoard(board, { ...BOARDS[board], ...(isRemote && { partitions }) })
  }
}

/** What is called of both. */
interface AnyStore {
  board(name: string): unknown
  createBoard(name: string, settings?: object): Promise<unknown>
  dropBoard(name: string): Promise<unknown>
}

type Method = (...args: unknown[]) => unknown

// In a directory a bad row takes all others with it.
async function imported(board: Leaderboard, [text, options]: [string, object]): Promise<unknown> {
  const bad: BadRow[] = []
  const onBadRow = (row: BadRow): unknown => bad.push(row)
  const all = { format: 'ndjson', skipBad: true, onBadRow, ...options } as const
  const report = await board.importFrom([text], all)
  return { report, bad: bad.sort((a, b) => a.line - b.line) }
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
