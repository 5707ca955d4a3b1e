import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leftoverName } from '../../src/backup/debris.ts'
import { decodeRow } from '../../src/board/rows.ts'
import { findBoard } from '../../src/embedded/catalog.ts'
import type { OpenStore } from '../../src/embedded/open-store.ts'
import { BoardKeys } from '../../src/format/keys.ts'
import { importRows } from '../../src/transfer/import.ts'
import { unborn, withEngine } from '../embedded/open-engine.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'
import { contentOf, csvOf, leftBeside } from './support.ts'

const COUNT = sizeOf('TORTURE_RUN_ROWS', { test: 1_500, torture: 30_000 })
const KILLS = sizeOf('TORTURE_IMPORT_MOMENTS', { test: 3, torture: 6 })
// A slab and the places of a thousand rows.
const RUN_BYTES = 2 ** 20 + 28 * 1_000
const rowOf = (i: number): string => `p${(i * 7919) % 2_003},${(i * 31) % 977}`

// Without times: those of the store go on from one import to the next.
function entriesOf({ store }: OpenStore, name: string): unknown[] {
  const reader = store.current()
  const board = findBoard(reader, name)
  if (board === undefined) return []
  const keys = new BoardKeys(board.id)
  const options = { prefixBytes: keys.prefix.length, shape: board.shape }
  return [...reader.pairs('entries', keys.all())]
    .map((pair) => decodeRow(pair, options))
    .map(({ playerId, score }) => [playerId, score])
}

// Ten million rows took 4 GB of memory: all of them, and an object for each player.
test.each([
  ['into an empty board', false, undefined],
  ['into a board with entries', true, undefined],
  ['into a board of the best', true, 500],
] as const)(
  'importRows() by way of runs on disk is what it is in memory, %s',
  async (_name, hasEntries, keep) => {
    await withDirectory(async (directory) => {
      await withEngine(async ({ context }) => {
        const contents: unknown[] = []
        for (const [name, runBytes] of [
          ['memory', undefined],
          ['runs', RUN_BYTES],
        ] as const) {
          const board = unborn(name, { mode: 'increment', ...(keep !== undefined && { keep }) })
          const scratchPath = join(directory, name)
          for (const source of hasEntries
            ? [[...csvOf(1_000)].join(''), [...csvOf(COUNT, rowOf)].join('')]
            : [[...csvOf(COUNT, rowOf)].join('')]) {
            const asked = {
              board,
              source: [source],
              options: { format: 'csv' } as const,
              scratchPath,
            }
            await importRows(context, runBytes === undefined ? asked : { ...asked, runBytes })
          }
          contents.push(entriesOf(context, name))
        }
        expect(contents[1]).toEqual(contents[0])
      })
    })
  },
)

// Of a crash in the middle of an import into a board with entries a part stayed, an increment counted
// twice by the next try.
test.each(
  // Each moment once, and each kind of board, before the others.
  [
    ...[
      { hasEntries: false, when: 'read' },
      { hasEntries: true, when: '0.7' },
      { hasEntries: false, when: '0.2' },
    ],
    ...[
      { hasEntries: true, when: 'read' },
      { hasEntries: false, when: '0.7' },
      { hasEntries: true, when: '0.2' },
    ],
  ].slice(0, KILLS),
)('an import killed at $when leaves nothing, entries $hasEntries', async ({ hasEntries, when }) => {
  await withStore(async (temporary) => {
    const { store, path } = temporary
    if (hasEntries) await store.board('inc', { mode: 'increment' }).submit('seed', 1)
    await store.close()
    const driver = join(import.meta.dirname, '../support/killed-import.js')
    const { signal } = spawnSync(process.execPath, [driver, path, when])
    expect(signal).toBe('SIGKILL')
    const again = await temporary.reopen()
    expect(again.hasBoard('inc')).toBe(hasEntries)
    expect(contentOf(again.board('inc'))).toEqual(hasEntries ? [['seed', 1, 'seed']] : [])
  })
})

test('opening a store removes the runs that a killed import left, and no others', async () => {
  await withStore(async (temporary) => {
    await temporary.store.close()
    const mine = leftoverName('.importing')
    // Above the highest number that Linux gives.
    const dead = mine.replace(`-${process.pid}-`, '-999999999-')
    const foreign = dead.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    for (const name of [mine, dead, foreign]) {
      mkdirSync(join(temporary.path, name))
      writeFileSync(join(temporary.path, name, name === foreign ? 'notes.txt' : 'run-0'), 'x')
    }
    const store = await temporary.reopen()
    await store.close()
    expect(leftBeside(store).sort()).toEqual([mine, foreign].sort())
  })
})
