/**
 * Restores up to a point of a log in which an erased person was moved, or somebody to the person.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Leaderboards, openLeaderboards, restoreBackup } from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { logOf } from '../support/random-history.ts'
import { withStore } from '../support/temporary-store.ts'

checkHere()

interface Case {
  title: string
  before?: (store: Leaderboards) => Promise<unknown>
  after: (store: Leaderboards) => Promise<unknown>
  gone: readonly string[]
  there: Readonly<Record<string, number>>
}

const board = (store: Leaderboards): ReturnType<Leaderboards['board']> => store.board('arena')

const CASES: readonly Case[] = [
  {
    title: 'a move to the erased person',
    before: (store) => board(store).submit('old', 1),
    after: async (store) => {
      await store.movePlayer('old', 'new')
      await store.erase('new')
      await board(store).submit('ada', 5)
    },
    gone: ['old', 'new'],
    there: { ada: 5 },
  },
  {
    title: 'a move to the erased person whose first id is another person by now',
    before: (store) => board(store).submit('old', 9),
    after: async (store) => {
      await store.movePlayer('old', 'new')
      await board(store).submit('old', 3)
      await store.erase('new')
      await board(store).submit('old', 4)
    },
    gone: ['new'],
    there: { old: 4 },
  },
  {
    title: 'a move of the erased person',
    before: (store) => board(store).submit('ada', 1),
    after: async (store) => {
      await board(store).submit('old', 7)
      await store.movePlayer('old', 'new')
      await store.erase('old')
      await board(store).submit('new', 5)
      await board(store).submit('new', 8)
      await board(store).remove('new')
      await board(store).submit('new', 2)
      await board(store).submit('ada', 5)
    },
    gone: ['old'],
    there: { ada: 5, new: 2 },
  },
  {
    title: 'a move of the erased person whom the backup has',
    before: (store) => board(store).submit('old', 7),
    after: async (store) => {
      await store.movePlayer('old', 'new')
      await store.erase('old')
      await board(store).submit('new', 5)
      await board(store).submit('ada', 5)
    },
    gone: ['old'],
    there: { ada: 5, new: 5 },
  },
  {
    title: 'a chain of moves with an erasure in its middle',
    before: (store) => board(store).submit('ada', 1),
    after: async (store) => {
      await board(store).submit('old', 7)
      await store.movePlayer('old', 'mid')
      await store.movePlayer('mid', 'new')
      await store.erase('mid')
      await board(store).submit('ada', 5)
    },
    gone: ['old', 'mid'],
    there: { ada: 5 },
  },
]

// A restore to a point brought an erased person back under the id that a move had given up, and refused each
// point behind the move of an erased person: what is left of it did not say whose it was.
test.each(CASES)('restoreBackup() to each point of a log with $title', (one) =>
  withStore(async ({ path, store }) => {
    const backup = join(path, 'backup')
    await one.before?.(store)
    await store.backup(backup)
    const first = logOf(store).at(-1)?.seq as number
    await one.after(store)
    const last = logOf(store).at(-1)?.seq as number
    for (let seq = first; seq <= last; seq++) {
      const target = join(path, `restored ${seq}`)
      await restoreBackup(backup, target, { log: path, seq })
      const restored = openLeaderboards(target, { readOnly: true })
      try {
        expect((await restored.check({ history: true })).findings).toEqual([])
        for (const id of one.gone) {
          expect([seq, restored.boardsOf(id)]).toEqual([seq, []])
          expect(JSON.stringify(logOf(restored))).not.toContain(`"${id}"`)
        }
        if (seq === last)
          for (const [id, score] of Object.entries(one.there))
            expect(board(restored).get(id)).toMatchObject({ score })
      } finally {
        await restored.close()
      }
    }
  }),
)
