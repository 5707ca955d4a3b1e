import { expect, test } from 'vitest'
import { decodeVarint, encodeVarint } from '../../src/format/varint.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { hex } from './bytes.ts'

const RANDOM_PAIRS = sizeOf('TORTURE_VARINTS', { test: 20_000, torture: 1_000_000 })

const VARINTS: [name: string, value: number, hex: string][] = [
  ['zero', 0, '00'],
  ['one', 1, '01'],
  ['the last of one byte', 240, 'f0'],
  ['the first of two bytes', 241, 'f1 01'],
  ['two bytes', 242, 'f1 02'],
  ['the last with f1', 495, 'f1 ff'],
  ['the first with f2', 496, 'f2 00'],
  ['a byte full', 255, 'f1 0f'],
  ['a byte over', 256, 'f1 10'],
  ['the last of two bytes', 2287, 'f8 ff'],
  ['the first of three bytes', 2288, 'f9 00 00'],
  ['three bytes', 2289, 'f9 00 01'],
  ['the last of three bytes', 67_823, 'f9 ff ff'],
  ['the first of four bytes', 67_824, 'fa 01 08 f0'],
  ['the last of four bytes', 2 ** 24 - 1, 'fa ff ff ff'],
  ['the first of five bytes', 2 ** 24, 'fb 01 00 00 00'],
  ['the sign bit of a word', 2 ** 31, 'fb 80 00 00 00'],
  ['the last of all', 2 ** 32 - 1, 'fb ff ff ff ff'],
]

const REFUSED: [name: string, hex: string][] = [
  ['no bytes', ''],
  ['two bytes, cut', 'f1'],
  ['three bytes, cut', 'f9 00'],
  ['four bytes, cut', 'fa 01 08'],
  ['five bytes, cut', 'fb 01 00 00'],
  ['five bytes, cut to one', 'fb'],
  ['240 in two bytes', 'f1 00'],
  ['2288 in four bytes', 'fa 00 08 f0'],
  ['67823 in four bytes', 'fa 01 08 ef'],
  ['zero in four bytes', 'fa 00 00 00'],
  ['2^24 - 1 in five bytes', 'fb 00 ff ff ff'],
  ['zero in five bytes', 'fb 00 00 00 00'],
  ['a first byte for 40 bits', 'fc 01 00 00 00 00'],
  ['a first byte for 64 bits', 'ff ff ff ff ff ff ff ff ff'],
]

test.each(VARINTS)('encodeVarint() and decodeVarint() agree on %s', (_name, value, digits) => {
  expect(encodeVarint(value)).toEqual(hex(digits))
  expect(decodeVarint(hex(digits))).toEqual({ value, size: hex(digits).length })
})

test.each(VARINTS)('decodeVarint() reads %s in front of other bytes', (_name, value, digits) => {
  const size = hex(digits).length
  expect(decodeVarint(hex(`${digits} 00`))).toEqual({ value, size })
  expect(decodeVarint(hex(`${digits} ff ff ff ff ff`))).toEqual({ value, size })
})

test.each(REFUSED)('decodeVarint() refuses %s', (_name, digits) => {
  expect(decodeVarint(hex(digits))).toBeUndefined()
})

test.each([-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])(
  'encodeVarint() asserts that %d does not reach it',
  (value) => {
    expect(() => encodeVarint(value)).toThrow('unsigned 32-bit integer')
  },
)

test('decodeVarint() returns what encodeVarint() took, and bytes compare as numbers do', () => {
  const random = new Random(runSeed('varint'))
  for (let i = 0; i < RANDOM_PAIRS; i++) expectOrdered(randomInteger(random), randomInteger(random))
})

// In byte order an encoding could only begin the one right behind it, so neighbours say it for all.
test('encodeVarint() makes no encoding the beginning of another', () => {
  const places = [0, 240, 2287, 67_823, 2 ** 24 - 1, 2 ** 31, 2 ** 32 - 3_001]
  for (const place of places) {
    for (let n = Math.max(0, place - 3_000); n < place + 3_000; n++) expectOrdered(n, n + 1)
  }
})

function expectOrdered(a: number, b: number): void {
  const [bytesA, bytesB] = [encodeVarint(a), encodeVarint(b)]
  const isOrdered = Math.sign(a - b) === bytesA.compare(bytesB)
  const isRead = decodeVarint(bytesA)?.value === a && decodeVarint(bytesB)?.value === b
  const isFree = a === b || !(startsWith(bytesA, bytesB) || startsWith(bytesB, bytesA))
  if (!isOrdered || !isRead || !isFree)
    expect.fail(`${a} and ${b}: ordered ${isOrdered}, read ${isRead}, prefix-free ${isFree}`)
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start)
}

// Every length as likely as the others, and boundaries often.
function randomInteger(random: Random): number {
  if (random.chance(0.2)) {
    const [, boundary] = random.pick(VARINTS)
    return Math.min(2 ** 32 - 1, Math.max(0, boundary + random.below(5) - 2))
  }
  return random.below(2 ** (1 + random.below(32)))
}
