/**
 * Fills a store until the disk is full, waits until somebody makes room, and goes on.
 *
 *     node full-driver.js STORE        with a parent that answers the message "full" by "freed"
 *
 * Tells its parent what happened, { stored, codes, shown, storedLater }, and ends with status 7.
 *
 * @module
 */

import { once } from 'node:events'
import { openLeaderboards } from '../../dist/index.js'

const BATCH = 20
const BATCHES_MAX = 5_000
const TRIES_WHEN_FULL = 20

const store = openLeaderboards(process.argv[2])
const board = store.board('arena')
const codes = {}
let stored = 0

while (stored < BATCHES_MAX && (await submits(stored))) stored++
let storedWhenFull = 0
for (let i = 0; i < TRIES_WHEN_FULL; i++)
  if (await submits(stored + storedWhenFull)) storedWhenFull++
const shown = board.size
const isSound = (await store.check()).ok
process.send('full')
await once(process, 'message')
let storedLater = 0
for (let i = 0; i < 5; i++) if (await submits(stored + storedWhenFull + storedLater)) storedLater++
await store.close()
process.send({ stored: stored + storedWhenFull, codes, shown, isSound, storedLater, batch: BATCH })
process.exitCode = 7
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()

async function submits(number) {
  const submissions = Array.from({ length: BATCH }, (_, i) => {
    return { playerId: `player ${number}-${i}`, score: number, name: 'x'.repeat(100) }
  })
  try {
    await board.submitMany(submissions)
    return true
  } catch (error) {
    const code = error.name === 'LadderError' ? error.code : `${error.name} ${error.message}`
    codes[code] = (codes[code] ?? 0) + 1
    return false
  }
}
