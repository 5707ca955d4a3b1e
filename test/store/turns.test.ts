/**
 * A commit that takes several turns of the event loop: what runs in between sees none of it.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { COMMIT_TURN_MS, COMMIT_WAIT_MS, COMMIT_WORK_MS } from '../../src/ground/limits.ts'
import { openLeaderboards } from '../../src/index.ts'
import { CommitQueue, type Transaction } from '../../src/store/commit-queue.ts'
import { CommitWatchdog } from '../../src/store/lmdb/commit-watchdog.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

test('CommitQueue gives the event loop turns within a commit, and takes what comes meanwhile', async () => {
  const { queue, commits } = fakeQueue()
  let turns = 0
  const jobs = Array.from({ length: 4 }, () => queue.add(work(COMMIT_TURN_MS)))
  let late: Promise<unknown> | undefined
  while (commits.length === 0) {
    await nextTurn()
    if (turns++ === 2) late = queue.add(work(0))
  }
  await Promise.all([...jobs, late])
  expect(turns).toBeGreaterThan(3)
  expect(commits).toEqual([5])
})

test('CommitQueue takes no more jobs when a commit has worked long enough', async () => {
  const { queue, commits } = fakeQueue()
  const count = Math.ceil((2 * COMMIT_WORK_MS) / COMMIT_TURN_MS)
  await Promise.all(Array.from({ length: count }, () => queue.add(work(COMMIT_TURN_MS))))
  expect(commits.length).toBeGreaterThan(1)
  expect(commits.reduce((sum, jobs) => sum + jobs)).toBe(count)
})

test('CommitQueue takes the jobs of one turn alone where the disk has little room', async () => {
  const { queue, commits } = fakeQueue({ mayGoOn: false })
  await Promise.all([1, 2, 3].map(() => queue.add(work(COMMIT_TURN_MS))))
  expect(commits).toEqual([1, 1, 1])
})

test('a job that spoils a later turn is refused, and the others run again', async () => {
  const { queue, commits } = fakeQueue()
  const spoil = (writer: { willChange: () => void }): void => {
    writer.willChange()
    throw new Error('half done')
  }
  const long = work(COMMIT_TURN_MS)
  const outcomes = await Promise.allSettled(
    [long, long, long, spoil, long].map((job) => queue.add(job)),
  )
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(commits.reduce((sum, jobs) => sum + jobs)).toBe(4)
})

test('reads between the turns of a commit show nothing of it, and agree with one another', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const ids = Array.from({ length: 3_000 }, (_, i) => `player-${(i * 7919) % 3_000}`)
    await board.submitMany(ids.map((playerId, i) => ({ playerId, score: i % 500 })))
    let answers = 0
    const submits = ids.map(async (playerId, i) => {
      await board.submit(playerId, 1_000 + (i % 700))
      answers++
    })
    const seen: number[] = []
    let first: number | undefined
    for (let turn = 0; answers < ids.length; turn++) {
      await nextTurn()
      const stored = board.countBetween(1_000, 2_000)
      if (answers === 0) seen.push(stored)
      else first ??= answers
      expect(stored).toBeGreaterThanOrEqual(answers)
      const rows = board.range(1 + ((turn * 31) % 2_900), 20 + ((turn * 31) % 2_900))
      expect(board.ranks(rows.map((row) => row.playerId))).toEqual(rows.map(({ rank }) => rank))
      expect(board.size).toBe(3_000)
    }
    await Promise.all(submits)
    expect(seen.length).toBeGreaterThan(0)
    // All of the first commit or nothing: the disk has it a moment before it is answered.
    expect([0, first]).toEqual(expect.arrayContaining([...new Set(seen)]))
  })
})

const OPENINGS = sizeOf('TORTURE_OPENINGS', { test: 20, torture: 600 })

test('a store can be opened again by the process that writes to it at that moment', async () => {
  // The second opening waited for a transaction that waited for the event loop: for ever.
  await withDirectory(async (directory) => {
    const program = fileURLToPath(new URL('../support/opening-twice.js', import.meta.url))
    const path = join(directory, 'store')
    const child = promisify(execFile)(process.execPath, [program, path, String(OPENINGS)], {
      timeout: 60_000,
    })
    expect((await child).stdout).toBe('done')
    const store = openLeaderboards(path)
    expect((await store.check()).findings).toEqual([])
    await store.close()
  })
})

test('a process that stood still for longer than a commit may take goes on writing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] })
  try {
    await withDirectory(async (path) => {
      const guard = new CommitWatchdog(path, { dataFile: path, isPanicked: () => false })
      let resolve = (): void => undefined
      const commit = new Promise<void>((settle) => {
        resolve = settle
      })
      const watched = guard.watch((mayWork) => {
        mayWork()
        return commit
      })
      await nextTurn()
      // Both are due when it wakes up, and timers come first. Each that is overdue runs once.
      vi.setSystemTime(Date.now() + 2 * COMMIT_WAIT_MS)
      vi.advanceTimersToNextTimer()
      await nextTurn()
      resolve()
      await watched
      expect(guard.isStopped).toBe(false)
    })
  } finally {
    vi.useRealTimers()
  }
})

test('many stores of one process can share an opening without a warning', async () => {
  await withStore(async ({ store }) => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): number => warnings.push(warning)
    process.on('warning', onWarning)
    const stores = Array.from({ length: 12 }, () => openLeaderboards(store.path))
    await nextTurn()
    process.off('warning', onWarning)
    await Promise.all(stores.map((other) => other.close()))
    expect(warnings).toEqual([])
  })
})

test('a second opening in one process must ask for the durability of the first', async () => {
  await withStore(async ({ store }) => {
    const open = (): unknown => openLeaderboards(store.path, { durability: 'relaxed' })
    expect(open).toThrow(expect.objectContaining({ code: 'BUSY' }))
    await store.close()
    const relaxed = openLeaderboards(store.path, { durability: 'relaxed' })
    await relaxed.board('game').submit('ann', 1)
    await relaxed.close()
  })
})

function work(ms: number): () => void {
  return () => {
    workedMs += ms + 0.1
  }
}

// Time goes on by work alone: a machine that is busy with something else must not end a commit.
let workedMs = 0

// A queue without a store; `commits` counts the jobs that each commit has run to its end.
function fakeQueue({ mayGoOn = true } = {}): { queue: CommitQueue<string>; commits: number[] } {
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => workedMs)
  onTestFinished(() => clock.mockRestore())
  const commits: number[] = []
  const queue = new CommitQueue<string>({
    path: 'nowhere',
    transact: async (fill) => {
      let jobs = 0
      const transaction = {
        changes: 0,
        willChange: () => transaction.changes++,
        finish: () => undefined,
        published: () => commits.push(jobs),
      }
      const counting = new Proxy(transaction, {
        get: (target, name) => {
          // The queue looks at it before each job.
          if (name === 'changes') jobs++
          return Reflect.get(target, name)
        },
      })
      await nextTurn()
      await fill(counting as unknown as Transaction<string>)
    },
    mayGoOn: () => mayGoOn,
  })
  return { queue, commits }
}
