/**
 * A store with one page made zeros: what that page held is in another table, on pages of earlier commits,
 * or told as lost.
 *
 * @module
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closedStoreIn, contentIn, PAGE_BYTES, saveWithout } from '../support/salvage-scene.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'

/** Each page costs a new store: every fourth, or all. */
const PAGE_STEP = sizeOf('TORTURE_SALVAGE_STEP', { test: 4, torture: 1 })

// A damaged page of `entries` kept a store from opening, and so the rebuild that would have mended it.
test('salvageStore() saves all that one damaged page leaves, whichever it is', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const expected = await contentIn(source)
    const data = await readFile(join(source, 'data.mdb'))
    const outcomes = { all: 0, part: 0, none: 0 }
    for (let page = 2; page < data.length / PAGE_BYTES; page += PAGE_STEP) {
      const done = await saveWithout(page, { data, directory })
      if (done === undefined) outcomes.none++
      else {
        const { saved, report } = done
        const content = await contentIn(saved)
        const isWhole = JSON.stringify(content) === JSON.stringify(expected)
        expect([page, report.lost === 0 && report.problems.length === 0 && !isWhole]).toEqual([
          page,
          false,
        ])
        if (isWhole) expect([page, report.lost]).toEqual([page, 0])
        outcomes[isWhole ? 'all' : 'part']++
      }
    }
    // The page with the list of tables leaves nothing; that of the catalog may have no earlier one.
    expect(outcomes.none).toBeLessThanOrEqual(1)
    expect(outcomes.part).toBeLessThanOrEqual(1)
    expect(outcomes.all).toBeGreaterThan(4)
  }))
