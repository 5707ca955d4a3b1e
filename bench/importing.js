/**
 * How long do import and export take, and how much memory?
 *
 * A process of its own imports from a file until all is durable and ranks can be asked, and exports from
 * the newest snapshot in the same format. `anonymous` is the most memory that was the process's own;
 * `resident` counts pages of files as well, which the system takes back when somebody else needs the
 * room. `turn` is the longest time that the event loop was held.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { median } from './measure.js'
import { incrementRows, mixedRows, rowsOf } from './workload.js'

const CHILD = new URL('child.js', import.meta.url).pathname
// A run of some seconds is its own average; short ones are repeated, unless all is to be small.
const LONG_ENOUGH = 500_000
const RUNS = 3
const SAMPLE_EVERY_MS = 20
// Into a board with entries more rows take as much longer as they are more.
const MERGED_MAX = 1_000_000

export async function importing({ players, small, stores }) {
  const repeats = small || players >= LONG_ENOUGH ? 1 : RUNS
  const runs = new Runs(stores.folder)
  const rows = []
  for (const format of ['csv', 'ndjson']) {
    const file = await runs.fileOf(`players.${format}`, rowsOf('uniform', players, format))
    const times = []
    for (let i = 0; i < repeats; i++) times.push(await runs.once([file], { exported: format }))
    rows.push(rowOf(`import, ${format}`, players, times))
    const exportMs = median(times.map((time) => time.exportMs))
    rows.push({ ...timesOf(`export, ${format}`, players, exportMs), answers: times[0].answers })
    rmSync(file)
  }
  const mixed = await runs.fileOf('mixed.csv', mixedRows(players))
  rows.push(rowOf('import, csv, ids in no order', players, [await runs.once([mixed])]))
  const few = await runs.fileOf('few.csv', incrementRows(players))
  const summed = await runs.once([few], { mode: 'increment' })
  rows.push(rowOf('import, csv, increments of 5,000 players', players, [summed]))
  const count = Math.min(players, MERGED_MAX)
  const again = await runs.fileOf('again.csv', mixedRows(count))
  const merged = await runs.once([mixed, again], { mode: 'increment' })
  const name = `import, csv, ${count.toLocaleString('en')} rows into a board with entries`
  rows.push(rowOf(name, count, [merged]))
  for (const file of [mixed, few, again]) rmSync(file)
  return rows
}

/** Files and stores of one bench. */
class Runs {
  #folder

  constructor(folder) {
    this.#folder = folder
  }

  async fileOf(name, chunks) {
    const file = join(this.#folder, name)
    await pipeline(Readable.from(chunks), createWriteStream(file))
    return file
  }

  /** Imports files one after the other; the figures are those of the last one. */
  async once(files, { mode = 'set', exported } = {}) {
    const path = join(this.#folder, 'importing')
    let figures
    for (const file of files) figures = await run(['import', path, file, mode])
    if (exported !== undefined) {
      const target = join(this.#folder, `exported.${exported}`)
      figures.exportMs = (await run(['export', path, target, mode])).exportMs
      figures.answers = await hashOfFile(target)
      rmSync(target)
    }
    rmSync(path, { recursive: true })
    return figures
  }
}

// Asks from outside how much memory the child has: its own event loop may be held just then.
async function run(args) {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let anonymousBytes = 0
  const timer = setInterval(() => {
    anonymousBytes = Math.max(anonymousBytes, anonymousOf(child.pid))
  }, SAMPLE_EVERY_MS)
  const ended = once(child, 'exit')
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ])
  clearInterval(timer)
  if (status !== 0) throw new Error(`Cannot run ${CHILD} ${args.join(' ')}: ${stderr}`)
  return { ...JSON.parse(stdout), anonymousBytes }
}

// A process that has just ended has none.
function anonymousOf(pid) {
  try {
    const found = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? 0 : Number(found[1]) * 1024
  } catch {
    return 0
  }
}

async function hashOfFile(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex').slice(0, 12)
}

function rowOf(name, count, times) {
  const most = (key) => Math.max(...times.map((time) => time[key]))
  return {
    ...timesOf(name, count, median(times.map((time) => time.importMs))),
    processorUs: 1000 * median(times.map((time) => time.processorMs)),
    turnUs: 1000 * most('turnMs'),
    anonymousBytes: most('anonymousBytes'),
    residentBytes: most('residentBytes'),
  }
}

function timesOf(name, count, ms) {
  return { case: name, medianUs: ms * 1000, eachUs: (ms * 1000) / count }
}
