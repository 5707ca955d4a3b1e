/**
 * Random submits with ids against a plain map of ids, with reopening, drops and a clock that goes on; and
 * the same from two processes at once, one of which is killed between commit and answer.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboard, Submission, SubmitAnswer } from '../../src/index.ts'
import { ended, startChild } from '../model/child.ts'
import { SecondProcess } from '../model/second-process.ts'
import { Random, runSeed } from '../support/random.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const HOUR_MS = 3_600_000
const STEPS = process.env['TORTURE'] === undefined ? 400 : 20_000
const BOARDS = ['one', 'two']

/** A board as it must be: sums, and what each id came with. */
class Model {
  readonly sums = new Map<string, number>()
  readonly known = new Map<string, { text: string; ms: number; answer: SubmitAnswer }>()
}

test('submit() and submitMany() under random ids count each once, as a map of ids says', async () => {
  const random = new Random(runSeed('requests'))
  await withStore(
    async (temporary) => {
      const models = new Map(BOARDS.map((name) => [name, new Model()]))
      for (let step = 0; step < STEPS; step++) await takeStep(temporary, models, random)
      for (const [name, { sums }] of models) {
        const entries = [...temporary.store.board(name).entries()]
        expect(new Map(entries.map(({ playerId, score }) => [playerId, score]))).toEqual(sums)
      }
    },
    { durability: 'relaxed' },
  )
})

async function takeStep(
  temporary: TemporaryStore,
  models: Map<string, Model>,
  random: Random,
): Promise<void> {
  const name = random.pick(BOARDS)
  const chance = random.next()
  if (chance < 0.02) await temporary.reopen()
  else if (chance < 0.1) temporary.clock.advance(random.below(9) * HOUR_MS)
  else if (chance < 0.13 && temporary.store.hasBoard(name)) {
    await temporary.store.dropBoard(name)
    models.set(name, new Model())
  } else {
    const submissions = Array.from({ length: 1 + random.below(4) }, () => submissionOf(random))
    const board = temporary.store.board(name, { mode: 'increment' })
    const work = { board, submissions, nowMs: temporary.clock.now }
    await submit(models.get(name) as Model, work)
  }
}

function submissionOf(random: Random): Submission {
  return {
    playerId: `p${random.below(3)}`,
    score: random.below(2),
    ...(random.chance(0.9) && { requestId: `id ${random.below(12)}` }),
  }
}

// One by one, each in a call of its own or all in one: both must come to what the map says.
async function submit(
  model: Model,
  work: { board: Leaderboard; submissions: Submission[]; nowMs: number },
): Promise<void> {
  const { board, submissions, nowMs } = work
  const isReused = submissions.map((one, i) => {
    const known = knownTo(model, one, nowMs)
    const earlier = submissions.slice(0, i).find(({ requestId }) => requestId === one.requestId)
    const text = known?.text ?? (earlier && textOf(earlier))
    return one.requestId !== undefined && text !== undefined && text !== textOf(one)
  })
  if (isReused.includes(true)) {
    const error = { code: 'REQUEST_REUSED' }
    await expect(board.submitMany(submissions)).rejects.toMatchObject(error)
    return
  }
  const [one] = submissions as [Submission]
  const { playerId, score, ...options } = one
  const answers =
    submissions.length === 1
      ? [await board.submit(playerId, score, options)]
      : await board.submitMany(submissions)
  for (const [i, answer] of answers.entries())
    take(model, { submission: submissions[i] as Submission, answer, nowMs })
}

function take(
  model: Model,
  made: { submission: Submission; answer: SubmitAnswer; nowMs: number },
): void {
  const { submission, answer, nowMs } = made
  const { playerId, score, requestId } = submission
  const known = knownTo(model, submission, nowMs)
  if (known !== undefined) {
    expect(answer).toStrictEqual({ ...known.answer, repeated: true })
    return
  }
  const sum = (model.sums.get(playerId) ?? 0) + Number(score)
  expect(answer).not.toHaveProperty('repeated')
  expect(answer.score).toBe(sum)
  model.sums.set(playerId, sum)
  if (requestId !== undefined)
    model.known.set(requestId, { text: textOf(submission), ms: nowMs, answer })
}

function knownTo(
  model: Model,
  { requestId }: Submission,
  nowMs: number,
): { text: string; answer: SubmitAnswer } | undefined {
  const known = model.known.get(requestId ?? '')
  return known !== undefined && nowMs - known.ms < 24 * HOUR_MS ? known : undefined
}

function textOf({ playerId, score }: Submission): string {
  return `${playerId} ${score}`
}

test('submit() of two processes at the same instant counts each id once', async () => {
  await withStore(async ({ path, store, clock }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 0)
    const other = await SecondProcess.start(path)
    const submissions = Array.from({ length: 200 }, (_, i) => {
      return { playerId: 'ann', score: 1, requestId: `r${(i * 7) % 100}` }
    })
    const calls = submissions.map(({ playerId, score, requestId }) => {
      const args = [playerId, score, { requestId }] as unknown[]
      return { board: 'game', name: 'submit', args } as never
    })
    const [here, there] = await Promise.all([
      Promise.all(
        submissions.map(({ playerId, score, requestId }) =>
          board.submit(playerId, score, { requestId }),
        ),
      ),
      other.make(clock.now, calls),
    ])
    await other.kill()
    expect(board.get('ann')?.score).toBe(100)
    const answers = [...here, ...there.map((outcome) => (outcome as { value: SubmitAnswer }).value)]
    expect(answers.filter(({ repeated }) => repeated !== true)).toHaveLength(100)
    // Each id has one answer, here as there.
    const scores = new Map<string, Set<unknown>>()
    for (const [i, { score }] of answers.entries()) {
      const id = submissions[i % 200]?.requestId as string
      scores.set(id, (scores.get(id) ?? new Set()).add(score))
    }
    expect([...scores.values()].every((found) => found.size === 1)).toBe(true)
  })
})

test('submit() is answered again after its process was killed between commit and answer', async () => {
  await withStore(async ({ path, store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 1)
    expect(await ended(startChild('killed-after-commit.js', path))).toBe('SIGKILL')
    expect(board.get('ann')?.score).toBe(6)
    const retry = await board.submit('ann', 5, { requestId: 'last words' })
    expect(retry).toMatchObject({ score: 6, previousScore: 1, repeated: true })
    expect(board.get('ann')?.score).toBe(6)
  })
})
