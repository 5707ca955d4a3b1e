/**
 * What `upgrade-kills.test.ts` changes in a store, at fixed times: the first change upgrades it, and brings its
 * first windows.
 *
 * @module
 */

const START_MS = Date.UTC(2026, 10, 22)

/** Makes the changes one after the other; yields the store after each. */
export async function* changesOf(openLeaderboards, path) {
  let now = START_MS
  const store = openLeaderboards(path, { clock: () => now })
  const board = store.board('cups', { windows: ['day', 'month'] })
  await board.submit('first', 1)
  yield store
  now += 1
  await board.submit('second', 2)
  yield store
  await store.close()
}
