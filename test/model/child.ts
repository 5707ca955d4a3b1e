/**
 * Child processes of tests: the scripts lie in test/support, and import what was built.
 *
 * @module
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** Starts a script of test/support; it is killed when the test ends, if it still runs. */
export function startChild(script: string, ...args: string[]): ChildProcess {
  const child = startSharedChild(script, ...args)
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Starts a script that serves several tests. Its channel keeps undefined, -0 and infinities. */
export function startSharedChild(script: string, ...args: string[]): ChildProcess {
  const path = new URL(`../support/${script}`, import.meta.url)
  return fork(path, args, { serialization: 'advanced', execArgv: [] })
}

/** Sends a message and returns the answer; rejects where the child ends before. */
export async function ask(child: ChildProcess, message: object): Promise<unknown> {
  if (child.connected) child.send(message)
  return messageOf(child)
}

/** Returns the next message of a child; rejects where the child ends before. */
export async function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`The child process ended: ${endOf(child)}`))
    if (hasEnded(child)) return onExit()
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message)
    })
  })
}

/** Waits until a child has ended and its last message is read; returns its status, or the signal. */
export async function ended(child: ChildProcess): Promise<number | string> {
  // A busy parent learns of the exit first, and of messages on the way after it. Where the parent itself ended the
  // channel, no 'close' comes.
  if (child.connected) await once(child, 'close')
  else if (!hasEnded(child)) await once(child, 'exit')
  return endOf(child)
}

/** Ends a child as a crash would. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await ended(child)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function endOf(child: ChildProcess): number | string {
  return child.signalCode ?? child.exitCode ?? 'not yet'
}
