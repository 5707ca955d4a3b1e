import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { LadderError } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'
import { contentOf, csvOf, leftBeside } from './support.ts'

// An import into a board with entries went in commits of 250 rows. Ended by Ctrl-C in the middle it left
// a part of its increments behind, and the same file once more counted those twice.
test('importFrom() into a board with entries leaves nothing when it is aborted in the middle', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('inc', { mode: 'increment' })
    await board.submit('seed', 1)
    const ending = new AbortController()
    const onProgress = ({ done, total }: { done: number; total: number | undefined }): void => {
      if (total !== undefined && done >= 1_000) ending.abort()
    }
    const rows = csvOf(2_000, (i) => `p${i % 50},1`)
    const options = { format: 'csv', signal: ending.signal, onProgress } as const
    await expect(board.importFrom(rows, options)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(contentOf(board)).toEqual([['seed', 1, 'seed']])
    const again = csvOf(2_000, (i) => `p${i % 50},1`)
    expect(await board.importFrom(again, { format: 'csv' })).toEqual({
      ...{ imported: 2_000, changed: 2_000, skipped: 0 },
    })
    expect(board.size).toBe(51)
    expect(board.get('p7')?.score).toBe(40)
  })
})

test.each([undefined, 3])(
  'importFrom() adds to what submits brought meanwhile, keep %s',
  async (keep) => {
    await withStore(async ({ store }) => {
      const board = store.board('inc', { mode: 'increment', ...(keep !== undefined && { keep }) })
      await board.submit('ann', 1)
      const submits: Promise<unknown>[] = []
      const onProgress = (): void => {
        if (submits.length < 20) submits.push(board.submit('ann', 1))
      }
      await board.importFrom(
        csvOf(4_000, () => 'ann,1'),
        { format: 'csv', onProgress },
      )
      await Promise.all(submits)
      expect(submits).toHaveLength(20)
      expect(board.get('ann')?.score).toBe(4_021)
    })
  },
)

// Rows into a board of the best went in by chunks, and who was pushed out was known only then: a sum that
// left the exact range late left all earlier rows behind.
test('importFrom() into a board of the best leaves nothing where a late sum is inexact', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('best', { mode: 'increment', keep: 2 })
    const most = 2 ** 53
    const rows = ['playerId,score\n', 'a,5\n', 'b,6\n', 'c,7\n', `b,${most - 6}\n`, 'b,1\n']
    const failed = board.importFrom(rows, { format: 'csv' })
    await expect(failed).rejects.toThrow(/^Line 6: Cannot add 1 to 9007199254740992/)
    await expect(failed).rejects.toMatchObject({ code: 'BAD_ROW' })
    expect(store.hasBoard('best')).toBe(false)
    expect(await board.importFrom(rows, { format: 'csv', skipBad: true })).toEqual({
      ...{ imported: 4, changed: 4, skipped: 1 },
    })
  })
})

test('importFrom() takes the rows for a board of the best in the order of their lines', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('best', { mode: 'increment', keep: 2 })
    const other = store.board('other', { mode: 'increment', keep: 2 })
    const rows = ['a,5', 'b,6', 'c,7', 'a,4', 'a,9', 'b,1']
    await board.importFrom([`playerId,score\n${rows.join('\n')}`], { format: 'csv' })
    for (const row of rows) {
      const [playerId, score] = row.split(',') as [string, string]
      await other.submit(playerId, Number(score))
    }
    expect(contentOf(board)).toEqual(contentOf(other))
  })
})

