/**
 * The embedded engine and a server with the same boards and windows, given the same random calls and one clock that
 * jumps to borders and over them.
 *
 * The clock goes on before each call: how far a border or another board moves the last time that was given, at the
 * same instant, is an affair of each engine.
 *
 * @module
 */

import { inspect } from 'node:util'
import { expect } from 'vitest'
import type {
  BoardSettings,
  Leaderboard,
  Leaderboards,
  RankMode,
  Score,
  Submission,
  WindowInfo,
  WindowSettings,
} from '../../src/index.ts'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { partitionOf } from '../../src/redis/slot/partitions.ts'
import {
  type Call,
  CallMaker,
  type Outcome,
  outcomeOfPromise,
  withoutCursors,
} from '../model/calls.ts'
import { randomScore } from '../model/random-scores.ts'
import type { Shape } from '../model/scores.ts'
import { randomBoard, randomStart } from '../season-model/random-boards.ts'
import { randomTime } from '../season-model/random-times.ts'
import { HOUR_MS, PLAYERS, RANK_MODES } from '../season-model/scene.ts'
import type { Random } from '../support/random.ts'
import type { FakeClock } from '../support/temporary-store.ts'
import { randomAlteration, randomFile } from './window-alterations.ts'

const BOARDS = ['one', 'two'] as const
/** Without windows, and never altered. */
const TICKS = 'ticks'
const ALL = { limit: 60 } as const
/** So many seasons of an hour may be in the longest grace. */
const SEALED_LATE = 45
/** Larger numbers are times. */
const MICROS_FROM = 1e12

type Engine = 'embedded' | 'remote'
type Answer = Record<string, unknown>

interface Parts {
  embedded: Leaderboards
  urls: readonly string[]
  /** With several, what needs one instant of them is not asked. */
  partitions: number
  clock: FakeClock
  random: Random
}

/** A season of a window, as a call names it. */
interface Place {
  board: string
  window: string
  season?: string
}

/** Two stores with windows that must not differ. */
export class TwoWindowedEngines {
  readonly #parts: Parts
  readonly #remote: RemoteLeaderboards
  /** Another process, by which the boards are altered: the handles of the first one have to follow. */
  readonly #other: RemoteLeaderboards
  readonly #settings = new Map<string, BoardSettings>()
  // What `cron` says is looked at for long: boards are opened once.
  readonly #handles = new Map<string, Record<Engine, object>>()
  readonly #reads: CallMaker
  readonly #sent: Call[] = []
  #started = 0
  #requests = 0
  #operations = 0
  #untils: number[] = []
  /** When the last ban ended. */
  #endedMs = 0
  // The embedded engine takes away in the background what left: how far it is, nothing tells.
  #mayLeave = false

  private constructor(parts: Parts, [remote, other]: [RemoteLeaderboards, RemoteLeaderboards]) {
    const { random, clock } = parts
    this.#parts = parts
    this.#remote = remote
    this.#other = other
    const shapeOf = (board: string): Shape => this.#shapeOf(board)
    this.#reads = new CallMaker(random, { nowMs: () => clock.now, shapeOf, ids: PLAYERS })
  }

