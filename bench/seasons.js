/**
 * What do windows cost: a submit with 0, 1 and 4 of them, a rank, a border, finals, a season that leaves?
 *
 * Each board has an entry of every player, and so has each of its seasons. The clock is the bench's own: it
 * stands still but at borders. A border is measured as the first awaited change behind it, beside the second, each
 * of a player of its own.
 * While a season leaves, a process submits to another board, one after the other, as it does before: what is longer
 * then is what a writer waits for.
 *
 * @module
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLeaderboards } from '../dist/index.js'
import { inTurns, median, record, rowOf, warmRows } from './measure.js'
import { copyDurably } from './stores.js'
import { asker, playerIdOf, rowsOf, Updates } from './workload.js'

const DAY_MS = 86_400_000
// Noon of the day on which all rows of the workload lie.
const NOON = Date.UTC(2026, 8, 1, 12)
const WINDOWS = ['day', 'week', 'month', 'year']
const OUTSTANDING = [1, 50, 1_000]
const BORDERS = 20
const BORDERS_SMALL = 5
const FINALS = 120
const FINALS_PLAYERS = 100
const LOOK_EVERY_MS = 50
// Times `seconds`.
const CONTROL = 20
const CONTROL_SMALL = 2

export async function seasons(context) {
  const made = []
  try {
    for (const count of [0, 1, WINDOWS.length]) made.push(await makeArena(context, count))
    const rows = made.map(({ windows, imported }) => {
      return { case: `import, a row, ${windows} windows`, ...imported }
    })
    for (const outstanding of OUTSTANDING)
      rows.push(...(await submitRows(context, { made, outstanding })))
    rows.push(...(await rankRows(context, made.at(-1))))
    rows.push(...(await borderRows(context, made.at(-1))))
    rows.push(await finalsRow(context), ...(await retireRows(context, made[1])))
    return rows
  } finally {
    for (const { store, path } of made) {
      await store.close()
      rmSync(path, { recursive: true })
    }
  }
}

async function makeArena({ players, stores }, count) {
  const source = join(stores.folder, `seasons-${players}-${count}-source`)
  const path = join(stores.folder, `seasons-${players}-${count}`)
  const clock = { now: NOON }
  const imported = await importArena(source, { players, count, clock })
  mkdirSync(path)
  copyDurably(join(source, 'data.mdb'), join(path, 'data.mdb'))
  rmSync(source, { recursive: true })
  const store = openLeaderboards(path, { clock: () => clock.now })
  return { path, clock, store, board: store.board('arena'), windows: count, imported }
}

async function importArena(path, { players, count, clock }) {
  const store = openLeaderboards(path, { clock: () => clock.now })
  // One day stays, so that the border behind the next one takes the first away.
  const windows = WINDOWS.slice(0, count).map((every) => ({ every, retain: 1, finals: true }))
  const board = await store.createBoard('arena', { mode: 'set', windows })
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  await board.importFrom(Readable.from(rowsOf('uniform', players, 'csv')), { format: 'csv' })
  const { user, system } = process.cpuUsage(cpu)
  const eachUs = (1000 * (performance.now() - start)) / players
  await store.close()
  return { eachUs, cpuUs: (user + system) / players }
}

async function submitRows({ players, seconds }, { made, outstanding }) {
  const how = outstanding === 1 ? 'awaited' : `${outstanding.toLocaleString('en')} outstanding`
  const contestants = made.map(({ board, windows }) => {
    const updates = new Updates('uniform', players)
    const call = () => {
      const { playerId, score } = updates.next()
      return board.submit(playerId, score)
    }
    return { name: `submit, ${windows} windows, ${how}`, call, outstanding }
  })
  const rows = await inTurns(contestants, { seconds })
  return rows.map((row) => ({ ...row, timesFirst: row.eachUs / rows[0].eachUs }))
}

function rankRows({ players, seconds }, { board }) {
  const next = asker(players)
  const [now, given] = [board.window('month'), board.window('month', '2026-09')]
  return warmRows(
    {
      'rank on the board': () => board.rank(next()),
      'rank on the season that is on': () => now.rank(next()),
      'rank on a given season': () => given.rank(next()),
    },
    seconds,
  )
}

async function borderRows({ small }, { clock, board }) {
  const changes = ['first', 'second'].map((name) => ({ name, us: [], cpuUs: [] }))
  for (let i = 0; i < (small ? BORDERS_SMALL : BORDERS); i++) {
    clock.now += DAY_MS
    for (const [j, { us, cpuUs }] of changes.entries()) {
      const [start, cpu] = [performance.now(), process.cpuUsage()]
      // The same player's second submit of one score would change nothing.
      await board.submit(playerIdOf(changes.length * i + j), i)
      us.push(1000 * (performance.now() - start))
      const { user, system } = process.cpuUsage(cpu)
      cpuUs.push(user + system)
    }
  }
  return changes.map(({ name, us, cpuUs }) => {
    return { case: `${name} change behind a border`, medianUs: median(us), cpuUs: median(cpuUs) }
  })
}

async function finalsRow({ players, seconds, stores }) {
  const path = join(stores.folder, `finals-${players}`)
  const clock = { now: NOON }
  const store = openLeaderboards(path, { clock: () => clock.now, durability: 'relaxed' })
  try {
    const windows = [{ name: 'hour', every: { hours: 1, from: NOON } }]
    const board = await store.createBoard('arena', { windows })
    for (let season = 0; season < FINALS; season++) {
      const submits = Array.from({ length: FINALS_PLAYERS }, (_, i) => {
        return { playerId: playerIdOf(i), score: (i * 7 + season) % FINALS_PLAYERS }
      })
      await board.submitMany(submits, { ranks: false })
      clock.now += 3_600_000
    }
    clock.now += 3_600_000
    const next = asker(FINALS_PLAYERS)
    const name = `finals of a player, ${FINALS} seasons`
    const call = () => board.finals(next(), 'hour', { limit: FINALS })
    if (call().length !== FINALS) throw new Error('A final is missing')
    const [row] = await inTurns([{ name, call }], { seconds })
    return row
  } finally {
    await store.close()
    rmSync(path, { recursive: true })
  }
}

// The season of the first day, which every player is in, leaves with the border of the third.
async function retireRows({ players, seconds, small }, { clock, store, board }) {
  const other = store.board('other')
  let score = 0
  const submit = () => other.submit('ada', ++score)
  const end = performance.now() + 1000 * seconds * (small ? CONTROL_SMALL : CONTROL)
  const rows = [
    await oneByOne('submit while no season leaves', submit, () => performance.now() > end),
  ]
  clock.now += 2 * DAY_MS
  await board.submit('ada', 1)
  const before = store.stats().seasons
  const name = `submit while a season of ${players.toLocaleString('en')} leaves`
  rows.push(
    await oneByOne(name, submit, () => {
      const { seasons, dropping } = store.stats()
      return seasons < before && dropping === 0
    }),
  )
  return rows
}

// Submits one after the other until it is over, which is looked at now and then.
async function oneByOne(name, submit, isOver) {
  const calls = createHistogram()
  const start = performance.now()
  let looked = start
  for (let isDone = false; !isDone; ) {
    const began = performance.now()
    await submit()
    record(calls, began)
    if (performance.now() - looked < LOOK_EVERY_MS) continue
    isDone = isOver()
    looked = performance.now()
    await sleep(0)
  }
  const took = ((performance.now() - start) / 1000).toFixed(1)
  const note = `the longest ${(calls.max / 1e6).toFixed(1)} ms, in ${took} s`
  return rowOf(name, { calls, note })
}
