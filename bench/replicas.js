/**
 * How late a replica is while several processes submit: npm run bench:replicas -- [OPTIONS]
 *
 *     --rate N        submits a second of all processes together, default 10000
 *     --writers N     processes that submit, default 2
 *     --batch N       submits in a call, default 1
 *     --seconds N     default 10
 *     --players N     default 100000
 *     --small         1,000 a second for a second: shows that the bench works
 *
 * A primary, a replica, the writers and this process are on the same machine. Each look reads the number of writes of the
 * primary, then asks the replica until it has as many: that took so long at most as the replica was late. The rate is told
 * as it was, for a machine may not reach the one that was asked for; so is the load.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connectLeaderboards } from '../dist/redis/index.js'
import { machineOf, printMachine } from './machine.js'
import { redisVersion, startRedis } from './peers/redis-server.js'
import { printTable } from './report.js'
import { Stores } from './stores.js'
import { playerIdOf, random } from './workload.js'

const BOARD = 'arena'
const META = `ld{${BOARD}}:m`
/** Calls of a writer that wait for their answers. */
const OUTSTANDING_MAX = 200
const TICK_MS = 5
const LOOK_MS = 5
const SMALL = { rate: 1_000, writers: 2, batch: 1, seconds: 1, players: 1_000 }

await main()

async function main() {
  const options = readOptions()
  if (options.writer !== undefined) return write(options)
  if (redisVersion() === undefined)
    return console.log('Nothing is measured: install redis-server, for example from Debian')
  const stores = new Stores()
  printMachine({ ...machineOf(stores.folder), redis: redisVersion() })
  const primary = await startRedis(join(stores.folder, 'primary'), { appendonly: 'no' })
  const replica = await startRedis(join(stores.folder, 'replica'), {
    appendonly: 'no',
    args: ['--replicaof', '127.0.0.1', String(primary.port)],
  })
  try {
    printTable('Lag of a replica', [await watch({ ...options, primary, replica })])
  } finally {
    await replica.stop()
    await primary.stop()
  }
}

async function watch({ primary, replica, writers, seconds, rate, batch, players }) {
  const { Redis } = await import('ioredis')
  const [here, there] = [new Redis(primary.port), new Redis(replica.port)]
  for (const client of [here, there]) client.on('error', () => {})
  while (!(await there.info('replication')).includes('master_link_status:up')) await sleep(50)
  const args = Object.entries({ rate: rate / writers, batch, players, seconds }).flatMap(
    ([name, value]) => [`--${name}`, String(value)],
  )
  const running = Array.from({ length: writers }, (_, i) => {
    const place = ['--writer', `redis://127.0.0.1:${primary.port}`, '--seed', String(i)]
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...place, ...args], {
      stdio: 'inherit',
    })
    // However this process ends, the writer does not outlive it.
    process.on('exit', () => child.kill())
    return once(child, 'exit')
  })
  const ended = Promise.all(running)
  // Not without an end: a writer that fails tells why.
  let isOver = false
  ended.then(() => {
    isOver = true
  })
  while (!isOver && (await submitsOf(here, batch)) === 0) await sleep(20)
  const [began, submits] = [performance.now(), await submitsOf(here, batch)]
  const lags = []
  const load = []
  while (performance.now() - began < seconds * 1_000) {
    lags.push(await lagOf(here, there))
    load.push(loadavg()[0])
    await sleep(LOOK_MS)
  }
  const reached = (((await submitsOf(here, batch)) - submits) * 1_000) / (performance.now() - began)
  await ended
  await Promise.all([here.quit(), there.quit()])
  lags.sort((a, b) => a - b)
  const at = (share) => lags[Math.floor(share * (lags.length - 1))]
  return {
    ...{ 'submits/s': Math.round(reached), looks: lags.length },
    ...{ medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) },
    ...{ 'load of the minute': Math.max(...load) },
  }
}

// A call is one change, of so many submits.
async function submitsOf(client, batch) {
  return batch * Number(await client.hget(META, 'seq'))
}

async function lagOf(here, there) {
  const seq = Number(await here.hget(META, 'seq'))
  const start = performance.now()
  while (Number(await there.hget(META, 'seq')) < seq);
  return performance.now() - start
}

async function write({ writer, rate, seconds, batch, players, seed }) {
  const store = await connectLeaderboards(writer)
  const board = await store.board(BOARD)
  const start = performance.now()
  const outstanding = new Set()
  let sent = 0
  for (let ms = 0; ms < seconds * 1_000; ms = performance.now() - start) {
    const due = Math.floor((rate * ms) / 1_000)
    while (sent + batch <= due && outstanding.size < OUTSTANDING_MAX) {
      const submits = Array.from({ length: batch }, (_, i) => submitOf(sent + i, { players, seed }))
      sent += batch
      const [{ playerId, score }] = submits
      const call =
        batch === 1
          ? board.submit(playerId, score, { ranks: false })
          : board.submitMany(submits, { ranks: false })
      const done = call.finally(() => outstanding.delete(done))
      outstanding.add(done)
    }
    await (outstanding.size < OUTSTANDING_MAX ? sleep(TICK_MS) : Promise.race(outstanding))
  }
  await Promise.all(outstanding)
  await store.close()
}

function submitOf(i, { players, seed }) {
  const number = Math.floor(players * random(`player ${seed}`, i))
  return { playerId: playerIdOf(number), score: Math.floor(1e6 * random(`score ${seed}`, i)) }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '10000' },
      writers: { type: 'string', default: '2' },
      batch: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '10' },
      players: { type: 'string', default: '100000' },
      small: { type: 'boolean', default: false },
      writer: { type: 'string' },
      seed: { type: 'string', default: '0' },
    },
  })
  const { rate, writers, batch, seconds, players, small, writer, seed } = values
  const numbers = { rate, writers, batch, seconds, players, seed }
  const given = Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, Number(v)]))
  return { ...given, ...(small && SMALL), writer }
}
