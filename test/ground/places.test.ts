/**
 * A place for temporary files: TMPDIR, or another one that can be written to.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writablePlace } from '../../src/ground/places.ts'
import { withDirectory } from '../support/temporary-store.ts'

test('writablePlace() falls back on the others, and says what is wrong with TMPDIR', async () => {
  await withDirectory(async (directory) => {
    const { TMPDIR } = process.env
    try {
      process.env.TMPDIR = directory
      expect(writablePlace('Cannot', ['/dev/shm'])).toBe(directory)
      process.env.TMPDIR = join(directory, 'none')
      expect(writablePlace('Cannot', ['/dev/null', directory])).toBe(directory)
      expect(() => writablePlace('Cannot read it', ['/dev/null'])).toThrow(
        expect.objectContaining({
          code: 'IO',
          message: expect.stringMatching(/^Cannot read it: .*none.*; set TMPDIR to one$/),
        }),
      )
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
  })
})
