/**
 * Does a game that writes all the time still feel quick?
 *
 * The delay of the event loop, from `monitorEventLoopDelay`, whose timer of 1 ms is in the figures,
 * and the time of ranks that are asked between the submits.
 *
 * @module
 */
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { alone, record, rowOf } from './measure.js'
import { openBoard } from './stores.js'
import { asker, Updates } from './workload.js'

const OUTSTANDING = 1_000
const SUBMITS_A_MS = 10
const RANKS_A_TURN = 20

export async function eventloop({ players, seconds, stores }) {
  const idle = await delayWhile('delay, nothing to do', () => sleep(seconds * 500))
  return stores.withCopy('uniform', players, async (path) => {
    const { store, board } = openBoard(path, 'uniform')
    const updates = new Updates('uniform', players)
    const call = () => submitNext(board, updates)
    const busy = await delayWhile('delay, 1,000 submits outstanding', () =>
      alone({ name: '', call, outstanding: OUTSTANDING }, { seconds }),
    )
    const paced = await ranksWhileSubmitting(board, { players, seconds, updates })
    await store.close()
    return [idle, busy, paced]
  })
}

async function delayWhile(name, work) {
  const calls = monitorEventLoopDelay({ resolution: 1 })
  calls.enable()
  await work()
  calls.disable()
  return rowOf(name, { calls })
}

// Submits as many a millisecond as it should, and asks some ranks at each turn.
async function ranksWhileSubmitting(board, { players, seconds, updates }) {
  const ask = asker(players)
  const calls = createHistogram()
  const waiting = new Set()
  const start = performance.now()
  let submitted = 0
  for (let ms = 0; ms < seconds * 1000; ms = performance.now() - start) {
    for (; submitted < ms * SUBMITS_A_MS; submitted++) {
      const submit = submitNext(board, updates).then(() => waiting.delete(submit))
      waiting.add(submit)
    }
    for (let i = 0; i < RANKS_A_TURN; i++) {
      const asked = performance.now()
      board.rank(ask())
      record(calls, asked)
    }
    await sleep(1)
  }
  const behind = waiting.size
  await Promise.all(waiting)
  const rate = Math.round(submitted / ((performance.now() - start) / 1000)).toLocaleString('en')
  const note = `${rate} submits a second, ${behind} open at the end`
  return rowOf('rank, 10,000 submits a second', { calls, note })
}

function submitNext(board, updates) {
  const { playerId, score } = updates.next()
  return board.submit(playerId, score)
}
