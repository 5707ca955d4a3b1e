/**
 * Files and directories that are on the disk when a call returns.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, chown, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'

const CHUNK_BYTES = 1 << 20

/** Flushes a file or a directory. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a new file for its owner's eyes only; it appears under its name when it is whole. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(`${path}.partial`, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await moveDurably(`${path}.partial`, path)
}

/** Copies to a new file for its owner's eyes only. */
export async function copyDurably(
  source: string,
  target: string,
  options: { signal?: AbortSignal | undefined },
): Promise<void> {
  const file = createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true })
  await pipeline(createReadStream(source, { highWaterMark: CHUNK_BYTES }), file, options)
}

/** Renames and flushes the directory that shows the new name. */
export async function moveDurably(source: string, target: string): Promise<void> {
  await rename(source, target)
  await syncPath(dirname(target))
}

/** Returns the SHA-256 of a file as 64 hexadecimal digits. */
export async function sha256Of(
  path: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const hash = createHash('sha256')
  const { signal } = options
  const stream = createReadStream(path, {
    highWaterMark: CHUNK_BYTES,
    ...(signal !== undefined && { signal }),
  })
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Gives a file that takes the place of another its owner and mode: the game must be able to open it. */
export async function keepOwner(old: string, file: string): Promise<void> {
  const { uid, gid, mode } = await stat(old)
  const own = await stat(file)
  if (own.uid !== uid || own.gid !== gid) await chown(file, uid, gid)
  await chmod(file, mode & 0o777)
}
