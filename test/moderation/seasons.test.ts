/**
 * Moderation on a board with windows: what becomes of the player in the season that is on, in one that takes
 * submits yet, and in sealed ones.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { banSteps } from '../../src/embedded/moderation/ban-changes.ts'
import { unbanSteps } from '../../src/embedded/moderation/ban-ends.ts'
import { changeInTurns } from '../../src/embedded/moderation/in-turns.ts'
import { retireSeasons } from '../../src/embedded/seasons/retire.ts'
import {
  type Leaderboard,
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
  restoreBoard,
} from '../../src/index.ts'
import { withSeasons } from '../seasons/engine.ts'
import { checkHere } from '../support/check-here.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

checkHere()

const DAY_MS = 86_400_000
const NOON = Date.UTC(2026, 10, 27, 12)
const AFTER_MIDNIGHT = Date.UTC(2026, 10, 29, 0, 5)

/**
 * Three days of the players: on the 27th, which is sealed, on the 28th, which takes submits yet, and on the
 * 29th, which is on.
 */
async function threeDays(temporary: TemporaryStore): Promise<Leaderboard> {
  const board = temporary.store.board('arena', { windows: ['day'] })
  for (const now of [NOON, NOON + DAY_MS, AFTER_MIDNIGHT]) {
    temporary.clock.now = now
    for (const [i, playerId] of ['ada', 'bob', 'cyd'].entries())
      await board.submit(playerId, 10 * (3 - i), { name: playerId.toUpperCase() })
  }
  return board
}

/** The players of the seasons of a window, oldest first. */
function playersOf(board: Leaderboard, window = 'day'): Record<string, string[]> {
  const seasons = board.seasons(window).reverse()
  return Object.fromEntries(
    seasons.map(({ season }) => [
      season,
      board
        .window(window, season)
        .top(100)
        .map(({ playerId }) => playerId),
    ]),
  )
}

function lastOf(store: Leaderboards, kind: string): Record<string, unknown> {
  const found = store.log({ after: 0, limit: 10_000 }).records.filter((one) => one.kind === kind)
  return found.at(-1) as never
}

const ALL = ['ada', 'bob', 'cyd']

test('remove() takes a player off the seasons that are not sealed', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ALL, '2026-11-29': ALL },
    })
    expect(await board.remove('bob')).toBe(true)
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ['ada', 'cyd'], '2026-11-29': ['ada', 'cyd'] },
    })
    expect(lastOf(temporary.store, 'remove')).toMatchObject({
      ...{ board: 'arena', playerId: 'bob', previousScore: 20, previousRank: 2 },
      seasons: [
        { board: 'arena', window: 'day', season: '2026-11-29', previousScore: 20, previousRank: 2 },
        { board: 'arena', window: 'day', season: '2026-11-28', previousScore: 20, previousRank: 2 },
      ],
    })
    expect(await board.remove('bob')).toBe(false)
    expect(await board.remove('bob', { sealed: true })).toBe(true)
    expect(playersOf(board)['2026-11-27']).toEqual(['ada', 'cyd'])
    expect(lastOf(temporary.store, 'remove')).toMatchObject({
      ...{ sealed: true, seasons: [{ season: '2026-11-27' }] },
    })
    expect(await board.remove('bob', { sealed: true })).toBe(false)
  }))

test('removePlayer() and takePlayer() take a player off the seasons of every board', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    await temporary.store.board('plain').submit('bob', 1)
    expect(await temporary.store.removePlayer('bob')).toBe(2)
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ['ada', 'cyd'], '2026-11-29': ['ada', 'cyd'] },
    })
    const taken = await temporary.store.takePlayer('ada', { sealed: true })
    expect(taken.map((one) => one.board)).toEqual(['arena'])
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ['bob', 'cyd'], '2026-11-28': ['cyd'], '2026-11-29': ['cyd'] },
    })
    // Nothing is left on boards, and a sealed season is.
    expect(await temporary.store.takePlayer('bob', { sealed: true })).toEqual([])
    expect(playersOf(board)['2026-11-27']).toEqual(['cyd'])
    expect(await temporary.store.removePlayer('bob', { sealed: true })).toBe(0)
  }))

