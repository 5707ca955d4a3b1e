/**
 * Following the log: every record once, in order, over writers, processes, reopenings and restores.
 *
 * @module
 */

import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import {
  type FollowOptions,
  type Leaderboards,
  type LogRecord,
  openLeaderboards,
  restoreBackup,
} from '../../src/index.ts'
import { SecondProcess } from '../model/second-process.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed } from '../support/random.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

const QUICK = { intervalMs: 10 }
const ENDED = { done: true, value: undefined }

test('follow() begins with the next change, or behind a seq, or with the first record', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 1)
    const fromNow = store.follow(QUICK)
    await board.submit('ann', 2)
    expect(await next(fromNow)).toMatchObject({ seq: 3, kind: 'submit', submitted: 2 })
    const pending = next(fromNow)
    await store.rename('ann', 'Ann')
    expect(await pending).toMatchObject({ seq: 4, kind: 'rename', playerId: 'ann' })

    expect(await take(store.follow({ after: 0, ...QUICK }), 4)).toEqual(store.log().records)
    expect(await take(store.follow({ after: 3, ...QUICK }), 1)).toMatchObject([{ seq: 4 }])
    await fromNow.return()
  })
})

test('follow() leaves out what is not asked for: by board, player and kind', async () => {
  await withStore(async ({ store }) => {
    for (const board of ['a', 'b'])
      for (const playerId of ['ann', 'bob']) await store.board(board).submit(playerId, 1)
    await store.removePlayer('ann')
    const seqsOf = async (options: FollowOptions, count: number): Promise<number[]> =>
      (await take(store.follow({ after: 0, ...options, ...QUICK }), count)).map(({ seq }) => seq)
    for (const asked of [
      { board: 'a' },
      { playerId: 'bob' },
      { kinds: ['create'] },
      { board: 'b', playerId: 'ann', kinds: ['submit'] },
    ] as const) {
      const found = store.log(asked).records.map(({ seq }) => seq)
      expect(found.length).toBeGreaterThan(0)
      expect(await seqsOf(asked, found.length)).toEqual(found)
    }
  })
})

test('follow() knows boards that came into being after it began, and those dropped', async () => {
  await withStore(async ({ store }) => {
    const records = store.follow({ board: 'late', after: 0, ...QUICK })
    await store.board('early').submit('ann', 1)
    await store.board('late').submit('ann', 1)
    expect(await take(records, 2, 'keep')).toMatchObject([{ kind: 'create' }, { kind: 'submit' }])
    await store.dropBoard('late')
    await store.board('late').submit('bob', 2)
    expect(await take(records, 3)).toMatchObject([
      { kind: 'drop' },
      { kind: 'create' },
      { kind: 'submit', playerId: 'bob' },
    ])
  })
})

