/**
 * Imports into boards with windows: rows with times fill past seasons that were empty.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { applyChange } from '../../src/embedded/apply.ts'
import { findBoard } from '../../src/embedded/catalog.ts'
import type {
  BoardSettings,
  Entry,
  ImportOptions,
  Leaderboard,
  RankMode,
  Score,
} from '../../src/index.ts'
import { openLeaderboards } from '../../src/index.ts'
import { PointRestore } from '../../src/library/restore-point.ts'
import { isUntouched } from '../../src/transfer/fill/fill-board.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed } from '../support/random.ts'
import { logOf } from '../support/random-history.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'
import { withSeasons } from './engine.ts'

checkHere()

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
// No test here ends a process: what is acknowledged need not be on disk.
const FAST = { durability: 'relaxed' } as const
const NOON = Date.UTC(2026, 10, 28, 12)

interface Row {
  playerId: string
  score: Score
  at?: number
  name?: string
}

function importOf(
  board: Leaderboard,
  rows: readonly object[],
  options: Partial<ImportOptions> = {},
) {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`)
  return board.importFrom(lines, { format: 'ndjson', ...options })
}

/** What each season of a board has, by window and season; those without entries are left out. */
function standings(board: Leaderboard): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { window } of board.windows())
    for (const { season } of board.seasons(window, { limit: 1000 })) {
      const entries = board.window(window, season).top(1000)
      if (entries.length > 0) found[`${window} ${season}`] = entries.map(inShort)
    }
  return found
}

function inShort({ playerId, score, at, rank, name }: Entry<Score>): string {
  return [rank, playerId, name, JSON.stringify(score), at].join(' ')
}

const SETTINGS: readonly BoardSettings[] = [
  { mode: 'best' },
  { mode: 'best', order: 'ascending' },
  { mode: 'set' },
  { mode: 'increment' },
  { mode: 'best', keep: 5 },
  { mode: 'increment', log: 'changes' },
  { mode: 'set', log: 'none' },
]

function randomRows(random: Random, fromMs: number, count: number): Row[] {
  const times = Array.from({ length: count }, () => fromMs + random.below(400) * (DAY_MS - HOUR_MS))
  return times
    .sort((a, b) => a - b)
    .map((at, i) => ({
      playerId: `p${random.below(12)}`,
      score: random.below(50),
      at: at + i,
      ...(random.chance(0.1) && { name: `N${random.below(9)}` }),
    }))
}

// The same rows, each submitted when it happened.
test('a file of events replays more than a year into days, weeks and months', async () => {
  const random = new Random(runSeed('import of events'))
  const first = random.below(SETTINGS.length)
  const count = sizeOf('IMPORT_SETTINGS', { test: 1, torture: SETTINGS.length })
  const chosen = [...SETTINGS, ...SETTINGS].slice(first, first + count)
  for (const settings of chosen)
    await withStore(async ({ store, clock }) => {
      const isGain = settings.keep === undefined && settings.order === undefined
      const windows = [
        ...(['day', 'week', 'month'] as const),
        {
          name: 'sum',
          every: 'month' as const,
          timeZone: 'Europe/Berlin',
          mode: 'increment' as const,
        },
        ...(isGain ? [{ name: 'gained', every: 'week' as const, value: 'gain' as const }] : []),
      ]
      // No row comes in the grace of a season: a name would reach that too, which is sealed when it is imported.
      const from = Date.UTC(2025, 8, 3, 12, 30)
      const rows = randomRows(random, from, sizeOf('IMPORT_ROWS', { test: 50, torture: 400 }))
      clock.now = from
      const live = await store.createBoard('live', { ...settings, windows })
      for (const row of rows) {
        clock.now = row.at as number
        await live.submit(row.playerId, row.score as number, {
          at: clock.now,
          ...(row.name && { name: row.name }),
        })
      }
      clock.now = NOON
      for (const [name, options] of [
        ['imported', {}],
        ['unlogged', { log: false }],
        ['by the rules', { rules: true }],
      ] as const) {
        const board = store.board(name, { ...settings, windows })
        const report = await importOf(board, rows, options)
        const told = `SEED=${random.seed} ${JSON.stringify(settings)} ${name}`
        expect(report, told).toMatchObject({ imported: rows.length, skipped: 0 })
        expect(report.sealed, told).toBeUndefined()
        expect(standings(board), told).toEqual(standings(live))
        expect(board.top(100).map(inShort), told).toEqual(live.top(100).map(inShort))
      }
    }, FAST)
})