test('remove() of a player who has an entry in a season alone', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('best', { keep: 1, windows: ['day'] })
    await board.submit('ada', 10)
    temporary.clock.advance(DAY_MS)
    await board.submit('bob', 5)
    expect(playersOf(board)).toEqual({ '2026-11-27': ['ada'], '2026-11-28': ['bob'] })
    expect(await store.rename('bob', 'Bob')).toBe(1)
    expect(board.window('day').get('bob')?.name).toBe('Bob')
    expect(await store.removePlayer('bob')).toBe(1)
    await board.submit('bob', 5)
    expect(await board.take('bob')).toBe(undefined)
    await board.submit('bob', 5)
    expect(await board.remove('bob')).toBe(true)
    expect(playersOf(board)).toEqual({ '2026-11-27': ['ada'], '2026-11-28': [] })
  }))

test('rename() gives the name to the seasons that are not sealed', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const namesOf = (): (string | undefined)[] =>
      board
        .seasons('day')
        .map(({ season }) => board.window('day', season).get('ada')?.name)
        .reverse()
    expect(await temporary.store.rename('ada', 'Ada L.')).toBe(1)
    expect(namesOf()).toEqual(['ADA', 'Ada L.', 'Ada L.'])
    expect(lastOf(temporary.store, 'rename')).toMatchObject({
      boards: ['arena'],
      seasons: [{ season: '2026-11-29' }, { season: '2026-11-28' }],
    })
    expect(await temporary.store.rename('ada', 'Countess', { sealed: true })).toBe(1)
    expect(namesOf()).toEqual(['Countess', 'Countess', 'Countess'])
    await temporary.store.setProfile('ada', { name: 'Lady' })
    expect(namesOf()).toEqual(['Countess', 'Lady', 'Lady'])
    await board.submit('ada', 1, { name: 'Ada' })
    expect(namesOf()).toEqual(['Countess', 'Ada', 'Ada'])
  }))

// The first submit of a day said nothing of a name, which the host had sent with an earlier one: the season
// showed the id.
test('a player has the name of the board in a season that begins', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    temporary.clock.advance(DAY_MS)
    await board.submit('ada', 40)
    expect(board.window('day').get('ada')?.name).toBe('ADA')
    await temporary.store.ban('bob', { submits: 'keep' })
    await board.submit('bob', 40)
    await temporary.store.unban('bob')
    expect(board.window('day').get('bob')?.name).toBe('BOB')
  }))

test('ban() hides a player in every season that is not sealed, unban() brings all back', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const before = board.seasons('day').map(({ season }) => board.window('day', season).top(10))
    const answer = await temporary.store.ban('ada')
    expect(answer).toMatchObject({
      boards: ['arena'],
      seasons: [
        { board: 'arena', window: 'day', season: '2026-11-29' },
        { board: 'arena', window: 'day', season: '2026-11-28' },
      ],
    })
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ['bob', 'cyd'], '2026-11-29': ['bob', 'cyd'] },
    })
    expect(board.window('day').rank('ada')).toBe(undefined)
    expect(board.window('day').rank('bob')).toBe(1)
    await temporary.reopen()
    const again = temporary.store.board('arena')
    expect(await temporary.store.unban('ada')).toBe(true)
    expect(lastOf(temporary.store, 'unban')).toMatchObject({
      seasons: [{ season: '2026-11-29' }, { season: '2026-11-28' }],
    })
    expect(again.seasons('day').map(({ season }) => again.window('day', season).top(10))).toEqual(
      before,
    )
  }))

test('ban() with sealed takes a player out of sealed seasons too, unban() brings back to them', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const others = ['bob', 'cyd']
    await temporary.store.ban('ada')
    const more = await temporary.store.ban('ada', { sealed: true })
    expect(more).toMatchObject({ boards: [], seasons: [{ season: '2026-11-27' }] })
    expect(more.seq).toBeDefined()
    expect((await temporary.store.ban('ada', { sealed: true })).seq).toBe(undefined)
    expect(playersOf(board)['2026-11-27']).toEqual(others)
    await temporary.store.unban('ada')
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ALL, '2026-11-29': ALL },
    })
  }))

