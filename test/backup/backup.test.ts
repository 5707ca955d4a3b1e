import { readdirSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256Of } from '../../src/backup/durable-files.ts'
import { encodeManifest } from '../../src/backup/manifest.ts'
import { type BackupManifest, openLeaderboards, verifyBackup } from '../../src/index.ts'
import { checkHere, checkInChildren } from '../support/check-here.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

const BACKUPS_UNDER_LOAD = 2
const PAGE_BYTES = 4096

test('backup() under load is one instant: sound, counted, and money neither lost nor made', () =>
  withStore(async ({ store }) => {
    await withDirectory(async (directory) => {
      const arena = store.board('arena')
      const purse = store.board('purse', { mode: 'increment' })
      let isEnding = false
      async function load(): Promise<void> {
        for (let i = 0; !isEnding; i++) {
          const gift = [
            { playerId: `p${i % 17}`, score: -3 },
            { playerId: `p${(i + 5) % 17}`, score: 3 },
          ]
          await Promise.all([arena.submit(`a${i}`, i % 100), purse.submitMany(gift)])
        }
      }
      const loading = load()
      let sequence = 0
      try {
        for (let i = 0; i < BACKUPS_UNDER_LOAD; i++) {
          await arena.submit('here', i)
          const path = join(directory, `b${i}`)
          const report = await store.backup(path)
          expect(report).toMatchObject({
            path,
            product: 'ladderdb',
            storeId: store.stats().storeId,
          })
          expect(report.sequence).toBeGreaterThan(sequence)
          sequence = report.sequence
          expect(readdirSync(path).sort()).toEqual(['MANIFEST.json', 'data.mdb'])
          expect((await stat(join(path, 'data.mdb'))).mode & 0o777).toBe(0o600)
          expect((await stat(path)).mode & 0o777).toBe(0o700)
          const { path: _, ms: __, ...manifest } = report
          expect(await verifyBackup(path)).toEqual(manifest)
          const copy = openLeaderboards(path, { readOnly: true })
          expect((await copy.check()).findings).toEqual([])
          expect(copy.boards().map(({ name, size }) => ({ name, size }))).toEqual(report.boards)
          const sum = [...copy.board('purse').entries()].reduce((all, { score }) => all + score, 0)
          expect(sum).toBe(0)
          await copy.close()
        }
      } finally {
        isEnding = true
        await loading
      }
      expect(readdirSync(directory).sort()).toEqual(['b0', 'b1'])
    })
  }))

test('backup() refuses a name that is taken, and touches nothing there', () =>
  withStore(async ({ store }) => {
    await withDirectory(async (directory) => {
      await writeFile(join(directory, 'mine'), 'text')
      await expect(store.backup(directory)).rejects.toMatchObject({ code: 'EXISTS' })
      await expect(store.backup(join(directory, 'mine'))).rejects.toMatchObject({ code: 'EXISTS' })
      expect(readdirSync(directory)).toEqual(['mine'])
      expect(await readFile(join(directory, 'mine'), 'utf8')).toBe('text')
    })
  }))

