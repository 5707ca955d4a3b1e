/**
 * A host under full load that backs itself up again and again.
 *
 *     node hot-backups-driver.js STORE DIRECTORY BACKUPS PLAYERS QUIET_MS
 *
 * Always so many submits are outstanding. For each backup it prints a line of JSON: { path, ms, counted },
 * the last being the newest number that was stored before it began. At last { quiet, during }: the
 * latencies of submits without and with a backup going on, in milliseconds.
 *
 * @module
 */

import { join } from 'node:path'
import { openLeaderboards } from '../../dist/index.js'

const OUTSTANDING = 50
const FILL_CHUNK = 1_000

const [, , path, directory, ...sizes] = process.argv
const [BACKUPS, PLAYERS, QUIET_MS] = sizes.map(Number)
const store = openLeaderboards(path)
const arena = store.board('arena')
const purse = store.board('purse', { mode: 'increment' })
const counter = store.board('counter', { mode: 'best' })
for (let start = 0; start < PLAYERS; start += FILL_CHUNK)
  await arena.submitMany(
    Array.from({ length: FILL_CHUNK }, (_, i) => ({ playerId: `player-${start + i}`, score: i })),
  )

const latencies = { quiet: [], during: [] }
let phase = 'quiet'
let counted = 0
let isEnding = false

const load = Array.from({ length: OUTSTANDING }, (_, worker) => work(worker))
await pause(QUIET_MS)
for (let i = 0; i < BACKUPS; i++) {
  const before = counted
  phase = 'during'
  const { path: made, ms } = await store.backup(join(directory, `b${i}`))
  phase = 'quiet'
  print({ path: made, ms, counted: before })
  // As long without as with, so that both are measured on the same machine at the same time.
  await pause(Math.min(ms, QUIET_MS))
}
isEnding = true
await Promise.all(load)
await store.close()
print({ quiet: summaryOf(latencies.quiet), during: summaryOf(latencies.during) })

async function work(worker) {
  for (let i = worker; !isEnding; i += OUTSTANDING) {
    const begun = phase
    const start = performance.now()
    await submit(worker, i)
    if (begun === phase) latencies[phase].push(performance.now() - start)
  }
}

// One worker counts, some move money about, the others play.
async function submit(worker, i) {
  if (worker === 0) {
    await counter.submit('count', i + 1)
    counted = i + 1
  } else if (worker < 5)
    await purse.submitMany([
      { playerId: `purse-${i % 17}`, score: -3 },
      { playerId: `purse-${(i + 5) % 17}`, score: 3 },
    ])
  else await arena.submit(`player-${(i * 7919) % PLAYERS}`, i % 1_000)
}

function summaryOf(values) {
  values.sort((a, b) => a - b)
  const at = (share) => Number((values[Math.floor(share * (values.length - 1))] ?? 0).toFixed(2))
  return { submits: values.length, median: at(0.5), p99: at(0.99), max: at(1) }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
