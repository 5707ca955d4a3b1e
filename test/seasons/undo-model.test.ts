/**
 * Undo on boards with windows beside a model: what the remaining runs of each season give, folded one by one.
 *
 * The log says which season took a run; the model says what comes of it.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type {
  BoardSettings,
  Leaderboards,
  LogRecord,
  Metadata,
  Mode,
  UndoAnswer,
} from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { logOf } from '../support/random-history.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const HOUR_MS = 3_600_000
const PLAYERS = ['ada', 'bob', 'cyd', 'dan', 'eve']

const BOARDS: Record<string, BoardSettings> = {
  best: {
    mode: 'best',
    windows: ['day', { name: 'hours', every: { hours: 3, from: 0 }, graceMs: 0 }],
  },
  sum: { mode: 'increment', windows: ['day', { name: 'set', every: 'week', mode: 'set' }] },
  xp: {
    windows: [
      { name: 'gain', every: 'day', value: 'gain' },
      { name: 'sum', every: 'day', mode: 'increment' },
    ],
  },
  golf: { order: 'ascending', mode: 'best', windows: ['day'] },
  few: {
    mode: 'best',
    windows: [
      { name: 'two', every: 'day', keep: 2 },
      { name: 'one', every: 'week', keep: 1, mode: 'set' },
    ],
  },
}

interface Held {
  score: number
  at: number
  metadata: unknown
}

type Entries = Map<string, Held>

/** One season. */
interface Season {
  board: string
  window: string
  season: string
  entries: Entries
}

/** What happened on a board. */
type Event =
  | { kind: 'run'; record: LogRecord; isUndone: boolean }
  | { kind: 'remove'; playerId: string; seasons: { window: string; season: string }[] }

class Model {
  readonly events = new Map<string, Event[]>()
  readonly seasons = new Map<string, Season>()

  season(board: string, window: string, season: string): Season {
    const key = `${board} ${window} ${season}`
    let found = this.seasons.get(key)
    if (found === undefined) {
      found = { board, window, season, entries: new Map() }
      this.seasons.set(key, found)
    }
    return found
  }

  /** Takes the next record. `isReached` says which seasons an undo reaches, `isOpen` which are not sealed. */
  take(
    record: LogRecord,
    isReached: (season: Season) => boolean,
    isOpen: (season: Season) => boolean,
  ): void {
    const { kind, board = '', playerId = '' } = record
    const events = this.events.get(board) ?? []
    this.events.set(board, events)
    if (kind === 'submit') {
      events.push({ kind: 'run', record, isUndone: false })
      const rise = isIn(board, 'gain') ? this.rises(board, playerId).get(record.seq) : undefined
      for (const [window, { season, sealed }] of Object.entries(record.windows ?? {}))
        if (sealed !== true) enter(this.season(board, window, season), record, rise)
    }
    if (kind === 'remove') {
      // Also where others are better: no older run brings the player back.
      const seasons = [...this.seasons.values()].filter((one) => one.board === board && isOpen(one))
      events.push({ kind: 'remove', playerId, seasons })
      for (const { window, season } of seasons)
        this.season(board, window, season).entries.delete(playerId)
    }
    if (kind === 'undo') this.#undo(record, isReached)
  }

  #undo({ seqs = [], revived = [] }: LogRecord, isReached: (season: Season) => boolean): void {
    const turned = new Set([...seqs, ...revived])
    const touched = new Map<string, Set<string>>()
    for (const [board, events] of this.events)
      for (const event of events) {
        if (event.kind !== 'run' || !turned.has(event.record.seq)) continue
        event.isUndone = seqs.includes(event.record.seq)
        const players = touched.get(board) ?? new Set()
        touched.set(board, players.add(event.record.playerId as string))
      }
    for (const season of this.seasons.values()) {
      const players = touched.get(season.board)
      if (players === undefined || !isReached(season)) continue
      const concerned = PLAYERS.filter((playerId) => this.#isConcerned(season, playerId, turned))
      if (concerned.length === 0) continue
      const again = this.#replayed(season)
      const isFull = settingsOf(season).keep !== undefined
      for (const playerId of isFull ? PLAYERS : concerned.filter((one) => players.has(one))) {
        const held = again.get(playerId)
        if (held === undefined) season.entries.delete(playerId)
        else season.entries.set(playerId, held)
      }
    }
  }

