/**
 * Paths: text, or file: URLs as objects; what looks like a URL is no path.
 *
 * @module
 */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import {
  checkStore,
  listBackups,
  openLeaderboards,
  restoreBackup,
  verifyBackup,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory } from '../support/temporary-store.ts'

checkHere()

test('every call on a place takes a file: URL', async () => {
  await withDirectory(async (directory) => {
    const urlOf = (name: string): URL => pathToFileURL(join(directory, name))
    const store = openLeaderboards(urlOf('my store'))
    expect(store.path).toBe(join(directory, 'my store'))
    await store.backup(urlOf('backup'))
    await verifyBackup(urlOf('backup'))
    expect((await checkStore(urlOf('my store'))).ok).toBe(true)
    expect(await listBackups(urlOf('.'))).toHaveLength(1)
    await restoreBackup(urlOf('backup'), urlOf('restored'))
    await store.close()
    expect((await readdir(directory)).sort()).toEqual(['backup', 'my store', 'restored'])
  })
})

// 'file:///x' as a path made a directory named "file:".
test.each([
  ['file:///x', /text of a URL/],
  ['file:x', /text of a URL/],
  ['https://example.com/x', /text of a URL/],
  [new URL('https://example.com/x'), /leads to no file/],
  ['a\0b', /null character/],
  ['', /empty string/],
  [undefined, /must be a path/],
  [null, /must be a path/],
  [7, /must be a path/],
  [Buffer.from('x'), /must be a path/],
])('a path that is none is refused in words: %s', async (path, words) => {
  const wrong = path as string
  expect(() => openLeaderboards(wrong)).toThrow(TypeError)
  expect(() => openLeaderboards(wrong)).toThrow(words)
  const calls = [() => checkStore(wrong), () => verifyBackup(wrong), () => listBackups(wrong)]
  for (const call of [...calls, () => restoreBackup('.', wrong)]) {
    await expect(call()).rejects.toThrow(TypeError)
    await expect(call()).rejects.toThrow(words)
  }
})