// What such a ban had taken stayed away for ever: unban() left it, and to the next one the player was not banned.
test('unban() puts back what a ban with sealed took, and no season that was sealed since', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, clock } = temporary
    expect(await store.ban('ada', { sealed: true })).toMatchObject({ sealed: true })
    expect(store.bans()).toMatchObject([{ playerId: 'ada', sealed: true }])
    // A ban that is altered has taken what it took before.
    expect(await store.ban('ada', { reason: 'a bot' })).toMatchObject({ sealed: true })
    clock.advance(DAY_MS)
    await store.unban('ada')
    const others = ['bob', 'cyd']
    expect(playersOf(board)).toMatchObject({
      ...{ '2026-11-27': ALL, '2026-11-28': others, '2026-11-29': ALL },
    })
    await store.ban('ada')
    await store.unban('ada', { sealed: true })
    expect(playersOf(board)).toMatchObject({ '2026-11-27': ALL, '2026-11-28': ALL })
    await store.ban('bob')
    await store.unban('bob')
    expect(store.bans()).toEqual([])
  }))

// It stayed away for ever: with the longer grace the season was taken for one that the ban had found open.
test('unban() puts back what a ban with sealed took, however long the grace is since', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, clock } = temporary
    await store.ban('ada', { sealed: true })
    await store.alter('arena', { windows: { day: { graceMs: 40 * DAY_MS } } })
    await store.unban('ada')
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ALL, '2026-11-29': ALL },
    })
    expect(board.window('day', '2026-11-27').sealed).toBe(true)
    expect(board.window('day', '2026-11-28').sealed).toBe(false)
    clock.advance(1000)
    await store.ban('ada', { sealed: true })
    clock.advance(1000)
    // It seals the second day now, and not at a time in front of the ban.
    await store.alter('arena', { windows: { day: { graceMs: 0 } } })
    expect(board.window('day', '2026-11-28').sealed).toBe(true)
    clock.advance(-1000)
    expect(board.window('day', '2026-11-28').sealed).toBe(true)
    await store.unban('ada')
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ['bob', 'cyd'], '2026-11-29': ALL },
    })
  }))

// It stayed there: with the longer grace the season was taken for one of whoever has the old id now.
test('erase() finds a person under an old id in a sealed season, however long the grace is since', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, clock } = temporary
    await store.movePlayer('ada', 'ann')
    clock.advance(1000)
    await store.alter('arena', { windows: { day: { graceMs: 40 * DAY_MS } } })
    expect(playersOf(board)['2026-11-27']).toEqual(ALL)
    await store.erase('ann')
    expect(playersOf(board)).toEqual({
      ...{
        '2026-11-27': ['bob', 'cyd'],
        '2026-11-28': ['bob', 'cyd'],
        '2026-11-29': ['bob', 'cyd'],
      },
    })
  }))

// The longer grace came at the very instant at which a season was sealed. It was told as sealed from then on, but the person
// stayed there: by the longer grace, the move seemed to have come before it was sealed.
test('erase() finds a person in a season that was sealed as the grace became longer', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, clock } = temporary
    clock.advance(300_000)
    await store.alter('arena', { windows: { day: { graceMs: 40 * DAY_MS } } })
    clock.advance(1000)
    await store.movePlayer('ada', 'ann')
    expect(playersOf(board)['2026-11-28']).toEqual(ALL)
    await store.erase('ann')
    expect(playersOf(board)['2026-11-28']).toEqual(['bob', 'cyd'])
  }))

test('a ban with sealed that ends by itself, or one of two, puts back what it took', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, clock } = temporary
    await store.ban('ada', { sealed: true, until: clock.now + DAY_MS })
    await store.ban('bob', { sealed: true })
    await store.ban('bob', { board: 'arena' })
    await store.unban('cyd')
    clock.advance(2 * DAY_MS)
    await board.submit('cyd', 1)
    expect(playersOf(board)['2026-11-27']).toEqual(['ada', 'cyd'])
    await store.ban('bob', { submits: 'keep' })
    await store.unban('bob', { board: 'arena' })
    expect(playersOf(board)['2026-11-27']).toEqual(['ada', 'cyd'])
    await store.unban('bob')
    expect(playersOf(board)['2026-11-27']).toEqual(ALL)
  }))

