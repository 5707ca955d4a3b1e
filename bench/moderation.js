/**
 * What do a ban and its end cost for a player on many boards, and the look for bans at each submit?
 *
 * The boards are as many as a million entries fill, a hundred at most. One player after the other is banned
 * from all of them and comes back; every call waits for the disk. Submits are awaited one by one, in a
 * store that never had a ban and in one with a thousand.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openLeaderboards } from '../dist/index.js'
import { inTurns, median } from './measure.js'
import { rowsOf } from './workload.js'

const ENTRIES = 1_000_000
const BOARDS_MAX = 100
const ROUNDS = 25
const BANNED = 1_000

export async function moderation({ players, small, seconds, stores }) {
  const count = small ? 3 : Math.max(1, Math.min(BOARDS_MAX, Math.floor(ENTRIES / players)))
  const path = join(stores.folder, `moderation-${players}`)
  const store = openLeaderboards(path)
  try {
    const boards = Array.from({ length: count }, (_, i) => store.board(`board-${i}`))
    for (const board of boards)
      await board.importFrom(Readable.from(rowsOf('uniform', players, 'csv')), { format: 'csv' })
    const free = await submitRow(boards[0], { seconds, name: 'submit, awaited, no ban ever' })
    const rows = await banRows(store, boards, small ? 3 : ROUNDS)
    for (let i = 0; i < BANNED; i++) await store.ban(`banned-${i}`)
    const looked = await submitRow(boards[0], { seconds, name: 'submit, awaited, 1,000 bans' })
    return [...rows, ...free, ...looked]
  } finally {
    await store.close()
    rmSync(path, { recursive: true })
  }
}

async function banRows(store, boards, rounds) {
  const ids = boards[0].top(rounds).map(({ playerId }) => playerId)
  const times = { ban: [], unban: [] }
  for (const playerId of ids)
    for (const call of ['ban', 'unban']) {
      const start = performance.now()
      await store[call](playerId)
      times[call].push(performance.now() - start)
    }
  return Object.entries(times).map(([call, ms]) => {
    return { case: `${call} of a player on ${boards.length} boards`, medianUs: 1000 * median(ms) }
  })
}

function submitRow(board, { seconds, name }) {
  const ids = board.top(1_000).map(({ playerId }) => playerId)
  let i = 0
  const call = () => board.submit(ids[i++ % ids.length], i)
  return inTurns([{ name, call }], { seconds })
}
