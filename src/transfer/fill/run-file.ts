/**
 * A run of pairs in a file, written once in order and read in order as often as needed.
 *
 *     | size of key 2 | size of value 2 | key | value | …
 *
 * It never outlives its process, so it needs no checksum.
 *
 * @module
 */

import type { FileHandle } from 'node:fs/promises'
import { assert } from '../../ground/assert.ts'
import { inWords } from '../../ground/system-errors.ts'
import type { PackedPairs, Place } from './packed-pairs.ts'

const SIZES_BYTES = 4
const WRITE_BYTES = 1024 * 1024
// For each run that is read: hundreds are read at once.
const READ_BYTES = 128 * 1024

/** One file. */
export class RunFile {
  readonly #file: FileHandle
  #bytes = 0
  #isClosed = false

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Bytes written. */
  get bytes(): number {
    return this.#bytes
  }

  /** Writes the pairs at these positions. */
  async write(pairs: PackedPairs, order: Iterable<number>): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(WRITE_BYTES)
    let used = 0
    for (const i of order) {
      const { slab, start, keyEnd, end } = pairs.placeOf(i)
      const size = SIZES_BYTES + end - start
      if (used + size > WRITE_BYTES) {
        await this.#append(buffer.subarray(0, used))
        used = 0
      }
      buffer.writeUInt16BE(keyEnd - start, used)
      buffer.writeUInt16BE(end - keyEnd, used + 2)
      slab.copy(buffer, used + SIZES_BYTES, start, end)
      used += size
    }
    await this.#append(buffer.subarray(0, used))
  }

  /** Begins to read from the start. */
  read(): RunReader {
    return new RunReader((target, position) => this.#fill(target, position))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#file.close()
  }

  async #append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done)
      const work = this.#file.write(part, 0, part.length, this.#bytes)
      const { bytesWritten } = await inWords(
        'Cannot write rows of the import to a temporary file',
        work,
      )
      done += bytesWritten
      this.#bytes += bytesWritten
    }
  }

  async #fill(target: Buffer, position: number): Promise<number> {
    const count = Math.min(target.length, this.#bytes - position)
    for (let done = 0; done < count; ) {
      const work = this.#file.read(target, done, count - done, position + done)
      const { bytesRead } = await inWords(
        'Cannot read rows of the import from a temporary file',
        work,
      )
      assert(bytesRead > 0, 'a run is as long as it was written')
      done += bytesRead
    }
    return count
  }
}

/** One passage through a run. */
export class RunReader {
  readonly #fill: (target: Buffer, position: number) => Promise<number>
  readonly #buffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  #position = 0
  #start = 0
  #end = 0
  #isAtEnd = false
  /** The pair that was read last. */
  readonly place: Place = { slab: this.#buffer, start: 0, keyEnd: 0, end: 0 }

  constructor(fill: (target: Buffer, position: number) => Promise<number>) {
    this.#fill = fill
  }

  /** Goes to the next pair; returns false if it must be fetched first, or after the last pair. */
  next(): boolean {
    const at = this.#start
    if (at + SIZES_BYTES > this.#end) return false
    const keyAt = at + SIZES_BYTES
    const keyEnd = keyAt + this.#buffer.readUInt16BE(at)
    const end = keyEnd + this.#buffer.readUInt16BE(at + 2)
    if (end > this.#end) return false
    this.place.start = keyAt
    this.place.keyEnd = keyEnd
    this.place.end = end
    this.#start = end
    return true
  }

  /** Fetches more pairs and goes to the next one; returns false after the last pair. */
  async fetch(): Promise<boolean> {
    if (this.#isAtEnd) return false
    this.#buffer.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    const count = await this.#fill(this.#buffer.subarray(this.#end), this.#position)
    this.#position += count
    this.#end += count
    this.#isAtEnd = count === 0
    return this.next()
  }
}
