/**
 * Only the main thread opens LMDB.
 *
 * A worker thread can be stopped between any two instructions, by `terminate()`, an error or
 * `process.exit()`. If it holds LMDB's write lock then, the lock stays taken, half a transaction can
 * be committed, or the process ends. LMDB has one environment per file and process, so a worker that
 * only reads shares it with the main thread and takes it along in the same way. So this stands before
 * LMDB is even loaded. Wall 18 of ../DESIGN.md.
 *
 * @module
 */

import { isMainThread } from 'node:worker_threads'
import { LadderError } from '../../ground/errors.ts'

/** @throws {LadderError} `NOT_MAIN_THREAD` in a worker thread. */
export function assertMainThread(path: string): void {
  if (isMainThread) return
  throw new LadderError(
    'NOT_MAIN_THREAD',
    `Cannot open ${path} in a worker thread: a worker that is stopped could leave half a commit; open it in the main thread and send it messages, or use processes: child_process.fork, cluster, vitest with pool: 'forks', jest without workerThreads`,
  )
}
