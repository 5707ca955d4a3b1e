import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leftoverName, shortName, sweepLeftovers } from '../../src/backup/debris.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory } from '../support/temporary-store.ts'

checkHere()

const ALL = ['partial', 'deleting', 'restoring', 'unpacking', 'packing'] as const
const STARTS = [
  '.2026-11-21.ladder.partial',
  '.deleting-2026-11-20.ladder',
  'data.mdb.restoring',
  '.ladderdb-restore',
  'ladderdb-backup',
]
const OTHER_SPACE = '00000000'
const TWO_DAYS_S = 2 * 86_400

/** The id of a process that has ended. */
function gonePid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

function markOf(name: string, maker: { pid?: number; space?: string }): string {
  const [, start, space, pid, random] = /^(.+)-(\w{8})-(\d+)-(\w{12})$/.exec(
    leftoverName(name),
  ) as unknown as string[]
  return [start, maker.space ?? space, maker.pid ?? pid, random].join('-')
}

function makeLeftover(directory: string, name: string): string {
  const path = join(directory, name)
  if (name.startsWith('data.mdb')) writeFileSync(path, 'half')
  else mkdirSync(path)
  const holds = name.startsWith('ladderdb') || name.startsWith('.ladderdb') ? 'backup' : '.'
  if (!name.startsWith('data.mdb')) {
    mkdirSync(join(path, holds), { recursive: true })
    for (const file of ['data.mdb', 'lock.mdb', 'MANIFEST.json.partial'])
      writeFileSync(join(path, holds, file), '')
  }
  return path
}

test.each(STARTS)('sweepLeftovers() removes %s of a process that is gone', (start) =>
  withDirectory(async (directory) => {
    const path = makeLeftover(directory, markOf(start, { pid: gonePid() }))
    expect(await sweepLeftovers(directory, ALL)).toEqual([path])
    expect(readdirSync(directory)).toEqual([])
  }),
)

test.each(STARTS)('sweepLeftovers() leaves %s of a process that lives', (start) =>
  withDirectory(async (directory) => {
    for (const pid of [process.pid, process.ppid]) {
      const path = makeLeftover(directory, markOf(start, { pid }))
      // However long nothing has changed it.
      utimesSync(path, 0, 0)
    }
    expect(await sweepLeftovers(directory, ALL)).toEqual([])
    expect(readdirSync(directory)).toHaveLength(2)
  }),
)

test.each(STARTS)('sweepLeftovers() removes %s of another boot after a day', (start) =>
  withDirectory(async (directory) => {
    const maker = { pid: gonePid(), space: OTHER_SPACE }
    const old = makeLeftover(directory, markOf(start, maker))
    makeLeftover(directory, markOf(start, maker))
    const then = Date.now() / 1000 - TWO_DAYS_S
    utimesSync(old, then, then)
    expect(await sweepLeftovers(directory, ALL)).toEqual([old])
  }),
)

test('sweepLeftovers() leaves what is not ours', () =>
  withDirectory(async (directory) => {
    await withDirectory(async (elsewhere) => {
      const pid = gonePid()
      writeFileSync(join(elsewhere, 'data.mdb'), 'theirs')
      symlinkSync(elsewhere, join(directory, markOf('.link.partial', { pid })))
      const photos = makeLeftover(directory, markOf('.photos.partial', { pid }))
      writeFileSync(join(photos, 'cat.jpg'), '')
      const nested = makeLeftover(directory, markOf('.nested.partial', { pid }))
      mkdirSync(join(nested, 'album'))
      const linked = makeLeftover(directory, markOf('.linked.partial', { pid }))
      symlinkSync(elsewhere, join(linked, 'backup'))
      for (const name of ['.b.partial-', '.b.partial-0123456789ab', 'b.partial', '.deleting-b'])
        mkdirSync(join(directory, name))
      mkdirSync(join(directory, markOf('b.partial', { pid })))
      const before = readdirSync(directory)
      expect(await sweepLeftovers(directory, ALL)).toEqual([])
      expect(readdirSync(directory)).toEqual(before)
      expect(readdirSync(elsewhere)).toEqual(['data.mdb'])
    })
  }))

test('sweepLeftovers() removes the kinds that were asked for, and needs no directory', () =>
  withDirectory(async (directory) => {
    const pid = gonePid()
    for (const start of STARTS) makeLeftover(directory, markOf(start, { pid }))
    expect(await sweepLeftovers(directory, ['packing'])).toHaveLength(1)
    expect(readdirSync(directory)).toHaveLength(STARTS.length - 1)
    expect(await sweepLeftovers(join(directory, 'none'), ALL)).toEqual([])
  }))

test('leftoverName() of the longest name fits a file system', () => {
  const name = leftoverName(`.deleting-${shortName(`/b/${'🏆'.repeat(63)}`)}`)
  expect(Buffer.byteLength(name)).toBeLessThan(255)
})
