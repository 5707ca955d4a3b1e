/**
 * Ending with the process, also where a commit is in the making.
 *
 * LMDB's thread begins a transaction and waits for the event loop to fill it. A process that ends at
 * that moment, by `process.exit()` or an uncaught error, joins the thread and so waits for ever: the
 * event loop does not run any more. So a transaction that is being filled is dropped then. One that
 * the event loop has not heard of yet cannot be: the process is killed instead, nothing of it being
 * stored either. All that is told by functions of the pinned release of LMDB's package, which are
 * wrapped here.
 *
 * @module
 */

import type { Environment, NativeEnvironment } from './lmdb-types.ts'

// Transactions whose thread waits for the event loop, or is about to.
const begun = new Set<object>()
// Those that are filled over several turns, each with what drops it.
const filling = new Map<object, () => void>()
let isListening = false

/** Sees to it that a process can end while this environment writes. */
export function releaseAtExit({ env }: Environment): void {
  const { startWriting, resumeWriting } = env
  const start: NativeEnvironment['startWriting'] = (address, onProgress) => {
    listen()
    const transaction = {}
    begun.add(transaction)
    startWriting.call(env, address, (status) => {
      const isFilledOn = onProgress(status) === true
      begun.delete(transaction)
      if (isFilledOn) filling.set(env, () => drop(env))
      return isFilledOn
    })
  }
  const resume = (): void => {
    filling.delete(env)
    resumeWriting.call(env)
  }
  // Functions of C++ classes cannot be assigned to.
  Object.defineProperty(env, 'startWriting', { value: start })
  Object.defineProperty(env, 'resumeWriting', { value: resume })
}

function drop(env: NativeEnvironment): void {
  env.abortTxn()
  env.resumeWriting()
}

function listen(): void {
  if (isListening) return
  isListening = true
  process.on('exit', () => {
    for (const end of filling.values()) end()
    if (begun.size > 0) process.kill(process.pid, 'SIGKILL')
  })
}
