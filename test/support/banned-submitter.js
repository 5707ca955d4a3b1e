/**
 * A process that submits for the same players all the time, banned or not, until it is told to end.
 *
 *     node banned-submitter.js PATH PLAYERS
 *
 * Scores only rise. It answers with the last score of each player that the store took, and with how many
 * submits were refused.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const GROUP = 8
const [, , path, players] = process.argv
const store = openLeaderboards(path)
const arena = store.board('arena')
const taken = new Map()
let refused = 0
let isEnding = false
process.once('message', () => {
  isEnding = true
})
process.send('ready')

for (let step = 0; !isEnding; step += GROUP)
  await Promise.all(Array.from({ length: GROUP }, (_, i) => submit(step + i)))
await store.close()
process.send({ taken, refused })
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()

async function submit(step) {
  const playerId = `p${step % Number(players)}`
  try {
    await arena.submit(playerId, step)
    taken.set(playerId, step)
  } catch (error) {
    if (error.code !== 'BANNED') throw error
    refused++
  }
}
