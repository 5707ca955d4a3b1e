/**
 * All benches, at one size of board after the other: npm run bench -- [OPTIONS]
 *
 *     --players LIST   sizes of the board, default 10000,100000,1000000
 *     --seconds N      time for a case, default 2
 *     --only LIST      the benches named, default all
 *     --small          2,000 players in a few seconds, in memory if there is room: shows that the benches work
 *     --json FILE      write the figures there as well
 *
 * TMPDIR says which disk is measured. The hashes under `answers` depend on the size alone: they are
 * the same in every run, on every machine.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { eventloop } from './eventloop.js'
import { history } from './history.js'
import { importing } from './importing.js'
import { lookups } from './lookups.js'
import { machineOf, printMachine } from './machine.js'
import { memory } from './memory.js'
import { moderation } from './moderation.js'
import { opening } from './opening.js'
import { questions } from './questions.js'
import { ranks } from './ranks.js'
import { printTable } from './report.js'
import { seasons } from './seasons.js'
import { size } from './size.js'
import { Stores } from './stores.js'
import { submits } from './submits.js'
import { undoing } from './undoing.js'

const BENCHES = {
  size,
  lookups,
  ranks,
  questions,
  opening,
  memory,
  importing,
  submits,
  moderation,
  history,
  undoing,
  seasons,
  eventloop,
}
const SMALL = { sizes: [2_000], seconds: 0.02 }

await main()

async function main() {
  const options = readOptions()
  const stores = new Stores(options)
  const machine = machineOf(stores.folder)
  printMachine(machine)
  const results = []
  for (const players of options.sizes) {
    for (const name of options.only) {
      const rows = await BENCHES[name]({ players, stores, ...options })
      printTable(`${name}, ${players.toLocaleString('en')} players`, rows)
      results.push({ bench: name, players, rows })
    }
  }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`)
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      players: { type: 'string', default: '10000,100000,1000000' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: Object.keys(BENCHES).join() },
      small: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  const { small, json } = values
  const only = values.only.split(',')
  const unknown = only.find((name) => !Object.hasOwn(BENCHES, name))
  if (unknown !== undefined)
    throw new RangeError(`Cannot run "${unknown}": there is ${Object.keys(BENCHES).join(', ')}`)
  const sizes = values.players.split(',').map(Number)
  const chosen = small ? SMALL : { sizes, seconds: Number(values.seconds) }
  if (!(chosen.seconds > 0) || !chosen.sizes.every((n) => Number.isInteger(n) && n >= 1_000))
    throw new RangeError('Cannot run: seconds must be above 0, players whole numbers from 1,000 on')
  return { ...chosen, only, small, json }
}
