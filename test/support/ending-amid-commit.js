/**
 * A process that ends while LMDB's thread waits for it: `node ending-amid-commit.js PATH exit|throw`.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const THREAD_STARTS_MS = 100

const [, , path, how] = process.argv
const board = openLeaderboards(path).board('arena')
await board.submit('stored', 1)
void board.submit('late', 2)
// Behind the turn in which LMDB has its thread begin, and before any other.
setImmediate(() => {
  const end = performance.now() + THREAD_STARTS_MS
  while (performance.now() < end);
  if (how === 'exit') process.exit()
  throw new Error('nobody catches this')
})
