/**
 * ladderdb beside what people would use instead: npm run bench:peers -- [OPTIONS]
 *
 *     --players N    size of the board, default 100000
 *     --seconds N    time for each look-up of each side, default 2
 *     --json FILE    write the figures there as well
 *
 * What is missing is installed in bench/peers, apart from redis-server. TMPDIR says which disk is
 * measured.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machineOf, printMachine } from '../machine.js'
import { Stores } from '../stores.js'
import { redisVersion } from './redis-server.js'

const FOLDER = import.meta.dirname
const PACKAGES = ['better-sqlite3', 'functional-red-black-tree', 'ioredis']

await main()

async function main() {
  const options = readOptions()
  installPeers()
  // Needs what was just installed.
  const { compareSeason, compareUniform } = await import('./compare.js')
  const stores = new Stores()
  const redis = redisVersion()
  const machine = { ...machineOf(stores.folder), players: options.players, redis: redis ?? 'none' }
  printMachine(machine)
  if (redis === undefined)
    console.log('\nThere is no redis-server, so no Redis below: apt-get install redis-server')
  const context = { ...options, stores, hasRedis: redis !== undefined, results: [] }
  await compareUniform(context)
  if (context.hasRedis) await compareSeason(context)
  const figures = { machine, results: context.results }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(figures, undefined, 2)}\n`)
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      players: { type: 'string', default: '100000' },
      seconds: { type: 'string', default: '2' },
      json: { type: 'string' },
    },
  })
  const [players, seconds] = [Number(values.players), Number(values.seconds)]
  if (!(seconds > 0) || !Number.isInteger(players) || players < 1_000)
    throw new RangeError(
      'Cannot run: seconds must be above 0, players a whole number from 1,000 on',
    )
  return { players, seconds, json: values.json }
}

function installPeers() {
  if (PACKAGES.every((name) => existsSync(`${FOLDER}/node_modules/${name}`))) return
  console.log(`Installing ${PACKAGES.join(', ')} in ${FOLDER}; SQLite is compiled: a minute or two`)
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: FOLDER, stdio: 'inherit' })
  if (status !== 0) throw new Error(`Cannot install the peers: npm ended with ${status}`)
}
