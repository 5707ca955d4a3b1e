/**
 * Undo against a model that makes the whole history again: every run that is left, every removal, ban and
 * move, in their order, on lists that are sorted.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type {
  BoardSettings,
  Leaderboard,
  Leaderboards,
  Mode,
  Score,
  SubmitOptions,
  UndoAnswer,
  UndoOptions,
} from '../../src/index.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

type Cell = number | bigint

interface Board {
  settings: BoardSettings
  columns: { name: string; order: 'descending' | 'ascending' }[]
}

const DOWN = { name: 'score', order: 'descending' } as const
const RACE = [
  { name: 'laps', order: 'descending' },
  { name: 'ms', order: 'ascending' },
] as const
const BOARDS: Record<string, Board> = {
  best: { settings: { mode: 'best' }, columns: [DOWN] },
  sum: { settings: { mode: 'increment', scoreType: 'int64' }, columns: [DOWN] },
  golf: { settings: { order: 'ascending' }, columns: [{ name: 'score', order: 'ascending' }] },
  race: { settings: { mode: 'best', columns: [...RACE] }, columns: [...RACE] },
  few: { settings: { mode: 'best', keep: 3 }, columns: [DOWN] },
  pile: { settings: { mode: 'increment', keep: 2 }, columns: [DOWN] },
}
const NAMES = Object.keys(BOARDS)

interface Run {
  kind: 'run'
  seq: number
  committed: number
  board: string
  playerId: string
  cells: Cell[]
  mode: Mode
  at: number
  isAtGiven: boolean
  metadata: object | undefined
  isHidden: boolean
  /** The undo that turned it over last, and whether it is undone. */
  turned: number | undefined
  isUndone: boolean
}

type Event =
  | Run
  | { kind: 'remove'; seq: number; board: string; playerId: string }
  | { kind: 'ban'; seq: number; playerId: string }
  | { kind: 'unban'; seq: number; playerId: string }
  | { kind: 'move'; seq: number; from: string; to: string }

interface Held {
  cells: Cell[]
  at: number
  metadata: object | undefined
}

/** The whole history, and what it comes to. */
class Model {
  readonly events: Event[] = []
  readonly undos = new Map<number, { seq: number; isUndone: boolean }[]>()

  runs(): Run[] {
    return this.events.filter((event) => event.kind === 'run')
  }

  /** Whose a run is now. */
  ownerOf(run: Run): string {
    let owner = run.playerId
    for (const event of this.events)
      if (event.kind === 'move' && event.seq > run.seq && event.from === owner) owner = event.to
    return owner
  }

  isBanned(playerId: string): boolean {
    const last = this.events.findLast(
      (event) => (event.kind === 'ban' || event.kind === 'unban') && event.playerId === playerId,
    )
    return last?.kind === 'ban'
  }

  /** Makes a board again. */
  board(name: string): { visible: Map<string, Held>; hidden: Map<string, Held> } {
    const visible = new Map<string, Held>()
    const hidden = new Map<string, Held>()
    const { columns, settings } = BOARDS[name] as Board
    const enter = (playerId: string, held: Held): void => {
      const isNew = !visible.has(playerId)
      const before = visible.size
      visible.set(playerId, held)
      const { keep = 1e9 } = settings
      if (visible.size <= keep) return
      const sorted = this.sorted(name, visible)
      const [last] = sorted.at(-1) as [string, Held]
      visible.delete(last)
      if (isNew) expect(visible.size).toBe(before)
    }
    for (const event of this.events) {
      if ('board' in event && event.board !== name) continue
      if (event.kind === 'run') {
        if (event.isUndone) continue
        const { playerId } = event
        if (event.isHidden) hidden.set(playerId, decide(columns, event, hidden.get(playerId)))
        else enter(playerId, decide(columns, event, visible.get(playerId)))
      } else if (event.kind === 'remove') {
        visible.delete(event.playerId)
        hidden.delete(event.playerId)
      } else if (event.kind === 'ban') {
        const held = visible.get(event.playerId)
        visible.delete(event.playerId)
        if (held !== undefined) hidden.set(event.playerId, held)
      } else if (event.kind === 'unban') {
        const held = hidden.get(event.playerId)
        hidden.delete(event.playerId)
        if (held !== undefined) enter(event.playerId, held)
      } else if (event.kind === 'move') {
        const one = visible.get(event.from)
        const other = visible.get(event.to)
        if (one === undefined) continue
        visible.delete(event.from)
        visible.set(event.to, other === undefined ? one : merge(name, one, other))
      }
    }
    return { visible, hidden }
  }