function dayRow(playerId: string, score: number, daysAgo: number): Row {
  return { playerId, score, at: NOON - daysAgo * DAY_MS }
}

/** A board with windows that has entries of yesterday, which is sealed, and of today. */
async function makeArena({ store, clock }: TemporaryStore, settings: BoardSettings = {}) {
  clock.now = NOON - DAY_MS
  const windows = ['day', { every: 'month', retain: 2 }] as const
  const board = await store.createBoard('arena', { mode: 'best', windows, ...settings })
  await board.submit('ada', 10, { at: NOON - DAY_MS })
  clock.now = NOON
  await board.submit('ada', 5, { at: NOON })
  return board
}

const ARENA = {
  'day 2026-11-27': ['1 ada ada 10 1795780800000'],
  'day 2026-11-28': ['1 ada ada 5 1795867200000'],
  'month 2026-11': ['1 ada ada 10 1795780800000'],
}

test('rows for sealed seasons that had entries go to the board alone, and are counted', () =>
  withStore(async (temporary) => {
    const board = await makeArena(temporary)
    const rows = [
      dayRow('bob', 20, 0),
      dayRow('bob', 30, 1),
      dayRow('cyd', 31, 1),
      dayRow('cyd', 7, 3),
      // Two months stay; the one before is gone.
      dayRow('dan', 99, 100),
    ]
    const report = await importOf(board, rows)
    expect(report).toEqual({
      ...{ imported: 5, changed: 4, skipped: 0 },
      sealed: { day: 2, month: 1 },
    })
    expect(standings(board)).toEqual({
      ...ARENA,
      'day 2026-11-28': ['1 bob bob 20 1795867200000', '2 ada ada 5 1795867200000'],
      'day 2026-11-25': ['1 cyd cyd 7 1795608000000'],
      [`day ${new Date(NOON - 100 * DAY_MS).toISOString().slice(0, 10)}`]: [
        `1 dan dan 99 ${NOON - 100 * DAY_MS}`,
      ],
      'month 2026-11': [
        '1 cyd cyd 31 1795780800000',
        '2 bob bob 30 1795780800000',
        '3 ada ada 10 1795780800000',
      ],
    })
    expect(board.top().map(({ playerId, score }) => [playerId, score])).toEqual([
      ...[
        ['dan', 99],
        ['cyd', 31],
        ['bob', 30],
        ['ada', 10],
      ],
    ])
    const [note] = temporary.store
      .log({ limit: 50 })
      .records.filter(({ kind }) => kind === 'import')
    expect(note).toMatchObject({ rows: { imported: 5, sealed: { day: 2, month: 1 } } })
    // What the first import filled is not empty any more.
    const again = await importOf(board, [dayRow('eve', 1, 3)])
    expect(again.sealed).toEqual({ day: 1 })
    expect(board.window('day', '2026-11-25').size).toBe(1)
  }, FAST))

test('an import that is refused leaves no season behind, and one that skips rows goes on', () =>
  withStore(async (temporary) => {
    const board = await makeArena(temporary, { mode: 'increment' })
    const { store } = temporary
    const before = logOf(store)
    const rows = [dayRow('bob', 20, 10), { ...dayRow('bob', 2 ** 53 - 1, 11) }]
    await expect(importOf(board, rows)).rejects.toMatchObject({ code: 'BAD_ROW' })
    expect(logOf(store)).toEqual(before)
    expect(board.seasons('day')).toHaveLength(2)
    const unborn = store.board('unborn', { windows: ['day'], mode: 'increment' })
    await expect(importOf(unborn, rows)).rejects.toMatchObject({ code: 'BAD_ROW' })
    expect(store.boards().map(({ name }) => name)).toEqual(['arena'])
    const report = await importOf(board, rows, { skipBad: true })
    expect(report).toEqual({ imported: 1, changed: 1, skipped: 1 })
    expect(board.window('day', '2026-11-18').rank('bob')).toBe(1)
  }, FAST))

