/**
 * Pages by cursor, in both directions, while the board changes under them.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Entry, Leaderboard, PageOptions, RankMode } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']
const ROUNDS = sizeOf('PAGE_ROUNDS', { test: 20, torture: 600 })

test('page() of an empty board has no entries and leads nowhere', async () => {
  await withStore(({ store }) => {
    expect(store.board('game').page()).toEqual({
      ...{ entries: [], total: 0, next: undefined, previous: undefined },
    })
  })
})

test('page() answers 50 entries where no limit is said, and the last page leads only back', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, 53)
    const first = board.page()
    expect(first.entries).toEqual(board.top(50))
    expect(first).toMatchObject({ total: 53, previous: undefined })
    const last = board.page({ after: first.next as string })
    expect(last.entries).toEqual(board.range(51, 53))
    expect(last).toMatchObject({ total: 53, next: undefined })
    expect(board.page({ before: last.previous as string })).toEqual(first)
  })
})

test.each([1, 2, 3, 7, 10, 11])(
  'page() shows the same %i a page forwards and backwards, in every rank mode, with ties at the edges',
  async (limit) => {
    await withStore(async ({ store }) => {
      for (const order of ['descending', 'ascending'] as const) {
        const board = store.board(order, { order })
        await fill(board, 10, (i) => Math.floor(i / 4))
        for (const rankMode of RANK_MODES) {
          const pages = pagesOf(board, { limit, rankMode })
          expect(pages.flat()).toEqual([...board.entries({ rankMode })])
          expect(pages.map(({ length }) => length)).toEqual(lengths(10, limit))
          expect(pagesBackOf(board, { limit, rankMode })).toEqual(pages.slice(0, -1).reverse())
        }
      }
    })
  },
)

test('page() numbers the rows by the mode of the call, not by that of the cursor', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, 4, () => 5)
    const after = board.page({ limit: 2 }).next as string
    const ranks = (rankMode: RankMode): number[] =>
      board.page({ after, rankMode }).entries.map(({ rank }) => rank)
    expect(ranks('ordinal')).toEqual([3, 4])
    expect(ranks('dense')).toEqual([1, 1])
  })
})

test('page() goes on from an entry that left, and from one that moved', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, 6)
    const { next } = board.page({ limit: 2 })
    await board.remove('player-1')
    expect(idsOf(board.page({ limit: 2, after: next as string }).entries)).toEqual([
      ...['player-2', 'player-3'],
    ])
    await board.submit('player-1', -100)
    const behind = board.page({ limit: 2, after: next as string })
    expect(behind.entries).toEqual(board.range(2, 3))
    expect(idsOf(board.page({ before: next as string }).entries)).toEqual(['player-0'])
  })
})

test('page() gives the ranks of now', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, 4)
    const { next } = board.page({ limit: 2 })
    await board.submitMany([
      { playerId: 'first', score: 1000 },
      { playerId: 'second', score: 999 },
    ])
    const { entries, total } = board.page({ limit: 1, after: next as string })
    expect(entries).toMatchObject([{ playerId: 'player-2', rank: 5 }])
    expect(total).toBe(6)
  })
})

// A page behind the last entry has no entry of its own to make cursors of. It once gave back the one
// that it was asked with, and the way back then left out the entry of that cursor.
test('page() beyond either end leads back to every entry that is there', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, 3)
    const end = board.page({ limit: 2 }).next as string
    const start = board.page({ limit: 2, after: board.page({ limit: 1 }).next as string })
    await board.remove('player-2')
    const behind = board.page({ limit: 2, after: end })
    expect(behind).toMatchObject({ entries: [], total: 2, next: undefined })
    const back = board.page({ limit: 2, before: behind.previous as string })
    expect(idsOf(back.entries)).toEqual(['player-0', 'player-1'])

    await board.remove('player-0')
    const before = board.page({ limit: 2, before: start.previous as string })
    expect(before).toMatchObject({ entries: [], total: 1, previous: undefined })
    const forth = board.page({ limit: 2, after: before.next as string })
    expect(idsOf(forth.entries)).toEqual(['player-1'])

    await board.remove('player-1')
    for (const page of [board.page({ after: end }), board.page({ before: end })])
      expect(page).toEqual({ entries: [], total: 0, next: undefined, previous: undefined })
  })
})

test('page() beyond either end leads back past ids of one byte and ids of zero bytes', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const ids = ['\0', '\0\0', '\0\u0001', 'a', 'b']
    for (const playerId of ids) await board.submit(playerId, 7, { at: 5 })
    for (const [i, playerId] of ids.entries()) {
      const only = store.board(`only ${i}`)
      await only.submitMany([
        { playerId, score: 7, at: 5 },
        { playerId: 'last', score: 1, at: 5 },
        { playerId: 'first', score: 9, at: 5 },
      ])
      const first = only.page({ limit: 2 })
      const middle = only.page({ limit: 1, after: only.page({ limit: 1 }).next as string })
      await only.remove('last')
      await only.remove('first')
      const behind = only.page({ after: first.next as string })
      expect(idsOf(only.page({ before: behind.previous as string }).entries)).toEqual([playerId])
      const before = only.page({ before: middle.previous as string })
      expect(idsOf(only.page({ after: before.next as string }).entries)).toEqual([playerId])
    }
    expect(pagesOf(board, { limit: 1 }).flat()).toEqual([...board.entries()])
  })
})

test('page() skips and repeats no entry that stays put, whatever the others do meanwhile', async () => {
  const random = new Random(runSeed('pages'))
  await withStore(
    async ({ store }) => {
      const board = store.board('game')
      await fill(board, 40, (i) => i % 9)
      const stays = [...board.entries()].filter((_, i) => i % 2 === 0)
      const movers = [...board.entries()].filter((_, i) => i % 2 === 1)
      const shake = async (): Promise<void> => {
        const { playerId } = random.pick(movers)
        if (random.chance(0.3)) await board.remove(playerId)
        else await board.submit(playerId, random.below(11) - 1)
      }
      for (let round = 0; round < ROUNDS; round++) {
        const limit = 1 + random.below(9)
        const seen: Entry[] = []
        let page = board.page({ limit })
        seen.push(...page.entries)
        while (page.next !== undefined) {
          await shake()
          page = board.page({ limit, after: page.next })
          seen.push(...page.entries)
        }
        expect(staying(seen, stays)).toEqual(idsOf(stays))
        const seenBack = [...page.entries].reverse()
        while (page.previous !== undefined) {
          await shake()
          page = board.page({ limit, before: page.previous })
          seenBack.push(...[...page.entries].reverse())
        }
        // The way back began on the last page, so it shows what is in front of its first entry too.
        expect(staying(seenBack.reverse(), stays)).toEqual(idsOf(stays))
      }
    },
    { durability: 'relaxed' },
  )
})

test('page() refuses cursors that are not of this board, made up, cut or changed', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    const board = store.board('game')
    const other = store.board('other')
    await fill(board, 4)
    await fill(other, 4)
    const cursor = board.page({ limit: 2 }).next as string
    expect(cursor).toMatch(/^[\w-]+$/)
    const flipped = cursor.slice(0, 8) + (cursor[8] === 'A' ? 'B' : 'A') + cursor.slice(9)
    const bad = [
      ...['', 'x', 'garbage!', '\u{1f3c6}', '0'.repeat(10_000), `${cursor}=`, ` ${cursor}`],
      ...[other.page({ limit: 2 }).next as string, `${cursor}A`, flipped, cursor.toUpperCase()],
      ...Array.from(cursor, (_, i) => cursor.slice(0, i)),
    ]
    for (const text of bad) {
      for (const options of [{ after: text }, { before: text }] as PageOptions[]) {
        expect(() => board.page(options), text).toThrow(
          expect.objectContaining({ code: 'BAD_CURSOR', message: expect.stringContaining('game') }),
        )
      }
    }
    // What is behind a restart, or another handle of the same board, is the same board.
    const reopened = (await temporary.reopen()).board('game')
    expect(idsOf(reopened.page({ after: cursor }).entries)).toEqual(['player-2', 'player-3'])
  })
})

test('page() refuses the cursor of a board that was dropped and made anew', async () => {
  await withStore(async ({ store }) => {
    const old = store.board('game')
    await fill(old, 4)
    const after = old.page({ limit: 2 }).next as string
    await store.dropBoard('game')
    expect(() => old.page({ after })).toThrow(expect.objectContaining({ code: 'NO_BOARD' }))
    const board = store.board('game')
    await fill(board, 4)
    expect(() => board.page({ after })).toThrow(expect.objectContaining({ code: 'BAD_CURSOR' }))
  })
})

test('page() refuses the cursor of the same board in another store', async () => {
  await withStore(async ({ store }) => {
    await fill(store.board('game'), 4)
    const after = store.board('game').page({ limit: 2 }).next as string
    await withStore(async ({ store: other }) => {
      await fill(other.board('game'), 4)
      expect(() => other.board('game').page({ after })).toThrow(
        expect.objectContaining({ code: 'BAD_CURSOR' }),
      )
    })
  })
})

test('page() refuses two cursors at once and limits that are none', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await fill(board, 3)
    const cursor = board.page({ limit: 1 }).next as string
    expect(() => board.page({ after: cursor, before: cursor })).toThrow(TypeError)
    expect(() => board.page({ after: 7 as never })).toThrow(TypeError)
    expect(() => board.page({ limit: '1' as never })).toThrow(TypeError)
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => board.page({ limit })).toThrow(RangeError)
    expect(board.page({ limit: Number.MAX_SAFE_INTEGER }).entries).toHaveLength(3)
    expect(board.page({ limit: Number.MAX_SAFE_INTEGER, after: cursor }).entries).toHaveLength(2)
  })
})

async function fill(
  board: Leaderboard,
  count: number,
  scoreOf = (i: number): number => 100 - i,
): Promise<void> {
  const ids = Array.from({ length: count }, (_, i) => `player-${i}`)
  await board.submitMany(ids.map((playerId, i) => ({ playerId, score: scoreOf(i) })))
}

function pagesOf(board: Leaderboard, options: PageOptions): Entry[][] {
  const pages: Entry[][] = []
  let after: string | undefined
  do {
    const page = board.page(after === undefined ? options : { ...options, after })
    pages.push(page.entries)
    after = page.next
  } while (after !== undefined)
  return pages
}

// All pages in front of the last one, from there on.
function pagesBackOf(board: Leaderboard, options: PageOptions): Entry[][] {
  let page = board.page(options)
  while (page.next !== undefined) page = board.page({ ...options, after: page.next })
  const pages: Entry[][] = []
  while (page.previous !== undefined) {
    page = board.page({ ...options, before: page.previous })
    pages.push(page.entries)
  }
  return pages
}

function lengths(total: number, limit: number): number[] {
  return Array.from({ length: Math.ceil(total / limit) }, (_, i) =>
    Math.min(limit, total - i * limit),
  )
}

function staying(seen: readonly Entry[], stays: readonly Entry[]): string[] {
  const ids = new Set(idsOf(stays))
  return idsOf(seen).filter((playerId) => ids.has(playerId))
}

function idsOf(entries: readonly { playerId: string }[]): string[] {
  return entries.map(({ playerId }) => playerId)
}
