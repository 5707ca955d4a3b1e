/**
 * Bans: out of sight on all boards at once, and back as if never away.
 *
 * @module
 */

import { expect, test, vi } from 'vitest'
import type { BoardView, Leaderboard, Leaderboards } from '../../src/index.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

const HOUR_MS = 3_600_000
const NAMES = ['ada', 'bob', 'cyd', 'dan']

async function fill(store: Leaderboards, ...names: string[]): Promise<Leaderboard[]> {
  const boards = names.map((name) => store.board(name))
  for (const board of boards)
    await board.submitMany(
      NAMES.map((playerId, i) => {
        return { playerId, score: 40 - 10 * i, name: `N-${playerId}`, metadata: { i } }
      }),
    )
  return boards
}

function idsOf(board: BoardView): string[] {
  return board.top(100).map(({ playerId }) => playerId)
}

test('ban() takes a player out of every surface of every board at once, and unban() gives all back', () =>
  withStore(async ({ store, clock }) => {
    const boards = await fill(store, 'arena', 'golf')
    const [arena] = boards as [Leaderboard]
    const before = boards.map((board) => [...board.entries()])
    const { next } = arena.page({ limit: 2 })
    // Times of the log never fall behind those that the store gave.
    clock.advance(1)
    const answer = await store.ban('bob', { reason: 'bot', actor: 'kim' })
    expect(answer).toEqual({
      ...{ playerId: 'bob', reason: 'bot', actor: 'kim', since: START_MS + 1, submits: 'refuse' },
      ...{ boards: ['arena', 'golf'], seq: answer.seq },
    })
    for (const board of boards) {
      expect(board.get('bob')).toBeUndefined()
      expect(board.rank('bob')).toBeUndefined()
      expect(board.rank('bob', { rankMode: 'dense' })).toBeUndefined()
      expect(board.ranks(['ada', 'bob', 'cyd'])).toEqual([1, undefined, 2])
      expect(board.standing('bob')).toBeUndefined()
      expect(board.standing('dan')).toMatchObject({ ordinal: 3, better: 2, total: 3 })
      expect(board.around('bob')).toEqual([])
      expect(board.gap('bob')).toBeUndefined()
      expect(board.gap('cyd')?.above).toMatchObject({ difference: 20 })
      expect(board.among(['bob', 'cyd']).missing).toEqual(['bob'])
      expect(board.size).toBe(3)
      expect(board.countBetween(0, 100)).toBe(3)
      expect(board.scoreAt(2)).toBe(20)
      expect(await board.find('N-b')).toEqual([])
      expect(idsOf(board)).toEqual(['ada', 'cyd', 'dan'])
    }
    expect(store.boardsOf('bob')).toEqual([])
    expect(store.stats().entries).toBe(6)
    // The cursor stands behind bob, who is gone: the page goes on there.
    expect(arena.page({ limit: 2, after: next as string }).entries[0]?.playerId).toBe('cyd')
    expect(await store.unban('bob')).toBe(true)
    expect(boards.map((board) => [...board.entries()])).toEqual(before)
    expect(await store.unban('bob')).toBe(false)
    expect(store.bans()).toEqual([])
  }))

test('a ban of one board and one of all are two, and the player is back where none holds', () =>
  withStore(async ({ store, clock }) => {
    const [arena, golf] = (await fill(store, 'arena', 'golf')) as [Leaderboard, Leaderboard]
    clock.advance(1)
    expect(await store.ban('bob', { board: 'golf' })).toMatchObject({ boards: ['golf'] })
    expect([arena.rank('bob'), golf.rank('bob')]).toEqual([2, undefined])
    clock.advance(1000)
    expect(await store.ban('bob', { submits: 'keep' })).toMatchObject({ boards: ['arena'] })
    expect(store.bans()).toEqual([
      { playerId: 'bob', since: START_MS + 1001, submits: 'keep' },
      { playerId: 'bob', board: 'golf', since: START_MS + 1, submits: 'refuse' },
    ])
    // The stricter one of the two holds.
    await expect(golf.submit('bob', 1)).rejects.toMatchObject({ code: 'BANNED' })
    await arena.submit('bob', 35)
    expect(await store.unban('bob', { board: 'golf' })).toBe(true)
    expect(golf.rank('bob')).toBeUndefined()
    expect(await store.unban('bob', { board: 'golf' })).toBe(false)
    expect(await store.unban('bob')).toBe(true)
    expect([arena.get('bob')?.score, golf.get('bob')?.score]).toEqual([35, 30])
    await expect(store.ban('bob', { board: 'nope' })).rejects.toMatchObject({ code: 'NO_BOARD' })
    await expect(store.unban('bob', { board: 'nope' })).rejects.toMatchObject({ code: 'NO_BOARD' })
  }))

