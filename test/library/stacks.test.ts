/**
 * The stack of a failure names the line that asked for what failed, also if nobody waits for it.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import {
  checkStore,
  listBackups,
  openLeaderboards,
  packBackup,
  restoreBackup,
  rotateBackups,
  unpackBackup,
  verifyBackup,
} from '../../src/index.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const HERE = 'stacks.test.ts'
const RULES = { storeId: 'a', rules: { daily: 1 } }

// The stack of a rejected submit had frames of the library and of lmdb alone.
test('every call that fails later names the line that made it', async () => {
  await withStore(async ({ store, path }) => {
    const none = join(path, 'none')
    const board = store.board('arena')
    await board.submit('ann', 1)
    const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
    const calls: [name: string, call: () => Promise<unknown>][] = [
      ['submit', () => board.submit('ann', 2, { expected: 7 })],
      ['submitMany', () => board.submitMany([{ playerId: 'ann', score: 2, expected: 7 }])],
      ['createBoard', () => store.createBoard('arena', { order: 'ascending' })],
      ['dropBoard', () => store.dropBoard('none')],
      ['rebuild', () => store.rebuild('none')],
      ['check', () => store.check({ signal: AbortSignal.abort() })],
      ['backup', () => store.backup(path)],
      ['importFrom', () => board.importFrom(Readable.from([Buffer.from('x')]), { format: 'csv' })],
      ['exportTo', () => board.exportTo(sink, { format: 'csv' })],
      ['checkStore', () => checkStore(none)],
      ['verifyBackup', () => verifyBackup(none)],
      ['restoreBackup', () => restoreBackup(none, path)],
      ['listBackups', () => listBackups(none)],
      ['rotateBackups', () => rotateBackups(none, RULES)],
      ['packBackup', () => packBackup(none, sink)],
      ['unpackBackup', () => unpackBackup(Readable.from([Buffer.from('x')]), none)],
    ]
    for (const [name, call] of calls) {
      // Not awaited: V8 by itself knows only of those who wait.
      const failure = new Promise<Error | undefined>((settle) => {
        call().then(() => settle(undefined), settle)
      })
      const error = await failure
      expect(error?.stack, name).toContain(HERE)
    }
  })
})

test('each of many submits that are waited for names its line, and has an error of its own', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => board.submit('ann', 2, { expected: 7 })),
    )
    const reasons = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as Error)
    for (const { stack, message } of reasons) {
      expect(stack).toContain(HERE)
      expect(stack?.startsWith(`LadderError: ${message}\n    at `)).toBe(true)
    }
  })
})

// A listener of published calls took the line away from all behind the first 16 of a burst.
test('submits name their lines also if somebody listens to published calls', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    store.metrics()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => board.submit('ann', 2, { expected: 7 })),
    )
    for (const outcome of outcomes)
      expect(((outcome as PromiseRejectedResult).reason as Error).stack).toContain(HERE)
  })
})

test('submits that one failure of the disk ends have an error each', async () => {
  await withDirectory(async (directory) => {
    const store = openLeaderboards(join(directory, 'store'))
    const board = store.board('arena')
    await board.submit('ann', 1)
    const { rename } = await import('node:fs/promises')
    await rename(join(directory, 'store'), join(directory, 'gone'))
    const one = board.submit('bob', 1).catch((error: unknown) => error)
    const two = board.submit('cy', 1).catch((error: unknown) => error)
    const [first, second] = (await Promise.all([one, two])) as [Error, Error]
    expect(first).not.toBe(second)
    expect(first.message).toBe(second.message)
    const lineOf = ({ stack }: Error): string | undefined =>
      stack?.split('\n').find((line) => line.includes(HERE))
    expect(lineOf(first)).not.toBe(lineOf(second))
    await store.close()
  })
})

test('an unhandled rejection of a submit prints the line that made it', async () => {
  await withDirectory(async (directory) => {
    const program = join(directory, 'my-game.mjs')
    const library = resolve(import.meta.dirname, '../../dist/index.js')
    writeFileSync(
      program,
      `import { openLeaderboards } from ${JSON.stringify(library)}
      const board = openLeaderboards(${JSON.stringify(join(directory, 'store'))}).board('arena')
      void board.submit('ann', 1, { only: 'existing' })`,
    )
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('my-game.mjs:3')
  })
})
