/**
 * Instants of seasons, which may lie before 1970: whole microseconds plus 2^63, in eight bytes.
 *
 *     80 00 00 00 00 00 00 00   1970 UTC         7f ff ff ff ff ff ff ff   a microsecond before
 *
 * Bytes compare as instants do. The day of 1 January 1970 begins in 1969 wherever the sun rises early.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

export const INSTANT_BYTES = 8

const WORD = 2 ** 32
const ZERO = 2 ** 31

/** Writes an instant and returns where it ends. */
export function writeInstant(target: Buffer, micros: number, at: number): number {
  const high = Math.floor(micros / WORD)
  target.writeUInt32BE(high + ZERO, at)
  target.writeUInt32BE(micros - high * WORD, at + 4)
  return at + INSTANT_BYTES
}

/** Reads an instant; what no season has comes back as some other number. */
export function readInstant(source: Buffer, at: number): number {
  return (source.readUInt32BE(at) - ZERO) * WORD + source.readUInt32BE(at + 4)
}