test('a restore from the log knows what bans with sealed took', () =>
  withStore(async (temporary) => {
    await threeDays(temporary)
    const { store, clock, path } = temporary
    const [backup, target] = [join(path, 'backup'), join(path, 'again')]
    await store.backup(backup)
    await store.ban('ada', { sealed: true })
    clock.advance(DAY_MS)
    await store.ban('ada', { reason: 'a bot' })
    const { seq = 0 } = await store.ban('bob', { sealed: true })
    await restoreBackup(backup, target, { log: path, seq })
    const again = openLeaderboards(target, { clock: clock.read })
    try {
      expect(again.bans()).toEqual(store.bans())
      for (const one of [store, again])
        for (const playerId of ['ada', 'bob']) await one.unban(playerId)
      const players = playersOf(store.openBoard('arena') as Leaderboard)
      expect(playersOf(again.openBoard('arena') as Leaderboard)).toEqual(players)
      expect(players).toMatchObject({ '2026-11-27': ALL, '2026-11-28': ['bob', 'cyd'] })
      expect((await again.check()).findings).toEqual([])
    } finally {
      await again.close()
    }
  }))

test('a season that is sealed during a ban stands without the player', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    await temporary.store.ban('ada', { submits: 'keep' })
    await board.submit('ada', 90)
    temporary.clock.advance(DAY_MS)
    await board.submit('ada', 50)
    await board.submit('bob', 5)
    expect(playersOf(board)).toMatchObject({ '2026-11-30': ['bob'] })
    await temporary.store.unban('ada')
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ['bob', 'cyd'], '2026-11-29': ALL },
      '2026-11-30': ['ada', 'bob'],
    })
    expect(board.window('day').get('ada')?.score).toBe(50)
    expect(board.window('day', '2026-11-29').get('ada')?.score).toBe(90)
  }))

test('a ban with sealed of another board brings nobody back to a season that was sealed during a ban', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, clock } = temporary
    const other = store.board('other', { windows: ['day'] })
    await other.submit('ada', 1)
    await store.ban('ada', { submits: 'keep' })
    const before = playersOf(board)
    clock.advance(2 * DAY_MS)
    await other.submit('bob', 1)
    await store.ban('ada', { board: 'other', sealed: true })
    expect(await store.unban('ada')).toBe(true)
    expect(playersOf(board)).toEqual({ ...playersOf(board), ...before })
    expect((await store.check()).findings).toEqual([])
  }))

test('movePlayer() moves in the seasons that are not sealed: the better one stays', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('arena', { mode: 'best', windows: ['day', 'month'] })
    const days = [NOON, NOON + DAY_MS, AFTER_MIDNIGHT]
    for (const [i, now] of days.entries()) {
      temporary.clock.now = now
      await board.submit('guest', [10, 30, 5][i] as number, { metadata: { by: 'guest' } })
      if (i > 0) await board.submit('ada', [0, 20, 5][i] as number, { name: 'Ada' })
    }
    const moved = await store.movePlayer('guest', 'ada')
    expect(moved).toMatchObject({
      boards: ['arena'],
      seasons: [
        { board: 'arena', window: 'day', season: '2026-11-29' },
        { board: 'arena', window: 'day', season: '2026-11-28' },
        { board: 'arena', window: 'month', season: '2026-11' },
      ],
    })
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ['guest'], '2026-11-28': ['ada'], '2026-11-29': ['ada'] },
    })
    const [, second, third] = days as [number, number, number]
    expect(board.window('month').get('ada')).toMatchObject({ score: 30, at: second, name: 'Ada' })
    expect(board.window('day', '2026-11-28').get('ada')).toMatchObject({ score: 30, at: second })
    // Of equal scores the earlier one.
    expect(board.window('day').get('ada')).toMatchObject({
      ...{ score: 5, at: third, metadata: { by: 'guest' } },
    })
    expect(lastOf(store, 'move')).toMatchObject({
      seasons: [
        { season: '2026-11-29', from: { score: 5 }, to: { score: 5 } },
        { season: '2026-11-28', from: { score: 30 }, to: { score: 20 } },
        { season: '2026-11', from: { score: 30 }, to: { score: 20 } },
      ],
    })
    const late = await store.movePlayer('guest', 'ada', { sealed: true })
    expect(late).toMatchObject({ boards: [], seasons: [{ season: '2026-11-27' }] })
    expect(playersOf(board)['2026-11-27']).toEqual(['ada'])
    expect(board.window('day', '2026-11-27').get('ada')?.name).toBe('Ada')
    expect(await store.movePlayer('guest', 'ada', { sealed: true })).toEqual({
      ...{ from: 'guest', to: 'ada', boards: [] },
    })
  }))

