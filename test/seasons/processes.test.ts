/**
 * Seasons that ended while nothing ran: told once each, in order, whoever opens the store, and read by those who
 * may not write.
 *
 * @module
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LogRecord } from '../../src/index.ts'
import { openLeaderboards } from '../../src/index.ts'
import { withDirectory } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 28, 12)
const TURNER = join(import.meta.dirname, '../support/season-turner.js')

async function makeStore(path: string): Promise<void> {
  const store = openLeaderboards(path, { clock: () => START })
  const windows = [
    'day',
    'week',
    'month',
    { every: { hours: 72, from: START }, name: 'sprint' },
  ] as const
  const board = store.board('arena', { windows: [...windows] })
  await board.submit('ada', 1)
  await store.close()
}

// Seasons that have ended, with their grace, between the start and a time.
function endedBy(records: readonly LogRecord[], kind: string): string[] {
  return records
    .filter((record) => record.kind === kind)
    .map(({ window, season }) => `${window} ${season}`)
}

test('two processes that open a store after three months tell of each season once, in order', () =>
  withDirectory(async (path) => {
    await makeStore(path)
    const now = START + 92 * DAY_MS
    // Days, weeks, months, and spans of three days up to the end of February.
    const sealed = 92 + 13 + 3 + 30
    const children = await Promise.all(
      [0, 1].map(async () => {
        const child = fork(TURNER, [path, String(now), String(sealed)])
        await once(child, 'message')
        return child
      }),
    )
    for (const child of children) child.send('open')
    const statuses = await Promise.all(
      children.map(async (child) => (await once(child, 'exit'))[0]),
    )
    expect(statuses).toEqual([0, 0])
    const store = openLeaderboards(path, { clock: () => now })
    const { records } = store.log({
      ...{ after: 0, kinds: ['season-open', 'season-close', 'season-seal'], limit: 1000 },
    })
    for (const kind of ['season-open', 'season-close', 'season-seal']) {
      const told = endedBy(records, kind)
      expect(new Set(told).size).toBe(told.length)
    }
    expect(endedBy(records, 'season-seal')).toHaveLength(sealed)
    for (const window of ['day', 'week', 'month', 'sprint']) {
      const closes = records.filter((one) => one.kind === 'season-close' && one.window === window)
      const froms = closes.map(({ from }) => from as number)
      expect(froms).toEqual([...froms].sort((a, b) => a - b))
      // Each begins where the one before ended.
      expect(closes.slice(1).map(({ from }) => from)).toEqual(
        closes.slice(0, -1).map(({ to }) => to),
      )
    }
    expect(store.board('arena').seasons('day', { limit: 1000 })).toHaveLength(93)
    expect(store.board('arena').window('day').size).toBe(2)
    expect((await store.check()).findings).toEqual([])
    await store.close()
  }))

test('a store that is opened for reading shows the season that is on, and stays as it is', () =>
  withDirectory(async (path) => {
    await makeStore(path)
    const data = await readFile(join(path, 'data.mdb'))
    const now = START + 2 * DAY_MS
    const store = openLeaderboards(path, { readOnly: true, clock: () => now })
    const arena = store.board('arena')
    expect(arena.windows().map(({ window, season }) => [window, season])).toEqual([
      ['day', '2026-11-30'],
      ['week', '2026-W49'],
      ['month', '2026-11'],
      ['sprint', '2026-11-28T12:00:00Z'],
    ])
    expect([arena.window('day').size, arena.window('month').rank('ada')]).toEqual([0, 1])
    expect(arena.seasons('day').map(({ season, sealed, size }) => [season, sealed, size])).toEqual([
      ['2026-11-30', false, 0],
      ['2026-11-29', true, 0],
      ['2026-11-28', true, 1],
    ])
    expect(arena.finals('ada', 'day')).toMatchObject([{ season: '2026-11-28', rank: 1, size: 1 }])
    await expect(arena.submit('bob', 1)).rejects.toHaveProperty('code', 'READ_ONLY')
    expect((await store.check()).findings).toEqual([])
    await store.close()
    expect(await readFile(join(path, 'data.mdb'))).toEqual(data)
  }))
