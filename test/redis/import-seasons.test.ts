/**
 * Files into boards with windows on a server: which seasons their rows go to while an import takes its time, and that none
 * counts twice in any. That each comes to what the embedded engine makes of it is told side by side.
 *
 * @module
 */

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ImportOptions, ImportReport } from '../../src/index.ts'
import { connectLeaderboards, type RemoteBoard } from '../../src/redis/index.ts'
import { ImportFills } from '../../src/redis/partitions/import-fills.ts'
import { BoardCaller } from '../../src/redis/slot/board-caller.ts'
import { problemOf } from '../model/calls.ts'
import { CUTS, cuttingProxy } from '../support/cutting-proxy.ts'
import { DAY, NOON_MS, type RedisScene, withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis } from '../support/redis-server.ts'
import type { FakeClock } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000
const SUMS = { format: 'csv', mode: 'increment' } as const
const ROWS = 1_000
const DAYS = 8

function withScene(body: (scene: RedisScene) => Promise<void>): Promise<void> {
  return withRedisScene(async (scene) => {
    await body(scene)
    // Nothing is left of an import that came to its end.
    expect(await scene.admin.keys('ld{*}:f')).toEqual([])
  })
}

// Rows of the days before, each of which has its share.
function csvOfDays(): string {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    return `p${i % 7},${1 + (i % 3)},${NOON_MS - (i % DAYS) * DAY_MS}`
  })
  return `playerId,score,at\n${rows.join('\n')}\n`
}

// The sums of the rows of each day, newest first.
function sumsOfDays(): number[] {
  const sums = Array.from({ length: DAYS }, () => 0)
  for (let i = 0; i < ROWS; i++) sums[i % DAYS] = (sums[i % DAYS] as number) + 1 + (i % 3)
  return sums
}

async function sumsIn(board: RemoteBoard): Promise<number[]> {
  const seasons = await board.seasons('day', { limit: 100 })
  const all = seasons.map(async ({ season }) => {
    const entries = await (await board.window('day', season)).top(10)
    return entries.reduce((sum, { score }) => sum + score, 0)
  })
  return Promise.all(all)
}

describe.each([1, 4])('in %i partitions', (partitions) => {
  importsInto(partitions)
})

const FIVE = { imported: 5, changed: 5, skipped: 0 }

// Five rows of one day: of a player each, in all partitions, or all of one player.
function csvOfDay(score: number, players = 5): string {
  const rows = [1, 2, 3, 4, 5].map((i) => `p${i % players},${score},${NOON_MS - 5 * DAY_MS}\n`)
  return `playerId,score,at\n${rows.join('')}`
}

// Where the home has said that an import fills its season, and none of its rows is stored. One partition asks once.
async function importStopped(board: RemoteBoard, stop: () => Promise<void>): Promise<ImportReport> {
  const { textFor } = ImportFills.prototype
  let first: ImportFills | undefined
  let stopped: Promise<void> | undefined
  vi.spyOn(ImportFills.prototype, 'textFor').mockImplementation(async function (
    this: ImportFills,
    seasons,
  ) {
    const text = await textFor.call(this, seasons)
    first ??= this
    if (this !== first) return text
    stopped ??= stop()
    await stopped
    return text
  })
  onTestFinished(() => void vi.restoreAllMocks())
  return board.importFrom([SLOW], SUMS)
}

const SLOW = csvOfDay(1, 1)

async function die(): Promise<never> {
  throw new Error('It dies')
}

