/**
 * What goes wrong outside of the store is told by a code of the list, what it is, and what to do.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type LadderError, type OpenOptions, openLeaderboards } from '../../src/index.ts'
import { asNobody, canMount, isRoot, withDisk } from '../support/system.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const WAYS: [name: string, options: OpenOptions][] = [
  ['for writing', {}],
  ['with create: false', { create: false }],
  ['read-only', { readOnly: true }],
]

// Another user was told that there is no store, and a cron line of the wrong user reported just that;
// for writing he got a raw EACCES of the removal of a file that was never made.
test.skipIf(!isRoot).each(WAYS)(
  'openLeaderboards() of a directory of another user says PERMISSION: %s',
  async (_, options) => {
    await withStore(async ({ path }) => {
      await asNobody(async () => {
        for (const place of [path, join(path, 'below'), `${path}/`])
          expect(errorOf(() => openLeaderboards(place, options))).toMatchObject({
            name: 'LadderError',
            code: 'PERMISSION',
            message: expect.stringMatching(/permission denied; run as the user who owns it/),
          })
      })
    })
  },
)

test.skipIf(!isRoot)(
  'openLeaderboards() says PERMISSION if it may not make the directory',
  async () => {
    await withDirectory(async (directory) => {
      await chmod(directory, 0o755)
      await asNobody(async () => {
        for (const place of ['new', 'new/below'])
          expect(errorOf(() => openLeaderboards(join(directory, place)))).toMatchObject({
            code: 'PERMISSION',
          })
        expect(errorOf(() => openLeaderboards(directory))).toMatchObject({ code: 'PERMISSION' })
      })
      expect(await readdir(directory)).toEqual([])
    })
  },
)

test.each(WAYS)('openLeaderboards() names what is wrong with a path: %s', async (_, options) => {
  await withDirectory(async (directory) => {
    await writeFile(join(directory, 'file'), '')
    await symlink('loop', join(directory, 'loop'))
    const cases: [path: string, code: string, words: RegExp][] = [
      ['file', 'NOT_A_STORE', /it is a file/],
      ['file/below', 'NOT_A_STORE', /part of the path is a file/],
      ['file/below/more', 'NOT_A_STORE', /part of the path is a file/],
      ['loop', 'IO', /lead in a circle/],
      ['loop/below', 'IO', /lead in a circle/],
      ['n'.repeat(300), 'IO', /shorter name/],
    ]
    for (const [name, code, words] of cases) {
      const error = errorOf(() => openLeaderboards(join(directory, name), options))
      expect([name, error.name, error.code]).toEqual([name, 'LadderError', code])
      expect(error.message).toMatch(words)
    }
    expect((await readdir(directory)).sort()).toEqual(['file', 'loop'])
  })
})

test('openLeaderboards() of a link that leads nowhere fails with a code', async () => {
  await withDirectory(async (directory) => {
    await symlink(join(directory, 'nowhere', 'x'), join(directory, 'link'))
    for (const [, options] of WAYS)
      expect(errorOf(() => openLeaderboards(join(directory, 'link'), options)).name).toBe(
        'LadderError',
      )
  })
})

// A store was made beside whatever lay in /etc, in the directory at hand, in node_modules.
test('openLeaderboards() makes no store among foreign files, and names some', async () => {
  await withDirectory(async (directory) => {
    for (const name of ['package.json', 'a', 'b', 'c']) await writeFile(join(directory, name), '')
    expect(errorOf(() => openLeaderboards(directory))).toMatchObject({
      code: 'NOT_A_STORE',
      message: expect.stringContaining('"a", "b", "c" and 1 more'),
    })
    expect((await readdir(directory)).sort()).toEqual(['a', 'b', 'c', 'package.json'])
  })
})

test.each([['data.mdb.before-restore-20260101T000000000Z'], ['backups'], ['.git'], ['.env']])(
  'openLeaderboards() makes no store beside %s',
  async (name) => {
    await withDirectory(async (directory) => {
      await mkdir(join(directory, name))
      expect(errorOf(() => openLeaderboards(directory))).toMatchObject({ code: 'NOT_A_STORE' })
      expect(await readdir(directory)).toEqual([name])
    })
  },
)

test('openLeaderboards() makes a store beside what tools leave, and beside its own debris', async () => {
  await withDirectory(async (directory) => {
    const names = ['.gitkeep', '.gitignore', '.DS_Store', 'lost+found', 'lock.mdb']
    for (const name of [...names, '.creating-0123456789ab', '.b.partial-01234567-12-0123456789ab'])
      await writeFile(join(directory, name), '')
    const store = openLeaderboards(directory)
    await store.board('arena').submit('ann', 1)
    await store.close()
  })
})

test('openLeaderboards() opens an existing store whatever else lies in its directory', async () => {
  await withStore(async (temporary) => {
    await temporary.store.board('arena').submit('ann', 1)
    await writeFile(join(temporary.path, 'notes.txt'), '')
    expect((await temporary.reopen()).board('arena').size).toBe(1)
  })
})

// A submit after the directory was removed failed with a raw ENOENT of statfs. Had another one taken
// its place, submits would have been stored in a file that no name leads to.
test.each(['removed', 'replaced'])(
  'submit() to a store whose directory was %s while open says IO, and stores nothing',
  async (how) => {
    await withDirectory(async (directory) => {
      const path = join(directory, 'store')
      const store = openLeaderboards(path)
      const board = store.board('arena')
      await board.submit('ann', 1)
      if (how === 'removed') await rm(path, { recursive: true })
      else {
        await rename(path, join(directory, 'old'))
        await openLeaderboards(path).close()
      }
      await expect(board.submit('bob', 2)).rejects.toMatchObject({
        name: 'LadderError',
        code: 'IO',
        message: expect.stringMatching(/was deleted, moved or replaced .* open it again/),
      })
      if (how === 'removed') expect(errorOf(() => store.stats()).name).toBe('LadderError')
      await store.close()
      const again = openLeaderboards(path)
      await again.board('arena').submit('cy', 3)
      expect(again.board('arena').size).toBe(1)
      await again.close()
    })
  },
)

// In a container with a read-only root there is no directory for temporary files: reading a backup
// failed with a raw ENOENT, and a good backup was called damaged.
test.each(['/nonexistent', '/dev/null'])(
  'a store without lock file is read also where TMPDIR is %s',
  async (place) => {
    await withBareStore(async (path) => {
      const before = await readdir(path)
      await withTemporaryPlace(place, async () => {
        const store = openLeaderboards(path, { readOnly: true })
        expect(store.board('arena').size).toBe(1)
        await store.close()
      })
      expect(await readdir(path)).toEqual(before)
    })
  },
)

test.skipIf(!canMount)(
  'a store on a read-only file system is read, and names it for writing',
  async () => {
    await withDisk(async (disk) => {
      const path = join(disk.path, 'store')
      const writer = openLeaderboards(path)
      await writer.board('arena').submit('ann', 1)
      await writer.close()
      mkdirSync(join(disk.path, 'empty'))
      expect(readdirSync(path)).toContain('lock.mdb')
      disk.seal()
      const before = stateOf(path)
      const store = openLeaderboards(path, { readOnly: true })
      expect(store.board('arena').rank('ann')).toBe(1)
      expect((await store.check()).ok).toBe(true)
      await store.close()
      for (const place of [path, join(disk.path, 'empty'), join(disk.path, 'new', 'below')])
        expect(errorOf(() => openLeaderboards(place))).toMatchObject({
          name: 'LadderError',
          code: 'PERMISSION',
          message: expect.stringContaining('read-only'),
        })
      expect(stateOf(path)).toEqual(before)
    })
  },
)

test.skipIf(!canMount)(
  'a read-only mount of a file system that others may write to is refused if there is a lock file',
  async () => {
    await withDisk(async (disk) => {
      const writer = openLeaderboards(join(disk.path, 'store'))
      await writer.board('arena').submit('ann', 1)
      await writer.close()
      const path = join(await disk.bindReadOnly(), 'store')
      expect(errorOf(() => openLeaderboards(path, { readOnly: true }))).toMatchObject({
        code: 'PERMISSION',
        message: expect.stringMatching(/mounted read-only here, but may be written to elsewhere/),
      })
      await rm(join(disk.path, 'store', 'lock.mdb'))
      const store = openLeaderboards(path, { readOnly: true })
      expect(store.board('arena').size).toBe(1)
      await store.close()
    })
  },
)

test('a process that can open no more files says so in every call', async () => {
  await withDirectory(async (directory) => {
    const program = fileURLToPath(new URL('../support/out-of-files.js', import.meta.url))
    const { stdout, stderr, signal } = spawnSync(
      'bash',
      ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, program, directory],
      { encoding: 'utf8' },
    )
    expect({ stderr, signal }).toEqual({ stderr: '', signal: null })
    expect(JSON.parse(stdout)).toEqual({
      ...{ create: 'IO', read: 'IO', backup: 'IO', check: 'IO', verify: 'IO' },
      // Its files are open already.
      submit: 'fine',
    })
  })
})

function errorOf(call: () => unknown): LadderError {
  try {
    call()
  } catch (error) {
    return error as LadderError
  }
  throw new Error('It did not fail')
}

function stateOf(path: string): unknown[] {
  return readdirSync(path).map((name) => [
    name,
    statSync(join(path, name)).mtimeMs,
    readFileSync(join(path, name)).toString('base64'),
  ])
}

async function withBareStore(body: (path: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    const store = openLeaderboards(path)
    await store.board('arena').submit('ann', 1)
    await store.close()
    await rm(join(path, 'lock.mdb'))
    await body(path)
  })
}

async function withTemporaryPlace(place: string, body: () => Promise<void>): Promise<void> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = place
  try {
    await body()
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}
