/**
 * What a process leaves that ends while seasons leave, or while a board with windows is dropped: the next one goes
 * on with it.
 *
 * @module
 */

import { expect, test } from 'vitest'
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

// 600 finals take three commits, the record of the season one, its entries some more.
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
