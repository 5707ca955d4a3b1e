/**
 * How long does a question take?
 *
 * Warm: asked again and again in one turn of the event loop, decoded nodes and spans in memory. Cold:
 * the first questions after opening, nothing decoded yet, the file in the page cache. First of a
 * turn: the snapshot has to be taken anew.
 *
 * @module
 */
import { createHistogram } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { record, rowOf, warmRows } from './measure.js'
import { openBoard } from './stores.js'
import { asker, random } from './workload.js'

// A cold store is asked once for about every fourth span, so that most answers come from a new one.
const PLAYERS_A_COLD_RANK = 1_000

export async function lookups({ players, seconds, stores }) {
  const path = await stores.imported('uniform', players)
  const { store, board } = openBoard(path, 'uniform')
  const warm = await warmRows(casesOf(board, players), seconds)
  const turns = await turnRow(board, { players, seconds })
  await store.close()
  return [...warm, turns, await coldRow(path, { players, seconds })]
}

function casesOf(board, players) {
  const next = asker(players)
  const competition = { rankMode: 'competition' }
  const dense = { rankMode: 'dense' }
  let i = 0
  const middle = () => Math.floor(players * (0.25 + random('middle', i++) / 2))
  const score = () => 2 ** 32 * random('bound', i++)
  return {
    rank: () => board.rank(next()),
    'rank, competition': () => board.rank(next(), competition),
    'rank, dense': () => board.rank(next(), dense),
    get: () => board.get(next()),
    standing: () => board.standing(next()),
    'top 100': () => board.top(100),
    'around ±5': () => board.around(next()),
    'range of 100 in the middle': () => {
      const first = middle()
      return board.range(first, first + 99)
    },
    countBetween: () => board.countBetween(score(), score()),
  }
}

async function turnRow(board, { players, seconds }) {
  const next = asker(players)
  const calls = createHistogram()
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    await nextTurn()
    timeRank(board, next(), calls)
  }
  return rowOf('rank, first of a turn', { calls })
}

async function coldRow(path, { players, seconds }) {
  const next = asker(players)
  const calls = createHistogram()
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const { store, board } = openBoard(path, 'uniform')
    // The first read of a board finds it in the catalog.
    board.rank(next())
    const count = Math.max(10, players / PLAYERS_A_COLD_RANK)
    for (let i = 0; i < count; i++) timeRank(board, next(), calls)
    await store.close()
  }
  return rowOf('rank, cold', { calls })
}

function timeRank(board, playerId, calls) {
  const start = performance.now()
  board.rank(playerId)
  record(calls, start)
}
