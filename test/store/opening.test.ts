/**
 * Opening what is not a whole store of ours: always an error that says so, never a signal. The
 * openings are made in a child process, which a signal would end.
 *
 * @module
 */

import { type ChildProcess, execFile } from 'node:child_process'
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { type OpenOptions, openLeaderboards } from '../../src/index.ts'
import { ask, startChild, startSharedChild } from '../model/child.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const PAGE_BYTES = 4096

test.each([
  ['an empty file', Buffer.alloc(0)],
  ['a text', Buffer.from('playerId,score\nalice,1500\n')],
  ['a long text', Buffer.from('playerId,score\nalice,1500\n'.repeat(1_000))],
  ['zeros', Buffer.alloc(16 * PAGE_BYTES)],
  ['one byte', Buffer.from([0])],
  ['an SQLite file', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_192)])],
])(
  'openLeaderboards() of %s as data file says NOT_A_STORE and leaves it alone',
  async (_, bytes) => {
    await withDirectory(async (path) => {
      await writeFile(join(path, 'data.mdb'), bytes)
      expect(await openBothWays(path)).toEqual(['NOT_A_STORE', 'NOT_A_STORE'])
      expect((await readFile(join(path, 'data.mdb'))).equals(bytes)).toBe(true)
      expect(await readdir(path)).toEqual(['data.mdb'])
    })
  },
)

test('openLeaderboards() of the LMDB file of another program says NOT_A_STORE and leaves it alone', async () => {
  await withDirectory(async (path) => {
    const script = fileURLToPath(new URL('../support/foreign-store.js', import.meta.url))
    await promisify(execFile)(process.execPath, [script, path])
    const before = await readFile(join(path, 'data.mdb'))
    expect(await openBothWays(path)).toEqual(['NOT_A_STORE', 'NOT_A_STORE'])
    expect((await readFile(join(path, 'data.mdb'))).equals(before)).toBe(true)
  })
})

test('openLeaderboards() of a directory as data file says NOT_A_STORE', async () => {
  await withDirectory(async (path) => {
    await mkdir(join(path, 'data.mdb'))
    expect(await openBothWays(path)).toEqual(['NOT_A_STORE', 'NOT_A_STORE'])
  })
})

test('openLeaderboards() of a file as directory fails with a code', async () => {
  await withDirectory(async (path) => {
    await writeFile(join(path, 'file'), 'text')
    const codes = ['NOT_A_STORE', 'NO_STORE', 'IO']
    for (const code of await openBothWays(join(path, 'file'))) expect(codes).toContain(code)
  })
})

test('openLeaderboards() follows a link to a store', async () => {
  await withSample(async (path, directory) => {
    await symlink(path, join(directory, 'link'))
    expect(await openBothWays(join(directory, 'link'))).toEqual(['fine', 'fine'])
  })
})

test('openLeaderboards() of a store that was cut says so, or has lost nothing, at every length', async () => {
  await withSample(async (path, directory) => {
    const { size } = await stat(join(path, 'data.mdb'))
    const pages = Array.from({ length: size / PAGE_BYTES }, (_, page) => page * PAGE_BYTES)
    for (const bytes of [1, 24, 159, 4_095, 4_097, 8_191, 8_193, ...pages.slice(1), size - 1]) {
      const copy = await copyOf(path, join(directory, `cut-${bytes}`))
      await truncate(join(copy, 'data.mdb'), bytes)
      // Nothing need lead to the last pages: then the store is whole, and can be written to.
      const allowed = ['NOT_A_STORE', 'CORRUPT', ...(bytes > size / 2 ? ['fine'] : [])]
      for (const code of await openBothWays(copy))
        expect(allowed, `${bytes} of ${size} bytes`).toContain(code)
    }
  })
})

test('openLeaderboards() of a store whose header is zeros says so', async () => {
  await withSample(async (path, directory) => {
    for (const pages of [[0], [1], [0, 1]]) {
      const copy = await copyOf(path, join(directory, `zeros-${pages}`))
      const bytes = await readFile(join(path, 'data.mdb'))
      for (const page of pages) bytes.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
      await writeFile(join(copy, 'data.mdb'), bytes)
      for (const code of await openBothWays(copy))
        expect(['NOT_A_STORE', 'CORRUPT'], `pages ${pages}`).toContain(code)
    }
  })
})

test('openLeaderboards() by several processes at once makes one store', async () => {
  await withDirectory(async (path) => {
    const place = join(path, 'new')
    const children = [0, 1, 2].map(() => startChild('open-each.js'))
    const outcomes = children.map((opener) => ask(opener, { path: place, options: {} }))
    expect(await Promise.all(outcomes)).toEqual(['fine', 'fine', 'fine'])
    for (const opener of children) opener.disconnect()
    expect((await readdir(place)).sort()).toEqual(['data.mdb', 'lock.mdb'])
  })
})

// A closed store with some of everything, and a directory for copies of it.
async function withSample(body: (path: string, directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    await withStore(async ({ store, path }) => {
      for (const name of ['one', 'two']) {
        const ids = Array.from({ length: 300 }, (_, i) => `player-${i}`)
        await store.board(name).submitMany(ids.map((playerId, i) => ({ playerId, score: i % 50 })))
      }
      await store.dropBoard('two')
      await store.close()
      await body(path, directory)
    })
  })
}

async function copyOf(path: string, target: string): Promise<string> {
  await mkdir(target)
  await copyFile(join(path, 'data.mdb'), join(target, 'data.mdb'))
  return target
}

// For reading only, then for writing too.
async function openBothWays(path: string): Promise<string[]> {
  return [await openElsewhere(path, { readOnly: true }), await openElsewhere(path, {})]
}

let child: ChildProcess | undefined

// In a child process; after a signal, which is then the outcome, another child goes on.
async function openElsewhere(path: string, options: OpenOptions): Promise<string> {
  child ??= startSharedChild('open-each.js')
  try {
    return String(await ask(child, { path, options }))
  } catch (error) {
    child = undefined
    return (error as Error).message
  }
}

afterAll(() => child?.disconnect())

test.each([
  [true, false, 'BUSY'],
  [true, true, undefined],
  [false, true, undefined],
  [false, false, undefined],
])(
  'a second opening in one process, read-only %s and then %s, ends with %s',
  (first, second, code) =>
    withStore(async (temporary) => {
      await temporary.store.board('arena').submit('ann', 1)
      const { path } = temporary.store
      await temporary.store.close()
      const one = openLeaderboards(path, { readOnly: first })
      if (code === undefined) {
        const two = openLeaderboards(path, { readOnly: second })
        if (!second) await two.board('arena').submit('bob', 2)
        expect(one.board('arena').size).toBe(second ? 1 : 2)
        await one.close()
        expect(two.board('arena').rank('ann')).toBe(second ? 1 : 2)
        await two.close()
      } else {
        expect(() => openLeaderboards(path, { readOnly: second })).toThrow(
          expect.objectContaining({ code }),
        )
        expect(one.board('arena').size).toBe(1)
        await one.close()
      }
      const again = await temporary.reopen()
      expect(again.board('arena').rank('ann')).toBe(second || code ? 1 : 2)
    }),
)
