/**
 * A worker thread that does what it is told with a store and answers what came of it:
 *
 *     new Worker('worker.js', { workerData: { path, call, ending } })
 *
 * @module
 */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import * as ladderdb from '../../dist/index.js'

const { path, call, ending } = workerData
const backup = join(path, '..', 'backup')

const CALLS = {
  open: () => ladderdb.openLeaderboards(path),
  read: () => ladderdb.openLeaderboards(path, { readOnly: true }),
  create: () => ladderdb.openLeaderboards(join(path, '..', 'new')),
  check: () => ladderdb.checkStore(path),
  verify: () => ladderdb.verifyBackup(backup),
  list: () => ladderdb.listBackups(join(path, '..')),
  restore: () => ladderdb.restoreBackup(backup, join(path, '..', 'restored')),
  compact: () => ladderdb.compactStore(path),
}

async function outcomeOf() {
  try {
    await CALLS[call]()
    return 'fine'
  } catch ({ code, message }) {
    return { code, message }
  }
}

const outcome = await outcomeOf()
const loaded = Object.keys(createRequire(import.meta.url).cache)
parentPort.postMessage({ outcome, isLmdbLoaded: loaded.some((file) => file.includes('lmdb')) })

if (ending === 'throw') throw new Error('the worker fails')
if (ending === 'exit') process.exit(3)
if (ending === 'terminate') setInterval(outcomeOf, 1)
