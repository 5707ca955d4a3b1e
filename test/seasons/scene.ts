/**
 * A board with windows of every kind and seasons in every state: sealed, left with finals, in grace, on, to
 * come, missed while nothing ran.
 *
 * @module
 */

import type { Leaderboards } from '../../src/index.ts'
import type { TemporaryStore } from '../support/temporary-store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Noon of the first day. It lies ahead of any clock of this machine, which some work goes by: none turns a season. */
export const NOON: number = Date.UTC(2081, 10, 28, 12)

/** Players of the board. */
export const PLAYERS = 40

/** Fills a new store; its clock stands in the grace of a day afterwards. */
export async function fillSeasons({ store, clock }: TemporaryStore): Promise<void> {
  clock.now = NOON
  const arena = await store.createBoard('arena', {
    mode: 'best',
    windows: [
      { every: 'day', retain: 2, finals: true },
      'month',
      { name: 'gained', every: 'week', value: 'gain' },
      { name: 'cup', every: 'manual' },
      { name: 'top', every: { hours: 6, from: NOON }, mode: 'increment', keep: 3 },
    ],
  })
  await store.board('plain').submit('ada', 5)
  await arena.startSeason('cup', 'spring')
  await submitAll(store, { count: PLAYERS, by: 7 })
  clock.advance(DAY_MS)
  await submitAll(store, { count: 10, by: 11 })
  await store.rename('player-3', 'Player three')
  await arena.startSeason('cup', 'autumn')
  clock.advance(2 * DAY_MS)
  await submitAll(store, { count: 5, by: 23 })
  await store.ban('player-1', { reason: 'a bot', submits: 'keep' })
  await arena.remove('player-2')
  clock.advance(DAY_MS)
  await submitAll(store, { count: 4, by: 31 })
  clock.now = Date.UTC(2081, 11, 2, 23, 59)
  // It is ahead of the clock: the season of the next day has an entry before it begins.
  await arena.submit('player-5', 999, { at: clock.now + 120_000 })
  clock.now = Date.UTC(2081, 11, 3, 0, 5)
  await arena.submit('player-6', 77, { at: clock.now - 360_000, metadata: { late: true } })
}

async function submitAll(
  store: Leaderboards,
  { count, by }: { count: number; by: number },
): Promise<void> {
  await store.board('arena').submitMany(
    Array.from({ length: count }, (_, i) => ({
      playerId: `player-${i}`,
      score: (i * by) % 101,
      ...(i % 3 === 0 && { name: `Player number ${i}`, metadata: { round: by } }),
    })),
  )
}
