import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { cp, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeManifest } from '../../src/backup/manifest.ts'
import { historiesOf, keptBackups, newestFirst } from '../../src/backup/rotate.ts'
import {
  type BackupInfo,
  type KeepRules,
  listBackups,
  type RotateOptions,
  rotateBackups,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { Random } from '../support/random.ts'
import { withDirectory } from '../support/temporary-store.ts'

checkHere()

const OURS = 'a'.repeat(32)
const THEIRS = 'b'.repeat(32)
const SHA256_OF_DATA = createHash('sha256').update('data').digest('hex')

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
  [{ keep: 0, daily: 1 }, [0]],
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
    sha256: SHA256_OF_DATA,
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
    const removed = await rotateBackups(directory, { storeId: OURS, rules: { keep: 1 } })
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

function backupsOf(facts: [sequence: number, createdAt: string][]): BackupInfo[] {
  return facts.map(([sequence, createdAt], i) => {
    return { path: `/b/${i}`, manifest: { ...manifestAt(createdAt), sequence, checksum: '' } }
  })
}

function placesOf(backups: readonly BackupInfo[]): number[] {
  return backups.map(({ path }) => Number(basename(path)))
}

test('newestFirst() goes by commits where the clock stepped back or stood still', () => {
  const [day, dayBefore] = [TIMES[2] as string, TIMES[4] as string]
  const backups = backupsOf([
    [10, day],
    [20, dayBefore],
    [20, day],
    [20, dayBefore],
    [30, dayBefore],
  ])
  expect(placesOf(newestFirst(backups))).toEqual([4, 2, 3, 1, 0])
  const random = new Random(1)
  for (let i = 0; i < 50; i++) {
    const shuffled = [...backups].sort(() => random.next() - 0.5)
    expect(placesOf(newestFirst(shuffled))).toEqual([4, 2, 3, 1, 0])
  }
})

test('newestFirst() goes by time where a restore took the commits back', () => {
  // Sorted by commits, what was made since the restore would be the first to go.
  const made = [5, 4, 3, 2, 1].map((i) => TIMES[i] as string)
  const backups = backupsOf([100, 200, 300, 110, 120].map((n, i) => [n, made[i] as string]))
  expect(placesOf(newestFirst(backups, '/b/4'))).toEqual([4, 3, 2, 1, 0])
  expect(placesOf(newestFirst(backups.slice(0, 3), '/b/2'))).toEqual([2, 1, 0])
})

test('keptBackups() keeps the newest by commits and the newest by time', () => {
  const backups = newestFirst(
    backupsOf([
      [30, TIMES[5] as string],
      [20, TIMES[0] as string],
      [10, TIMES[3] as string],
    ]),
  )
  expect(keptBackups(backups, { keep: 1 })).toEqual(['/b/0', '/b/1'])
})

test('rotateBackups() keeps the one just made, whatever its time and number are', () =>
  withBackups(async (directory) => {
    const made = join(directory, 'made')
    await writeBackup(made, '1999-01-01T00:00:00.000Z')
    await rotateBackups(directory, { storeId: OURS, rules: { keep: 1 }, made })
    expect(readdirSync(directory)).toContain('made')
  }))

test('rotateBackups() never removes the newest sound one', () =>
  withBackups(async (directory) => {
    const paths = (await listBackups(directory)).map(({ path }) => path)
    for (const i of [0, 1, 2]) await writeFile(join(paths[i] as string, 'data.mdb'), 'dat4')
    const rules = { keep: 1, monthly: 2 }
    const removed = await rotateBackups(directory, { storeId: OURS, rules })
    // 0 and 7 stay by the rules, 7 is sound; 3 is the newest sound one.
    expect(removed).toEqual(paths.filter((_, i) => ![0, 3, 7].includes(i)))
  }))

test('rotateBackups() removes nothing where none of those to keep is sound', () =>
  withBackups(async (directory) => {
    const [newest, second] = await listBackups(directory)
    await truncate(join(newest?.path as string, 'data.mdb'), 3)
    await rm(join(second?.path as string, 'data.mdb'))
    const rotation = rotateBackups(directory, { storeId: OURS, rules: { keep: 2 } })
    await expect(rotation).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/has 3 bytes.*has -1 bytes.*nothing was removed/),
    })
    expect(readdirSync(directory)).toHaveLength(TIMES.length)
  }))

test('rotateBackups() is not stopped by what an earlier one left half removed', () =>
  withBackups(async (directory) => {
    const oldest = (await listBackups(directory)).at(-1)?.path as string
    const stale = join(directory, `.deleting-${basename(oldest)}`)
    await mkdir(stale)
    await writeFile(join(stale, 'data.mdb'), 'data')
    expect(await rotateBackups(directory, { storeId: OURS, rules: { keep: 9 } })).toEqual([oldest])
  }))

test('rotateBackups() leaves a directory whose files are no files', () =>
  withBackups(async (directory) => {
    const odd = join(directory, 'odd')
    await writeBackup(odd, '2020-01-01T00:00:00.000Z')
    await rm(join(odd, 'data.mdb'))
    await mkdir(join(odd, 'data.mdb'))
    await writeFile(join(odd, 'data.mdb', 'photo.jpg'), '')
    await rotateBackups(directory, { storeId: OURS, rules: { keep: 1 } })
    expect(readdirSync(join(odd, 'data.mdb'))).toEqual(['photo.jpg'])
  }))

