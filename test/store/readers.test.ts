/**
 * Readers that hold a snapshot: seen in stats while they live, cleared when they were killed.
 *
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { READER_CHECK_COMMITS } from '../../src/ground/limits.ts'
import type { Leaderboards } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

const COMMITS = 30

test('stats() shows a reader that holds an old snapshot, with its process and its lag', async () => {
  await withStore(async ({ store, path }) => {
    await store.board('arena').submit('ann', 1)
    await withHoldingReader(path, async ({ pid }) => {
      await commit(store, COMMITS)
      const held = store.stats().readers.find((reader) => reader.pid === pid)
      expect(held?.lag).toBe(COMMITS)
    })
  })
})

test('a reader that was killed is cleared by the commits of others, and its snapshot is free', async () => {
  await withStore(async ({ store, path }) => {
    await store.board('arena').submit('ann', 1)
    await withHoldingReader(path, async (child) => {
      await commit(store, 1)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(store.stats().readers.map(({ pid }) => pid)).toContain(child.pid)
      await commit(store, READER_CHECK_COMMITS)
      expect(store.stats().readers.map(({ pid }) => pid)).not.toContain(child.pid)
    })
  })
})

async function commit(store: Leaderboards, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await store.board('arena').submit('bob', 1 + Math.random())
}

async function withHoldingReader(
  path: string,
  body: (child: ChildProcess) => Promise<void>,
): Promise<void> {
  const program = fileURLToPath(new URL('../support/holding-reader.js', import.meta.url))
  const child = spawn(process.execPath, [program, path], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    await once(child, 'message')
    await body(child)
  } finally {
    child.kill('SIGKILL')
  }
}
