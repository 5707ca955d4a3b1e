// Here the check is in a child, as users have it: an abort may come in the middle of it.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards, restoreBackup } from '../../src/index.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'

/** When the first abort comes: long before a restore is done. */
const FIRST_MS = 5
/** By how much later each abort comes than the one before. */
const ABORT_FACTOR = sizeOf('TORTURE_ABORT_FACTOR', { test: 5, torture: 1.2 })

test('restoreBackup() that is aborted at any time leaves no half store', () =>
  withDirectory(async (directory) => {
    const store = openLeaderboards(join(directory, 'store'))
    const board = store.board('arena')
    await board.submitMany(
      Array.from({ length: 3_000 }, (_, i) => ({ playerId: `p${i}`, score: i })),
    )
    const backup = join(directory, 'backup')
    await store.backup(backup)
    await store.close()
    const target = join(directory, 'target')
    let aborts = 0
    for (let afterMs = FIRST_MS; ; afterMs *= ABORT_FACTOR) {
      const signal = AbortSignal.timeout(Math.ceil(afterMs))
      const error = await restoreBackup(backup, target, { signal }).catch((reason) => reason)
      if (!(error instanceof Error)) break
      expect(error).toMatchObject({ code: 'ABORTED' })
      if (existsSync(target)) expect(readdirSync(target)).toEqual([])
      aborts++
    }
    expect(aborts).toBeGreaterThan(0)
    expect(readdirSync(directory).sort()).toEqual(['backup', 'store', 'target'])
    const restored = openLeaderboards(target)
    expect((await restored.check()).findings).toEqual([])
    await restored.close()
  }))
