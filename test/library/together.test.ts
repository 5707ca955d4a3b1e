/**
 * Calls that are made at the same moment: they share a transaction, or meet in the middle of a long
 * one. Each answer must be what the calls would say one after another.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ImportOptions, Leaderboard } from '../../src/index.ts'
import { SecondProcess } from '../model/second-process.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const SUBMITS = sizeOf('TOGETHER_SUBMITS', { test: 800, torture: 20_000 })
/** Players of a third of a tree that is rebuilt. */
const PART = sizeOf('TOGETHER_PART', { test: 1_000, torture: 3_000 })

test('submit() answers in the order of the calls, though they share a commit', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const answers = await Promise.all([
      board.submit('alice', 10),
      board.submit('bob', 20),
      board.submit('alice', 5, { mode: 'increment' }),
      board.submit('bob', 15, { rankMode: 'competition' }),
      board.remove('alice'),
      board.submit('alice', 1, { ranks: false }),
      board.submit('bob', 16, { mode: 'best' }),
    ])
    expect(answers.map((answer) => Object.values(answer))).toEqual([
      ['alice', 10, undefined, 1, undefined, true, true],
      ['bob', 20, undefined, 1, undefined, true, true],
      ['alice', 15, 10, 2, 2, true, false],
      ['bob', 15, 20, 1, 1, true, false],
      [],
      ['alice', 1, undefined, undefined, undefined, true, true],
      ['bob', 16, 15, 1, 1, true, false],
    ])
  })
})

test('reads in one turn agree with one another while submits wait, commit and are refused', async () => {
  await withStore(async ({ store }) => {
    const board = await filled(await store.createBoard('game'), 1_000)
    const state = { waiting: 0 }
    let reads = 0
    const submit = (i: number): Promise<unknown> => {
      state.waiting++
      const kind = i % 10
      const id = `player-${(i * 7919) % 1_100}`
      const work =
        kind === 0
          ? board.remove(id)
          : board.submit(id, kind === 1 ? 2 ** 53 : i % 500, kind < 3 ? { mode: 'increment' } : {})
      return work.catch(() => undefined).finally(() => state.waiting--)
    }
    for (let i = 0; i < SUBMITS; ) {
      const last = i + 50
      while (i < last) void submit(i++)
      while (state.waiting > 0) {
        const place = 1 + ((i * 31) % board.size)
        const rows = board.range(place, place + 20)
        expect(board.ranks(rows.map(({ playerId }) => playerId))).toEqual(
          rows.map(({ rank }) => rank),
        )
        if (reads++ % 20 === 0) expect([...board.entries()]).toHaveLength(board.size)
        await nextTurn()
      }
    }
    expect(reads).toBeGreaterThan(50)
  })
})

test('submit() behind dropBoard() of the same moment is refused', async () => {
  // It was answered, and went into the board that was just dropped: an acknowledged submit was lost,
  // since the writer of a board was kept by its name for the whole transaction.
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('alice', 1)
    const drop = store.dropBoard('game')
    const submit = board.submit('bob', 2)
    await expect(submit).rejects.toMatchObject({ code: 'NO_BOARD' })
    await drop
    expect(store.hasBoard('game')).toBe(false)
  })
})

test('createBoard() behind dropBoard() of the same moment makes an empty board of its own', async () => {
  // It was given the number of the dropped one where that was found in the catalog: the sweeping took
  // the new board's rank tree away.
  await withStore(async (temporary) => {
    await temporary.store.board('weekly').submit('ann', 1)
    const store = await temporary.reopen()
    expect(store.board('weekly').size).toBe(1)
    const drop = store.dropBoard('weekly')
    const weekly = await store.createBoard('weekly')
    await drop
    expect(await weekly.submit('bob', 5)).toMatchObject({ rank: 1, created: true })
    expect(store.board('weekly').rank('ann')).toBeUndefined()
  })
})

test('submit() through a handle of other settings is refused, though both were made at once', async () => {
  // The second handle wrote to the board of the first one, because that one's writer was there.
  await withStore(async ({ store }) => {
    const best = store.board('golf', { order: 'descending' })
    const lowest = store.board('golf', { order: 'ascending' })
    const answers = await Promise.allSettled([best.submit('alice', 1), lowest.submit('bob', 2)])
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'SETTINGS_DIFFER' } },
    ])
    expect(store.board('golf')).toMatchObject({ order: 'descending', size: 1 })
  })
})

