/**
 * What a process leaves that ends while seasons leave, or while a board with windows is dropped: the next one goes
 * on with it.
 *
 * @module
 */

import { expect, onTestFinished, test, vi } from 'vitest'
import { retireSeasons } from '../../src/embedded/seasons/retire.ts'
import { turnDue } from '../../src/embedded/seasons/turn.ts'
import { FINALS_END, FINALS_START } from '../../src/format/people/final.ts'
import { BOARD_TABLES } from '../../src/format/tables.ts'
import { changeRaw, pairsOf } from '../support/raw-store.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'
import { type SeasonEngine, withSeasons } from './engine.ts'

const DAY_MS = 86_400_000
// Far ahead of any clock of this machine, which decides nothing here.
const NOON = Date.UTC(2081, 10, 28, 12)
const PLAYERS = 600
const OF_ENTRIES: readonly string[] = ['entries', 'players', 'ranks']

async function fill({ store, clock }: TemporaryStore): Promise<void> {
  clock.now = NOON
  const board = await store.createBoard('arena', {
    windows: [{ every: 'day', retain: 0, finals: true, graceMs: 0 }, 'month'],
  })
  for (let day = 0; day < 2; day++) {
    await board.submitMany(
      Array.from({ length: PLAYERS }, (_, i) => ({
        playerId: `p${i}`,
        score: (i * (7 + day)) % 101,
      })),
    )
    clock.advance(DAY_MS)
  }
}

function finalsOf({ store }: TemporaryStore): unknown {
  const board = store.board('arena')
  return ['p0', 'p1', 'p599'].map((playerId) => board.finals(playerId, 'day'))
}

function turnAll({ context }: SeasonEngine): Promise<number> {
  return context.store.write((writer) => turnDue({ context, writer }, 1000))
}

// 600 finals take four commits, the record of the season one, its entries some more.
test.each(process.env['TORTURE'] ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [2, 5, 7])(
  'seasons that leave go on leaving if a process ends at step %d',
  (steps) =>
    withSeasons(async ({ temporary, engine }) => {
      await fill(temporary)
      await temporary.store.board('arena').submit('p0', 5)
      await turnAll(engine)
      let left = steps
      await retireSeasons({ context: engine.context, isEnded: () => --left < 0 })
      expect((await temporary.store.check()).findings).toEqual([])
      const finals = finalsOf(temporary)
      expect(finals).toMatchObject([[{ size: PLAYERS }, { size: PLAYERS }], {}, {}])
      await retireSeasons({ context: engine.context, isEnded: () => false })
      expect(finalsOf(temporary)).toEqual(finals)
      // What was to be swept is, at the next opening at the latest.
      const store = await temporary.reopen()
      await expect.poll(() => store.stats().dropping).toBe(0)
      expect(store.stats()).toMatchObject({ seasons: 2, seasonEntries: PLAYERS + 1 })
    }),
)

const MODES = ['ordinal', 'competition', 'dense'] as const

// Ranks of before the erasure would be those of a season with one player more.
test('finals are those of the season as it is when it is gone, whoever is erased meanwhile', () => {
  // The store would take the season away beside the test.
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  return withSeasons(async ({ temporary, engine }) => {
    await fill(temporary)
    const { store } = temporary
    const board = store.board('arena')
    await store.ban('p9')
    await board.submit('p0', 5)
    await turnAll(engine)
    const { context } = engine
    const write = context.store.write.bind(context.store)
    let writes = 0
    context.store.write = async (job) => {
      // Some finals are written, and the next are read.
      if (++writes === 3) await store.erase('p599')
      return write(job)
    }
    await retireSeasons({ context, isEnded: () => false })
    const rows = Array.from({ length: PLAYERS - 1 }, (_, i) => ({
      playerId: `p${i}`,
      score: (i * 7) % 101,
    }))
    for (const { playerId, score } of rows) {
      const better = rows.filter((one) => one.score > score)
      const before = rows
        .filter((one) => one.score === score)
        .findIndex((one) => one.playerId === playerId)
      const ranks = {
        ordinal: 1 + better.length + before,
        competition: 1 + better.length,
        dense: 1 + new Set(better.map((one) => one.score)).size,
      }
      for (const rankMode of MODES) {
        const final = board.finals(playerId, 'day', { rankMode }).at(-1)
        expect([playerId, final]).toMatchObject([
          playerId,
          { season: '2081-11-28', score, rank: ranks[rankMode], size: PLAYERS - 1 },
        ])
      }
    }
    expect(board.finals('p599', 'day')).toEqual([])
  })
})

test('a drop of a board with windows that is broken off leaves nothing in the end', () =>
  withStore(async (temporary) => {
    await fill(temporary)
    await temporary.store.board('kept').submit('ada', 1)
    const dropping = temporary.store.dropBoard('arena')
    await Promise.all([dropping, temporary.store.close()])
    await temporary.reopen()
    await expect.poll(() => temporary.store.stats().dropping).toBe(0)
    await temporary.store.close()
    await changeRaw(temporary.path, (writer) => {
      const kept = pairsOf(writer, 'meta').filter(({ key }) =>
        [6, 7, 11].includes(key[0] as number),
      )
      expect(kept).toEqual([])
      const finals = { start: FINALS_START, end: FINALS_END }
      expect(writer.count('people', finals)).toBe(0)
      for (const table of BOARD_TABLES)
        expect(pairsOf(writer, table).length).toBe(OF_ENTRIES.includes(table) ? 1 : 0)
    })
  }))
