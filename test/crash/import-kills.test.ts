import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { leftBeside } from '../transfer/support.ts'
import { program } from './children.ts'

const KILLS = sizeOf('TORTURE_IMPORT_KILLS', { test: 2, torture: 1_000 })
const ROWS = 20_000
const TEST_LIMIT_MS = 60_000 + KILLS * 10_000
// What an import takes on an idle machine; some kills come before its first commit, some after its last.
const LIFE_MS = 700

// An import into a board with entries went in commits of 250 rows: killed in the middle it left a part of
// its increments, and the same file once more counted those twice.
test(
  `kill -9 in the middle of an import leaves all of it or nothing: ${KILLS} kills`,
  async () => {
    const seed = runSeed('import kills')
    const random = new Random(seed)
    const counts = { nothing: 0, all: 0 }
    for (let kill = 0; kill < KILLS; kill++) {
      const hasEntries = kill % 2 === 1
      const isWhole = await killOne(hasEntries, random.below(LIFE_MS))
      counts[isWhole ? 'all' : 'nothing']++
    }
    console.info(`import kills: ${JSON.stringify(counts)}, SEED=${seed}`)
  },
  TEST_LIMIT_MS,
)

function runsIn(store: Leaderboards): number {
  let count = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = store.log({ after, kinds: ['submit'], limit: 10_000 })
    count += page.records.length
    after = page.next
  }
  return count
}

// Returns whether the import was done; throws if it was half done.
async function killOne(hasEntries: boolean, lifeMs: number): Promise<boolean> {
  let isWhole = false
  await withDirectory(async (path) => {
    const before = openLeaderboards(path)
    if (hasEntries) await before.board('inc', { mode: 'increment' }).submit('player-7', 1)
    await before.close()
    const child = spawn(process.execPath, [program('import-driver.js'), path, String(ROWS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    await once(createInterface(child.stdout), 'line')
    await sleep(lifeMs)
    child.kill('SIGKILL')
    await ended
    const store = openLeaderboards(path)
    try {
      expect((await store.check()).findings).toEqual([])
      expect(leftBeside(store)).toEqual([])
      const entries = store.hasBoard('inc') ? [...store.board('inc').entries()] : []
      isWhole = entries.length > 1
      // Its rows are in the log or not, as those of the board are.
      const runs = entries.length > 1 ? ROWS + (hasEntries ? 1 : 0) : entries.length
      expect(runsIn(store)).toBe(runs)
      const sums = entries.map(({ score }) => score)
      if (isWhole) {
        expect(entries).toHaveLength(ROWS / 2)
        expect(sums.reduce((sum, score) => sum + score, 0)).toBe(ROWS + (hasEntries ? 1 : 0))
      } else expect(sums).toEqual(hasEntries ? [1] : [])
    } finally {
      await store.close()
    }
  })
  return isWhole
}
