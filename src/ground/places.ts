/**
 * Directories that work needs: those to be made, and one for temporary files.
 *
 * @module
 */

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { LadderError } from './errors.ts'
import { errnoOf, fileError } from './system-errors.ts'

const USABLE = constants.W_OK | constants.X_OK

/**
 * Makes a directory for its owner alone, and those above it; returns the first one that was made, if
 * any was.
 *
 * @throws {LadderError} `PERMISSION`, `DISK_FULL`, `EXISTS`, `IO`.
 */
export function makeDirectories(action: string, path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw fileError(action, causeOf(path, error))
  }
}

// On a read-only file system Node says that there is no such directory: what stands in the way of the
// nearest one that is there says more.
function causeOf(path: string, error: unknown): unknown {
  if (errnoOf(error) !== 'ENOENT') return error
  try {
    accessSync(nearest(path), USABLE)
    return error
  } catch (cause) {
    return cause
  }
}

function nearest(path: string): string {
  const above = dirname(path)
  return existsSync(path) || above === path ? path : nearest(above)
}

/**
 * Returns the first directory that can be written to: the one for temporary files (`TMPDIR`), or one
 * of `others`.
 *
 * @throws {LadderError} `PERMISSION`, `IO` with what is wrong with `TMPDIR`.
 */
export function writablePlace(action: string, others: readonly string[]): string {
  let failure: unknown
  for (const place of [tmpdir(), ...others]) {
    try {
      // With the dot behind it, a file is refused.
      accessSync(`${place}/.`, USABLE)
      return place
    } catch (error) {
      failure ??= error
    }
  }
  const told = fileError(action, failure)
  if (!(told instanceof LadderError)) throw told
  const { message } = failure as Error
  throw new LadderError(
    told.code,
    `${action}: no directory for temporary files can be written to (${message}); set TMPDIR to one`,
    { cause: failure },
  )
}