  static async open(parts: Parts): Promise<TwoWindowedEngines> {
    parts.clock.now = randomStart(parts.random)
    // The embedded engine forgets with its log who was moved, and an erasure goes by that.
    await parts.embedded.alter({ retention: { days: 36_500 } })
    const [url = '', ...others] = parts.urls
    const connect = (): Promise<RemoteLeaderboards> =>
      connectLeaderboards(others.length === 0 ? url : parts.urls, { clock: parts.clock.read })
    const engines = new TwoWindowedEngines(parts, [await connect(), await connect()])
    for (const board of BOARDS) await engines.#create(board)
    engines.#handles.set(TICKS, {
      embedded: parts.embedded.board(TICKS, { log: 'none' }),
      remote: await engines.#remote.board(TICKS),
    })
    return engines
  }

  async run(operations: number): Promise<void> {
    while (this.#operations < operations) {
      await this.#moveClock()
      await this.#endBans()
      await this.#step()
      if (this.#random.chance(0.02)) await this.#compareAll()
    }
    await this.#compareAll()
  }

  async close(): Promise<void> {
    for (const board of BOARDS) await this.#remote.dropBoard(board)
    await this.#remote.close()
    await this.#other.close()
  }

  get #random(): Random {
    return this.#parts.random
  }

  get #isPartitioned(): boolean {
    return this.#parts.partitions > 1
  }

  get #rankModes(): readonly RankMode[] {
    return this.#isPartitioned ? ['ordinal', 'competition'] : RANK_MODES
  }

  // Each engine ends bans with its next change, the server on each board, or in each partition, by itself: here is one on all.
  async #endBans(): Promise<void> {
    const { now } = this.#parts.clock
    if (!this.#untils.some((until) => until <= now)) return
    this.#endedMs = Math.max(this.#endedMs, ...this.#untils.filter((until) => until <= now))
    this.#untils = this.#untils.filter((until) => until > now)
    await this.#changeAll()
  }

  // A change that reaches all slots of all boards, and alters nothing.
  async #changeAll(): Promise<void> {
    for (const id of idsOfPartitions(this.#parts.partitions))
      await this.#expectSame({ board: '', name: 'rename', args: [id, 'somebody'] })
  }

  async #step(): Promise<void> {
    const random = this.#random
    const board = random.pick(BOARDS)
    const kind = random.below(100)
    if (kind < 45) await this.#expectSame(this.#submit(board))
    else if (kind < 50 && this.#isPartitioned) await this.#submitInParts(board)
    else if (kind < 50) await this.#expectSame(this.#submitMany(board))
    else if (kind < 53 && this.#sent.length > 0)
      await this.#expectSame(random.pick(this.#sent.slice(-4)))
    else if (kind < 57) await this.#startSeason(board)
    else if (kind < 60) await this.#expectSame(this.#remove(board))
    else if (kind < 63) await this.#expectSame(this.#rename())
    else if (kind < 68) await this.#expectSame(this.#banOrUnban(board))
    else if (kind < 69) await this.#replace(board)
    else if (kind < 71) await this.#expectSame(this.#move())
    else if (kind < 72) await this.#erase()
    else if (kind < 75) await this.#alter(board)
    else if (kind < 79) await this.#import(board)
    else if (kind < 81) await this.#expectSame(this.#profile())
    else await this.#read(board)
  }

  async #create(board: string): Promise<void> {
    const random: BoardSettings = { ...randomBoard(this.#random), log: 'none' }
    const settings = this.#isPartitioned ? withoutKeep(random) : random
    const { partitions } = this.#parts
    const ofRemote = this.#isPartitioned ? { ...settings, partitions } : settings
    this.#settings.set(board, settings)
    this.#handles.set(board, {
      embedded: this.#parts.embedded.board(board, settings),
      remote: await this.#remote.board(board, ofRemote),
    })
    // Some are made by their first submit.
    if (this.#random.chance(0.3)) return
    const call = (asked: object): Call => ({ board, name: 'createBoard', args: [board, asked] })
    await this.#expectSame(call(settings), withoutAnswer, call(ofRemote))
    // A board that was never seen must have the windows that it is asked for with, and these are altered.
    await this.#callOf(this.#handles.get(board)?.remote as object, {
      board,
      name: 'size',
      args: [],
    })
  }

  async #replace(board: string): Promise<void> {
    if (this.#random.chance(0.6)) return
    await this.#expectSame({ board, name: 'dropBoard', args: [board] })
    this.#sent.length = 0
    this.#tick()
    await this.#create(board)
  }

  async #alter(board: string): Promise<void> {
    if (this.#isPartitioned) return
    const windows = randomAlteration(this.#random, {
      settings: this.#settings.get(board) ?? {},
      windows: this.#windowsOf(board),
      mayAlterFinals: !this.#mayLeave,
    })
    await this.#expectSame({ board, name: 'alter', args: [board, { windows }] })
    const now = this.#embedded(board).windows()
    const { windows: _, ...others } = this.#settings.get(board) as BoardSettings
    const isThere = this.#parts.embedded.hasBoard(board)
    if (isThere) this.#settings.set(board, { ...others, windows: now.map(settingsOf) })
    this.#mayLeave ||= this.#hasRetain() || Object.values(windows).includes(null)
  }

  async #import(board: string): Promise<void> {
    const random = this.#random
    const { clock } = this.#parts
    // In partitions a row without a time has that of its line, and so another one than a row that has the present.
    const isNow = (at: number): boolean => this.#isPartitioned && Math.floor(at) === clock.now
    const time = (): number => {
      if (random.chance(0.7)) {
        const at = this.#at(board)
        return isNow(at) ? at - 1 : at
      }
      return clock.now - random.below(400 * 24) * HOUR_MS
    }
    const hidden = this.#parts.embedded.bans().map(({ playerId }) => playerId)
    const text = randomFile(random, { shape: this.#shapeOf(board), time, hidden })
    const options = {
      ...{ format: 'ndjson', skipBad: true },
      ...(random.chance(0.5) && { mode: random.pick(['set', 'best', 'increment']) }),
    }
    await this.#expectSame({ board, name: 'importFrom', args: [[text], options] })
  }

  #submit(board: string): Call {
    const { playerId, score, ...options } = this.#submission(board)
    const call = {
      board,
      name: 'submit',
      args: [playerId, score, { ...options, ...this.#asked() }],
    }
    if ('requestId' in options) this.#sent.push(call)
    return call
  }

  #submitMany(board: string): Call {
    const all = Array.from({ length: 1 + this.#random.below(5) }, () => this.#submission(board))
    return { board, name: 'submitMany', args: [all, this.#asked()] }
  }

  // Without what a list is refused for: other partitions would make their parts. Times keep the order of the list.
  async #submitInParts(board: string): Promise<void> {
    const banned = new Set(this.#parts.embedded.bans().map(({ playerId }) => playerId))
    const { clock, partitions } = this.#parts
    const { now } = clock
    // A gain may not be exact: then one partition refuses its part.
    const part = this.#hasGain(board) ? this.#random.below(partitions) : undefined
    const isInPart = (id: string): boolean =>
      part === undefined || partitionOf(id, partitions) === part
    const all = Array.from({ length: 1 + this.#random.below(5) }, (_, i) => {
      const { only: _only, expected: _expected, season: _season, ...rest } = this.#submission(board)
      const mode = this.#random.pick(['set', 'best'] as const)
      return { at: now + i / 1000, ...rest, mode }
    }).filter(({ playerId }) => !banned.has(playerId) && isInPart(playerId))
    // Their ranks are those of a reading after all of them.
    const asked = { ranks: false, ...(this.#random.chance(0.6) && { windows: 'all' as const }) }
    const call = (other: object): Call => {
      return { board, name: 'submitMany', args: [all, { ...asked, ...other }] }
    }
    await this.#expectSame(call({}), known, call({ atomic: false }))
  }

  #asked(): object {
    const random = this.#random
    return {
      ...(random.chance(0.4) && { rankMode: random.pick(this.#rankModes) }),
      ...(random.chance(0.1) && { ranks: false }),
      ...(random.chance(0.2) && { passed: 1 + random.below(3) }),
      ...(random.chance(0.6) && { windows: 'all' as const }),
    }
  }

  #submission(board: string): Submission<Score> {
    const random = this.#random
    const kind = random.chance(0.9) ? 'plain' : 'any'
    const score = randomScore(random, this.#shapeOf(board), kind)
    const submission: Submission<Score> = { playerId: random.pick(PLAYERS), score }
    if (random.chance(0.5)) submission.at = this.#at(board)
    if (random.chance(0.4)) submission.mode = random.pick(['set', 'best', 'increment'])
    if (random.chance(0.15)) submission.name = `n${random.below(9)}`
    if (random.chance(0.2)) submission.metadata = random.pick([{}, { n: 1 }, { n: 2 }])
    if (random.chance(0.04)) submission.only = random.pick(['new', 'existing'])
    if (random.chance(0.04)) submission.expected = random.pick([null, score])
    if (random.chance(0.15)) submission.requestId = `request ${this.#requests++}`
    if (random.chance(0.15)) submission.season = this.#meant(board)
    return submission
  }

  #meant(board: string): Record<string, string> {
    const names = [...this.#windowsOf(board), 'none']
    const window = this.#random.pick(names)
    const [season = 'unknown'] = this.#seasonsOf(board, window)
      .slice(0, 1 + this.#random.below(2))
      .reverse()
    return { [window]: season }
  }

  // Near a border, in a season that is over, or ahead.
  #at(board: string): number {
    const random = this.#random
    const { clock } = this.#parts
    return randomTime(random, { nowMs: clock.now, borders: this.#borders(board) })
  }

  #remove(board: string): Call {
    const random = this.#random
    const name = random.pick(['remove', 'take', 'removePlayer', 'takePlayer'])
    return { board, name, args: [random.pick(PLAYERS), { sealed: random.chance(0.4) }] }
  }

  // The embedded engine keeps the finals of others as they were, and a server counts them anew.
  async #erase(): Promise<void> {
    const playerId = this.#random.pick(PLAYERS)
    this.#mayLeave ||= this.#hasRetain()
    if (this.#mayLeave) return
    await this.#expectSame({ board: '', name: 'erase', args: [playerId] }, boardsOf)
  }

  #move(): Call {
    const random = this.#random
    const args = [random.pick(PLAYERS), random.pick(PLAYERS), { sealed: random.chance(0.3) }]
    return { board: '', name: 'movePlayer', args }
  }

  #rename(): Call {
    const random = this.#random
    const args = [
      random.pick(PLAYERS),
      `renamed ${random.below(9)}`,
      { sealed: random.chance(0.3) },
    ]
    return { board: '', name: 'rename', args }
  }

  #profile(): Call {
    const random = this.#random
    const name = random.pick([undefined, null, `n${random.below(9)}`])
    const metadata = random.pick([undefined, null, { n: 1 }])
    const asked = random.chance(0.3) ? [] : [{ name, metadata }]
    const call = random.pick(['profile', 'setProfile'])
    return {
      board: '',
      name: call,
      args: [random.pick(PLAYERS), ...(call === 'profile' ? [] : asked)],
    }
  }

  #banOrUnban(board: string): Call {
    const random = this.#random
    const playerId = random.pick(PLAYERS)
    const place = random.chance(0.5) ? { board } : {}
    const sealed = random.chance(0.3)
    if (random.chance(0.5)) return { board, name: 'unban', args: [playerId, { ...place, sealed }] }
    const untilMs = this.#parts.clock.now + random.below(9 * HOUR_MS) + 1
    const until = random.chance(0.3) ? { until: untilMs } : {}
    if ('until' in until) this.#untils.push(untilMs)
    const submits = random.pick(['refuse', 'keep'] as const)
    return { board, name: 'ban', args: [playerId, { ...place, ...until, sealed, submits }] }
  }

  async #startSeason(board: string): Promise<void> {
    // By how much a border moves the last time that was given is an affair of each engine.
    if (this.#ends(SEALED_LATE).includes(this.#parts.clock.now)) this.#tick()
    const window = this.#random.pick([...this.#windowsOf(board), 'none'])
    const id = this.#random.chance(0.2)
      ? `season ${this.#random.below(this.#started + 1)}`
      : `season ${++this.#started}`
    await this.#expectSame({ board, name: 'startSeason', args: [window, id] })
  }

  async #read(board: string): Promise<void> {
    const random = this.#random
    const windows = this.#windowsOf(board)
    const kind = random.below(10)
    if (kind === 0 || windows.length === 0) {
      await this.#expectSame({ board, name: 'windows', args: [] })
      return
    }
    const window = random.pick(windows)
    const ids = this.#seasonsOf(board, window)
    if (kind === 1)
      await this.#expectSame({ board, name: 'seasons', args: [window, this.#page(ids)] })
    else if (kind < 4) {
      const options = { ...this.#page(ids), rankMode: random.pick(this.#rankModes) }
      await this.#expectSame({
        board,
        name: 'finals',
        args: [random.pick(PLAYERS), window, options],
      })
    } else {
      const season = random.chance(0.5) ? undefined : random.pick([...ids.slice(0, 5), 'unknown'])
      await this.#compareRead({ board, window, ...(season !== undefined && { season }) })
    }
  }

  async #compareRead(place: Place): Promise<void> {
    const call = this.#reads.readOrFind(place.board)
    if (call.name === 'boardsOf' || (this.#isPartitioned && isDense(call))) return
    const both: Outcome[] = []
    for (const engine of ['embedded', 'remote'] as const)
      both.push(withoutCursors(call, await outcomeOfPromise(this.#inSeason(engine, place, call))))
    this.#operations++
    if (this.#isPartitioned && call.name.startsWith('standing')) both.forEach(leaveOutDense)
    expect(wholeTimes(both[1]), this.#where({ place, ...call })).toStrictEqual(wholeTimes(both[0]))
  }

  async #inSeason(engine: Engine, { board, window, season }: Place, call: Call): Promise<unknown> {
    const view = (await this.#call(engine, {
      board,
      name: 'window',
      args: [window, season],
    })) as object
    const answer = await this.#callOf(view, call)
    const { season: id, from, to, sealed } = view as Answer
    return {
      ...(typeof answer === 'object' && !Array.isArray(answer) ? answer : { answer }),
      id,
      from,
      to,
      sealed,
    }
  }

  #page(ids: string[]): { limit?: number; after?: string; before?: string } {
    const random = this.#random
    const limit = random.chance(0.5) ? { limit: 1 + random.below(6) } : {}
    if (ids.length === 0 || random.chance(0.4)) return limit
    return { ...limit, [random.pick(['after', 'before'])]: random.pick([...ids, 'unknown']) }
  }

  async #compareAll(): Promise<void> {
    const { findings, checked } = await this.#remote.check()
    expect(findings).toEqual([])
    const here = (await this.#parts.embedded.check()).checked
    const { boards, entries, players } = here
    // Where finals are kept, the entries of seasons that left stay on the server.
    this.#mayLeave ||= this.#hasRetain()
    const expected = this.#mayLeave ? { boards } : { boards, entries, players }
    expect(checked, this.#where('check')).toMatchObject(expected)
    const embedded = this.#parts.embedded.boards()
    const boardsThere = (await this.#remote.boards()).map(({ partitions: _, ...info }) => info)
    expect(boardsThere, this.#where('boards')).toEqual(embedded)
    const bans = wholeTimes(this.#parts.embedded.bans())
    expect(wholeTimes(await this.#remote.bans()), this.#where('bans')).toEqual(bans)
    for (const { name: board } of embedded) {
      await this.#expectSame({ board, name: 'entries', args: [] })
      for (const window of this.#windowsOf(board)) {
        await this.#expectSame({ board, name: 'seasons', args: [window, ALL] })
        for (const playerId of PLAYERS)
          await this.#expectSame({ board, name: 'finals', args: [playerId, window, ALL] })
        for (const season of this.#seasonsOf(board, window).slice(0, 6))
          for (const rankMode of this.#rankModes)
            await this.#compareEntries({ board, window, season }, rankMode)
      }
    }
  }

  async #compareEntries(place: Place, rankMode: string): Promise<void> {
    const call = { board: place.board, name: 'entries', args: [{ rankMode }] }
    const [embedded, remote] = [
      await this.#inSeason('embedded', place, call),
      await this.#inSeason('remote', place, call),
    ]
    expect(wholeTimes(remote), this.#where({ place, ...call })).toStrictEqual(wholeTimes(embedded))
  }

  async #expectSame(
    call: Call,
    of: (answer: unknown) => unknown = known,
    ofRemote: Call = call,
  ): Promise<void> {
    this.#operations++
    const both: Outcome[] = []
    for (const engine of ['embedded', 'remote'] as const) {
      const asked = engine === 'embedded' ? call : ofRemote
      const made = this.#call(engine, asked).then((answer) => of(withoutSeq(call, answer)))
      both.push(await outcomeOfPromise(made))
    }
    // Which of two reasons is told is left open.
    if (both.every((one) => 'error' in one) && both.some(isOfOrder)) return
    expect(wholeTimes(both[1]), this.#where(call)).toStrictEqual(wholeTimes(both[0]))
  }

  async #call(engine: Engine, call: Call): Promise<unknown> {
    const remote = call.name === 'alter' ? this.#other : this.#remote
    const store: object = engine === 'embedded' ? this.#parts.embedded : remote
    if (OF_STORE.has(call.name)) return this.#callOf(store, call)
    return this.#callOf(this.#handles.get(call.board)?.[engine] as object, call)
  }

  async #callOf(target: object, { name, args }: Call): Promise<unknown> {
    const member: unknown = Reflect.get(target, name)
    const answer: unknown =
      typeof member === 'function' ? Reflect.apply(member, target, args) : member
    if (name !== 'entries') return answer
    const entries: unknown[] = []
    for await (const entry of answer as AsyncIterable<unknown>) entries.push(entry)
    return entries
  }

  #windowsOf(board: string): string[] {
    return (this.#settings.get(board)?.windows ?? []).map((window) =>
      typeof window === 'string' ? window : (window.name as string),
    )
  }

  #seasonsOf(board: string, window: string): string[] {
    if (!this.#windowsOf(board).includes(window)) return []
    return this.#embedded(board)
      .seasons(window, ALL)
      .map(({ season }) => season)
  }

  #borders(board: string): number[] {
    return this.#windowsOf(board).flatMap((window) => {
      const seasons = this.#embedded(board).seasons(window, { limit: 4 })
      return seasons.flatMap(({ from, to = from }) => [from, to])
    })
  }

  #hasGain(board: string): boolean {
    const { windows = [] } = this.#settings.get(board) ?? {}
    return windows.some((window) => typeof window === 'object' && window.value === 'gain')
  }

  #hasRetain(): boolean {
    return [...this.#settings.values()].some(({ windows = [] }) =>
      windows.some((window) => typeof window === 'object' && window.retain !== undefined),
    )
  }

  #embedded(board: string): Leaderboard {
    return this.#handles.get(board)?.embedded as Leaderboard
  }

  #shapeOf(board: string): Shape {
    const { order = 'descending', scoreType = 'number', columns } = this.#settings.get(board) ?? {}
    if (columns === undefined) return { type: scoreType, columns: [{ name: '', order }] }
    return {
      type: scoreType,
      columns: columns.map(({ name, order = 'descending' }) => ({ name, order })),
    }
  }

  #tick(): void {
    this.#parts.clock.now += 1 + this.#random.below(50)
  }

  // Mostly a little; at times to a border or the end of a grace and about it, and over many, and back.
  async #moveClock(): Promise<void> {
    const random = this.#random
    const { clock } = this.#parts
    this.#tick()
    const kind = random.below(30)
    if (kind === 7) await this.#stepBack()
    if (kind === 0) clock.now += random.below(20 * 24) * HOUR_MS
    else if (kind < 3) clock.now += random.below(2 * HOUR_MS)
    if (kind < 3 || kind > 6) return
    const times = this.#ends(2)
    const ahead = times.filter((time) => time > clock.now && time < clock.now + 400 * 24 * HOUR_MS)
    if (ahead.length === 0) return
    const offset = random.pick([-1, 0, 1, 1000])
    const next = random.pick(ahead.sort((a, b) => a - b).slice(0, 3)) + offset
    if (next <= clock.now) return
    clock.now = next
  }

  // That a border has passed, the embedded engine notes for all boards, and a server in each slot by itself. A time that is
  // given after it holds wherever it is heard of.
  async #stepBack(): Promise<void> {
    const random = this.#random
    const { clock } = this.#parts
    await this.#endBans()
    await this.#expectSame({ board: TICKS, name: 'submit', args: ['nobody', this.#operations] })
    await this.#changeAll()
    await (await this.#other.board(TICKS)).remove('nobody else')
    const nextMs = clock.now - random.pick([1, 1000, HOUR_MS, random.below(60 * HOUR_MS)])
    // On a server a ban of all boards ends by the clock alone.
    clock.now = Math.max(nextMs, this.#endedMs)
  }

  // When the latest seasons end and are sealed, so many of each window.
  #ends(limit: number): number[] {
    return BOARDS.flatMap((board) =>
      (this.#settings.get(board)?.windows ?? []).flatMap((window, i) => {
        const { graceMs = 600_000 } = window as { graceMs?: number }
        const name = this.#windowsOf(board)[i] as string
        const seasons = this.#embedded(board).seasons(name, { limit })
        return seasons.flatMap(({ to }) => (to === undefined ? [] : [to, to + graceMs]))
      }),
    )
  }

  #where(call: unknown): string {
    const at = new Date(this.#parts.clock.now).toISOString()
    return `operation ${this.#operations} at ${at}, ${inspect(call, { depth: 9 })}`
  }
}

