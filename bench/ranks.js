/**
 * What does a rank cost over a whole board, not over a few players who are asked for again and again?
 *
 * Every call asks for another player: at random, so that the whole board is asked for, or by Zipf's law,
 * so that a few are asked for most. Boards have scores that all differ, spread ties, or 50 scores in all.
 * The first calls, one for every span of 256 and two more, are not counted: they fill the memory. Means
 * and the 99th percentile are of all calls after that. The rows with less memory have a third of what the
 * board would take, and none.
 *
 * @module
 */
import { createHistogram } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openLeaderboards } from '../dist/index.js'
import { record, rowOf } from './measure.js'
import { BOARD } from './stores.js'
import { activePlayer, playerIdOf, random, Updates } from './workload.js'

const BATCH = 2_000
// Calls for each player of the board before the measurement: three for each span.
const WARM_UP = 3 / 150
const BYTES_A_PLAYER = 3
const SUBMITS_A_TURN = 10

const PICKS = {
  'any player': (players, i) => Math.floor(players * random('asked', i)),
  'by Zipf': activePlayer,
}

export async function ranks({ players, seconds, stores }) {
  const rows = []
  for (const kind of ['uniform', 'season', 'ties']) {
    const path = await stores.imported(kind, players)
    for (const pick of Object.keys(PICKS))
      rows.push(await rankRow({ path, name: `${kind}, ${pick}`, pick, players, seconds }))
  }
  const path = await stores.imported('uniform', players)
  const any = { path, pick: 'any player', players, seconds }
  const cacheBytes = Math.floor((players * BYTES_A_PLAYER) / 3)
  rows.push(await rankRow({ ...any, name: 'uniform, a third of the memory', cacheBytes }))
  rows.push(await rankRow({ ...any, name: 'uniform, no memory', cacheBytes: 0 }))
  rows.push(await rankRow({ ...any, name: 'uniform, competition', rankMode: 'competition' }))
  rows.push(await stores.withCopy('uniform', players, (copy) => betweenRow({ ...any, path: copy })))
  return rows
}

async function rankRow({ path, name, pick, players, seconds, cacheBytes, rankMode = 'ordinal' }) {
  // A release that does not know the option refuses it: it is given only if it is the question.
  const memory = cacheBytes === undefined ? {} : { cacheBytes }
  const store = openLeaderboards(path, { readOnly: true, ...memory })
  const board = store.board(BOARD)
  const ask = asking({ players, pick, call: (playerId) => board.rank(playerId, { rankMode }) })
  ask(Math.ceil(players * WARM_UP), createHistogram())
  const calls = createHistogram()
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) ask(BATCH, calls)
  await store.close()
  return rowOf(`rank: ${name}`, { calls })
}

// Ten submits at once, then as many ranks: what a commit changed is in memory in another form.
async function betweenRow({ path, pick, players, seconds }) {
  const store = openLeaderboards(path)
  const board = store.board(BOARD, { mode: 'set' })
  const updates = new Updates('uniform', players)
  const ask = asking({ players, pick, call: (playerId) => board.rank(playerId) })
  ask(Math.ceil(players * WARM_UP), createHistogram())
  const calls = createHistogram()
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const waiting = updates
      .take(SUBMITS_A_TURN)
      .map(({ playerId, score }) => board.submit(playerId, score))
    await Promise.all(waiting)
    await nextTurn()
    ask(SUBMITS_A_TURN, calls)
  }
  await store.close()
  return rowOf('rank: uniform, between submits', { calls })
}

// Asks for `count` players more. Their ids are made before the clock runs.
function asking({ players, pick, call }) {
  let i = 0
  return (count, calls) => {
    for (let left = count; left > 0; left -= BATCH) {
      const size = Math.min(left, BATCH)
      const ids = Array.from({ length: size }, () => playerIdOf(PICKS[pick](players, i++)))
      for (const id of ids) {
        const start = performance.now()
        call(id)
        record(calls, start)
      }
    }
  }
}