test.each([false, true])(
  'importFrom() names the first inexact row of all, entries %s',
  async (hasEntries) => {
    await withStore(async ({ store }) => {
      const board = store.board('inc', { mode: 'increment' })
      if (hasEntries) await board.submit('seed', 1)
      const most = 2 ** 53
      const rows = ['playerId,score', `z,${most}`, 'z,1', `a,${most}`, 'a,1', 'b,3']
      await expect(board.importFrom([rows.join('\n')], { format: 'csv' })).rejects.toThrow(
        /^Line 3: /,
      )
      expect(board.size).toBe(hasEntries ? 1 : 0)
      expect(store.hasBoard('inc')).toBe(hasEntries)
      const lines: number[] = []
      const report = await board.importFrom([rows.join('\n')], {
        ...{ format: 'csv', skipBad: true },
        onBadRow: ({ line }) => lines.push(line),
      })
      expect(report).toEqual({ imported: 3, changed: 3, skipped: 2 })
      expect(lines.sort()).toEqual([3, 5])
    })
  },
)

test('importFrom() folds names, metadata, times and modes as submits do', async () => {
  await withStore(async ({ store }) => {
    for (const mode of ['set', 'best', 'increment'] as const) {
      const board = store.board(mode, { mode })
      const other = store.board(`${mode} by submits`, { mode })
      const at = 1_700_000_000_000
      const rows = [
        { playerId: 'a', score: 5, name: 'Ann', metadata: { n: 1 }, at: at + 5 },
        { playerId: 'b', score: 5, at: at + 4 },
        { playerId: 'a', score: 5, metadata: { n: 2 }, at: at + 3 },
        { playerId: 'a', score: 3, at: at + 6 },
        { playerId: 'a', score: 7, name: 'a', metadata: {}, at: at + 7 },
        { playerId: 'b', score: 5, name: 'Bob', at: at + 9 },
        { playerId: 'a', score: 7, metadata: { n: 3 }, at: at + 2 },
      ]
      for (const part of [rows.slice(0, 4), rows.slice(4)]) {
        const text = part.map((row) => `${JSON.stringify(row)}\n`)
        const report = await board.importFrom(text, { format: 'ndjson' })
        const answers = await other.submitMany(part)
        expect(report.changed).toBe(answers.filter(({ changed }) => changed).length)
      }
      expect([...board.entries()]).toEqual([...other.entries()])
    }
  })
})

test('importFrom() tells of rows in its progress, and never of more than there are', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    for (const count of [1_500, 1_501]) {
      const told: number[] = []
      const totals = new Set<number>()
      await board.importFrom(csvOf(count), {
        format: 'csv',
        onProgress: ({ done, total }) => {
          if (total === undefined) return
          told.push(done)
          totals.add(total)
        },
      })
      expect([...totals]).toEqual([count])
      expect(told).toEqual([...told].sort((a, b) => a - b))
      expect(told.at(-1)).toBe(count)
    }
  })
})

test('importFrom() without a row that can be used makes no board', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.importFrom(['playerId,score\n'], { format: 'csv' })
    await board.importFrom(['playerId,score\n,1\n'], { format: 'csv', skipBad: true })
    await expect(board.importFrom(['playerId,score\na,x\n'], { format: 'csv' })).rejects.toThrow(
      LadderError,
    )
    expect(store.boards()).toEqual([])
    expect(leftBeside(store)).toEqual([])
  })
})

test('importFrom() takes times as far ahead as futureAllowanceMs says', async () => {
  await withStore(async ({ store, clock }) => {
    const board = store.board('game')
    const rows = ['playerId,score,at\n', `a,1,${clock.now + 3_600_000}\n`]
    await expect(board.importFrom(rows, { format: 'csv' })).rejects.toThrow(/in the future/)
    const options = { format: 'csv', futureAllowanceMs: 3_600_000 } as const
    expect(await board.importFrom(rows, options)).toMatchObject({ imported: 1 })
    const wrong = { format: 'csv', futureAllowanceMs: -1 } as const
    await expect(board.importFrom(rows, wrong)).rejects.toThrow(RangeError)
  })
})

test('importFrom() has a stream destroyed that it does not read to its end', async () => {
  await withStore(async ({ store }) => {
    const source = Readable.from(csvOf(1_000, (i) => (i === 3 ? 'bad' : `p${i},1`)))
    await expect(store.board('game').importFrom(source, { format: 'csv' })).rejects.toThrow(
      /^Line 5/,
    )
    expect(source.destroyed).toBe(true)
  })
})
