/**
 * The trivially right world: every store-wide change as a plain list, every board as plain maps. Written from
 * the words of the contract; it shares no code with the sources.
 *
 * A board is what its list of events comes to when they happen one after another. An undo marks runs of the
 * list and makes all of it happen again.
 *
 * @module
 */

import type {
  BoardRules,
  BoardSettings,
  LogMode,
  Metadata,
  Mode,
  Profile,
  SubmitAnswer,
} from '../../src/index.ts'

/** A refusal. */
export class ModelError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

export type Cell = number | bigint

export interface Column {
  name: string
  order: 'descending' | 'ascending'
}

/** What a board is made with, spelled out. */
export interface Kind {
  settings: BoardSettings
  columns: Column[]
  mode: Mode
  keep: number
  log: LogMode
  isBig: boolean
}

/** What a player has on a board. */
export interface Held {
  cells: Cell[]
  micros: number
  metadata: Metadata | undefined
}

export interface Run {
  kind: 'run'
  /** 0 on a board without a log. */
  seq: number
  committed: number
  playerId: string
  /** Whose it is now. */
  owner: string
  cells: Cell[]
  mode: Mode
  micros: number
  isAtGiven: boolean
  /** Null takes them away. */
  metadata: Metadata | null | undefined
  name: string | undefined
  won: boolean
  isHidden: boolean
  isUndone: boolean
  /** The undo that turned it over last. */
  turned: number | undefined
}

export type Event =
  | Run
  | { kind: 'remove'; seq: number; playerId: string }
  | { kind: 'hide'; seq: number; playerId: string }
  | { kind: 'show'; seq: number; playerId: string }
  | { kind: 'move'; seq: number; from: string; to: string }

export interface Request {
  digest: string
  answer: SubmitAnswer<never>
  ms: number
}

/** What a board was before a record. */
export interface Past {
  seq: number
  visible: Map<string, Held>
  hidden: Map<string, Held>
}

/** One life of a board. */
export interface Board {
  name: string
  kind: Kind
  events: Event[]
  /** On a board that keeps the best: what it was before each event. */
  pasts: Past[]
  /** Whether it keeps the best and somebody with runs on it was erased. */
  isThinned: boolean
  visible: Map<string, Held>
  hidden: Map<string, Held>
  names: Map<string, string>
  /** All names that each player had or was given. */
  shown: Map<string, Set<string>>
  /** Whom an undo brought back: the name is to be learned. */
  returned: Set<string>
  rules: BoardRules
  requests: Map<string, Request>
  times: Map<string, number[]>
}

export interface BanRow {
  playerId: string
  board: string | undefined
  reason: string | undefined
  actor: string | undefined
  since: number
  until: number | undefined
  submits: 'refuse' | 'keep'
}

/** A record as it has to be answered; of notes only what is said here is compared. */
export type Expected = Record<string, unknown> & { seq: number; kind: string }

/** What an undo did. */
export interface UndoNote {
  turns: { seq: number; isUndone: boolean }[]
  /** The boards that its record tells of. */
  boards: Set<string>
  changes: { board: string; playerId: string }[]
}

export interface World {
  nowMs: number
  lastMicros: number
  lastCommitted: number
  /** The seq of the first record of the change under way. */
  first: number
  log: Expected[]
  boards: Map<string, Board>
  bans: BanRow[]
  profiles: Map<string, Profile>
  isUnique: boolean
  isClosed: boolean
  flags: Set<number>
  undos: Map<number, UndoNote>
  /** Ids of which it is known that they were erased. */
  erased: Set<string>
  /** Boards whose history lacks runs that did something to others, since a person was erased. */
  disturbed: Set<string>
}

export function newWorld(nowMs: number): World {
  return {
    ...{ nowMs, lastMicros: 0, lastCommitted: 0, first: 1, log: [], bans: [] },
    ...{ boards: new Map(), profiles: new Map(), isUnique: false, isClosed: false },
    ...{ flags: new Set(), undos: new Map(), erased: new Set(), disturbed: new Set() },
  }
}

/** Negative if `a` is better. */
export function compareCells({ columns }: Kind, a: readonly Cell[], b: readonly Cell[]): number {
  for (const [i, { order }] of columns.entries()) {
    const [one, other] = [a[i] as Cell, b[i] as Cell]
    if (one !== other) return one > other === (order === 'descending') ? -1 : 1
  }
  return 0
}

