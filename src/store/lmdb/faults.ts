/**
 * What LMDB's errors mean, in the words of the library. Wall 20 of ../DESIGN.md.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import { errnoOf, fileError, isDeniedError } from '../../ground/system-errors.ts'

// LMDB's own: page not found, corrupted, version, invalid, cursor full, page full, incompatible, bad
// transaction, bad value size, bad table, problem. In a program that asks for what is there, each means that pages are
// not what they should be. A bad transaction is one that met such a page before.
const DAMAGE = new Set<unknown>([
  -30797, -30796, -30794, -30793, -30787, -30786, -30784, -30782, -30781, -30780, -30779,
])
const DAMAGE_WORDS = /MDB_(CORRUPTED|PAGE_NOTFOUND|INVALID|BAD_TXN|CURSOR_FULL|PAGE_FULL|PROBLEM)/
const PANIC_WORDS = /MDB_PANIC/
const READERS_FULL = -30790
// LMDB's own numbers, of which the others need no words of their own.
const LMDB_NUMBERS = { least: -30_799, most: -30_700 }

/** Names the errors of one store. */
export class Faults {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Returns what LMDB threw as a LadderError; anything else as it is. `action` is what was tried. */
  named(error: unknown, action: string): unknown {
    if (error instanceof LadderError) return error
    if (isPanic(error))
      return new LadderError(
        'IO',
        `Cannot ${action} of ${this.#path}: an earlier commit failed while its record was written; close the store, open it again and check it`,
        { cause: error },
      )
    // Sizes that no buffer can have come from pages, not from callers.
    if (isDamage(error) || error instanceof RangeError)
      return this.damaged(action, (error as Error).message, error)
    return this.#ofSystem(error, action)
  }

  #ofSystem(error: unknown, action: string): unknown {
    const { code, message } = error as { code?: unknown; message: string }
    const told = `Cannot ${action} of ${this.#path}`
    if (code === READERS_FULL)
      return new LadderError('BUSY', `${told}: too many snapshots are held; end some, try again`, {
        cause: error,
      })
    const isOfLmdb = Number(code) >= LMDB_NUMBERS.least && Number(code) <= LMDB_NUMBERS.most
    if (isOfLmdb) return new LadderError('IO', `${told}: ${message}; try again`, { cause: error })
    return fileError(told, error)
  }

  /** Returns the error of a store whose pages are not what they should be. */
  damaged(action: string, problem: string, cause?: unknown): LadderError {
    return new LadderError(
      'CORRUPT',
      `Cannot ${action} of ${this.#path}: its pages are damaged, ${problem}; run check, then restore a backup`,
      { cause },
    )
  }
}

/** Whether an error says that pages are not what they should be. */
export function isDamage(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return DAMAGE.has(code) || DAMAGE_WORDS.test(message)
}

/** Whether LMDB has given up: it does so where it could not write its header. */
export function isPanic(error: unknown): boolean {
  return error instanceof Error && PANIC_WORDS.test(error.message)
}

/** Returns the error of an opening or a creation that failed. */
export function failedToOpen(path: string, cause: unknown): LadderError {
  if (cause instanceof LadderError) return cause
  const { message } = cause as Error
  if (isDeniedError(cause)) return denied(path, cause)
  if (isDamage(cause))
    return new LadderError(
      'CORRUPT',
      `Cannot open ${path}: damaged, ${message}; restore a backup`,
      { cause },
    )
  const told = fileError(`Cannot open ${path}`, cause)
  if (told instanceof LadderError) return told
  return new LadderError('IO', `Cannot open ${path}: ${message}; try again`, { cause })
}

function denied(path: string, cause: unknown): LadderError {
  const why =
    errnoOf(cause) === 'EROFS'
      ? 'the file system is read-only; open it for reading only, or name another place'
      : 'permission denied; run as the user who owns it'
  return new LadderError('PERMISSION', `Cannot open ${path}: ${why}`, { cause })
}

/** Names what an iteration of LMDB throws. */
export class NamedIterable<T> implements Iterable<T> {
  readonly #items: Iterable<T>
  readonly #name: (error: unknown) => unknown

  constructor(items: Iterable<T>, name: (error: unknown) => unknown) {
    this.#items = items
    this.#name = name
  }

  [Symbol.iterator](): Iterator<T> {
    try {
      return new NamedIterator(this.#items[Symbol.iterator](), this.#name)
    } catch (error) {
      throw this.#name(error)
    }
  }
}

class NamedIterator<T> implements Iterator<T> {
  readonly #iterator: Iterator<T>
  readonly #name: (error: unknown) => unknown

  constructor(iterator: Iterator<T>, name: (error: unknown) => unknown) {
    this.#iterator = iterator
    this.#name = name
  }

  next(): IteratorResult<T> {
    try {
      return this.#iterator.next()
    } catch (error) {
      throw this.#name(error)
    }
  }

  return(): IteratorResult<T> {
    this.#iterator.return?.()
    return { done: true, value: undefined }
  }
}