test('a second ban takes the place of the first and keeps its since; the same again is no change', () =>
  withStore(async ({ store, clock }) => {
    const [arena] = (await fill(store, 'arena')) as [Leaderboard]
    clock.advance(1)
    const { seq } = await store.ban('bob', { reason: 'one', until: START_MS + HOUR_MS })
    clock.advance(5)
    const second = await store.ban('bob', { reason: 'two', submits: 'keep' })
    expect(second.seq).not.toBe(undefined)
    expect(second).toMatchObject({ since: START_MS + 1, boards: [], reason: 'two' })
    expect(second).not.toHaveProperty('until')
    expect(await store.ban('bob', { reason: 'two', submits: 'keep' })).not.toHaveProperty('seq')
    clock.advance(2 * HOUR_MS)
    await arena.submit('ada', 41)
    // The end of the first one is no end of the second.
    expect(arena.rank('bob')).toBeUndefined()
    expect(second.seq).toBeGreaterThan(seq as number)
  }))

test('submits of a banned player are refused, on boards made later too, and change nothing', () =>
  withStore(async ({ store }) => {
    const [arena] = (await fill(store, 'arena')) as [Leaderboard]
    await store.ban('bob')
    await store.ban('nobody')
    const before = store.boards()
    for (const playerId of ['bob', 'nobody']) {
      await expect(arena.submit(playerId, 99)).rejects.toMatchObject({ code: 'BANNED' })
      await expect(store.board('later').submit(playerId, 1)).rejects.toMatchObject({
        code: 'BANNED',
        message: `Cannot submit to board "later": player "${playerId}" is banned; unban lifts it`,
      })
    }
    const many = [
      { playerId: 'ada', score: 1 },
      { playerId: 'bob', score: 2 },
    ]
    await expect(arena.submitMany(many)).rejects.toMatchObject({
      code: 'BANNED',
      message: expect.stringContaining('Submission 1: '),
    })
    expect(store.boards()).toEqual(before)
    expect(idsOf(arena)).toEqual(['ada', 'cyd', 'dan'])
    await store.unban('nobody')
    expect(await arena.submit('nobody', 1)).toMatchObject({ created: true })
  }))

test('with keep, submits go on unseen and are answered without ranks', () =>
  withStore(async ({ store }) => {
    const [arena] = (await fill(store, 'arena')) as [Leaderboard]
    await store.ban('bob', { submits: 'keep' })
    await store.ban('new', { submits: 'keep' })
    expect(await arena.submit('bob', 99, { name: 'B', passed: 3 })).toEqual({
      ...{ playerId: 'bob', score: 99, previousScore: 30, changed: true, created: false },
      ...{ rank: undefined, previousRank: undefined, passed: { count: 0, entries: [] } },
    })
    const [first, second] = await arena.submitMany([
      { playerId: 'new', score: 50 },
      { playerId: 'new', score: 60, metadata: { a: 1 } },
    ])
    expect([first?.created, second?.created, second?.previousScore]).toEqual([true, false, 50])
    const later = store.board('later', { mode: 'increment' })
    await later.submit('new', 3)
    await later.submit('new', 4)
    expect([arena.size, later.size, store.hasBoard('later')]).toEqual([3, 0, true])
    await expect(arena.submit('bob', 1, { only: 'new' })).rejects.toMatchObject({
      code: 'CONDITION_FAILED',
    })
    await store.unban('bob')
    await store.unban('new')
    expect(arena.get('bob')).toMatchObject({ rank: 1, score: 99, name: 'B', metadata: { i: 1 } })
    expect(arena.get('new')).toMatchObject({ rank: 2, score: 60, metadata: { a: 1 } })
    expect(later.get('new')?.score).toBe(7)
  }))

test('until ends a ban with the first change after it, whoever it is of', () =>
  withStore(async ({ store, clock }) => {
    const [arena] = (await fill(store, 'arena')) as [Leaderboard]
    const until = START_MS + HOUR_MS
    await store.ban('ada', { until })
    clock.now = until - 1
    expect(await arena.submit('cyd', 21)).toMatchObject({ rank: 2 })
    clock.now = until
    expect(await arena.submit('cyd', 22)).toMatchObject({ rank: 3 })
    expect(arena.rank('ada')).toBe(1)
    expect(store.bans()).toEqual([])
    await store.ban('ada', { until: until + 1000 })
    await store.ban('bob', { until: until + 2000 })
    clock.now = until + 1500
    // One whose own ban is over submits like all others.
    expect(await arena.submit('ada', 41)).toMatchObject({ rank: 1, previousRank: 1 })
    expect(store.bans().map(({ playerId }) => playerId)).toEqual(['bob'])
  }))

