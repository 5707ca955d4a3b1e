/**
 * A recorded run on LMDB without the product, to see whether the replay notices what harms a file.
 *
 *     node bare-driver.js DIRECTORY NOTES SEED MODE
 *
 * @module
 */

import { mkdirSync, openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bareHash, openBare } from './bare.js'

const [, , directory, notesFile, seed, mode] = process.argv
// Less than the shim makes a sync last.
const GAP_MS = 2
const ROUNDS = 40
const KEYS = 100
const KEYS_PER_COMMIT = 30

mkdirSync(directory, { recursive: true })
const notes = openSync(notesFile, 'a')
// Torn at its making, any file is none: that comes first, synced, and is not replayed.
await openBare(directory, 'synced').root.close()
const { root, table } = openBare(directory, mode)
let state = Number(seed) >>> 0

function note(hash, what) {
  writeSync(notes, `${hash} ${what}\n`)
}

function change(round) {
  for (let i = 0; i < KEYS_PER_COMMIT; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    table.put(`key ${(state >>> 8) % KEYS}`, { round, filler: 'x'.repeat((state >>> 16) % 200) })
  }
}

note(bareHash(table), 'open')
const commits = []
for (let round = 0; round < ROUNDS; round++) {
  if (mode !== 'overlapping') await commit(round)
  // Two synchronous commits, then three that begin before the one before them is on the disk: what the
  // product never mixes.
  else if (round % 5 < 2) commitSync(round)
  else {
    commits.push(commit(round))
    await sleep(GAP_MS)
    if (round % 5 === 4) await Promise.all(commits.splice(0))
  }
}
await root.close()

async function commit(round) {
  let hash = ''
  await root.transaction(() => {
    change(round)
    hash = bareHash(table)
  })
  note(hash, round)
}

function commitSync(round) {
  root.transactionSync(() => {
    change(round)
    return undefined
  })
  note(bareHash(table), round)
}
