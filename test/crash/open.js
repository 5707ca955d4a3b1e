/**
 * Opens a store, which it creates where there is none, submits once, and prints "opened", or the code of
 * what went wrong.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

try {
  const store = openLeaderboards(process.argv[2])
  await store.board('arena').submit('ann', 1)
  await store.close()
  console.log('opened')
} catch (error) {
  console.log(error.name === 'LadderError' ? error.code : `${error.name}: ${error.message}`)
}
