/**
 * Watching the first entries of a board, or one player.
 *
 * @module
 */

import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import type { Leaderboard, WatchChange, WatchOptions, WatchUpdate } from '../../src/index.ts'
import { SecondProcess } from '../model/second-process.ts'
import { withStore } from '../support/temporary-store.ts'

const QUICK = { intervalMs: 10 }
const ENDED = { done: true, value: undefined }

test('watch() tells what is there, then who entered, left, moved and changed', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game')
    await board.submitMany([9, 8, 7].map((score) => ({ playerId: `p${score}`, score })))
    const updates = board.watch({ top: 3, ...QUICK })
    const first = await next(updates)
    expect(first).toMatchObject({ total: 3, entries: board.top(3), changes: [] })

    await board.submit('new', 8.5)
    expect(kindsOf(await next(updates))).toEqual(['new entered', 'p8 moved', 'p7 left'])
    clock.advance(1000)
    await board.submit('p8', 20)
    const risen = await next(updates)
    expect(kindsOf(risen)).toEqual(['p8 score', 'p9 moved', 'new moved'])
    expect(risen.changes[0]).toEqual({
      ...{ playerId: 'p8', kind: 'score', entry: board.get('p8') },
      previous: { ...first.entries[1], rank: 3 },
    })
    await board.submit('p8', 21, { name: 'Eight' })
    expect(kindsOf(await next(updates))).toEqual(['p8 score'])
    await store.rename('p9', 'Nine')
    expect(kindsOf(await next(updates))).toEqual(['p9 updated'])
    await board.submit('p9', 9, { metadata: { a: 1 } })
    expect(kindsOf(await next(updates))).toEqual(['p9 updated'])
    await board.submit('p9', 9, { metadata: { a: 2 } })
    expect(kindsOf(await next(updates))).toEqual(['p9 updated'])
    await board.remove('p8')
    const last = await next(updates)
    expect(kindsOf(last)).toEqual(['p9 moved', 'new moved', 'p7 entered', 'p8 left'])
    expect(last.changes.at(-1)).toMatchObject({ entry: undefined, previous: { rank: 1 } })
    expect(last).toMatchObject({ total: 3, entries: board.top(3) })
    expect(last.sequence).toBeGreaterThan(first.sequence)
    await updates.return()
  })
})

test('watch() of a player follows the one entry, in the rank mode asked', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const updates = board.watch({ playerId: 'ann', rankMode: 'dense', ...QUICK })
    expect(await next(updates)).toMatchObject({ total: 0, entries: [], changes: [] })
    await board.submit('ann', 5)
    expect(kindsOf(await next(updates))).toEqual(['ann entered'])
    await board.submitMany([7, 7, 6].map((score, i) => ({ playerId: `p${i}`, score })))
    const moved = await next(updates)
    expect(kindsOf(moved)).toEqual(['ann moved'])
    expect(moved).toMatchObject({ total: 4, entries: [{ playerId: 'ann', rank: 3 }] })
    await board.remove('ann')
    expect(kindsOf(await next(updates))).toEqual(['ann left'])
    await updates.return()
  })
})

test('watch() tells a slow consumer the sum of what happened, and the last state', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    const updates = board.watch({ top: 2, ...QUICK })
    await next(updates)
    for (let i = 0; i < 20; i++) {
      await board.submit('ann', 1)
      await board.submit('bob', 2)
      await board.submit('guest', 100)
      await board.remove('guest')
    }
    const update = await next(updates)
    expect(kindsOf(update)).toEqual(['bob entered', 'ann entered'])
    expect(update.entries).toEqual(board.top(2))
    expect(update.entries.map(({ score }) => score)).toEqual([40, 20])
    // All of it was told: only what comes now is next.
    await board.submit('ann', 1)
    expect(kindsOf(await next(updates))).toEqual(['ann score'])
    await updates.return()
  })
})

test('watch() tells nothing where a commit changed nothing of it, but the total', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany([9, 8, 7].map((score) => ({ playerId: `p${score}`, score })))
    const updates = board.watch({ top: 1, ...QUICK })
    const first = await next(updates)
    const pending = next(updates)
    let isTold = false
    void pending.then(() => {
      isTold = true
    })
    // Other boards, other ranks, and submits that change nothing; each was looked at, as another
    // watcher shows that began later and sees them all.
    const witness = store.board('other').watch({ top: 1, ...QUICK })
    await next(witness)
    await board.submit('p7', 7.5)
    await board.submit('p9', 9)
    await store.rename('p8', 'Eight')
    for (let i = 0; i < 5; i++) {
      await store.board('other').submit('ann', i)
      await next(witness)
    }
    expect(isTold).toBe(false)
    await board.submit('new', 1)
    const second = await pending
    expect(second).toMatchObject({ total: 4, changes: [], entries: first.entries })
    expect(second.sequence).toBeGreaterThan(first.sequence + 5)
    await Promise.all([updates.return(), witness.return()])
  })
})

test('watch() ends by its signal: before the start, while it waits, and between updates', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 1)
    expect(await board.watch({ signal: AbortSignal.abort() }).next()).toEqual(ENDED)

    const waiting = new AbortController()
    // The interval is longer than the test may take: the signal must cut it short.
    const updates = board.watch({ signal: waiting.signal, intervalMs: 2 ** 31 - 1 })
    await next(updates)
    const pending = updates.next()
    waiting.abort()
    expect(await pending).toEqual(ENDED)
    expect(getEventListeners(waiting.signal, 'abort')).toEqual([])

    const between = new AbortController()
    const seen: WatchUpdate[] = []
    for await (const update of board.watch({ signal: between.signal, ...QUICK })) {
      seen.push(update)
      between.abort()
    }
    expect(seen).toHaveLength(1)
    expect(getEventListeners(between.signal, 'abort')).toEqual([])
  })
})

