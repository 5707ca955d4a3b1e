import { readdirSync } from 'node:fs'
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { type KeepRules, listBackups, rotateBackups } from '../../src/index.ts'
import { encodeManifest } from '../../src/safekeeping/manifest.ts'
import { keptBackups } from '../../src/safekeeping/rotate.ts'
import { withDirectory } from '../support/temporary-store.ts'

const OURS = 'a'.repeat(32)
const THEIRS = 'b'.repeat(32)

// 2026-11-21 is a Saturday; the newest first.
const TIMES = [
  '2026-11-21T18:00:00.000Z',
  '2026-11-21T03:00:00.000Z',
  '2026-11-20T03:00:00.000Z',
  '2026-11-16T00:00:00.000Z', // Monday of the same week
  '2026-11-15T23:59:59.999Z', // Sunday before
  '2026-11-09T03:00:00.000Z', // Monday of that week
  '2026-11-01T03:00:00.000Z',
  '2026-10-31T03:00:00.000Z',
  '2025-12-31T03:00:00.000Z', // the week goes over the end of the year
  '2025-12-29T03:00:00.000Z',
]

const RULES: [rules: KeepRules, kept: number[]][] = [
  [{}, [0]],
  [{ keep: 0 }, [0]],
  [{ keep: 1 }, [0]],
  [{ keep: 3 }, [0, 1, 2]],
  [{ keep: 99 }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [{ daily: 1 }, [0]],
  [{ daily: 3 }, [0, 2, 3]],
  [{ weekly: 1 }, [0]],
  [{ weekly: 2 }, [0, 4]],
  [{ weekly: 4 }, [0, 4, 6, 8]],
  [{ monthly: 2 }, [0, 7]],
  [{ monthly: 12 }, [0, 7, 8]],
  [{ keep: 2, daily: 2, weekly: 2, monthly: 3 }, [0, 1, 2, 4, 7, 8]],
]

function manifestAt(createdAt: string, storeId = OURS) {
  return {
    product: 'ladderdb' as const,
    storeId,
    formatVersion: 1,
    sequence: 1,
    boards: [],
    createdAt,
    bytes: 4,
    sha256: '',
  }
}

test.each(RULES)('keptBackups() by %o keeps %o', (rules, kept) => {
  const backups = TIMES.map((createdAt, i) => {
    return { path: `/b/${i}`, manifest: { ...manifestAt(createdAt), checksum: '' } }
  })
  const paths = keptBackups(backups, rules).map((path) => Number(basename(path)))
  expect(paths.sort((a, b) => a - b)).toEqual(kept)
})

test('keptBackups() of none are none', () => {
  expect(keptBackups([], { keep: 3, daily: 1 })).toEqual([])
})

// The names do not tell the order: the manifest does.
async function withBackups(body: (directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    for (const [i, createdAt] of TIMES.entries())
      await writeBackup(join(directory, `b${(i * 7) % 10}-${i}`), createdAt)
    await body(directory)
  })
}

async function writeBackup(path: string, createdAt: string, storeId = OURS): Promise<void> {
  await mkdir(path)
  await writeFile(join(path, 'data.mdb'), 'data')
  await writeFile(join(path, 'MANIFEST.json'), encodeManifest(manifestAt(createdAt, storeId)))
}

test('listBackups() lists the newest first and passes over what is none', () =>
  withBackups(async (directory) => {
    await mkdir(join(directory, 'empty'))
    await writeFile(join(directory, 'file'), '')
    await writeBackup(join(directory, '.hidden'), '2027-01-01T00:00:00.000Z')
    await writeBackup(join(directory, 'damaged'), '2027-01-01T00:00:00.000Z')
    await writeFile(join(directory, 'damaged', 'MANIFEST.json'), '{}')
    const backups = await listBackups(directory)
    expect(backups.map(({ manifest }) => manifest.createdAt)).toEqual(TIMES)
    await expect(listBackups(join(directory, 'none'))).rejects.toMatchObject({ code: 'IO' })
  }))

test('rotateBackups() removes exactly what no rule keeps, and says so', () =>
  withBackups(async (directory) => {
    const before = await listBackups(directory)
    const removed = await rotateBackups(directory, { storeId: OURS, rules: { keep: 2, weekly: 2 } })
    const left = await listBackups(directory)
    expect(left.map(({ manifest }) => manifest.createdAt)).toEqual([TIMES[0], TIMES[1], TIMES[4]])
    expect([...removed, ...left.map(({ path }) => path)].sort()).toEqual(
      before.map(({ path }) => path).sort(),
    )
    expect(readdirSync(directory)).toHaveLength(3)
    expect(await rotateBackups(directory, { storeId: OURS, rules: { keep: 3 } })).toEqual([])
  }))

test('rotateBackups() never removes the newest, nor anything that is not ours', () =>
  withBackups(async (directory) => {
    const theirs = join(directory, 'theirs')
    await writeBackup(theirs, '2020-01-01T00:00:00.000Z', THEIRS)
    const noted = join(directory, 'noted')
    await writeBackup(noted, '2020-01-02T00:00:00.000Z')
    await writeFile(join(noted, 'NOTES.txt'), 'before the big season')
    const nested = join(directory, 'nested')
    await writeBackup(nested, '2020-01-03T00:00:00.000Z')
    await mkdir(join(nested, 'more'))
    const broken = join(directory, 'broken')
    await writeBackup(broken, '2020-01-04T00:00:00.000Z')
    await rm(join(broken, 'MANIFEST.json'))
    await mkdir(join(directory, 'photos'))
    await writeFile(join(directory, 'photos', 'cat.jpg'), '')
    await writeFile(join(directory, 'file'), '')
    // A lock file is left by whoever looked into a backup; it makes it no less ours.
    const newest = (await listBackups(directory))[0]?.path as string
    const looked = (await listBackups(directory))[1]?.path as string
    await writeFile(join(looked, 'lock.mdb'), '')
    const removed = await rotateBackups(directory, { storeId: OURS, rules: { keep: 0 } })
    expect(removed).toHaveLength(TIMES.length - 1)
    expect(removed).toContain(looked)
    expect(readdirSync(directory).sort()).toEqual(
      [basename(newest), 'broken', 'file', 'nested', 'noted', 'photos', 'theirs'].sort(),
    )
    expect(readdirSync(noted).sort()).toEqual(['MANIFEST.json', 'NOTES.txt', 'data.mdb'])
  }))

test('rotateBackups() follows no link out of the directory', () =>
  withBackups(async (directory) => {
    await withDirectory(async (elsewhere) => {
      await cp((await listBackups(directory))[3]?.path as string, join(elsewhere, 'kept'), {
        recursive: true,
      })
      await symlink(join(elsewhere, 'kept'), join(directory, 'link'))
      await rotateBackups(directory, { storeId: OURS, rules: { keep: 1 } })
      expect(readdirSync(join(elsewhere, 'kept')).sort()).toEqual(['MANIFEST.json', 'data.mdb'])
      expect(readdirSync(directory)).toContain('link')
    })
  }))
