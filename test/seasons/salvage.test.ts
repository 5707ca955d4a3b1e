/**
 * Salvaging a store with windows: seasons are saved as boards are.
 *
 * @module
 */

import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boardKey } from '../../src/format/meta/board.ts'
import { encodeOrphan, orphanKey } from '../../src/format/meta/orphan.ts'
import { SEASONS_END, SEASONS_START } from '../../src/format/meta/season.ts'
import { WINDOWS_END, WINDOWS_START } from '../../src/format/meta/window.ts'
import type { Table } from '../../src/format/tables.ts'
import { type Leaderboards, openLeaderboards, salvageStore } from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { run } from '../cli/support.ts'
import { contentOf, seasonsOf } from '../golden/content.js'
import { Random, runSeed } from '../support/random.ts'
import { changeRaw, flipped, pairsOf } from '../support/raw-store.ts'
import { PAGE_BYTES, saveWithout } from '../support/salvage-scene.ts'
import { sizeOf } from '../support/sizes.ts'
import { TemporaryStore, withDirectory } from '../support/temporary-store.ts'
import { fillSeasons } from './scene.ts'

/** Each costs a new store: some, or all. */
const PAGES = sizeOf('TORTURE_SALVAGE_SEASONS', { test: 3, torture: 1000 })
const AFTER = Date.UTC(2081, 11, 3, 0, 6)

/** Fills a store, closes it, and copies it without a lock file. */
async function closedCopy(directory: string): Promise<{ path: string; before: unknown }> {
  const temporary = new TemporaryStore(join(directory, 'store'), {})
  await fillSeasons(temporary)
  const before = shown(temporary.store)
  await temporary.store.close()
  const path = join(directory, 'copy')
  await mkdir(path)
  await copyFile(join(directory, 'store', 'data.mdb'), join(path, 'data.mdb'))
  return { path, before }
}

function shown(store: Leaderboards): unknown {
  return { boards: contentOf(store), seasons: seasonsOf(store), bans: store.bans() }
}

async function shownIn(path: string): Promise<unknown> {
  const store = openLeaderboards(path, { clock: () => AFTER, readOnly: true })
  try {
    expect((await store.check()).findings).toEqual([])
    return shown(store)
  } finally {
    await store.close()
  }
}

// Entries of seasons counted as lost: no name leads to the number of a season.
test('salvageStore() saves the windows of a board, their seasons and finals', () =>
  withDirectory(async (directory) => {
    const { path, before } = await closedCopy(directory)
    const saved = join(directory, 'saved')
    const report = await salvageStore(path, saved)
    expect(report).toMatchObject({ lost: 0, problems: [] })
    expect(report.boards).toMatchObject([
      { board: 'arena', entries: 40, fromEntries: 0, seasons: { fromEntries: 0 } },
      { board: 'plain', entries: 1, fromEntries: 0 },
    ])
    expect(await shownIn(saved)).toEqual(before)
  }))

test('a salvaged store goes on with its seasons', () =>
  withDirectory(async (directory) => {
    const { path } = await closedCopy(directory)
    const saved = join(directory, 'saved')
    await salvageStore(path, saved)
    let now = AFTER
    const store = openLeaderboards(saved, { clock: () => now })
    const arena = store.openBoard('arena')
    const late = await arena.submit('player-9', 1000, { at: Date.UTC(2081, 11, 2, 23) })
    expect(late.windows?.['day']).toEqual({ season: '2081-12-02', rank: 1 })
    now += 3_600_000
    const sealed = await arena.submit('player-9', 2000, { at: Date.UTC(2081, 11, 2, 23) })
    expect(sealed.windows?.['day']).toMatchObject({ season: '2081-12-02', sealed: true })
    await expect(arena.startSeason('cup', 'spring')).rejects.toHaveProperty('code', 'SEASON_EXISTS')
    await arena.startSeason('cup', 'winter')
    now += 40 * 86_400_000
    await arena.submit('player-9', 3000)
    expect(arena.seasons('month').map(({ season, size }) => [season, size > 0])).toEqual([
      ['2082-01', true],
      ['2081-12', true],
      ['2081-11', true],
    ])
    expect((await store.check()).findings).toEqual([])
    await store.close()
  }))

