/**
 * The edges of what boards answer: pages without entries, cursors that are none, views that outlive
 * their snapshot, and arguments that are nonsense.
 *
 * @module
 */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { encodeCursor } from '../../src/board/cursor.ts'
import {
  type BoardView,
  type Leaderboard,
  type Metadata,
  openLeaderboards,
} from '../../src/index.ts'
import type { Snapshot } from '../../src/library/snapshot.ts'
import { specOf } from '../support/spec-of.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

test.each([{}, { scoreType: 'int64', order: 'ascending' }] as const)(
  'page() goes on from an empty page to the first entries of a board with %o',
  async (settings) => {
    await withStore(async ({ store }) => {
      const board = store.board('game', settings) as unknown as Leaderboard
      await submitAll(board, { ann: 1, bob: 1, cid: 1 })
      const second = board.page({ limit: 1, after: board.page({ limit: 1 }).next as string })
      await board.remove('ann')
      const empty = board.page({ limit: 1, before: second.previous as string })
      expect(empty).toMatchObject({ entries: [], previous: undefined })
      expect(idsOf(board.page({ limit: 2, after: empty.next as string }))).toEqual(['bob', 'cid'])
    })
  },
)

test('page() refuses a cursor that is longer than any key', async () => {
  // LMDB refused the key with an error of its own.
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    await submitAll(board, Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`p${i}`, 1])))
    const key = Buffer.alloc(3000, 0x61)
    const { next = '' } = board.page({ limit: 1 })
    Buffer.from(next, 'base64url').copy(key, 0, 4)
    const { storeId } = store.stats()
    const cursor = encodeCursor(specOf(board), { storeId, boardId: 1, key })
    expect(() => board.page({ after: cursor })).toThrow(
      expect.objectContaining({ code: 'BAD_CURSOR' }),
    )
  })
})

test('snapshot() ends every view and iteration that was taken from it', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await submitAll(board, { ann: 3, bob: 2, cid: 1 })
    const kept: { view?: Snapshot; entries?: Generator<unknown> } = {}
    store.snapshot((view) => {
      kept.view = view
      kept.entries = view.board('game').entries()
      kept.entries.next()
    })
    const closed = expect.objectContaining({ code: 'CLOSED' })
    expect(() => kept.view?.boards()).toThrow(closed)
    expect(() => kept.view?.board('game')).toThrow(closed)
    expect(() => kept.entries?.next()).toThrow(closed)
  })
})

test('snapshot() of an asynchronous function is a TypeError and nothing else', async () => {
  // What the function's reads threw afterwards was an unhandled rejection, which ends the process.
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  try {
    await withStore(async ({ store }) => {
      await store.createBoard('game')
      const read = async (view: Snapshot): Promise<BoardView> => {
        await sleep(1)
        return view.board('game')
      }
      expect(() => store.snapshot(read)).toThrow(TypeError)
      expect(() => store.snapshot(undefined as never)).toThrow(TypeError)
      await sleep(20)
      expect(unhandled).not.toHaveBeenCalled()
    })
  } finally {
    process.off('unhandledRejection', unhandled)
  }
})

test('watch() refuses what is no AbortSignal', async () => {
  // It looked again and again without a pause, and nothing else of the process ran.
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    const signal = new AbortController() as unknown as AbortSignal
    expect(() => board.watch({ signal })).toThrow(TypeError)
  })
})

test.each([new Map([['car', 'red']]), new Set([1]), new Date(), Promise.resolve(), [1]])(
  'submit() refuses %o as metadata, and keeps what there is',
  async (value) => {
    // Most of these are {} as JSON, which took the old metadata away.
    await withStore(async ({ store }) => {
      const board = store.board('game')
      await board.submit('ann', 1, { metadata: { car: 'blue' } })
      const metadata = value as unknown as Metadata
      await expect(board.submit('ann', 1, { metadata })).rejects.toThrow(/must be a plain object/)
      expect(board.get('ann')?.metadata).toEqual({ car: 'blue' })
      const bare = Object.assign(Object.create(null), { car: 'red' })
      await board.submit('ann', 1, { metadata: bare })
      expect(board.get('ann')?.metadata).toEqual({ car: 'red' })
    })
  },
)

test('Leaderboard refuses arrays with holes and formats that there are not', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    const holes = new Array<never>(2)
    await expect(board.submitMany(holes)).rejects.toThrow(/^Submission 0: Cannot use undefined/)
    expect(() => board.ranks(holes)).toThrow(/^Cannot use undefined as playerId/)
    expect(() => board.among(holes)).toThrow(/^Cannot use undefined as playerId/)
    expect(() => store.board('other', { columns: holes })).toThrow(/as a column/)
    const format = 'xml' as 'csv'
    await expect(board.importFrom(noBytes(), { format })).rejects.toThrow(RangeError)
    const nothing = undefined as unknown as { format: 'csv' }
    await expect(board.importFrom(noBytes(), nothing)).rejects.toThrow(/as format/)
    await expect(board.exportTo(process.stderr, { format })).rejects.toThrow(RangeError)
  })
})

test('submitMany() tells of no more passed players than one transaction may read', async () => {
  // Ten thousand submits with a thousand each took ten seconds and 1.7 GB.
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const submissions = Array.from({ length: 1_001 }, (_, i) => ({ playerId: `p${i}`, score: i }))
    await expect(board.submitMany(submissions, { passed: 100 })).rejects.toThrow(
      /at most 100000 in all/,
    )
    const answers = await board.submitMany(submissions.slice(1), { passed: 100 })
    expect(answers.at(-1)?.passed).toMatchObject({ count: 999, entries: { length: 100 } })
  })
})

test('a column that objects inherit must be given', async () => {
  await withStore(async ({ store }) => {
    const columns = [{ name: 'constructor' }, { name: 'points' }] as const
    const board = store.board('game', { columns })
    await expect(board.submit('ann', { points: 1 } as never)).rejects.toThrow(
      'Cannot use undefined as constructor of score: it must be a number',
    )
  })
})

test.each([
  [{ futureAllowanceMs: Number.NaN }, RangeError],
  [{ futureAllowanceMs: -1 }, RangeError],
  [{ cacheBytes: -1 }, RangeError],
  [{ cacheBytes: 1.5 }, RangeError],
  [{ cacheBytes: '40 MB' as never }, TypeError],
  [{ clock: 5 as never }, TypeError],
  [{ clock: () => Number.NaN }, RangeError],
])('openLeaderboards() refuses %o', async (options, error) => {
  await withDirectory(async (path) => {
    const open = () => openLeaderboards(join(path, 'store'), options)
    expect(open).toThrow(error)
    expect(open).toThrow(/^Cannot use/)
  })
})

async function submitAll(board: Leaderboard, scores: Record<string, number>): Promise<void> {
  const submissions = Object.entries(scores).map(([playerId, score]) => ({ playerId, score }))
  await board.submitMany(submissions)
}

function idsOf({ entries }: { entries: { playerId: string }[] }): string[] {
  return entries.map(({ playerId }) => playerId)
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
