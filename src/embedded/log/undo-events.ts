/**
 * What happened on one board from a seq on, as the log tells it, and what each player had at that seq.
 *
 * The first record that speaks of a player says what the player had before: the run itself, the run that
 * pushed the player out, a removal, an undo, a move. A player of whom no record speaks has the same today.
 *
 * @module
 */

import type { Table } from '../../format/keys.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import {
  decodeJson,
  decodeNote,
  logKindOf,
  type NoteFields,
  type NoteRecord,
} from '../../format/log-note.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { decodeRun, RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { decodeSeqs } from '../../format/seq-list.ts'
import type { Fields } from '../../format/tail.ts'
import { toMicros } from '../../format/time.ts'
import type { Pair, Reader } from '../../store/store.ts'
import type { Score } from '../../words/index.ts'
import { sealMicrosOf } from '../seasons/season-at.ts'
import { firstSince, type LogSpan } from './log-reader.ts'
import { damagedLog } from './records.ts'
import { risesIn } from './runs.ts'
import { isGain, isSeasonWithRuns, type SeasonWithRuns, seasonRun } from './season-board.ts'
import { heldIn, type Left } from './undo-replay.ts'

/** Metadata that were there before the first event; which, the caller finds out if it matters. */
export const OPEN_METADATA = '\0'

/** One thing that happened. */
export type BoardEvent =
  | { kind: 'run'; seq: number; run: RunRecord }
  | { kind: 'remove' | 'ban' | 'unban'; seq: number; playerId: string }
  | { kind: 'move'; seq: number; from: string; to: string; hadEntry: boolean }
  | { kind: 'undo'; seq: number }
  /** Who was pushed out by the run of a person who was erased since. */
  | { kind: 'pushedOut'; seq: number; playerIds: string[] }

/** What a player had at first, as far as it is known. */
export interface FirstState {
  /** Undefined: nothing says. */
  held: Left | undefined | 'unknown'
  isHidden: boolean | undefined
}

/** The events of a board. */
export interface BoardEvents {
  first: number
  events: BoardEvent[]
  states: Map<string, FirstState>
  /** Whether the board was made again by an undo meanwhile, so that not all went as the records say. */
  hasUndo: boolean
}

/** Returns what happened since the oldest of some runs, and since older ones that were turned over meanwhile. */
export function eventsOf(
  reader: Reader<Table>,
  board: CatalogEntry,
  at: { span: LogSpan; oldest: number },
): BoardEvents {
  const { span } = at
  let first = Math.max(at.oldest, span.first)
  for (;;) {
    const collected = new Collection(reader, board, first)
    const older = Math.max(collected.collect(span.last + 1), span.first)
    if (older >= first) return collected
    first = older
  }
}

class Collection implements BoardEvents {
  readonly first: number
  readonly events: BoardEvent[] = []
  readonly states = new Map<string, FirstState>()
  hasUndo = false
  readonly #reader: Reader<Table>
  readonly #board: CatalogEntry
  readonly #riseOf: ReturnType<typeof risesIn> | undefined
  #oldest: number

  constructor(reader: Reader<Table>, board: CatalogEntry, first: number) {
    this.first = first
    this.#reader = reader
    this.#board = board
    this.#riseOf = isSeasonWithRuns(board) && isGain(board) ? risesIn(reader, board) : undefined
    this.#oldest = first
  }

  /** Returns the oldest run that an undo on the way turned over. */
  collect(end: number): number {
    const range = { start: logKey(this.first), end: logKey(end) }
    for (const pair of this.#reader.pairs('log', range)) {
      const seq = seqOf(pair.key) ?? 0
      if (logKindOf(pair.value) === 'submit') this.#run(seq, pair)
      else {
        const note = decodeNote(pair.key, pair.value)
        if (note === undefined) throw damagedLog(seq)
        this.#note(seq, note)
      }
    }
    return this.#oldest
  }

