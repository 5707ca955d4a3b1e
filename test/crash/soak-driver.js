/**
 * A host under mixed load for some seconds, with backups in between.
 *
 *     node soak-driver.js STORE SECONDS
 *
 * Prints a line of JSON now and then: { seconds, fileBytes, memoryBytes, writes, backups }. Players and
 * names are the same ones all the time, so once all are there nothing has a reason to grow.
 *
 * @module
 */

import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openLeaderboards } from '../../dist/index.js'

const PLAYERS = 2_000
const OUTSTANDING = 50
const SAMPLE_MS_MAX = 250
const SAMPLES_LEAST = 8

const [, , path, seconds] = process.argv
const store = openLeaderboards(path)
const boards = ['arena', 'golf'].map((name) => store.board(name))
let writes = 0
let backups = 0

for (const board of boards) {
  const submissions = Array.from({ length: PLAYERS }, (_, i) => submission(i))
  await board.submitMany(submissions)
}
process.stdout.write('full\n')
const start = performance.now()
const sampling = setInterval(sample, Math.min(SAMPLE_MS_MAX, (seconds * 1_000) / SAMPLES_LEAST))
await Promise.all([backUp(), ...Array.from({ length: OUTSTANDING }, load)])
clearInterval(sampling)
sample()
const { ok } = await store.check()
await store.close()
process.exitCode = ok ? 0 : 1

async function load() {
  while (isOn()) {
    const board = boards[writes++ % boards.length]
    const { playerId, score, name } = submission(Math.floor(Math.random() * PLAYERS))
    if (writes % 17 === 0) await board.remove(playerId)
    else if (writes % 5_003 === 0) await unlessDropped(() => store.dropBoard('season'))
    else if (writes % 101 === 0)
      await unlessDropped(() => store.board('season').submit(playerId, score))
    else await board.submit(playerId, score, { name, mode: writes % 3 ? 'set' : 'increment' })
    board.top(10)
    board.rank(playerId)
  }
}

// The season is dropped and made anew all the time: what comes in between is refused.
async function unlessDropped(write) {
  try {
    await write()
  } catch (error) {
    if (error.code !== 'NO_BOARD') throw error
  }
}

async function backUp() {
  const target = join(path, '..', 'backup')
  while (isOn()) {
    await store.backup(target)
    rmSync(target, { recursive: true })
    backups++
  }
}

function isOn() {
  return performance.now() - start < seconds * 1_000
}

function submission(i) {
  return { playerId: `player ${i}`, score: Math.floor(Math.random() * 1_000), name: `Player ${i}` }
}

function sample() {
  globalThis.gc?.()
  const { rss } = process.memoryUsage()
  const { size } = statSync(join(path, 'data.mdb'))
  // The file is mapped, and counts as memory of the process as far as it was touched.
  const line = {
    seconds: (performance.now() - start) / 1_000,
    fileBytes: size,
    memoryBytes: rss - size,
    writes,
    backups,
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