// The home kept the season for it for ever: the same file passed it over, and so did every other one.
describeOnRedis('an import that dies before its first row', () => {
  const withBoard = (body: (board: RemoteBoard, clock: FakeClock) => Promise<void>) =>
    withScene(async ({ store, clock }) =>
      body(await store.board('sums', { partitions: 4, windows: [DAY] }), clock),
    )

  test.each([false, true])('fills its seasons if the file is imported again: resume %s', (resume) =>
    withBoard(async (board) => {
      await expect(importStopped(board, die)).rejects.toThrow('It dies')
      expect(await board.importFrom([SLOW], { ...SUMS, resume })).toEqual(FIVE)
      expect(await sumsIn(board)).toContain(5)
    }),
  )

  test('leaves its seasons to another file ten seconds later, and passes them over then', () =>
    withBoard(async (board, clock) => {
      await expect(importStopped(board, die)).rejects.toThrow('It dies')
      const early = await board.importFrom([csvOfDay(10)], SUMS)
      expect(early).toEqual({ ...FIVE, sealed: { day: 5 } })
      clock.advance(11_000)
      expect(await board.importFrom([csvOfDay(100)], SUMS)).toEqual(FIVE)
      expect(await sumsIn(board)).toContain(500)
      const late = await board.importFrom([SLOW], { ...SUMS, resume: true })
      expect(late).toEqual({ ...FIVE, sealed: { day: 5 } })
      expect(await sumsIn(board)).toContain(500)
    }))

  test('passes them over as well if it was only slow', () =>
    withBoard(async (board, clock) => {
      const slow = await importStopped(board, async () => {
        clock.advance(11_000)
        expect(await board.importFrom([csvOfDay(100)], SUMS)).toEqual(FIVE)
      })
      expect(slow).toEqual({ ...FIVE, sealed: { day: 5 } })
      expect(await sumsIn(board)).toContain(500)
    }))

  test.each(['dies', 'is held up'])('goes on if the one who takes them over %s', (what) =>
    withBoard(async (board, clock) => {
      const { write } = BoardCaller.prototype
      let goOn = (): void => undefined
      const going = new Promise<void>((resolve) => {
        goOn = resolve
      })
      let other: Promise<ImportReport> | undefined
      const slow = await importStopped(board, async () => {
        clock.advance(11_000)
        const isHeld = new Promise<void>((held) => {
          vi.spyOn(BoardCaller.prototype, 'write').mockImplementation(async function (
            this: BoardCaller,
            ...args
          ) {
            const [change, [, , , over]] = args
            // It asks the home for the season of the other when every partition holds that one back.
            if (change !== 'decide_fills' || over === '') return write.apply(this, args)
            held()
            if (what === 'dies') throw new Error('It dies')
            await going
            return write.apply(this, args)
          })
        })
        other = board.importFrom([csvOfDay(100)], SUMS)
        other.catch(() => undefined)
        await isHeld
      })
      expect(slow).toEqual(FIVE)
      goOn()
      const passed = { ...FIVE, sealed: { day: 5 } }
      if (what === 'dies') await expect(other).rejects.toThrow('It dies')
      else expect(await other).toEqual(passed)
      vi.restoreAllMocks()
      if (what === 'dies') expect(await board.importFrom([csvOfDay(100)], SUMS)).toEqual(passed)
      expect(await sumsIn(board)).toContain(5)
    }),
  )
})

