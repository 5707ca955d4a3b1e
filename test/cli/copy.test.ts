/**
 * `copy` and `compare`: boards move between directories and servers while they are in use.
 *
 * @module
 */

import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { AnyBoard } from '../../src/cli/any-store.ts'
import { BoardComparison } from '../../src/cli/copy/board-comparison.ts'
import { BoardCopy } from '../../src/cli/copy/board-copy.ts'
import { openLeaderboards } from '../../src/index.ts'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { withCluster } from '../support/redis-cluster.ts'
import { openServer, REDIS_PROGRAM, type TestServer } from '../support/redis-server.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'
import { AT, type Cli, run, withCli } from './support.ts'

let server: TestServer
let end: () => Promise<void>
let stores = 0

interface Place {
  cli: Cli
  prefix: string
  /** The address of a store of its own. */
  redis: string
}

function withPlaces(body: (place: Place) => Promise<void>): Promise<void> {
  return withCli((cli) => {
    const prefix = `copy-${stores++}`
    return body({ cli, prefix, redis: `${server.url}/0?prefix=${prefix}` })
  })
}

/** More than a page. */
const PAGES = 1_003
/** Where pages are of no concern. */
const FEW = sizeOf('COPY_PLAYERS', { test: 203, torture: PAGES })

/** Three boards of all kinds, with ties, names, metadata and times to the microsecond. */
async function makeBoards(db: string, players = FEW): Promise<void> {
  const store = openLeaderboards(db)
  const arena = store.board('arena', { mode: 'best', log: 'none' })
  const laps = await store.createBoard('laps', { order: 'ascending', keep: 50, log: 'none' })
  const columns = [{ name: 'points' }, { name: 'time', order: 'ascending' }] as const
  const race = await store.createBoard('race', { columns, scoreType: 'int64', log: 'none' })
  await store.createBoard('empty', { log: 'none' })
  const many = Array.from({ length: players }, (_, i) => ({
    ...{ playerId: `p${i}`, score: (i * 7) % 40, at: AT + (i % 9) + 0.001 * (i % 5) },
    ...(i % 3 === 0 && { name: `Player ${i}` }),
    ...(i % 4 === 0 && { metadata: { car: `red ${i}` } }),
  }))
  await arena.submitMany(many)
  await laps.submitMany(many.slice(0, 200))
  const big = 9_007_199_254_740_993n
  await race.submit('ann', { points: big, time: 5n }, { at: AT })
  await race.submit('bob', { points: big - 1n, time: -5n }, { at: AT })
  await store.close()
}

async function exported(cli: Cli, db: string, board: string): Promise<string> {
  const args = ['--db', db, '--board', board, 'export', '-', '--format', 'csv']
  return (await cli.run(args)).stdout
}

// It waited for each page of the board by itself: a minute on a board of 100,000.
test('compare() waits once for all who differ, and tells each of them once', () =>
  withStore(async ({ store }) => {
    const boards = ['one', 'two'].map((name) => store.board(name, { log: 'none' }))
    const ids = Array.from({ length: PAGES }, (_, i) => `p${i}`)
    for (const [by, board] of boards.entries())
      await board.submitMany(ids.map((playerId, i) => ({ playerId, score: i + by })))
    await boards[1]?.submit('stray', 1)
    const [a, b] = boards as unknown as [AnyBoard, AnyBoard]
    const told: string[] = []
    let waits = 0
    const comparison = new BoardComparison(a, b, {
      details: false,
      onEntries: (count) => {
        if (count === 0) waits++
      },
      onFound: async ({ playerId }) => {
        told.push(playerId)
      },
    })
    await comparison.all()
    expect(waits).toBe(1)
    expect(told.toSorted()).toEqual([...ids, 'stray'].toSorted())
  }))