test('movePlayer() adds up where a window adds up, as late as the later one', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const windows = [
      { name: 'sum', every: 'month', mode: 'increment' },
      { name: 'gain', every: 'month', value: 'gain' },
    ] as const
    const board = temporary.store.board('arena', { mode: 'set', windows: [...windows] })
    await board.submit('guest', 100)
    temporary.clock.advance(1000)
    await board.submit('ada', 70)
    await board.submit('ada', 80)
    await temporary.store.movePlayer('guest', 'ada')
    const at = board.get('ada')?.at
    expect(board.window('sum').get('ada')).toMatchObject({ score: 250 })
    expect(board.window('gain').get('ada')).toMatchObject({ score: 180 })
    expect(board.window('gain').get('ada')?.at).toBeGreaterThan(NOON + 999)
    expect(at).toBe(NOON)
  }))

test('movePlayer() of one whom a sealed season does not show', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store } = temporary
    // On the 28th ada is banned when the season is sealed, bob on the 29th.
    await store.ban('ada')
    temporary.clock.now = AFTER_MIDNIGHT + DAY_MS / 2
    await store.unban('ada')
    await store.ban('bob')
    temporary.clock.advance(DAY_MS)
    await store.unban('bob')
    expect(playersOf(board)).toMatchObject({
      ...{ '2026-11-28': ['bob', 'cyd'], '2026-11-29': ['ada', 'cyd'] },
    })
    await store.movePlayer('ada', 'bob', { sealed: true })
    expect(playersOf(board)).toMatchObject({
      ...{ '2026-11-28': ['bob', 'cyd'], '2026-11-29': ['bob', 'cyd'] },
    })
    expect(board.window('day', '2026-11-28').get('bob')?.score).toBe(20)
    expect(board.window('day', '2026-11-29').get('bob')?.score).toBe(30)
    await store.movePlayer('bob', 'eve', { sealed: true })
    expect(playersOf(board)['2026-11-28']).toEqual(['eve', 'cyd'])
  }))

// Repeated with nothing more to hide, the ban left no record, and its end nothing of the season sealed meanwhile.
test('a ban with sealed that is repeated takes seasons that were sealed meanwhile, and its end gives them back', () =>
  withStore(async ({ store, clock }) => {
    clock.now = NOON
    const board = store.board('arena', { windows: ['day'] })
    const ban = { submits: 'keep', sealed: true } as const
    await board.submit('bob', 1)
    await store.ban('ada', ban)
    await board.submit('ada', 2)
    const again = await store.ban('ada', ban)
    expect(again.seq).toBeUndefined()
    clock.advance(DAY_MS)
    expect((await store.ban('ada', ban)).seq).toBeDefined()
    await store.unban('ada')
    expect(playersOf(board)).toEqual({ '2026-11-27': ['ada', 'bob'], '2026-11-28': [] })
  }))

