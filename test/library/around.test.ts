import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { AroundOptions, RankMode } from '../../src/index.ts'
import { Model } from '../model/model.ts'
import { sizeOf } from '../support/sizes.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

const ENTRIES_MOST = sizeOf('AROUND_ENTRIES', { test: 8, torture: 12 })
const SIDE_MOST = ENTRIES_MOST + 1
const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']

test.each([
  ['clips at the ends', false],
  ['keeps its size with fill', true],
])(
  `around() %s on boards of 0 to ${ENTRIES_MOST} entries, at every position and size`,
  async (_, fill) => {
    await withStore(async ({ store }) => {
      const model = new Model()
      model.time.nowMicros = START_MS * 1000
      for (let size = 0; size <= ENTRIES_MOST; size++) {
        const name = `board of ${size}`
        const settings = {
          order: size % 2 === 0 ? 'descending' : 'ascending',
          mode: 'set',
        } as const
        const board = await store.createBoard(name, settings)
        model.createBoard(name, settings)
        const expected = model.board(name)
        // In twos and threes of equal scores.
        const submissions = Array.from({ length: size }, (_, i) => {
          return { playerId: `player-${i}`, score: Math.floor((i * 2) / 5) }
        })
        await board.submitMany(submissions)
        expected.submitMany(submissions)
        expect(board.around('nobody', { above: 3, below: 3, fill })).toEqual([])
        for (const { playerId } of submissions) {
          for (const options of windows(fill)) {
            const actual = board.around(playerId, options)
            if (isDeepStrictEqual(actual, expected.around(playerId, options))) continue
            const message = `${name}, ${playerId}, ${JSON.stringify(options)}`
            expect(actual, message).toEqual(expected.around(playerId, options))
          }
        }
      }
    })
  },
)

test('around() shows places 1 to 4 for a window of 4 around place 2', async () => {
  // Nakama's limit of 4 around rank 2 once returned places 2 to 5 (its #607).
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submitMany([5, 4, 3, 2, 1].map((score) => ({ playerId: `p${6 - score}`, score })))
    const window = board.around('p2', { above: 2, below: 1, fill: true })
    expect(window.map(({ rank, playerId }) => [rank, playerId])).toEqual([
      [1, 'p1'],
      [2, 'p2'],
      [3, 'p3'],
      [4, 'p4'],
    ])
  })
})

test('around() shows five above and five below where nothing else is asked', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    const scores = Array.from({ length: 30 }, (_, i) => ({ playerId: `p${i}`, score: -i }))
    await board.submitMany(scores)
    expect(board.around('p15').map(({ rank }) => rank)).toEqual([
      11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    ])
    expect(board.around('p0').map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6])
    expect(board.around('p29', { above: 1e9, below: 1e9, fill: true })).toHaveLength(30)
  })
})

function* windows(fill: boolean): Generator<AroundOptions> {
  for (let above = 0; above <= SIDE_MOST; above++) {
    for (let below = 0; below <= SIDE_MOST; below++) {
      const rankMode = RANK_MODES[(above + below) % 3] as RankMode
      yield { above, below, fill, rankMode }
    }
  }
}
