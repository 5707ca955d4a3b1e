/**
 * Trimming the log: what goes, what stays right at the cut, and who is told.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboards, LogRecord } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000

test('the log goes by days: plays, standings and seqs go on', async () => {
  await withStore(async (temporary) => {
    const { clock } = temporary
    const board = temporary.store.board('game')
    for (const score of [5, 3, 9]) await board.submit('ann', score)
    await temporary.store.dropBoard('game')
    await temporary.store.board('game').submit('bob', 1, { won: true })
    clock.advance(31 * DAY_MS)
    await temporary.store.board('game').submit('bob', 2)
    const store = await trimmed(temporary, 8)
    expect(store.log().records).toMatchObject([
      { seq: 8, kind: 'submit', previousScore: 1, score: 2, plays: 2, wins: 1 },
    ])
    expect(store.log({ after: 1, before: 8 }).records).toEqual([])
    const game = store.board('game')
    expect(game.history('bob')).toMatchObject({ records: [{ seq: 8 }], next: undefined })
    expect([...store.dump({ table: 'meta' })].filter(({ key }) => /^0a/.test(String(key)))).toEqual(
      [],
    )
    clock.advance(31 * DAY_MS)
    await trimmed(temporary, undefined)
    expect(temporary.store.log().records).toEqual([])
    expect(temporary.store.board('game').history('bob').records).toEqual([])
    await temporary.store.board('game').submit('bob', 3)
    expect(temporary.store.log().records).toMatchObject([{ seq: 9, plays: 3, wins: 1 }])
  })
})

test('the log goes by bytes, and its size levels off', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    await store.alter({ retention: { bytes: 64 * 1024 } })
    const many = Array.from({ length: 500 }, (_, i) => ({ playerId: `p${i}`, score: i }))
    const sizes: number[] = []
    const rounds = process.env['TORTURE'] === undefined ? 16 : 1000
    for (let i = 0; i < rounds; i++) {
      await temporary.store.board('game', { mode: 'increment' }).submitMany(many, { ranks: false })
      if (i % 4 !== 3) continue
      await temporary.reopen()
      await settled(temporary.store, 1_500)
      sizes.push(temporary.store.stats().fileBytes)
    }
    expect(Math.max(...sizes)).toBeLessThan(2 * (sizes[1] as number))
    expect(sizes.at(-1)).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 4)) * 1.2)
  })
})

test('undo reaches over the cut: state, metadata and what was undone are kept', async () => {
  await withStore(async (temporary) => {
    const { clock, store } = temporary
    const board = store.board('game', { mode: 'set' })
    await board.submit('ann', 10, { metadata: { car: 'red' } })
    await board.submit('bob', 7)
    await board.submit('bob', 9)
    await board.submit('cat', 4)
    await store.undo({ seqs: [4], reason: 'wrong' })
    clock.advance(31 * DAY_MS)
    await board.submit('ann', 20, { metadata: { car: 'blue' } })
    await board.submit('bob', 30)
    await board.submit('cat', 40)
    const seqs = store.log({ after: 6 }).records.map(({ seq }) => seq)
    const after = await trimmed(temporary, 7)
    await after.undo({ seqs, reason: 'test' })
    const game = after.board('game')
    expect(game.get('ann')).toMatchObject({ score: 10, metadata: { car: 'red' } })
    expect(game.get('bob')).toMatchObject({ score: 7 })
    expect(game.get('cat')).toMatchObject({ score: 4 })
    await expect(after.undo({ seqs: [2], reason: 'gone' })).rejects.toMatchObject({
      code: 'LOG_TRIMMED',
    })
  })
})

// The same changes in two stores, one of them trimmed in between: undoing what is left gives the same.
test('undo of what is left gives the same whether the rest was trimmed or not', async () => {
  const random = new Random(runSeed('trimming'))
  const rounds = process.env['TORTURE'] === undefined ? 3 : 60
  for (let round = 0; round < rounds; round++) {
    const mode = random.pick(['set', 'best', 'increment'] as const)
    await withStore(async (trimming) => {
      await withStore(async (whole) => {
        const both = async <T>(act: (store: Leaderboards) => Promise<T>): Promise<T> => {
          await act(trimming.store)
          return act(whole.store)
        }
        const change = async (): Promise<void> => {
          const playerId = random.pick(['ann', 'bob', 'cat'])
          const score = random.below(100)
          const metadata = random.chance(0.3) ? { n: random.below(9) } : undefined
          const dice = random.below(10)
          const last = whole.store.log({ before: 1e9, limit: 1 }).records[0]?.seq ?? 0
          const span = whole.store.log({ kinds: ['submit'], after: Math.max(0, last - 12) }).records
          const seq = span.length === 0 ? undefined : random.pick(span).seq
          await both(async (store) => {
            const board = store.board('game', { mode })
            if (dice === 0) await board.remove(playerId)
            else if (dice < 3 && seq !== undefined) await store.undo({ seqs: [seq], reason: 'x' })
            else await board.submit(playerId, score, metadata === undefined ? {} : { metadata })
          })
        }
        for (let i = 0; i < 40; i++) await change()
        for (const { clock } of [trimming, whole]) clock.advance(20 * DAY_MS)
        const cut = whole.store.log({ before: 1e9, limit: 1 }).records[0]?.seq ?? 0
        for (let i = 0; i < 10; i++) await change()
        for (const { clock } of [trimming, whole]) clock.advance(20 * DAY_MS)
        // What is left of the whole one is kept by its settings.
        await whole.store.alter({ retention: { days: 1000 } })
        await trimming.store.board('game').submit('dan', 1)
        await whole.store.board('game').submit('dan', 1)
        await trimmed(trimming, undefined, cut + 1)
        const seqs = trimming.store
          .log({ kinds: ['submit'], limit: 10_000 })
          .records.map(({ seq }) => seq)
        expect(seqs[0]).toBeGreaterThan(cut)
        const entriesOf = (store: Leaderboards): unknown => [...store.board('game').entries()]
        expect(entriesOf(trimming.store)).toEqual(entriesOf(whole.store))
        const shift = whole.store.log({ kinds: ['alter'] }).records[0]?.seq ?? 0
        for (const seq of seqs) {
          if (seq >= shift) continue
          await both((store) => store.undo({ seqs: [seq], reason: 'y' }))
          expect(entriesOf(trimming.store), `undo of ${seq}`).toEqual(entriesOf(whole.store))
        }
      })
    })
  }
})

test('a follower that fell behind is told LOG_TRIMMED; one in progress is waited for', async () => {
  await withStore(async (temporary) => {
    const { clock } = temporary
    const board = temporary.store.board('game')
    for (let i = 0; i < 1500; i += 500)
      await board.submitMany(
        Array.from({ length: 500 }, (_, k) => ({ playerId: `p${k}`, score: i })),
      )
    // It has read a thousand records, and goes on an hour later.
    const follower = temporary.store.follow({ after: 0 })
    const told: LogRecord[] = [(await follower.next()).value as LogRecord]
    clock.advance(31 * DAY_MS)
    await temporary.store.alter({ retention: { days: 30, bytes: 2 ** 20 } })
    while (told.length < 1501) told.push((await follower.next()).value as LogRecord)
    expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 1501 }, (_, i) => i + 1))
    await follower.return(undefined)

    const store = await trimmed(temporary, 1502)
    await expect(store.follow({ after: 1499 }).next()).rejects.toMatchObject({
      code: 'LOG_TRIMMED',
      message: expect.stringContaining('its oldest record is 1502'),
    })
    expect((await store.follow({ after: 1501 }).next()).value).toMatchObject({ seq: 1502 })
  })
})

/** Opens the store again, which trims, and waits until the log begins at a seq, or is empty. */
async function trimmed(
  temporary: TemporaryStore,
  first: number | undefined,
  least?: number,
): Promise<Leaderboards> {
  const store = await temporary.reopen()
  const firstSeq = (): number | undefined => store.log({ limit: 1 }).records[0]?.seq
  for (let i = 0; i < 100_000; i++) {
    const found = firstSeq()
    if (least === undefined ? found === first : (found ?? least) >= least) return store
    await new Promise(setImmediate)
  }
  throw new Error(`The log begins at ${firstSeq()}, expected ${first ?? least}`)
}

// Until no more than some records are left.
async function settled(store: Leaderboards, most: number): Promise<void> {
  while (store.log({ limit: most + 1 }).records.length > most) await new Promise(setImmediate)
}
