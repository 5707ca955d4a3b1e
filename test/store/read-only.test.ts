/**
 * Opening for reading changes nothing on the disk, and says clearly where it cannot be safe.
 *
 * @module
 */

import { execFile, spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const tool = fileURLToPath(new URL('../../bin/ladderdb.js', import.meta.url))

test('opening for reading makes no lock file where there is none, and reads everything', async () => {
  await withBareStore(async (path) => {
    const before = await stateOf(path)
    const store = openLeaderboards(path, { readOnly: true })
    const arena = store.board('arena')
    expect(arena.rank('p7')).toBe(93)
    expect(arena.top(3).map(({ playerId }) => playerId)).toEqual(['p99', 'p98', 'p97'])
    expect([...arena.entries()].length).toBe(100)
    expect((await store.check()).findings).toEqual([])
    expect(store.stats().entries).toBe(100)
    // A second one beside it, and one after it.
    const second = openLeaderboards(path, { readOnly: true })
    expect(second.board('arena').size).toBe(100)
    await second.close()
    expect(arena.size).toBe(100)
    await store.close()
    await openLeaderboards(path, { readOnly: true }).close()
    expect(await stateOf(path)).toEqual(before)
  })
})

test('a writer that comes later ends such a reading with BUSY, never with what is torn', async () => {
  await withBareStore(async (path) => {
    const store = openLeaderboards(path, { readOnly: true })
    expect(store.board('arena').rank('p7')).toBe(93)
    await promisify(execFile)(process.execPath, [
      ...[tool, '--db', path, '--board', 'arena'],
      ...['submit', 'newcomer', '1000'],
    ])
    expect(() => store.board('arena')).toThrow(expect.objectContaining({ code: 'BUSY' }))
    await expect(store.check()).rejects.toMatchObject({ code: 'BUSY' })
    expect(() => openLeaderboards(path)).toThrow(expect.objectContaining({ code: 'BUSY' }))
    await store.close()
    const again = openLeaderboards(path, { readOnly: true })
    expect(again.board('arena').rank('p7')).toBe(94)
    await again.close()
  })
})

test.skipIf(!isRoot)('a user who may only read opens a store without a lock file', async () => {
  await withBareStore(async (path) => {
    await share(dirname(path), [])
    await share(path)
    const before = await stateOf(path)
    expect(asNobody(path, ['top', '1'])).toMatchObject({ status: 0 })
    expect(await stateOf(path)).toEqual(before)
    expect(asNobody(path, ['submit', 'x', '1'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('permission denied'),
    })
    expect(await stateOf(path)).toEqual(before)
  })
})

test.skipIf(!isRoot)(
  'a user who may not write the lock file is told so, and reads nothing torn',
  async () => {
    await withStore(async ({ store, path }) => {
      await store.board('arena').submit('ann', 1)
      await share(path)
      expect(asNobody(path, ['top', '1'])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('lock file is not writable'),
      })
      await chmod(path, 0o700)
    })
  },
)

// A closed store without a lock file, as a restored one is.
async function withBareStore(body: (path: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    await withStore(async ({ store, path }) => {
      const board = store.board('arena')
      await board.submitMany(
        Array.from({ length: 100 }, (_, i) => ({ playerId: `p${i}`, score: i })),
      )
      await store.close()
      await mkdir(join(directory, 'bare'))
      await copyFile(join(path, 'data.mdb'), join(directory, 'bare', 'data.mdb'))
    })
    await body(join(directory, 'bare'))
  })
}

// Lets everybody read, and nobody but the owner write. Never touches what the test did not make.
async function share(path: string, names?: string[]): Promise<void> {
  await chmod(path, 0o755)
  for (const name of names ?? (await readdir(path))) await chmod(join(path, name), 0o644)
}

async function stateOf(path: string): Promise<object> {
  const { mtimeMs, mode } = await stat(path)
  const data = await readFile(join(path, 'data.mdb'))
  const { mtimeMs: dataMtimeMs } = await stat(join(path, 'data.mdb'))
  return { names: await readdir(path), mtimeMs, mode, dataMtimeMs, data: data.toString('base64') }
}

function asNobody(path: string, args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [tool, '--db', path, '--board', 'arena', ...args], {
    encoding: 'utf8',
    uid: NOBODY,
    gid: NOBODY,
  })
}