  #isConcerned({ board, window, season }: Season, playerId: string, turned: Set<number>): boolean {
    if (window === 'gain') return true
    return (this.events.get(board) ?? []).some((event) => {
      if (event.kind !== 'run' || event.record.playerId !== playerId) return false
      const told = event.record.windows?.[window]
      // A run that came after the seal never was in the season: to take it back changes nothing there.
      const wasIn = told?.season === season && told.sealed !== true
      return turned.has(event.record.seq) && wasIn
    })
  }

  #replayed({ board, window, season }: Season): Entries {
    const again: Season = { board, window, season, entries: new Map() }
    const rises = new Map(PLAYERS.map((playerId) => [playerId, this.rises(board, playerId)]))
    for (const event of this.events.get(board) ?? []) {
      if (event.kind === 'remove') {
        const isHere = event.seasons.some((one) => one.window === window && one.season === season)
        if (isHere) again.entries.delete(event.playerId)
        continue
      }
      const { record, isUndone } = event
      const told = record.windows?.[window]
      if (isUndone || told?.season !== season || told.sealed === true) continue
      enter(again, record, rises.get(record.playerId as string)?.get(record.seq))
    }
    return again.entries
  }

  /** What the score on the board rose by with each run. */
  rises(board: string, playerId: string): Map<number, number> {
    const rises = new Map<number, number>()
    let held: Held | undefined
    for (const event of this.events.get(board) ?? []) {
      if (event.kind === 'remove') {
        if (event.playerId === playerId) held = undefined
        continue
      }
      const { record, isUndone } = event
      if (record.playerId !== playerId || isUndone) continue
      const before = held?.score ?? 0
      held = decided(record, { mode: record.mode as Mode, isAscending: board === 'golf', held })
      rises.set(record.seq, Math.max(0, held.score - before))
    }
    return rises
  }
}

function settingsOf({ board, window }: Season): { mode?: Mode; keep?: number; name: string } {
  const all = (BOARDS[board] as BoardSettings).windows ?? []
  const found = all.find((one) => typeof one === 'object' && one.name === window)
  return (found ?? { name: window }) as { mode?: Mode; keep?: number; name: string }
}

function isIn(board: string, window: string): boolean {
  return settingsOf({ board, window } as Season) !== undefined && board === 'xp'
}

function decided(
  { submitted, at, atGiven, metadata }: LogRecord,
  { mode, isAscending, held }: { mode: Mode; isAscending: boolean; held: Held | undefined },
): Held {
  const score = (mode === 'increment' ? (held?.score ?? 0) : 0) + (submitted as number)
  const given = metadata === null ? undefined : metadata
  if (held === undefined) return { score, at, metadata: given }
  const isBetter = isAscending ? score < held.score : score > held.score
  const isEarlier = score === held.score && atGiven === true && at < held.at
  if (mode === 'best' && !isBetter && !isEarlier) return held
  const taken = metadata === undefined ? held.metadata : given
  if (mode !== 'best' && score === held.score) return { ...held, metadata: taken }
  return { score, at, metadata: taken }
}

function enter(season: Season, record: LogRecord, rise: number | undefined): void {
  const { board, entries, window } = season
  const { mode = record.mode as Mode, keep = Infinity } = settingsOf(season)
  const playerId = record.playerId as string
  const isAscending = board === 'golf'
  const isGain = window === 'gain'
  const asked = isGain ? { ...record, submitted: rise } : record
  const held = entries.get(playerId)
  const after = decided(asked as LogRecord, {
    mode: isGain ? 'increment' : mode,
    isAscending,
    held,
  })
  const isFull = held === undefined && entries.size >= keep
  const worst = sorted(entries, isAscending).at(-1)
  if (isFull && worst !== undefined && !isBefore([playerId, after], worst, isAscending)) return
  entries.set(playerId, after)
  while (entries.size > keep)
    entries.delete((sorted(entries, isAscending).at(-1) as [string, Held])[0])
}

