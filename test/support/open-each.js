/**
 * Opens each store that it is told of, reads it, writes to it unless it is for reading only, and tells its parent what came of it: the
 * code of an error, or what it found. A damaged file may end a process by a signal; then the parent
 * knows at which path.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'

process.on('message', async ({ path, options }) => {
  process.send(await outcomeOf(path, options))
})
process.on('disconnect', () => process.exit())

async function outcomeOf(path, options) {
  let store
  try {
    store = openLeaderboards(path, options)
    for (const { name } of store.boards()) {
      const board = store.board(name)
      const [first] = [...board.entries()]
      board.top(5)
      board.get(first?.playerId ?? 'nobody')
    }
    if (!options.readOnly) await store.board('late').submit('late', 1)
    const { ok } = await store.check()
    return ok ? 'fine' : 'findings'
  } catch (error) {
    return error.code ?? String(error)
  } finally {
    await store?.close()
  }
}
