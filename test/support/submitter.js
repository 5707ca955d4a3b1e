/**
 * A process that submits for players of its own all the time, and tells its parent of every answer.
 *
 *     node submitter.js PATH PREFIX COUNT
 *
 * Players PREFIX-0 … get scores that only rise, so the parent can tell what must be there. On the
 * board `tally` every group adds one to a player that all such processes share; on `purse` it takes
 * from one player and gives to another in one transaction.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const PLAYERS = 50
const GROUP = 8
const [, , path, prefix, count] = process.argv
const store = openLeaderboards(path)
const arena = store.board('arena')
const tally = store.board('tally', { mode: 'increment' })
const purse = store.board('purse', { mode: 'increment' })

for (let step = 0; step < Number(count); step += GROUP) {
  const submits = Array.from({ length: GROUP }, (_, i) => submit(step + i))
  const gift = 1 + (step % 7)
  await Promise.all([
    ...submits,
    tally.submit('all', 1).then(() => process.send({ tally: 1 })),
    purse.submitMany([
      { playerId: `${prefix}-${step % 5}`, score: -gift },
      { playerId: `${prefix}-${(step + 3) % 7}`, score: gift },
    ]),
  ])
}
await store.close()
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()

async function submit(step) {
  const playerId = `${prefix}-${step % PLAYERS}`
  // Steps of ten players share a score: ties across both processes.
  const score = Math.floor(step / 10)
  const answer = await arena.submit(playerId, score)
  if (answer.score !== score || answer.rank === undefined) throw new Error(JSON.stringify(answer))
  process.send({ playerId, score })
}