// What a change with "sealed" came to hung on whether the background had taken the season away yet, and a log of
// it could not be made again.
test.each(['before', 'after'])(
  'changes with sealed leave seasons alone that left the lists, %s they are swept',
  (when) =>
    withSeasons(async ({ temporary, engine }) => {
      temporary.clock.now = NOON
      const { store, path } = temporary
      const windows = [{ name: 'day', every: 'day', retain: 1, finals: true }] as const
      const board = store.board('arena', { windows: [...windows] })
      await store.backup(join(path, 'backup'))
      for (let i = 0; i < 4; i++) {
        for (const [place, playerId] of ALL.entries()) await board.submit(playerId, 30 - place)
        temporary.clock.advance(DAY_MS)
      }
      await board.submit('dee', 1)
      const sweep = (): Promise<void> =>
        retireSeasons({ context: engine.context, isEnded: () => false })
      if (when === 'after') await sweep()
      await store.ban('bob', { sealed: true })
      await store.unban('bob', { sealed: true })
      await store.movePlayer('ada', 'eve', { sealed: true })
      await store.undo({ playerId: 'cyd', sealed: true })
      await store.removePlayer('bob', { sealed: true })
      await sweep()
      const finalsOf = (playerId: string, from = board): [string, number, number][] =>
        from.finals(playerId, 'day').map(({ season, rank, size }) => [season, rank, size])
      const gone = ['2026-11-29', '2026-11-28', '2026-11-27']
      const expected = [
        ['ada', gone.map((season) => [season, 1, 3])],
        ['bob', gone.map((season) => [season, 2, 3])],
        ['cyd', gone.map((season) => [season, 3, 3])],
        ['eve', [['2026-11-30', 1, 1]]],
      ]
      expect([...ALL, 'eve'].map((playerId) => [playerId, finalsOf(playerId)])).toEqual(expected)
      const last = store.log({ before: 1e9, limit: 1 }).records[0]?.seq as number
      const [from, to] = [join(path, 'backup'), join(path, 'again')]
      await restoreBackup(from, to, { log: path, seq: last })
      const again = openLeaderboards(to, { clock: temporary.clock.read })
      try {
        const made = again.openBoard('arena')
        expect([...ALL, 'eve'].map((id) => [id, finalsOf(id, made as never)])).toEqual(expected)
        expect((await again.check()).findings).toEqual([])
      } finally {
        await again.close()
      }
    }),
)

test('erase() takes a person out of all seasons, sealed ones and finals too', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store, path } = temporary
    const windows = [{ name: 'day', every: 'day', retain: 2, finals: true }, 'month'] as const
    const board = store.board('arena', { windows: [...windows] })
    for (let i = 0; i < 4; i++) {
      await board.submit('ada', 30)
      await board.submit('bob', 20)
      temporary.clock.advance(DAY_MS)
    }
    await board.submit('cyd', 1)
    await retireSeasons({ context: engine.context, isEnded: () => false })
    await store.removePlayer('ada')
    expect(board.finals('ada', 'day').length).toBe(4)
    const backups = join(path, 'backups')
    await store.backup(join(backups, 'old'))
    const erased = await store.erase('ada', { backups })
    expect(erased).toMatchObject({ found: true, boards: ['arena'] })
    expect(erased.heldBy?.length).toBe(1)
    expect(playersOf(board)).toEqual({
      '2026-11-29': ['bob'],
      '2026-11-30': ['bob'],
      '2026-12-01': ['cyd'],
    })
    expect(playersOf(board, 'month')).toEqual({ '2026-11': ['bob'], '2026-12': ['cyd'] })
    expect(board.finals('ada', 'day')).toEqual([])
    expect(board.finals('bob', 'day').length).toBe(4)
    expect(JSON.stringify(store.log({ after: 0, limit: 1000 }))).not.toContain('"ada"')
    expect(await store.erase('ada')).toMatchObject({ found: false, boards: [] })
  }))

test('erase() takes what was left under an earlier id in seasons that were sealed at the move', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store } = temporary
    await store.movePlayer('bob', 'eve')
    // Somebody else has the id since.
    await board.submit('bob', 7)
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': ['ada', 'eve', 'cyd'] },
      '2026-11-29': ['ada', 'eve', 'cyd', 'bob'],
    })
    await store.erase('eve')
    expect(playersOf(board)).toEqual({
      ...{ '2026-11-27': ['ada', 'cyd'], '2026-11-28': ['ada', 'cyd'] },
      '2026-11-29': ['ada', 'cyd', 'bob'],
    })
  }))

