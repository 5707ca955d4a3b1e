/**
 * Submits with an id of their caller: a retry counts nothing and is answered as the first time.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  compactStore,
  type Leaderboard,
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
  restoreBoard,
  type Submission,
  type SubmitOptions,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

const DAY_MS = 86_400_000
const REUSED = expect.objectContaining({ code: 'REQUEST_REUSED' })

test('submit() under the same id counts once, and answers again what it answered first', async () => {
  await withStore(async (temporary) => {
    const options = { mode: 'increment', requestId: 'run-1', passed: 3 } as const
    const before = temporary.store.board('game')
    await before.submit('bob', 7, { name: 'Bob', metadata: { car: 'red' } })
    await before.submit('ann', 3)
    const first = await before.submit('ann', 5, options)
    expect(first).not.toHaveProperty('repeated')
    expect(first).toMatchObject({ score: 8, previousScore: 3, rank: 1, previousRank: 2 })
    expect(first.passed?.entries).toMatchObject([{ name: 'Bob', metadata: { car: 'red' } }])
    const again = { ...first, repeated: true }
    expect(await before.submit('ann', 5, options)).toStrictEqual(again)
    // Whatever happens meanwhile.
    await before.submit('bob', 100, { name: 'Robert' })
    await before.remove('ann')
    expect(await before.submit('ann', 5, options)).toStrictEqual(again)
    expect(before.get('ann')).toBeUndefined()
    const store = await temporary.reopen()
    expect(await store.board('game').submit('ann', 5, options)).toStrictEqual(again)
    expect(store.board('game').size).toBe(1)
  })
})

test('submit() answers a retry exactly, whatever the board and the answer look like', async () => {
  await withStore(async ({ store }) => {
    const big = 2n ** 63n - 1n
    const whole = store.board('whole', { scoreType: 'int64', order: 'ascending' })
    await whole.submit('ann', big)
    const rows = store.board('rows', {
      columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
    })
    await rows.submit('bob', { points: 5, time: 0.1 })
    const full = store.board('full', { keep: 1, mode: 'best' })
    await full.submit('bob', 9)
    const asked: [Leaderboard<never>, unknown, SubmitOptions<never>][] = [
      [whole as never, -big, { passed: 1, name: 'Ännchen' }],
      [rows as never, { points: 5, time: 0.05 }, { passed: 9, metadata: { a: [1, { b: null }] } }],
      [full as never, 3, { passed: 2 }],
      [full as never, 3, { ranks: false }],
      [full as never, 10, { rankMode: 'dense', at: 1_760_000_000_000.5 }],
      [full as never, 9.5, {}],
    ]
    for (const [i, [board, score, options]] of asked.entries()) {
      const submit = (): Promise<object> =>
        board.submit('ann', score as never, { ...options, requestId: `r${i}` })
      const first = await submit()
      expect(await submit(), `${i}`).toStrictEqual({ ...first, repeated: true })
    }
    expect(full.get('ann')?.score).toBe(10)
  })
})

test('submit() answers a retry before it looks at conditions; a refused one leaves its id free', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await expect(
      board.submit('ann', 1, { only: 'existing', requestId: 'a' }),
    ).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
    expect(store.hasBoard('game')).toBe(false)
    await board.submit('ann', 1, { only: 'new', requestId: 'a' })
    expect(await board.submit('ann', 1, { only: 'new', requestId: 'a' })).toMatchObject({
      ...{ created: true, repeated: true },
    })
    const limit = { mode: 'increment', requestId: 'b' } as const
    await expect(board.submit('ann', 2 ** 53, limit)).rejects.toMatchObject({ code: 'INEXACT' })
    expect(await board.submit('ann', 2, limit)).toMatchObject({ score: 3 })
    await expect(board.submit('ann', 4, { requestId: 'b', expected: 9 })).rejects.toEqual(REUSED)
  })
})

test('submit() compares what was asked by its value, and not what was to be answered', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'best' })
    const at = 1_750_000_000_000
    const first = { at, name: 'Ann', metadata: { a: 1, b: { c: 2, d: [3] } }, requestId: 'a' }
    await board.submit('ann', 0, { ...first, expected: null })
    const same: [number, SubmitOptions][] = [
      [-0, { ...first, expected: null, won: false }],
      [0, { ...first, expected: null, mode: 'best' }],
      [0, { ...first, expected: null, at: at / 1000, atUnit: 's' }],
      [0, { ...first, expected: null, metadata: { b: { d: [3], c: 2 }, a: 1 } }],
      [0, { ...first, expected: null, ranks: false, passed: 5, rankMode: 'dense' }],
    ]
    for (const [score, options] of same)
      expect(await board.submit('ann', score, options)).toMatchObject({ repeated: true, rank: 1 })
    const others: [string, number, SubmitOptions][] = [
      ['bob', 0, { ...first, expected: null }],
      ['ann', 1, { ...first, expected: null }],
      ['ann', 0, first],
      ['ann', 0, { ...first, expected: 0 }],
      ['ann', 0, { ...first, expected: null, only: 'new' }],
      ['ann', 0, { ...first, expected: null, mode: 'set' }],
      ['ann', 0, { ...first, expected: null, won: true }],
      ['ann', 0, { ...first, expected: null, at: at + 0.001 }],
      ['ann', 0, { ...first, expected: null, at: undefined }],
      ['ann', 0, { ...first, expected: null, name: 'ann' }],
      ['ann', 0, { ...first, expected: null, name: undefined }],
      ['ann', 0, { ...first, expected: null, metadata: undefined }],
      ['ann', 0, { ...first, expected: null, metadata: {} }],
      ['ann', 0, { ...first, expected: null, metadata: { a: 1, b: { c: 2, d: ['3'] } } }],
    ]
    const entries = [...board.entries()]
    for (const [playerId, score, options] of others)
      await expect(board.submit(playerId, score, options)).rejects.toEqual(REUSED)
    expect([...board.entries()]).toEqual(entries)
    const whole = store.board('whole', { scoreType: 'int64' })
    await whole.submit('ann', '9007199254740993' as never, { requestId: 'a', expected: null })
    const retry = whole.submit('ann', 9007199254740993n, { requestId: 'a', expected: null })
    expect(await retry).toMatchObject({ repeated: true, score: 9007199254740993n })
  })
})

test('submitMany() makes the items that are new, and answers again those that are not', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    const one = await board.submit('ann', 1, { requestId: 'a' })
    const items: Submission[] = [
      { playerId: 'bob', score: 5, requestId: 'b' },
      { playerId: 'ann', score: 1, requestId: 'a' },
      { playerId: 'bob', score: 5, requestId: 'b' },
      { playerId: 'bob', score: 5 },
    ]
    const answers = await board.submitMany(items)
    expect(answers).toMatchObject([
      { score: 5, created: true },
      { ...one, repeated: true },
      { score: 5, created: true, repeated: true },
      { score: 10, created: false },
    ])
    expect(answers.map((answer) => answer.repeated)).toEqual([undefined, true, true, undefined])
    expect(await board.submitMany(items.slice(0, 3))).toEqual(
      answers.slice(0, 3).map((answer) => ({ ...answer, repeated: true })),
    )
    expect(board.get('bob')?.score).toBe(10)
  })
})

test('submitMany() with an id that was used otherwise is refused whole, among others', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 1, { requestId: 'a' })
    const several = [
      { playerId: 'bob', score: 1, requestId: 'b' },
      { playerId: 'bob', score: 2, requestId: 'b' },
    ]
    const [before, reused, twice, after] = await Promise.allSettled([
      board.submit('eve', 1, { requestId: 'e' }),
      board.submitMany([
        { playerId: 'bob', score: 1, requestId: 'c' },
        { playerId: 'ann', score: 2, requestId: 'a' },
      ]),
      board.submitMany(several),
      board.submit('eve', 1, { requestId: 'e' }),
    ])
    expect([before, after]).toMatchObject([{ value: { score: 1 } }, { value: { repeated: true } }])
    const problem = 'request id "a": it was used for a submit with other arguments'
    expect(reused).toMatchObject({ reason: { code: 'REQUEST_REUSED' } })
    expect((reused as PromiseRejectedResult).reason.message).toContain(
      `Submission 1: Cannot submit`,
    )
    expect((reused as PromiseRejectedResult).reason.message).toContain(problem)
    expect(twice).toMatchObject({ reason: { code: 'REQUEST_REUSED' } })
    expect(board.get('bob')).toBeUndefined()
    // Ids of what was refused are free.
    await board.submitMany(several.slice(1).concat({ playerId: 'bob', score: 3, requestId: 'c' }))
    expect(board.get('bob')?.score).toBe(5)
  })
})

test('submit() is answered again by a store that was restored or made small', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { mode: 'increment' })
    const first = await board.submit('ann', 1, { requestId: 'a', passed: 1 })
    await withDirectory(async (directory) => {
      const [backup, restored] = [join(directory, 'backup'), join(directory, 'restored')]
      await store.backup(backup)
      await board.submit('ann', 1, { requestId: 'b' })
      await store.close()
      await restoreBackup(backup, restored)
      await compactStore(restored)
      await using again = openLeaderboards(restored, { clock: clock.read })
      const submit = (requestId: string): Promise<object> =>
        again.openBoard('game').submit('ann', 1, { requestId, passed: 1 })
      expect(await submit('a')).toStrictEqual({ ...first, repeated: true })
      // What came after the backup is not in it, and neither is its id.
      expect(await submit('b')).toMatchObject({ score: 2, changed: true })
      expect((await again.check()).findings).toEqual([])
    })
  })
})

test('restoreBoard() makes a new board, on which no id is known', async () => {
  await withStore(async (temporary) => {
    const { path, store } = temporary
    await store.board('game', { mode: 'increment' }).submit('ann', 1, { requestId: 'a' })
    await withDirectory(async (directory) => {
      const backup = join(directory, 'backup')
      await store.backup(backup)
      await store.close()
      await restoreBoard(backup, path, { board: 'game', force: true })
      const board = (await temporary.reopen()).openBoard('game')
      expect(await board.submit('ann', 1, { requestId: 'a' })).toMatchObject({ score: 2 })
      expect(storedIn(temporary.store).count).toBe(1)
    })
  })
})

test('submit() knows an id on the board where it was used, as long as the board lives', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    const submitTo = (name: string): Promise<object> =>
      store.board(name, { mode: 'increment' }).submit('ann', 1, { requestId: 'a' })
    expect(await submitTo('one')).not.toHaveProperty('repeated')
    expect(await submitTo('two')).not.toHaveProperty('repeated')
    await store.dropBoard('one')
    expect(storedIn(store)).toEqual({ count: 1, ids: ['2 a'] })
    expect(await submitTo('one')).not.toHaveProperty('repeated')
    expect(await submitTo('two')).toHaveProperty('repeated')
    expect(storedIn(store)).toEqual({ count: 2, ids: ['2 a', '3 a'] })
  })
})

// An empty board is filled under a number of its own, and ids belong to the number: they were forgotten.
test('submit() knows an id also after an import into the board, which was empty', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 1, { requestId: 'a' })
    await board.remove('ann')
    await board.importFrom(['playerId,score\n', 'bob,5\n'], { format: 'csv' })
    expect(await board.submit('ann', 1, { requestId: 'a' })).toMatchObject({ repeated: true })
    expect([...board.entries()].map(({ playerId }) => playerId)).toEqual(['bob'])
  })
})

test('submit() forgets an id after a day; records go a few at a time, and are counted', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 1, { requestId: 'a' })
    clock.advance(DAY_MS - 1)
    expect(await board.submit('ann', 1, { requestId: 'a' })).toMatchObject({ repeated: true })
    clock.advance(1)
    await board.submit('ann', 2, { requestId: 'a' })
    expect(board.get('ann')?.score).toBe(3)
    // A clock that steps back forgets nothing more.
    clock.advance(-2 * DAY_MS)
    expect(await board.submit('ann', 2, { requestId: 'a' })).toMatchObject({ repeated: true })
    clock.advance(2 * DAY_MS)
    // Later ones come first in the order of their keys: who looked there alone would find none that is old.
    const some = (day: number, from: number): Submission[] =>
      Array.from({ length: 30 }, (_, i) => {
        return { playerId: 'ann', score: 1, requestId: `${9 - day}-${((from + i) * 37) % 300}` }
      })
    const counts: number[] = []
    for (let day = 0; day < 5; day++) {
      for (let from = 0; from < 300; from += 30) await board.submitMany(some(day, from))
      const { count, ids } = storedIn(store)
      expect(ids.length).toBe(count)
      expect(ids.filter((id) => id.startsWith(`1 ${9 - day}-`)).length).toBe(300)
      counts.push(count)
      clock.advance(DAY_MS)
    }
    // 1,501 in all, if none had gone.
    expect(Math.max(...counts)).toBeLessThan(700)
    expect(board.get('ann')?.score).toBe(3 + 5 * 300)
  })
})

test('alter() says how many ids are known, and for how long', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game', { mode: 'increment' })
    const submit = async (requestId: string): Promise<boolean> =>
      (await board.submit('ann', 1, { requestId })).repeated === true
    await store.alter({ requests: { count: 3 } })
    for (const id of ['a', 'b', 'c', 'd']) expect(await submit(id)).toBe(false)
    expect(await Promise.all(['b', 'c', 'd'].map(submit))).toEqual([true, true, true])
    expect(await submit('a')).toBe(false)
    expect(await Promise.all(['c', 'd', 'a'].map(submit))).toEqual([true, true, true])
    await store.alter({ requests: null })
    await store.alter({ requests: { days: 0.5 } })
    clock.advance(DAY_MS / 2 - 1)
    expect(await submit('c')).toBe(true)
    clock.advance(1)
    expect(await Promise.all(['c', 'c'].map(submit))).toEqual([false, true])
    expect(board.get('ann')?.score).toBe(6)
  })
})

test('submit() answers a retry before rules and bans; it uses nothing up, and leaves no record', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    const submit = (): Promise<object> => board.submit('ann', 1, { requestId: 'a' })
    const again = { ...(await submit()), repeated: true }
    await store.alter('game', { max: 5, perMinute: 1, players: 'known' })
    for (let i = 0; i < 3; i++) expect(await submit()).toStrictEqual(again)
    await store.alter('game', { players: null, max: 0 })
    expect(await submit()).toStrictEqual(again)
    expect(await board.submitMany([{ playerId: 'ann', score: 1, requestId: 'a' }])).toEqual([again])
    await store.ban('ann')
    await store.alter({ writes: 'closed' })
    expect(await submit()).toStrictEqual(again)
    expect(await board.submitMany([{ playerId: 'ann', score: 1, requestId: 'a' }])).toEqual([again])
    // What is refused leaves its id free, whoever refused it.
    const other = (): Promise<object> => board.submit('bob', 1, { requestId: 'b' })
    await expect(other()).rejects.toMatchObject({ code: 'CLOSED_FOR_WRITES' })
    await store.alter({ writes: 'open' })
    await expect(other()).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    await store.alter('game', { max: null })
    expect(await other()).not.toHaveProperty('repeated')
    await store.unban('ann')
    const { records } = store.log({ kinds: ['submit'] })
    expect(records.map(({ playerId, requestId }) => [playerId, requestId])).toEqual([
      ['ann', 'a'],
      ['bob', 'b'],
    ])
    expect(board.history('ann').records).toMatchObject([{ requestId: 'a', plays: 1 }])
  })
})

test('submit() of a run that was undone is answered again, and brings nothing back', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 1)
    const first = await board.submit('ann', 5, { requestId: 'a' })
    const [run] = store.log({ kinds: ['submit'], playerId: 'ann' }).records.slice(-1)
    await store.undo({ seqs: [run?.seq as number], reason: 'a bot played' })
    expect(board.get('ann')?.score).toBe(1)
    expect(await board.submit('ann', 5, { requestId: 'a' })).toStrictEqual({
      ...{ ...first, repeated: true },
    })
    expect(board.get('ann')?.score).toBe(1)
    expect(store.log({ kinds: ['submit'] }).records.length).toBe(2)
  })
})

test('submit() of a player who is kept unseen is answered again without ranks', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await store.ban('ann', { submits: 'keep' })
    const first = await board.submit('ann', 1, { requestId: 'a' })
    await store.unban('ann')
    expect(first.rank).toBeUndefined()
    expect(await board.submit('ann', 1, { requestId: 'a' })).toStrictEqual({
      ...{ ...first, repeated: true },
    })
    expect(board.get('ann')?.score).toBe(1)
  })
})

test('submit() refuses an id of a wrong shape', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const wrong: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
      [5, TypeError, /Cannot use 5 as requestId: it must be a string/],
      [null, TypeError, /requestId/],
      ['', RangeError, /an empty requestId/],
      ['é'.repeat(65), RangeError, /130 bytes of UTF-8: at most 128/],
      ['\ud800', RangeError, /lone surrogate/],
    ]
    for (const [requestId, type, message] of wrong) {
      const options = { requestId } as SubmitOptions
      await expect(board.submit('ann', 1, options)).rejects.toThrow(type)
      await expect(board.submit('ann', 1, options)).rejects.toThrow(message)
      const many = [{ playerId: 'ann', score: 1, requestId } as Submission]
      await expect(board.submitMany(many)).rejects.toThrow(message)
    }
    await board.submit('ann', 1, { requestId: 'é'.repeat(64) })
    await board.submit('ann', 2, { requestId: '\u0000' })
    expect(await board.submit('ann', 2, { requestId: '\u0000' })).toMatchObject({ repeated: true })
  })
})

/** Returns how many requests the state counts, and those that are stored, as `board id`. */
function storedIn(store: Leaderboards): { count: number; ids: string[] } {
  const lines = [...store.dump({ table: 'requests' })].map(({ text }) => text)
  const count = Number(/, (\d+) stored/.exec(lines[0] ?? '')?.[1])
  const ids = lines
    .slice(1)
    .map((line) => line.replace(/^board (\d+), request "(.*?)" .*/, '$1 $2'))
  return { count, ids }
}

