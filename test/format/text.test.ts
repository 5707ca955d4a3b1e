import { expect, test } from 'vitest'
import { readText, writeText } from '../../src/format/text.ts'
import { Random, runSeed } from '../support/random.ts'

const seed = runSeed('text')
const ASCII = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i))
const OTHERS = ['\u0080', 'ä', 'ß', '\u07ff', '\u0800', '漢', '\uffff', '\u{10000}', '🏁']

test.each([
  ['ASCII, its control characters included', ASCII],
  ['two to four bytes a character', OTHERS],
  ['both', [...ASCII, ...OTHERS]],
] as const)(
  'readText() and writeText() do what Buffer does, at every length and place: %s',
  (_name, characters) => {
    const random = new Random(seed)
    for (let length = 0; length <= 20; length++) {
      for (let round = 0; round < 50; round++) {
        const text = Array.from({ length }, () => random.pick(characters)).join('')
        const [before, after] = [random.pick(OTHERS), random.pick(OTHERS)]
        const start = Buffer.byteLength(before)
        const end = start + Buffer.byteLength(text)
        expect(readText(Buffer.from(before + text + after), start, end)).toBe(text)
        expect(readText(Buffer.from(before + text), start, end)).toBe(text)
        const target = Buffer.alloc(end + 4, before)
        expect(writeText(target, text, start)).toBe(end - start)
        expect(target.subarray(start, end)).toEqual(Buffer.from(text))
      }
    }
  },
)

test('writeText() writes half a surrogate pair as Node does', () => {
  const target = Buffer.alloc(16)
  expect(writeText(target, 'a\ud800b', 1)).toBe(5)
  expect(target.subarray(1, 6)).toEqual(Buffer.from('a\ud800b'))
})

test('readText() answers for broken UTF-8 what Node does', () => {
  for (const hex of ['80', 'c3', 'c328', 'e28241', 'f0288cbc', 'ff', '41c3', 'eda080']) {
    const bytes = Buffer.from(hex, 'hex')
    expect(readText(bytes, 0, bytes.length)).toBe(bytes.toString('utf8'))
  }
})
