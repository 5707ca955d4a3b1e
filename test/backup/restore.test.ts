import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, watch } from 'node:fs'
import { cp, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Entry,
  type Leaderboards,
  listBackups,
  openLeaderboards,
  restoreBackup,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { FakeClock, START_MS, withDirectory } from '../support/temporary-store.ts'

checkHere()

const LIBRARY = resolve(import.meta.dirname, '../../dist/index.js')
const KILLS = sizeOf('TORTURE_RESTORE_KILLS', { test: 2, torture: 20 })
const CYCLE_MS = 300
/** A restore makes about half as many in the directory. */
const CHANGES = 16

/** A directory with a store and two backups: of one player, then of two. */
interface Scene {
  directory: string
  db: string
  one: string
  two: string
}

function sceneIn(directory: string): Scene {
  const [db, one, two] = ['store', 'one', 'two'].map((name) => join(directory, name))
  return { directory, db, one, two } as Scene
}

// Made once and copied: a backup starts a process.
const template = mkdtempSync(join(tmpdir(), 'ladderdb-test-'))

beforeAll(async () => {
  const { db, one, two } = sceneIn(template)
  const store = openLeaderboards(db, { clock: new FakeClock().read })
  const golf = store.board('golf', { order: 'ascending', mode: 'best' })
  await golf.submit('ann', 72, { name: 'Ann' })
  await store.backup(one)
  await golf.submit('ben', 70)
  await store.board('arena').submit('ann', 5)
  await store.backup(two)
  await store.close()
})

afterAll(() => rm(template, { recursive: true }))

function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  return withDirectory(async (directory) => {
    await cp(template, directory, { recursive: true })
    await body(sceneIn(directory))
  })
}

test('restoreBackup() gives back boards, settings and entries, and the store goes on', () =>
  withScene(async ({ directory, db, two }) => {
    const target = join(directory, 'deep', 'target')
    const report = await restoreBackup(two, target)
    expect(report).toMatchObject({ path: target, source: two, dryRun: false, previous: undefined })
    expect(readdirSync(target)).toEqual(['data.mdb'])
    expect(await contentOf(target)).toEqual(await contentOf(db))
    const store = openLeaderboards(target)
    const golf = store.board('golf', { order: 'ascending', mode: 'best' })
    const { rank, previousRank } = await golf.submit('ann', 60)
    expect({ rank, previousRank }).toEqual({ rank: 1, previousRank: 2 })
    await expectSound(store)
  }))

test('restoreBackup() gives each restored store a lineage, which its backups carry', () =>
  withScene(async ({ directory, db, two }) => {
    const lineages: (string | undefined)[] = []
    const storeIds = new Set<string>()
    const note = async (path: string): Promise<void> => {
      const store = openLeaderboards(path, { readOnly: true })
      const { lineageId, storeId } = store.stats()
      await store.close()
      lineages.push(lineageId)
      storeIds.add(storeId)
    }
    await note(db)
    for (const target of ['a', 'b']) {
      await restoreBackup(two, join(directory, target))
      await note(join(directory, target))
    }
    const store = openLeaderboards(join(directory, 'b'))
    const { lineageId } = await store.backup(join(directory, 'backup'))
    await store.close()
    expect(lineages).toEqual([undefined, expect.stringMatching(/^[0-9a-f]{32}$/), lineageId])
    expect(lineages[1]).not.toBe(lineages[2])
    expect(storeIds.size).toBe(1)
    expect((await listBackups(directory)).map(({ manifest }) => manifest.lineageId)).toEqual([
      ...[lineageId, undefined, undefined],
    ])
    await restoreBackup(join(directory, 'backup'), join(directory, 'c'))
    await note(join(directory, 'c'))
    expect(new Set(lineages).size).toBe(4)
  }))

test('restoreBackup() refuses a store that is there, and changes nothing', () =>
  withScene(async ({ db, one }) => {
    const before = bytesIn(db)
    await expect(restoreBackup(one, db)).rejects.toMatchObject({ code: 'EXISTS' })
    await expect(restoreBackup(one, db, { dryRun: true })).rejects.toMatchObject({ code: 'EXISTS' })
    expect(bytesIn(db)).toEqual(before)
  }))

test('restoreBackup() with force keeps the old store aside, and one rename undoes it', () =>
  withScene(async ({ db, one, two }) => {
    const old = openLeaderboards(db)
    await old.board('arena').submit('new', 9)
    await old.close()
    const before = await contentOf(db)
    const { previous } = await restoreBackup(one, db, { force: true })
    expect(await contentOf(db)).toEqual({ golf: [expect.objectContaining({ playerId: 'ann' })] })
    // Two in a row: neither may take the name of what the other keeps.
    const second = await restoreBackup(two, db, { force: true })
    expect(Object.keys(await contentOf(db))).toEqual(['arena', 'golf'])
    expect(second.previous).not.toBe(previous)
    await rename(previous as string, join(db, 'data.mdb'))
    expect(await contentOf(db)).toEqual(before)
    await expectSound(openLeaderboards(db))
  }))

test('restoreBackup() of a damaged backup leaves the store', () =>
  withScene(async ({ directory, db, one, two }) => {
    await truncate(join(one, 'data.mdb'), 8192)
    await writeFile(join(two, 'MANIFEST.json'), '{}')
    const before = bytesIn(db)
    for (const [source, code] of [
      [one, 'CORRUPT'],
      [two, 'NOT_A_BACKUP'],
      [db, 'NOT_A_BACKUP'],
      [join(directory, 'none'), 'NOT_A_BACKUP'],
    ] as const)
      await expect(restoreBackup(source, db, { force: true })).rejects.toMatchObject({ code })
    expect(bytesIn(db)).toEqual(before)
  }))

