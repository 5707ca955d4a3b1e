/**
 * A process that ends while LMDB's thread waits for it:
 *
 *     node ending-amid-commit.js PATH begun|filling exit|throw
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { FIRST_TABLES, TABLES } from '../../dist/format/tables.js'
import { openLeaderboards } from '../../dist/index.js'
import { openLmdbStore } from '../../dist/store/lmdb/open-lmdb.js'

const THREAD_STARTS_MS = 100
// More than a submit takes to reach LMDB.
const MICROTASKS = 50

const [, , path, state, how] = process.argv
const store = openLeaderboards(path)
await store.board('arena').submit('stored', 1)
if (state === 'begun') await endBegun()
else await endFilling()

async function endBegun() {
  void store.board('arena').submit('late', 2)
  for (let i = 0; i < MICROTASKS; i++) await undefined
  // Behind the immediate in which LMDB has its thread begin, and before any other.
  setImmediate(() => {
    const end = performance.now() + THREAD_STARTS_MS
    while (performance.now() < end);
    finish()
  })
}

// How many turns a commit of submits takes depends on the machine. A job that has its transaction to itself
// keeps it open for as long as it likes.
async function endFilling() {
  await store.close()
  const options = { readOnly: false, create: false, relaxed: false, initial: [] }
  const raw = openLmdbStore(path, { tables: TABLES, required: FIRST_TABLES, ...options })
  await raw.writeAlone(async (writer) => {
    writer.willChange()
    for (const key of [...writer.keys('players', {})]) writer.remove('players', Buffer.from(key))
    await nextTurn()
    setImmediate(finish)
    await new Promise(() => undefined)
  })
}

function finish() {
  if (how === 'exit') process.exit(7)
  throw new Error('nobody catches this')
}
