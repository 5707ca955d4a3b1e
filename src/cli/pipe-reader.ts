/**
 * Whether anybody still reads a pipe, for work that may have nothing to write for long.
 *
 * The system tells a writer only when it writes, and Node has no way to ask. GNU tail has: it ends by
 * SIGPIPE as soon as nobody reads its standard output, which is ours. Any other tail ends otherwise, or
 * cannot be started; then the next write tells, as it always did.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { fstatSync } from 'node:fs'

const STDOUT_FILE = 1
const PAUSE_SECONDS = 0.2

/** Calls `onGone` when nobody reads standard output any more, if it is a pipe; returns how to stop. */
export function watchPipeReader(onGone: () => void): () => void {
  if (!fstatSync(STDOUT_FILE).isFIFO()) return () => undefined
  const words = [`--pid=${process.pid}`, '-s', String(PAUSE_SECONDS), '-f', '/dev/null']
  const tail = spawn('tail', words, { stdio: ['ignore', 'inherit', 'ignore'] })
  tail.on('error', () => undefined)
  tail.on('exit', (_status, signal) => {
    if (signal === 'SIGPIPE') onGone()
  })
  tail.unref()
  return () => void tail.kill()
}
