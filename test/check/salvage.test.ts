import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boardKey } from '../../src/format/meta/board.ts'
import { openLeaderboards, salvageStore } from '../../src/index.ts'
import { openDamagedFile } from '../../src/store/datafile/salvage-walk.ts'
import { withCli } from '../cli/support.ts'
import { contentOf } from '../golden/content.js'
import { changeRaw, flipped } from '../support/raw-store.ts'
import { withDirectory } from '../support/temporary-store.ts'

const PAGE_BYTES = 4096
const PLAYERS = 200
// Each page costs a new store.
const PAGE_STEP = process.env['TORTURE'] === undefined ? 4 : 1

// A damaged page of `entries` kept a store from opening, and so the rebuild that would have mended it.
// Each page in turn is made zeros: what it held is in another table, on earlier pages, or told as lost.
test('salvageStore() saves all that one damaged page leaves, whichever it is', () =>
  withDirectory(async (directory) => {
    const source = await makeStore(directory)
    const expected = await contentIn(source)
    const data = await readFile(join(source, 'data.mdb'))
    const outcomes = { all: 0, part: 0, none: 0 }
    for (let page = 2; page < data.length / PAGE_BYTES; page += PAGE_STEP) {
      const [damaged, saved] = [
        join(directory, `damaged-${page}`),
        join(directory, `saved-${page}`),
      ]
      await mkdir(damaged)
      const copy = Buffer.from(data)
      copy.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
      await writeFile(join(damaged, 'data.mdb'), copy)
      const report = await salvageStore(damaged, saved).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'CORRUPT' })
        return undefined
      })
      if (report === undefined) outcomes.none++
      else {
        const content = await contentIn(saved)
        const isWhole = JSON.stringify(content) === JSON.stringify(expected)
        expect([page, report.lost === 0 && report.problems.length === 0 && !isWhole]).toEqual([
          page,
          false,
        ])
        if (isWhole) expect([page, report.lost]).toEqual([page, 0])
        outcomes[isWhole ? 'all' : 'part']++
      }
    }
    // The page with the list of tables leaves nothing; that of the catalog may have no earlier one.
    expect(outcomes.none).toBeLessThanOrEqual(1)
    expect(outcomes.part).toBeLessThanOrEqual(1)
    expect(outcomes.all).toBeGreaterThan(4)
  }))

test('salvageStore() tells what is lost if both records of a player are damaged', () =>
  withDirectory(async (directory) => {
    const source = await makeStore(directory)
    const data = await readFile(join(source, 'data.mdb'))
    for (const table of ['players', 'entries']) {
      const number = leafOf(source, data, table)
      data.fill(0, number * PAGE_BYTES, (number + 1) * PAGE_BYTES)
    }
    await writeFile(join(source, 'data.mdb'), data)
    const report = await salvageStore(source, join(directory, 'saved'))
    const saved = report.boards.reduce((sum, { entries }) => sum + entries, 0)
    expect(report.lost).toBeGreaterThan(0)
    expect(saved + report.lost).toBe(PLAYERS + 2)
    expect(report.problems.length).toBe(2)
    await contentIn(join(directory, 'saved'))
  }))

test('salvageStore() finds damaged settings of a board on pages of earlier commits, or tells', () =>
  withDirectory(async (directory) => {
    const source = await makeStore(directory)
    await changeRaw(source, (writer) => {
      const key = boardKey('race')
      writer.put('meta', key, flipped(copyOf(writer.get('meta', key)), 6))
    })
    const report = await salvageStore(source, join(directory, 'saved'))
    expect(report.problems[0]).toContain('"race"')
    expect(report.boards.map(({ board }) => board)).toEqual(['arena', 'race'])
    expect(report.lost).toBe(0)
  }))

test('salvageStore() refuses what is no store, a target that is there, and unknown options', () =>
  withDirectory(async (directory) => {
    const source = await makeStore(directory)
    const refused = (from: string, to: string, options?: object): Promise<unknown> =>
      salvageStore(from, to, options).catch((error: unknown) => error)
    expect(await refused(join(directory, 'none'), join(directory, 'x'))).toMatchObject({
      code: 'NO_STORE',
    })
    expect(await refused(source, source)).toMatchObject({ code: 'EXISTS' })
    expect(await refused(source, join(directory, 'x'), { force: true })).toBeInstanceOf(TypeError)
  }))

test('ladderdb salvage tells what it saved', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ada', '7')
    const saved = join(cli.directory, 'saved')
    const before = await readFile(join(cli.db, 'data.mdb'))
    expect(await cli.ok('salvage', saved)).toMatch(
      /^board 'default': 1 entry saved\nsaved to .*, nothing is lost\nin /,
    )
    expect(await readFile(join(cli.db, 'data.mdb'))).toEqual(before)
    const again = await cli.run(['salvage', saved])
    expect(again.status).toBe(1)
    expect(again.stderr).toContain('something is there already')
  }))

async function makeStore(directory: string): Promise<string> {
  const path = join(directory, 'store')
  let now = 1_760_000_000_000
  const store = openLeaderboards(path, { clock: () => now++ })
  const arena = store.board('arena', { mode: 'best' })
  const race = store.board('race', {
    columns: [{ name: 'lap' }, { name: 'time', order: 'ascending' }],
  })
  await race.submit('ada', { lap: 1, time: 2 })
  await race.submit('bob', { lap: 1, time: 1 }, { metadata: { car: 'red' } })
  const scores = Array.from({ length: PLAYERS }, (_, i) => {
    return { playerId: `player-${i}`, score: (i * 37) % 101, name: `Player number ${i}` }
  })
  await arena.submitMany(scores)
  await store.close()
  const copy = join(directory, 'copy')
  await mkdir(copy)
  await copyFile(join(path, 'data.mdb'), join(copy, 'data.mdb'))
  return copy
}

// What a reader returns may lie in a larger buffer.
function copyOf(value: Buffer | undefined): Buffer {
  return Buffer.from(value?.subarray(0, value.length) ?? [])
}

// Also sees that the store is sound.
async function contentIn(path: string): Promise<unknown> {
  const store = openLeaderboards(path, { readOnly: true })
  try {
    expect((await store.check()).findings).toEqual([])
    return contentOf(store)
  } finally {
    await store.close()
  }
}

// The leaf with the first keys of a table, as the file has it now.
function leafOf(path: string, data: Buffer, table: string): number {
  const file = openDamagedFile(join(path, 'data.mdb'))
  if (typeof file === 'string') throw new Error(file)
  const last = [...file.pairs(table)].at(-1)
  file.close()
  if (last === undefined) throw new Error(`table ${table} is empty`)
  let found = 0
  for (let page = 2; page < data.length / PAGE_BYTES; page++) {
    const bytes = data.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
    if (bytes.readUInt16LE(18) === 2 && bytes.includes(Buffer.concat([last.key, last.value])))
      found = page
  }
  return found
}
