/**
 * Reads a store every few milliseconds while another process writes: `node soak-reader.js PATH`. Ends
 * with status 1 where what it is shown contradicts itself.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const POLL_MS = 10

process.on('disconnect', () => process.exit())
const store = openLeaderboards(process.argv[2], { readOnly: true })
for (;;) {
  store.snapshot(read)
  await sleep(POLL_MS)
}

function read(view) {
  const board = view.board('arena')
  const top = board.top(100)
  const ranks = board.ranks(top.map(({ playerId }) => playerId))
  const isSound = top.every(({ rank, score }, i) => {
    return rank === i + 1 && ranks[i] === rank && score <= (top[i - 1]?.score ?? score)
  })
  if (isSound && top.length === Math.min(100, board.size)) return
  console.error('The ranks contradict each other')
  process.exit(1)
}