test('a person who was erased is erased again from the seasons of a backup', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    const { store, path } = temporary
    await store.removePlayer('ada')
    await store.backup(join(path, 'backup'))
    await store.erase('ada')
    expect(playersOf(board)['2026-11-27']).toEqual(['bob', 'cyd'])
    await store.close()
    await restoreBackup(join(path, 'backup'), path, { force: true })
    const again = (await temporary.reopen()).board('arena')
    expect(playersOf(again)['2026-11-27']).toEqual(['bob', 'cyd'])
  }))

test('a board that was dropped leaves no ghosts to one of the same name', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const windows = [{ name: 'day', every: 'day', retain: 1, finals: true }] as const
    const board = store.board('arena', { windows: [...windows] })
    for (let i = 0; i < 4; i++) {
      await board.submit('ada', 30)
      await board.submit('bob', 30)
      temporary.clock.advance(DAY_MS)
    }
    await store.ban('ada', { board: 'arena', submits: 'keep' })
    await board.submit('ada', 20)
    await retireSeasons({ context: engine.context, isEnded: () => false })
    await store.dropBoard('arena')
    const again = store.board('arena', { windows: [...windows] })
    await again.submit('cyd', 1)
    temporary.clock.advance(DAY_MS)
    await again.submit('ada', 1)
    expect(store.bans()).toEqual([])
    expect(again.finals('bob', 'day')).toEqual([])
    expect(playersOf(again)).toEqual({ '2026-12-01': ['cyd'], '2026-12-02': ['ada'] })
    await retireSeasons({ context: engine.context, isEnded: () => false })
  }))

test('a ban that ends by itself brings back to seasons that were not sealed at its end', () =>
  withStore(async (temporary) => {
    const board = await threeDays(temporary)
    let { store } = temporary
    const midnight = Date.UTC(2026, 10, 30)
    // The 29th is sealed ten minutes after midnight.
    await store.ban('ada', { until: midnight + 9 * 60_000 })
    await store.ban('bob', { until: midnight + 10 * 60_000 })
    await store.ban('cyd', { until: midnight })
    await store.close()
    temporary.clock.now = midnight + DAY_MS / 2
    store = await temporary.reopen()
    const again = store.board('arena')
    await again.submit('dee', 1)
    expect(playersOf(again)).toEqual({
      ...{ '2026-11-27': ALL, '2026-11-28': [], '2026-11-29': ['ada', 'cyd'] },
      '2026-11-30': ['dee'],
    })
    expect(again.top(10).map(({ playerId }) => playerId)).toEqual([...ALL, 'dee'])
    expect(board).toBeDefined()
  }))

// Names were looked for on boards alone: the name of one whom a season alone knew could be taken by another.
test('unique names are those of open seasons too', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('best', { keep: 1, windows: ['day'] })
    await board.submit('ada', 10, { name: 'Ada' })
    temporary.clock.advance(DAY_MS)
    await board.submit('bob', 5, { name: 'Bob' })
    await board.submit('eve', 4)
    await store.rename('ada', 'Bob')
    await expect(store.alter({ names: 'unique' })).rejects.toMatchObject({ code: 'NAME_TAKEN' })
    await store.rename('ada', 'Ada')
    await store.alter({ names: 'unique' })
    await expect(store.rename('ada', 'BOB')).rejects.toMatchObject({ code: 'NAME_TAKEN' })
    // Sealed seasons show the names of their time.
    temporary.clock.advance(2 * DAY_MS)
    await board.submit('ada', 11)
    expect(await store.rename('ada', 'Bob')).toBe(1)
    expect(playersOf(board)).toMatchObject({ '2026-11-28': ['bob'] })
  }))

test('a window that is added while a player is banned does not show the player', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('arena')
    await board.submit('ada', 10)
    await board.submit('bob', 5)
    await store.ban('ada', { submits: 'keep' })
    await store.ban('eve', { submits: 'keep' })
    await store.alter('arena', { windows: { month: { fill: 'log' }, day: {} } })
    await board.submit('ada', 20)
    await board.submit('eve', 30)
    expect(playersOf(board, 'month')).toEqual({ '2026-11': ['bob'] })
    expect(playersOf(board)).toEqual({ '2026-11-27': [] })
    expect(await store.unban('ada')).toBe(true)
    expect(await store.unban('eve')).toBe(true)
    expect(playersOf(board, 'month')).toEqual({ '2026-11': ['eve', 'ada', 'bob'] })
    expect(playersOf(board)).toEqual({ '2026-11-27': ['eve', 'ada'] })
    expect(board.history('ada', { limit: 1 }).records[0]).toMatchObject({ plays: 2 })
  }))