// A client that gave up named the season that was on; its retry, made later by a queue, did not, and was refused
// as another request.
test('a retry is the same submit, whatever season it is meant for', () =>
  withStore(async ({ store }) => {
    const board = store.board('game', { windows: ['day'] })
    const [day] = board.windows()
    const season = { day: day?.season as string }
    const first = await board.submit('ann', 5, { requestId: 'run-1', season })
    const again = { ...first, repeated: true }
    expect(await board.submit('ann', 5, { requestId: 'run-1' })).toStrictEqual(again)
    const later = { requestId: 'run-1', season: { day: '2099-01-01' } }
    expect(await board.submit('ann', 5, later)).toStrictEqual(again)
    await board.submit('bob', 5, { requestId: 'run-2' })
    expect(await board.submit('bob', 5, { requestId: 'run-2', season })).toHaveProperty('repeated')
  }))

// The submits of a list had ids of their own alone: a longer list under its id was made in part, a shorter one
// was answered as if it were the same.
test('a list under one id is answered again as a whole, and no other list is taken for it', () =>
  withStore(async (temporary) => {
    const before = temporary.store.board('game', { mode: 'increment' })
    const list = ['ann', 'bob', 'ann'].map((playerId) => ({ playerId, score: 5 }))
    const options = { requestId: 'lap-3' }
    const first = await before.submitMany(list, options)
    await temporary.reopen()
    const { store } = temporary
    const board = store.board('game', { mode: 'increment' })
    expect(await board.submitMany(list, options)).toEqual(
      first.map((answer) => ({ ...answer, repeated: true })),
    )
    const others = [
      list.slice(0, 2),
      list.slice(1),
      [...list, { playerId: 'cat', score: 1 }],
      [...list.slice(0, 2), { playerId: 'ann', score: 6 }],
    ]
    for (const other of others)
      await expect(board.submitMany(other, options)).rejects.toMatchObject({
        code: 'REQUEST_REUSED',
        message:
          'Cannot submit a list under request id "lap-3": it was used for a list of other submits; nothing is changed, give each list an id of its own',
      })
    await expect(
      board.submitMany([{ playerId: 'ann', score: 5, requestId: 'own' }], options),
    ).rejects.toThrow(TypeError)
    expect(board.top(3).map(({ playerId, score }) => `${playerId} ${score}`)).toEqual([
      'ann 10',
      'bob 5',
    ])
    // An id of another list, of another board, and of a list that was refused.
    await board.submitMany(list, { requestId: 'lap-4' })
    await store.board('other').submitMany(list.slice(1), options)
    const refused = [{ playerId: 'ann', score: 1, only: 'new' as const }]
    await expect(board.submitMany(refused, { requestId: 'lap-5' })).rejects.toThrow()
    await board.submitMany(list, { requestId: 'lap-5' })
    // The longest id, and two of that length that differ at their ends.
    const long = (end: string) => ({ requestId: 'x'.repeat(127) + end })
    await board.submitMany(list, long('a'))
    expect((await board.submitMany(list, long('b')))[0]?.repeated).toBeUndefined()
    expect((await board.submitMany(list, long('a')))[0]?.repeated).toBe(true)
    await expect(board.submitMany(list, long('ab'))).rejects.toThrow(RangeError)
    expect(board.get('ann')?.score).toBe(50)
  }))

// The second use of an id in a list was not looked up, so a rule refused the first submit before.
test('submitMany() tells of an id that was used for another submit before any rule refuses', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('cy', 2, { requestId: 'first' })
    await store.alter('arena', { max: 9 })
    const list = [
      { playerId: 'eve', score: 10 },
      { playerId: 'cy', score: 2, requestId: 'first' },
      { playerId: 'bob', score: 1, requestId: 'first' },
    ]
    await expect(board.submitMany(list)).rejects.toMatchObject({
      ...{ code: 'REQUEST_REUSED', message: expect.stringMatching(/^Submission 2: /) },
    })
  }))
