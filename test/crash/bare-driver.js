/**
 * A recorded run on LMDB without the product, to see whether the replay notices what harms a file.
 *
 *     node bare-driver.js DIRECTORY NOTES SEED MODE
 *
 * @module
 */

import { mkdirSync, openSync, writeSync } from 'node:fs'
import { bareHash, openBare } from './bare.js'

const [, , directory, notesFile, seed, mode] = process.argv
const ROUNDS = 40
const KEYS = 100
const KEYS_PER_COMMIT = 30

mkdirSync(directory, { recursive: true })
const notes = openSync(notesFile, 'a')
// Torn at its making, any file is none: that comes first, synced, and is not replayed.
await openBare(directory, 'synced').root.close()
const { root, table } = openBare(directory, mode)
let state = Number(seed) >>> 0

function change(round) {
  for (let i = 0; i < KEYS_PER_COMMIT; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    table.put(`key ${(state >>> 8) % KEYS}`, { round, filler: 'x'.repeat((state >>> 16) % 200) })
  }
}

writeSync(notes, `${bareHash(table)} open\n`)
for (let round = 0; round < ROUNDS; round++) {
  // Two synchronous commits, then some that overlap: what the product never mixes.
  if (mode === 'overlapping' && round % 5 < 2) {
    root.transactionSync(() => {
      change(round)
      return undefined
    })
  } else {
    await root.transaction(() => {
      change(round)
    })
  }
  writeSync(notes, `${bareHash(table)} round ${round}\n`)
}
await root.close()
