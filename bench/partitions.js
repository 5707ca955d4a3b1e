/**
 * What a board on a cluster costs, in one slot and in partitions, beside a plain sorted set and the embedded engine:
 * npm run bench:partitions -- [OPTIONS]
 *
 *     --players LIST      sizes of the board, default 200000
 *     --seconds N         time for each turn, default 2
 *     --rounds N          turns of each side, default 3
 *     --partitions LIST   default 1,4,16
 *     --only LIST         cases by their titles, a semicolon between two; default all
 *     --small             1,000 players in a few seconds: shows that the bench works
 *
 * Three nodes of redis-server, the client and the embedded engine are on the same machine; nothing is synced to the
 * disk. The sides take turns. A plain sorted set has doubles and no times: it does not know who was first.
 *
 *     perSecond   answers; the median of turns
 *     medianUs    of single calls, from the call to its answer
 *     cpuUs       of an answer, on all threads of the client
 *     serversUs   of an answer, on the main threads of the servers, by INFO
 *
 * @module
 */
import { createHistogram } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { openLeaderboards } from '../dist/index.js'
import { connectLeaderboards } from '../dist/redis/index.js'
import { machineOf, printMachine } from './machine.js'
import { median, record } from './measure.js'
import { startCluster } from './peers/redis-cluster.js'
import { redisVersion } from './peers/redis-server.js'
import { printTable } from './report.js'
import { BOARD, Stores } from './stores.js'
import { asker, firstScoreOf, playerIdOf, Updates } from './workload.js'

const KIND = 'uniform'
const CASES = {
  rank: { outstanding: 200 },
  'rank, one at a time': { outstanding: 1 },
  'submit with both ranks': { outstanding: 200 },
  'submit without ranks': { outstanding: 200 },
  'top 100': { outstanding: 20 },
  '100 rows from any rank': { outstanding: 20 },
}
const ROWS = 100
const BATCH = 1_000
const PLAIN_KEY = 'plain'
const SMALL = { players: [1_000], seconds: 0.1, rounds: 1 }

await main()

async function main() {
  const options = readOptions()
  if (redisVersion() === undefined)
    return console.log('Nothing is measured: install redis-server, for example from Debian')
  const stores = new Stores()
  printMachine({ ...machineOf(stores.folder), redis: redisVersion() })
  for (const players of options.players) await compare({ ...options, players, stores })
}

async function compare({ players, seconds, rounds, partitions, only, stores }) {
  const cluster = await startCluster(stores.folder)
  const store = await connectLeaderboards(cluster.urls)
  const embedded = openLeaderboards(await stores.copy(KIND, players), { durability: 'relaxed' })
  const client = await clientOf(cluster.urls)
  try {
    const sides = [
      await plainSide(client, players),
      ...(await Promise.all(partitions.map((count) => partitionedSide(store, count, players)))),
      embeddedSide(embedded, players),
    ]
    for (const name of only) {
      const turns = sides.map(() => [])
      for (let round = 0; round < rounds; round++)
        for (const [i, side] of sides.entries()) {
          const { outstanding } = CASES[name]
          turns[i].push(await turn(side.calls[name], { seconds, outstanding, cluster }))
        }
      const rows = sides.map((side, i) => ({ case: side.name, ...medians(turns[i]) }))
      printTable(`${name}, ${players.toLocaleString('en')} players`, rows)
    }
  } finally {
    client.disconnect()
    await store.close()
    await embedded.close()
    await cluster.stop()
  }
}

async function clientOf(urls) {
  const { Cluster } = await import('ioredis')
  const client = new Cluster(urls, { lazyConnect: true })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function plainSide(client, players) {
  for (let start = 0; start < players; start += BATCH) {
    const pipeline = client.pipeline()
    for (let i = start; i < Math.min(players, start + BATCH); i++)
      pipeline.zadd(PLAIN_KEY, firstScoreOf(KIND, i), playerIdOf(i))
    await pipeline.exec()
  }
  const ask = asker(players)
  const updates = new Updates(KIND, players)
  const rankOf = (id) => client.zrevrank(PLAIN_KEY, id)
  const put = ({ playerId, score }) => client.zadd(PLAIN_KEY, score, playerId)
  return sideOf('plain sorted set', {
    rank: () => rankOf(ask()),
    ranked: () => {
      const update = updates.next()
      // One after the other on the connection of the key; nothing else is kept away from between.
      return Promise.all([rankOf(update.playerId), put(update), rankOf(update.playerId)])
    },
    unranked: () => put(updates.next()),
    rows: (first) => client.zrevrange(PLAIN_KEY, first, first + ROWS - 1, 'WITHSCORES'),
    players,
  })
}

async function partitionedSide(store, partitions, players) {
  const board = await store.board(`in ${partitions}`, { partitions })
  for (let start = 0; start < players; start += BATCH) {
    const length = Math.min(BATCH, players - start)
    const some = Array.from({ length }, (_, i) => ({
      ...{ playerId: playerIdOf(start + i), score: firstScoreOf(KIND, start + i) },
    }))
    await board.submitMany(some, { atomic: false, ranks: false })
  }
  const name = partitions === 1 ? 'one slot' : `${partitions} partitions`
  return boardSide(name, board, players)
}

function embeddedSide(store, players) {
  return boardSide('embedded, relaxed', store.openBoard(BOARD), players)
}

function boardSide(name, board, players) {
  const ask = asker(players)
  const updates = new Updates(KIND, players)
  const submit = (options) => {
    const { playerId, score } = updates.next()
    return board.submit(playerId, score, options)
  }
  return sideOf(name, {
    rank: () => board.rank(ask()),
    ranked: () => submit(),
    unranked: () => submit({ ranks: false }),
    rows: (first) => board.range(first + 1, first + ROWS),
    players,
  })
}

function sideOf(name, { rank, ranked, unranked, rows, players }) {
  return {
    name,
    calls: {
      rank,
      'rank, one at a time': rank,
      'submit with both ranks': ranked,
      'submit without ranks': unranked,
      'top 100': () => rows(0),
      '100 rows from any rank': () => rows(Math.floor(Math.random() * (players - ROWS))),
    },
  }
}

async function turn(call, { seconds, outstanding, cluster }) {
  const calls = createHistogram()
  const servers = await cluster.cpuSeconds()
  const cpu = process.cpuUsage()
  const start = performance.now()
  const end = start + seconds * 1000
  let done = 0
  async function caller() {
    for (let began = performance.now(); began < end; began = performance.now()) {
      await call()
      record(calls, began)
      done++
    }
  }
  await Promise.all(Array.from({ length: outstanding }, caller))
  const wallSeconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    perSecond: done / wallSeconds,
    medianUs: calls.percentile(50) / 1000,
    cpuUs: (user + system) / done,
    serversUs: ((await cluster.cpuSeconds()) - servers) * (1e6 / done),
  }
}

function medians(turns) {
  return Object.fromEntries(
    Object.keys(turns[0]).map((key) => [key, median(turns.map((one) => one[key]))]),
  )
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      players: { type: 'string', default: '200000' },
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      partitions: { type: 'string', default: '1,4,16' },
      only: { type: 'string', default: Object.keys(CASES).join(';') },
      small: { type: 'boolean', default: false },
    },
  })
  const numbers = (list) => list.split(',').map(Number)
  return {
    players: numbers(values.players),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    partitions: numbers(values.partitions),
    only: values.only.split(';'),
    ...(values.small && SMALL),
  }
}