test('restoreBackup() dry run verifies everything and changes nothing', () =>
  withScene(async ({ directory, db, one }) => {
    const before = bytesIn(directory)
    const report = await restoreBackup(one, db, { force: true, dryRun: true })
    expect(report).toMatchObject({ dryRun: true, previous: undefined })
    await restoreBackup(one, join(directory, 'nowhere', 'new'), { dryRun: true })
    expect(bytesIn(directory)).toEqual(before)
  }))

test('restoreBackup() that is aborted changes nothing', () =>
  withScene(async ({ db, one }) => {
    const before = bytesIn(db)
    const options = { force: true, signal: AbortSignal.abort() }
    await expect(restoreBackup(one, db, options)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(bytesIn(db)).toEqual(before)
  }))

test('restoreBackup() refuses while this process has the store open', () =>
  withScene(async ({ db, one }) => {
    const store = openLeaderboards(db)
    for (const dryRun of [true, false])
      await expect(restoreBackup(one, db, { force: true, dryRun })).rejects.toMatchObject({
        code: 'BUSY',
        message: expect.stringContaining(String(process.pid)),
      })
    await store.board('golf').submit('cleo', 1)
    await store.close()
    await restoreBackup(one, db, { force: true })
  }))

// At the time of its records the log is not trimmed.
test.each([`{ clock: () => ${START_MS} }`, '{ readOnly: true }'])(
  'restoreBackup() refuses while another process has the store open: %s',
  (options) =>
    withScene(async ({ db, one }) => {
      const before = readFileSync(join(db, 'data.mdb'))
      const holder = await startChild(
        `const store = openLeaderboards(process.argv[1], ${options}); store.boards()
         process.stdout.write('ready'); process.stdin.resume()`,
        [db],
      )
      await expect(restoreBackup(one, db, { force: true })).rejects.toMatchObject({
        code: 'BUSY',
        message: expect.stringContaining(`${holder.pid} (`),
      })
      expect(readFileSync(join(db, 'data.mdb')).equals(before)).toBe(true)
      await kill(holder)
      await restoreBackup(one, db, { force: true })
      expect(Object.keys(await contentOf(db))).toEqual(['golf'])
    }),
)

test('restoreBackup() killed at any moment leaves the old or the new store, whole', () =>
  withScene(async ({ db, one, two }) => {
    const random = new Random(runSeed('restore killed'))
    await restoreBackup(one, db, { force: true })
    const wholes = [await contentOf(db)]
    await restoreBackup(two, db, { force: true })
    wholes.push(await contentOf(db))
    const seen = new Set<number>()
    // On a busy machine all early kills may come before the rename: it goes on until both were seen.
    for (let i = 0; i < KILLS || (seen.size < 2 && i < 10 * KILLS); i++) {
      const child = await startChild(
        `const [db, ...sources] = process.argv.slice(1)
         process.stdout.write('ready')
         for (let i = 0; ; i++) await restoreBackup(sources[i % 2], db, { force: true })`,
        [db, ...(i % 2 === 0 ? [one, two] : [two, one])],
      )
      // Most of the time goes into verifying: every other kill comes when the directory changes.
      if (i % 2 === 0) await delay(random.next() * CYCLE_MS)
      else await changesIn(db, 1 + random.below(CHANGES))
      await kill(child)
      const content = await contentOf(db)
      expect(wholes).toContainEqual(content)
      seen.add(wholes.findIndex((whole) => JSON.stringify(whole) === JSON.stringify(content)))
    }
    expect(seen.size).toBe(2)
    await expectSound(openLeaderboards(db))
    // What stays aside of each of them is a whole store too.
    const aside = readdirSync(db).filter((name) => name.includes('.before-restore-'))
    expect(aside.length).toBeGreaterThan(0)
    const undone = join(db, 'undone')
    await mkdir(undone)
    await rename(join(db, aside.at(-1) as string), join(undone, 'data.mdb'))
    expect(wholes).toContainEqual(await contentOf(undone))
  }))

/** Returns all entries by board, after a check. */
async function contentOf(path: string): Promise<Record<string, Entry[]>> {
  const store = openLeaderboards(path, { readOnly: true })
  try {
    expect((await store.check()).findings).toEqual([])
    const names = store.boards().map(({ name }) => name)
    return Object.fromEntries(names.map((name) => [name, [...store.board(name).entries()]]))
  } finally {
    await store.close()
  }
}

async function expectSound(store: Leaderboards): Promise<void> {
  expect((await store.check()).findings).toEqual([])
  await store.close()
}

/** Returns the bytes of every file below a directory, by path. */
function bytesIn(directory: string): Record<string, string> {
  if (!existsSync(directory)) return {}
  const files = readdirSync(directory, { withFileTypes: true, recursive: true })
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, entry.isFile() ? readFileSync(path, 'base64') : 'directory']
    }),
  )
}

/** Runs a script in a process of its own; resolves when it has printed something. */
async function startChild(script: string, args: string[]): Promise<ChildProcess> {
  const text = `import { openLeaderboards, restoreBackup } from ${JSON.stringify(LIBRARY)}\n${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout as NodeJS.EventEmitter, 'data')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'exit')
  child.kill('SIGKILL')
  await closed
}

/** Resolves at the so-many-th change of a directory. */
function changesIn(directory: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count
    const watcher = watch(directory, () => {
      if (--left > 0) return
      watcher.close()
      resolve()
    })
  })
}
