/**
 * A process that ends while LMDB's thread waits for it:
 *
 *     node ending-amid-commit.js PATH begun|filling exit|throw
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const THREAD_STARTS_MS = 100
// More than a submit takes to reach LMDB.
const MICROTASKS = 50
// More than one turn of a commit takes, and a gap that only such a turn makes.
const SUBMITS = 5_000
const GAP_MS = 4

const [, , path, state, how] = process.argv
const board = openLeaderboards(path).board('arena')
await board.submit('stored', 1)
if (state === 'begun') {
  void board.submit('late', 2)
  for (let i = 0; i < MICROTASKS; i++) await undefined
  // Behind the immediate in which LMDB has its thread begin, and before any other.
  setImmediate(() => {
    const end = performance.now() + THREAD_STARTS_MS
    while (performance.now() < end);
    finish()
  })
} else {
  for (let i = 0; i < SUBMITS; i++) void board.submit(`late ${i}`, i)
  setImmediate(watch, performance.now(), 0)
}

// Ends the process when the jobs of a second turn have run.
function watch(before, turns) {
  const now = performance.now()
  const taken = now - before > GAP_MS ? turns + 1 : 0
  if (taken === 2) finish()
  else setImmediate(watch, now, taken)
}

function finish() {
  if (how === 'exit') process.exit(7)
  throw new Error('nobody catches this')
}
