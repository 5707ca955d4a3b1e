/**
 * Imports rows and ends itself by SIGKILL when so much is done: `read` or a share of the rows stored.
 *
 * @module
 */
import { openLeaderboards } from '../../dist/index.js'

const [path, when] = process.argv.slice(2)
const board = openLeaderboards(path).board('inc', { mode: 'increment' })

function* rows() {
  yield 'playerId,score\n'
  for (let i = 0; i < 6_000; i++) yield `p${i % 2_000},1\n`
}

await board.importFrom(rows(), {
  format: 'csv',
  onProgress: ({ done, total }) => {
    const isDue = when === 'read' ? done > 20_000 : total !== undefined && done >= total * when
    if (isDue) process.kill(process.pid, 'SIGKILL')
  },
})