  #run(seq: number, { key, value }: Pair): void {
    const run = decodeRun(key, value)
    if (run === undefined) throw damagedLog(seq)
    if (isSeasonWithRuns(this.#board)) {
      if (run.boardId !== this.#board.parent.id) return
      const placed = { seq, run }
      const taken = seasonRun(this.#board, placed, () => this.#riseOf?.(placed) ?? 0)
      if (taken !== undefined) this.#take(seq, taken)
    } else if (run.boardId === this.#board.id) this.#take(seq, run)
  }

  #take(seq: number, run: RunRecord): void {
    this.events.push({ kind: 'run', seq, run })
    const held = run.before && withOpen(heldIn(this.#board.shape, run.before))
    this.#say(run.playerId, held, run.isHidden)
    const pushedOut = run.tail.get(RUN_TAG.PUSHED_OUT)
    if (pushedOut !== undefined) this.#sayAll(decodeJson(pushedOut.toString()))
  }

  #note(seq: number, told: Told): void {
    if (isSeasonWithRuns(this.#board)) {
      this.#seasonNote(seq, told)
      return
    }
    const { kind, fields, tail } = told
    const { name } = this.#board
    const playerId = String(fields['playerId'])
    const isHere = fields['board'] === name || names(fields['boards']).includes(name)
    if (kind === 'create' && fields['board'] === name) this.#forgetOlder()
    else if (kind === 'remove' && isHere) {
      // One whom a season alone had was not on the board.
      if (fields['board'] === name && fields['seasons'] && !fields['previousAt']) return
      const own = fields['board'] === name ? fields : rowsOf(fields['boards'], name)[0]
      this.#removed(seq, playerId, own)
    } else if (kind === 'ban' && (fields['board'] ?? name) === name) {
      if (names(fields['boards']).includes(name)) this.#say(playerId, 'unknown', false)
      this.events.push({ kind: 'ban', seq, playerId })
    } else if (kind === 'unban' && (fields['board'] ?? name) === name) {
      const came = [...names(fields['boards']), ...names(fields['noPlace'])].includes(name)
      if (came) this.#say(playerId, 'unknown', true)
      this.#sayAll(rowsOf(fields['pushedOut'], name))
      // One who had no entry here may have one this time, unless another ban holds.
      if (!names(fields['banned']).includes(name))
        this.events.push({ kind: 'unban', seq, playerId })
    } else if (kind === 'undo' && isHere) this.#undo(seq, fields, tail)
    else if (kind === 'erase') {
      // The person is as one who has never been; what others had before the person's runs is known.
      if (fields['of'] === 'submit' && isHere) {
        this.#sayAll(fields['pushedOut'])
        this.events.push({ kind: 'pushedOut', seq, playerIds: idsIn(fields['pushedOut']) })
      } else if (fields['of'] === 'unban') this.#sayAll(rowsOf(fields['pushedOut'], name))
      else if (fields['of'] === 'undo' && isHere) this.#undo(seq, fields, tail)
    } else if (kind === 'move' && isHere) {
      const [row] = rowsOf(fields['entries'], name)
      const [from, to] = [String(fields['from']), String(fields['to'])]
      this.#say(from, row?.['from'] ? stateIn(row['from'] as Row) : undefined, false)
      this.#say(to, row?.['to'] ? stateIn(row['to'] as Row) : undefined, false)
      this.events.push({ kind: 'move', seq, from, to, hadEntry: row?.['from'] !== undefined })
    }
  }

  // Of a season, a record tells in a list what it did there.
  #seasonNote(seq: number, told: Told): void {
    const { kind, fields, tail } = told
    const { name } = this.#board
    const playerId = String(fields['playerId'])
    const [row] = this.#rowsOf(fields['seasons'])
    if (kind === 'create' && fields['board'] === name) this.#forgetOlder()
    else if (kind === 'undo' || (kind === 'erase' && fields['of'] === 'undo')) {
      if (this.#rowsOf(fields['changes']).length > 0) this.#undo(seq, fields, tail)
    } else if (row === undefined) {
      if (this.#wasOpenFor(told)) this.#withoutPlace(seq, told)
    } else if (kind === 'remove') {
      this.#removed(seq, playerId, row)
    } else if (kind === 'ban') {
      this.#say(playerId, 'unknown', false)
      this.events.push({ kind: 'ban', seq, playerId })
    } else if (kind === 'unban') {
      this.#say(playerId, 'unknown', true)
      this.#sayAll(row['pushedOut'])
      this.events.push({ kind: 'unban', seq, playerId })
    } else if (kind === 'move') {
      const [from, to] = [String(fields['from']), String(fields['to'])]
      this.#say(from, row['from'] ? stateIn(row['from'] as Row) : undefined)
      this.#say(to, row['to'] ? stateIn(row['to'] as Row) : undefined)
      this.events.push({ kind: 'move', seq, from, to, hadEntry: row['from'] !== undefined })
    }
  }

  #removed(seq: number, playerId: string, row: Row = {}): void {
    const held = stateIn({ score: row['previousScore'], at: row['previousAt'] })
    this.#say(playerId, held, row['hidden'] === true || undefined)
    this.events.push({ kind: 'remove', seq, playerId })
  }

  // What happened to one who had no entry there, as others were better: without these there would have been one.
  #withoutPlace(seq: number, { kind, fields }: Told): void {
    const [playerId, from, to] = ['playerId', 'from', 'to'].map((field) => String(fields[field]))
    if (kind === 'move') {
      if (this.states.has(from as string))
        this.events.push({ kind, seq, from: from as string, to: to as string, hadEntry: false })
    } else if (kind === 'remove' || kind === 'ban' || kind === 'unban') {
      if (
        this.states.has(playerId as string) &&
        !names(fields['banned']).includes(this.#board.name)
      )
        this.events.push({ kind, seq, playerId: playerId as string })
    }
  }

  // Whether a change of the board, or of all boards, reached the season: it was not sealed by then. A ban that ended
  // by itself did so at its end.
  #wasOpenFor({ kind, fields, committedMicros }: Told): boolean {
    const { name } = this.#board
    if ((fields['board'] ?? name) !== name || !isSeasonWithRuns(this.#board)) return false
    const { ofWindow, stored } = this.#board
    const { endMicros } = stored
    const until = kind === 'unban' ? fields['until'] : undefined
    const micros = typeof until === 'number' ? toMicros(until) : committedMicros
    return endMicros === undefined || micros < sealMicrosOf(ofWindow, endMicros)
  }

  // Rows about this board, or about this season of it.
  #rowsOf(rows: unknown): Row[] {
    const { season } = this.#board
    return rowsOf(rows, this.#board.name).filter(
      (row) => row['window'] === season?.window && row['season'] === season?.id,
    )
  }

  #undo(seq: number, fields: NoteFields, tail: Fields): void {
    this.hasUndo = true
    this.events.push({ kind: 'undo', seq })
    for (const tag of [RUN_TAG.UNDID, RUN_TAG.REVIVES]) {
      const bytes = tail.get(tag)
      const [oldest = seq] = bytes === undefined ? [] : (decodeSeqs(bytes) ?? [])
      this.#oldest = Math.min(this.#oldest, oldest)
    }
    for (const row of this.#rowsOf(fields['changes'])) {
      const from = row['from'] as Row | null
      this.#say(
        String(row['playerId']),
        from === null ? undefined : stateIn(from),
        from?.['hidden'] === true,
      )
    }
  }

  // What is before its creation is about an older board of the name.
  #forgetOlder(): void {
    this.events.length = 0
    this.states.clear()
  }

  #sayAll(rows: unknown): void {
    if (!Array.isArray(rows)) return
    for (const row of rows as Row[]) this.#say(String(row['playerId']), stateIn(row), false)
  }

