/**
 * A source that can be read more than once: a file as it is, anything else from a copy in the system's directory
 * for temporary files, which is removed at the end.
 *
 * @module
 */

import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type RowSource, sourceBytes } from './source.ts'

/** Runs `work` with the path of a file that has all of a source. Only its owner can read a copy. */
export async function withFileOf<T>(
  source: RowSource,
  options: { signal?: AbortSignal | undefined },
  work: (path: string) => Promise<T>,
): Promise<T> {
  if (typeof source === 'string') return work(source)
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-import-'))
  try {
    const path = join(directory, 'rows')
    const copy = createWriteStream(path, { mode: 0o600 })
    await pipeline(sourceBytes(source, options), copy)
    return await work(path)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
