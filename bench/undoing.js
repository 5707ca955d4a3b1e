/**
 * What does it cost to take 1,000 runs back, and to make them count again?
 *
 * On a board of all players three kinds: the runs of one player, one run of each of 1,000 players, and the
 * newest run of a player who has made 10,000. On a board that keeps the best 1,000, 1,000 runs of one player
 * among as many of others, which happen again. Every call waits for the disk, and ends as it began.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openLeaderboards } from '../dist/index.js'
import { median } from './measure.js'
import { rowsOf } from './workload.js'

const RUNS = 1_000
const MANY = 10_000
const ROUNDS = 7

export async function undoing({ players, small, stores }) {
  const [runs, many, rounds] = small ? [20, 100, 1] : [RUNS, MANY, ROUNDS]
  const path = join(stores.folder, `undoing-${players}`)
  const store = openLeaderboards(path)
  try {
    const all = store.board('all', { mode: 'increment' })
    await all.importFrom(Readable.from(rowsOf('uniform', players, 'csv')), { format: 'csv' })
    await all.submitMany(Array.from({ length: runs }, () => ({ playerId: 'one', score: 1 })))
    await all.submitMany(Array.from({ length: many }, () => ({ playerId: 'many', score: 1 })))
    const ids = all.top(runs).map(({ playerId }) => playerId)
    await all.submitMany(ids.map((playerId) => ({ playerId, score: 1 })))
    const seqs = ids.map((playerId) => all.history(playerId, { limit: 1 }).records[0].seq)
    const [newest] = all.history('many', { limit: 1 }).records
    const best = store.board('best', { mode: 'best', keep: runs })
    const mixed = Array.from({ length: 2 * runs }, (_, i) => {
      return { playerId: i % 2 === 0 ? 'one' : `other-${i}`, score: i }
    })
    await best.submitMany(mixed)
    const cases = [
      [`${runs} runs of one player`, { board: 'all', playerId: 'one' }],
      [`a run of each of ${runs} players`, { seqs }],
      [`the newest of ${many} runs of a player`, { seqs: [newest.seq] }],
      [`${runs} runs on a board of the best`, { board: 'best', playerId: 'one' }],
    ]
    const rows = []
    for (const [name, options] of cases)
      rows.push(...(await undoRows(store, { name, options, rounds })))
    return rows
  } finally {
    await store.close()
    rmSync(path, { recursive: true })
  }
}

async function undoRows(store, { name, options, rounds }) {
  const times = { 'dry run': [], undo: [], 'undo of it': [] }
  for (let round = 0; round < rounds; round++) {
    await timed(times['dry run'], () => store.undo({ ...options, dryRun: true }))
    const { seq } = await timed(times.undo, () => store.undo(options))
    await timed(times['undo of it'], () => store.undo({ seqs: [seq] }))
  }
  return Object.entries(times).map(([call, ms]) => {
    return { case: `${name}: ${call}`, medianUs: 1000 * median(ms) }
  })
}

async function timed(times, call) {
  const start = performance.now()
  const answer = await call()
  times.push(performance.now() - start)
  return answer
}