function importsInto(partitions: number): void {
  const divided = partitions > 1 ? { partitions } : {}

  describeOnRedis('imports into boards with windows on a server', () => {
    test('go on behind what is stored, and count no row twice in any season', () =>
      withScene(async ({ store, url, clock, admin }) => {
        const board = await store.board('sums', { ...divided, windows: [DAY] })
        const end = new AbortController()
        const stop: ImportOptions['onProgress'] = ({ total, done }) => {
          if (total !== undefined && done > 0) end.abort()
        }
        const options = { ...SUMS, signal: end.signal, onProgress: stop }
        const text = csvOfDays()
        await expect(board.importFrom([text], options)).rejects.toThrow(/rows are stored; /)
        expect((await sumsIn(board)).length).toBe(DAYS)
        expect(await sumsIn(board)).not.toEqual(sumsOfDays())
        // The home of partitions has one, too.
        const noted = await admin.keys('ld{*}:f')
        expect(noted.length).toBeGreaterThanOrEqual(partitions > 1 ? 2 : 1)
        await expect(board.importFrom([text], SUMS)).rejects.toMatchObject({ code: 'EXISTS' })
        // Days later, in another process: what the import filled is its own, however full it is by now.
        clock.now += 3 * DAY_MS
        await using other = await connectLeaderboards(url, { clock: clock.read })
        const there = await other.board('sums')
        const report = await there.importFrom([text], { ...SUMS, resume: true })
        expect(report).toEqual({ imported: ROWS, changed: ROWS, skipped: 0 })
        expect(await sumsIn(board)).toEqual([0, 0, 0, ...sumsOfDays()])
        // All of it are final standings now.
        const again = await board.importFrom([text], SUMS)
        expect(again.sealed).toEqual({ day: ROWS })
        expect(await sumsIn(board)).toEqual([0, 0, 0, ...sumsOfDays()])
        expect(await board.get('p0')).toMatchObject({ score: 2 * (await sumOf(there, 'p0')) })
      }))

    test('count each row once in its season when answers and requests are lost', () =>
      withScene(async ({ url, clock, store }) => {
        const proxy = await cuttingProxy(Number(new URL(url).port))
        const cut = await connectLeaderboards(proxy.url, { clock: clock.read })
        const board = await cut.board('sums', { ...divided, windows: [DAY] })
        let calls = 0
        const onProgress: ImportOptions['onProgress'] = ({ total }) => {
          if (total !== undefined) proxy.cutNext(CUTS[calls++ % CUTS.length] ?? 'answer')
        }
        const report = await imported(board, { ...SUMS, onProgress })
        expect(report).toEqual({ imported: ROWS, changed: ROWS, skipped: 0 })
        expect(await sumsIn(await store.board('sums'))).toEqual(sumsOfDays())
        await cut.close()
        await proxy.close()
      }))

    test('leave final standings alone, and count over all calls which rows came too late', () =>
      withScene(async ({ store, clock }) => {
        const board = await store.board('sums', { ...divided, windows: [DAY, 'year'] })
        clock.now -= 2 * DAY_MS
        await store.createBoard('sums')
        await board.submit('ann', 1000)
        clock.now += 2 * DAY_MS
        const report = await board.importFrom([csvOfDays()], { ...SUMS, skipBad: true })
        expect(report.sealed).toEqual({ day: ROWS / DAYS })
        const sums = sumsOfDays()
        sums[2] = 1000
        expect(await sumsIn(board)).toEqual(sums)
        const [year] = await (await board.window('year')).top(1)
        expect(year).toMatchObject({ playerId: 'ann', score: 1000 })
      }))

    test('take as long as they want: what is on at the beginning takes all of its rows', () =>
      withScene(async ({ store, clock }) => {
        const board = await store.board('sums', { ...divided, windows: [DAY] })
        await board.submit('ann', 1000)
        const onProgress: ImportOptions['onProgress'] = ({ total, done }) => {
          // In the middle of storing, days pass, and the season is sealed for everybody else.
          if (total !== undefined && done > 0) clock.now = NOON_MS + 2 * DAY_MS
        }
        const report = await board.importFrom([csvOfDays()], { ...SUMS, onProgress })
        expect(report.sealed).toBeUndefined()
        const [first = 0, ...rest] = sumsOfDays()
        expect(await sumsIn(board)).toEqual([0, 0, first + 1000, ...rest])
        const late = await board.submit('ann', 1, { at: NOON_MS })
        expect(late.windows?.['day']).toMatchObject({ sealed: true })
      }))

    test('give rows without a time to the season that is on, whichever that is by then', () =>
      withScene(async ({ store, clock }) => {
        const board = await store.board('sums', { ...divided, windows: [DAY] })
        const rows = Array.from({ length: 600 * partitions }, (_, i) => `p${i % 7},1`)
        const onProgress: ImportOptions['onProgress'] = ({ total, done }) => {
          if (total !== undefined && done > 0) clock.now = NOON_MS + DAY_MS
        }
        await board.importFrom([`playerId,score\n${rows.join('\n')}\n`], { ...SUMS, onProgress })
        const sums = await sumsIn(board)
        expect(sums).toHaveLength(2)
        expect(sums[0]).toBeGreaterThan(0)
        expect((sums[0] as number) + (sums[1] as number)).toBe(rows.length)
      }))

    test.skipIf(partitions > 1)(
      'go on by the windows that are there when these are altered under them',
      () =>
        withScene(async ({ store, url, clock }) => {
          const board = await store.board('sums', { windows: ['year'] })
          await using other = await connectLeaderboards(url, { clock: clock.read })
          let alteration: Promise<unknown> | undefined
          const onProgress: ImportOptions['onProgress'] = ({ total, done }) => {
            if (total === undefined || done === 0) return
            alteration ??= other.alter('sums', { windows: { year: null, day: DAY } })
          }
          const report = await board.importFrom([csvOfDays()], { ...SUMS, onProgress })
          await alteration
          expect(report).toEqual({ imported: ROWS, changed: ROWS, skipped: 0 })
          expect((await board.windows()).map(({ window }) => window)).toEqual(['day'])
          const sum = (all: number[]): number => all.reduce((a, b) => a + b, 0)
          expect(sum(await sumsIn(board))).toBeLessThanOrEqual(sum(sumsOfDays()))
          const { entries } = await board.page()
          expect(sum(entries.map(({ score }) => score))).toBe(sum(sumsOfDays()))
        }),
    )

    test('of a row that a season cannot count leave the row out, on the board as well', () =>
      withScene(async ({ store }) => {
        const gains = { name: 'gains', every: 'day', value: 'gain' } as const
        const board = await store.board('big', {
          ...divided,
          scoreType: 'int64',
          windows: [DAY, gains],
        })
        const most = '9223372036854775807'
        const lines = [`ann,-${most},`, `ann,${most},`, 'ann,5,', 'bob,7,']
        const bad: number[] = []
        const report = await board.importFrom([`playerId,score,at\n${lines.join('\n')}\n`], {
          ...{ format: 'csv', skipBad: true },
          onBadRow: ({ line }) => bad.push(line),
        })
        expect(report.imported + report.skipped).toBe(lines.length)
        expect(report.skipped).toBe(bad.length)
        expect(bad.length).toBeGreaterThan(0)
        expect(await (await board.window('day')).get('bob')).toMatchObject({ score: 7n })
      }))

    test('make the board of a file with its windows', () =>
      withScene(async ({ store }) => {
        const settings = {
          ladderdb: { format: 1, board: { mode: 'best', windows: [DAY, 'month'] } },
        }
        const line = JSON.stringify(settings)
        const row = JSON.stringify({ playerId: 'ann', score: 3, at: NOON_MS - 40 * DAY_MS })
        const made = await store.board('made', divided)
        await made.importFrom([`${line}\n${row}\n`], { format: 'ndjson' })
        expect((await made.windows()).map(({ window }) => window)).toEqual(['day', 'month'])
        const [final] = await made.finals('ann', 'month')
        expect(final).toMatchObject({ season: '2026-10', score: 3, rank: 1 })
        expect((await made.seasons('day')).map(({ season }) => season)).toEqual([
          ...['2026-11-28', '2026-10-19'],
        ])
      }))
  })
}

// How much a player has in all days.
async function sumOf(board: RemoteBoard, playerId: string): Promise<number> {
  const seasons = await board.seasons('day', { limit: 100 })
  const entries = seasons.map(async ({ season }) =>
    (await board.window('day', season)).get(playerId),
  )
  return (await Promise.all(entries)).reduce((sum, entry) => sum + (entry?.score ?? 0), 0)
}

// Goes on while the way to the server breaks, as who imports a file does.
async function imported(board: RemoteBoard, options: ImportOptions): Promise<ImportReport> {
  for (let resume = false; ; resume = true) {
    try {
      return await board.importFrom([csvOfDays()], { ...options, resume })
    } catch (error) {
      if (!['UNKNOWN', 'UNAVAILABLE'].includes(problemOf(error))) throw error
    }
  }
}
