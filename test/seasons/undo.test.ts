/**
 * Undo, histories and rebuilds of boards with windows, one story each. The random course is undo-model.test.ts.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { findBoard } from '../../src/embedded/catalog.ts'
import { seasonBoardsOf } from '../../src/embedded/log/season-board.ts'
import { trimLog } from '../../src/embedded/log/trim.ts'
import { NO_ANSWER } from '../../src/embedded/submits.ts'
import type { CatalogEntry } from '../../src/format/meta/board.ts'
import { SEASON_DUES_BESIDE } from '../../src/ground/limits.ts'
import type { Leaderboards } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'
import { SeasonEngine } from './engine.ts'

const DAY_MS = 86_400_000
const NOON = Date.UTC(2026, 10, 28, 12)

test('undo() names window and season of what changes, and leaves sealed seasons as they are', () =>
  withStore(async (temporary) => {
    const { clock } = temporary
    clock.now = NOON
    const { store } = temporary
    const board = store.board('arena', { mode: 'best', windows: ['day', 'month'] })
    await board.submit('ada', 5)
    await board.submit('ada', 9)
    clock.now = NOON + DAY_MS
    await board.submit('ada', 7)
    const [best] = board.history('ada', { limit: 2 }).records.slice(1)
    const asked = { seqs: [best?.seq as number] }
    const open = { board: 'arena', window: 'month', season: '2026-11', playerId: 'ada' }
    const answer = await store.undo(asked)
    expect(answer.changes).toMatchObject([
      { board: 'arena', playerId: 'ada', from: { score: 9 }, to: { score: 7 } },
      { ...open, from: { score: 9 }, to: { score: 7 } },
    ])
    expect(board.window('day', '2026-11-28').get('ada')?.score).toBe(9)
    expect(board.window('month').get('ada')?.score).toBe(7)
    const told = store.log({ kinds: ['undo'], after: 0 }).records[0]
    expect(told).toMatchObject({ boards: ['arena'], seasons: [{ window: 'month' }] })
    expect(told?.['sealed']).toBeUndefined()
    // The undo of the undo gives it back, and with `sealed` the other season follows what holds now.
    await store.undo({ seqs: [answer.seq as number] })
    expect(board.window('month').get('ada')?.score).toBe(9)
    const sealed = await store.undo({ ...asked, sealed: true })
    expect(sealed.changes.map(({ season }) => season)).toEqual([undefined, '2026-11-28', '2026-11'])
    expect(board.window('day', '2026-11-28').get('ada')?.score).toBe(5)
  }))

test('undo() works out again what scores rose by, also in a window that was filled later', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('xp')
    for (const score of [10, 25, 5, 30]) await board.submit('ada', score)
    await store.alter('xp', {
      windows: {
        gain: { every: 'day', value: 'gain', fill: 'log' },
        top: { every: 'day', mode: 'best', fill: 'log' },
        late: { every: 'day', mode: 'best' },
      },
    })
    expect(board.window('gain').get('ada')?.score).toBe(50)
    const runs = board.history('ada').records
    const seqOf = (score: number): number => runs.find((run) => run.submitted === score)?.seq ?? 0
    await store.undo({ seqs: [seqOf(5)] })
    expect(board.window('gain').get('ada')?.score).toBe(30)
    await store.undo({ seqs: [seqOf(30)] })
    expect(board.window('gain').get('ada')?.score).toBe(25)
    expect(board.window('top').get('ada')?.score).toBe(25)
    expect(board.window('late').size).toBe(0)
    expect(board.window('gain').history('ada').records).toHaveLength(4)
    await board.submit('ada', 40)
    expect(board.window('late').history('ada').records).toHaveLength(1)
    expect(board.window('gain').get('ada')?.score).toBe(40)
  }))

test('a player of whom an undo left nothing goes on in the season', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('sum', { mode: 'increment', windows: ['day'] })
    await board.submit('ada', 1)
    const undone = await store.undo({ playerId: 'ada', board: 'sum' })
    expect(board.window('day').get('ada')).toBeUndefined()
    await board.submit('ada', 2)
    await store.undo({ seqs: [undone.seq as number] })
    expect(board.window('day').get('ada')?.score).toBe(3)
    expect(board.get('ada')?.score).toBe(3)
    // After a removal there is nothing to go on from.
    await board.remove('ada')
    await board.submit('ada', 4)
    await store.undo({ playerId: 'ada', board: 'sum' })
    await store.undo({ seqs: [1 + (board.history('ada', { limit: 1 }).records[0]?.seq ?? 0)] })
    expect(board.window('day').get('ada')?.score).toBe(4)
  }))

test('resolve() with the verdict undone takes the run out of its seasons', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('arena', { windows: ['day'] })
    await board.submit('ada', 5)
    await store.alter('arena', { maxGain: { by: 10, action: 'flag' } })
    await board.submit('ada', 500)
    const [flagged] = store.log({ flagged: true }).records
    await store.resolve(flagged?.seq as number, { verdict: 'undone' })
    expect(board.window('day').get('ada')?.score).toBe(5)
  }))

test('rebuild() from the log refuses a board with windows, and names one', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    await store.board('arena', { windows: ['day'] }).submit('ada', 5)
    await store.board('plain').submit('ada', 5)
    await expect(store.rebuild('arena', { from: 'log' })).rejects.toMatchObject({
      code: 'LOG_UNUSABLE',
      message: expect.stringMatching(/board "arena".*window "day"/),
    })
    const report = await store.rebuild('plain', { from: 'log' })
    expect(report).toMatchObject({ board: 'plain' })
  }))

test('check() with history finds an entry of a season that its runs do not come to', () =>
  withStore(async (temporary) => {
    temporary.clock.now = NOON
    const { store } = temporary
    const board = store.board('arena', { windows: ['day'] })
    await board.submit('ada', 5)
    await board.submit('bob', 6)
    const engine = new SeasonEngine(temporary)
    const { context } = engine
    const submit = (score: number): Promise<unknown> =>
      context.store.write((writer) => {
        const found = findBoard(writer, 'arena') as CatalogEntry
        const [season] = seasonBoardsOf(writer, found, { presentMicros: NOON * 1000 })
        const { atMicros, nowMicros } = { atMicros: NOON * 1000, nowMicros: NOON * 1000 }
        return context.writerOfSeason(writer, season as CatalogEntry).submit({
          ...{ playerId: 'ada', score, mode: 'set', name: undefined, metadata: undefined },
          ...{ only: undefined, expected: undefined, requestId: undefined, won: false },
          ...{ atMicros, nowMicros, ...NO_ANSWER },
        })
      })
    await submit(50)
    const { findings } = await store.check({ history: true })
    expect(findings).toMatchObject([
      {
        board: 'arena',
        place: 'runs of player "ada" in season "2026-11-28" of window "day"',
        problem: expect.stringContaining('they come to 5'),
      },
    ])
    await submit(5)
    await engine.context.store.close()
  }))

test('undo() behind a cut of the log goes by what the oldest run says was in the season', () =>
  withStore(async (temporary) => {
    temporary.clock.now = Date.UTC(2026, 10, 1, 12)
    const { store, clock } = temporary
    const gain = { name: 'gain', every: 'month', value: 'gain' } as const
    const board = store.board('sum', { mode: 'increment', windows: ['month', gain] })
    await board.submit('ada', 1, { metadata: { n: 1 } })
    const trimmed = board.history('ada').records[0]?.seq as number
    clock.advance(10 * DAY_MS)
    await board.submit('ada', 2)
    await store.alter({ retention: { days: 5 } })
    const engine = new SeasonEngine(temporary)
    await trimLog(engine.context, () => false)
    await engine.context.store.close()
    await board.submit('ada', 4)
    const last = board.history('ada', { limit: 1 }).records[0]?.seq as number
    expect((await store.undo({ seqs: [last] })).changes).toHaveLength(3)
    expect(board.window('month').get('ada')).toMatchObject({ score: 3, metadata: { n: 1 } })
    expect(board.window('gain').get('ada')).toMatchObject({ score: 3 })
    await expect(store.undo({ seqs: [trimmed] })).rejects.toMatchObject({ code: 'LOG_TRIMMED' })
    expect((await store.check({ history: true })).findings).toEqual([])
  }))

// What happened to one without a place in the season was not in its records: an undo of who was better brought the
// player back to it as if nothing had.
test.each<[string, (store: Leaderboards) => Promise<unknown>, [string, number][]]>([
  ['removed', (store) => store.openBoard('arena').remove('bob'), [['cyd', 17]]],
  ['removed everywhere', (store) => store.removePlayer('bob'), [['cyd', 17]]],
  ['banned', (store) => store.ban('bob'), [['cyd', 17]]],
  ['moved', (store) => store.movePlayer('bob', 'eve'), [['eve', 18]]],
  [
    'banned and back',
    async (store) => [await store.ban('bob'), await store.unban('bob')],
    [['bob', 18]],
  ],
])('undo() knows that one without a place in a season was %s', (_, change, left) =>
  withStore(async ({ store, clock }) => {
    clock.now = NOON
    const windows = [{ name: 'one', every: 'week', keep: 1 }] as const
    const board = store.board('arena', { windows: [...windows] })
    await board.submit('ada', 20)
    await board.submit('bob', 18)
    await change(store)
    await board.submit('cyd', 17)
    await store.undo({ playerId: 'ada' })
    const shown = [...board.window('one').entries()]
    expect(shown.map(({ playerId, score }) => [playerId, score])).toEqual(left)
    expect((await store.check({ history: true })).findings).toEqual([])
  }),
)

// A season in which an undo had left nothing of a player knew nothing of the removal: the run that the undo of the
// undo made count again brought the player back there.
test.each<[string, (store: Leaderboards) => Promise<unknown>]>([
  ['removed', (store) => store.openBoard('arena').remove('bob')],
  ['removed everywhere', (store) => store.removePlayer('bob')],
])('undo() of an undo brings nobody back to a season who was %s in between', (_, remove) =>
  withStore(async ({ store, clock }) => {
    clock.now = Date.UTC(2026, 10, 28, 23, 59)
    const board = store.board('arena', { windows: ['day'] })
    await board.submit('bob', 5)
    clock.now = Date.UTC(2026, 10, 29, 0, 1)
    await board.submit('bob', 7)
    const seqs = [store.log({ kinds: ['submit'], after: 0 }).records[0]?.seq as number]
    const { seq } = await store.undo({ seqs })
    await remove(store)
    await store.undo({ seqs: [seq as number] })
    expect(board.window('day', '2026-11-28').top()).toEqual([])
    expect(board.top()).toEqual([])
    // From now on the player begins from nothing there, too.
    await board.submit('bob', 1, { at: Date.UTC(2026, 10, 28, 23), mode: 'increment' })
    expect(board.window('day', '2026-11-28').get('bob')?.score).toBe(1)
    expect((await store.check({ history: true })).findings).toEqual([])
  }),
)

// The longer grace came at the very instant at which the season was sealed. A removal after that did not reach the season,
// but an undo took it for one that had: by the longer grace, the season was open then.
test('undo() leaves a removal out of a season that was sealed as the grace became longer', () =>
  withStore(async ({ store, clock }) => {
    clock.now = NOON
    const windows = [{ name: 'day', every: 'day', graceMs: 0, keep: 1 }] as const
    const board = store.board('arena', { windows: [...windows] })
    await board.submit('ada', 20)
    await board.submit('bob', 18)
    clock.now += DAY_MS / 2
    await store.alter('arena', { windows: { day: { graceMs: DAY_MS } } })
    clock.advance(1)
    await board.remove('bob')
    await store.undo({ playerId: 'ada', sealed: true })
    expect(board.window('day', '2026-11-28').top()).toMatchObject([{ playerId: 'bob', score: 18 }])
    expect((await store.check({ history: true })).findings).toEqual([])
  }))

// The removal made a sealed season forget that an undo had emptied it, if no record told the seal yet: a commit does a
// few of the dues of all windows. No removal reaches a season whose grace is over, so its runs come back.
test('undo() of an undo with sealed brings a player back who was removed behind the seal', () =>
  withStore(async ({ store, clock }) => {
    clock.now = Date.UTC(2026, 10, 28, 23, 59)
    for (let i = 0; i <= SEASON_DUES_BESIDE; i++)
      await store.createBoard(`other ${i}`, { windows: ['day'] })
    const board = await store.createBoard('arena', { windows: ['day'] })
    await board.submit('bob', 5)
    const { seq } = await store.undo({ playerId: 'bob', from: clock.now })
    await board.submit('bob', 7, { at: Date.UTC(2026, 10, 27) })
    clock.now = Date.UTC(2026, 10, 29, 2)
    await board.remove('bob')
    await store.undo({ seqs: [seq as number], sealed: true })
    expect(board.window('day', '2026-11-28').get('bob')?.score).toBe(5)
    expect((await store.check({ history: true })).findings).toEqual([])
  }))
