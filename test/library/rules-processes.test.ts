/**
 * Rules of two processes, and of stores that earlier releases wrote.
 *
 * @module
 */

import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { ask, ended, messageOf, startChild } from '../model/child.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

interface Outcome {
  value?: unknown
  error?: { code: string }
}

test('rules hold for another process at once, and perMinute counts the submits of both', async () => {
  await withStore(async (temporary) => {
    const { store, clock } = temporary
    const board = await store.createBoard('arena')
    const child = startChild('second-process.js', temporary.path)
    await messageOf(child)
    const allInChild = async (...scores: number[]): Promise<string[]> => {
      const calls = scores.map((score) => {
        return { board: 'arena', name: 'submit', args: ['ada', score] }
      })
      const outcomes = (await ask(child, { nowMs: clock.now, calls })) as Outcome[]
      return outcomes.map(({ error }) => error?.code ?? 'taken')
    }
    const inChild = async (score: number): Promise<string> => (await allInChild(score))[0] ?? ''
    expect(await inChild(500)).toBe('taken')
    await store.alter('arena', { max: 100, perMinute: 3 })
    expect(await inChild(500)).toBe('OUT_OF_RANGE')
    await board.submit('ada', 1)
    expect([await inChild(2), await inChild(3), await inChild(4)]).toEqual([
      ...['taken', 'taken', 'RATE_LIMITED'],
    ])
    await expect(board.submit('ada', 5)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    clock.advance(59_999)
    expect(await inChild(4)).toBe('RATE_LIMITED')
    clock.advance(2)
    // Both at the same instant: three are taken, in any order.
    const both = await Promise.all([
      allInChild(6, 7),
      ...[8, 9].map((score) =>
        board.submit('ada', score).then(
          () => 'taken',
          ({ code }: { code: string }) => code,
        ),
      ),
    ])
    expect(both.flat().sort()).toEqual(['RATE_LIMITED', 'taken', 'taken', 'taken'])
    await store.alter({ writes: 'closed' })
    expect(await inChild(1)).toBe('CLOSED_FOR_WRITES')
    child.disconnect()
    await ended(child)
  })
})

// The first change of an old store brings it the table that profiles lie in.
test.each([1, 2])('a profile can be the first change of a store of version %d', (version) =>
  withDirectory(async (directory) => {
    const path = join(directory, 'store')
    await mkdir(path)
    const golden = resolve(import.meta.dirname, `../golden/version-${version}/data.mdb`)
    await copyFile(golden, join(path, 'data.mdb'))
    const store = openLeaderboards(path)
    const [first] = store.boards()
    const name = first?.name ?? ''
    expect([store.profile('ada'), store.settings().names]).toEqual([undefined, 'free'])
    expect(store.openBoard(name).rules()).toEqual({})
    const changes = [
      store.setProfile('ada', { name: 'Ada' }),
      store.alter(name, { perMinute: 1 }),
      store.alter({ names: 'unique' }),
    ]
    await Promise.all(changes)
    expect(store.profile('ada')).toEqual({ playerId: 'ada', name: 'Ada' })
    expect((await store.check()).findings).toEqual([])
    await store.close()
  }),
)
