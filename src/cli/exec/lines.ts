/**
 * Cuts a stream of bytes into lines.
 *
 * @module
 */

/**
 * The longest line that is taken: a `submitMany` of 10,000 submissions fits, and a file without line
 * breaks does not fill the memory.
 */
export const LINE_BYTES_MAX: number = 64 * 1024 * 1024

const LINE_FEED = 10

/**
 * Yields the lines of each chunk as soon as it is there, without their line breaks; undefined stands
 * for one that is too long. A line break at the end begins no further line.
 */
export async function* linesOf(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number = LINE_BYTES_MAX,
): AsyncGenerator<(Buffer | undefined)[]> {
  const rest = new Rest(bytesMax)
  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const lines: (Buffer | undefined)[] = []
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      lines.push(rest.complete(chunk.subarray(start, end)))
      start = end + 1
    }
    rest.add(chunk.subarray(start))
    if (lines.length > 0) yield lines
  }
  if (rest.bytes > 0) yield [rest.complete(Buffer.alloc(0))]
}

/** The beginning of a line whose end has not come yet. */
class Rest {
  readonly #bytesMax: number
  #parts: Buffer[] = []
  bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  add(part: Buffer): void {
    if (part.length === 0) return
    this.bytes += part.length
    if (this.bytes <= this.#bytesMax) this.#parts.push(part)
    else this.#parts = []
  }

  complete(end: Buffer): Buffer | undefined {
    this.add(end)
    const parts = this.#parts
    const isTooLong = this.bytes > this.#bytesMax
    this.#parts = []
    this.bytes = 0
    if (isTooLong) return undefined
    return parts.length === 1 ? parts[0] : Buffer.concat(parts)
  }
}
