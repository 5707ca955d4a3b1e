/**
 * Each error of LMDB is told by a code of the list; bugs stay what they are.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { LadderError } from '../../src/index.ts'
import { Faults, failedToOpen } from '../../src/store/lmdb/faults.ts'

const LMDB: [name: string, error: Error, code: string, words: RegExp][] = [
  ['a damaged page', withCode(-30796), 'CORRUPT', /pages are damaged/],
  ['a bad transaction', new Error('MDB_BAD_TXN: …'), 'CORRUPT', /pages are damaged/],
  ['an impossible size', new RangeError('Invalid size'), 'CORRUPT', /pages are damaged/],
  ['a panic', new Error('MDB_PANIC: …'), 'IO', /close the store, open it again/],
  ['too many readers', withCode(-30790), 'BUSY', /too many snapshots/],
  ['a full map', withCode(-30792), 'IO', /try again/],
  ['a full disk', withCode(28), 'DISK_FULL', /free space/],
  ['a failing disk', withCode(5), 'IO', /check the disk/],
]

test.each(LMDB)('Faults tells %s by its code', (_, cause, code, words) => {
  const error = new Faults('/boards').named(cause, 'read table "meta"') as LadderError
  expect(error).toBeInstanceOf(LadderError)
  expect(error).toMatchObject({ code, cause, message: expect.stringMatching(words) })
  expect(error.message).toMatch(/^Cannot read table "meta" of \/boards: /)
})

test('Faults leaves bugs, refusals and errors of the library as they are', () => {
  const errors = [new TypeError('bug'), new Error('any'), new LadderError('NO_BOARD', 'Cannot')]
  for (const error of errors) expect(new Faults('/boards').named(error, 'read')).toBe(error)
})

test.each([
  [withCode('EACCES'), 'PERMISSION', /run as the user who owns it/],
  [withCode(30), 'PERMISSION', /file system is read-only; open it for reading only/],
  [withCode(-30794), 'CORRUPT', /restore a backup/],
  [withCode('ENOSPC'), 'DISK_FULL', /free space/],
  [new Error('anything'), 'IO', /try again/],
])('failedToOpen() has a code for everything: %s', (cause, code, words) => {
  const error = failedToOpen('/boards', cause)
  expect(error).toMatchObject({ code, cause, message: expect.stringMatching(words) })
})

function withCode(code: string | number): Error {
  return Object.assign(new Error('it failed'), { code })
}
