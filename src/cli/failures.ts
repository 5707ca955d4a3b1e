/**
 * What a failure is to the outside: a stable code, a message and an exit status.
 *
 *     0 done · 1 failed · 2 used wrongly · 3 no such board or player · 4 damaged data, or not a store
 *     5 busy · 130 interrupted
 *
 * Codes are those of the library's LadderError, and those of {@link CliCode}.
 *
 * @module
 */

import { type OuterCode, outcomeOf } from '../calls/index.ts'
import type { ErrorCode, LadderError } from '../index.ts'
import { placeName, type ReadPlace } from './read-place.ts'

/** Codes of failures that only the command line knows. */
export type CliCode = OuterCode

/** A failure in the words of the outside. */
export interface Failure {
  code: ErrorCode | CliCode
  message: string
  status: number
  /** Only where the same may be tried again: after this many milliseconds. */
  retryAfterMs?: number
}

export const STATUS_USAGE = 2
export const STATUS_DAMAGED = 4
export const STATUS_INTERRUPTED = 130

/** A failure that a command found itself. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: ErrorCode | CliCode

  constructor(code: ErrorCode | CliCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Returns what an error is to the outside. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: number }
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  return { code, message, status: outcomeOf(code).exit, ...wait }
}

/** Returns the failure of a player who has no entry on a board, or in a season of it. */
export function noPlayer(playerId: string, { board, window, season }: ReadPlace): CliError {
  const place = { board, ...(window !== undefined && { window }), ...(season && { season }) }
  const where = window === undefined ? 'on' : 'in'
  return new CliError(
    'NO_PLAYER',
    `Cannot find player "${playerId}": no entry ${where} ${placeName(place)}`,
  )
}

/** Returns the failure of an action on a file, in words instead of system codes. */
export function fileFailure(action: string, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException
  return new CliError('FILE', `${action}: ${FILE_PROBLEMS[code ?? ''] ?? message}`, {
    cause: error,
  })
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory; check the path',
  EACCES: 'permission denied; run as a user who may',
  EPERM: 'permission denied; run as a user who may',
  EISDIR: 'it is a directory; name a file',
  ENOTDIR: 'a part of the path is not a directory; check the path',
  ENOSPC: 'the disk is full; free space',
}

/** Says whether an error is one of the library: by its name, as to know the class would load it. */
export function isLadderError(error: unknown): error is LadderError {
  return error instanceof Error && error.name === 'LadderError'
}

function codeOf(error: unknown): ErrorCode | CliCode {
  if (!(error instanceof Error)) return 'FAILED'
  const { code } = error as Error & { code?: ErrorCode | CliCode }
  if (isLadderError(error) || error.name === 'CliError') return code ?? 'FAILED'
  if (error.name === 'AbortError') return 'ABORTED'
  if (error.name === 'InvalidArgumentError') return 'USAGE'
  // The library's word for a wrong argument. Node's own have a code.
  const isArgument = error instanceof TypeError || error instanceof RangeError
  return isArgument && code === undefined ? 'INVALID_ARGUMENT' : 'FAILED'
}
