/**
 * Opens a damaged store and a new one, and saves what can be read.
 *
 * @module
 */

import { existsSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { checkCall } from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import type { salvageInto, Wreck } from '../check/salvage.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { inWordsNow } from '../ground/system-errors.ts'
import type { SalvageReport, WorkOptions } from '../words/index.ts'
import { openContext } from './open-context.ts'

/**
 * Reads a damaged store without LMDB, page by page, and saves everything that makes sense into a new
 * store. Nothing of the damaged one is changed. For a store that `check` says is damaged, that no longer
 * opens, and that has no backup. No process may have it open. If it fails, or is aborted, the new store is
 * removed; if the process is killed, a part of it stays. Cost: reads the file twice and writes all that is
 * saved, some 20 s of processor time per million entries.
 *
 * What is lost is told: `lost` counts the entries, `problems` has the pages. Commit numbers and the
 * identity are new.
 *
 * @throws {LadderError} `EXISTS` if there is something at the target; `BUSY` if a process of this machine
 *   has the store open; `NO_STORE`, `CORRUPT` if nothing can be read; `ABORTED`, and those of writes.
 * @example
 * await store.close()
 * const { lost } = await salvageStore(store.path, `${path}-saved`)
 * lost // 0
 */
export async function salvageStore(
  source: string | URL,
  target: string | URL,
  options?: WorkOptions,
): Promise<SalvageReport> {
  const from = resolve(checkPath(source, 'salvage a store'))
  const to = resolve(checkPath(target, 'salvage into a store'))
  const checked = checkCall('salvageStore', arguments, options)
  throwIfAborted(checked)
  const file = join(from, 'data.mdb')
  const status = inWordsNow(`Cannot salvage ${from}`, () =>
    statSync(file, { throwIfNoEntry: false }),
  )
  if (status === undefined)
    throw new LadderError('NO_STORE', `Cannot salvage ${from}: there is no store; check the path`)
  if (existsSync(to))
    throw new LadderError(
      'EXISTS',
      `Cannot salvage into ${to}: something is there already; name a new directory`,
    )
  await assertClosed(from)
  const { openDamagedFile } = await import('../store/datafile/salvage-walk.ts')
  const wreck = openDamagedFile(file)
  if (typeof wreck === 'string')
    throw new LadderError(
      'CORRUPT',
      `Cannot salvage ${from}: nothing of it can be read, ${wreck}; restore a backup`,
    )
  try {
    if (wreck.counts.size === 0)
      throw new LadderError(
        'CORRUPT',
        `Cannot salvage ${from}: the list of its tables cannot be read (${wreck.problems.join('; ')}); restore a backup`,
      )
    return { source: from, path: to, ...(await salvageTo(to, wreck, checked)) }
  } finally {
    wreck.close()
  }
}

// Pages that are written while they are read would look damaged. Some systems do not tell who writes.
async function assertClosed(path: string): Promise<void> {
  const { assertNobodyHas, holdersOf } = await import('../backup/holders.ts')
  if ((await holdersOf(path)) === undefined) return
  const otherWay = 'copy its directory and salvage the copy'
  await assertNobodyHas(path, { action: `Cannot salvage ${path}`, otherWay })
}

async function salvageTo(
  path: string,
  wreck: Wreck,
  options: WorkOptions,
): ReturnType<typeof salvageInto> {
  const work = await import('../check/salvage.ts')
  const context = openContext(path)
  try {
    const saved = await work.salvageInto(context, wreck, options)
    await context.store.close()
    return saved
  } catch (error) {
    await context.store.close().catch(() => undefined)
    // A part of what could be saved must not look like all of it. Nothing was here before.
    await rm(path, { recursive: true, force: true })
    throw error
  }
}
