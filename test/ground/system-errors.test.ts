import { readdirSync } from 'node:fs'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { errnoOf, fileError } from '../../src/ground/system-errors.ts'
import {
  LadderError,
  listBackups,
  packBackup,
  restoreBackup,
  rotateBackups,
  unpackBackup,
  verifyBackup,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

const CODES: [errno: string | number, code: string, advice: RegExp][] = [
  ['ENOSPC', 'DISK_FULL', /free space/],
  [28, 'DISK_FULL', /free space/],
  ['EDQUOT', 'DISK_FULL', /quota/],
  [122, 'DISK_FULL', /quota/],
  ['EFBIG', 'DISK_FULL', /size limit/],
  ['EACCES', 'PERMISSION', /run as a user who may/],
  ['EROFS', 'PERMISSION', /read-only/],
  ['EEXIST', 'EXISTS', /name another/],
  ['EIO', 'IO', /check the disk/],
  ['ENOENT', 'IO', /check the path/],
  ['EMFILE', 'IO', /close some/],
  ['EBADMSG', 'IO', /check the disk/],
]

test.each(CODES)('fileError() tells %s as %s', (errno, code, advice) => {
  const cause = Object.assign(new Error('it failed'), { code: errno })
  const error = fileError('Cannot do it', cause) as LadderError
  expect(error).toBeInstanceOf(LadderError)
  expect(error).toMatchObject({ code, cause })
  expect(error.message).toMatch(/^Cannot do it: it failed; /)
  expect(error.message).toMatch(advice)
})

// "No room" was recognised in three places by three lists.
test.each([
  ['No space left on device', undefined, 'ENOSPC'],
  ['Disk quota exceeded', undefined, 'EDQUOT'],
  ['LMDB: error -122', undefined, 'EDQUOT'],
  ['it failed', '-122', 'EDQUOT'],
  ['it failed', 'Unknown system error -122', 'EDQUOT'],
  ['Too many open files: Attempting to setup locks', 24, 'EMFILE'],
  ['MDB_CORRUPTED', -30_796, undefined],
  ['No space left on device', 'ERR_OTHER', undefined],
  ['anything', undefined, undefined],
])('errnoOf() reads "%s" with code %s', (message, code, name) => {
  expect(errnoOf(Object.assign(new Error(message), { code }))).toBe(name)
})

test('fileError() leaves our own errors and bugs as they are', () => {
  for (const error of [new LadderError('BUSY', 'Cannot'), new TypeError('bug'), 'text'])
    expect(fileError('Cannot do it', error)).toBe(error)
  const bug = Object.assign(new TypeError('bug'), { code: 'ERR_INVALID_ARG_TYPE' })
  expect(fileError('Cannot do it', bug)).toBe(bug)
})

test('every call on files fails with a code, the reason and what to do', () =>
  withStore(async ({ store }) => {
    await withDirectory(async (directory) => {
      const good = join(directory, 'good')
      await store.backup(good)
      const file = join(directory, 'file')
      await writeFile(file, '')
      await symlink('loop', join(directory, 'loop'))
      const loop = join(directory, 'loop', 'b')
      const long = join(directory, 'n'.repeat(256))
      const nobody = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
      const calls: [call: () => Promise<unknown>, code: string][] = [
        [() => store.backup(join(file, 'b')), 'EXISTS'],
        [() => store.backup(loop), 'IO'],
        [() => store.backup(long), 'IO'],
        [() => store.backup(nobody), 'IO'],
        [() => restoreBackup(good, join(file, 'b', 'c')), 'IO'],
        [() => restoreBackup(good, loop), 'IO'],
        [() => restoreBackup(good, long), 'IO'],
        [() => listBackups(file), 'IO'],
        [() => rotateBackups(loop, { storeId: 'a', rules: { daily: 1 } }), 'IO'],
        [() => verifyBackup(loop), 'NOT_A_BACKUP'],
        [() => packBackup(good, nobody), 'IO'],
        [() => unpackBackup(process.stdin, file), 'EXISTS'],
        [() => unpackBackup(process.stdin, loop), 'IO'],
      ]
      const before = readdirSync(directory)
      for (const [call, code] of calls) {
        const error = (await call().catch((reason: unknown) => reason)) as LadderError
        expect(error, String(call)).toBeInstanceOf(LadderError)
        expect([error.code, String(call)]).toEqual([code, String(call)])
        if (code === 'IO') expect(error.cause).toBeInstanceOf(Error)
      }
      expect(readdirSync(directory)).toEqual(before)
      await verifyBackup(good)
    })
  }))

test('an aborted signal ends every long call, and nothing is left', () =>
  withStore(async ({ store }) => {
    await withDirectory(async (directory) => {
      const good = join(directory, 'good')
      await store.backup(good)
      const signal = AbortSignal.abort()
      const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
      const calls = [
        () => store.backup(join(directory, 'b'), { signal }),
        () => store.backup(sink, { signal }),
        () => verifyBackup(good, { signal }),
        () => restoreBackup(good, join(directory, 'r'), { signal }),
        () => packBackup(good, sink, { signal }),
      ]
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ABORTED' })
      expect(readdirSync(directory)).toEqual(['good'])
    })
  }))