// `rules: { keepDaily: 7 }`, the word of the command line, and `rules: {}` kept one backup of four;
// `--keep 0` removed every older one with status 0.
const REFUSED: [name: string, options: unknown, message: RegExp][] = [
  ['no options', undefined, /give \{ storeId, rules \}/],
  ['null', null, /must be an object/],
  ['no rules', { storeId: OURS }, /"?undefined"? as rules/],
  ['rules of null', { storeId: OURS, rules: null }, /null as rules/],
  ['a number for rules', { storeId: OURS, rules: 7 }, /7 as rules/],
  ['a list for rules', { storeId: OURS, rules: [7] }, /an array as rules/],
  ['empty rules', { storeId: OURS, rules: {} }, /keep none/],
  ['rules that are not given', { storeId: OURS, rules: { daily: undefined } }, /keep none/],
  ['zeros', { storeId: OURS, rules: { keep: 0, monthly: 0 } }, /keep none/],
  ['keepDaily', { storeId: OURS, rules: { keepDaily: 7 } }, /did you mean "daily"\?/],
  ['keep-weekly', { storeId: OURS, rules: { 'keep-weekly': 7 } }, /did you mean "weekly"\?/],
  ['a slip', { storeId: OURS, rules: { keep: 1, montly: 7 } }, /did you mean "monthly"\?/],
  ['a rule of text', { storeId: OURS, rules: { keep: '7' } }, /it must be a number/],
  ['a negative rule', { storeId: OURS, rules: { daily: -1 } }, /-1 as daily/],
  ['half a rule', { storeId: OURS, rules: { daily: 1.5 } }, /1.5 as daily/],
  ['NaN', { storeId: OURS, rules: { daily: Number.NaN } }, /NaN as daily/],
  ['an unknown option', { storeId: OURS, rules: { keep: 1 }, dryRun: true }, /"dryRun"/],
  ['no storeId', { rules: { keep: 1 } }, /as storeId/],
  ['made that is no path', { storeId: OURS, rules: { keep: 1 }, made: true }, /as made/],
  ['a signal that is none', { storeId: OURS, rules: { keep: 1 }, signal: {} }, /AbortSignal/],
]

test('rotateBackups() removes nothing if it is not told clearly what to keep', () =>
  withBackups(async (directory) => {
    for (const [name, options, message] of REFUSED) {
      const refused = rotateBackups(directory, options as RotateOptions)
      await expect(refused, name).rejects.toThrow(message)
      await expect(refused, name).rejects.toSatisfy(
        (error) => error instanceof TypeError || error instanceof RangeError,
      )
      expect(readdirSync(directory), name).toHaveLength(TIMES.length)
    }
    const nowhere = rotateBackups(undefined as unknown as string, {
      storeId: OURS,
      rules: { keep: 1 },
    })
    await expect(nowhere).rejects.toThrow('the directory is undefined, it must be a path')
  }))

// Ten commits a night; after night 8 the backup of night 5 was restored and the game went on. The commits
// of nights 6 to 8 had higher numbers, so night 11 removed night 9 of the living history.
test('rotateBackups() after a restore keeps the living history by the rules, and lets the other pass', () =>
  withDirectory(async (directory) => {
    const night = async (number: number, fact: { sequence: number; lineageId?: string }) => {
      const path = join(directory, String(number).padStart(2, '0'))
      await mkdir(path)
      await writeFile(join(path, 'data.mdb'), 'data')
      const createdAt = new Date(Date.UTC(2026, 10, number, 3)).toISOString()
      const manifest = { ...manifestAt(createdAt), ...fact }
      await writeFile(join(path, 'MANIFEST.json'), encodeManifest(manifest))
      await rotateBackups(directory, { storeId: OURS, rules: { daily: 4 }, made: path })
      return readdirSync(directory).join(' ')
    }
    for (let i = 1; i <= 7; i++) await night(i, { sequence: 10 * i })
    expect(await night(8, { sequence: 80 })).toBe('05 06 07 08')
    const lineageId = 'c'.repeat(32)
    const after: string[] = []
    for (let i = 9; i <= 13; i++)
      after.push(await night(i, { sequence: 51 + 10 * (i - 8), lineageId }))
    // The four newest nights of all, among which those of the living history are never missing.
    expect(after).toEqual([
      '06 07 08 09',
      '07 08 09 10',
      '08 09 10 11',
      '09 10 11 12',
      '10 11 12 13',
    ])
    // The given-up game is started once more by mistake: its backups push none of the living ones out.
    expect(await night(14, { sequence: 90 })).toBe('11 12 13 14')
    expect(await night(15, { sequence: 112, lineageId })).toBe('11 12 13 14 15')
  }))

test('historiesOf() knows the living history by the backup just made, else by the newest', () => {
  const [day, dayBefore] = [TIMES[2] as string, TIMES[4] as string]
  const backups = backupsOf([
    [300, dayBefore],
    [100, dayBefore],
    [110, day],
    [400, day],
  ])
  for (const i of [1, 2]) Object.assign(backups[i]?.manifest ?? {}, { lineageId: 'c'.repeat(32) })
  const told = (made?: string) => {
    const { live, others } = historiesOf(backups, made)
    return [placesOf(live), placesOf(others)]
  }
  expect(told('/b/2')).toEqual([
    [2, 1],
    [3, 0],
  ])
  expect(told('/b/1')).toEqual([
    [1, 2],
    [3, 0],
  ])
  expect(told('/b/0')).toEqual([
    [0, 3],
    [2, 1],
  ])
  expect(told()).toEqual([
    [3, 0],
    [2, 1],
  ])
  expect(historiesOf([])).toEqual({ live: [], others: [] })
})
