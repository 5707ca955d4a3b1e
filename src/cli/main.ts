/**
 * The command line: runs one command and says how it went.
 *
 * @module
 */

import type { CommanderError } from 'commander'
import { CliError, type Failure, failureOf, STATUS_INTERRUPTED, STATUS_USAGE } from './failures.ts'
import { inFlags } from './flags.ts'
import { type Io, processIo } from './io.ts'
import { paint, printable, printJson } from './output.ts'
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
    if (isCommanderError(error)) return endOfUsage(io, { args, error })
    return reportFailure(io, { args, error })
  } finally {
    // Help and version are written by commander, which does not wait.
    await Promise.all(outcome.written)
  }
}

// Commander has told people already, or has shown the help that was asked for.
async function endOfUsage(
  io: Io,
  usage: { args: readonly string[]; error: CommanderError },
): Promise<number> {
  const { args, error } = usage
  if (error.exitCode === 0) return 0
  const message = error.message.replace(/^error: /, '')
  if (hasFlag(args, '--json')) await printJson(io, { error: { code: 'USAGE', message } })
  return STATUS_USAGE
}

async function reportFailure(
  io: Io,
  failed: { args: readonly string[]; error: unknown },
): Promise<number> {
  const { args, error } = failed
  const failure = io.signal.aborted ? interrupted(error) : failureOf(error)
  const { code, status } = failure
  const message = inFlags(failure.message)
  const color = !hasFlag(args, '--no-color')
  const prefix = paint('ladderdb:', { io, color, style: 'red', stream: 'stderr' })
  io.report(`${prefix} ${printable(message)}`)
  if (hasFlag(args, '--verbose')) reportStack(io, error)
  if (hasFlag(args, '--json')) await printJson(io, { error: { code, message } })
  return status
}

// Work that ends early ends with all sorts of errors; the reason is one.
function interrupted(error: unknown): Failure {
  const isInWords = error instanceof CliError && error.code === 'ABORTED'
  return {
    code: 'ABORTED',
    message: isInWords ? error.message : 'Interrupted',
    status: STATUS_INTERRUPTED,
  }
}

function reportStack(io: Io, error: unknown): void {
  for (let at = error; at instanceof Error; at = at.cause) {
    for (const line of (at.stack ?? String(at)).split('\n')) io.report(printable(line))
  }
}

// Looked up in the words themselves: a wrong command line is not parsed to its end.
function hasFlag(args: readonly string[], flag: string): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).includes(flag)
}

function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'exitCode' in error
}
