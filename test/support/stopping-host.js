/**
 * A host that is told to stop while a thousand submits are outstanding: `node stopping-host.js PATH`.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const [, , path, ending] = process.argv
const store = openLeaderboards(path)
const board = store.board('arena')
const game = setInterval(() => undefined, 1_000)

process.once('SIGTERM', async () => {
  clearInterval(game)
  for (let i = 0; i < 1_000; i++) void board.submit(`late ${i}`, i)
  if (ending === 'exit') process.exit()
  await store.close()
})
for (let i = 0; i < 1_000; i++) void board.submit(`player ${i}`, i)
process.stdout.write('submitted\n')