  #say(playerId: string, held: FirstState['held'], isHidden?: boolean): void {
    const known = this.states.get(playerId)
    if (known === undefined) {
      this.states.set(playerId, { held, isHidden })
      return
    }
    if (known.held === 'unknown') known.held = held
    known.isHidden ??= isHidden
  }
}

/** Returns who was pushed out, as a record lists them. */
export function idsIn(rows: unknown): string[] {
  return Array.isArray(rows) ? (rows as Row[]).map((row) => String(row['playerId'])) : []
}

type Row = Readonly<Record<string, unknown>>
type Told = Pick<NoteRecord, 'kind' | 'fields' | 'tail' | 'committedMicros'>

function withOpen(held: { score: Score; atMicros: number }): Left {
  return { ...held, metadata: OPEN_METADATA }
}

function stateIn({ score, at }: Row): Left | 'unknown' {
  if (score === undefined || typeof at !== 'number') return 'unknown'
  return withOpen({ score: score as Score, atMicros: toMicros(at) })
}

// A note lists names, or what it says of each board.
function names(value: unknown): unknown[] {
  if (!Array.isArray(value)) return []
  return value.map((item: unknown) => (typeof item === 'string' ? item : (item as Row)['board']))
}

function rowsOf(value: unknown, board: string): Row[] {
  if (!Array.isArray(value)) return []
  return (value as Row[]).filter((row) => row['board'] === board)
}

/** Returns those of whom the entry of today, or the one that left, may have other metadata than at first. */
export function disturbedBy(events: readonly BoardEvent[]): ReadonlySet<string> {
  const players = new Set<string>()
  for (const event of events) {
    if (event.kind === 'remove') players.add(event.playerId)
    if (event.kind === 'move') players.add(event.from).add(event.to)
    if (event.kind !== 'run') continue
    const { playerId, metadata, before } = event.run
    if (metadata !== undefined || before === undefined) players.add(playerId)
  }
  return players
}

const DAY_MICROS = 86_400_000_000

/** Returns from which seq on the runs of a season are: those ahead of the clock a little before it began. */
export function firstSeqOf(
  reader: Reader<Table>,
  { stored, ofWindow }: SeasonWithRuns,
  span: LogSpan,
): number {
  const { sinceSeq, filledFromSeq } = ofWindow
  const first = firstSince(reader, span, Math.max(0, stored.startMicros - DAY_MICROS))
  return Math.max(first, Math.min(filledFromSeq ?? sinceSeq + 1, sinceSeq + 1))
}
