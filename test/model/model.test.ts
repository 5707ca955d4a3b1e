import { inspect, isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { BoardSettings, Leaderboard, Leaderboards, Score } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'
import { BOARDS, settingsOf } from './boards.ts'
import {
  type Call,
  CallMaker,
  isOfStore,
  MODES,
  make,
  type Outcome,
  outcomeOf,
  outcomeOfPromise,
  playerIds,
  problemOf,
  withoutCursors,
} from './calls.ts'
import { type ImportRow, Model, type ModelBoard } from './model.ts'
import { type Cursors, expectCopy, expectPage, microsIn, ndjsonOf } from './pages-and-rows.ts'
import { SecondProcess } from './second-process.ts'

const OPERATIONS = sizeOf('TORTURE_OPERATIONS', { test: 1_500, torture: 1_000_000 })
/** Half a minute for 100,000 if the disk is idle: it is the commits that take the time. */
const TIMEOUT_MS = Math.max(120_000, OPERATIONS * 3)
const PLAYERS = 260
const CROWD = 500

/** A store, the model beside it, and a second process on the same files. */
class Run {
  readonly #temporary: TemporaryStore
  readonly #random: Random
  readonly #model = new Model()
  readonly #few: CallMaker
  readonly #crowd: CallMaker
  #other: SecondProcess
  // Handles of boards, kept while others drop the boards and make them anew.
  #handles = new Map<string, Leaderboard<Score>>()
  // Pages that can be turned, of the store and the model.
  readonly #places = new Map<string, Cursors[]>()
  operations = 0

  constructor(temporary: TemporaryStore, parts: { random: Random; other: SecondProcess }) {
    const { random, other } = parts
    const nowMs = (): number => temporary.clock.now
    this.#temporary = temporary
    this.#random = random
    this.#other = other
    const shapeOf = (board: string): ModelBoard['shape'] => this.#model.handle(board).shape
    this.#few = new CallMaker(random, { ids: playerIds(PLAYERS), nowMs, shapeOf })
    this.#crowd = new CallMaker(random, { ids: playerIds(CROWD), nowMs, shapeOf })
  }

  get #store(): Leaderboards {
    return this.#temporary.store
  }

  async begin(): Promise<void> {
    this.#setClock()
    await this.#createBoard('times', { order: 'ascending', mode: 'increment' })
    for (const name of BOARDS) await this.#createBoard(name, settingsOf(name))
  }

  async step(): Promise<void> {
    this.#moveClock()
    const steps = this.#random.chance(0.05) ? this.#rareSteps : this.#commonSteps
    await this.#random.pick(steps)()
  }

  end(): void {
    for (const { name } of this.#model.boards()) {
      for (const rankMode of ['ordinal', 'competition', 'dense']) {
        this.#compare({ board: name, name: 'entries', args: [{ rankMode }] })
      }
    }
  }

  readonly #commonSteps: readonly (() => Promise<void>)[] = [
    ...often(3, () => this.#reads()),
    ...often(4, () => this.#writes()),
    () => this.#snapshot(),
    () => this.#callsOfOther(),
    () => this.#turnPages(),
  ]

  readonly #rareSteps: readonly (() => Promise<void>)[] = [
    ...often(2, () => this.#reopen()),
    ...often(2, () => this.#check()),
    ...often(3, () => this.#rebuild()),
    ...often(2, () => this.#replaceBoard()),
    () => this.#importFirst(),
    ...often(2, () => this.#importMore()),
    () => this.#importNothing(),
    () => this.#exportAndImport(),
    () => this.#restartOther(),
  ]

  async #reads(): Promise<void> {
    for (const call of this.#calls(40, (board) => this.#read(board))) this.#compare(call)
  }

  async #writes(): Promise<void> {
    const most = this.#random.pick([4, 40, 80])
    await this.#together(this.#calls(most, (board) => this.#write(board)))
  }

  #read(board: string): Call {
    return this.#random.chance(0.03) ? this.#maker().readOfStore() : this.#maker().read(board)
  }

  #write(board: string): Call {
    return this.#random.chance(0.03) ? this.#maker().writeOfStore() : this.#maker().write(board)
  }

  // From a place that was kept, whatever was written since, in one direction or the other.
  async #turnPages(): Promise<void> {
    const name = this.#random.pick(BOARDS)
    const places = this.#places.get(name) ?? []
    this.#places.set(name, places)
    const pair = { board: this.#handle(name), model: this.#model.board(name) }
    for (let i = 0; i < 10; i++) {
      this.operations++
      expectPage(pair, this.#random, places)
    }
  }

  // Made at once: they share commits, and each answer is what held right after that call.
  async #together(calls: Call[]): Promise<void> {
    const answers = await Promise.all(
      calls.map((call) => outcomeOfPromise(this.#makeOnStore(call))),
    )
    calls.forEach((call, i) => {
      this.#expect(call, answers[i] as Outcome)
    })
  }

  #makeOnStore(call: Call): Promise<unknown> {
    const { board, name } = call
    if (isOfStore(call)) return make(this.#store, call) as Promise<unknown>
    if (name === 'dropBoard') return this.#store.dropBoard(board)
    if (name === 'rebuild') return this.#store.rebuild(board).then(() => undefined)
    return make(this.#handle(board), call) as Promise<unknown>
  }

  #makeOnModel(call: Call): unknown {
    const { board, name } = call
    if (isOfStore(call)) return make(this.#model, call)
    if (name === 'dropBoard') return this.#model.dropBoard(board)
    if (name === 'rebuild') return undefined
    return make(this.#model.handle(board), call)
  }

  async #snapshot(): Promise<void> {
    const calls = this.#calls(12, (board) => this.#maker().read(board))
    const answers = this.#store.snapshot((view) => {
      expect(view.boards()).toEqual(this.#model.boards())
      return calls.map((call) => outcomeOf(() => make(view.board(call.board), call)))
    })
    calls.forEach((call, i) => {
      this.#expect(call, answers[i] as Outcome)
    })
  }

  async #callsOfOther(): Promise<void> {
    const write = (board: string): Call => this.#write(board)
    const read = (board: string): Call => this.#read(board)
    const calls = [write, read, write, read].flatMap((one) => this.#calls(20, one))
    const answers = await this.#other.make(this.#temporary.clock.now, calls)
    calls.forEach((call, i) => {
      this.#expect(call, answers[i] as Outcome)
    })
  }

  async #reopen(): Promise<void> {
    this.operations++
    await this.#temporary.reopen()
    this.#handles = new Map()
    expect(this.#store.boards()).toEqual(this.#model.boards())
  }

  async #check(): Promise<void> {
    this.operations++
    const { findings, checked } = await this.#store.check()
    expect(findings).toEqual([])
    const boards = this.#model.boards()
    const entries = boards.reduce((sum, { size }) => sum + size, 0)
    expect(checked).toMatchObject({
      ...{ boards: boards.length, entries, players: entries + this.#model.hidden },
    })
  }

  async #rebuild(): Promise<void> {
    await this.#among({ board: this.#random.pick(BOARDS), name: 'rebuild', args: [] })
    await this.#check()
  }

  // Between writes of the same moment.
  async #among(call: Call): Promise<void> {
    const writes = (most: number): Call[] => {
      return this.#calls(most, (board) => {
        return this.#maker().write(this.#random.chance(0.5) ? call.board : board)
      })
    }
    await this.#together([...writes(6), call, ...writes(6)])
  }

  // Dropped and made anew, here or by the other process, sometimes with other settings.
  async #replaceBoard(): Promise<void> {
    const name = this.#random.pick(BOARDS)
    const old = this.#handle(name)
    const before = this.#model.board(name).settings
    const [place] = this.#places.get(name) ?? []
    await this.#dropBoard(name)
    for (const call of [this.#few.read(name), { board: name, name: 'remove', args: ['a'] }]) {
      this.operations++
      expect(await outcomeOfPromise((async () => make(old, call))())).toEqual({ error: 'NO_BOARD' })
    }
    const settings = this.#random.chance(0.5) ? before : settingsOf(this.#random.pick(BOARDS))
    await this.#createBoard(name, settings)
    if (place !== undefined) {
      const page = { board: name, name: 'page', args: [{ after: place.actual }] }
      expect(outcomeOf(() => make(this.#store.board(name), page))).toEqual({ error: 'BAD_CURSOR' })
    }
    if (isDeepStrictEqual(before, this.#model.board(name).settings)) return
    const call = { board: name, name: 'top', args: [] }
    expect(outcomeOf(() => make(old, call))).toEqual({ error: 'SETTINGS_DIFFER' })
    this.#handles.delete(name)
  }

  async #dropBoard(name: string): Promise<void> {
    const call = { board: name, name: 'dropBoard', args: [] }
    if (this.#random.chance(0.5)) await this.#among(call)
    else {
      this.operations++
      this.#model.dropBoard(name)
      await this.#tellOther(call)
    }
    expect(this.#store.hasBoard(name)).toBe(false)
    this.#places.delete(name)
  }

  async #createBoard(name: string, settings: BoardSettings): Promise<void> {
    this.operations++
    this.#model.createBoard(name, settings)
    if (this.#random.chance(0.5)) await this.#store.createBoard(name, settings)
    else await this.#tellOther({ board: name, name: 'createBoard', args: [settings] })
    expect(this.#store.boards()).toEqual(this.#model.boards())
  }

  async #tellOther(call: Call): Promise<void> {
    const [outcome] = await this.#other.make(this.#temporary.clock.now, [call])
    expect(outcome).toEqual({ value: undefined })
  }

  async #importFirst(): Promise<void> {
    const name = this.#random.pick(BOARDS)
    const { settings } = this.#model.board(name)
    await this.#dropBoard(name)
    await this.#createBoard(name, settings)
    await this.#import(name, this.#random.below(CROWD))
  }

  async #importMore(): Promise<void> {
    await this.#import(this.#random.pick(BOARDS), this.#random.below(600))
  }

  async #import(name: string, count: number): Promise<void> {
    this.operations++
    const rows = this.#maker()
      .importRows(name, count)
      .map((row) => this.#withTime(row))
    const mode = this.#random.pick([...MODES, undefined])
    const board = this.#handle(name)
    // A board that is empty is filled under a new number: no cursor of before leads there.
    if (board.size === 0) this.#places.delete(name)
    const actual = await outcomeOfPromise(board.importFrom(...ndjsonOf(rows, mode)))
    const expected = outcomeOf(() => {
      const changed = this.#model.board(name).importRows(rows, {
        mode: mode ?? board.mode,
        timeOf: microsIn(board),
      })
      return { imported: rows.length, changed, skipped: 0 }
    })
    expect(actual).toEqual(expected)
    await this.#learnTime()
    this.#compare({ board: name, name: 'entries', args: [] })
  }

  // Which time the store gives a player whom nobody sees, nobody learns.
  #withTime(row: ImportRow): ImportRow {
    const isOpen = row.at === undefined && this.#model.isBanned(row.playerId)
    return isOpen ? { ...row, at: 1_700_000_000_000 } : row
  }

  // How many times an import takes is its own affair: one submit more tells where the clock stands.
  async #learnTime(): Promise<void> {
    const board = this.#store.board('times')
    await board.submit('now', 1)
    const row = { playerId: 'now', score: 1 }
    const timeOf = microsIn(board)
    this.#model.board('times').importRows([row], { mode: 'increment', timeOf })
  }

  async #importNothing(): Promise<void> {
    this.operations++
    const board = this.#handle(this.#random.pick(BOARDS))
    const rows = this.#few.importRows(board.name, 20)
    const bad = { ...(rows[0] as (typeof rows)[0]), score: Number.NaN }
    const text = ndjsonOf([...rows, bad], 'set')
    const error: unknown = await board.importFrom(...text).catch((e) => e)
    expect(problemOf(error)).toBe('BAD_ROW')
    expect(String(error)).toContain('Line 21')
    this.#compare({ board: board.name, name: 'entries', args: [] })
  }

  // What one board exports is what another one of its kind imports, to the last bit.
  async #exportAndImport(): Promise<void> {
    this.operations++
    const board = this.#handle(this.#random.pick(BOARDS))
    // No entry may lie too far ahead, though the clock stepped back meanwhile.
    this.#temporary.clock.advance(600_000)
    this.#setClock()
    const { settings } = this.#model.board(board.name)
    const copy = (await this.#store.createBoard('copy', settings)) as Leaderboard<Score>
    await expectCopy(board, copy, this.#random.pick(['csv', 'ndjson'] as const))
    await this.#store.dropBoard('copy')
    await this.#learnTime()
  }

  async #restartOther(): Promise<void> {
    this.operations++
    await this.#other.kill()
    this.#other = await SecondProcess.start(this.#temporary.path)
  }

  #calls(most: number, one: (board: string) => Call): Call[] {
    return Array.from({ length: 1 + this.#random.below(most) }, () =>
      one(this.#random.pick(BOARDS)),
    )
  }

  #compare(call: Call): void {
    this.#expect(
      call,
      outcomeOf(() => make(isOfStore(call) ? this.#store : this.#handle(call.board), call)),
    )
  }

  // vitest's own comparison is slow, and needed for its message only.
  #expect(call: Call, actual: Outcome): void {
    this.operations++
    const expected = outcomeOf(() => this.#makeOnModel(call))
    if (isDeepStrictEqual(withoutCursors(call, actual), withoutCursors(call, expected))) return
    const message = `operation ${this.operations}, ${inspect(call, { depth: 9 })}`
    expect(withoutCursors(call, actual), message).toStrictEqual(withoutCursors(call, expected))
  }

  #handle(name: string): Leaderboard<Score> {
    const handle = this.#handles.get(name)
    if (handle !== undefined && this.#random.chance(0.8)) return handle
    const fresh = this.#store.board(name) as object as Leaderboard<Score>
    this.#handles.set(name, fresh)
    return fresh
  }

  #maker(): CallMaker {
    return this.#random.chance(0.9) ? this.#few : this.#crowd
  }

  // It often stands still and sometimes steps back; times must rise all the same.
  #moveClock(): void {
    if (this.#random.chance(0.5)) return
    const ms = this.#random.pick([1, 1, 20, 5_000, 60_000])
    this.#temporary.clock.advance(this.#random.chance(0.2) ? -ms : ms)
    this.#setClock()
  }

  #setClock(): void {
    this.#model.time.nowMicros = this.#temporary.clock.now * 1000
  }
}

function often<T>(times: number, step: T): T[] {
  return Array<T>(times).fill(step)
}

test(
  `Leaderboard answers as the model does through ${OPERATIONS} random operations`,
  async () => {
    // This process need not wait for every sync; the other one does, and its commits are in between.
    await withStore(runThrough, { durability: 'relaxed' })
  },
  TIMEOUT_MS,
)

async function runThrough(temporary: TemporaryStore): Promise<void> {
  const random = new Random(runSeed('board model'))
  const other = await SecondProcess.start(temporary.path)
  const run = new Run(temporary, { random, other })
  await run.begin()
  while (run.operations < OPERATIONS) await run.step()
  run.end()
}
