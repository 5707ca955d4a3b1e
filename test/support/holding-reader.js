/**
 * Opens a store for reading and never ends an iteration, so that its snapshot is held:
 * `node holding-reader.js PATH`, with a parent to tell when it holds.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

const store = openLeaderboards(process.argv[2], { readOnly: true })
const entries = store.board('arena').entries()
entries.next()
process.send('holding')
process.on('disconnect', () => process.exit())