  sorted(name: string, entries: Map<string, Held>): [string, Held][] {
    const { columns } = BOARDS[name] as Board
    return [...entries].sort(
      ([a, one], [b, other]) =>
        compare(columns, one.cells, other.cells) || one.at - other.at || (a < b ? -1 : 1),
    )
  }
}

function compare(columns: Board['columns'], a: Cell[], b: Cell[]): number {
  for (const [i, { order }] of columns.entries()) {
    const [one, other] = [a[i] as Cell, b[i] as Cell]
    if (one !== other) return one > other === (order === 'descending') ? -1 : 1
  }
  return 0
}

function decide(columns: Board['columns'], run: Run, held: Held | undefined): Held {
  const { cells, mode, at, metadata } = run
  const empty = metadata !== undefined && Object.keys(metadata).length === 0
  const given = empty ? undefined : metadata
  if (held === undefined) return { cells, at, metadata: given }
  const next =
    mode === 'increment' ? cells.map((cell, i) => add(cell, held.cells[i] as Cell)) : cells
  const side = compare(columns, next, held.cells)
  const isTaken = mode !== 'best' || side < 0 || (side === 0 && run.isAtGiven && at < held.at)
  if (!isTaken) return held
  const isEarlier = mode === 'best' && side === 0
  return {
    cells: next,
    at: side !== 0 || isEarlier ? at : held.at,
    metadata: metadata === undefined ? held.metadata : given,
  }
}

function add(a: Cell, b: Cell): Cell {
  return typeof a === 'bigint' ? a + (b as bigint) : a + (b as number)
}

function merge(name: string, one: Held, other: Held): Held {
  const { columns, settings } = BOARDS[name] as Board
  if (settings.mode === 'increment') {
    const [late, early] = one.at > other.at ? [one, other] : [other, one]
    const cells = one.cells.map((cell, i) => add(cell, other.cells[i] as Cell))
    return { cells, at: late.at, metadata: late.metadata ?? early.metadata }
  }
  const side = compare(columns, one.cells, other.cells)
  return side < 0 || (side === 0 && one.at < other.at) ? one : other
}

/** One random course on all boards. */
class Course {
  readonly model = new Model()
  readonly #random: Random
  readonly #temporary: TemporaryStore
  readonly #players: string[]
  readonly #kinds: readonly string[]

  constructor(
    temporary: TemporaryStore,
    options: { random: Random; players: number; kinds: readonly string[] },
  ) {
    this.#temporary = temporary
    this.#random = options.random
    this.#kinds = options.kinds
    this.#players = Array.from({ length: options.players }, (_, i) => `p${i}`)
  }

  get store(): Leaderboards {
    return this.#temporary.store
  }

  async step(): Promise<void> {
    const random = this.#random
    this.#temporary.clock.advance(random.below(3))
    const kind = random.pick(this.#kinds)
    const playerId = random.pick(this.#players)
    if (kind === 'submit') await this.#submit(playerId)
    else if (kind === 'undo') await this.#undo()
    else if (kind === 'remove') await this.#remove(playerId)
    else if (kind === 'ban') await this.#ban(playerId)
    else if (kind === 'move') await this.#move(playerId)
    else if (kind === 'reopen') await this.#temporary.reopen()
  }

  #board(name: string): Leaderboard<Score> {
    const { settings } = BOARDS[name] as Board
    return this.store.board(name, settings) as unknown as Leaderboard<Score>
  }

  #lastSeq(): number {
    return this.store.log({ before: 1e15, limit: 1 }).records[0]?.seq ?? 0
  }

