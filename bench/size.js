/**
 * How many bytes of the disk does a player take?
 *
 * After an import, and after LMDB has copied the store without its free pages. Ids have 12 bytes,
 * names 15.
 *
 * @module
 */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { openBoard } from './stores.js'

export async function size({ players, stores }) {
  return stores.withCopy('uniform', players, async (path) => {
    const { store } = openBoard(path, 'uniform')
    const { fileBytes, usedBytes } = store.stats()
    await store.close()
    return [
      row('file after import', fileBytes, players),
      row('pages in use', usedBytes, players),
      row('file after a compacting copy', await compactBytes(path), players),
    ]
  })
}

async function compactBytes(path) {
  const target = join(path, 'compact')
  mkdirSync(target)
  const root = open({ path, noSubdir: false, maxDbs: 16, overlappingSync: false })
  await root.backup(target, true)
  await root.close()
  return statSync(join(target, 'data.mdb')).size
}

function row(name, bytes, players) {
  return { case: name, wholeBytes: bytes, playerBytes: bytes / players }
}