test('backup() that is aborted leaves nothing, and the next one works', () =>
  withStore(async ({ store }) => {
    // An abort comes in the middle of it.
    checkInChildren()
    await withDirectory(async (directory) => {
      await store.board('arena').submit('ann', 1)
      for (const afterMs of [0, 10, 30]) {
        const signal = afterMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(afterMs)
        const path = join(directory, 'b')
        await expect(store.backup(path, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
        expect(readdirSync(directory)).toEqual([])
      }
      await store.backup(join(directory, 'b'))
      expect(readdirSync(directory)).toEqual(['b'])
    })
  }))

test('backup() of a damaged store says CORRUPT and leaves nothing', () =>
  withDirectory(async (directory) => {
    checkInChildren()
    const path = join(directory, 'store')
    const store = openLeaderboards(path)
    await store.board('arena').submit('ann', 1, { name: 'Annabella' })
    await store.close()
    await damageName(join(path, 'data.mdb'), 'Annabella')
    const damaged = openLeaderboards(path, { readOnly: true })
    try {
      await expect(damaged.backup(join(directory, 'backups', 'b'))).rejects.toMatchObject({
        code: 'CORRUPT',
      })
      expect(readdirSync(join(directory, 'backups'))).toEqual([])
    } finally {
      await damaged.close()
    }
  }))

type Damage = (path: string, manifest: BackupManifest) => Promise<void>

const DAMAGES: [name: string, code: string, damage: Damage][] = [
  ['data that is cut', 'CORRUPT', (path) => truncate(data(path), PAGE_BYTES * 3)],
  ['data that is longer', 'CORRUPT', (path) => writeFile(data(path), 'x', { flag: 'a' })],
  ['data that is empty', 'CORRUPT', (path) => truncate(data(path))],
  ['data that is missing', 'CORRUPT', (path) => rm(data(path))],
  ['a flipped bit', 'CORRUPT', (path) => change(data(path), (bytes) => flip(bytes, 9000))],
  ['a zeroed page', 'CORRUPT', (path) => change(data(path), zeroPage)],
  ['no manifest', 'NOT_A_BACKUP', (path) => rm(manifestOf(path))],
  ['an empty manifest', 'NOT_A_BACKUP', (path) => truncate(manifestOf(path))],
  ['a manifest that is cut', 'NOT_A_BACKUP', (path) => truncate(manifestOf(path), 200)],
  ['a manifest of null', 'NOT_A_BACKUP', (path) => writeFile(manifestOf(path), 'null')],
  ['a foreign manifest', 'NOT_A_BACKUP', (path) => writeFile(manifestOf(path), '{"name":"x"}')],
  [
    'an edited manifest',
    'NOT_A_BACKUP',
    async (path) => {
      const text = await readFile(manifestOf(path), 'utf8')
      await writeFile(manifestOf(path), text.replace('"size": 2', '"size": 3'))
    },
  ],
  [
    'a sealed manifest with other counts',
    'CORRUPT',
    (path, manifest) => seal(path, { ...manifest, boards: [{ name: 'arena', size: 3 }] }),
  ],
  [
    'a sealed manifest over a damaged record',
    'CORRUPT',
    async (path, manifest) => {
      await damageName(data(path), 'Annabella')
      await seal(path, manifest)
    },
  ],
  [
    'a sealed manifest over pages that end a process',
    'CORRUPT',
    async (path, manifest) => {
      await change(data(path), (bytes) => bytes.fill(0xff, 2 * PAGE_BYTES))
      await seal(path, manifest)
    },
  ],
  [
    'a sealed manifest over a text file',
    'NOT_A_STORE',
    async (path, manifest) => {
      await writeFile(data(path), 'text '.repeat(5000))
      await seal(path, manifest)
    },
  ],
]

test('verifyBackup() names every kind of damage', () =>
  withStore(async ({ store }) => {
    checkInChildren()
    await withDirectory(async (directory) => {
      const arena = store.board('arena')
      await arena.submitMany([
        { playerId: 'ann', score: 1, name: 'Annabella' },
        { playerId: 'ben', score: 2 },
      ])
      const good = join(directory, 'good')
      const manifest = await store.backup(good)
      const failures = await Promise.all(
        DAMAGES.map(async ([name, code, damage], i) => {
          const path = join(directory, `bad${i}`)
          await copyBackup(good, path)
          await damage(path, manifest)
          const before = readdirSync(path)
          const error = await verifyBackup(path).catch((reason: unknown) => reason)
          expect(readdirSync(path), name).toEqual(before)
          expect(error, name).toHaveProperty('code')
          return [name, (error as { code: string }).code, code]
        }),
      )
      expect(failures.map(([name, code]) => [name, code])).toEqual(
        failures.map(([name, , code]) => [name, code]),
      )
      await expect(verifyBackup(join(directory, 'none'))).rejects.toMatchObject({
        code: 'NOT_A_BACKUP',
      })
      expect((await verifyBackup(good)).sha256).toBe(manifest.sha256)
    })
  }))

function data(path: string): string {
  return join(path, 'data.mdb')
}

function manifestOf(path: string): string {
  return join(path, 'MANIFEST.json')
}

async function copyBackup(source: string, target: string): Promise<void> {
  await mkdir(target)
  await copyFile(data(source), data(target))
  await copyFile(manifestOf(source), manifestOf(target))
}

async function change(file: string, edit: (bytes: Buffer) => unknown): Promise<void> {
  const bytes = await readFile(file)
  edit(bytes)
  await writeFile(file, bytes)
}

function flip(bytes: Buffer, at: number): void {
  bytes[at] = (bytes[at] as number) ^ 1
}

function zeroPage(bytes: Buffer): void {
  bytes.fill(0, 2 * PAGE_BYTES, 3 * PAGE_BYTES)
}

// Damage that LMDB does not see: only the checksum of the record tells.
function damageName(file: string, name: string): Promise<void> {
  return change(file, (bytes) => {
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) flip(bytes, at)
  })
}

// Writes a manifest that is right about the file, so that only the deeper look can tell.
async function seal(path: string, manifest: BackupManifest): Promise<void> {
  const { product, storeId, formatVersion, sequence, boards, createdAt } = manifest
  const { size: bytes } = await stat(data(path))
  const sha256 = await sha256Of(data(path))
  const text = encodeManifest({
    ...{ product, storeId, formatVersion, sequence, boards, createdAt },
    ...{ bytes, sha256 },
  })
  await writeFile(manifestOf(path), text)
}