test('who comes back to a full season pushes out the last, or stays out', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const windows = [{ name: 'day', every: 'day', keep: 2 }] as const
    const board = store.board('arena', { windows: [...windows] })
    await board.submit('ada', 30)
    await board.submit('bob', 10)
    await store.ban('ada')
    await board.submit('cyd', 20)
    await store.ban('bob')
    await board.submit('dee', 15)
    await store.unban('ada')
    expect(playersOf(board)).toEqual({ '2026-11-27': ['ada', 'cyd'] })
    expect(lastOf(store, 'unban')).toMatchObject({
      boards: ['arena'],
      seasons: [{ season: '2026-11-27', pushedOut: [{ playerId: 'dee', score: 15 }] }],
    })
    await store.unban('bob')
    expect(playersOf(board)).toEqual({ '2026-11-27': ['ada', 'cyd'] })
    expect(lastOf(store, 'unban')).toMatchObject({
      seasons: [{ season: '2026-11-27', noPlace: true, pushedOut: [{ playerId: 'bob' }] }],
    })
    await store.erase('dee')
    expect(JSON.stringify(store.log({ after: 0 }))).not.toContain('"dee"')
    expect(board.top(9).map(({ playerId }) => playerId)).toEqual(['ada', 'cyd', 'bob'])
  }))

test('a change in turns writes the trees of seasons too', () =>
  withSeasons(async ({ temporary, engine }) => {
    temporary.clock.now = NOON
    const { store } = temporary
    for (const name of ['a', 'b', 'c']) {
      const board = store.board(name, { windows: ['day', 'month'] })
      await board.submit('ada', 10)
      await board.submit('bob', 5)
    }
    const { context } = engine
    const nowMicros = context.nowMicros()
    const terms = { board: undefined, reason: undefined, actor: undefined, nowMicros }
    const ban = { ...terms, playerId: 'ada', untilMicros: undefined, submits: 'keep' } as const
    const { boards, seasons } = await changeInTurns(context, (place) => banSteps(place, ban))
    expect([boards, seasons?.length]).toEqual([['a', 'b', 'c'], 6])
    expect(playersOf(store.board('b'), 'month')).toEqual({ '2026-11': ['bob'] })
    expect((await store.check()).findings).toEqual([])
    await changeInTurns(context, (place) => unbanSteps(place, { ...terms, playerId: 'ada' }))
    expect(playersOf(store.board('b'), 'month')).toEqual({ '2026-11': ['ada', 'bob'] })
  }))

test('a board out of a backup shows in its seasons whom the store does not ban', () =>
  withStore(async (temporary) => {
    // A restore goes by the wall clock, or by the last time of the store if that is later.
    temporary.clock.now = Date.UTC(2090, 10, 27, 12)
    const { store, path } = temporary
    const board = store.board('arena', { windows: ['day'] })
    for (const playerId of ALL) await board.submit(playerId, 1)
    temporary.clock.advance(DAY_MS)
    for (const playerId of ALL) await board.submit(playerId, 1)
    await store.ban('ada')
    await store.backup(join(path, 'backup'))
    await store.unban('ada')
    await store.ban('bob')
    await store.close()
    await restoreBoard(join(path, 'backup'), path, { board: 'arena', force: true })
    const again = (await temporary.reopen()).board('arena')
    expect(playersOf(again)).toEqual({ '2090-11-27': ALL, '2090-11-28': ['ada', 'cyd'] })
    expect(again.top(9).map(({ playerId }) => playerId)).toEqual(['ada', 'cyd'])
    await temporary.store.unban('bob')
    expect(playersOf(again)['2090-11-28']).toEqual(ALL)
  }))
