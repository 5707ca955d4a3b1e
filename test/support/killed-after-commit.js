/**
 * A process that is killed when its submit is durable, and before it is answered:
 *
 *     node killed-after-commit.js PATH
 *
 * @module
 */

import { Leaderboards } from '../../dist/library/leaderboards.js'
import { openContext } from '../../dist/library/open-context.js'

const [, , path] = process.argv
const context = openContext(path)
const { store } = context
const write = store.write.bind(store)
store.write = (job) =>
  write((writer) => {
    writer.afterCommit(() => process.kill(process.pid, 'SIGKILL'))
    return job(writer)
  })
const board = new Leaderboards(context).board('game', { mode: 'increment' })
await board.submit('ann', 5, { requestId: 'last words' })
process.exit(0)
