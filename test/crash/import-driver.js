/**
 * Imports increments into the board "inc", and tells when it begins and how it ended.
 *
 *     node import-driver.js STORE ROWS        prints "ready", then the report or the code of an error
 *
 * @module
 */
import { openLeaderboards } from '../../dist/index.js'

const [path, count] = process.argv.slice(2)
const store = openLeaderboards(path)
const board = store.board('inc', { mode: 'increment' })
process.stdout.write('ready\n')
try {
  const report = await board.importFrom(rows(Number(count)), { format: 'csv' })
  process.stdout.write(`${JSON.stringify(report)}\n`)
} catch (error) {
  process.stdout.write(`${error.name === 'LadderError' ? error.code : error.stack}\n`)
}
await store.close()

// Two rows of each player, with long ids: what they fill counts.
function* rows(count) {
  yield 'playerId,score\n'
  for (let i = 0; i < count; i++) yield `${'player-'.repeat(12)}${i % (count / 2)},1\n`
}
