/**
 * How long do the larger questions take?
 *
 * Pages, friends, gaps and goals on the board of the look-ups; submits that say who was passed; a full
 * board that keeps only its best; and a player on eight boards.
 *
 * @module
 */
import { alone, warmRows } from './measure.js'
import { openBoard } from './stores.js'
import { asker, hashOf, playerIdOf, random, Updates } from './workload.js'

const PAGE = 100
const FRIENDS = 50
const PASSED = 10
const BOARDS = 8
const CURSORS = 200
const KEPT = 10_000
// Answers that show times are to be the same in every run.
const AT = Date.UTC(2026, 0)

export async function questions(context) {
  const { players, seconds, stores } = context
  const path = await stores.imported('uniform', players)
  const { store, board } = openBoard(path, 'uniform')
  const rows = await warmRows(casesOf(board, players), seconds)
  await store.close()
  rows.push(await passedRow(context))
  return stores.withCopy('uniform', players, async (copy) => {
    const { store } = openBoard(copy, 'uniform')
    // The kept board is what it is when its time is over: it comes after those that are asked.
    rows.push(await boardsRow(store, context), await keptRow(store, seconds))
    await store.close()
    return rows
  })
}

function casesOf(board, players) {
  const next = asker(players)
  let i = 0
  const place = () => 1 + Math.floor(players * random('place', i++))
  const cursors = cursorsOf(board, players)
  const cursor = () => cursors[i++ % cursors.length]
  const friends = () => Array.from({ length: FRIENDS }, next)
  return {
    // Cursors belong to one store and would not be the same in the next run.
    'first page of 100': () => board.page({ limit: PAGE }).entries,
    'page of 100 after a cursor': () => board.page({ limit: PAGE, after: cursor() }).entries,
    'page of 100 before a cursor': () => board.page({ limit: PAGE, before: cursor() }).entries,
    'among 50': () => board.among(friends()),
    gap: () => board.gap(next()),
    scoreAt: () => board.scoreAt(place()),
    'scoreFor a rank': () => board.scoreFor({ rank: place(), playerId: next() }),
    'scoreFor a rank, dense': () => board.scoreFor({ rank: place(), rankMode: 'dense' }),
    'scoreFor a top percent': () => board.scoreFor({ topPercent: 1 + (i++ % 99) }),
  }
}

// Cursors from all parts of the board, by turning large pages.
function cursorsOf(board, players) {
  const limit = Math.floor(players / CURSORS)
  const cursors = []
  for (let { next } = board.page({ limit }); next !== undefined; ) {
    cursors.push(next)
    next = board.page({ limit, after: next }).next
  }
  return cursors
}

function passedRow({ players, seconds, stores }) {
  return stores.withCopy('uniform', players, async (path) => {
    const { store, board } = openBoard(path, 'uniform')
    const updates = new Updates('uniform', players)
    const options = { passed: PASSED }
    const first = updates.take(1_000).map((update, i) => ({ ...update, at: AT + i }))
    const answers = hashOf(await board.submitMany(first, options))
    const call = () => {
      const { playerId, score } = updates.next()
      return board.submit(playerId, score, options)
    }
    const name = '1,000 outstanding, who was passed'
    const row = await alone({ name, call, outstanding: 1_000 }, { seconds })
    await store.close()
    return { ...row, answers }
  })
}

// Newcomers at random: about as many get in as the board is better than they are.
async function keptRow(store, seconds) {
  const board = store.board('best', { keep: KEPT })
  const first = Array.from({ length: KEPT }, (_, i) => submissionOf(i))
  const answers = hashOf(await board.submitMany(first))
  let i = KEPT
  const call = () => {
    const { playerId, score } = submissionOf(i++)
    return board.submit(playerId, score)
  }
  const name = '1,000 outstanding, keep 10,000'
  const row = await alone({ name, call, outstanding: 1_000 }, { seconds })
  return { ...row, answers }
}

async function boardsRow(store, { players, seconds }) {
  const next = asker(players)
  const ids = Array.from({ length: FRIENDS }, next)
  for (let i = 1; i < BOARDS; i++)
    await store
      .board(`arena ${i}`)
      .submitMany(ids.map((playerId, j) => ({ playerId, score: j, at: AT + j })))
  let i = 0
  const [row] = await warmRows(
    { 'boardsOf, 8 boards': () => store.boardsOf(ids[i++ % FRIENDS]) },
    seconds,
  )
  return row
}

function submissionOf(i) {
  return { playerId: playerIdOf(i), score: 1_000_000 * random('kept', i) }
}
