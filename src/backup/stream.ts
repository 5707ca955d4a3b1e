/**
 * A backup as one stream, for pipes to another machine or into an object store.
 *
 *     LADDERDB-BACKUP 1\n     what it is, and the version of this layout
 *     {"product":…}\n         the manifest as one line of JSON
 *     …                       the bytes of data.mdb, as many as the manifest says, and none after
 *
 * @module
 */

import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { LadderError } from '../ground/errors.ts'
import { inWords } from '../ground/system-errors.ts'
import type { BackupManifest } from '../words/index.ts'
import { writeDurably } from './durable-files.ts'
import {
  BACKUP_DATA_FILE,
  decodeManifest,
  encodeManifest,
  formOf,
  HEAD_BYTES,
  MANIFEST_FILE,
  readManifest,
  STREAM_MAGIC,
} from './manifest.ts'

const PLACE = 'the stream'
const OF_NO_FORM = `it does not begin with "${STREAM_MAGIC}"; use what backup - wrote`
const NEWLINE = 0x0a

/** No manifest is longer: a stream that is something else ends here and not with the memory. */
const LINE_BYTES_MAX = 64 * 1024 * 1024
const CHUNK_BYTES = 1 << 20

/** Writes a backup to a stream; see `packBackup` in backups.ts. */
export async function writeStream(
  directory: string,
  target: Writable,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<BackupManifest> {
  const manifest = await readManifest(directory)
  await ended(pipeline(Readable.from(parts(directory, manifest)), target, options))
  return manifest
}

/** Makes a backup of a stream; see `unpackBackup` in backups.ts. */
export async function readStream(
  source: Readable,
  directory: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<BackupManifest> {
  await ended(mkdir(directory, { mode: 0o700 }))
  try {
    const stream = new LineReader(source)
    const magic = await ended(stream.line(STREAM_MAGIC.length))
    if (magic !== STREAM_MAGIC) throw notABackup(formOf(stream.head) ?? OF_NO_FORM)
    const manifest = decodeManifest((await ended(stream.line(LINE_BYTES_MAX))) ?? '', PLACE)
    const file = createWriteStream(join(directory, BACKUP_DATA_FILE), {
      flags: 'wx',
      mode: 0o600,
      flush: true,
    })
    await ended(pipeline(Readable.from(exactly(stream, manifest.bytes)), file, options))
    const { checksum: _, ...others } = manifest
    await ended(writeDurably(join(directory, MANIFEST_FILE), encodeManifest(others)))
    return manifest
  } catch (error) {
    // What cannot be removed either must not hide why the work failed.
    await rm(directory, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
}

async function* parts(directory: string, manifest: BackupManifest): AsyncGenerator<Buffer> {
  yield Buffer.from(`${STREAM_MAGIC}\n${JSON.stringify(manifest)}\n`)
  yield* createReadStream(join(directory, BACKUP_DATA_FILE), { highWaterMark: CHUNK_BYTES })
}

// As many bytes as there must be; a stream that was cut must not pass for a whole one.
async function* exactly(stream: LineReader, bytes: number): AsyncGenerator<Buffer> {
  let done = 0
  for await (const chunk of stream.rest()) {
    done += chunk.length
    if (done > bytes) throw notABackup(`it goes on after the ${bytes} bytes that its manifest says`)
    yield chunk
  }
  if (done < bytes)
    throw notABackup(`it ends after ${done} of ${bytes} bytes; it was cut off, send it again`)
}

/** Lines first, then whatever follows. */
class LineReader {
  readonly #chunks: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  /** The first bytes of the stream. */
  head: Buffer = Buffer.alloc(0)

  constructor(source: Readable) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** Returns the next line without its break; undefined if none ends within `bytesMax` bytes. */
  async line(bytesMax: number): Promise<string | undefined> {
    const chunks: Buffer[] = []
    let length = 0
    for (let chunk: Buffer | undefined = this.#held; chunk; chunk = await this.#next()) {
      const at = chunk.indexOf(NEWLINE)
      if (length + (at < 0 ? chunk.length : at) > bytesMax) return undefined
      chunks.push(at < 0 ? chunk : chunk.subarray(0, at))
      length += chunk.length
      if (at < 0) continue
      this.#held = chunk.subarray(at + 1)
      return Buffer.concat(chunks).toString()
    }
    return undefined
  }

  async *rest(): AsyncGenerator<Buffer> {
    for (let chunk: Buffer | undefined = this.#held; chunk; chunk = await this.#next())
      if (chunk.length > 0) yield chunk
  }

  async #next(): Promise<Buffer | undefined> {
    const { value, done } = await this.#chunks.next()
    if (done === true) return undefined
    const chunk = Buffer.from(value)
    if (this.head.length < HEAD_BYTES)
      this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES)])
    return chunk
  }
}

// The codes of the system in those of the library.
async function ended<T>(work: Promise<T>): Promise<T> {
  return inWords('Cannot move a backup through a stream', work).catch((error: unknown) => {
    if (error instanceof LadderError || !(error instanceof Error)) throw error
    // Whatever else ends a stream: its own words are all that is known.
    throw new LadderError('IO', `Cannot move a backup through a stream: ${error.message}`, {
      cause: error,
    })
  })
}

function notABackup(problem: string): LadderError {
  return new LadderError('NOT_A_BACKUP', `Cannot use ${PLACE}: ${problem}`)
}
