/**
 * The sides of `serving.js`: each a server of its own process over the same board, with the processes that it takes.
 *
 * @module
 */
import { resolve } from 'node:path'
import { BOARD_KEY, FILL, INDEXES, TABLE } from './peers/places.js'
import { startPostgres } from './peers/postgres-server.js'
import { startRedis } from './peers/redis-server.js'
import { startServed, startServer } from './served.js'
import { firstScoreOf, playerIdOf, rowsOf } from './workload.js'

const ANSWERING = resolve(import.meta.dirname, 'peers/answering.js')
const KIND = 'uniform'
const BATCH = 1_000

/**
 * One side under measurement.
 *
 * @typedef {object} Side
 * @property {string} name
 * @property {number} port
 * @property {number[]} pids the processes whose time counts, with their children
 * @property {() => Promise<void>} end
 */

/** Starts a side with a full board; resolves with it. */
export function startSide(name, context) {
  return { constant, ladderdb, redis, postgres }[name](context)
}

async function constant() {
  return sideOf('node:http alone', await startServer([ANSWERING, 'constant']))
}

async function ladderdb({ stores, players }) {
  return sideOf('ladderdb', await startServed(await stores.copy(KIND, players)))
}

async function redis({ stores, players }) {
  const folder = `${stores.folder}/redis-served-${players}`
  const server = await startRedis(folder, { appendonly: 'yes' })
  await fillRedis(server.port, players)
  const front = await startServer([ANSWERING, 'redis', `redis://127.0.0.1:${server.port}`])
  return sideOf('Redis, appendfsync always', front, server)
}

async function postgres({ players }) {
  const server = await startPostgres()
  await fillPostgres(server, players)
  const front = await startServer([ANSWERING, 'postgres', server.url])
  return sideOf('PostgreSQL, COUNT(*)', front, server)
}

function sideOf(name, front, database) {
  const pids = [front.pid, ...(database === undefined ? [] : [database.pid])]
  const end = async () => {
    await front.end()
    await database?.stop()
  }
  return { name, port: Number(new URL(front.url).port), pids, end }
}

async function fillRedis(port, players) {
  const { Redis } = await import('ioredis')
  const client = new Redis(port, '127.0.0.1')
  for (let start = 0; start < players; start += BATCH) {
    const pipeline = client.pipeline()
    for (let i = start; i < Math.min(players, start + BATCH); i++)
      pipeline.zadd(BOARD_KEY, firstScoreOf(KIND, i), playerIdOf(i))
    await pipeline.exec()
  }
  // Only now, so that filling it takes no syncs.
  await client.config('SET', 'appendfsync', 'always')
  client.disconnect()
}

async function fillPostgres(server, players) {
  const { default: pg } = await import('pg')
  const client = new pg.Client(server.url)
  await client.connect()
  const path = server.write('rows.csv', Buffer.concat([...rowsOf(KIND, players, 'csv')]))
  for (const statement of [TABLE, FILL(path), ...INDEXES]) await client.query(statement)
  await client.end()
}
