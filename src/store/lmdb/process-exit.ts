/**
 * Ending with the process, also where a commit is in the making.
 *
 * LMDB's thread begins a transaction and waits for the event loop to fill it. A process that ends at
 * that moment, by `process.exit()` or an uncaught error, joins the thread and so waits for ever: the
 * event loop does not run any more. So a transaction that is being filled is dropped then. One that
 * the event loop has not heard of yet cannot be: the process is killed instead, nothing of it being
 * stored either; one line on standard error says so, as 137 alone looks like too little memory. All
 * that is told by functions of the pinned release of LMDB's package, which are wrapped here.
 *
 * The same functions say when a commit failed: the package prints the error before it rejects the
 * commit's promise, which the caller hears of anyway. That print is left out. Wall 17 of ../DESIGN.md.
 *
 * @module
 */

import { writeSync } from 'node:fs'
import { assert } from '../../ground/assert.ts'
import type { Environment, NativeEnvironment } from './lmdb-types.ts'

// What the thread says of a transaction: over, on its way, waiting to be filled. All else is an error.
const PROGRESS = [0, 1, 2]

const AMID_COMMIT =
  'ladderdb: the process ended while a commit was beginning, and is killed (SIGKILL) because it could only hang; nothing of that commit is stored. Wait for the submits, or for close(), before you end the process\n'

// Transactions whose thread waits for the event loop, or is about to.
const begun = new Set<object>()
// Those that are filled over several turns, each with what drops it.
const filling = new Map<object, () => void>()
let isListening = false

/** Sees to it that a process can end while LMDB writes. */
export function releaseAtExit({ env }: Environment): void {
  const { startWriting, resumeWriting, abortTxn } = env
  for (const wrapped of [startWriting, resumeWriting, abortTxn])
    assert(typeof wrapped === 'function', 'the package of LMDB is the release that is pinned')
  const start: NativeEnvironment['startWriting'] = (address, onProgress) => {
    listen()
    const transaction = {}
    begun.add(transaction)
    startWriting.call(env, address, (status) => {
      const isFilledOn = passOn(onProgress, status) === true
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

// At once: the stream of standard error may take its lines later.
function tell(line: string): void {
  try {
    writeSync(2, line)
  } catch {}
}

function drop(env: NativeEnvironment): void {
  env.abortTxn()
  env.resumeWriting()
}

// The package prints nothing else meanwhile, and none of the caller's code runs.
function passOn(onProgress: (status: number) => unknown, status: number): unknown {
  if (PROGRESS.includes(status)) return onProgress(status)
  const { error } = console
  Object.assign(console, { error: () => undefined })
  try {
    return onProgress(status)
  } finally {
    Object.assign(console, { error })
  }
}

function listen(): void {
  if (isListening) return
  isListening = true
  process.on('exit', () => {
    for (const end of filling.values()) end()
    if (begun.size === 0) return
    tell(AMID_COMMIT)
    process.kill(process.pid, 'SIGKILL')
  })
}
