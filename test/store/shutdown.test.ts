/**
 * A host that is told to stop: one call stores everything that was submitted.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { withDirectory } from '../support/temporary-store.ts'

test('close() on SIGTERM stores every submit that nobody awaited, and the process ends by itself', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    expect(await stopped(path, 'close')).toEqual([0, null])
    expect(await countOf(path)).toBe(2_000)
  })
})

test('process.exit() without close() loses what waits, and nothing but that', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    // Killed where LMDB's thread waits for the event loop, which does not come again.
    expect(ENDINGS).toContainEqual(await stopped(path, 'exit'))
    expect(await countOf(path)).toBeLessThan(2_000)
  })
})

test.each([
  ['begun', 'exit', [null, 'SIGKILL']],
  ['begun', 'throw', [null, 'SIGKILL']],
  ['filling', 'exit', [7, null]],
  ['filling', 'throw', [1, null]],
])(
  'a process that ends while a commit is %s does end, and stores nothing of it: %s',
  async (state, how, ending) => {
    await withDirectory(async (directory) => {
      const path = join(directory, 'store')
      const program = fileURLToPath(new URL('../support/ending-amid-commit.js', import.meta.url))
      const child = spawn(process.execPath, [program, path, state, how], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const told = text(child.stderr)
      expect(await once(child, 'exit')).toEqual(ending)
      // 137 and nothing else reads like "out of memory".
      if (state === 'begun')
        expect(await told).toMatch(/ladderdb: .*SIGKILL.*before you end the process/)
      else expect(await told).not.toContain('ladderdb:')
      expect(await countOf(path)).toBe(1)
    })
  },
)

const ENDINGS = [
  [0, null],
  [null, 'SIGKILL'],
]

async function stopped(path: string, ending: string): Promise<unknown[]> {
  const program = fileURLToPath(new URL('../support/stopping-host.js', import.meta.url))
  const child = spawn(process.execPath, [program, path, ending], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  return once(child, 'exit')
}

async function countOf(path: string): Promise<number> {
  const store = openLeaderboards(path)
  try {
    expect((await store.check()).findings).toEqual([])
    return store.board('arena').size
  } finally {
    await store.close()
  }
}
