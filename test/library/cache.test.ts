/**
 * Answers with little memory for look-ups, and with none: the same, however they are come by.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboard, RankMode } from '../../src/index.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const PLAYERS = sizeOf('CACHE_PLAYERS', { test: 800, torture: 1_500 })
const MODES: RankMode[] = ['ordinal', 'competition', 'dense']

// Ranks at ten million players took ten times as long as at one million: the memory for look-ups was
// turned over. Now what it has no room for is counted, and a host can say how much it gives.
test.each([
  ['all scores differ', (i: number) => (i * 7_919) % 10_007, 1],
  ['a few scores, at one time', (i: number) => i % 5, 0],
  ['runs of ties over the edges of spans', (i: number) => Math.floor(((i * 31) % PLAYERS) / 70), 1],
])('answers are the same whatever cacheBytes says: %s', async (_name, scoreOf, stepMs) => {
  await withStore(async (temporary) => {
    const game = await temporary.store.createBoard('game', { mode: 'set' })
    const at = temporary.clock.now - PLAYERS
    await game.submitMany(
      Array.from({ length: PLAYERS }, (_, i) => ({
        playerId: idOf(i),
        score: scoreOf(i),
        at: at + i * stepMs,
      })),
    )
    const answers = answersOf((await temporary.reopen()).board('game'))
    expect(answers).toEqual(expectedOf(temporary.store.board('game')))
    for (const cacheBytes of [0, 5_000, 20_000]) {
      const store = await temporary.reopen({ cacheBytes })
      expect(answersOf(store.board('game'))).toEqual(answers)
      // Spans that a commit left in memory are used as those are that were read.
      await store.board('game').submit(idOf(1), scoreOf(1))
      expect(answersOf(store.board('game'))).toEqual(expectedOf(store.board('game')))
    }
  })
})

// Three times, as the first look-up counts, the second may read and the third finds.
function answersOf(board: Leaderboard): unknown[] {
  const answers: unknown[] = []
  for (let round = 0; round < 3; round++) {
    answers.length = 0
    for (let i = 0; i < PLAYERS; i += 7) {
      const playerId = idOf(i)
      answers.push(MODES.map((rankMode) => board.rank(playerId, { rankMode })))
      const { ordinal, competition, dense, equal } = board.standing(playerId) as never
      answers.push([ordinal, competition, dense, equal])
    }
  }
  return answers
}

function expectedOf(board: Leaderboard): unknown[] {
  const entries = [...board.entries()]
  const scores = entries.map(({ score }) => score)
  const distinct = [...new Set(scores)]
  const places = new Map(entries.map(({ playerId }, i) => [playerId, i]))
  const answers: unknown[] = []
  for (let i = 0; i < PLAYERS; i += 7) {
    const place = places.get(idOf(i)) as number
    const score = scores[place]
    const competition = 1 + scores.indexOf(score as never)
    const ranks = [place + 1, competition, 1 + distinct.indexOf(score as never)]
    answers.push(ranks, [...ranks, scores.lastIndexOf(score as never) + 2 - competition])
  }
  return answers
}

function idOf(i: number): string {
  return `p${i}`
}
