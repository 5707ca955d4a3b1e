/**
 * What the errors of the operating system mean: the one place that knows.
 *
 * Node gives them by name (`ENOSPC`), LMDB by number or in the words of the C library alone. Code
 * that catches one asks here for its name, or for the error of the library to throw in its place.
 *
 * @module
 */

import { constants } from 'node:os'
import { type ErrorCode, LadderError } from './errors.ts'

const FREE_SPACE = 'free space, or raise the quota or size limit, and try again'
const OTHER_USER = 'run as a user who may, or name another place'

const MEANINGS: Readonly<Record<string, [code: ErrorCode, advice: string]>> = {
  ENOSPC: ['DISK_FULL', FREE_SPACE],
  EDQUOT: ['DISK_FULL', FREE_SPACE],
  EFBIG: ['DISK_FULL', FREE_SPACE],
  EACCES: ['PERMISSION', OTHER_USER],
  EPERM: ['PERMISSION', OTHER_USER],
  EROFS: ['PERMISSION', 'the file system is read-only; name another place'],
  EEXIST: ['EXISTS', 'name another place'],
  ENOTEMPTY: ['EXISTS', 'name another place'],
  ENOENT: ['IO', 'check the path'],
  ENOTDIR: ['IO', 'a part of the path is a file; check the path'],
  EISDIR: ['IO', 'it is a directory; check the path'],
  ELOOP: ['IO', 'its links lead in a circle; check the path'],
  ENAMETOOLONG: ['IO', 'choose a shorter name'],
  EMFILE: ['IO', 'this process has too many files open; close some and try again'],
  ENFILE: ['IO', 'the system has too many files open; try again later'],
  ENOMEM: ['IO', 'the system has too little memory; try again later'],
  EXDEV: ['IO', 'both must be on one file system'],
  EIO: ['IO', 'check the disk'],
  EPIPE: ['IO', 'the other end is gone; try again'],
  ECONNRESET: ['IO', 'the other end is gone; try again'],
}

const OTHER_MEANING: [code: ErrorCode, advice: string] = ['IO', 'check the disk and try again']

// How the C library says it where an error has no code.
const WORDS: readonly [name: string, words: RegExp][] = [
  ['ENOSPC', /\bENOSPC\b|No space left on device/i],
  ['EDQUOT', /\bEDQUOT\b|quota exceeded/i],
  ['EFBIG', /\bEFBIG\b|File too large/i],
  ['EROFS', /\bEROFS\b|Read-only file system/i],
  ['EACCES', /\bEACCES\b|Permission denied/i],
  ['EPERM', /\bEPERM\b|Operation not permitted/i],
  ['ENFILE', /\bENFILE\b|Too many open files in system/i],
  ['EMFILE', /\bEMFILE\b|Too many open files/i],
  ['EIO', /\bEIO\b|Input\/output error/i],
  ['ENOENT', /\bENOENT\b|No such file or directory/i],
]

// LMDB's own numbers lie far below zero.
const ERRNO_MAX = 4_095

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
)

/** Waits for `work` on files; a failure of the system is told as one of `action`. */
export async function inWords<T>(action: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw fileError(action, error)
  }
}

/** Like {@link inWords}, for work that is done at once. */
export function inWordsNow<T>(action: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw fileError(action, error)
  }
}

/** Returns the error to throw in place of `error`: one of the library, or a bug as it is. */
export function fileError(action: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LadderError) return error
  if (error.name === 'AbortError')
    return new LadderError('ABORTED', 'Aborted: the caller ended the call', { cause: error })
  const name = errnoOf(error)
  if (name === undefined) return error
  const [code, advice] = MEANINGS[name] ?? OTHER_MEANING
  return new LadderError(code, `${action}: ${error.message}; ${advice}`, { cause: error })
}

/**
 * Like {@link fileError}, of a stream that the caller gave: also when it was closed before its end. An error
 * of the caller's own stays as it is.
 */
export function streamError(action: string, error: unknown): unknown {
  const { code } = (error ?? {}) as { code?: unknown }
  if (!(error instanceof Error) || !String(code).startsWith('ERR_STREAM_'))
    return fileError(action, error)
  const problem =
    code === 'ERR_STREAM_PREMATURE_CLOSE' ? 'the stream was closed before its end' : error.message
  return new LadderError('IO', `${action}: ${problem}; give a new one and try again`, {
    cause: error,
  })
}

/** Returns the name of the system's error, undefined if the error is another. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, message } = error as Error & { code?: unknown }
  const number = numberOf(code, message)
  if (number !== undefined) return NAMES.get(number) ?? `errno ${number}`
  if (typeof code === 'string') return /^E[A-Z0-9]+$/.test(code) ? code : undefined
  return code === undefined ? WORDS.find(([, words]) => words.test(message))?.[0] : undefined
}

/** Whether an error says that the disk, a quota or a limit takes no more. */
export function isFullError(error: unknown): boolean {
  return codeOf(error) === 'DISK_FULL'
}

/** Whether an error says that this user may not. */
export function isDeniedError(error: unknown): boolean {
  return codeOf(error) === 'PERMISSION'
}

function codeOf(error: unknown): ErrorCode | undefined {
  const name = errnoOf(error)
  return name === undefined ? undefined : (MEANINGS[name] ?? OTHER_MEANING)[0]
}

// As a number, as "-122", in "Unknown system error -122", or in "error -122" of LMDB's copy.
function numberOf(code: unknown, message: string): number | undefined {
  const text =
    typeof code === 'number' || /^-?\d+$/.test(String(code))
      ? String(code)
      : (/^Unknown system error (-\d+)$/.exec(String(code))?.[1] ??
        (code === undefined ? /\berror (-?\d+)\b/.exec(message)?.[1] : undefined))
  const number = Math.abs(Number(text))
  return number >= 1 && number <= ERRNO_MAX ? number : undefined
}