function isBefore(a: [string, Held], b: [string, Held], isAscending: boolean): boolean {
  return sorted(new Map([a, b]), isAscending)[0]?.[0] === a[0]
}

function sorted(entries: Entries, isAscending: boolean): [string, Held][] {
  const sign = isAscending ? 1 : -1
  return [...entries].sort(
    ([a, one], [b, other]) =>
      sign * (one.score - other.score) || one.at - other.at || (a < b ? -1 : 1),
  )
}

/** What a season of a store shows. */
function shown(store: Leaderboards, { board, window, season }: Season): unknown[] {
  const view = store.openBoard(board).window(window, season)
  return [...view.entries()].map(({ playerId, score, at, metadata }) => [
    ...[playerId, score, at, metadata],
  ])
}

// A season that began meanwhile may have a record in front of that of the undo.
async function answerOf(undo: Promise<UndoAnswer>): Promise<object> {
  try {
    const { seq: _, ...answer } = await undo
    return answer
  } catch (error) {
    expect((error as { code?: string }).code).toBe('NOT_UNDOABLE')
    return {}
  }
}

async function change(
  random: Random,
  { store, clock }: TemporaryStore,
  sealed: boolean,
): Promise<void> {
  const name = random.pick(Object.keys(BOARDS))
  const board = store.board(name, BOARDS[name])
  const playerId = random.pick(PLAYERS)
  const kind = random.below(20)
  if (kind === 0) await board.remove(playerId)
  else if (kind === 1)
    await store.undo({ playerId, from: clock.now - random.below(40 * HOUR_MS), sealed })
  else if (kind < 5) {
    const { records } = store.log({ kinds: ['submit', 'undo'], before: 1e9, limit: 40 })
    const seqs = records.length === 0 ? [] : [random.pick(records).seq, random.pick(records).seq]
    if (seqs.length === 0) return
    const dry = await answerOf(store.undo({ seqs, sealed, dryRun: true }))
    expect(await answerOf(store.undo({ seqs, sealed }))).toEqual(dry)
  } else
    await board.submit(playerId, random.below(30), {
      ...(random.chance(0.4) && { mode: random.pick<Mode>(['set', 'best', 'increment']) }),
      ...(random.chance(0.3) && { at: clock.now - random.below(random.pick([1000, 5 * HOUR_MS])) }),
      ...(random.chance(0.2) && { metadata: random.pick<Metadata>([{}, { n: random.below(9) }]) }),
    })
}

test('an undo gives each season what its remaining runs give', async () => {
  const rounds = sizeOf('UNDO_ROUNDS', { test: 1, torture: 200 })
  const seed = runSeed('undo of seasons')
  for (let round = 0; round < rounds; round++) {
    const random = new Random(seed + round)
    await withStore(
      async (temporary) => {
        const { store, clock } = temporary
        const model = new Model()
        let seen = 0
        for (let i = 0; i < 100; i++) {
          clock.now += random.pick([0, 1, 1000, 60_000, HOUR_MS, 4 * HOUR_MS])
          const sealed = random.chance(0.5)
          await change(random, temporary, sealed)
          const isOpen = ({ board, window, season }: Season): boolean =>
            !store.openBoard(board).window(window, season).sealed
          const isReached = (season: Season): boolean => sealed || isOpen(season)
          for (const record of logOf(store).slice(seen)) {
            seen++
            model.take(record, isReached, isOpen)
          }
          for (const season of model.seasons.values()) {
            const expected = sorted(season.entries, season.board === 'golf').map(
              ([playerId, { score, at, metadata }]) => {
                const isEmpty = JSON.stringify(metadata) === '{}'
                return [playerId, score, at, isEmpty ? undefined : metadata]
              },
            )
            const { board, window, season: id } = season
            const where = `${board} ${window} ${id} after ${seen} records, SEED=${random.seed}`
            expect(shown(store, season), where).toEqual(expected)
          }
        }
        const { findings } = await store.check({ history: true })
        expect(findings, `SEED=${random.seed}`).toEqual([])
      },
      { durability: 'relaxed' },
    )
  }
}, 120_000)
