/**
 * Runs that a rule takes and flags, until somebody resolves them.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboards } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

const FLAG = { maxGain: { by: 100, action: 'flag' } } as const

function flagged(store: Leaderboards): unknown[] {
  return store
    .log({ flagged: true })
    .records.map(({ playerId, submitted }) => [playerId, submitted])
}

test('a gain beyond maxGain is taken, flagged in its record, and found by log({ flagged })', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    const board = await store.createBoard('arena')
    await store.alter('arena', FLAG)
    await board.submit('ada', 1000)
    await board.submit('ada', 1100)
    await board.submit('ada', 1201)
    await board.submit('bob', 500, { mode: 'increment' })
    expect(flagged(store)).toEqual([
      ['ada', 1201],
      ['bob', 500],
    ])
    expect([board.get('ada')?.score, board.get('bob')?.score]).toEqual([1201, 500])
    const flags = store.log({ kinds: ['submit'] }).records.map((record) => record.flags)
    expect(flags).toEqual([undefined, undefined, ['maxGain'], ['maxGain']])
    expect(board.history('ada').records[0]?.flags).toEqual(['maxGain'])
    const [first, second] = store.log({ flagged: true }).records
    expect(flagged(await temporary.reopen())).toHaveLength(2)
    const again = temporary.store
    expect(await again.resolve(first?.seq ?? 0, { verdict: 'accepted', actor: 'kim' })).toBe(true)
    expect(flagged(again)).toEqual([['bob', 500]])
    // A second time, and a run that was never flagged, there is nothing to resolve, and no record.
    const last = again.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records[0]
    expect(last).toMatchObject({
      ...{ kind: 'resolve', resolved: first?.seq, verdict: 'accepted', actor: 'kim' },
      ...{ board: 'arena', playerId: 'ada' },
    })
    expect(await again.resolve(first?.seq ?? 0, { verdict: 'accepted' })).toBe(false)
    expect(await again.resolve((second?.seq ?? 0) + 100, { verdict: 'accepted' })).toBe(false)
    expect(again.log({ after: last?.seq ?? 0 }).records).toEqual([])
    // What was flagged stays flagged in the record.
    expect(again.board('arena').history('ada').records[0]?.flags).toEqual(['maxGain'])
  })
})

test('log({ flagged }) pages, and goes by board and player, at the cost of the answer', async () => {
  await withStore(async ({ store }) => {
    for (const name of ['one', 'two']) {
      await store.createBoard(name)
      await store.alter(name, { maxGain: { by: 0, action: 'flag' } })
    }
    for (let i = 0; i < 6; i++) {
      const board = store.board(i % 2 === 0 ? 'one' : 'two')
      await board.submitMany([
        { playerId: `p${i}`, score: 1 },
        { playerId: `p${i}`, score: i + 2 },
      ])
    }
    const pages: unknown[] = []
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page = store.log({ flagged: true, limit: 4, after })
      pages.push(page.records.map(({ playerId }) => playerId))
      after = page.next
    }
    expect(pages).toEqual([
      ['p0', 'p1', 'p2', 'p3'],
      ['p4', 'p5'],
    ])
    const newest = store.log({ flagged: true, before: Number.MAX_SAFE_INTEGER, limit: 2 })
    expect(newest.records.map(({ playerId }) => playerId)).toEqual(['p5', 'p4'])
    const ofTwo = store.log({ flagged: true, board: 'two' }).records
    expect(ofTwo.map(({ playerId }) => playerId)).toEqual(['p1', 'p3', 'p5'])
    expect(store.log({ flagged: true, playerId: 'p3' }).records).toHaveLength(1)
    await store.dropBoard('two')
    expect(store.log({ flagged: true }).records).toHaveLength(3)
  })
})

test('resolve() with undone takes the run back, as undo() does, which an undo turns round', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena', { mode: 'increment' })
    await store.alter('arena', FLAG)
    await board.submit('ada', 50)
    await board.submit('ada', 500)
    await board.submit('ada', 5)
    await board.submit('bob', 700)
    const [ada, bob] = store.log({ flagged: true }).records.map(({ seq }) => seq)
    expect(await store.resolve(ada ?? 0, { verdict: 'undone', reason: 'a bot' })).toBe(true)
    expect(board.get('ada')?.score).toBe(55)
    const [undo, resolved] = store.log({ after: bob ?? 0 }).records
    expect(undo).toMatchObject({ kind: 'undo', count: 1, reason: 'a bot' })
    expect(resolved).toMatchObject({ kind: 'resolve', resolved: ada, verdict: 'undone' })
    expect(resolved?.commit).toBe(undo?.seq)
    expect(flagged(store)).toEqual([['bob', 700]])
    // Undone by hand, it is not to be reviewed, until it counts again.
    const { seq } = await store.undo({ seqs: [bob ?? 0] })
    expect(flagged(store)).toEqual([])
    await store.undo({ seqs: [seq ?? 0] })
    expect(flagged(store)).toEqual([['bob', 700]])
    expect(await store.resolve(bob ?? 0, { verdict: 'undone' })).toBe(true)
    expect([board.get('bob'), flagged(store)]).toEqual([undefined, []])
  })
})

test('a board without a log cannot flag', async () => {
  await withStore(async ({ store }) => {
    await store.createBoard('quiet', { log: 'none' })
    await expect(store.alter('quiet', FLAG)).rejects.toThrow('has no log')
    await store.alter('quiet', { maxGain: { by: 1, action: 'refuse' } })
  })
})

test('alter() and setProfile() leave a note of what is different, and none if nothing is', async () => {
  await withStore(async ({ store }) => {
    await store.createBoard('arena')
    await store.alter('arena', { max: 5, perMinute: 3 })
    await store.alter('arena', { max: 5, perMinute: null })
    await store.alter('arena', { max: 5, min: null })
    await store.alter({ retention: { days: 7 }, names: 'free' })
    await store.setProfile('ada', { name: 'Ada' })
    await store.setProfile('ada', { name: 'Ada' })
    await store.rename('ada', 'Bea')
    const notes = store.log({ kinds: ['alter', 'profile', 'rename'] }).records
    expect(notes.map(({ seq: _s, at: _a, commit: _c, ...note }) => note)).toEqual([
      { kind: 'alter', board: 'arena', rules: { max: 5, perMinute: 3 } },
      { kind: 'alter', board: 'arena', rules: { perMinute: null } },
      { kind: 'alter', settings: { retention: { days: 7, bytes: 2 ** 30 } } },
      { kind: 'profile', playerId: 'ada', name: 'Ada', avatar: null, metadata: null },
      { kind: 'rename', playerId: 'ada', name: 'Bea', boards: [] },
    ])
  })
})
