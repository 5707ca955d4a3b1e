import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { CHECKSUM_BYTES, checksum, isSealed, seal } from '../../src/format/checksum.ts'
import { Random, runSeed } from '../support/random.ts'
import { damages, flips, hex } from './bytes.ts'

// cbf43926 is the check value that every description of this CRC-32 gives for "123456789".
const SUMS: [name: string, key: Buffer, rest: Buffer, sum: string][] = [
  ['the check value in the key', Buffer.from('123456789'), hex(''), 'cbf43926'],
  ['the check value in both', Buffer.from('1234'), Buffer.from('56789'), 'cbf43926'],
  ['the check value in the value', hex(''), Buffer.from('123456789'), 'cbf43926'],
  ['nothing at all', hex(''), hex(''), '00000000'],
  ['zeros', hex('00'), Buffer.alloc(32), '7a7c3a8d'],
  ['a long value', Buffer.from('k'), Buffer.from([...Array(256).keys()]), '18f982d5'],
]

test.each(SUMS)('checksum() of %s is what zlib makes of it', (_name, key, rest, sum) => {
  const value = Buffer.concat([hex('ffffffff'), rest])
  expect(checksum(key, value).toString(16).padStart(8, '0')).toBe(sum)
  expect(seal(key, value).toString('hex')).toBe(sum + rest.toString('hex'))
  expect(isSealed(key, value)).toBe(rest.length > 0)
})

test('checksum() agrees with zlib at every length around which it changes its way', () => {
  const random = new Random(runSeed('checksum'))
  for (let size = 0; size <= 520; size++) {
    const key = randomBytes(random, random.below(48))
    const value = randomBytes(random, CHECKSUM_BYTES + size)
    expect(checksum(key, value)).toBe(crc32(Buffer.concat([key, value.subarray(CHECKSUM_BYTES)])))
  }
})

test.each([16, 300])('isSealed() notices every flipped bit around %i bytes', (size) => {
  const key = Buffer.from('key')
  const value = seal(key, Buffer.alloc(size, 'value'))
  expect(isSealed(key, value)).toBe(true)
  for (const [where, copy] of damages(value)) expect(isSealed(key, copy), where).toBe(false)
  for (const [where, copy] of flips(key)) expect(isSealed(copy, value), where).toBe(false)
})

test('isSealed() refuses a value that is nothing but a checksum', () => {
  expect(isSealed(hex(''), hex('00000000'))).toBe(false)
  expect(isSealed(hex(''), hex(''))).toBe(false)
})

function randomBytes(random: Random, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => random.below(256)))
}
