/**
 * What makes a golden store: a store in a temporary directory is filled, and its content and the file of its
 * backup, which holds no free pages, are put into a directory that is not there yet.
 *
 * @module
 */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLeaderboards } from '../../dist/index.js'

/** Makes the store in `target`; `fill` answers its content. */
export async function makeStore(target, { clock, fill }) {
  mkdirSync(target)
  const directory = mkdtempSync(join(tmpdir(), 'ladderdb-golden-'))
  try {
    const store = openLeaderboards(join(directory, 'store'), { clock })
    const content = await fill(store)
    writeFileSync(join(target, 'content.json'), `${JSON.stringify(content, undefined, 2)}\n`)
    await store.backup(join(directory, 'backup'))
    await store.close()
    copyFileSync(join(directory, 'backup', 'data.mdb'), join(target, 'data.mdb'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
