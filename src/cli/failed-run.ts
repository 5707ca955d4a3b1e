/**
 * How a command that failed, or was used wrongly, is told to people and to programs.
 *
 * @module
 */

import type { CommanderError } from 'commander'
import { CliError, type Failure, failureOf, STATUS_INTERRUPTED, STATUS_USAGE } from './failures.ts'
import { inFlags } from './flags.ts'
import type { Io } from './io.ts'
import { printJson } from './output.ts'
import { paint, printable } from './text.ts'

/** Tells of the error that ended a command; returns its exit status. */
export function reportEnd(
  io: Io,
  end: { args: readonly string[]; error: unknown },
): Promise<number> {
  const { args, error } = end
  return isCommanderError(error) ? endOfUsage(io, { args, error }) : reportFailure(io, end)
}

// Commander has told people already.
async function endOfUsage(
  io: Io,
  usage: { args: readonly string[]; error: CommanderError },
): Promise<number> {
  const { args, error } = usage
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
  const { status, ...told } = failure
  const message = inFlags(failure.message)
  const color = !hasFlag(args, '--no-color')
  const prefix = paint('ladderdb:', { io, color, style: 'red', stream: 'stderr' })
  io.report(`${prefix} ${printable(message)}`)
  if (hasFlag(args, '--verbose')) reportStack(io, error)
  if (hasFlag(args, '--json')) await printJson(io, { error: { ...told, message } })
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

// A word that a command refuses while it runs is of the same class, but nobody was told of it.
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'exitCode' in error && error.name !== 'InvalidArgumentError'
}