/** The players of a board in its order. */
export function sorted({ kind, visible }: Board): [string, Held][] {
  return [...visible].sort(
    ([a, one], [b, other]) =>
      compareCells(kind, one.cells, other.cells) ||
      one.micros - other.micros ||
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
}

/** Returns a score as callers see it. */
export function scoreOf({ columns }: Kind, cells: readonly Cell[]): unknown {
  if (columns.length === 1) return cells[0]
  return Object.fromEntries(columns.map(({ name }, i) => [name, cells[i]]))
}

/** Adds up, exactly or not at all. */
export function sumOf(a: readonly Cell[] | undefined, b: readonly Cell[]): Cell[] {
  return b.map((cell, i) => {
    const sum = BigInt(cell) + BigInt(a?.[i] ?? 0)
    const isBig = typeof cell === 'bigint'
    const isExact = isBig ? BigInt.asIntN(64, sum) === sum : sum <= 2n ** 53n && sum >= -(2n ** 53n)
    if (!isExact) throw new ModelError('INEXACT')
    return isBig ? sum : Number(sum)
  })
}

/** What a run makes of what its player has. */
export function decide(
  kind: Kind,
  run: Pick<Run, 'cells' | 'mode' | 'micros' | 'isAtGiven'>,
  held: Held | undefined,
): { cells: Cell[]; isAccepted: boolean; moves: boolean } {
  const cells = run.mode === 'increment' ? sumOf(held?.cells, run.cells) : run.cells
  if (held === undefined) return { cells, isAccepted: true, moves: true }
  const side = compareCells(kind, cells, held.cells)
  if (run.mode !== 'best') return { cells, isAccepted: true, moves: side !== 0 }
  const isTaken = side < 0 || (side === 0 && run.isAtGiven && run.micros < held.micros)
  return { cells: isTaken ? cells : held.cells, isAccepted: isTaken, moves: isTaken }
}

function afterRun(kind: Kind, run: Run, held: Held | undefined): Held {
  const { cells, isAccepted, moves } = decide(kind, run, held)
  const isGiven = isAccepted && run.metadata !== undefined
  return {
    cells,
    micros: moves || held === undefined ? run.micros : held.micros,
    metadata: isGiven ? (run.metadata ?? undefined) : held?.metadata,
  }
}

/** What an event did to others, and whether there was a place. */
export interface Done {
  hasPlace: boolean
  pushedOut: { playerId: string; held: Held }[]
}

/** Puts an entry on a board that may be full. */
export function enter(board: Board, playerId: string, held: Held): Done {
  const { visible, kind } = board
  const before = visible.get(playerId)
  visible.set(playerId, held)
  const pushedOut: Done['pushedOut'] = []
  while (visible.size > kind.keep) {
    const [id, last] = sorted(board).at(-1) as [string, Held]
    visible.delete(id)
    if (id === playerId && before === undefined) return { hasPlace: false, pushedOut: [] }
    pushedOut.push({ playerId: id, held: last })
  }
  return { hasPlace: true, pushedOut }
}

/** Lets an event happen on a board. */
export function happen(board: Board, event: Event): Done {
  const nothing = { hasPlace: true, pushedOut: [] }
  const { visible, hidden, kind } = board
  if (event.kind === 'run') {
    if (event.isUndone) return nothing
    const { playerId } = event
    if (!event.isHidden) return enter(board, playerId, afterRun(kind, event, visible.get(playerId)))
    hidden.set(playerId, afterRun(kind, event, hidden.get(playerId)))
  } else if (event.kind === 'remove') {
    visible.delete(event.playerId)
    hidden.delete(event.playerId)
  } else if (event.kind === 'hide') {
    const held = visible.get(event.playerId)
    if (held === undefined) return nothing
    visible.delete(event.playerId)
    hidden.set(event.playerId, held)
  } else if (event.kind === 'show') {
    const held = hidden.get(event.playerId)
    if (held === undefined) return nothing
    hidden.delete(event.playerId)
    return enter(board, event.playerId, held)
  } else {
    const one = visible.get(event.from)
    const other = visible.get(event.to)
    if (one === undefined) return nothing
    visible.delete(event.from)
    visible.set(event.to, other === undefined ? one : merged(kind, one, other))
  }
  return nothing
}

/** What two entries come to. */
export function merged(kind: Kind, one: Held, other: Held): Held {
  if (kind.mode === 'increment') {
    const [late, early] = one.micros > other.micros ? [one, other] : [other, one]
    const cells = sumOf(one.cells, other.cells)
    return { cells, micros: late.micros, metadata: late.metadata ?? early.metadata }
  }
  const side = compareCells(kind, one.cells, other.cells)
  return side < 0 || (side === 0 && one.micros < other.micros) ? one : other
}

/** Lets everything happen again, or what happened from a seq on. */
export function again(board: Board, first = 0): void {
  const past = board.pasts.find(({ seq }) => first > 0 && seq >= first)
  board.visible = new Map(past?.visible)
  board.hidden = new Map(past?.hidden)
  for (const event of board.events) if (event.seq >= first) happen(board, event)
}

/** Notes what a board is before an event of the record that comes next. */
export function notePast(board: Board, seq: number): void {
  if (board.kind.keep === Number.POSITIVE_INFINITY || board.pasts.at(-1)?.seq === seq) return
  board.pasts.push({ seq, visible: new Map(board.visible), hidden: new Map(board.hidden) })
}

/** What a player has, seen or not. */
export function storedOf(board: Board | undefined, playerId: string): Held | undefined {
  return board?.visible.get(playerId) ?? board?.hidden.get(playerId)
}

export function runsOf(board: Board): Run[] {
  return board.events.filter((event) => event.kind === 'run')
}
