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
const USUAL = { days: 1, count: 1_000_000 }

/** An id as it must be known. */
interface Known {
  text: string
  ms: number
  number: number
  answer: SubmitAnswer | undefined
}

/** A board as it must be: sums, and what each id came with. */
interface ModelBoard {
  sums: Map<string, number>
  known: Map<string, Known>
}

/** A store as it must be. */
interface Model {
  boards: Map<string, ModelBoard>
  next: number
  limits: { days: number; count: number }
  /** How often the limits were altered. Longer ones may bring ids back, or not: none is used again. */
  epoch: number
}

test('submit() and submitMany() under random ids count each once, as a map of ids says', async () => {
  const random = new Random(runSeed('requests'))
  await withStore(
    async (temporary) => {
      let model: Model = { boards: new Map(), next: 1, limits: USUAL, epoch: 0 }
      for (const name of BOARDS) model.boards.set(name, emptyBoard())
      for (let step = 0; step < STEPS; step++) model = await takeStep(temporary, model, random)
      for (const [name, { sums }] of model.boards) {
        const entries = [...temporary.store.board(name).entries()]
        expect(new Map(entries.map(({ playerId, score }) => [playerId, score]))).toEqual(sums)
      }
    },
    { durability: 'relaxed' },
  )
})

function emptyBoard(): ModelBoard {
  return { sums: new Map(), known: new Map() }
}

async function takeStep(temporary: TemporaryStore, model: Model, random: Random): Promise<Model> {
  const name = random.pick(BOARDS)
  const chance = random.next()
  if (chance < 0.02) await temporary.reopen()
  else if (chance < 0.1) temporary.clock.advance(random.below(9) * HOUR_MS)
  else if (chance < 0.13 && temporary.store.hasBoard(name)) {
    await temporary.store.dropBoard(name)
    model.boards.set(name, emptyBoard())
  } else if (chance < 0.16) {
    model.epoch++
    model.limits = { days: random.pick([0.25, 1, 3]), count: random.pick([2, 6, 1_000]) }
    await temporary.store.alter({ requests: model.limits })
  } else {
    const submissions = Array.from({ length: 1 + random.below(4) }, () =>
      submissionOf(random, model.epoch),
    )
    const board = temporary.store.board(name, { mode: 'increment' })
    return submit(model, { board, submissions, nowMs: temporary.clock.now })
  }
  return model
}

function submissionOf(random: Random, epoch: number): Submission {
  return {
    playerId: `p${random.below(3)}`,
    score: random.below(2),
    ...(random.chance(0.9) && { requestId: `id ${epoch}.${random.below(12)}` }),
  }
}

// Returns the model as it is then: the one before, if the submits were refused.
async function submit(
  before: Model,
  work: { board: Leaderboard; submissions: Submission[]; nowMs: number },
): Promise<Model> {
  const { board, submissions, nowMs } = work
  const model = structuredClone(before)
  const on = model.boards.get(board.name) as ModelBoard
  const isRefused = isReusedAtFirst(model, on, { submissions, nowMs })
  const expected = submissions.map((one) => expectedOf(model, on, { one, nowMs }))
  if (isRefused) expected.push('reused')
  if (expected.includes('reused')) {
    const error = { code: 'REQUEST_REUSED' }
    await expect(board.submitMany(submissions)).rejects.toMatchObject(error)
    return before
  }
  const [one] = submissions as [Submission]
  const { playerId, score, ...options } = one
  const answers =
    submissions.length === 1
      ? [await board.submit(playerId, score, options)]
      : await board.submitMany(submissions)
  for (const [i, answer] of answers.entries()) {
    const { known, sum } = expected[i] as { known: Known | undefined; sum: number | undefined }
    if (sum === undefined) expect(answer).toStrictEqual({ ...known?.answer, repeated: true })
    else {
      expect(answer).not.toHaveProperty('repeated')
      expect(answer.score).toBe(sum)
      if (known !== undefined) known.answer = answer
    }
  }
  return model
}

// Once the store has rules, all items are judged before the first is made: some may push an id out of the
// last ones that a later item comes with.
function isReusedAtFirst(
  model: Model,
  board: ModelBoard,
  { submissions, nowMs }: { submissions: readonly Submission[]; nowMs: number },
): boolean {
  if (model.epoch === 0) return false
  return submissions.some((one, i) => {
    const isFirst = submissions.findIndex(({ requestId }) => requestId === one.requestId) === i
    const known = knownOf(model, board, { one, nowMs })
    return isFirst && known !== undefined && known.text !== textOf(one)
  })
}

function knownOf(
  model: Model,
  board: ModelBoard,
  { one, nowMs }: { one: Submission; nowMs: number },
): Known | undefined {
  const { days, count } = model.limits
  const known = board.known.get(one.requestId ?? '')
  if (known === undefined || nowMs - known.ms >= days * 24 * HOUR_MS) return undefined
  return known.number >= model.next - count ? known : undefined
}

function textOf({ playerId, score }: Submission): string {
  return `${playerId} ${score}`
}

// The id that answers a submission, and the sum that a new one comes to.
function expectedOf(
  model: Model,
  board: ModelBoard,
  { one, nowMs }: { one: Submission; nowMs: number },
): { known: Known | undefined; sum: number | undefined } | 'reused' {
  const { playerId, score, requestId } = one
  const text = textOf(one)
  const known = knownOf(model, board, { one, nowMs })
  if (known !== undefined) return known.text === text ? { known, sum: undefined } : 'reused'
  const sum = (board.sums.get(playerId) ?? 0) + Number(score)
  board.sums.set(playerId, sum)
  if (requestId === undefined) return { known: undefined, sum }
  const kept: Known = { text, ms: nowMs, number: model.next++, answer: undefined }
  board.known.set(requestId, kept)
  return { known: kept, sum }
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

test('submit() counts each id once however often its process is killed and begins again', async () => {
  const random = new Random(runSeed('retrying'))
  const count = 200
  await withStore(async (temporary) => {
    const { path, store } = temporary
    const board = store.board('tally', { mode: 'increment' })
    const scores = new Set<unknown>()
    for (let round = 0; round < 4; round++) {
      const child = startChild('retrying.js', path, String(count))
      let left = round === 3 ? Number.POSITIVE_INFINITY : 2 + random.below(count / 10)
      child.on('message', (message: { begun: number } | { scores: number[] }) => {
        if (--left === 0) child.kill('SIGKILL')
        if ('scores' in message) for (const score of message.scores) scores.add(score)
      })
      // On a busy machine a child may be done before its kill arrives.
      expect(round === 3 ? [0] : [0, 'SIGKILL']).toContain(await ended(child))
    }
    expect(board.get('all')?.score).toBe(count)
    // Each answer, a repeated one too, tells the sum that its own run came to.
    expect(scores.size).toBe(count)
    expect(store.log({ board: 'tally', limit: 1000 }).records.length).toBe(count + 1)
  })
})
