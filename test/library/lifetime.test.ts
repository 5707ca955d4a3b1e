/**
 * Handles and stores from opening to closing: settings, dropped boards, read-only stores, close().
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { type Leaderboard, type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { ended, startChild } from '../model/child.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const PLAYERS = sizeOf('TORTURE_CLOSE_PLAYERS', { test: 12_000, torture: 20_000 })
const CLOSES = sizeOf('TORTURE_CLOSES', { test: 1, torture: 6 })

test('board() refuses settings that contradict the stored ones, and names both', async () => {
  await withStore(async (temporary) => {
    await temporary.store.createBoard('golf', { order: 'ascending', mode: 'best' })
    const store = await temporary.reopen()
    for (const settings of [
      { order: 'descending', mode: 'set' },
      { order: 'descending' },
      { mode: 'set' },
    ] as const) {
      const error = errorOf(() => store.board('golf', settings))
      expect(error).toMatchObject({ name: 'LadderError', code: 'SETTINGS_DIFFER' })
      for (const word of ['golf', 'ascending', 'best', ...Object.values(settings)])
        expect(error.message).toContain(word)
      const creation = store.createBoard('golf', settings)
      await expect(creation).rejects.toMatchObject({ code: 'SETTINGS_DIFFER' })
    }
    expect(store.board('golf')).toMatchObject({ order: 'ascending', mode: 'best' })
    expect(store.board('golf', { order: 'ascending' }).mode).toBe('best')
    const wrong = errorOf(() => store.board('golf', { order: 'upwards' as 'ascending' }))
    expect(wrong).toBeInstanceOf(RangeError)
  })
})

test('board() without settings is the board whose creation is under way', async () => {
  // It was one with the usual settings, whose submits were refused.
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'best', order: 'ascending' })
    expect(store.board('game')).toBe(board)
    expect(store.board('game', { mode: 'best' })).toBe(board)
    expect(await store.board('game').submit('alice', 5)).toMatchObject({ rank: 1 })
  })
})

test('board() of a name not yet durable is an empty board, and durable with its first submit', async () => {
  await withStore(async (temporary) => {
    const board = temporary.store.board('game', { order: 'ascending' })
    expect([board.size, board.top(), board.rank('alice')]).toEqual([0, [], undefined])
    expect(await board.submit('alice', 5)).toMatchObject({ rank: 1 })
    expect(temporary.store.board('game')).toBe(board)
    const store = await temporary.reopen()
    expect(store.boards()).toEqual([{ name: 'game', order: 'ascending', mode: 'set', size: 1 }])
  })
})

test.each([
  ['an empty text', '', RangeError],
  ['a text of 256 bytes', 'x'.repeat(256), RangeError],
  ['a lone surrogate', '\ud800', RangeError],
  ['a number', 7, TypeError],
])('board() refuses %s as name', async (_, name, kind) => {
  await withStore(async ({ store }) => {
    expect(() => store.board(name as string)).toThrow(kind)
    expect(() => store.hasBoard(name as string)).toThrow(kind)
    await expect(store.createBoard(name as string)).rejects.toThrow(kind)
    await expect(store.dropBoard(name as string)).rejects.toThrow(kind)
    expect(store.boards()).toEqual([])
  })
})

test('Leaderboard throws NO_BOARD in every call once its board was dropped', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('alice', 5)
    await store.dropBoard('game')
    for (const read of readsOf(board)) expect(errorOf(read)).toMatchObject({ code: 'NO_BOARD' })
    for (const write of writesOf(board))
      await expect(write()).rejects.toMatchObject({ code: 'NO_BOARD' })
    await expect(store.dropBoard('game')).rejects.toMatchObject({ code: 'NO_BOARD' })
    await expect(store.rebuild('game')).rejects.toMatchObject({ code: 'NO_BOARD' })
    const view = errorOf(() => store.snapshot((snapshot) => snapshot.board('game')))
    expect(view).toMatchObject({ code: 'NO_BOARD' })
    // Made anew with the same settings, the board of an old handle is simply used.
    await store.createBoard('game')
    expect(await board.submit('bob', 1)).toMatchObject({ rank: 1, created: true })
    expect(board.size).toBe(1)
  })
})

test('createBoard() makes a board that is dropped before its turn comes', async () => {
  await withStore(async ({ store }) => {
    await store.board('golf', { order: 'ascending' }).submit('ann', 1)
    const drop = store.dropBoard('golf')
    const golf = await store.createBoard('golf', { order: 'ascending' })
    await drop
    expect(golf.size).toBe(0)
    expect(await golf.submit('bob', 2)).toMatchObject({ rank: 1 })
  })
})

test('openLeaderboards() of nothing says NO_STORE where it must not create, and creates nothing', async () => {
  await withDirectory(async (path) => {
    for (const options of [{ readOnly: true }, { create: false }]) {
      for (const place of [path, join(path, 'missing')]) {
        const error = errorOf(() => openLeaderboards(place, options))
        expect(error).toMatchObject({ name: 'LadderError', code: 'NO_STORE' })
      }
    }
    expect(await readdir(path)).toEqual([])
  })
})

test('Leaderboard refuses every write with READ_ONLY on a read-only store, and nothing changes', async () => {
  await withStore(async (temporary) => {
    await temporary.store.board('game').submitMany([{ playerId: 'alice', score: 5 }])
    await temporary.store.close()
    const before = await filesOf(temporary.path)
    const store = await temporary.reopen({ readOnly: true })
    const board = store.board('game')
    expect(board.top()).toMatchObject([{ playerId: 'alice', score: 5 }])
    for (const write of writesOf(board))
      await expect(write()).rejects.toMatchObject({ code: 'READ_ONLY' })
    await expect(store.dropBoard('game')).rejects.toMatchObject({ code: 'READ_ONLY' })
    await expect(store.rebuild('game')).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(errorOf(() => store.board('other'))).toMatchObject({ code: 'NO_BOARD' })
    await expect(store.createBoard('other')).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect((await store.check()).findings).toEqual([])
    expect(store.stats()).toMatchObject({ boards: 1, entries: 1 })
    await store.close()
    expect(await filesOf(temporary.path)).toEqual(before)
  })
})

test('Leaderboards sees in a read-only store what a writer commits meanwhile', async () => {
  await withStore(async (temporary) => {
    const board = temporary.store.board('game')
    await board.submit('alice', 5)
    const reader = temporary.open({ readOnly: true })
    try {
      expect(reader.board('game').size).toBe(1)
      await board.submit('bob', 6)
      expect(reader.board('game').top()).toMatchObject([{ playerId: 'bob' }, { playerId: 'alice' }])
    } finally {
      await reader.close()
    }
  })
})

test('close() waits for submits that nobody awaited', async () => {
  await withStore(async (temporary) => {
    const board = temporary.store.board('game')
    const answers = Array.from({ length: 200 }, (_, i) => board.submit(`player-${i}`, i))
    const store = await temporary.reopen()
    expect((await Promise.all(answers)).map(({ rank }) => rank)).toEqual(answers.map(() => 1))
    expect(store.board('game').size).toBe(200)
  })
})

test('close() leaves a store that throws CLOSED in every call, and may be called again', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('alice', 5)
    const iterator = board.entries()
    await store.close()
    await store.close()
    for (const read of [...readsOf(board), ...storeReadsOf(store), () => iterator.next()])
      expect(errorOf(read)).toMatchObject({ name: 'LadderError', code: 'CLOSED' })
    const others = [
      () => store.createBoard('other'),
      () => store.dropBoard('game'),
      () => store.check(),
      () => store.rebuild('game'),
    ]
    for (const write of [...writesOf(board), ...others])
      await expect(write()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

test('close() in the middle of long work lets it end, or ends it with CLOSED, and never the process', async () => {
  // Reads went on in a file that was no longer mapped: SIGSEGV, or an error of LMDB's own.
  await withStore(async ({ store, path }) => {
    await store.close()
    const works = ['importFrom', 'check', 'exportTo', 'entries', 'dropBoard']
    const child = startChild('close-amid.js', path, ...[PLAYERS, CLOSES].map(String), ...works)
    const told: string[] = []
    child.on('message', ({ work, outcome }: { work: string; outcome: string }) => {
      told.push(work)
      expect(['done', 'CLOSED'], work).toContain(outcome)
    })
    // Where the process ended tells what was told last.
    expect([await ended(child), told]).toEqual([
      0,
      works.flatMap((work) => Array(CLOSES).fill(work)),
    ])
  })
})

test('snapshot() shows several boards at one instant, while others write', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    const boards = [store.board('one'), store.board('two')] as const
    await Promise.all(boards.map((board) => board.submit('alice', 1)))
    const pending = boards.map((board) => board.submit('alice', 2))
    const scores = store.snapshot((view) => {
      return ['one', 'two'].map((name) => view.board(name).get('alice')?.score)
    })
    expect(scores).toEqual([1, 1])
    await Promise.all(pending)
    expect(store.snapshot((view) => view.board('two').get('alice')?.score)).toBe(2)
    expect(errorOf(() => store.snapshot(async () => 1))).toBeInstanceOf(TypeError)
    const thrown = new Error('mine')
    expect(errorOf(() => store.snapshot(() => raise(thrown)))).toBe(thrown)
  })
})

test('entries() stays on one snapshot while entries are added and removed', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submitMany(
      Array.from({ length: 2_000 }, (_, i) => ({ playerId: `player-${i}`, score: i })),
    )
    const before = board.top(2_000)
    const seen = []
    for (const entry of board.entries()) {
      seen.push(entry)
      if (entry.rank % 500 !== 0) continue
      await board.remove(`player-${entry.rank - 1}`)
      await board.submit(`late-${entry.rank}`, -5)
    }
    expect(seen).toEqual(before)
    expect(board.size).toBe(2_000)
  })
})

function readsOf(board: Leaderboard): (() => unknown)[] {
  return [
    () => board.size,
    () => board.get('alice'),
    () => board.rank('alice'),
    () => board.ranks(['alice']),
    () => board.standing('alice'),
    () => board.standingOf(1),
    () => board.top(),
    () => board.range(1, 2),
    () => board.entryAt(1),
    () => board.around('alice'),
    () => board.between(0, 9),
    () => board.countBetween(0, 9),
    () => [...board.entries()],
  ]
}

function storeReadsOf(store: Leaderboards): (() => unknown)[] {
  return [
    () => store.board('game'),
    () => store.hasBoard('game'),
    () => store.boards(),
    () => store.snapshot(() => 1),
    () => store.stats(),
  ]
}

function writesOf(board: Leaderboard): (() => Promise<unknown>)[] {
  const row = Buffer.from('{"playerId":"carol","score":1}\n')
  return [
    () => board.submit('alice', 6),
    () => board.submitMany([{ playerId: 'alice', score: 6 }]),
    () => board.remove('alice'),
    () => board.importFrom(Readable.from([row]), { format: 'ndjson' }),
  ]
}

// Names and contents; of the lock file only that it is there.
async function filesOf(path: string): Promise<unknown> {
  const names = await readdir(path)
  const data = await readFile(join(path, 'data.mdb'))
  return [names.sort(), createHash('sha256').update(data).digest('hex')]
}

function errorOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('It did not throw')
}

function raise(error: Error): never {
  throw error
}
