/**
 * Random submits on boards with windows, beside a model that knows nothing of records, dues or trees: each
 * season is a Map, and what is on follows from the times alone.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { seasonOf } from '../../src/calendar/seasons.ts'
import { checkCalendar } from '../../src/calls/calendars.ts'
import { turnDue } from '../../src/embedded/seasons/turn.ts'
import type { Mode, WindowSettings } from '../../src/index.ts'
import type { Calendar } from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { type SeasonEngine, toldOf, withSeasons } from './engine.ts'

const HOUR_MS = 3_600_000
const STEPS = process.env['TORTURE'] === undefined ? 150 : 5_000
const FUTURE_MS = 300_000

const WINDOWS: readonly WindowSettings[] = [
  { name: 'day', every: 'day', timeZone: 'America/Santiago' },
  { name: 'best', every: 'day', timeZone: 'Asia/Kathmandu', startAt: '04:00', mode: 'best' },
  { name: 'week', every: 'week', weekday: 'sunday', graceMs: 0 },
  { name: 'hours', every: { hours: 5, from: 0 }, graceMs: 10 * HOUR_MS, mode: 'increment' },
  { name: 'gain', every: 'month', timeZone: 'Europe/Berlin', value: 'gain', graceMs: HOUR_MS },
  { name: 'few', every: { cron: '30 */6 * * *' }, keep: 2, timeZone: 'Australia/Lord_Howe' },
]

interface Held {
  score: number
  micros: number
}

/** A board, or a season of one. */
class ModelBoard {
  readonly entries = new Map<string, Held>()
  readonly #keep: number

  constructor(keep = Number.POSITIVE_INFINITY) {
    this.#keep = keep
  }

  submit(
    id: string,
    submit: { mode: Mode; score: number; micros: number; isGiven: boolean },
  ): void {
    const { mode, micros, isGiven } = submit
    const held = this.entries.get(id)
    const score = mode === 'increment' ? (held?.score ?? 0) + submit.score : submit.score
    if (held !== undefined) {
      const isEarlier = mode === 'best' && isGiven && score === held.score && micros < held.micros
      const isBetter = mode === 'best' ? score > held.score : score !== held.score
      if (!isBetter && !isEarlier) return
    }
    this.entries.set(id, { score, micros })
    while (this.entries.size > this.#keep) this.entries.delete(this.rows().at(-1)?.[0] as string)
  }

  rows(): [string, number, number][] {
    return [...this.entries]
      .map(([id, { score, micros }]): [string, number, number] => [id, score, micros / 1000])
      .sort((a, b) => b[1] - a[1] || a[2] - b[2] || (a[0] < b[0] ? -1 : 1))
  }
}

class ModelWindow {
  readonly spec: WindowSettings
  readonly calendar: Calendar
  readonly seasons = new Map<string, ModelBoard>()
  readonly since: string

  constructor(spec: WindowSettings, nowMicros: number) {
    const { every, timeZone, startAt, weekday } = spec
    const given = { every, timeZone, startAt, weekday }
    this.spec = spec
    this.calendar = checkCalendar(
      Object.fromEntries(Object.entries(given).filter(([, field]) => field !== undefined)),
    )
    this.since = this.at(nowMicros).id
  }

  at(micros: number): { id: string; fromMicros: number; toMicros: number } {
    return seasonOf(this.calendar, micros) as { id: string; fromMicros: number; toMicros: number }
  }