test('rows of those who are banned fill seasons unseen', () =>
  withStore(async (temporary) => {
    const board = await makeArena(temporary)
    await temporary.store.ban('bob', { submits: 'keep' })
    await importOf(board, [dayRow('bob', 20, 10), dayRow('cyd', 3, 10), dayRow('bob', 30, 0)])
    expect(board.window('day', '2026-11-18').top().map(inShort)).toEqual([
      `1 cyd cyd 3 ${NOON - 10 * DAY_MS}`,
    ])
    await temporary.store.unban('bob')
    expect(board.window('day').rank('bob')).toBe(1)
  }, FAST))

test('the log tells of seasons that an import fills: a restore up to a point makes them again', () =>
  withStore(async (temporary) => {
    const { store, path } = temporary
    const board = await makeArena(temporary)
    const backup = join(path, 'backup')
    await store.backup(backup)
    await importOf(board, [dayRow('bob', 20, 10), dayRow('cyd', 3, 30), dayRow('cyd', 4, 1)])
    await importOf(board, [dayRow('bob', 2, 20), dayRow('dan', 3, 10), dayRow('dan', 40, 0)])
    await board.submit('eve', 1)
    const windows = ['week', { name: 'year', every: 'year', finals: true }] as const
    await importOf(store.board('second', { windows }), [dayRow('bob', 3, 400), dayRow('ada', 4, 3)])
    const target = join(path, 'restored')
    await mkdir(target)
    await copyFile(join(backup, 'data.mdb'), join(target, 'data.mdb'))
    const work = new PointRestore(target, { log: path, seq: logOf(store).at(-1)?.seq })
    await work.prepare(backup)
    await work.replay(target)
    await work.close()
    const restored = openLeaderboards(target, { clock: temporary.clock.read })
    try {
      for (const name of ['arena', 'second']) {
        const [was, is] = [store, restored].map((one) => one.board(name)) as [
          Leaderboard,
          Leaderboard,
        ]
        expect(standings(is)).toEqual(standings(was))
        for (const { window } of was.windows())
          expect(is.seasons(window)).toEqual(was.seasons(window))
      }
      expect((await restored.check({ history: true })).findings).toEqual([])
    } finally {
      await restored.close()
    }
  }, FAST))

// The board got another number, and left behind what of its windows was still to be taken away.
test('a board whose window is still going keeps its number', () =>
  withSeasons(async ({ temporary, engine }) => {
    const { context } = engine
    await temporary.store.createBoard('arena', { windows: ['day'] })
    const isUntouchedAfter = await context.store.write((writer) => {
      const alteration = { windows: { day: null } }
      applyChange(context, writer, { kind: 'alter', board: 'arena', alteration })
      return isUntouched(writer, findBoard(writer, 'arena')?.id as number)
    })
    expect(isUntouchedAfter).toBe(false)
  }))

/** What an export writes. */
async function exported(board: Pick<Leaderboard, 'exportTo'>): Promise<string> {
  const stream = new PassThrough()
  const [written] = await Promise.all([text(stream), board.exportTo(stream, { format: 'ndjson' })])
  return written
}

