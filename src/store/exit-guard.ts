/**
 * Ending with the process, also where a commit has just begun.
 *
 * LMDB's thread begins a transaction and waits for the event loop to fill it. A process that ends at
 * that moment, by `process.exit()` or an uncaught error, joins the thread and so waits for ever: the
 * event loop does not run any more. Nothing of such a transaction is stored, so the process is killed
 * instead. That is told by a function of the pinned release of LMDB's package, which is wrapped here.
 *
 * @module
 */

import type { Environment, NativeEnvironment } from './lmdb-types.ts'

// Those whose thread waits for the event loop, or is about to.
const waitedFor = new Set<NativeEnvironment>()
let isListening = false

/** Sees to it that a process can end while this environment writes. */
export function endWithProcess({ env }: Environment): void {
  const { startWriting } = env
  const watched: NativeEnvironment['startWriting'] = (address, onProgress) => {
    listen()
    waitedFor.add(env)
    startWriting.call(env, address, (status) => {
      waitedFor.delete(env)
      return onProgress(status)
    })
  }
  // Functions of C++ classes cannot be assigned to.
  Object.defineProperty(env, 'startWriting', { value: watched })
}

function listen(): void {
  if (isListening) return
  isListening = true
  process.on('exit', () => {
    if (waitedFor.size > 0) process.kill(process.pid, 'SIGKILL')
  })
}