function damageAll(writer: Writer<Table>, range: { start: Buffer; end: Buffer }): void {
  for (const { key, value } of pairsOf(writer, 'meta'))
    if (key.compare(range.start) >= 0 && key.compare(range.end) < 0)
      writer.put('meta', key, flipped(value, 6))
}

test('salvageStore() finds damaged windows and seasons on pages of earlier commits', () =>
  withDirectory(async (directory) => {
    const { path } = await closedCopy(directory)
    await changeRaw(path, (writer) => {
      damageAll(writer, { start: WINDOWS_START, end: WINDOWS_END })
      damageAll(writer, { start: SEASONS_START, end: SEASONS_END })
    })
    const saved = join(directory, 'saved')
    const { problems, lost } = await salvageStore(path, saved)
    expect(problems).toContain('window 1 of board 1 is damaged')
    expect(problems).toContain('a season of window 1 of board 1 is damaged')
    expect(lost).toBe(0)
    await shownIn(saved)
    const store = openLeaderboards(saved, { clock: () => AFTER })
    const arena = store.openBoard('arena')
    expect(arena.windows().map(({ window }) => window)).toEqual([
      ...['day', 'month', 'gained', 'cup', 'top'],
    ])
    expect(arena.window('day').size).toBeGreaterThan(0)
    await arena.submit('player-9', 4000)
    expect(arena.window('day').rank('player-9')).toBe(1)
    await store.close()
  }))

// A season that an earlier commit tells of may be there in another state, or be gone since.
test('salvageStore() saves a sound store whichever page is damaged', () =>
  withDirectory(async (directory) => {
    const { path } = await closedCopy(directory)
    const expected = JSON.stringify(await shownIn(path))
    const data = await readFile(join(path, 'data.mdb'))
    const random = new Random(runSeed('salvage of seasons'))
    const pages = Array.from({ length: data.length / PAGE_BYTES - 2 }, (_, i) => i + 2)
    const outcomes = { all: 0, part: 0, none: 0 }
    while (pages.length > PAGES) pages.splice(random.below(pages.length), 1)
    for (const page of pages) {
      const done = await saveWithout(page, { data, directory })
      if (done === undefined) outcomes.none++
      else if (JSON.stringify(await shownIn(done.saved)) === expected) outcomes.all++
      else outcomes.part++
    }
    console.info(`seasons saved with a page damaged: ${JSON.stringify(outcomes)}`)
    expect(outcomes.none).toBeLessThanOrEqual(1)
    expect(outcomes.all).toBeGreaterThan(outcomes.part)
  }))

// What was dropped and not swept yet counted as lost, and came back if any page was damaged.
test('salvageStore() leaves dropped boards and seasons that left behind', () =>
  withDirectory(async (directory) => {
    const { path } = await closedCopy(directory)
    await changeRaw(path, (writer) => {
      for (const { key } of pairsOf(writer, 'meta'))
        if (key.equals(boardKey('plain'))) writer.remove('meta', key)
      writer.put('meta', orphanKey(2), encodeOrphan(orphanKey(2), { state: 'dropped' }))
      damageAll(writer, { start: SEASONS_START, end: SEASONS_END })
    })
    const { boards, lost, problems } = await salvageStore(path, join(directory, 'saved'))
    expect(boards.map(({ board }) => board)).toEqual(['arena'])
    expect(lost).toBe(0)
    expect(problems.filter((problem) => problem.includes('not saved'))).toEqual([])
    await shownIn(join(directory, 'saved'))
  }))

test('ladderdb salvage tells of seasons', () =>
  withDirectory(async (directory) => {
    const { path } = await closedCopy(directory)
    const { stdout } = await run(['salvage', join(directory, 'saved'), '--db', path])
    expect(stdout).toMatch(/^board 'arena': 40 entries saved; \d+ seasons with \d+ entries$/m)
  }))
