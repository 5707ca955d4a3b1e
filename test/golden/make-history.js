/**
 * Makes the store that shows what this release writes beside boards and entries: log, requests, bans,
 * profiles, rules, an undo, a move, an erasure, and what they answer:
 *
 *     node test/golden/make-history.js test/golden/version-3-history
 *
 * Like `make.js` it is run for a new form alone, into a directory that is not there.
 *
 * @module
 */

import { historyOf } from './content.js'
import { makeStore } from './make-store.js'

const [, , target] = process.argv

let now = Date.UTC(2026, 10, 21)
await makeStore(target, {
  clock: () => now++,
  fill: async (store) => {
    await fill(store)
    return historyOf(store)
  },
})

async function fill(store) {
  const arena = store.board('arena', { mode: 'best' })
  await arena.submit('ada', 900, { name: 'Ada', metadata: { car: 'red' }, won: true })
  await arena.submit('ada', 700, { at: now - 1000 })
  await arena.submit('bob', 800, { requestId: 'run-17' })
  await arena.submitMany([
    { playerId: 'cy', score: 850 },
    { playerId: 'dan', score: 9999 },
  ])
  const [cheated] = arena.history('dan').records
  await store.undo({ seqs: [cheated.seq], reason: 'a bot', actor: 'kim' })
  const coins = store.board('coins', { mode: 'increment', scoreType: 'int64' })
  await coins.submit('ada', 9_007_199_254_740_993n)
  await coins.submit('ada', 5n)
  const race = store.board('race', {
    columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
    keep: 2,
  })
  for (const [i, playerId] of ['ada', 'bob', 'cy'].entries())
    await race.submit(playerId, { points: i, time: 70.5 })
  await store.board('quiet', { log: 'changes', mode: 'best' }).submit('ada', 1)
  await store.board('silent', { log: 'none' }).submit('ada', 1)
  await store.board('gone').submit('ada', 1)
  await store.dropBoard('gone')
  await arena.importFrom(['playerId,score\n', 'eve,50\n', 'fay,60\n'], { format: 'csv' })
  await store
    .board('filled')
    .importFrom(['playerId,score\n', 'eve,5\n', 'eve,6\n'], { format: 'csv' })
  await store.setProfile('bob', { name: 'Bob', avatar: 'https://example.com/bob.png' })
  await store.alter('arena', { min: 0, maxGain: { by: 100, action: 'flag' }, perMinute: 60 })
  await arena.submit('bob', 1500)
  await store.alter({ names: 'unique' })
  await store.ban('cy', { reason: 'rude', actor: 'kim', submits: 'keep' })
  await arena.submit('cy', 860)
  await store.rename('fay', 'Fay')
  await store.movePlayer('eve', 'eva', { reason: 'new id' })
  await arena.submit('zoe', 1)
  await store.erase('zoe')
  await arena.remove('fay')
}
