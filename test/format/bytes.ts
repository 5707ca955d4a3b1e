/**
 * Bytes for the tables of the codec tests, and every way in which they may come back damaged.
 *
 * The hexadecimal in these tables was not made by the code under test but by a few lines of Python
 * (`struct`, `zlib.crc32`) that follow FORMAT.md.
 *
 * @module
 */

/** Returns the bytes of hexadecimal digits; spaces between them are for the eye. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}

/** Returns copies of `bytes`, each with another bit flipped, and says where. */
export function* flips(bytes: Buffer): Generator<[where: string, copy: Buffer]> {
  for (let i = 0; i < bytes.length * 8; i++) {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(i >>> 3) ^ (1 << (i & 7)), i >>> 3)
    yield [`bit ${i & 7} of byte ${i >>> 3} flipped`, copy]
  }
}

/** Returns copies of `bytes`: cut at every byte, a byte longer, and with every bit flipped. */
export function* damages(bytes: Buffer): Generator<[where: string, copy: Buffer]> {
  for (let size = 0; size < bytes.length; size++)
    yield [`cut to ${size} bytes`, Buffer.from(bytes.subarray(0, size))]
  yield ['a zero byte longer', Buffer.concat([bytes, Buffer.of(0)])]
  yield ['a letter longer', Buffer.concat([bytes, Buffer.of(0x61)])]
  yield* flips(bytes)
}