test('until ends a ban within a second in an open store in which nothing happens', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    await withStore(async (temporary) => {
      const { clock } = temporary
      await fill(temporary.store, 'arena')
      await temporary.store.ban('ada', { until: START_MS + HOUR_MS })
      // It passes while nothing runs.
      await temporary.store.close()
      clock.advance(HOUR_MS)
      const store = temporary.open()
      const second = temporary.open()
      try {
        expect(store.board('arena').rank('ada')).toBeUndefined()
        vi.advanceTimersByTime(1000)
        // Both saw it; each waits for its writes when it is closed.
        await second.close()
        await store.close()
        await temporary.reopen()
        expect(temporary.store.board('arena').rank('ada')).toBe(1)
        expect(temporary.store.bans()).toEqual([])
      } finally {
        await second.close()
        await store.close()
      }
    })
  } finally {
    vi.useRealTimers()
  }
})

test('ban() refuses an end that is over, and arguments of a wrong shape', () =>
  withStore(async ({ store }) => {
    await fill(store, 'arena')
    await expect(store.ban('bob', { until: START_MS })).rejects.toThrow(
      'Cannot use 2025-10-09T08:53:20.000Z as until: it must be later than now, 2025-10-09T08:53:20.000Z',
    )
    await expect(store.ban('bob', { until: 1_760_000_000 })).rejects.toThrow(
      'Cannot use 1760000000 as until: it looks like seconds; give milliseconds (1760000000 * 1000)',
    )
    await expect(store.ban('')).rejects.toThrow(RangeError)
    await expect(store.ban('bob', { reason: '' })).rejects.toThrow(RangeError)
    await expect(store.ban('bob', { reason: 'é'.repeat(513) })).rejects.toThrow('at most 1024')
    await expect(store.ban('bob', { submits: 'maybe' as 'keep' })).rejects.toThrow('refuse, keep')
    expect(store.bans()).toEqual([])
  }))

test('on a full board nobody comes back at a ban, and who returns pushes out the last or stays out', () =>
  withStore(async ({ store }) => {
    const best = store.board('best', { keep: 2 })
    await best.submit('ada', 40)
    await best.submit('bob', 30)
    await best.submit('cyd', 20)
    await store.ban('ada')
    expect(idsOf(best)).toEqual(['bob'])
    await best.submit('dan', 10)
    expect(idsOf(best)).toEqual(['bob', 'dan'])
    await store.unban('ada')
    expect(idsOf(best)).toEqual(['ada', 'bob'])
    await store.ban('bob')
    await best.submit('eve', 35)
    await store.unban('bob')
    expect(idsOf(best)).toEqual(['ada', 'eve'])
    expect(await best.submit('bob', 38)).toMatchObject({ created: true, rank: 2 })
  }))

test('removal and rename act on the hidden entry, and the ban stays', () =>
  withStore(async ({ store }) => {
    const [arena] = (await fill(store, 'arena', 'golf')) as [Leaderboard]
    await store.ban('bob')
    expect(await store.rename('bob', 'Robert')).toBe(2)
    expect(await arena.remove('bob')).toBe(true)
    expect(await arena.remove('bob')).toBe(false)
    await expect(arena.submit('bob', 1)).rejects.toMatchObject({ code: 'BANNED' })
    await store.unban('bob')
    expect(store.boardsOf('bob')).toMatchObject([{ board: 'golf', entry: { name: 'Robert' } }])
    await store.ban('bob')
    expect(await store.takePlayer('bob')).toMatchObject([
      { board: 'golf', entry: { rank: 2, score: 30, name: 'Robert', metadata: { i: 1 } } },
    ])
    expect(store.bans()).toHaveLength(1)
  }))

test('watch() tells that a banned player left, and that one is back', () =>
  withStore(async ({ store }) => {
    const [arena] = (await fill(store, 'arena')) as [Leaderboard]
    const updates = arena.watch({ top: 2, intervalMs: 10 })
    await updates.next()
    await store.ban('ada')
    const left = (await updates.next()).value
    expect(left?.changes.map(({ playerId, kind }) => `${playerId} ${kind}`)).toEqual([
      'bob moved',
      'cyd entered',
      'ada left',
    ])
    await store.unban('ada')
    const back = (await updates.next()).value
    expect(back?.changes[0]).toMatchObject({ playerId: 'ada', kind: 'entered' })
    await updates.return()
  }))

test('a ban goes with its board, and one of all boards stays', () =>
  withStore(async ({ store }) => {
    await fill(store, 'arena')
    await store.ban('bob', { board: 'arena' })
    await store.ban('ada', { until: START_MS + HOUR_MS })
    await store.dropBoard('arena')
    expect(store.bans().map(({ playerId }) => playerId)).toEqual(['ada'])
    const again = store.board('arena')
    expect(await again.submit('bob', 1)).toMatchObject({ created: true })
    await expect(again.submit('ada', 1)).rejects.toMatchObject({ code: 'BANNED' })
  }))

