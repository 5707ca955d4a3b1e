/**
 * Random histories of boards with windows under a clock that jumps over borders, and all that a store shows of
 * them.
 *
 * @module
 */

import { expect } from 'vitest'
import type { BoardSettings, Leaderboard, Leaderboards, Mode, Score } from '../../src/index.ts'
import type { Random } from './random.ts'
import { PLAYERS, type Scene, sceneOf } from './random-history.ts'

const HOUR_MS = 3_600_000

const WINDOWED: Record<string, BoardSettings> = {
  arena: {
    mode: 'best',
    windows: ['day', { name: 'hours', every: { hours: 3, from: 0 }, graceMs: 0 }],
  },
  few: { mode: 'best', keep: 3, windows: [{ name: 'day', every: 'day', keep: 2 }, 'week'] },
  xp: {
    windows: [
      { name: 'gained', every: 'day', value: 'gain', timeZone: 'Asia/Kathmandu' },
      { name: 'round', every: 'manual' },
      { name: 'sum', every: { hours: 7, from: 0 }, mode: 'increment', retain: 2 },
    ],
  },
  golf: { order: 'ascending', windows: [{ name: 'best', every: 'day', mode: 'best' }] },
  big: { scoreType: 'int64', mode: 'increment', windows: ['day'] },
  plain: { mode: 'best' },
  quiet: { mode: 'best', log: 'changes', windows: [{ name: 'set', every: 'day', mode: 'set' }] },
}

/** A scene with what the windows of each board show, and the time at which it was looked at. */
export interface SeasonScene extends Scene {
  nowMs: number
  windows: unknown
}

export function seasonSceneOf(store: Leaderboards, nowMs: number): SeasonScene {
  const scene = sceneOf(store)
  const windows = store.boards().map(({ name }) => {
    const board = store.openBoard(name)
    return board.windows().map(({ remainingMs: _, ...window }) => {
      const seasons = board.seasons(window.window, { limit: 1000 })
      const views = seasons.map(({ season }) => board.window(window.window, season))
      return {
        ...{ name, window, seasons },
        entries: views.map((view) => [...view.entries()]),
        finals: PLAYERS.map((playerId) => board.finals(playerId, window.window, { limit: 1000 })),
        runs: views
          .slice(0, 2)
          .map((view) =>
            PLAYERS.map((playerId) => view.history(playerId).records.map(({ seq }) => seq)),
          ),
      }
    })
  })
  return { ...scene, nowMs, windows }
}

/** Moves the clock: mostly a little, at times over a border or many, and back. */
export function passTime(random: Random, clock: { now: number }): void {
  const step = random.pick([0, 1, 50, 1000, 60_000, 60_000, HOUR_MS, 5 * HOUR_MS, 30 * HOUR_MS])
  clock.now += random.chance(0.12) ? -random.below(4 * HOUR_MS) : random.below(step + 1)
}

/** One random change. */
export async function seasonChange(
  random: Random,
  store: Leaderboards,
  clock: { now: number },
): Promise<void> {
  const name = random.pick(Object.keys(WINDOWED))
  const playerId = random.pick(PLAYERS)
  const board = store.board(name, WINDOWED[name]) as object as Leaderboard<Score>
  const score = (): never => (name === 'big' ? BigInt(random.below(60)) : random.below(60)) as never
  const options = (): object => ({
    ...(random.chance(0.4) && { mode: random.pick<Mode>(['set', 'best', 'increment']) }),
    ...(random.chance(0.1) && { ranks: false }),
    ...(random.chance(0.1) && { name: `n${random.below(1e9)}` }),
    ...(random.chance(0.2) && { metadata: { n: random.below(9) } }),
    ...(random.chance(0.3) && { at: clock.now - random.below(random.pick([1000, 9e5, 2e7])) }),
    ...(random.chance(0.05) && { at: clock.now + random.below(250_000) }),
    ...(random.chance(0.1) && { requestId: `r${random.below(1e9)}` }),
    ...(random.chance(0.2) && { windows: 'all' }),
  })
  const quietly = async (act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: { code?: string }) => {
      const codes = [
        'NAME_TAKEN',
        'NOT_UNDOABLE',
        'INEXACT',
        'BANNED',
        'LOG_OFF',
        'SETTINGS_DIFFER',
        'NO_WINDOW',
      ]
      expect([...codes, 'NO_BOARD'], String(error)).toContain(error.code)
    })
  }
  const runs = (): number[] => {
    const found = store.log({ kinds: ['submit', 'undo'], before: 1e9, limit: 30 }).records
    return found.length === 0 ? [] : [random.pick(found).seq]
  }
  const sealed = random.chance(0.3)
  const kind = random.below(40)
  if (kind === 0) await board.remove(playerId)
  else if (kind === 1) await store.rename(playerId, `${playerId} ${random.below(100)}`)
  else if (kind === 2 && random.chance(0.3)) await store.dropBoard(name).catch(() => undefined)
  else if (kind === 3 && store.hasBoard('xp') && isThere(store, 'xp', 'round'))
    await store.openBoard('xp').startSeason('round', `s${random.below(1e9)}`)
  else if (kind === 4) await quietly(() => store.undo({ playerId, from: clock.now - 2e7, sealed }))
  else if (kind < 8) {
    const seqs = runs()
    if (seqs.length > 0) await quietly(() => store.undo({ seqs, sealed }))
  } else if (kind === 12)
    await store.ban(playerId, {
      ...(random.chance(0.3) && store.hasBoard(name) && { board: name }),
      ...(random.chance(0.6) && { submits: 'keep' }),
      ...(random.chance(0.4) && { until: clock.now + 1 + random.below(5 * HOUR_MS) }),
      sealed,
    })
  else if (kind === 13 || kind === 14) await store.unban(playerId, { sealed })
  else if (kind === 15)
    await quietly(() =>
      store.movePlayer(playerId, random.pick(PLAYERS.filter((id) => id !== playerId)), { sealed }),
    )
  else if (kind === 16)
    await quietly(() => store.setProfile(playerId, { name: `known ${random.below(9)}` }))
  else if (kind === 17) await store.removePlayer(playerId, { sealed })
  else if (kind === 8 && store.hasBoard(name)) await alterWindows(random, store, name)
  else if (kind < 11)
    await quietly(() =>
      board.submitMany(
        Array.from({ length: 3 }, () => {
          const { ranks: _, windows: __, ...rest } = options() as Record<string, unknown>
          return { playerId: random.pick(PLAYERS), score: score(), ...rest }
        }),
      ),
    )
  else await quietly(() => board.submit(playerId, score(), options()))
}

function isThere(store: Leaderboards, name: string, window: string): boolean {
  return store
    .openBoard(name)
    .windows()
    .some((one) => one.window === window)
}

// Of the board xp, whose windows nobody asks for when it is opened, come and go.
async function alterWindows(random: Random, store: Leaderboards, name: string): Promise<void> {
  if (!isThere(store, name, 'extra'))
    await store.alter(name, {
      windows: {
        extra: {
          every: random.pick(['day', 'week', 'manual'] as const),
          ...(random.chance(0.6) && { fill: 'log' as const }),
          graceMs: random.pick([0, 1000, HOUR_MS]),
        },
      },
    })
  else if (random.chance(0.4)) await store.alter(name, { windows: { extra: null } })
  else
    await store.alter(name, {
      windows: {
        extra: { graceMs: random.pick([null, 0, HOUR_MS]), retain: random.pick([null, 1, 3]) },
      },
    })
}
