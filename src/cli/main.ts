/**
 * The command line: runs one command and says how it went.
 *
 * @module
 */

import { type Io, processIo } from './io.ts'
import { createProgram } from './program.ts'

/** Runs the command line of this process. Output that is still on its way is not cut off. */
export async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), processIo())
}

/** Runs a command; returns its exit status. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const { program, outcome } = await createProgram(io, args)
  try {
    await program.parseAsync(args, { from: 'user' })
    return outcome.status
  } catch (error) {
    // Help and version end like this: they need not wait for what failures take to tell.
    if (error instanceof Error && 'exitCode' in error && error.exitCode === 0) return 0
    const { reportEnd } = await import('./failed-run.ts')
    return await reportEnd(io, { args, error })
  } finally {
    // Help and version are written by commander, which does not wait.
    await Promise.all(outcome.written)
  }
}