// A file without windows made a board that had none, whatever the caller asked for.
test('the first line of an export has the windows of its board, and that of a season has none', () =>
  withStore(async (temporary) => {
    const { store } = temporary
    const board = await makeArena(temporary)
    const windowsIn = (one: Leaderboard) =>
      one.windows().map(({ window, retain }) => [window, retain])
    const whole = await exported(board)
    const again = store.board('again')
    await again.importFrom([whole], { format: 'ndjson' })
    expect(windowsIn(again)).toEqual([
      ['day', undefined],
      ['month', 2],
    ])
    expect(standings(again)).toEqual({
      'day 2026-11-27': ARENA['day 2026-11-27'],
      'month 2026-11': ARENA['month 2026-11'],
    })
    const season = await exported(board.window('day', '2026-11-28'))
    const plain = store.board('plain')
    await plain.importFrom([season], { format: 'ndjson' })
    expect([windowsIn(plain), plain.top().map(inShort)]).toEqual([[], ARENA['day 2026-11-28']])
    const week = store.board('weeks', { windows: ['week'] })
    await week.importFrom([season], { format: 'ndjson' })
    expect(windowsIn(week)).toEqual([['week', undefined]])
    const more = store.board('more', { windows: ['week', { every: 'month', retain: 2 }] })
    await more.importFrom([whole], { format: 'ndjson' })
    expect(windowsIn(more)).toEqual([
      ['day', undefined],
      ['month', 2],
      ['week', undefined],
    ])
    const other = store.board('other', { windows: [{ every: 'month', retain: 3 }] })
    await expect(other.importFrom([whole], { format: 'ndjson' })).rejects.toMatchObject({
      code: 'SETTINGS_DIFFER',
      message: expect.stringContaining('retain of window "month" is 2, asked for 3'),
    })
    // A board that exists has the windows that it has.
    await week.importFrom([whole], { format: 'ndjson' })
    expect(windowsIn(week)).toEqual([['week', undefined]])
  }, FAST))

interface Standing extends Row {
  race: string
  rank: number
}

function formula1(path: string): Standing[] {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1)
  return lines.map((line) => {
    const [race = '', playerId = '', name = '', score, at, rank] = line.split(',')
    return { race, playerId, name, score: Number(score), at: Number(at), rank: Number(rank) }
  })
}

// Officially, what was won decides between equal points, which no points say; here, who had them first. In the last
// tables alone the times carry the official order.
// F1DB's standings after each race are not part of the product: F1_STANDINGS is their file.
test.skipIf(process.env['F1_STANDINGS'] === undefined)(
  'seasons of Formula 1 as windows by year end as they did',
  () =>
    withStore(async ({ store, clock }) => {
      clock.now = NOON
      const rows = formula1(process.env['F1_STANDINGS'] as string)
      const windows = [{ every: 'year', finals: true }] as const
      const all = store.board('all', { mode: 'set', windows })
      const ends = store.board('ends', { mode: 'set', windows })
      const years = ['2025', '2024', '2023', '2022', '2021']
      const last = years.map(
        (year) => rows.filter(({ race }) => race.startsWith(year)).at(-1)?.race,
      )
      const asRow = ({ playerId, name, score, at }: Standing): Row => ({
        playerId,
        name: name as string,
        score,
        at: at as number,
      })
      await importOf(all, rows.map(asRow))
      await importOf(ends, rows.filter(({ race }) => last.includes(race)).map(asRow))
      for (const [i, year] of years.entries()) {
        const official = rows.filter(({ race }) => race === last[i]).sort((a, b) => a.rank - b.rank)
        const table = official.map(({ playerId, score }) => [playerId, score])
        expect(
          ends
            .window('year', year)
            .top(100)
            .map(({ playerId, score }) => [playerId, score]),
        ).toEqual(table)
        expect(
          new Map(
            all
              .window('year', year)
              .top(100)
              .map(({ playerId, score }) => [playerId, score]),
          ),
        ).toEqual(new Map(table as [string, number][]))
        for (const { playerId, rank, score } of official) {
          const final = (board: Leaderboard, rankMode: RankMode) =>
            board.finals(playerId, 'year', { rankMode }).find(({ season }) => season === year)
          expect(final(ends, 'ordinal')).toMatchObject({ rank, score, size: official.length })
          const tied = official.filter((other) => other.score === score).length
          const first = final(all, 'competition')?.rank as number
          expect(rank >= first && rank < first + tied, `${year} ${playerId}`).toBe(true)
        }
      }
      const listed = all
        .seasons('year')
        .map(({ season, sealed, size }) => [season, sealed, size > 0])
      expect(listed).toEqual([['2026', false, false], ...years.map((year) => [year, true, true])])
    }, FAST),
)
