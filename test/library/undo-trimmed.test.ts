/**
 * Undo in a store whose oldest records are not in the log any more.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { logKey } from '../../src/format/log-key.ts'
import type { Leaderboards, UndoOptions } from '../../src/index.ts'
import { changeRaw } from '../support/raw-store.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

/** Takes the records in front of a seq out of the log. */
async function trim(temporary: TemporaryStore, oldest: number): Promise<Leaderboards> {
  await temporary.store.close()
  await changeRaw(temporary.path, (writer) => {
    for (let seq = 1; seq < oldest; seq++) writer.remove('log', logKey(seq))
  })
  return temporary.reopen()
}

const TRIMMED = (oldest: number) =>
  expect.objectContaining({
    code: 'LOG_TRIMMED',
    message: expect.stringContaining(`oldest record is ${oldest};`),
  })

test('runs behind the cut can be undone, those in front of it cannot', async () => {
  await withStore(async (temporary) => {
    const sum = temporary.store.board('sum', { mode: 'increment' })
    const times: number[] = []
    for (const score of [1, 2, 4, 8, 16]) {
      times.push(temporary.clock.now)
      await sum.submit('ada', score, { metadata: { score } })
      await sum.submit('bob', score)
      temporary.clock.advance(1000)
    }
    // The create is 1; what is left begins with the third run of ada.
    const store = await trim(temporary, 6)
    const [, two, four] = times
    const refused: UndoOptions[] = [
      { playerId: 'ada' },
      { playerId: 'ada', from: two as number },
      { from: two as number },
      { board: 'sum' },
      { seqs: [6, 5] },
    ]
    for (const options of refused)
      for (const dryRun of [true, false])
        await expect(store.undo({ ...options, dryRun }), JSON.stringify(options)).rejects.toEqual(
          TRIMMED(6),
        )
    await expect(store.undo({ seqs: [5] })).rejects.toThrow(
      'Cannot undo change 5: it is not in the log any more; its oldest record is 6;',
    )
    const undone = await store.undo({ playerId: 'ada', from: four as number })
    expect(undone).toMatchObject({ count: 3, changes: [{ to: { score: 3 } }] })
    expect(await store.undo({ seqs: [7] })).toMatchObject({ changes: [{ to: { score: 27 } }] })
    await store.undo({ seqs: [undone.seq as number] })
    expect(store.board('sum').get('ada')).toMatchObject({ score: 31, metadata: { score: 16 } })
    // A player who is made after the cut, and a board, are whole.
    await store.board('sum').submit('cy', 1)
    await store.board('new').submit('cy', 1)
    expect(await store.undo({ playerId: 'cy' })).toMatchObject({ count: 2 })
    await store.board('new').submit('dan', 1)
    expect(await store.undo({ board: 'new' })).toMatchObject({ count: 1 })
  })
})

test('a board of the best goes on from what was there at the cut', async () => {
  await withStore(async (temporary) => {
    const few = temporary.store.board('few', { mode: 'best', keep: 2 })
    await few.submit('ada', 10, { metadata: { car: 'red' } })
    await few.submit('bob', 20)
    await few.submit('cheat', 9999)
    const store = await trim(temporary, 4)
    await store.undo({ seqs: [4] })
    expect(store.board('few').top(9)).toMatchObject([
      { playerId: 'bob', score: 20 },
      { playerId: 'ada', score: 10, metadata: { car: 'red' } },
    ])
  })
})
