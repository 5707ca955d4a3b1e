/**
 * One board out of a backup comes with its windows: all seasons, finals, what is due.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compactStore, restoreBackup, restoreBoard } from '../../src/index.ts'
import { contentOf, seasonsOf } from '../golden/content.js'
import { checkHere } from '../support/check-here.ts'
import { TemporaryStore, withDirectory, withStore } from '../support/temporary-store.ts'
import { fillSeasons } from './scene.ts'

checkHere()

test('restoreBoard() brings the windows of a board back as they were', () =>
  withStore(async (temporary) => {
    await fillSeasons(temporary)
    const { store, path, clock } = temporary
    const backup = join(path, 'backup')
    await store.backup(backup)
    const before = [contentOf(store)['arena']?.entries, seasonsOf(store)['arena']]
    const report = await restoreBoard(backup, path, { board: 'arena', as: 'copy' })
    const withEntries = Object.values(seasonsOf(store)['arena'] ?? {}).flatMap(({ seasons }) =>
      seasons.filter(({ entries }) => entries.length > 0),
    )
    // Those that are leaving are with it.
    expect(report.seasons).toBeGreaterThanOrEqual(withEntries.length)
    const copied = [contentOf(store)['copy']?.entries, seasonsOf(store)['copy']]
    expect(copied).toEqual(before)
    clock.advance(86_400_000)
    await store.board('arena').submit('late', 60)
    await store.board('arena').startSeason('cup', 'winter')
    const held = store.board('arena').window('day')
    await restoreBoard(backup, path, { board: 'arena', force: true })
    expect(store.board('arena').get('late')).toBe(undefined)
    // A day passed since the backup: its open day is over, as anywhere.
    expect([held.season, held.size, held.sealed]).toEqual(['2081-12-04', 0, false])
    expect(store.board('arena').windows()).toEqual(store.board('copy').windows())
    for (const name of ['arena', 'copy'])
      await store.board(name).submit('late', 60, { at: clock.now })
    const { arena, copy } = seasonsOf(store)
    expect(copy?.['gained']).toEqual(arena?.['gained'])
    expect(arena?.['cup']?.seasons.map(({ season }) => season)).toEqual(['autumn', 'spring'])
    expect(arena?.['day']?.seasons.map(({ season, sealed }) => [season, sealed])).toEqual([
      ['2081-12-04', false],
      ['2081-12-03', false],
      ['2081-12-02', true],
    ])
  }))

// A season that was over there would be on again, and take submits.
test('restoreBoard() into a store whose clock is behind opens no season again', () =>
  withDirectory(async (directory) => {
    const there = new TemporaryStore(join(directory, 'there'), {})
    await fillSeasons(there)
    const backup = join(directory, 'backup')
    await there.store.backup(backup)
    const before = seasonsOf(there.store)['arena']
    await there.store.close()
    const here = new TemporaryStore(join(directory, 'here'), {})
    here.clock.now = Date.UTC(2081, 10, 30)
    await restoreBoard(backup, here.path, { board: 'arena' })
    expect(seasonsOf(here.store)['arena']).toEqual(before)
    const { windows } = await here.store.board('arena').submit('player-1', 5000)
    expect(windows?.['day']).toMatchObject({ season: '2081-12-03' })
    expect((await here.store.check()).findings).toEqual([])
    await here.store.close()
  }))

// A backup holds whom the store has erased since.
test('restoreBoard() leaves erased persons out of seasons and finals', () =>
  withStore(async (temporary) => {
    await fillSeasons(temporary)
    const { store, path } = temporary
    const backup = join(path, 'backup')
    await store.backup(backup)
    await store.erase('player-3')
    await store.dropBoard('arena')
    await restoreBoard(backup, path, { board: 'arena' })
    expect(JSON.stringify(seasonsOf(store)['arena'])).not.toMatch(/player-3"|Player three/)
    expect(store.board('arena').finals('player-3', 'day')).toEqual([])
    expect(store.board('arena').finals('player-4', 'day')).not.toEqual([])
  }))

test('restoreBackup() and compactStore() keep windows whole; what passed since is closed then', () =>
  withDirectory(async (directory) => {
    const there = new TemporaryStore(join(directory, 'there'), {})
    await fillSeasons(there)
    const backup = join(directory, 'backup')
    await there.store.backup(backup)
    const before = [contentOf(there.store), seasonsOf(there.store)]
    await there.store.close()
    await restoreBackup(backup, join(directory, 'here'))
    await compactStore(join(directory, 'here'))
    const here = new TemporaryStore(join(directory, 'here'), {})
    here.clock.now = there.clock.now
    expect([contentOf(here.store), seasonsOf(here.store)]).toEqual(before)
    here.clock.advance(3 * 86_400_000)
    await here.store.board('arena').submit('player-1', 5)
    expect((await here.store.check()).findings).toEqual([])
    await here.store.close()
  }))

// Of an erasure the log keeps a hash, and every id of seasons and finals is held against it.
test('restoreBackup() erases again in seasons and finals', () =>
  withDirectory(async (directory) => {
    const temporary = new TemporaryStore(join(directory, 'store'), {})
    await fillSeasons(temporary)
    const backup = join(directory, 'backup')
    await temporary.store.backup(backup)
    await temporary.store.erase('player-3')
    const before = seasonsOf(temporary.store)
    expect((await temporary.store.check()).findings).toEqual([])
    await temporary.store.close()
    await restoreBackup(backup, temporary.path, { force: true })
    const store = temporary.open()
    expect(seasonsOf(store)).toEqual(before)
    expect(JSON.stringify([seasonsOf(store), store.log({ after: 0, limit: 1000 })])).not.toMatch(
      /player-3"|Player three/,
    )
    expect((await store.check()).findings).toEqual([])
    await store.close()
  }))
