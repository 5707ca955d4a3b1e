/**
 * A place for temporary files: TMPDIR, or another one that can be written to.
 *
 * @module
 */

import { existsSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectories, writablePlace } from '../../src/ground/places.ts'
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

// A store in /proc, where no directory can be made though it says that none is there, hung for ever, deaf
// to SIGTERM: Node's mkdirSync() with `recursive` tries the parent again and again.
test.skipIf(!existsSync('/proc/self'))('makeDirectories() refuses where none can be made', () => {
  for (const path of ['/proc/none', '/proc/none/of/these'])
    expect(() => makeDirectories('Cannot make it', path)).toThrow(
      expect.objectContaining({
        code: 'IO',
        message: expect.stringMatching(/^Cannot make it: .*'\/proc\/none'; check the path$/),
      }),
    )
})

test('makeDirectories() makes what is missing, and returns the first of it', async () => {
  await withDirectory(async (directory) => {
    const [a, b] = [join(directory, 'a'), join(directory, 'a/b')]
    expect(makeDirectories('Cannot', b)).toBe(a)
    expect(makeDirectories('Cannot', b)).toBeUndefined()
    await rm(b, { recursive: true })
    expect(makeDirectories('Cannot', b)).toBe(b)
    await writeFile(join(b, 'file'), '')
    for (const path of ['file', 'file/below', 'file/far/below'])
      expect(() => makeDirectories('Cannot', join(b, path))).toThrow(/^Cannot: E(EXIST|NOTDIR)/)
  })
})

// TMPDIR=/proc exists, and root may write to it, says access(): every reading of a backup failed there,
// though for a TMPDIR that does not exist another place was taken.
test.skipIf(!existsSync('/proc/self'))('writablePlace() passes over /proc', async () => {
  await withDirectory(async (directory) => {
    const { TMPDIR } = process.env
    try {
      process.env.TMPDIR = '/proc'
      expect(writablePlace('Cannot', [directory])).toBe(directory)
      expect(readdirSync(directory)).toEqual([])
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
  })
})
