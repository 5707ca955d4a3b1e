/**
 * The files that commands read and write, `-` being the standard streams.
 *
 * @module
 */

import { type FileHandle, open } from 'node:fs/promises'
import { addAbortSignal, type Readable, Writable } from 'node:stream'
import { fileFailure } from './failures.ts'
import type { Io } from './io.ts'

/** The name that stands for standard input or output. */
export const STANDARD = '-'

/** Something to read, whose size is undefined if it is not known. */
export interface Source {
  stream: Readable
  bytes: number | undefined
}

/**
 * Runs `use` on a file or on standard input, which is closed afterwards. An interruption ends the
 * reading, even while nothing comes.
 */
export async function withSource<T>(
  options: { io: Io; file: string },
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const source = await openSource(options.io, options.file)
  try {
    return await use(source)
  } finally {
    source.stream.destroy()
  }
}

async function openSource(io: Io, file: string): Promise<Source> {
  if (file === STANDARD) return { stream: interruptible(io, io.stdin), bytes: undefined }
  try {
    const handle = await open(file)
    const bytes = await sizeOf(handle)
    return { stream: interruptible(io, handle.createReadStream()), bytes }
  } catch (error) {
    throw fileFailure(`Cannot read ${file}`, error)
  }
}

/** Returns a stream to standard output; its writer is told when the reader is gone. */
export function standardTarget(io: Io): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, callback) {
      io.print(chunk).then(
        () => callback(io.closed.aborted ? new Error('The reader closed the pipe') : null),
        callback,
      )
    },
  })
}

function interruptible(io: Io, stream: Readable): Readable {
  // Its reader hears of errors; without a listener, one that comes earlier would end the process.
  stream.on('error', () => undefined)
  return addAbortSignal(AbortSignal.any([io.signal, io.closed]), stream)
}

async function sizeOf(handle: FileHandle): Promise<number | undefined> {
  const status = await handle.stat()
  if (!status.isDirectory()) return status.isFile() ? status.size : undefined
  await handle.close()
  throw Object.assign(new Error('Is a directory'), { code: 'EISDIR' })
}
