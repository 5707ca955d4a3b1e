/**
 * A restore of a board with windows that is broken off, and bans that were made since the backup.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restoreBoard } from '../../src/index.ts'
import { seasonsOf } from '../golden/content.js'
import { checkHere } from '../support/check-here.ts'
import { withStore } from '../support/temporary-store.ts'
import { fillSeasons } from './scene.ts'

checkHere()

/** A signal that is aborted when it is looked at for the nth time. */
function abortedAtLook(n: number): AbortSignal {
  const { signal } = new AbortController()
  let looks = 0
  Object.defineProperty(signal, 'aborted', { get: () => ++looks >= n })
  return signal
}

// Copied seasons are boards that nothing leads to: they would take room for ever.
test('restoreBoard() that is broken off leaves nothing of the seasons', () =>
  withStore(async (temporary) => {
    await fillSeasons(temporary)
    const { store, path } = temporary
    const backup = join(path, 'backup')
    await store.backup(backup)
    const before = seasonsOf(store)['arena']
    const all = Array.from({ length: 300 }, (_, i) => i + 2)
    let aborted = 0
    for (const n of process.env['TORTURE'] ? all : [10, 25]) {
      const options = { board: 'arena', as: 'copy', force: true, signal: abortedAtLook(n) }
      const done = await restoreBoard(backup, path, options).then(
        () => true,
        (error: { code: string }) => {
          expect(error.code).toBe('ABORTED')
          return false
        },
      )
      if (done) break
      aborted++
      expect(store.boards().map(({ name }) => name)).not.toContain('copy (restoring)')
      expect((await store.check()).findings).toEqual([])
    }
    expect(aborted).toBeGreaterThan(0)
    await restoreBoard(backup, path, { board: 'arena', as: 'copy', force: true })
    expect(seasonsOf(store)['copy']).toEqual(before)
    await temporary.reopen()
    await expect.poll(() => temporary.store.stats().dropping).toBe(0)
  }))

test('restoreBoard() hides whom the store bans now, and shows whom it bans no more', () =>
  withStore(async (temporary) => {
    await fillSeasons(temporary)
    const { store, path } = temporary
    const backup = join(path, 'backup')
    await store.backup(backup)
    await store.ban('player-3')
    await store.unban('player-1')
    const { arena: before } = seasonsOf(store)
    await restoreBoard(backup, path, { board: 'arena', force: true })
    expect(seasonsOf(store)['arena']).toEqual(before)
    const day = store.board('arena').window('month')
    expect([day.get('player-3'), day.get('player-1')?.name]).toEqual([undefined, 'player-1'])
    await store.unban('player-3')
    expect(store.board('arena').window('month').get('player-3')?.score).toBe(93)
  }))
