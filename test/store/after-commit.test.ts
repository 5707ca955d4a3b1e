/**
 * What follows a durable commit, and what a failure there may not do.
 *
 * @module
 */

import { expect, onTestFinished, test } from 'vitest'
import type { OpenStore } from '../../src/embedded/open-store.ts'
import { unborn, withEngine } from '../embedded/open-engine.ts'

const KEY = Buffer.from([0xee, 1])

// An action that threw left every caller of the commit without an answer, though all was stored, and the
// queue of the store stood still: later writes waited for ever.
test.each([
  ['write', write],
  ['writeAlone', writeAlone],
])(
  '%s() answers though an action behind its commit throws, which is a warning of the process',
  async (_, run) => {
    await withEngine(async ({ context }) => {
      const warning = nextWarning()
      const ran: string[] = []
      const answer = await run(context, (writer) => {
        writer.afterCommit(() => void ran.push('before'))
        writer.afterCommit(() => {
          throw new Error('cache on fire')
        })
        writer.afterCommit(() => void ran.push('behind'))
        writer.willChange()
        writer.put('meta', KEY, Buffer.from('stored'))
        return 'answer'
      })
      expect(answer).toBe('answer')
      expect(ran).toEqual(['before', 'behind'])
      expect(await warning).toMatchObject({
        code: 'LADDERDB_AFTER_COMMIT',
        message: expect.stringMatching(
          /^Cannot finish the work after a durable commit to .*: cache on fire; /,
        ),
      })
      expect(context.store.current().get('meta', KEY)?.toString()).toBe('stored')
      const removed = await context.store.write((writer) => {
        writer.willChange()
        return writer.remove('meta', KEY)
      })
      expect(removed).toBe(true)
    })
  },
)

test('all jobs of a commit are answered though an action of one throws', async () => {
  await withEngine(async ({ context }) => {
    const warning = nextWarning()
    const board = unborn('game')
    const answers = await Promise.all([
      write(context, () => 1),
      write(context, (writer) => {
        writer.afterCommit(() => {
          throw new Error('cache on fire')
        })
        board.noteThereIn(writer)
        return 2
      }),
      write(context, () => 3),
    ])
    expect(answers).toEqual([1, 2, 3])
    await warning
  })
})

// An invariant that does not hold stops the commit, for all who share it: nothing of it is stored.
test('write() refuses all jobs of a commit if an action in front of it throws, and goes on', async () => {
  await withEngine(async ({ context }) => {
    const put = (text: string): Promise<void> =>
      write(context, (writer) => {
        writer.willChange()
        writer.put('meta', KEY, Buffer.from(text))
      })
    const outcomes = await Promise.allSettled([
      put('first'),
      write(context, (writer) =>
        writer.beforeCommit(() => {
          throw new Error('does not hold')
        }),
      ),
      put('second'),
    ])
    expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason.message)).toEqual(
      Array(3).fill('does not hold'),
    )
    expect(context.store.current().get('meta', KEY)).toBeUndefined()
    expect(await write(context, () => 'goes on')).toBe('goes on')
  })
})

type Job<T> = Parameters<typeof OpenStore.prototype.store.write<T>>[0]

function write<T>({ store }: OpenStore, job: Job<T>): Promise<T> {
  return store.write(job)
}

function writeAlone<T>({ store }: OpenStore, job: Job<T>): Promise<T> {
  return store.writeAlone(async (writer) => job(writer))
}

function nextWarning(): Promise<Error> {
  return new Promise((resolve) => {
    process.once('warning', resolve)
    onTestFinished(() => void process.removeListener('warning', resolve))
  })
}
