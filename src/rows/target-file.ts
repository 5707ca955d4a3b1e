/**
 * A file that an export writes: it shows its name only when it is whole and on the disk.
 *
 *     .ladderdb-1f2e3d4c.partial ──written, flushed──► renamed to top.csv ──► directory flushed
 *
 * If anything fails, the temporary file is removed and what had the name stays as it was.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { chmod, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { optionInWords } from '../calls/remedies.ts'
import { LadderError } from '../ground/errors.ts'
import { errnoOf, fileError } from '../ground/system-errors.ts'

/** Runs `write` with a stream whose bytes become the file at `path`. */
export async function writeFileWhole<T>(
  path: string,
  options: { force: boolean },
  write: (stream: Writable) => Promise<T>,
): Promise<T> {
  try {
    const old = await statusOf(path)
    assertFree(path, { ...options, old })
    // What a link leads to is replaced, not the link.
    const target = old === undefined ? path : await realpath(path)
    const temporary = join(dirname(target), `.ladderdb-${randomBytes(4).toString('hex')}.partial`)
    const file = await open(temporary, 'wx')
    try {
      const answer = await write(file.createWriteStream({ flush: true }))
      if (old !== undefined) await chmod(temporary, old.mode & 0o777)
      // Another program may have made one meanwhile.
      assertFree(path, { ...options, old: await statusOf(path) })
      await rename(temporary, target)
      await flushDirectory(dirname(target))
      return answer
    } catch (error) {
      await file.close()
      await rm(temporary, { force: true })
      throw error
    }
  } catch (error) {
    throw fileError(`Cannot write ${path}`, error)
  }
}

function assertFree(path: string, file: { force: boolean; old: Stats | undefined }): void {
  const { force, old } = file
  if (old === undefined) return
  if (!old.isFile()) {
    const what = old.isDirectory() ? 'it is a directory; name a file' : 'it is a device or a pipe'
    const remedy = old.isDirectory() ? '' : '; export to a stream instead'
    throw new LadderError('EXISTS', `Cannot write ${path}: ${what}${remedy}`)
  }
  if (force) return
  throw new LadderError(
    'EXISTS',
    `Cannot write ${path}: it exists; name another file, or replace it (${optionInWords('force', true)})`,
  )
}

async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function flushDirectory(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