test('follow() ends by its signal and by close(), and leaves no listener', async () => {
  await withStore(async ({ store }) => {
    await store.board('game').submit('ann', 1)
    expect(await store.follow({ after: 0, signal: AbortSignal.abort() }).next()).toEqual(ENDED)
    const waiting = new AbortController()
    const slow = store.follow({ signal: waiting.signal, intervalMs: 2 ** 31 - 1 })
    const pending = slow.next()
    waiting.abort()
    expect(await pending).toEqual(ENDED)
    expect(getEventListeners(waiting.signal, 'abort')).toEqual([])

    const between = new AbortController()
    const records = store.follow({ after: 0, signal: between.signal })
    expect(await next(records)).toMatchObject({ seq: 1 })
    between.abort()
    expect(await records.next()).toEqual(ENDED)

    const open = store.follow(QUICK)
    const ended = open.next()
    await store.close()
    expect(await ended).toEqual(ENDED)
    await expect(store.follow({ after: 0 }).next()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => store.follow()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })
})

test('follow() refuses a seq beyond the log, and says which one is the last', async () => {
  await withStore(async ({ store }) => {
    await expect(store.follow({ after: 1 }).next()).rejects.toMatchObject({ code: 'LOG_AHEAD' })
    await store.board('game').submit('ann', 1)
    await expect(store.follow({ after: 3 }).next()).rejects.toMatchObject({
      code: 'LOG_AHEAD',
      message: expect.stringContaining('its last record is 2'),
    })
    const records = store.follow({ after: 2, ...QUICK })
    const pending = next(records)
    await store.board('game').submit('ann', 2)
    expect(await pending).toMatchObject({ seq: 3 })
    await records.return()
  })
})

// The seqs of a restored store went on from those of its backup, so a consumer of the damaged one went on
// with other records under the numbers that it knew.
test('follow() after a restore: never other records under old numbers', async () => {
  await withDirectory(async (path) => {
    const backup = `${path}/backup`
    const live = openLeaderboards(`${path}/live`)
    await live.board('game').submit('ann', 1)
    await live.backup(backup)
    for (let i = 2; i < 10; i++) await live.board('game').submit('ann', i)
    const old = live.log().records
    await live.close()

    const seen = new Set<number>(old.slice(2).map(({ seq }) => seq))
    for (const name of ['first', 'second']) {
      await restoreBackup(backup, `${path}/${name}`)
      const store = openLeaderboards(`${path}/${name}`)
      for (let i = 20; i < 30; i++) await store.board('game').submit('ann', i)
      const { records } = store.log()
      expect(records.slice(0, 2)).toEqual(old.slice(0, 2))
      expect(records[2]).toMatchObject({ kind: 'restore', restoredSeq: 2 })
      for (const { seq } of records.slice(2)) {
        expect(seen.has(seq)).toBe(false)
        seen.add(seq)
      }
      // What was before the backup is the same, and who has that goes on.
      expect(await take(store.follow({ after: 1 }), records.length - 1)).toEqual(records.slice(1))
      expect(await take(store.follow({ after: 2 }), 11)).toEqual(records.slice(2))
      for (const after of seen) {
        if (records.some(({ seq }) => seq === after)) continue
        await expect(store.follow({ after }).next(), `${after}`).rejects.toMatchObject({
          code: 'LOG_AHEAD',
        })
      }
      // History, times and an undo reach over the restore.
      const game = store.board('game')
      expect(game.history('ann').records.map(({ submitted }) => submitted)).toEqual([
        29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 1,
      ])
      const from = records[4]?.committedAt ?? (records[4]?.at as number)
      expect(store.log({ from }).records[0]?.seq).toBe(records[4]?.seq)
      expect(await store.undo({ playerId: 'ann', reason: 'all' })).toMatchObject({ count: 11 })
      expect(store.log({ kinds: ['undo'] }).records[0]?.seqs).toHaveLength(11)
      expect((await store.check()).findings).toEqual([])
      await store.close()
    }
  })
})

test('follow() beside random writers: each record once, resumed from its seq', async () => {
  const random = new Random(runSeed('follow'))
  await withStore(async (temporary) => {
    const told: LogRecord[] = []
    const rounds = process.env['TORTURE'] === undefined ? 12 : 200
    for (let round = 0; round < rounds; round++) {
      const { store } = temporary
      const wanted = 1 + random.below(60)
      const writing = write(random, store, wanted)
      const after = told.at(-1)?.seq ?? 0
      const stopAt = after + 1 + random.below(wanted)
      for await (const record of store.follow({ after, ...QUICK })) {
        told.push(record)
        if (random.chance(0.05)) await new Promise(setImmediate)
        if (record.seq >= stopAt) break
      }
      await writing
      if (random.chance(0.2)) await temporary.reopen()
    }
    const { store } = temporary
    const last = store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records[0]?.seq ?? 0
    const after = told.at(-1)?.seq ?? 0
    told.push(...(await take(store.follow({ after, ...QUICK }), last - after)))
    expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
    expect(told.slice(0, 1000)).toEqual(store.log({ limit: 1000 }).records)
  })
})

test('follow() tells what another process writes, beside writers of this one', async () => {
  await withStore(async ({ store, path, clock }) => {
    await store.board('game').submit('ann', 1)
    const records = store.follow({ after: 0, ...QUICK })
    expect(await take(records, 2, 'keep')).toHaveLength(2)
    const second = await SecondProcess.start(path)
    try {
      const calls = Array.from({ length: 50 }, (_, i) => {
        return { board: 'game', name: 'submit', args: ['bob', i] }
      })
      const made = second.make(clock.now, calls)
      const mine = Promise.all(
        Array.from({ length: 50 }, (_, i) => store.board('game').submit('ann', i)),
      )
      const found = await take(records, 100)
      await Promise.all([made, mine])
      expect(found.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 3))
      const submitted = (id: string): unknown[] =>
        found.filter(({ playerId }) => playerId === id).map((record) => record.submitted)
      expect(submitted('bob')).toEqual(Array.from({ length: 50 }, (_, i) => i))
      expect(submitted('ann')).toEqual(Array.from({ length: 50 }, (_, i) => i))
    } finally {
      await second.kill()
    }
  })
})

test.runIf(process.env['TORTURE'])('follow() a million records behind', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'set' })
    const many = Array.from({ length: 10_000 }, (_, i) => ({ playerId: `p${i}`, score: i }))
    for (let i = 0; i < 100; i++) await board.submitMany(many, { ranks: false })
    let last = 0
    for await (const { seq } of store.follow({ after: 0 })) {
      if (seq !== last + 1) expect(seq).toBe(last + 1)
      last = seq
      if (last === 1_000_001) break
    }
    expect(last).toBe(1_000_001)
  })
})

async function write(random: Random, store: Leaderboards, count: number): Promise<void> {
  for (let i = 0; i < count; ) {
    const batch = 1 + random.below(4)
    await store.board(random.pick(['a', 'b'])).submitMany(
      Array.from({ length: batch }, () => {
        return { playerId: random.pick(['ann', 'bob', 'cat']), score: random.below(100) }
      }),
    )
    i += batch
  }
}

async function next(records: AsyncGenerator<LogRecord>): Promise<LogRecord> {
  const { value, done } = await records.next()
  if (done === true) throw new Error('the records ended')
  return value as LogRecord
}

async function take(
  records: AsyncGenerator<LogRecord>,
  count: number,
  then?: 'keep',
): Promise<LogRecord[]> {
  const taken: LogRecord[] = []
  while (taken.length < count) taken.push(await next(records))
  if (then === undefined) await records.return(undefined)
  return taken
}
