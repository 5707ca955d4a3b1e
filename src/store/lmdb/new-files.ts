/**
 * The files and directories of a new store.
 *
 * @module
 */

import { closeSync, fsyncSync, linkSync, openSync, readdirSync } from 'node:fs'
import { LadderError } from '../../ground/errors.ts'
import { inWordsNow } from '../../ground/system-errors.ts'

const NAMES_SHOWN = 3

// What may lie where a new store is made: what the tools that make empty directories leave there, and
// what a store leaves whose data file was deleted, or whose creation was interrupted.
const HARMLESS = new Set([
  ...['lost+found', '.gitkeep', '.keep', '.gitignore', '.DS_Store', 'Thumbs.db', 'desktop.ini'],
  'lock.mdb',
])
const HARMLESS_FORM =
  /^\.(creating-[0-9a-f]+|Trash-\d+|nfs[0-9a-f]+)$|^\..+-[0-9a-f]{8}-\d+-[0-9a-f]{12}$/

/**
 * Checks that a directory holds nothing that a new store would be mixed with.
 *
 * @throws {LadderError} `NOT_A_STORE` with the names of some files.
 */
export function assertNoForeignFiles(path: string): void {
  const action = `Cannot create a store in ${path}`
  const names = inWordsNow(action, () => readdirSync(path))
  const foreign = names.filter((name) => !HARMLESS.has(name) && !HARMLESS_FORM.test(name)).sort()
  if (foreign.length === 0) return
  const shown = foreign.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name))
  const more = foreign.length - shown.length
  throw new LadderError(
    'NOT_A_STORE',
    `${action}: there is no store yet, but there are other files (${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}); name an empty directory, or one that does not exist`,
  )
}

/** Gives a file its name, unless somebody was faster. */
export function linkUnlessThere(source: string, target: string): void {
  try {
    linkSync(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