const OF_STORE = new Set([
  ...['createBoard', 'dropBoard', 'alter', 'rename', 'removePlayer', 'takePlayer', 'ban', 'unban'],
  ...['movePlayer', 'profile', 'setProfile', 'erase'],
])

// One whose record lies in each partition.
function idsOfPartitions(partitions: number): string[] {
  const ids = new Map<number, string>()
  for (let i = 0; ids.size < partitions; i++) {
    const id = `nobody ${i}`
    ids.set(partitionOf(id, partitions), id)
  }
  return [...ids.values()]
}

function withoutKeep({ keep: _, windows, ...settings }: BoardSettings): BoardSettings {
  if (windows === undefined) return settings
  return {
    ...settings,
    windows: windows.map((window) => {
      if (typeof window === 'string') return window
      const { keep: __, ...rest } = window
      return rest
    }),
  }
}

function isDense({ args }: Call): boolean {
  return args.some((arg) => (arg as { rankMode?: string } | undefined)?.rankMode === 'dense')
}

// In partitions no sum tells it.
function leaveOutDense(outcome: Outcome): void {
  if ('error' in outcome || typeof outcome.value !== 'object') return
  const { dense: _, ...rest } = outcome.value as { dense?: number }
  outcome.value = rest
}

function settingsOf(info: WindowInfo): WindowSettings {
  const { window: name, season: _, from: __, to: ___, remainingMs: ____, ...settings } = info
  return { name, ...settings } as WindowSettings
}

function isOfOrder(outcome: Outcome): boolean {
  return (
    'error' in outcome && / (NO_WINDOW|SEASON_OVER)$|^(NO_WINDOW|SEASON_OVER)$/.test(outcome.error)
  )
}

// At a border a time may be a microsecond later: its season is the same. And without a log, an unchanged score takes no
// time in the embedded engine.
function wholeTimes(value: unknown): unknown {
  if (typeof value === 'number') return value > MICROS_FROM ? Math.floor(value) : value
  if (Array.isArray(value)) return value.map(wholeTimes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, wholeTimes(one)]))
}

function known(answer: unknown): unknown {
  return answer
}

// Whether there was anything the embedded engine says of its log, too.
function boardsOf(answer: unknown): unknown {
  return (answer as { boards?: string[] }).boards
}

function withoutAnswer(): undefined {
  return undefined
}

// A server has no log.
function withoutSeq({ name }: Call, answer: unknown): unknown {
  if (name !== 'ban' && name !== 'movePlayer') return answer
  const { seq: _, ...rest } = answer as Answer
  return rest
}
