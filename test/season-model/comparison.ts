/**
 * What store and model answer, compared: some of it after each step, all of it at times.
 *
 * @module
 */

import { expect } from 'vitest'
import type { Leaderboards, LogRecord, WindowSettings } from '../../src/index.ts'
import {
  type Call,
  CallMaker,
  make,
  type Outcome,
  outcomeOf,
  withoutCursors,
} from '../model/calls.ts'
import type { ModelWindow } from './model-window.ts'
import { PLAYERS, RANK_MODES, type SeasonScene, show } from './scene.ts'

export class Comparison {
  readonly #scene: SeasonScene
  readonly #reads: CallMaker

  constructor(scene: SeasonScene) {
    this.#scene = scene
    this.#reads = new CallMaker(scene.random, {
      ids: PLAYERS,
      nowMs: scene.temporary.clock.read,
      shapeOf: (board) => scene.model.board(board).shape,
    })
  }

  // A few reads, of the board, of what is on, and of what was.
  sample(): void {
    for (let i = 0; i < 3; i++) {
      const name = this.#scene.random.pick(['one', 'two'])
      const windows = [...this.#scene.model.board(name).windows.values()]
      const window = windows.length === 0 ? undefined : this.#scene.random.pick(windows)
      this.#sampleOf(name, window)
    }
  }

  /** Compares every entry of every season. */
  async compareAll(): Promise<void> {
    for (const [name, model] of this.#scene.model.boards) {
      const board = this.#scene.board(name)
      expect([...board.entries()], `entries of ${name}`).toEqual(model.main.entries())
      if (model.windows.size > 0) this.#compareWindows(name)
      for (const window of model.windows.values()) {
        const options = { limit: 1000 }
        const context = `${name} ${window.name}`
        expect(board.seasons(window.name, options), context).toEqual(window.seasons(options))
        for (const { id } of window.spans())
          expect([...board.window(window.name, id).entries()], `${context} ${id}`).toEqual(
            window.held.get(id)?.entries() ?? [],
          )
        for (const playerId of PLAYERS)
          expect(
            board.finals(playerId, window.name, options),
            `finals of ${playerId} ${context}`,
          ).toEqual(window.finals(playerId, options))
      }
    }
    const { findings } = await this.#scene.store.check()
    expect(findings.slice(0, 3)).toEqual([])
  }

  compareLog(): void {
    const records = seasonRecords(this.#scene.temporary.store)
    const follows: Record<string, string | undefined> = {
      'season-close': 'season-open',
      'season-seal': 'season-close',
    }
    const states = new Map<string, string>()
    for (const { kind, board, window, season } of records) {
      const name = `${board} ${window} ${season}`
      expect(states.get(name), `${kind} of ${name}`).toBe(follows[kind])
      states.set(name, kind)
    }
    for (const { board, window } of this.#scene.windows())
      for (const span of window.spans()) {
        const isOver = this.#scene.model.time.now >= span.to
        const state = window.isSealed(span)
          ? 'season-seal'
          : isOver
            ? 'season-close'
            : 'season-open'
        const name = `${board} ${window.name} ${span.id}`
        expect(states.get(name), name).toBe(state)
        for (const record of records)
          if (record.board === board && record.window === window.name && record.season === span.id)
            expect([record.kind, record['from'], record['to'] ?? undefined]).toEqual([
              record.kind,
              span.from / 1000,
              record['to'] === undefined || record['to'] === null ? undefined : span.to / 1000,
            ])
      }
  }

  #sampleOf(name: string, window: ModelWindow | undefined): void {
    const random = this.#scene.random
    const board = this.#scene.board(name)
    const model = this.#scene.model.board(name)
    const call = this.#reads.read(name)
    if (window === undefined) {
      expectSame(
        call,
        outcomeOf(() => make(board, call)),
        outcomeOf(() => make(model.main, call)),
      )
      return
    }
    const kind = random.below(8)
    if (kind === 0) this.#compareWindows(name)
    else if (kind === 1) this.#compareSeasons(name, window)
    else if (kind === 2) this.#compareFinals(name, window)
    else this.#compareRead(name, { window, call })
  }

  #compareRead(name: string, { window, call }: { window: ModelWindow; call: Call }): void {
    const random = this.#scene.random
    const board = this.#scene.board(name)
    const model = this.#scene.model.board(name)
    const spans = window.spans()
    const isLive = random.chance(0.5) || spans.length === 0
    const span = isLive ? window.current() : random.pick(spans.slice(0, 5))
    const view = isLive ? board.window(window.name) : board.window(window.name, span?.id)
    const empty = model.newEntries(window.settings.keep ?? model.settings.keep)
    const entries = (span && window.held.get(span.id)) ?? empty
    const context = `${name} ${window.name} ${span?.id} ${show(call)}`
    expectSame(
      call,
      outcomeOf(() => make(view, call)),
      outcomeOf(() => make(entries, call)),
      context,
    )
    expect([view.season, view.from, view.to, view.sealed]).toEqual([
      span?.id,
      span && span.from / 1000,
      span && (span.to === Number.POSITIVE_INFINITY ? undefined : span.to / 1000),
      span !== undefined && window.isSealed(span),
    ])
  }

  #compareWindows(name: string): void {
    const seen = this.#scene.board(name).windows()
    const { now } = this.#scene.model.time
    const windows = [...this.#scene.model.board(name).windows.values()]
    const expected = windows.map((window) => {
      const span = window.current()
      const to = span === undefined || span.to === Number.POSITIVE_INFINITY ? undefined : span.to
      return {
        ...{ window: window.name, season: span?.id, from: span && span.from / 1000 },
        ...{ to: to && to / 1000 },
      }
    })
    expect(
      seen.map(({ window, season, from, to }) => ({ window, season, from, to })),
      `windows ${name}`,
    ).toEqual(expected)
    for (const { to, remainingMs } of seen)
      if (to === undefined) expect(remainingMs).toBe(undefined)
      else expect(Math.abs((remainingMs as number) - (to - now / 1000))).toBeLessThan(1.1)
    for (const [i, window] of windows.entries())
      expect(seen[i]).toMatchObject(usual(window.settings))
  }

  #compareSeasons(name: string, window: ModelWindow): void {
    const spans = window.spans()
    const options = this.#pageOf(spans.map(({ id }) => id))
    const context = `seasons ${name} ${window.name} ${show(options)}`
    expect(this.#scene.board(name).seasons(window.name, options), context).toEqual(
      window.seasons(options),
    )
  }

  #compareFinals(name: string, window: ModelWindow): void {
    const random = this.#scene.random
    const playerId = random.pick(PLAYERS)
    const mode = random.chance(0.5) ? {} : { rankMode: random.pick(RANK_MODES) }
    const all = window.finals(playerId, { limit: 1000 }).map(({ season }) => season)
    const options = { ...this.#pageOf(all), ...mode }
    const context = `finals ${name} ${window.name} ${playerId} ${show(options)}`
    expect(this.#scene.board(name).finals(playerId, window.name, options), context).toEqual(
      window.finals(playerId, options),
    )
  }

  #pageOf(ids: string[]): { limit?: number; after?: string; before?: string } {
    const random = this.#scene.random
    const limit = random.chance(0.5) ? { limit: 1 + random.below(6) } : {}
    if (ids.length === 0 || random.chance(0.5)) return limit
    return { ...limit, [random.pick(['after', 'before'])]: random.pick(ids) }
  }
}

/** All that the log tells of seasons. */
export function seasonRecords(store: Leaderboards): LogRecord[] {
  const all: LogRecord[] = []
  for (;;) {
    const after = all.at(-1)?.seq ?? 0
    const kinds = ['season-open', 'season-close', 'season-seal'] as const
    const { records } = store.log({ after, limit: 10_000, kinds })
    if (records.length === 0) return all
    all.push(...records)
  }
}

function expectSame(
  call: Parameters<typeof make>[1],
  seen: Outcome,
  expected: Outcome,
  context = show(call),
): void {
  expect(withoutCursors(call, seen), context).toEqual(withoutCursors(call, expected))
}

// Settings as `windows()` shows them.
function usual({ name: _, ...settings }: WindowSettings): object {
  const plain: Record<string, unknown> = {
    ...{ timeZone: 'UTC', startAt: '00:00', weekday: 'monday', day: 1, finals: false },
    ...{ graceMs: 600_000, value: 'score' },
  }
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([key, value]) => value !== undefined && value !== null && plain[key] !== value,
    ),
  )
}
