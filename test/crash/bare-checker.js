/**
 * As checker.js, for the controls: opens a file of bare LMDB and says what it holds.
 *
 * @module
 */

import { bareHash, openBare } from './bare.js'

process.on('message', async (job) => process.send(await answerOf(job)))
process.on('disconnect', () => process.exit())
process.send('ready')

async function answerOf({ path, mode }) {
  try {
    const { root, table } = openBare(path, mode)
    const hash = bareHash(table)
    await root.close()
    return { hash }
  } catch (error) {
    return { error: { code: error.code ?? error.name, message: error.message } }
  }
}