test.each(['before', 'behind'])(
  'rebuild() leaves a sound tree with submits %s it in one commit',
  async (place) => {
    // The changed nodes of the old tree were written over the new ones at the end of the transaction.
    await withStore(async ({ store }) => {
      await store.createBoard('other')
      await store.rebuild('other')
      const board = await store.createBoard('game')
      // Grown one by one its nodes are half full: the new tree has full ones, and fewer.
      for (const first of [0, PART, 2 * PART]) {
        const ids = Array.from({ length: PART }, (_, i) => first + i)
        await board.submitMany(ids.map((id) => ({ playerId: `player-${id}`, score: id })))
      }
      const rebuilt = place === 'behind' ? store.rebuild('game') : undefined
      const submits = [0, 1, 2].map((i) => board.submit(`new-${i}`, (i + 0.5) * PART))
      const { entries } = await (rebuilt ?? store.rebuild('game'))
      expect([3 * PART, 3 * PART + 3]).toContain(entries)
      await Promise.all(submits)
      expect((await store.check()).findings.slice(0, 5)).toEqual([])
      const ids = [...board.entries()].map(({ playerId }) => playerId)
      expect(board.ranks(ids)).toEqual(ids.map((_, i) => i + 1))
    })
  },
)

test('submit() next to the last commit of an import is kept', async () => {
  // It was answered, and went into the empty board that the import had just put aside.
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    const others: Promise<unknown>[] = []
    const onProgress = ({ done, total }: { done: number; total: number | undefined }): void => {
      if (done !== total) return
      // The one opens the board in the transaction, the import's last job follows, then the other.
      others.push(board.remove('nobody'))
      others.push(afterSomeJobs(() => board.submit('late', 99)))
    }
    await filled(board, 10, { onProgress })
    expect(await Promise.all(others)).toMatchObject([false, { playerId: 'late' }])
    expect(board.get('late')).toMatchObject({ score: 99, rank: 1 })
    expect(board.size).toBe(11)
  })
})

test('an import into a board that is dropped and made anew with other settings is refused', async () => {
  // Its keys, which have the shape of the old board, were put under the settings of the new one.
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    let other: Promise<unknown> | undefined
    const onProgress = ({ total }: { total: number | undefined }): void => {
      if (total === undefined || other !== undefined) return
      other = store
        .dropBoard('game')
        .then(() => store.createBoard('game', { order: 'ascending', keep: 10 }))
    }
    await expect(filled(board, 12_000, { onProgress })).rejects.toMatchObject({
      code: 'SETTINGS_DIFFER',
    })
    await other
    expect(store.board('game')).toMatchObject({ order: 'ascending', keep: 10, size: 0 })
  })
})

test('an import by a handle whose board was made anew with other settings is refused', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    await store.dropBoard('game')
    await store.createBoard('game', { order: 'ascending', scoreType: 'int64' })
    // What the row names is read before anything is written: it looked like damage.
    await store.board('game').submit('player-1', 1)
    await expect(filled(board, 10)).rejects.toMatchObject({ code: 'SETTINGS_DIFFER' })
  })
})

test('openLeaderboards() in the middle of an import leaves its rows alone', async () => {
  // The board in the making is noted as dropped until it is whole: whoever opened the store
  // meanwhile swept its entries, and the import then showed a tree over entries that were gone.
  await withStore(async (temporary) => {
    const board = await temporary.store.createBoard('game')
    const second: { store?: ReturnType<typeof temporary.open> } = {}
    const onProgress = ({ total }: { total: number | undefined }): void => {
      if (total !== undefined) second.store ??= temporary.open()
    }
    await filled(board, 4_000, { onProgress })
    await second.store?.close()
    expect((await temporary.store.check()).findings.slice(0, 5)).toEqual([])
    expect([...board.entries()]).toHaveLength(4_000)
    expect(board.top(1)).toMatchObject([{ playerId: 'player-3999' }])
  })
})

test('dropBoard() is seen at once by handles that read while its entries are freed', async () => {
  // They went on to answer from a tree whose entries were partly gone: a size, and an empty top.
  await withStore(async ({ store }) => {
    const board = await filled(await store.createBoard('game'), 8_000)
    expect(board.size).toBe(8_000)
    const state = { isDropped: false }
    const drop = store.dropBoard('game').then(() => {
      state.isDropped = true
    })
    const seen = new Set<string>()
    while (!state.isDropped) {
      seen.add(stateOf(board))
      await nextTurn()
    }
    await drop
    expect([...seen].filter((answer) => answer !== 'NO_BOARD')).toEqual(['8000 entries, top 3'])
  })
})