test('ids that go on with a zero byte where another ends have bans of their own', () =>
  withStore(async ({ store }) => {
    await fill(store, 'arena')
    const ids = ['a', 'a\0', 'a\0\0\0\0\0', 'a\0b']
    for (const playerId of ids) await store.ban(playerId, { board: 'arena' })
    expect(store.bans().map(({ playerId }) => playerId)).toEqual(ids)
    for (const playerId of ids) {
      expect(await store.unban(playerId)).toBe(true)
      expect(store.bans().map((ban) => ban.playerId)).toEqual(ids.slice(ids.indexOf(playerId) + 1))
    }
  }))

test('a store that was opened read-only lists bans and bans nobody', () =>
  withStore(async (temporary) => {
    await fill(temporary.store, 'arena')
    await temporary.store.ban('bob')
    const reader = temporary.open({ readOnly: true })
    try {
      expect(reader.bans()).toHaveLength(1)
      await expect(reader.ban('ada')).rejects.toMatchObject({ code: 'READ_ONLY' })
      await expect(reader.unban('bob')).rejects.toMatchObject({ code: 'READ_ONLY' })
    } finally {
      await reader.close()
    }
  }))

test('bans, their ends and hidden runs are in the log, each once', () =>
  withStore(async ({ store, clock }) => {
    const best = store.board('best', { keep: 1 })
    await best.submit('ada', 5)
    await store.ban('ada', { reason: 'bot', actor: 'kim', until: START_MS + 9000, submits: 'keep' })
    await best.submit('bob', 3)
    await best.submit('ada', 7)
    clock.advance(9000)
    await best.submit('cyd', 1)
    await store.ban('ada', { board: 'best' })
    await store.unban('ada', { reason: 'sorry' })
    const { records } = store.log({ kinds: ['ban', 'unban'] })
    expect(records.map(({ commit, seq }) => commit === seq)).toEqual([true, true, true, true])
    expect(records).toMatchObject([
      {
        ...{ kind: 'ban', playerId: 'ada', reason: 'bot', actor: 'kim', boards: ['best'] },
        ...{ until: START_MS + 9000, submits: 'keep' },
      },
      {
        ...{ kind: 'unban', playerId: 'ada', until: START_MS + 9000, boards: ['best'] },
        pushedOut: [{ board: 'best', playerId: 'bob', score: 3 }],
      },
      { kind: 'ban', board: 'best', boards: ['best'] },
      { kind: 'unban', reason: 'sorry', boards: ['best'] },
    ])
    expect(best.history('ada').records).toMatchObject([
      { submitted: 7, hidden: true, plays: 2 },
      { submitted: 5, plays: 1 },
    ])
    expect(store.log({ board: 'best', kinds: ['ban'] }).records).toHaveLength(2)
  }))

// On ten thousand boards one ban held the event loop for half a second.
test('ban and unban on very many boards are one change, and the event loop gets turns meanwhile', () =>
  withStore(
    async (temporary) => {
      const { store } = temporary
      const names = Array.from({ length: 600 }, (_, i) => `b${String(i).padStart(3, '0')}`)
      await Promise.all(
        names.map((name) =>
          store.board(name).submitMany([
            { playerId: 'ada', score: 2 },
            { playerId: 'bob', score: 1 },
          ]),
        ),
      )
      const { sequence } = (await store.board('b000').watch({ intervalMs: 10 }).next()).value ?? {}
      let turns = 0
      let isOver = false
      const count = (): void => {
        turns++
        if (!isOver) setImmediate(count)
      }
      setImmediate(count)
      const answer = await store.ban('ada')
      isOver = true
      expect(answer.boards).toEqual(names)
      expect(turns).toBeGreaterThan(4)
      const after = (await store.board('b000').watch({ intervalMs: 10 }).next()).value
      expect(after?.sequence).toBe((sequence ?? 0) + 1)
      expect(store.boardsOf('bob').every(({ entry }) => entry.rank === 1)).toBe(true)
      expect(store.boardsOf('ada')).toEqual([])
      await Promise.all([store.board('b001').submit('bob', 3), store.unban('ada')])
      expect(store.boardsOf('ada').map(({ entry }) => entry.rank)).toEqual(
        names.map((name) => (name === 'b001' ? 2 : 1)),
      )
      await expect(store.ban('ada', { board: 'nope' })).rejects.toMatchObject({ code: 'NO_BOARD' })
      const again = await temporary.reopen()
      expect(again.boardsOf('ada')).toHaveLength(600)
    },
    { durability: 'relaxed' },
  ))
