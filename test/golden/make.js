/**
 * Makes the store that shows what this release writes, with boards of every kind, and its content:
 *
 *     node test/golden/make.js test/golden/version-2
 *
 * Needs a build, and a directory that is not there. Once committed such a store is never made again,
 * because it stands for the files that users have: run this for a new version of the format alone, with
 * what is new in it, and with a directory of that number. Times are fixed; what differs from run to run
 * is the random id of the store.
 *
 * @module
 */

import { contentOf } from './content.js'
import { makeStore } from './make-store.js'

const [, , target] = process.argv
const START_MS = Date.UTC(2026, 10, 21)
const INTEGER_MAX = 2n ** 63n - 1n
const INTEGER_MIN = -(2n ** 63n)
// More than one span of a rank tree.
const CROWD = 300

const NAMES = [
  'Zoë',
  'Łukasz',
  'Дмитрий',
  'Ελένη',
  '李小龍',
  'さくら',
  '김연아',
  'שלום',
  'سارة',
  'नेहा',
  '🏌️ Ace',
]

let now = START_MS
await makeStore(target, {
  clock: () => now++,
  fill: async (store) => {
    await fillNumbers(store)
    await fillIntegers(store)
    await fillColumns(store)
    await fillKept(store)
    await fillMetadata(store)
    await dropTwo(store)
    return contentOf(store)
  },
})

/** Both orders and the three modes, equal scores and times, ends of the numbers, names and ids. */
async function fillNumbers(store) {
  const arena = store.board('arena', { mode: 'best' })
  for (const [i, name] of NAMES.entries())
    await arena.submit(`player ${i}`, 1500 - (i % 4), { name })
  const same = NAMES.map((name, i) => ({ playerId: name, score: 1498, at: START_MS - (i % 2) }))
  await arena.submitMany(same)
  const golf = store.board('golf', { order: 'ascending', mode: 'best' })
  const ends = [0, -1, 71.5, 0.1, 5e-324, -5e-324, 2 ** 53, Number.MAX_VALUE, -Number.MAX_VALUE]
  for (const score of ends) await golf.submit(`scored ${score}`, score)
  const kills = store.board('kills', { mode: 'increment' })
  for (let i = 0; i < 20; i++) await kills.submit(`p${i % 7}`, i)
  const lowest = store.board('lowest', { order: 'ascending', mode: 'set' })
  await lowest.submit('ada', 5)
  await lowest.submit('ada', 9, { name: 'Ada' })
  await lowest.submit('x'.repeat(512), 7, { name: 'n'.repeat(512), at: 0 })
  store.board('empty')
}

async function fillIntegers(store) {
  const ends = [0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, INTEGER_MAX, INTEGER_MIN]
  for (const order of ['descending', 'ascending']) {
    const board = store.board(`int64 ${order}`, { order, scoreType: 'int64' })
    for (const score of ends) await board.submit(`scored ${score}`, score)
  }
  const coins = store.board('coins', { scoreType: 'int64', mode: 'increment' })
  await coins.submit('ada', INTEGER_MAX - 1n)
  await coins.submit('ada', 1n)
  const crowd = Array.from({ length: CROWD }, (_, i) => {
    return { playerId: `p${i}`, score: BigInt((i * 7919) % 251) - 9n }
  })
  await coins.submitMany(crowd)
}

async function fillColumns(store) {
  const race = store.board('race', {
    mode: 'best',
    columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
  })
  for (let i = 0; i < 12; i++)
    await race.submit(`driver ${i}`, { points: i % 3, time: 80.25 - (i % 5) })
  await race.submit('driver 1', { points: 9, time: -71.5 }, { name: 'Ayrton' })
  const four = store.board('four', {
    scoreType: 'int64',
    columns: [
      { name: 'level', order: 'descending' },
      { name: 'deaths', order: 'ascending' },
      { name: 'secrets_found', order: 'descending' },
      { name: 'ms-in-all', order: 'ascending' },
    ],
  })
  for (let i = 0; i < 16; i++) {
    const [a, b, c, d] = [8, 4, 2, 1].map((bit) => (i & bit ? INTEGER_MAX : INTEGER_MIN))
    await four.submit(`p${i}`, { level: a, deaths: b, secrets_found: c, 'ms-in-all': d })
  }
}

async function fillKept(store) {
  const top = store.board('top ten', { mode: 'best', keep: 10 })
  for (let i = 0; i < 30; i++) await top.submit(`p${i}`, (i * 7) % 30)
  const three = store.board('three laps', {
    keep: 3,
    columns: [{ name: 'lap', order: 'ascending' }, { name: 'speed' }],
  })
  for (let i = 0; i < 8; i++) await three.submit(`p${i}`, { lap: i % 2, speed: i })
}

async function fillMetadata(store) {
  const levels = store.board('Уровни 🎮', { mode: 'set' })
  await levels.submit('ada', 3, { name: 'Ada', metadata: { team: 'red', laps: [1, 2.5, null] } })
  await levels.submit('bob', 2, { metadata: { 'é"\n': { deep: [{ 李: true }] } } })
  await levels.submit('cyd', 1, { name: 'Cyd', metadata: { replay: 'r'.repeat(1010) } })
  await levels.submit('dan', 0, { metadata: { gone: 1 } })
  await levels.submit('dan', 0, { metadata: {} })
}

/** One is gone with its entries; of the other the entries are still there, under no name. */
async function dropTwo(store) {
  for (const name of ['dropped', 'not swept']) {
    await store.board(name).submit('ada', 1, { metadata: { a: 1 } })
    const signal = name === 'not swept' ? AbortSignal.abort() : undefined
    await store.dropBoard(name, { signal })
  }
  await store.board('last').submit('ada', 1)
}
