/**
 * How long do import and export take?
 *
 * From a file into an empty board until it is durable and ranks can be asked; to a file from the
 * newest snapshot, in the same format.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { median } from './measure.js'
import { openBoard } from './stores.js'
import { rowsOf } from './workload.js'

// A run of some seconds is its own average; short ones are repeated.
const LONG_ENOUGH = 500_000
const RUNS = 3

export async function importing({ players, stores }) {
  const rows = []
  const files = []
  for (const format of ['csv', 'ndjson']) {
    const file = join(stores.folder, `players.${format}`)
    await pipeline(Readable.from(rowsOf('uniform', players, format)), createWriteStream(file))
    const times = []
    for (let i = 0; i < (players >= LONG_ENOUGH ? 1 : RUNS); i++)
      times.push(await runOnce(file, { format, folder: stores.folder }))
    rows.push(row(`import, ${format}`, { players, ms: median(times.map((time) => time.importMs)) }))
    rows.push({
      ...row(`export, ${format}`, { players, ms: median(times.map((time) => time.exportMs)) }),
      answers: times[0].answers,
    })
    files.push(file)
  }
  for (const file of files) rmSync(file)
  return rows
}

async function runOnce(file, { format, folder }) {
  const path = join(folder, 'importing')
  const target = join(folder, 'exported')
  const { store, board } = openBoard(path, 'uniform')
  const start = performance.now()
  await board.importFrom(createReadStream(file), { format })
  board.entryAt(1)
  const imported = performance.now()
  await board.exportTo(createWriteStream(target), { format })
  const exported = performance.now()
  await store.close()
  const answers = await hashOfFile(target)
  rmSync(path, { recursive: true })
  return { importMs: imported - start, exportMs: exported - imported, answers }
}

async function hashOfFile(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex').slice(0, 12)
}

function row(name, { players, ms }) {
  return { case: name, medianUs: ms * 1000, eachUs: (ms * 1000) / players }
}