test('watch() keeps no listener on a signal that outlives it', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    const { signal } = new AbortController()
    let count = 0
    for await (const _ of board.watch({ signal, ...QUICK })) {
      await board.submit('ann', 1)
      if (++count === 15) break
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

// After close() all calls raised CLOSED, and watch() alone ended as if there were nothing to see.
test('watch() that begins after close() raises CLOSED', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    await store.close()
    await expect(board.watch().next()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

test('watch() ends when the store is closed', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 1)
    const updates = [board.watch(QUICK), board.watch({ playerId: 'ann', ...QUICK })]
    for (const each of updates) await next(each)
    const pending = updates.map((each) => each.next())
    await store.close()
    expect(await Promise.all(pending)).toEqual([ENDED, ENDED])
  })
})

test('watch() ends with NO_BOARD when the board is dropped, and goes on with one made anew', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 1)
    const updates = board.watch(QUICK)
    await next(updates)
    const refused = expect(updates.next()).rejects.toMatchObject({ code: 'NO_BOARD' })
    await store.dropBoard('game')
    await refused
    expect(await updates.next()).toEqual(ENDED)
    await expect(board.watch(QUICK).next()).rejects.toMatchObject({ code: 'NO_BOARD' })

    const anew = await store.createBoard('game')
    await anew.submit('bob', 2)
    const again = anew.watch(QUICK)
    await next(again)
    // Nobody looks while nobody asks for the next update.
    await store.dropBoard('game')
    await store.createBoard('game')
    expect(kindsOf(await next(again))).toEqual(['bob left'])
    await again.return()
  })
})

test('watch() of a board that is being created begins with nothing', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const updates = board.watch(QUICK)
    expect(await next(updates)).toMatchObject({ total: 0, entries: [] })
    await board.submit('ann', 1)
    expect(kindsOf(await next(updates))).toEqual(['ann entered'])
    await updates.return()
  })
})

test('watch() sees the commits of another process', async () => {
  await withStore(async ({ store, path, clock }) => {
    const board = await store.createBoard('game')
    const updates = board.watch({ top: 3, ...QUICK })
    await next(updates)
    const other = await SecondProcess.start(path)
    const submit = { board: 'game', name: 'submit', args: ['bob', 2] }
    await other.make(clock.now, [submit])
    const update = await next(updates)
    expect(kindsOf(update)).toEqual(['bob entered'])
    expect(update.entries).toEqual(board.top())
    await other.make(clock.now, [{ ...submit, args: ['bob', 3] }])
    expect(kindsOf(await next(updates))).toEqual(['bob score'])
    await updates.return()
  })
})

test('watch() compares int64 and rows of columns as scores', async () => {
  await withStore(async ({ store }) => {
    const whole = store.board('whole', { scoreType: 'int64' })
    const rows = store.board('rows', { columns: [{ name: 'a' }, { name: 'b' }] })
    await whole.submit('ann', 2n ** 53n)
    await rows.submit('ann', { a: 1, b: 1 })
    const watches = [whole.watch(QUICK), rows.watch(QUICK)] as const
    await Promise.all(watches.map((updates) => updates.next()))
    await whole.submit('ann', 2n ** 53n + 1n)
    await rows.submit('ann', { a: 1, b: 2 })
    expect((await watches[0].next()).value).toMatchObject({
      changes: [
        { kind: 'score', previous: { score: 2n ** 53n }, entry: { score: 2n ** 53n + 1n } },
      ],
    })
    expect((await watches[1].next()).value).toMatchObject({
      changes: [{ kind: 'score', previous: { score: { a: 1, b: 1 } } }],
    })
    await whole.submit('ann', 0, { name: 'Ann', mode: 'increment' })
    await store.rename('ann', 'Ann L.')
    for (const updates of watches)
      expect((await updates.next()).value).toMatchObject({ changes: [{ kind: 'updated' }] })
    await Promise.all(watches.map((updates) => updates.return()))
  })
})

test('watch() refuses options of a wrong shape at once', async () => {
  await withStore(({ store }) => {
    const board = store.board('game')
    const wrong: [object, typeof TypeError | typeof RangeError][] = [
      [{ top: 1, playerId: 'ann' }, TypeError],
      [{ top: '1' }, TypeError],
      [{ playerId: 7 }, TypeError],
      ...[{ top: 0 }, { top: 1001 }, { intervalMs: 9 }, { playerId: '' }, { rankMode: 'x' }].map(
        (options) => [options, RangeError] as [object, typeof RangeError],
      ),
    ]
    for (const [options, type] of wrong)
      expect(() => board.watch(options as WatchOptions), JSON.stringify(options)).toThrow(type)
  })
})

async function next(updates: ReturnType<Leaderboard['watch']>): Promise<WatchUpdate> {
  const { value, done } = await updates.next()
  if (done === true) throw new Error('The watch ended')
  return value as WatchUpdate
}

function kindsOf({
  changes,
}: {
  changes: readonly Pick<WatchChange, 'playerId' | 'kind'>[]
}): string[] {
  return changes.map(({ playerId, kind }) => `${playerId} ${kind}`)
}
