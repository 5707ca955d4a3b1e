/**
 * A small store for tests of salvaging: closed, with two boards.
 *
 * @module
 */

import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openLeaderboards, type SalvageReport, salvageStore } from '../../src/index.ts'
import { contentOf } from '../golden/content.js'

/** Players of the larger board; the other one has two. */
export const PLAYERS = 200

/** Makes the store, and returns the directory of a copy without a lock file. */
export async function closedStoreIn(directory: string): Promise<string> {
  const path = join(directory, 'store')
  let now = 1_760_000_000_000
  const store = openLeaderboards(path, { clock: () => now++ })
  const arena = store.board('arena', { mode: 'best' })
  const race = store.board('race', {
    columns: [{ name: 'lap' }, { name: 'time', order: 'ascending' }],
  })
  await race.submit('ada', { lap: 1, time: 2 })
  await race.submit('bob', { lap: 1, time: 1 }, { metadata: { car: 'red' } })
  const scores = Array.from({ length: PLAYERS }, (_, i) => {
    return { playerId: `player-${i}`, score: (i * 37) % 101, name: `Player number ${i}` }
  })
  await arena.submitMany(scores)
  await store.close()
  const copy = join(directory, 'copy')
  await mkdir(copy)
  await copyFile(join(path, 'data.mdb'), join(copy, 'data.mdb'))
  return copy
}

/** Returns what a store shows; sees that it is sound. */
export async function contentIn(path: string): Promise<unknown> {
  const store = openLeaderboards(path, { readOnly: true })
  try {
    expect((await store.check()).findings).toEqual([])
    return contentOf(store)
  } finally {
    await store.close()
  }
}

/** Bytes of a page of the file. */
export const PAGE_BYTES = 4096

/**
 * Saves a store of which one page was made zeros; answers what is saved and where, or undefined if that page is
 * one without which nothing is to be had.
 */
export async function saveWithout(
  page: number,
  { data, directory }: { data: Buffer; directory: string },
): Promise<{ saved: string; report: SalvageReport } | undefined> {
  const [damaged, saved] = [join(directory, `damaged-${page}`), join(directory, `saved-${page}`)]
  await mkdir(damaged)
  const copy = Buffer.from(data)
  copy.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
  await writeFile(join(damaged, 'data.mdb'), copy)
  const report = await salvageStore(damaged, saved).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'CORRUPT' })
    return undefined
  })
  return report && { saved, report }
}
