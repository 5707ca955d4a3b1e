/**
 * What does it cost to read the log: a page, the history of one player among many records, and to follow it?
 *
 * The board has as many records as players, a hundred thousand at least unless it is small, all in one log; those of
 * one player lie among them, a thousand at most. Following begins with the first record.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openLeaderboards } from '../dist/index.js'
import { inTurns } from './measure.js'

const RECORDS_LEAST = 100_000
const BATCH = 1_000
const RUNS_MAX = 1_000

export async function history({ players, small, seconds, stores }) {
  const records = small ? players : Math.max(players, RECORDS_LEAST)
  const path = join(stores.folder, `history-${players}`)
  const store = openLeaderboards(path)
  try {
    const board = store.board('board')
    await fill(board, { players, records })
    const last = store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records[0].seq
    let seq = 1
    const somewhere = () => {
      seq = (seq * 48_271) % last
      return seq
    }
    const rows = await inTurns(
      [
        {
          name: `history of a player, 100 runs among ${last} records`,
          call: () => board.history('one', { limit: 100 }),
        },
        { name: 'log, a page of 100', call: () => store.log({ after: somewhere(), limit: 100 }) },
      ],
      { seconds },
    )
    return [...rows, await followRow(store, last)]
  } finally {
    await store.close()
    rmSync(path, { recursive: true })
  }
}

async function fill(board, { players, records }) {
  const everyNth = Math.max(2, Math.ceil(records / RUNS_MAX))
  for (let done = 0; done < records; done += BATCH) {
    const count = Math.min(BATCH, records - done)
    const submits = Array.from({ length: count }, (_, i) => {
      const at = done + i
      return { playerId: at % everyNth === 0 ? 'one' : `player-${at % players}`, score: at }
    })
    await board.submitMany(submits, { ranks: false })
  }
}

async function followRow(store, last) {
  const start = performance.now()
  for await (const { seq } of store.follow({ after: 0 })) if (seq === last) break
  return { case: 'follow, a record', medianUs: (1000 * (performance.now() - start)) / last }
}
