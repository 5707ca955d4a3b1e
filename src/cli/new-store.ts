/**
 * A store that a command makes: it is made under another name beside the path, and takes the path when
 * the command has worked. A command that is refused leaves nothing behind, neither store nor board.
 *
 * @module
 */

import { existsSync, readdirSync, statSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CliError } from './failures.ts'

const PREFIX = '.ladderdb-new-'
const OUR_FILES = new Set(['data.mdb', 'lock.mdb'])

/** A new store that has not changed for a day is abandoned: its maker was killed. */
const SILENCE_MS = 86_400_000

/**
 * Whether a path is free for a new store: nothing is there, or an empty directory. One that cannot be
 * looked at is not: opening it says why.
 */
export function isFree(path: string): boolean {
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    return status === undefined || (status.isDirectory() && readdirSync(path).length === 0)
  } catch {
    return false
  }
}

/**
 * Runs `make` with a directory to make a store in, which takes the place of `path` at the end; undefined
 * if no directory can be made beside it.
 *
 * @throws {CliError} `BUSY` if somebody else has made a store there meanwhile.
 */
export async function withNewStore<T>(
  path: string,
  make: (directory: string) => Promise<T>,
): Promise<{ answer: T } | undefined> {
  const target = resolve(path)
  const place = nearest(dirname(target))
  await sweep(place)
  const temporary = await mkdtemp(join(place, PREFIX)).catch(() => undefined)
  if (temporary === undefined) return undefined
  try {
    const answer = await make(temporary)
    await rm(join(temporary, 'lock.mdb'), { force: true })
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await takePlace(temporary, target)
    return { answer }
  } catch (error) {
    // The reader of the message knows nothing of the other name.
    if (error instanceof Error) error.message = error.message.replaceAll(temporary, target)
    throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

// A rename never replaces a directory that holds anything.
async function takePlace(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw cause
    const problem = `Cannot make a store at ${target}: somebody else has made one there meanwhile`
    throw new CliError('BUSY', `${problem}; nothing of this is in it, try again`, { cause })
  }
  const directory = await open(dirname(target))
  await directory.sync()
  await directory.close()
}

function nearest(directory: string): string {
  const above = dirname(directory)
  return existsSync(directory) || above === directory ? directory : nearest(above)
}

// Removes what commands that were killed have left.
async function sweep(place: string): Promise<void> {
  const names = await readdir(place).catch(() => [])
  for (const name of names.filter((other) => other.startsWith(PREFIX)))
    await removeIfOld(join(place, name)).catch(() => undefined)
}

async function removeIfOld(path: string): Promise<void> {
  const files = await readdir(path)
  if (!files.every((file) => OUR_FILES.has(file))) return
  for (const changed of [path, ...files.map((file) => join(path, file))])
    if (Date.now() - (await lstat(changed)).mtimeMs < SILENCE_MS) return
  await rm(path, { recursive: true, force: true })
}
