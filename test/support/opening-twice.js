/**
 * Opens and closes a store time and again while another opening of the same process writes to it:
 *
 *     node opening-twice.js PATH ROUNDS
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const OUTSTANDING = 100
const PAUSE_MS = 5

const [, , path, rounds] = process.argv
const store = openLeaderboards(path)
let isOver = false
let count = 0
const writers = Array.from({ length: OUTSTANDING }, (_, i) => write(`player ${i}`))
for (let round = 0; round < Number(rounds); round++) {
  await sleep(Math.random() * PAUSE_MS)
  const second = openLeaderboards(path)
  const { rank } = await second.board('arena').submit('second', round)
  if (rank !== second.board('arena').rank('second') && rank > OUTSTANDING + 1) process.exit(1)
  await second.close()
}
isOver = true
await Promise.all(writers)
await store.close()
process.stdout.write(count > Number(rounds) ? 'done' : 'too few')

async function write(playerId) {
  while (!isOver) {
    await store.board('arena').submit(playerId, count)
    count++
  }
}
