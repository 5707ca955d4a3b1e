/**
 * A process that adds one for each of COUNT requests, from the first on, whatever was made before:
 *
 *     node retrying.js PATH COUNT
 *
 * It tells its parent of every group that it has begun, and of all that were answered.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const GROUP = 20
const [, , path, count] = process.argv
const store = openLeaderboards(path)
const board = store.board('tally', { mode: 'increment' })
for (let from = 0; from < Number(count); from += GROUP) {
  const submits = Array.from({ length: GROUP }, (_, i) => {
    return board.submit('all', 1, { requestId: `request ${from + i}` })
  })
  process.send({ begun: from })
  const answers = await Promise.all(submits)
  process.send({ scores: answers.map(({ score }) => score) })
}
await store.close()
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()