  async #submit(playerId: string): Promise<void> {
    const random = this.#random
    const name = random.pick(NAMES)
    const { columns, settings } = BOARDS[name] as Board
    const mode = random.chance(0.4) ? random.pick<Mode>(['set', 'best', 'increment']) : undefined
    const cells = columns.map(() => {
      const n = random.below(12)
      return settings.scoreType === 'int64' ? BigInt(n) : n
    })
    const isAtGiven = random.chance(0.3)
    const metadata = random.chance(0.3)
      ? random.chance(0.2)
        ? {}
        : { n: random.below(100) }
      : undefined
    const options: SubmitOptions = {
      ...(mode && { mode }),
      ...(isAtGiven && { at: this.#temporary.clock.now - 4000 + random.below(5000) }),
      ...(metadata && { metadata }),
      ...(random.chance(0.2) && { won: true }),
    }
    const score =
      columns.length === 1
        ? (cells[0] as Cell)
        : Object.fromEntries(columns.map((column, i) => [column.name, cells[i]]))
    const isHidden = this.model.isBanned(playerId)
    await (this.#board(name) as unknown as Submits).submit(playerId, score, options)
    const seq = this.#lastSeq()
    const record = this.store.log({ after: seq - 1 }).records[0]
    if (record === undefined) throw new Error('a run has a record')
    this.model.events.push({
      ...{ kind: 'run', seq, board: name, playerId, cells, at: record.at, isAtGiven, isHidden },
      ...{ committed: record.committedAt ?? record.at, metadata },
      ...{ mode: mode ?? settings.mode ?? 'set', turned: undefined, isUndone: false },
    })
    const runs = this.model
      .runs()
      .filter((run) => run.board === name && this.model.ownerOf(run) === playerId && !run.isUndone)
    expect(record.plays, this.#seed()).toBe(runs.length)
  }

  async #remove(playerId: string): Promise<void> {
    const board = this.#random.pick(NAMES)
    if (!this.store.hasBoard(board) || !(await this.#board(board).remove(playerId))) return
    this.model.events.push({ kind: 'remove', seq: this.#lastSeq(), board, playerId })
  }

  async #ban(playerId: string): Promise<void> {
    if (this.model.isBanned(playerId)) await this.store.unban(playerId)
    else await this.store.ban(playerId, { submits: 'keep' })
    const kind = this.model.isBanned(playerId) ? 'unban' : 'ban'
    this.model.events.push({ kind, seq: this.#lastSeq(), playerId })
  }

  async #move(from: string): Promise<void> {
    const to = this.#random.pick(this.#players)
    if (from === to || this.model.isBanned(from) || this.model.isBanned(to)) return
    const { seq } = await this.store.movePlayer(from, to)
    if (seq !== undefined) this.model.events.push({ kind: 'move', seq, from, to })
  }

  #options(): UndoOptions {
    const random = this.#random
    const runs = this.model.runs()
    const undos = [...this.model.undos.keys()]
    if (undos.length > 0 && random.chance(0.3)) return { seqs: [random.pick(undos)] }
    const one = random.pick(runs)
    const other = random.pick(runs)
    const times = [one.committed, other.committed].sort((a, b) => a - b) as [number, number]
    return random.pick<UndoOptions>([
      { seqs: [one.seq] },
      { seqs: [one.seq, other.seq, ...(undos.length > 0 ? [random.pick(undos)] : [])] },
      { playerId: this.model.ownerOf(one), board: one.board },
      { playerId: this.model.ownerOf(one), from: times[0] },
      { from: times[0], to: times[1] },
      { board: one.board, from: times[0], to: times[1] },
      { board: one.board, playerId: this.model.ownerOf(other), to: times[1] },
    ])
  }

  async #undo(): Promise<void> {
    if (this.model.runs().length === 0) return
    const options = this.#options()
    const expected = this.#turn(options, this.#lastSeq() + 1)
    const dry = await this.store.undo({ ...options, dryRun: true })
    const answer = await this.store.undo(options)
    const why = `${JSON.stringify(options)} ${this.#seed()}`
    expect(answer, why).toEqual(dry)
    expect(answer.lost, why).toEqual([])
    expect({ count: answer.count, changes: inShort(answer) }, why).toEqual(expected)
    this.compare(why)
  }

  // Turns runs of the model over, and returns what the answer has to be.
  #turn(options: UndoOptions, seq: number): { count: number; changes: unknown[] } {
    const before = NAMES.map((name) => this.#entriesOf(name))
    const turns = this.#chosen(options)
    for (const { run, isUndone } of turns) {
      run.isUndone = isUndone
      run.turned = seq
    }
    if (turns.length > 0)
      this.model.undos.set(
        seq,
        turns.map(({ run, isUndone }) => ({ seq: run.seq, isUndone })),
      )
    const changes = NAMES.flatMap((board, i) => {
      const [from, to] = [before[i] as Map<string, unknown>, this.#entriesOf(board)]
      return [...new Set([...from.keys(), ...to.keys()])].sort().flatMap((playerId) => {
        const pair = { from: from.get(playerId) ?? null, to: to.get(playerId) ?? null }
        return isSame(pair.from, pair.to) ? [] : [{ board, playerId, ...pair }]
      })
    })
    return { count: turns.length, changes: changes.sort((a, b) => (a.board < b.board ? -1 : 1)) }
  }

  #chosen(options: UndoOptions): { run: Run; isUndone: boolean }[] {
    const { seqs, board, playerId, from = 0, to = 1e15 } = options
    const chosen = new Map<number, { run: Run; isUndone: boolean }>()
    for (const run of this.model.runs()) {
      if (seqs !== undefined && !seqs.includes(run.seq)) continue
      if (board !== undefined && run.board !== board) continue
      if (playerId !== undefined && this.model.ownerOf(run) !== playerId) continue
      if (run.committed < from || run.committed >= to || run.isUndone) continue
      chosen.set(run.seq, { run, isUndone: true })
    }
    for (const undo of seqs ?? [])
      for (const turn of this.model.undos.get(undo) ?? []) {
        const run = this.model.runs().find(({ seq }) => seq === turn.seq) as Run
        if (run.turned === undo && run.isUndone === turn.isUndone)
          chosen.set(run.seq, { run, isUndone: !turn.isUndone })
      }
    return [...chosen.values()]
  }

  #entriesOf(name: string): Map<string, unknown> {
    const { visible, hidden } = this.model.board(name)
    const all = new Map<string, unknown>()
    for (const [entries, isHidden] of [[visible, false] as const, [hidden, true] as const])
      for (const [playerId, { cells, at, metadata }] of entries)
        all.set(playerId, {
          ...{ cells, at },
          ...(metadata !== undefined && { metadata }),
          ...(isHidden && { hidden: true }),
        })
    return all
  }

  /** Holds every board against the model. */
  compare(why = this.#seed()): void {
    for (const name of NAMES) {
      if (!this.store.hasBoard(name)) continue
      const { visible } = this.model.board(name)
      const expected = this.model.sorted(name, visible).map(([playerId, held]) => {
        const { metadata, ...rest } = held
        return { playerId, ...rest, ...(metadata !== undefined && { metadata }) }
      })
      const entries = this.#board(name)
        .top(100)
        .map(({ playerId, score, at, metadata }) => {
          return { playerId, cells: cellsOf(score), at, ...(metadata && { metadata }) }
        })
      expect(entries, `${name} ${why}`).toEqual(expected)
    }
  }

  #seed(): string {
    return `SEED=${this.#random.seed}`
  }
}

interface Submits {
  submit(playerId: string, score: unknown, options: SubmitOptions): Promise<unknown>
}

function cellsOf(score: unknown): Cell[] {
  return typeof score === 'object' ? Object.values(score as object) : [score as Cell]
}

function isSame(a: unknown, b: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, cell: unknown) => (typeof cell === 'bigint' ? `${cell}n` : cell))
  return text(a) === text(b)
}