test('dropBoard() by another process is seen at once by handles of this one', async () => {
  await withStore(async ({ store, path, clock }) => {
    const board = await filled(await store.createBoard('game'), 8_000)
    const other = await SecondProcess.start(path)
    const state = { isDropped: false }
    const drop = other.make(clock.now, [{ board: 'game', name: 'dropBoard', args: [] }])
    const end = drop.finally(() => {
      state.isDropped = true
    })
    const seen = new Set<string>()
    while (!state.isDropped) {
      seen.add(stateOf(board))
      await nextTurn()
    }
    expect(await end).toEqual([{ value: undefined }])
    expect([...seen].filter((answer) => answer !== 'NO_BOARD')).toEqual(['8000 entries, top 3'])
  })
})

test('an import by another process is seen whole or not at all by handles of this one', async () => {
  await withStore(async ({ store, path, clock }) => {
    const board = await store.createBoard('game')
    expect(board.size).toBe(0)
    const other = await SecondProcess.start(path)
    const state = { isDone: false }
    const rows = rowsOf(3_000)
    const call = { board: 'game', name: 'importRows', args: [rows] }
    const end = other.make(clock.now, [call]).finally(() => {
      state.isDone = true
    })
    const seen = new Set<string>()
    while (!state.isDone) {
      seen.add(stateOf(board))
      await nextTurn()
    }
    expect(await end).toEqual([{ value: { imported: 3_000, changed: 3_000, skipped: 0 } }])
    expect(stateOf(board)).toBe('3000 entries, top 3')
    seen.delete('0 entries, top 0')
    seen.delete('3000 entries, top 3')
    expect([...seen]).toEqual([])
  })
})

test.each(['snapshot()', 'boards()', 'stats()', 'check()'])(
  'a read behind %s in the same turn shows the same commit',
  async (kind) => {
    // The snapshot was renewed without the handles being told: they counted with the tree of before,
    // and listed the entries of now.
    await withStore(async ({ store, path, clock }) => {
      const board = store.board('game')
      await board.submit('alice', 1)
      const other = await SecondProcess.start(path)
      const checks: Promise<unknown>[] = []
      for (let i = 1; i <= 10; i++) {
        const call = { board: 'game', name: 'submit', args: [`player-${i}`, i] }
        await other.make(clock.now, [call])
        await nextTurn()
        if (kind === 'snapshot()') store.snapshot(() => undefined)
        else if (kind === 'boards()') store.boards()
        else if (kind === 'stats()') store.stats()
        else checks.push(store.check())
        expect([board.size, board.top(50).length]).toEqual([i + 1, i + 1])
      }
      await Promise.all(checks)
    })
  },
)

test('a read sees what another process said that it had done', async () => {
  // The snapshot was kept for a millisecond, longer than the message took: the read that followed
  // the word of the other process did not find its entry.
  await withStore(async ({ store, path, clock }) => {
    const board = store.board('game')
    await board.submit('alice', 1)
    const other = await SecondProcess.start(path)
    for (let i = 1; i <= 100; i++) {
      expect(board.get(`player-${i}`)).toBeUndefined()
      await other.make(clock.now, [{ board: 'game', name: 'submit', args: [`player-${i}`, i] }])
      expect(board.get(`player-${i}`)).toMatchObject({ score: i })
    }
  })
})

async function filled(
  board: Leaderboard,
  count: number,
  options: Partial<ImportOptions> = {},
): Promise<Leaderboard> {
  const source = Readable.from([Buffer.from(rowsOf(count))])
  await board.importFrom(source, { format: 'csv', ...options })
  return board
}

function rowsOf(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `player-${i},${i}\n`)
  return `playerId,score\n${rows.join('')}`
}

// Long enough that the import's next job stands in the queue, short enough to share its commit.
async function afterSomeJobs<T>(work: () => Promise<T>): Promise<T> {
  for (let i = 0; i < 12; i++) await undefined
  return work()
}

function stateOf(board: Leaderboard): string {
  try {
    return `${board.size} entries, top ${board.top(3).length}`
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
