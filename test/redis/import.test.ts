/**
 * Files into boards on a server: what is stored if an import does not come to its end, and how it goes on. That a whole
 * one makes the board of the embedded engine is told side by side.
 *
 * @module
 */

import { expect, onTestFinished, test, vi } from 'vitest'
import { type ImportOptions, type ImportReport, LadderError } from '../../src/index.ts'
import { connectLeaderboards, type RemoteBoard } from '../../src/redis/index.ts'
import { BoardCaller } from '../../src/redis/slot/board-caller.ts'
import { problemIn } from '../model/calls.ts'
import { CUTS, cuttingProxy } from '../support/cutting-proxy.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const ROWS = 2_000

// Each row counts once, or the sums are others.
function csvOfSums(count = ROWS): string {
  const rows = Array.from({ length: count }, (_, i) => `p${i % 90},${1 + (i % 7)}`)
  return `playerId,score\n${rows.join('\n')}\n`
}

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await work())}`
  } catch (error) {
    return (error as Error).message
  }
}

async function scoresOf(board: RemoteBoard): Promise<[string, number][]> {
  const { entries } = await board.page({ limit: 1_000 })
  return entries.map(({ playerId, score }): [string, number] => [playerId, score]).sort()
}

function sumsOf(count = ROWS): [string, number][] {
  const sums = new Map<string, number>()
  for (let i = 0; i < count; i++)
    sums.set(`p${i % 90}`, (sums.get(`p${i % 90}`) ?? 0) + 1 + (i % 7))
  return [...sums].sort()
}

const SUMS = { format: 'csv', mode: 'increment' } as const

describeOnRedis('imports into boards on a server', () => {
  test.each([1, 4])('go on behind what is stored, and count no row twice: %d partitions', (parts) =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('sums', { partitions: parts })
      const end = new AbortController()
      const stop = ({ total = 0, done }: { done: number; total: number | undefined }): void => {
        if (total > 0 && done > 300) end.abort()
      }
      const options = { ...SUMS, signal: end.signal, onProgress: stop }
      const text = csvOfSums()
      const stopped = await messageOf(() => board.importFrom([text], options))
      expect(stopped).toMatch(/^Aborted: .*; at least \d+ of 2000 rows are stored; .*resume: true/)
      expect((await board.info()).size).toBeGreaterThan(0)
      expect(await scoresOf(board)).not.toEqual(sumsOf())
      const refused = await messageOf(() => board.importFrom([text], SUMS))
      expect(refused).toMatch(/an import of this file stored \d+ rows/)
      await using other = await connectLeaderboards(url)
      const there = await other.board('sums')
      const report = await there.importFrom([text], { ...SUMS, resume: true })
      expect(report).toEqual({ imported: ROWS, changed: ROWS, skipped: 0 })
      expect(await scoresOf(board)).toEqual(sumsOf())
      // One that came to its end is another one when it comes again.
      await board.importFrom([text], SUMS)
      expect(await scoresOf(board)).toEqual(sumsOf().map(([id, sum]) => [id, 2 * sum]))
      expect((await store.check()).findings).toEqual([])
    }),
  )

  // The note of how far an import was went with its end, so one whose last answer was lost, or that was killed between
  // the ends of two partitions, counted everything there twice when it went on.
  test.each([1, 4])('go on behind their own end, and count no row twice: %d partitions', (parts) =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('sums', { partitions: parts })
      const { write } = BoardCaller.prototype
      let endsLeft = 0
      vi.spyOn(BoardCaller.prototype, 'write').mockImplementation(function (
        this: BoardCaller,
        change,
        ...more
      ) {
        if (change !== 'end_import' || endsLeft-- > 0) return write.call(this, change, ...more)
        return Promise.reject(new LadderError('UNAVAILABLE', 'Cannot reach the server'))
      })
      onTestFinished(() => void vi.restoreAllMocks())
      for (const times of [1, 2]) {
        const sums = sumsOf().map(([id, sum]) => [id, times * sum])
        // Each time one more of the ends gets through.
        for (let ends = 0; ends < parts; ends++) {
          endsLeft = ends
          await expect(imported(board, { ...SUMS, resume: ends > 0 })).rejects.toThrow(
            'resume: true',
          )
          expect(await scoresOf(board)).toEqual(sums)
        }
        for (let i = 0; i < 2; i++) {
          endsLeft = parts
          const report = await imported(board, { ...SUMS, resume: true })
          expect(report).toEqual({ imported: ROWS, changed: ROWS, skipped: 0 })
          expect(await scoresOf(board)).toEqual(sums)
        }
      }
      expect((await store.check()).findings).toEqual([])
    }),
  )

  // A row that was too far ahead when the import began, and is not any more, would move all that follow by one.
  test('go on as they began with rows that were ahead of the clock', () =>
    withRedis(({ url }) =>
      withStore(async ({ clock }) => {
        await using store = await connectLeaderboards(url, { clock: clock.read })
        const board = await store.board('sums')
        const rows = csvOfSums()
          .split('\n')
          .slice(1)
          .map((row) => (row === '' ? row : `${row},`))
        const text = `playerId,score,at\nlate,1,${clock.now + 600_000}\n${rows.join('\n')}`
        const end = new AbortController()
        const options = { ...SUMS, skipBad: true }
        const onProgress = ({ total = 0 }: { total: number | undefined }): void => {
          if (total > 0) end.abort()
        }
        const stopped = { ...options, signal: end.signal, onProgress }
        await expect(board.importFrom([text], stopped)).rejects.toThrow('resume: true')
        clock.now += 3_600_000
        await board.importFrom([text], { ...options, resume: true })
        expect(await scoresOf(board)).toEqual(sumsOf())
      }),
    ))

  test('count each row once when answers and requests are lost', () =>
    withRedis(async ({ url }) => {
      const proxy = await cuttingProxy(Number(new URL(url).port))
      const store = await connectLeaderboards(proxy.url)
      const board = await store.board('sums')
      let calls = 0
      const onProgress: ImportOptions['onProgress'] = ({ total }) => {
        if (total !== undefined && calls++ % 2 === 0)
          proxy.cutNext(CUTS[calls % CUTS.length] ?? 'answer')
      }
      for (let i = 0; i < 3; i++) {
        const report = await imported(board, { ...SUMS, onProgress })
        expect(report).toEqual({ imported: ROWS, changed: ROWS, skipped: 0 })
        expect(await scoresOf(board)).toEqual(sumsOf().map(([id, sum]) => [id, (i + 1) * sum]))
      }
      await store.close()
      await proxy.close()
    }))

  test('of one file at once are one that comes to its end, and no row counts twice', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.createBoard('sums')
      const all = [1, 2, 3].map(() => messageOf(() => imported(board, SUMS)))
      const messages = (await Promise.all(all)).sort()
      // One that comes later sees rows of which it cannot know whether their import goes on.
      const refused = /another process imports the same file|an import of this file stored \d+ rows/
      for (const message of messages.slice(0, 2)) expect(message).toMatch(refused)
      expect(messages[2]).toBe(`answered {"imported":${ROWS},"changed":${ROWS},"skipped":0}`)
      expect(await scoresOf(board)).toEqual(sumsOf())
    }))

  test('say of bad rows what the embedded engine says, and store nothing', () =>
    withRedis(({ url }) =>
      withStore(async ({ store, clock }) => {
        await using remote = await connectLeaderboards(url, { clock: clock.read })
        const there = await remote.board('game')
        const here = store.board('game')
        const far = clock.now + 86_400_000
        for (const [text, options] of [
          ['playerId,score\nann,1\nbob,x\n', { format: 'csv' }],
          ['playerId,scor\nann,1\n', { format: 'csv' }],
          ['playerId,score,at\nann,1,2020-01-01\nbob,2,1600000000\n', { format: 'csv' }],
          [`playerId,score,at\nann,1,\nbob,2,${far}\n`, { format: 'csv' }],
          ['{"playerId":"ann","score":1}\n{"playerId":"","score":1}\n', { format: 'ndjson' }],
          ['[{"playerId":"ann","score":1},{]', { format: 'json' }],
          ['a;b\nann;1\n', { format: 'csv', columns: { playerId: 'a', score: 'c' } }],
        ] as const) {
          const expected = await messageOf(() => here.importFrom([text], options))
          expect(await messageOf(() => there.importFrom([text], options))).toBe(expected)
          const skipping = { ...options, skipBad: true }
          const skipped = await messageOf(() => store.board('skip').importFrom([text], skipping))
          const other = await remote.board('skip')
          expect(await messageOf(() => other.importFrom([text], skipping))).toBe(skipped)
        }
        expect(await remote.hasBoard('game')).toBe(false)
      }),
    ))

  // Partitions gave a row by the rules, or into seasons, the time of its line, which is one later.
  test.each([
    ['', { windows: [] }, {}],
    [' by the rules', { windows: [] }, { rules: true }],
    [' into seasons', { windows: ['day'] }, {}],
  ] as const)(
    'give rows without a time those of the embedded engine%s',
    (_, { windows }, options) =>
      withRedis(({ url }) =>
        withStore(async ({ store, clock }) => {
          await using remote = await connectLeaderboards(url, { clock: clock.read })
          const settings = { windows: [...windows] }
          const rows = ['a,5,', 'b,5,', 'c,3,1759999999999', 'd,5,', 'e,5,', 'b,7,']
          const text = `playerId,score,at\n${rows.join('\n')}\n`
          for (const partitions of [1, 4]) {
            const name = `in ${partitions}`
            const there = await remote.createBoard(name, { ...settings, partitions })
            const made = store.board(name, settings)
            for (const board of [made, there]) {
              await board.importFrom([text], { format: 'csv', ...options })
              await board.submit('z', 5)
            }
            expect((await there.page()).entries).toEqual(made.page().entries)
          }
        }),
      ),
  )

  // What a rule refuses, only the slot of the player knows: the other rows have their times by then.
  test('keep the order of their lines in partitions, whatever a rule refuses', () =>
    withRedis(({ url }) =>
      withStore(async ({ clock }) => {
        await using store = await connectLeaderboards(url, { clock: clock.read })
        const board = await store.createBoard('arena', { partitions: 4 })
        await store.alter('arena', { max: 9 })
        const ids = Array.from({ length: 30 }, (_, i) => `p${i}`)
        const rows = ids.map((id, i) => `${id},${i % 3 === 1 ? 10 : 5}`)
        const text = `playerId,score\n${rows.join('\n')}\n`
        await board.importFrom([text], { format: 'csv', rules: true, skipBad: true })
        await board.submit('last', 5)
        const shown = (await board.page({ limit: 40 })).entries.map(({ playerId }) => playerId)
        expect(shown).toEqual([...ids.filter((_, i) => i % 3 !== 1), 'last'])
      }),
    ))

  test('stop at a sum that is not exact, and pass over it if asked to', () =>
    withRedis(async ({ url }) => {
      await using store = await connectLeaderboards(url)
      const board = await store.board('sums', { mode: 'increment' })
      const text = `playerId,score\nann,${2 ** 53}\nbob,1\nann,1\ncid,1\n`
      const stopped = await messageOf(() => board.importFrom([text], SUMS))
      expect(stopped).toMatch(/^Line 4: .*skipBad: true.*; at least 2 of 4 rows are stored/)
      expect(await scoresOf(board)).toEqual([
        ['ann', 2 ** 53],
        ['bob', 1],
      ])
      const bad: number[] = []
      const onBadRow = ({ line }: { line: number }): unknown => bad.push(line)
      const going = { ...SUMS, resume: true, skipBad: true, onBadRow }
      expect(await board.importFrom([text], going)).toEqual({ imported: 3, changed: 3, skipped: 1 })
      expect(bad).toEqual([4])
      expect(await scoresOf(board)).toHaveLength(3)
    }))

  test('take the settings of the file for a board that does not exist', () =>
    withRedis(({ url }) =>
      withStore(({ store }) =>
        withDirectory(async (directory) => {
          await using remote = await connectLeaderboards(url)
          const golf = await store.createBoard('golf', { order: 'ascending', mode: 'best' })
          await golf.submit('ann', 70)
          await golf.submit('bob', 68, { name: 'Bob', metadata: { a: 1 } })
          const file = `${directory}/golf.ndjson.gz`
          await golf.exportTo(file)
          const board = await remote.board('golf')
          expect(await board.importFrom(file)).toEqual({ imported: 2, changed: 2, skipped: 0 })
          expect([board.order, board.mode]).toEqual(['ascending', 'best'])
          expect(await board.top()).toEqual(golf.top())
          expect(await (await remote.openBoard('golf')).submit('ann', 60)).toMatchObject({
            rank: 1,
          })
          const wide = await remote.board('wide', { partitions: 4 })
          await wide.importFrom(file)
          expect(await wide.info()).toMatchObject({ order: 'ascending', partitions: 4, size: 2 })
          expect(await wide.top()).toEqual(golf.top())
          const other = await remote.createBoard('other')
          expect(await problemIn(() => other.importFrom(file))).toBe('SETTINGS_DIFFER')
          const asked = await remote.board('asked', { order: 'descending' })
          expect(await problemIn(() => asked.importFrom(file))).toBe('SETTINGS_DIFFER')
          await store.createBoard('empty', { mode: 'increment' })
          await store.board('empty').exportTo(`${directory}/empty.ndjson`)
          await (await remote.board('empty')).importFrom(`${directory}/empty.ndjson`)
          expect((await remote.openBoard('empty')).mode).toBe('increment')
        }),
      ),
    ))

  test('refuse a file that is not there, and resume where all is or nothing', () =>
    withRedis(({ url }) =>
      withStore(async ({ store }) => {
        await using remote = await connectLeaderboards(url)
        const board = await remote.board('game')
        expect(await problemIn(() => board.importFrom('/no/such/file.csv'))).toBe('IO')
        const whole = store.board('game').importFrom([csvOfSums()], { ...SUMS, resume: true })
        await expect(whole).rejects.toThrow('leave out resume')
      }),
    ))
})

function imported(board: RemoteBoard, options: ImportOptions): Promise<ImportReport> {
  return board.importFrom([csvOfSums()], options)
}
