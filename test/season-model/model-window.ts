/**
 * One window of the model: its seasons, and what the times alone say of each.
 *
 * @module
 */

import type {
  FinalsOptions,
  Score,
  SeasonFinal,
  SeasonInfo,
  SeasonsOptions,
  WindowSettings,
} from '../../src/index.ts'
import { ModelError } from '../model/scores.ts'
import { ModelCalendar, type Span } from './borders.ts'
import type { Entries } from './entries.ts'

const GRACE_MS = 600_000

/** What a window knows of its board. */
export interface BoardOfWindow {
  readonly keep: number | undefined
  readonly nowMicros: number
  newEntries(keep: number | undefined): Entries
}

/** Where a submit goes. */
export interface Target {
  span: Span | undefined
  isSealed: boolean
  entries: Entries | undefined
}

/** One window of a board. */
export class ModelWindow {
  readonly settings: WindowSettings
  readonly name: string
  /** The seasons that had an entry once, by their ids. */
  readonly held = new Map<string, Entries>()
  readonly #board: BoardOfWindow
  readonly #calendar: ModelCalendar | undefined
  /** Those of a manual window, the earliest first. */
  readonly #started: Span[] = []
  readonly #sinceMicros: number
  #goneBefore = 0
  readonly #pastGraces: { graceMicros: number; until: number }[] = []
  /** What was sealed once is sealed for good, whatever the grace is later. */
  #sealedTo = 0

  constructor(board: BoardOfWindow, settings: WindowSettings | string) {
    this.settings = typeof settings === 'string' ? ({ every: settings } as never) : { ...settings }
    this.name = this.settings.name ?? (this.settings.every as string)
    this.#board = board
    this.#sinceMicros = this.#now
    if (this.settings.every !== 'manual')
      this.#calendar = new ModelCalendar(this.settings, this.#now / 1000)
  }

