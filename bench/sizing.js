/**
 * What a server of some size takes: disk, memory and processor time, for the sizing table. By hand:
 *
 *     node bench/sizing.js [--players 100000] [--updates 100] [--viewers 1000] [--seconds 20]
 *
 * The store has one board with its log; ids have 12 bytes, names 15. Updates are submits of players at random over
 * HTTP, each followed by the read of that player's card; viewers watch the top ten over WebSocket. The viewers and
 * who submits share a process.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { compactStore, openLeaderboards } from '../dist/index.js'
import { Times, withDirectory, withServed } from './served.js'
import { firstScoreOf, nameOf, playerIdOf, updateOf } from './workload.js'

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '100000' },
    updates: { type: 'string', default: '100' },
    viewers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
  },
})
const [players, updates, viewers, seconds] = [
  ...[values.players, values.updates, values.viewers, values.seconds].map(Number),
]

const BOARD = 'arena'
const BATCH = 10_000
const LOG_SUBMITS = 100_000

await withDirectory(async (directory) => {
  const disk = await fill(directory)
  const run = await withServed(directory, measure)
  console.log(JSON.stringify({ players, updates, viewers, ...disk, ...run }, undefined, 1))
})

// First as an import would, then as players play, which the log tells.
async function fill(directory) {
  const store = openLeaderboards(directory, { durability: 'relaxed' })
  const board = await store.createBoard(BOARD)
  const newcomer = (i) => ({
    ...{ playerId: playerIdOf(i), name: nameOf(i), score: firstScoreOf('uniform', i) },
  })
  await submitAll(board, players, newcomer)
  const filled = store.stats().usedBytes
  await submitAll(board, LOG_SUBMITS, (j) => updateOf('uniform', players, j))
  const { usedBytes } = store.stats()
  await store.close()
  // What was filled in large batches leaves LMDB a long list of free pages, with which commits are slow for a while.
  await compactStore(directory)
  return {
    playerBytes: Math.round(filled / players),
    storeMb: Math.round(usedBytes / 1e6),
    submitLogBytes: Math.round((usedBytes - filled) / LOG_SUBMITS),
  }
}

async function submitAll(board, count, submissionOf) {
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from)
    const submits = Array.from({ length }, (_, i) => submissionOf(from + i))
    await board.submitMany(submits, { ranks: false })
  }
}

async function measure(served) {
  await sleep(1_000)
  const sockets = await served.connect(BOARD, viewers)
  const start = served.cpuSeconds()
  const begin = performance.now()
  const times = { submits: new Times(), cards: new Times() }
  const total = updates * seconds
  const pending = []
  for (let n = 1; n <= total; n++) {
    const wait = begin + (n * 1000) / updates - performance.now()
    if (wait > 1) await sleep(wait)
    pending.push(playOnce(served, updateOf('uniform', players, LOG_SUBMITS + n), times))
  }
  const refused = (await Promise.all(pending)).filter((isTaken) => !isTaken).length
  const elapsed = (performance.now() - begin) / 1000
  const answer = {
    serverCpuPercent: Math.round((100 * (served.cpuSeconds() - start)) / elapsed),
    anonymousMb: Math.round(served.anonymousBytes() / 1e6),
    submitP50Ms: times.submits.ms(50),
    submitP99Ms: times.submits.ms(99),
    cardP99Ms: times.cards.ms(99),
    updatesASecond: Math.round(total / elapsed),
    refused,
  }
  for (const socket of sockets) socket.terminate()
  return answer
}

async function playOnce(served, update, { submits, cards }) {
  const start = performance.now()
  if ((await served.ask(`/boards/${BOARD}/scores`, update)) !== 200) return false
  submits.since(start)
  const between = performance.now()
  await served.ask(`/boards/${BOARD}/players/${update.playerId}`)
  cards.since(between)
  return true
}
