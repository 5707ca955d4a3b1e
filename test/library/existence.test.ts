/**
 * When a board exists: from its first accepted change, or from createBoard(), until it is dropped.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'

import { SecondProcess } from '../model/second-process.ts'
import { withStore } from '../support/temporary-store.ts'

const GOLF = { order: 'ascending', mode: 'best' } as const

test('board() and every read of a board that does not exist create nothing, also over close()', async () => {
  // Asking for a board made it: a slip of the pen in a name was a board for ever.
  await withStore(async (temporary) => {
    const { store } = temporary
    const board = store.board('golf', GOLF)
    expect(board).toMatchObject({ name: 'golf', ...GOLF, size: 0 })
    expect(board.info).toEqual({ name: 'golf', ...GOLF, size: 0 })
    expect([board.get('ann'), board.rank('ann'), board.standing('ann')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(board.ranks(['ann'])).toEqual([undefined])
    expect(
      [board.top(), board.range(1, 9), board.around('ann'), board.between(0, 9)].flat(),
    ).toEqual([])
    expect([board.entryAt(1), board.scoreAt(1), board.gap('ann')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([board.countBetween(0, 9), [...board.entries()]]).toEqual([0, []])
    expect(board.page()).toEqual({ entries: [], total: 0, next: undefined, previous: undefined })
    expect(board.among(['ann'])).toEqual({ entries: [], missing: ['ann'] })
    expect(board.standingOf(3)).toMatchObject({ ordinal: 1, total: 1, percentile: 100 })
    expect(board.scoreFor({ rank: 1 }).score).toBeUndefined()
    expect(await board.remove('ann')).toBe(false)
    expect(await store.rename('ann', 'Ann')).toBe(0)
    expect(await store.removePlayer('ann')).toBe(0)
    expect([store.boards(), store.boardsOf('ann'), store.hasBoard('golf')]).toEqual([[], [], false])
    expect(() => store.snapshot((view) => view.board('golf'))).toThrow(coded('NO_BOARD'))
    await expect(store.rebuild('golf')).rejects.toMatchObject({ code: 'NO_BOARD' })
    await expect(store.dropBoard('golf')).rejects.toMatchObject({ code: 'NO_BOARD' })
    expect(store.stats().sequence).toBe(0)
    expect((await temporary.reopen()).boards()).toEqual([])
  })
})

test.each([
  ['only: existing', { only: 'existing' }, 'CONDITION_FAILED'],
  ['a score that is expected', { expected: 5 }, 'CONDITION_FAILED'],
  ['a time in the future', { at: 4e12 }, 'FUTURE_TIME'],
  ['a sum that is not exact', { mode: 'increment' }, 'INEXACT'],
] as const)('a submit that is refused by %s makes no board', async (_, options, code) => {
  // `submit x 5 --only existing` said that nothing was changed, and made the board.
  await withStore(async ({ store }) => {
    const board = store.board('golf', GOLF)
    const score = code === 'INEXACT' ? 2 ** 54 : 5
    const refusals = await Promise.allSettled([
      board.submit('ann', score, options),
      board.submitMany([{ playerId: 'ann', score, ...options }]),
      board.submitMany([
        { playerId: 'bob', score: 1 },
        { playerId: 'ann', score, ...options },
      ]),
    ])
    expect(refusals.map((refusal) => Reflect.get(refusal, 'reason')?.code)).toEqual([
      ...[code, code, code],
    ])
    expect(await board.submitMany([])).toEqual([])
    expect([store.boards(), board.size]).toEqual([[], 0])
    expect(store.stats().sequence).toBe(0)
    expect(await board.submit('ann', 5, { expected: null })).toMatchObject({ created: true })
    expect(store.boards()).toEqual([{ name: 'golf', ...GOLF, size: 1 }])
  })
})

test('openBoard() is NO_BOARD until the board exists, then the board', async () => {
  await withStore(async ({ store }) => {
    expect(() => store.openBoard('golf')).toThrow(coded('NO_BOARD'))
    const golf = store.board('golf', GOLF)
    expect(() => store.openBoard('golf')).toThrow(coded('NO_BOARD'))
    await golf.submit('ann', 5)
    expect(store.openBoard('golf')).toBe(golf)
    expect(store.openBoard('golf', { mode: 'best' }).size).toBe(1)
    expect(() => store.openBoard('golf', { mode: 'set' })).toThrow(coded('SETTINGS_DIFFER'))
    expect(() => store.openBoard('')).toThrow(RangeError)
    await store.dropBoard('golf')
    expect(() => store.openBoard('golf')).toThrow(coded('NO_BOARD'))
  })
})

test('settings of board() hold for who asks for the name alone, until the board exists', async () => {
  await withStore(async ({ store }) => {
    store.board('golf', GOLF)
    await store.board('golf').submit('ann', 5)
    expect(store.boards()).toMatchObject([{ name: 'golf', ...GOLF }])
  })
})

test('a board that another process makes meanwhile is seen, or refused if its settings differ', async () => {
  await withStore(async ({ store, path, clock }) => {
    const [same, other] = [store.board('golf', GOLF), store.board('chess', { mode: 'set' })]
    expect([same.size, other.size]).toEqual([0, 0])
    const process = await SecondProcess.start(path)
    await process.make(clock.now, [
      { board: 'golf', name: 'createBoard', args: [GOLF] },
      { board: 'golf', name: 'submit', args: ['ann', 5] },
      { board: 'chess', name: 'createBoard', args: [{ mode: 'best' }] },
    ])
    expect(same.top()).toMatchObject([{ playerId: 'ann', score: 5 }])
    expect(() => other.top()).toThrow(coded('SETTINGS_DIFFER'))
    await expect(other.submit('ann', 5)).rejects.toMatchObject({ code: 'SETTINGS_DIFFER' })
    expect(store.board('chess').mode).toBe('best')
    await process.make(clock.now, [{ board: 'golf', name: 'dropBoard', args: [] }])
    expect(() => same.top()).toThrow(coded('NO_BOARD'))
    await expect(same.submit('ann', 5)).rejects.toMatchObject({ code: 'NO_BOARD' })
    expect(await store.board('golf').submit('ann', 5)).toMatchObject({ rank: 1 })
  })
})

test('submit(), dropBoard() and submit() of one moment are as one after another', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('golf', GOLF)
    const outcomes = await Promise.allSettled([
      board.submit('ann', 5),
      store.dropBoard('golf'),
      board.submit('bob', 6),
      board.remove('ann'),
      board.submitMany([]),
    ])
    expect(outcomes.map((outcome) => Reflect.get(outcome, 'reason')?.code)).toEqual([
      ...[undefined, undefined, 'NO_BOARD', 'NO_BOARD', 'NO_BOARD'],
    ])
    expect(store.boards()).toEqual([])
    expect(() => board.size).toThrow(coded('NO_BOARD'))
  })
})

test('importFrom() makes the board with its rows, or not at all after a drop', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('golf', GOLF)
    expect(await board.importFrom(rows('ann,5'), { format: 'csv' })).toMatchObject({ imported: 1 })
    expect(store.boards()).toEqual([{ name: 'golf', ...GOLF, size: 1 }])
    await store.dropBoard('golf')
    // The export of an empty board brought it back.
    const empty = [
      `{"ladderdb":{"format":1,"board":{"name":"golf","order":"ascending","mode":"best"}}}\n`,
    ]
    for (const [source, format] of [
      [rows('bob,5'), 'csv'],
      [empty, 'ndjson'],
    ] as const)
      await expect(board.importFrom(source, { format })).rejects.toThrow(coded('NO_BOARD'))
    expect(store.boards()).toEqual([])
    const kept = store.board('kept', { keep: 1 })
    await kept.importFrom(rows('ann,5', 'bob,6'), { format: 'csv' })
    expect(kept.top()).toMatchObject([{ playerId: 'bob' }])
  })
})

test('watch() of a board that does not exist tells of its first entries', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('golf', GOLF)
    const updates = board.watch({ intervalMs: 10 })
    expect((await updates.next()).value).toMatchObject({ total: 0, entries: [] })
    const next = updates.next()
    await board.submit('ann', 5)
    expect((await next).value).toMatchObject({ total: 1, changes: [{ kind: 'entered' }] })
    await updates.return()
  })
})

test('boards that are asked for and never made do not fill the memory', async () => {
  await withStore(async ({ store }) => {
    store.board('first', GOLF)
    for (let i = 0; i < 10_001; i++) store.board(`name ${i}`)
    // Its settings are forgotten by now: who asks by name alone gets the usual ones.
    expect(store.board('first').order).toBe('descending')
    expect(store.boards()).toEqual([])
  })
})

function rows(...lines: string[]): Readable {
  return Readable.from([Buffer.from(['playerId,score', ...lines].join('\n'))])
}

function coded(code: string): object {
  return expect.objectContaining({ name: 'LadderError', code })
}

// With log "none" on the board and "all" asked for, the message named the same settings on both sides: what
// is usual was left out of it, also where that was the difference.
test('a refusal names the setting that differs, also if the usual one is asked for', async () => {
  await withStore(async ({ store }) => {
    await store.createBoard('quiet', { log: 'none' })
    await store.createBoard('big', { scoreType: 'int64' })
    expect(() => store.openBoard('quiet', { log: 'all' })).toThrow(/log none, asked .*, log all;/)
    expect(() => store.openBoard('big', { scoreType: 'number' })).toThrow(
      /scoreType int64, asked .*, scoreType number;/,
    )
  })
})
