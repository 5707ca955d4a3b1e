/**
 * Ends what a test started if the process of the tests ends first, in whatever way: by a signal, a time-out, `kill -9`.
 *
 * A shell waits at a pipe whose other end only this process has. The system closes that when the process is gone.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** What waits for this process to end. */
export interface Watch {
  /** Ends the watch, and nothing else. */
  stop(): void
  /** What the system does when this process is gone. */
  closePipe(): void
}

/** Sees to it that a process ends with this one, and that its directory is removed then. */
export function endWithUs(pid: number, directory: string): Watch {
  const script = 'read -r _; kill -9 "$1"; rm -rf "$2"'
  const shell = spawn('sh', ['-c', script, 'sh', String(pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A signal to all of the terminal's processes is not for the one that cleans up.
    detached: true,
  })
  shell.unref()
  ;(shell.stdin as unknown as Socket).unref()
  shell.stdin.on('error', () => undefined)
  return { stop: () => shell.kill('SIGKILL'), closePipe: () => shell.stdin.destroy() }
}
