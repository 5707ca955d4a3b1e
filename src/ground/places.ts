/**
 * Directories that work needs: those to be made, and one for temporary files.
 *
 * @module
 */

import { accessSync, constants, mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LadderError } from './errors.ts'
import { errnoOf, fileError, inWordsNow } from './system-errors.ts'

const USABLE = constants.W_OK | constants.X_OK

/**
 * Makes a directory for its owner alone, and those above it; returns the first one that was made, if
 * any was.
 *
 * @throws {LadderError} `PERMISSION`, `DISK_FULL`, `EXISTS`, `IO`.
 */
export function makeDirectories(action: string, path: string): string | undefined {
  return inWordsNow(action, () => make(path))
}

// Node's own way of making those above runs for ever where a file system like /proc says of each new
// directory that it does not exist.
function make(path: string): string | undefined {
  const error = refusalOf(path)
  if (error === undefined) return path
  if (isDirectory(path)) return undefined
  const above = dirname(path)
  if (errnoOf(error) !== 'ENOENT' || above === path) throw error
  const first = make(above)
  // Somebody else may have made it meanwhile.
  const again = refusalOf(path)
  if (again !== undefined && !isDirectory(path)) throw again
  return first ?? path
}

function refusalOf(path: string): unknown {
  try {
    mkdirSync(path, { mode: 0o700 })
    return undefined
  } catch (error) {
    return error
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
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
      // In /proc root may write, says the system, and yet nothing can be made there.
      rmdirSync(mkdtempSync(join(place, 'ladderdb-probe-')))
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
