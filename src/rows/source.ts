/**
 * What rows are read from: a file, a stream of bytes or of text, or anything that yields either.
 *
 * Reading always settles: with the source's end, its error, or the caller's signal.
 *
 * @module
 */

import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { formatOf } from '../calls/file-format.ts'
import { LadderError } from '../ground/errors.ts'
import { fileError, streamError } from '../ground/system-errors.ts'
import type { RowFormat } from './rows.ts'

/** A path, or what yields bytes or text. */
export type RowSource =
  | string
  | Readable
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>

/**
 * Returns the source if nobody has read from it.
 *
 * @throws {TypeError} if a stream was destroyed or is at its end.
 */
export function assertUnread(source: RowSource): RowSource {
  // A stream that was destroyed by an error raises it when it is read.
  if (!(source instanceof Readable) || source.errored !== null) return source
  if (source.readableEnded)
    throw new TypeError('Cannot import: the stream was read to its end before; give a new one')
  if (source.destroyed)
    throw new TypeError('Cannot import: the stream was destroyed before; give a new one')
  return source
}

/** Returns the format that the name of a file says; undefined if it says none, or for a stream. */
export function formatOfFile(file: unknown): RowFormat | undefined {
  return typeof file === 'string' ? formatOf(file)?.format : undefined
}

/** Yields the bytes of a source; leaving the loop closes it. */
export async function* sourceBytes(
  source: RowSource,
  options: { signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal } = options
  const stream = typeof source === 'string' ? createReadStream(source) : source
  const chunks = iteratorOf(stream)
  const abort = abortOf(signal)
  let isEnded = false
  let half = ''
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), abort.aborted])
      if (next.done === true) break
      const text = typeof next.value === 'string' ? half + next.value : undefined
      half = text === undefined ? half : halfAtEnd(text)
      yield text === undefined
        ? checkBytes(next.value)
        : Buffer.from(text.slice(0, text.length - half.length))
    }
    isEnded = true
    if (half !== '') yield Buffer.from(half)
  } catch (error) {
    if (typeof source === 'string') throw fileError(`Cannot read ${source}`, error)
    throw streamError('Cannot read the stream', error)
  } finally {
    abort.end()
    // A source that waits for its next chunk would not notice the end, so we do not wait for it.
    if (!isEnded) {
      if (stream instanceof Readable) stream.destroy()
      void Promise.resolve(chunks.return?.()).catch(() => undefined)
    }
  }
}

type Chunks = AsyncIterator<Uint8Array | string> | Iterator<Uint8Array | string>

function iteratorOf(source: Exclude<RowSource, string>): Chunks {
  if (Symbol.asyncIterator in source)
    return (source as AsyncIterable<Uint8Array | string>)[Symbol.asyncIterator]()
  return source[Symbol.iterator]()
}

// A character of two units may come in two chunks.
function halfAtEnd(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : ''
}

function checkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError(
    `Cannot read rows: the source yields ${chunk === null ? 'null' : typeof chunk}, expected bytes or text; write each row as a line`,
  )
}

function abortOf(signal: AbortSignal | undefined): { aborted: Promise<never>; end: () => void } {
  let onAbort = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () =>
      reject(
        new LadderError('ABORTED', 'Aborted: the caller ended the call', { cause: signal?.reason }),
      )
  })
  aborted.catch(() => undefined)
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return { aborted, end: () => signal?.removeEventListener('abort', onAbort) }
}
