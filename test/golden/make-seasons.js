/**
 * Makes the store that shows what this release writes of windows: seasons by every calendar, sealed, in grace, on
 * and to come, finals of those that left, and what submits answered:
 *
 *     node test/golden/make-seasons.js test/golden/version-3-seasons
 *
 * Like `make.js` it is run for a new form alone, into a directory that is not there.
 *
 * @module
 */

import { setTimeout as pause } from 'node:timers/promises'
import { SEASONS_END_MS, seasonStoreOf } from './content.js'
import { makeStore } from './make-store.js'

const [, , target] = process.argv
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let now = Date.UTC(2026, 10, 28, 12)
await makeStore(target, {
  clock: () => now,
  fill: async (store) => {
    await fill(store)
    await untilDone(store)
    return seasonStoreOf(store)
  },
})

async function fill(store) {
  const arena = await store.createBoard('arena', {
    mode: 'best',
    windows: [
      { every: 'day', timeZone: 'Europe/Berlin', startAt: '04:00', retain: 2, finals: true },
      { every: 'week', weekday: 'sunday', graceMs: HOUR_MS },
      { every: 'month', day: 2, mode: 'increment', keep: 2 },
      ...['year'],
      { name: 'gained', every: 'day', value: 'gain', graceMs: 0 },
      { name: 'sprint', every: { hours: 72, from: now } },
      { name: 'shift', every: { cron: '0 6,18 * * *' }, timeZone: 'America/New_York', retain: 1 },
      { name: 'cup', every: 'manual' },
    ],
  })
  await arena.submit('ada', 900, { name: 'Ada', metadata: { car: 'red' } })
  await arena.startSeason('cup', 'spring')
  await submits(arena, { ada: 500, bob: 800, cy: 800, dan: 100 })
  await arena.submit('bob', 810, { windows: 'all' })
  const coins = store.board('coins', {
    ...{ mode: 'increment', scoreType: 'int64' },
    windows: ['month', { name: 'best', every: 'day', mode: 'best' }],
  })
  await coins.submit('ada', 9_007_199_254_740_993n)
  const race = store.board('race', {
    columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
    ...{ keep: 2, log: 'changes', windows: ['day', { name: 'all', every: 'week', keep: 5 }] },
  })
  for (const [i, playerId] of ['ada', 'bob', 'cy'].entries())
    await race.submit(playerId, { points: i, time: 70.5 })
  await store.board('silent', { log: 'none', windows: ['day'] }).submit('ada', 1)
  now += DAY_MS
  await submits(arena, { ada: 950, cy: 700, eve: 300 })
  await coins.submit('ada', 5n)
  await store.ban('cy', { reason: 'rude', submits: 'keep' })
  await arena.submit('cy', 880, { ranks: false })
  await arena.startSeason('cup', 'summer')
  await store.alter('arena', { windows: { week: { retain: 10 }, new: { every: 'week' } } })
  now += 3 * DAY_MS
  await submits(arena, { bob: 700, dan: 720 })
  await arena.submit('dan', 730, { at: now - 2 * DAY_MS })
  await store.rename('eve', 'Eve')
  await arena.remove('eve')
  now = SEASONS_END_MS - 120_000
  await submits(arena, { bob: 10, eve: 20 })
  await arena.submit('bob', 820, { requestId: 'run-17', windows: 'all' })
  // It is ahead of the clock: the season of the next day has an entry before it begins.
  await coins.submit('bob', 7n, { at: SEASONS_END_MS + 180_000 })
  now = SEASONS_END_MS
}

async function submits(board, scores) {
  for (const [playerId, score] of Object.entries(scores)) await board.submit(playerId, score)
}

// What passed unseen is told, and past seasons leave, in the background.
async function untilDone(store) {
  const isUnderWay = ({ text }) => / (make up|take away) /.test(text)
  while (store.stats().dropping > 0 || [...store.dump({ table: 'meta' })].some(isUnderWay))
    await pause(20)
}
