import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  watch,
} from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compactInPlace } from '../../src/backup/compact.ts'
import { leftoverName } from '../../src/backup/debris.ts'
import { compactStore, type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { openContext } from '../../src/library/open-context.ts'
import { checkHere } from '../support/check-here.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

checkHere()

const LIBRARY = resolve(import.meta.dirname, '../../dist/index.js')
const KILLED_AT = process.env['TORTURE'] === undefined ? [1, 3, 6] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

// Filled once and copied.
const template = mkdtempSync(join(tmpdir(), 'ladderdb-test-'))

beforeAll(async () => {
  const store = openLeaderboards(template)
  for (const [name, count] of [
    ['small', 100],
    ['large', 8000],
  ] as const) {
    const players = Array.from({ length: count }, (_, i) => ({ playerId: `player ${i}`, score: i }))
    // What is left of it in the log would be checked each time.
    await store.board(name, { log: 'none' }).submitMany(players)
  }
  await store.dropBoard('large')
  await store.close()
})

afterAll(() => rmSync(template, { recursive: true }))

/** Closes the store, which becomes one of a board from which a larger one was dropped. */
async function withHole({ store, path }: TemporaryStore): Promise<void> {
  await store.close()
  copyFileSync(join(template, 'data.mdb'), join(path, 'data.mdb'))
}

function contentOf(store: Leaderboards): unknown {
  return [store.boards(), [...store.board('small').entries()]]
}

// After a drop a file of 110 MB stayed 110 MB, and the way out was written nowhere.
test('compactStore() gives the space of what is gone back and changes nothing else', () =>
  withStore(async (temporary) => {
    await withHole(temporary)
    const { path } = temporary
    const before = contentOf(await temporary.reopen())
    const { storeId } = temporary.store.stats()
    await temporary.store.close()
    const file = join(path, 'data.mdb')
    await chmod(file, 0o640)
    const bytesBefore = statSync(file).size
    const report = await compactStore(path)
    expect(report).toMatchObject({ path, bytesBefore, previous: undefined })
    expect(report.bytes).toBeLessThan(bytesBefore / 3)
    expect([statSync(file).size, statSync(file).mode & 0o777]).toEqual([report.bytes, 0o640])
    expect(readdirSync(path).filter((name) => name !== 'lock.mdb')).toEqual(['data.mdb'])
    const store = await temporary.reopen()
    expect(contentOf(store)).toEqual(before)
    expect(store.stats().storeId).toBe(storeId)
    await store.board('small').submit('new', 1e6)
  }))

test('compactStore() refuses a store that somebody has open, a backup, and what is no store', () =>
  withStore(async (temporary) => {
    const { path, store } = temporary
    await store.board('small').submit('ann', 1)
    await expect(compactStore(path)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringMatching(/Cannot compact .*: it is open in process/),
    })
    const backup = join(path, 'backup')
    await store.backup(backup)
    await store.close()
    await expect(compactStore(backup)).rejects.toMatchObject({ code: 'READ_ONLY' })
    await expect(compactStore(join(path, 'none'))).rejects.toMatchObject({ code: 'NO_STORE' })
    await expect(compactStore('')).rejects.toThrow(TypeError)
    const signal = AbortSignal.abort()
    await expect(compactStore(path, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(readdirSync(path).sort()).toEqual(['backup', 'data.mdb', 'lock.mdb'])
  }))

test('compactStore() throws the copy away if somebody wrote meanwhile', () =>
  withStore(async (temporary) => {
    await withHole(temporary)
    const before = statSync(join(temporary.path, 'data.mdb')).ino
    const compacting = compactInPlace(temporary.path, {
      signal: undefined,
      open: (directory) => {
        const context = openContext(directory, { readOnly: true })
        const sequence = context.sequence.bind(context)
        context.sequence = () => (sequence() ?? 0) + 1
        return context
      },
    })
    await expect(compacting).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining('somebody wrote to it in the meantime'),
    })
    expect(statSync(join(temporary.path, 'data.mdb')).ino).toBe(before)
    expect(readdirSync(temporary.path).sort()).toEqual(['data.mdb', 'lock.mdb'])
  }))

test('compactStore() removes what a killed one left', () =>
  withStore(async (temporary) => {
    await withHole(temporary)
    // The mark of a process that is gone, in this space of processes.
    const mark = (name: string): string =>
      leftoverName(name).replace(/-\d+-([0-9a-f]{12})$/, '-999999999-$1')
    const [copy, old] = ['.ladderdb-compact', 'data.mdb.replaced'].map((name) =>
      join(temporary.path, mark(name)),
    ) as [string, string]
    await mkdir(join(copy, 'backup'), { recursive: true })
    await writeFile(join(copy, 'backup', 'data.mdb'), 'half')
    await writeFile(old, 'old')
    await compactStore(temporary.path)
    expect([existsSync(copy), existsSync(old)]).toEqual([false, false])
  }))

test.each(KILLED_AT)(
  'compactStore() killed at change %i leaves the old or the new store',
  (change) =>
    withStore(async (temporary) => {
      await withHole(temporary)
      const { path } = temporary
      const before = contentOf(await temporary.reopen())
      await temporary.store.close()
      const program = `import { compactStore } from ${JSON.stringify(LIBRARY)}; await compactStore(${JSON.stringify(path)})`
      const child = spawn(process.execPath, ['--input-type=module', '-e', program])
      let changes = 0
      const watcher = watch(path, () => {
        if (++changes === change) child.kill('SIGKILL')
      })
      await once(child, 'close')
      watcher.close()
      expect(contentOf(await temporary.reopen())).toEqual(before)
      expect((await temporary.store.check()).ok).toBe(true)
      await temporary.store.close()
      await compactStore(path)
      expect(readdirSync(path).filter((name) => name !== 'lock.mdb')).toEqual(['data.mdb'])
    }),
)
