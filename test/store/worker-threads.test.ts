/**
 * Worker threads and a store: refused by name, and nothing of the main thread is harmed.
 *
 * @module
 */

import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const program = new URL('../support/worker.js', import.meta.url)

// Stores were opened by workers that were then terminated: half a transaction stayed on the disk, the
// main thread hung, or the whole game ended by a signal.
test.each(['open', 'read', 'create'])(
  'openLeaderboards() in a worker thread is refused by name before LMDB is loaded: %s',
  async (call) => {
    await withDirectory(async (directory) => {
      const path = join(directory, 'store')
      await openLeaderboards(path).close()
      const before = await readdir(directory)
      const { answer } = await run({ path, call })
      expect(answer).toEqual({
        outcome: { code: 'NOT_MAIN_THREAD', message: expect.stringContaining("pool: 'forks'") },
        isLmdbLoaded: false,
      })
      expect(await readdir(directory)).toEqual(before)
    })
  },
)

test('a main thread goes on writing whatever becomes of workers that tried', async () => {
  await withStore(async ({ store, path }) => {
    const board = store.board('arena')
    for (const ending of ['terminate', 'throw', 'exit', 'terminate']) {
      const { worker, answer } = await run({ path, call: 'open', ending })
      expect(answer).toMatchObject({ outcome: { code: 'NOT_MAIN_THREAD' } })
      await board.submit(`before ${ending}`, 1)
      const writing = Promise.all(
        Array.from({ length: 50 }, (_, i) => board.submit(`${ending} ${i}`, i)),
      )
      if (ending === 'terminate') await worker.terminate()
      await writing
    }
    expect(board.size).toBe(3 + 3 * 50)
  })
})

test('calls with LMDB in a child process, or without, work in a worker thread; others do not begin', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    await mkdir(path)
    const store = openLeaderboards(path)
    await store.board('arena').submit('ann', 1)
    await store.backup(join(directory, 'backup'))
    for (const call of ['check', 'verify', 'list'])
      expect([call, (await run({ path, call })).answer]).toEqual([
        call,
        { outcome: 'fine', isLmdbLoaded: false },
      ])
    await store.close()
    const before = await readdir(directory)
    for (const call of ['restore', 'compact'])
      expect([call, (await run({ path, call })).answer]).toEqual([
        call,
        { outcome: expect.objectContaining({ code: 'NOT_MAIN_THREAD' }), isLmdbLoaded: false },
      ])
    expect(await readdir(directory)).toEqual(before)
  })
})

async function run(work: {
  path: string
  call: string
  ending?: string
}): Promise<{ worker: Worker; answer: unknown }> {
  const worker = new Worker(program, { workerData: work })
  worker.on('error', () => undefined)
  // Not by once(): an error that overtakes the message would end the waiting.
  const answer = await new Promise((resolve) => {
    worker.once('message', resolve)
    worker.once('exit', () => resolve(undefined))
  })
  return { worker, answer }
}