  // What a submit at a time is answered, and the season that takes it.
  target(micros: number, presentMicros: number): { id: string; board: ModelBoard | undefined } {
    const { id, toMicros } = this.at(micros)
    const graceMs = this.spec.graceMs ?? 600_000
    const isPast = presentMicros >= toMicros + graceMs * 1000 || id < this.since
    if (isPast) return { id, board: undefined }
    const board = this.seasons.get(id) ?? new ModelBoard(this.spec.keep ?? undefined)
    this.seasons.set(id, board)
    return { id, board }
  }
}

test('seasons hold what a model of Maps holds, over random borders', async () => {
  const seed = runSeed('seasons')
  await withSeasons(async ({ temporary, engine }) => {
    const random = new Random(seed)
    const { clock } = temporary
    clock.now = Date.UTC(2026, 2, 27, 12) + random.below(10 * 24) * HOUR_MS
    const windows = WINDOWS.filter(() => random.below(3) > 0)
    const mode = random.pick<Mode>(['set', 'best', 'increment'])
    const settings = { mode, windows }
    let board = temporary.store.board('arena', settings)
    await temporary.store.createBoard('arena', settings)
    await temporary.store.alter({ retention: { days: 10_000 } })
    const second = temporary.open()
    const other = second.board('arena')
    const models = windows.map((window) => new ModelWindow(window, clock.now * 1000))
    const main = new ModelBoard()
    for (let step = 0; step < STEPS; step++) {
      if (random.below(40) === 0) {
        await temporary.reopen()
        board = temporary.store.board('arena')
      }
      if (random.below(30) === 0) await turnAll(engine)
      clock.now += jump(random)
      const nowMicros = Math.round(clock.now * 1000)
      const isGiven = random.below(2) === 0
      const given =
        clock.now - Math.min(random.below(20 * HOUR_MS), random.below(20 * HOUR_MS)) + FUTURE_MS
      const playerId = `p${random.below(6)}`
      const score = random.below(20)
      const used = random.below(4) === 0 ? random.pick<Mode>(['set', 'best', 'increment']) : mode
      const options = { mode: used, ...(isGiven && { at: given }), windows: 'all' as const }
      const { lastMicros } = engine.counters()
      const answer = await random.pick([board, other]).submit(playerId, score, options)
      const entry = answer.windows
      // The store gives the next time; a turn may have moved it on to the border.
      const presentMicros = Math.max(nowMicros, lastMicros)
      const micros = isGiven ? Math.round(given * 1000) : ownMicros(engine, presentMicros)
      const before = main.entries.get(playerId)?.score
      main.submit(playerId, { mode: used, score, micros, isGiven })
      const after = main.entries.get(playerId)?.score ?? 0
      for (const model of models) {
        const { spec } = model
        const { id, board: season } = model.target(
          micros,
          Math.max(presentMicros, isGiven ? 0 : micros),
        )
        const gain = Math.max(0, after - (before ?? 0))
        const asked =
          spec.value === 'gain'
            ? { mode: 'increment' as const, score: gain }
            : { mode: spec.mode ?? used, score }
        season?.submit(playerId, { ...asked, micros, isGiven })
        const rank =
          season === undefined ? 0 : season.rows().findIndex(([one]) => one === playerId) + 1
        const { season: told, sealed, rank: toldRank = 0 } = entry?.[spec.name as string] ?? {}
        const where = `seed ${seed}, step ${step}, window ${spec.name}`
        expect([told, sealed, toldRank], where).toEqual([id, season ? undefined : true, rank])
      }
    }
    await turnAll(engine)
    for (const model of models) compare(engine, model, seed)
    expectOrder(toldOf(temporary), seed)
    await second.close()
  })
})

// Mostly small steps, at times over many borders, at times back.
function jump(random: Random): number {
  const kind = random.below(10)
  if (kind === 0) return random.below(200 * HOUR_MS)
  if (kind === 1) return -random.below(30 * HOUR_MS)
  return random.below(2 * HOUR_MS)
}

// The last time that the store gave is that of the submit.
function ownMicros(engine: SeasonEngine, presentMicros: number): number {
  const { lastMicros } = engine.counters()
  expect(lastMicros).toBeGreaterThanOrEqual(presentMicros)
  return lastMicros
}

async function turnAll({ context }: SeasonEngine): Promise<void> {
  while ((await context.store.write((writer) => turnDue({ context, writer }, 100))) === 100);
}

function compare(engine: SeasonEngine, model: ModelWindow, seed: number): void {
  const name = model.spec.name as string
  const seen = engine.seasons('arena', name)
  const full = seen.filter(({ rows }) => rows.length > 0)
  const expected = [...model.seasons]
    .filter(([, { entries }]) => entries.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, season]) => [id, season.rows()])
  expect(
    full.map(({ id, rows }) => [id, rows]),
    `seed ${seed}, window ${name}`,
  ).toEqual(expected)
  // Without a gap, also over what passed while nothing ran.
  for (const [i, { to, from }] of seen.entries())
    if (i > 0) expect(seen[i - 1]?.to, `${name} ${from} ${to}`).toBe(from)
}

// Each season opens, closes and is sealed once, in this order.
function expectOrder(told: [kind: string, window: string, season: string][], seed: number): void {
  const states = new Map<string, string>()
  const follows: Record<string, string | undefined> = {
    open: undefined,
    close: 'open',
    seal: 'close',
  }
  for (const [kind, window, season] of told) {
    const name = `${window} ${season}`
    expect(states.get(name), `seed ${seed}, ${kind} ${name}`).toBe(follows[kind])
    states.set(name, kind)
  }
}