function inShort({ changes }: UndoAnswer): unknown[] {
  const short = (entry: UndoAnswer['changes'][number]['from']): unknown => {
    if (entry === null) return null
    const { score, at, metadata, hidden } = entry
    return { cells: cellsOf(score), at, ...(metadata && { metadata }), ...(hidden && { hidden }) }
  }
  return changes.map(({ board, playerId, from, to }) => {
    return { board, playerId, from: short(from), to: short(to) }
  })
}

const SUBMITS = Array.from({ length: 12 }, () => 'submit')

test.each([
  ['submits and removals', ['remove', 'undo', 'undo', 'reopen']],
  ['bans', ['remove', 'ban', 'undo', 'undo']],
  ['moves', ['remove', 'move', 'undo', 'undo']],
])(
  'undo() on every kind of board is a replay of what is left: %s',
  async (name, kinds) => {
    const seed = runSeed(`undo ${name}`)
    const rounds = sizeOf('UNDO_ROUNDS', { test: 1, torture: 200 })
    for (let round = 0; round < rounds; round++) {
      const random = new Random(seed + round)
      const options = { random, players: 5, kinds: [...SUBMITS, ...kinds] }
      await withSeed(random, () =>
        withStore(async (temporary) => {
          const course = new Course(temporary, options)
          for (let i = 0; i < 120; i++) await course.step()
          course.compare()
        }),
      )
    }
  },
  600_000,
)
