/**
 * Copies of a few bytes, against Node's own.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { copyBytes, joinBytes } from '../../src/format/bytes.ts'

const bytes = Buffer.from('0123456789')

test.each([0, 1, 4, 10])(
  'joinBytes() puts %i bytes in front of others as Buffer.concat() does',
  (size) => {
    const [a, b] = [bytes.subarray(0, size), bytes.subarray(size)]
    expect(joinBytes(a, b)).toEqual(Buffer.concat([a, b]))
  },
)

test('copyBytes() leaves alone what lies before and behind', () => {
  const target = Buffer.from('abcdefgh')
  copyBytes({ bytes, start: 3, count: 4 }, target, 2)
  expect(target.toString()).toBe('ab3456gh')
  copyBytes({ bytes, start: 9, count: 0 }, target, 8)
  expect(target.toString()).toBe('ab3456gh')
})
