/**
 * How many requests a second a served board answers, beside what would be served instead: npm run bench:served -- [OPTIONS]
 *
 *     --players LIST      sizes of the board, default 100000,1000000
 *     --seconds N         time for each turn, default 2
 *     --rounds N          turns of each side, default 3
 *     --connections N     clients, default 64
 *     --only LIST         of constant, ladderdb, redis, postgres; default all that are installed
 *     --small             1,000 players in a few seconds: shows that the bench works
 *
 *     constant    node:http alone, which looks at nothing             stores nothing
 *     ladderdb    `ladderdb serve`, a board with its log               durable: fdatasync before the answer
 *     redis       node:http before redis-server, by ioredis           durable: appendfsync always
 *     postgres    node:http before PostgreSQL, COUNT(*), by pg        durable: synchronous_commit on, fsync on
 *
 * All on the loopback, with the clients on the same machine. Every client asks for the rank of a player at random, or
 * submits one, and waits for the answer; the sides take turns. A submit answers the rank too, but in PostgreSQL, where
 * counting would take a hundred times as long as all else. TMPDIR says which disk is measured.
 *
 *     perSecond   answers; the median of turns
 *     cpuUs       of a request, on all processes of the side, the database among them, but not of the clients
 *     ofFirst     answers a second over those of the first side
 *     refused     requests that got 503 because the server had too much to do; they are in no other figure but cpuUs
 *
 * @module
 */
import { parseArgs } from 'node:util'
import { load, requestText } from './load.js'
import { machineOf, printMachine } from './machine.js'
import { median } from './measure.js'
import { postgresVersion } from './peers/postgres-server.js'
import { redisVersion } from './peers/redis-server.js'
import { cpuSecondsOf } from './processes.js'
import { printTable } from './report.js'
import { startSide } from './serving-sides.js'
import { Stores } from './stores.js'
import { asker, Updates } from './workload.js'

const SIDES = ['constant', 'ladderdb', 'redis', 'postgres']
const BOARD_PATH = '/api/v1/boards/arena'
const SMALL = { sizes: [1_000], seconds: 0.2, rounds: 1 }
// What V8 compiles, it compiles in these, which are not counted; who is slow needs fewer seconds than that.
const WARM_UP_REQUESTS = 20_000
const WARM_UP_TURNS = 5

await main()

async function main() {
  const options = readOptions()
  const stores = new Stores()
  const versions = { redis: redisVersion(), postgres: postgresVersion() }
  printMachine({
    ...machineOf(stores.folder),
    redis: versions.redis ?? 'none',
    PostgreSQL: versions.postgres ?? 'none',
    connections: options.connections,
  })
  const isThere = (name) => !Object.hasOwn(versions, name) || versions[name] !== undefined
  for (const name of options.only.filter((one) => !isThere(one)))
    console.log(`\n${name} is not measured: install it, for example from Debian`)
  const names = options.only.filter(isThere)
  for (const players of options.sizes) await compare(names, { ...options, players, stores })
}

async function compare(names, { players, stores, ...options }) {
  const sides = []
  try {
    for (const name of names) sides.push(await startSide(name, { players, stores }))
    const title = `${players.toLocaleString('en')} players, ${options.connections} connections`
    const rankText = asker(players)
    const askRank = () => requestText(`${BOARD_PATH}/players/${rankText()}/rank`)
    const ranks = await inTurns(sides, () => askRank, options)
    printTable(`rank of a player, ${title}`, ranks)
    const submits = await inTurns(sides, () => submitter(players), options)
    printTable(`submit, ${title}`, submits)
  } finally {
    for (const side of sides.reverse()) await side.end()
  }
}

// Each side gets the same updates.
function submitter(players) {
  const updates = new Updates('uniform', players)
  return () => requestText(`${BOARD_PATH}/scores`, updates.next())
}

async function inTurns(sides, nextOf, { connections, seconds, rounds }) {
  const all = sides.map((side) => ({ side, next: nextOf(), turns: [] }))
  for (const { side, next } of all)
    await turn(side, next, {
      ...{ connections, seconds: seconds * WARM_UP_TURNS, requests: WARM_UP_REQUESTS },
    })
  for (let round = 0; round < rounds; round++)
    for (const { side, next, turns } of all)
      turns.push(await turn(side, next, { connections, seconds }))
  const first = median(all[0].turns.map(({ perSecond }) => perSecond))
  return all.map(({ side, turns }) => {
    const figure = (key) => median(turns.map((one) => one[key]))
    const perSecond = figure('perSecond')
    const times = { medianUs: figure('medianUs'), p99Us: figure('p99Us') }
    const ofFirst = perSecond / first
    const refused = turns.reduce((sum, one) => sum + one.refused, 0) || undefined
    return { case: side.name, perSecond, ofFirst, cpuUs: figure('cpuUs'), ...times, refused }
  })
}

async function turn({ port, pids }, next, asked) {
  const cpuSeconds = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)
  const before = cpuSeconds()
  const { answers, refused, times, seconds } = await load(port, next, asked)
  return {
    refused,
    perSecond: answers / seconds,
    cpuUs: ((cpuSeconds() - before) / answers) * 1e6,
    medianUs: times.percentile(50) / 1000,
    p99Us: times.percentile(99) / 1000,
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      players: { type: 'string', default: '100000,1000000' },
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '64' },
      only: { type: 'string', default: SIDES.join() },
      small: { type: 'boolean', default: false },
    },
  })
  const only = values.only.split(',')
  const unknown = only.find((name) => !SIDES.includes(name))
  if (unknown !== undefined)
    throw new RangeError(`Cannot run "${unknown}": there is ${SIDES.join(', ')}`)
  const [seconds, rounds, connections] = [values.seconds, values.rounds, values.connections].map(
    Number,
  )
  const sizes = values.players.split(',').map(Number)
  const chosen = values.small ? SMALL : { sizes, seconds, rounds }
  const wholes = [...chosen.sizes, chosen.rounds, connections]
  if (!(chosen.seconds > 0) || !wholes.every((n) => Number.isInteger(n) && n > 0))
    throw new RangeError('Cannot run: seconds must be above 0, all other numbers whole and above 0')
  return { ...chosen, only, connections }
}