  get #now(): number {
    return this.#board.nowMicros
  }

  get isManual(): boolean {
    return this.#calendar === undefined
  }

  start(id: string): void {
    if (this.#started.some((span) => span.id === id)) throw new ModelError('SEASON_EXISTS')
  }

  /** Once the store has said when. */
  started(id: string, from: number): void {
    const last = this.#started.at(-1)
    if (last !== undefined) last.to = from
    this.#started.push({ id, from, to: Number.POSITIVE_INFINITY })
  }

  alter(settings: Partial<Record<'graceMs' | 'retain' | 'keep', number | null>>): void {
    this.note()
    const before = this.#graceMicros
    Object.assign(this.settings, settings)
    if (this.#graceMicros !== before)
      this.#pastGraces.push({ graceMicros: before, until: this.#now })
    if ('keep' in settings)
      for (const entries of this.reached(false))
        entries.limit(this.settings.keep ?? this.#board.keep)
  }

  current(): Span | undefined {
    return this.#calendar?.at(this.#now) ?? this.#started.at(-1)
  }

  /** Those that there are, newest first. */
  spans(): Span[] {
    const all = this.#calendar?.between(this.#sinceMicros, this.#now) ?? this.#started
    return all.filter(({ from }) => from >= this.goneBefore).reverse()
  }

  /** Those that were, with those that left. */
  allSpans(): Span[] {
    return this.#calendar?.between(this.#sinceMicros, this.#now) ?? [...this.#started]
  }

  get goneBefore(): number {
    const { retain } = this.settings
    const current = this.current()
    if (retain === undefined || retain === null || current === undefined) return this.#goneBefore
    const first =
      this.#calendar?.behind(this.#now, retain).from ?? this.#started.at(-1 - retain)?.from ?? 0
    return Math.max(this.#goneBefore, first)
  }

  /** What has left comes back no more, whatever the clock and the settings say later. */
  note(): void {
    this.#goneBefore = this.goneBefore
    for (const span of this.allSpans())
      if (this.isSealed(span)) this.#sealedTo = Math.max(this.#sealedTo, span.to)
  }

  isSealed({ to }: Pick<Span, 'to'>): boolean {
    if (to <= this.#sealedTo) return true
    return this.#now >= this.#sealTime({ to })
  }

  get #graceMicros(): number {
    return (this.settings.graceMs ?? GRACE_MS) * 1000
  }

  // The first instant at which what held then says that the season is sealed.
  #sealTime({ to }: Pick<Span, 'to'>): number {
    const last = { graceMicros: this.#graceMicros, until: Number.POSITIVE_INFINITY }
    let from = 0
    for (const { graceMicros, until } of [...this.#pastGraces, last]) {
      const time = Math.max(from, to + graceMicros)
      if (time <= until) return time
      from = until
    }
    return Number.POSITIVE_INFINITY
  }

  reached(isSealedToo: boolean, sealedBy = 0): Entries[] {
    const spans = [...this.allSpans(), ...this.#coming()].filter(
      ({ from }) => from >= this.goneBefore,
    )
    return spans
      .filter((span) => isSealedToo || !this.isSealed(span) || this.#sealTime(span) <= sealedBy)
      .flatMap(({ id }) => this.held.get(id) ?? [])
  }

  #coming(): Span[] {
    const current = this.current()
    return current === undefined || this.#calendar === undefined || current.to === undefined
      ? []
      : this.#calendar.between(current.to, current.to + 400_000_000)
  }

  /** Where a submit of a time goes. */
  target(micros: number): Target {
    const span =
      this.#calendar?.at(micros) ??
      this.#started.find(({ from, to }) => from <= micros && micros < to)
    if (span === undefined) return { span, isSealed: false, entries: undefined }
    const since = this.#calendar?.at(this.#sinceMicros).from ?? 0
    const isSealed = this.isSealed(span) || span.from < Math.max(since, this.goneBefore)
    return { span, isSealed, entries: isSealed ? undefined : this.entriesOf(span.id) }
  }

  entriesOf(id: string): Entries {
    const held = this.held.get(id)
    if (held !== undefined) return held
    const keep = this.settings.keep ?? this.#board.keep
    const entries = this.#board.newEntries(keep)
    this.held.set(id, entries)
    return entries
  }

  seasons(options: SeasonsOptions = {}): SeasonInfo[] {
    return paged(this.spans(), options).map((span) => ({
      season: span.id,
      from: span.from / 1000,
      to: span.to === Number.POSITIVE_INFINITY ? undefined : span.to / 1000,
      sealed: this.isSealed(span),
      size: this.held.get(span.id)?.size ?? 0,
    }))
  }

  finals(playerId: string, { rankMode, ...options }: FinalsOptions = {}): SeasonFinal<Score>[] {
    const spans = [...this.allSpans()].reverse().filter((span) => {
      return span.from >= this.goneBefore ? this.isSealed(span) : this.settings.finals === true
    })
    const found = spans.flatMap((span) => {
      const entries = this.held.get(span.id)
      const row = entries?.get(playerId, rankMode === undefined ? {} : { rankMode })
      if (entries === undefined || row === undefined) return []
      const { score, at, rank } = row
      const { id: season, from, to } = span
      return [
        {
          id: season,
          final: {
            ...{ season, from: from / 1000, to: to / 1000, score, at, rank },
            size: entries.size,
          },
        },
      ]
    })
    return paged(found, options).map(({ final }) => final)
  }
}

function paged<T extends { id: string }>(
  all: T[],
  { limit = 50, after, before }: SeasonsOptions,
): T[] {
  if (after !== undefined) {
    const place = all.findIndex(({ id }) => id === after)
    return all.slice(place + 1, place + 1 + limit)
  }
  if (before === undefined) return all.slice(0, limit)
  const place = all.findIndex(({ id }) => id === before)
  return all.slice(Math.max(0, place - limit), place)
}
