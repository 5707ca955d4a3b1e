/**
 * Slots of a cluster: which one a key lies in.
 *
 * @module
 */

/** Slots of a cluster. */
export const SLOTS = 16_384

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000 ? (value << 1) ^ 0x1021 : value << 1
  return value
})

/** Returns the slot of a key: of what is in its first braces, or of all of it. */
export function slotOf(key: string): number {
  const start = key.indexOf('{')
  const end = start < 0 ? -1 : key.indexOf('}', start + 1)
  return crc16(end > start + 1 ? key.slice(start + 1, end) : key) % SLOTS
}

/** Returns CRC-16/XMODEM of a text in UTF-8, by which a cluster finds the slot of a key. */
export function crc16(text: string): number {
  let crc = 0
  for (const byte of Buffer.from(text))
    crc = ((crc << 8) ^ (TABLE[(crc >> 8) ^ byte] as number)) & 0xffff
  return crc
}