describe.skipIf(REDIS_PROGRAM === undefined)('boards that move', () => {
  beforeAll(async () => {
    const opened = await openServer()
    server = opened.server
    end = opened.end
  })
  afterAll(() => end())

  test('come back from a server as they were', () =>
    withPlaces(async ({ cli, redis }) => {
      await makeBoards(cli.db, PAGES)
      const there = await cli.json('copy', '--to', redis)
      const { boards } = there
      expect(boards.map(({ board, entries, level }: never) => [board, entries, level])).toEqual([
        ['arena', PAGES, true],
        ['empty', 0, true],
        ['laps', 50, true],
        ['race', 2, true],
      ])
      const back = cli.file('back')
      await cli.ok('copy', 'arena', 'laps', 'race', '--from', redis, '--to', back)
      for (const board of ['arena', 'laps', 'race'])
        expect(await exported(cli, back, board)).toBe(await exported(cli, cli.db, board))
      expect((await cli.run(['compare', cli.db, redis, '--details'])).status).toBe(0)
    }))

  // "log all" was told of a server, where no board has a log, and nothing at all of a store without boards.
  test('are told with the settings that are compared, and none is told of as well', () =>
    withPlaces(async ({ cli, redis }) => {
      await cli.ok('create', 'arena', '--window', 'day')
      await run(['--redis', redis, 'create', 'arena', '--mode', 'best'])
      const { stdout } = await cli.run(['compare', redis])
      expect(stdout).toBe(
        'arena: settings: descending, number, set | descending, number, best\n' +
          'arena: compared 0 entries: 1 difference\n',
      )
      await cli.ok('drop', 'arena', '--yes')
      const empty = `${redis}-of-nobody`
      expect(await cli.ok('compare', empty)).toContain('compared 0 boards')
      expect(await cli.ok('copy', '--to', empty)).toContain('copied 0 boards')
    }))

  test('go to partitions and come back', () =>
    withPlaces(async ({ cli, redis }) => {
      await makeBoards(cli.db)
      await cli.ok('--board', 'arena', 'copy', '--to', redis, '--partitions', '4')
      const { boards } = JSON.parse((await run(['--redis', redis, 'boards', '--json'])).stdout)
      expect(boards).toMatchObject([{ name: 'arena', partitions: 4, size: FEW }])
      expect((await cli.run(['--board', 'arena', 'compare', redis, '--details'])).status).toBe(0)
      const back = cli.file('back')
      await cli.ok('copy', '--from', redis, '--to', back)
      expect(await exported(cli, back, 'arena')).toBe(await exported(cli, cli.db, 'arena'))
      expect((await cli.run(['copy', '--to', back, '--partitions', '4'])).status).toBe(2)
    }))

  test('refuse a target that has entries, and are made level by --continue', () =>
    withPlaces(async ({ cli, prefix, redis }) => {
      await makeBoards(cli.db)
      await cli.ok('--board', 'arena', 'copy', '--to', redis)
      const again = await cli.run(['--board', 'arena', 'copy', '--to', redis])
      expect(again.status).toBe(1)
      expect(again.stderr).toContain('--continue makes it what it is')
      expect(again.stderr).toContain('drop arena --yes')
      await using store = await connectLeaderboards(server.url, { prefix })
      const arena = await store.openBoard('arena')
      // A stray, one missing, one with another score, time, name, and metadata each.
      await arena.submit('stray', 9)
      await arena.remove('p1')
      await arena.submit('p2', 39)
      const p3 = await arena.take('p3')
      await arena.submit('p3', p3?.score ?? 0, { at: AT + 500, name: 'Player 3' })
      await store.rename('p5', 'Other')
      await arena.submit('p8', 16, { mode: 'set', metadata: { car: 'blue' } })
      const differing = await cli.run(['compare', cli.db, redis, 'arena'])
      expect(differing.status).toBe(2)
      const compared = await cli.run([
        '--json',
        '--board',
        'arena',
        'compare',
        cli.db,
        redis,
        '--details',
      ])
      expect(compared.status).toBe(1)
      const [{ first }] = JSON.parse(compared.stdout).boards
      const differs = (id: string): string[] | undefined =>
        first.find(({ playerId }: { playerId: string }) => playerId === id)?.differs
      expect(differs('stray')).toEqual(['missing'])
      expect(differs('p1')).toEqual(['missing'])
      expect(differs('p2')).toContain('score')
      expect(differs('p3')).toContain('at')
      expect(differs('p5')).toContain('name')
      expect(differs('p8')).toContain('metadata')
      const levelled = await cli.json('--board', 'arena', 'copy', '--to', redis, '--continue')
      expect(levelled.boards[0]).toMatchObject({ written: 5, removed: 1, level: true })
      expect(
        (await cli.run(['--board', 'arena', 'compare', cli.db, redis, '--details'])).status,
      ).toBe(0)
    }))

  test('say what they leave behind, and refuse without being told', () =>
    withPlaces(async ({ cli, redis }) => {
      await cli.ok('create', 'arena', '--window', 'day')
      await cli.ok('--board', 'arena', 'submit', 'ann', '5')
      await cli.ok('alter', 'arena', '--max-gain', '1000')
      await cli.ok('profile', 'ann', '--avatar', 'https://example.com/a.png')
      await cli.ok('ban', 'eve')
      const refused = await cli.run(['copy', 'arena', '--to', redis])
      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain('its windows (day); its rules (maxGain); its log')
      expect(refused.stderr).toContain('--without windows,rules,log,bans,profiles')
      expect((await run(['--redis', redis, 'boards'])).stdout).toContain('no boards')
      const half = ['copy', 'arena', '--to', redis, '--without', 'windows,rules,log']
      expect((await cli.run(half)).stderr).toContain('1 ban')
      expect((await cli.run(['copy', '--to', redis, '--without', 'all'])).status).toBe(2)
      const without = 'windows,rules,log,bans,profiles'
      const told = await cli.ok('copy', 'arena', '--to', redis, '--without', without)
      expect(told).toContain('left behind: windows, rules, log, bans, profiles')
    }))

  test('catch up with a directory that is written meanwhile', () =>
    withPlaces(async ({ cli, redis }) => {
      const store = openLeaderboards(cli.db)
      const board = store.board('arena')
      await board.submitMany(
        Array.from({ length: 3_000 }, (_, i) => ({ playerId: `p${i}`, score: i })),
      )
      let writes = 0
      const write = async (): Promise<void> => {
        for (const end = writes + 100; writes < end; writes++) {
          await board.submit(`p${(writes * 37) % 3_100}`, writes, { ranks: false })
          if (writes % 10 === 0) await board.remove(`p${(writes * 53) % 3_000}`)
          await turn()
        }
      }
      // A look that found nothing between two writes was the last one, before all that was to be caught up with.
      const { fill } = BoardCopy.prototype
      let writing = Promise.resolve()
      vi.spyOn(BoardCopy.prototype, 'fill').mockImplementation(async function (this: BoardCopy) {
        await Promise.all([fill.call(this), write()])
        await write()
        writing = write()
      })
      onTestFinished(() => void vi.restoreAllMocks())
      const args = ['--board', 'arena', 'copy', '--to', redis, '--without', 'log']
      const copied = await cli.json(...args)
      await writing
      expect(copied.boards[0].written).toBeGreaterThan(3_000)
      // The last of the writes, by the same command.
      const [last] = (await cli.json(...args, '--continue')).boards
      expect(last).toMatchObject({ level: true, entries: board.size })
      expect((await cli.run(['compare', cli.db, redis, '--details'])).status).toBe(0)
      await store.close()
    }))

  test('move to a cluster, into partitions, and back', () =>
    withCluster(({ urls }) =>
      withPlaces(async ({ cli }) => {
        await makeBoards(cli.db)
        const cluster = `${urls.join(',')}?prefix=moved`
        const copy = ['--board', 'arena', 'copy', '--to', cluster, '--partitions', '4']
        expect(await cli.ok(...copy)).toContain('level: a look of')
        const compare = ['--board', 'arena', 'compare', cli.db, cluster, '--details']
        expect((await cli.run(compare)).status).toBe(0)
        const back = `${cli.db}-back`
        await cli.ok('--board', 'arena', 'copy', '--from', cluster, '--to', back)
        expect(await exported(cli, back, 'arena')).toBe(await exported(cli, cli.db, 'arena'))
        const zset = await cli.run(['--db', back, 'import', cluster, '--zset', 'scores'])
        expect(zset.stderr).toContain('name the node that holds it alone')
      }),
    ))

  test('are compared by both while both are written', () =>
    withPlaces(async ({ cli, prefix, redis }) => {
      const store = openLeaderboards(cli.db)
      const here = store.board('arena')
      await using remote = await connectLeaderboards(server.url, { prefix })
      const there = await remote.board('arena')
      const submit = async (playerId: string, score: number): Promise<void> => {
        await Promise.all([here.submit(playerId, score), there.submit(playerId, score)])
      }
      for (let i = 0; i < 40; i++) await submit(`p${i}`, i)
      let isWriting = true
      const writing = (async () => {
        for (let i = 0; isWriting; i++) {
          await submit(`p${(i * 7) % 40}`, 100 + i)
          // Of stores that never agree for an instant a comparison may tell differences.
          await sleep(20)
        }
      })()
      const same = await cli.run(['--json', 'compare', cli.db, redis, '--follow', '0.5s'])
      isWriting = false
      await writing
      expect(JSON.parse(same.stdout).boards[0]).toMatchObject({ differences: 0 })
      expect(JSON.parse(same.stdout).boards[0].samples).toBeGreaterThan(0)
      await submit('p3', 5_000)
      await there.submit('p3', -1)
      const text = await cli.run(['compare', cli.db, redis])
      expect(text.status).toBe(1)
      expect(text.stdout).toMatch(/^arena: p3: score 5,000 \| -1; rank 1 \| 40$/m)
    }))
})
