/**
 * The errors of files and directories in the codes of the library, with what to do about them.
 *
 * @module
 */

import { type ErrorCode, LadderError } from './errors.ts'

const FREE_SPACE = 'free space, or raise the quota or size limit, and try again'
const CHECK_PATH = 'check the path'
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
  ENOENT: ['IO', CHECK_PATH],
  ENOTDIR: ['IO', CHECK_PATH],
  EISDIR: ['IO', CHECK_PATH],
  ELOOP: ['IO', CHECK_PATH],
  ENAMETOOLONG: ['IO', CHECK_PATH],
  EMFILE: ['IO', 'this process has too many files open; close some and try again'],
  ENFILE: ['IO', 'the system has too many files open; try again later'],
  EXDEV: ['IO', 'both must be on one file system'],
  EIO: ['IO', 'check the disk'],
}

// As Linux numbers them: LMDB hands numbers on, and Node has no name for some.
const NAMES: Readonly<Record<number, string>> = {
  5: 'EIO',
  27: 'EFBIG',
  28: 'ENOSPC',
  122: 'EDQUOT',
}

/** Waits for `work` on files; a failure of the system is told as one of `action`. */
export async function inWords<T>(action: string, work: Promise<T>): Promise<T> {
  try {
    return await work
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
  const [code, advice] = MEANINGS[name] ?? ['IO', 'check the disk and try again']
  return new LadderError(code, `${action}: ${error.message}; ${advice}`, { cause: error })
}

/** Returns the name of the system's error, undefined where it is none. */
export function errnoOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown }
  const number =
    typeof code === 'number'
      ? code
      : Number(/^Unknown system error -(\d+)$/.exec(String(code))?.[1])
  if (!Number.isNaN(number)) return NAMES[number] ?? `errno ${number}`
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined
}
