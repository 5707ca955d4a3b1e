/**
 * Submits on the store and on the model: in the past, in grace, ahead, for a season, of one change, again.
 *
 * @module
 */

import { expect } from 'vitest'
import type { LogRecord, Score, Submission } from '../../src/index.ts'
import { type Outcome, outcomeOf, outcomeOfPromise } from '../model/calls.ts'
import { randomScore } from '../model/random-scores.ts'
import type { AnswerAsked, ModelAnswer } from './answers.ts'
import { FUTURE_MS, randomTime } from './random-times.ts'
import { HOUR_MS, lastSeq, PLAYERS, RANK_MODES, type SeasonScene, show } from './scene.ts'

/** What was submitted, to submit it again. */
interface Repeatable {
  board: string
  playerId: string
  score: Score
  options: object
  answer: ModelAnswer
  wallMs: number
}

export class SeasonSubmits {
  readonly #scene: SeasonScene
  readonly #repeatables: Repeatable[] = []
  #seq = 0
  #requests = 0

  constructor(scene: SeasonScene) {
    this.#scene = scene
  }

  async tick(): Promise<void> {
    await this.#submitAll('tick', [{ playerId: 'tick', score: this.#scene.random.below(1e9) }], {})
  }

  async submit(): Promise<void> {
    const random = this.#scene.random
    const board = random.pick(['one', 'two'])
    const { log = 'all' } = this.#scene.model.board(board).settings
    if (random.chance(0.15)) {
      const submissions = Array.from({ length: 1 + random.below(4) }, () => this.#submission(board))
      // Without a log nothing says what each was given.
      if (log !== 'all') for (const one of submissions) one.at ??= this.#at(board)
      await this.#submitAll(board, submissions, this.#asked())
      return
    }
    const submission = this.#submission(board)
    // Nor does the entry of a player who is hidden, until it is shown again.
    if (log !== 'all' && this.#scene.model.bans.has(submission.playerId))
      submission.at ??= this.#at(board)
    const asked = this.#asked()
    if (random.chance(0.2)) submission.requestId = `request ${this.#requests++}`
    const answer = await this.#submitOne(board, submission, asked)
    if (answer === undefined || submission.requestId === undefined) return
    const { playerId, score, ...options } = submission
    const wallMs = this.#scene.temporary.clock.now
    const repeatable = { board, playerId, score: score as Score, answer, wallMs }
    this.#repeatables.push({ ...repeatable, options: { ...options, ...asked } })
  }

  async repeat(): Promise<void> {
    const last = this.#repeatables.at(-1 - this.#scene.random.below(3))
    if (
      last === undefined ||
      Math.abs(last.wallMs - this.#scene.model.time.now / 1000) > 10 * HOUR_MS
    )
      return
    const { board, playerId, score, options, answer } = last
    // A clock that stepped back far would refuse the time once more.
    const { at = 0 } = options as { at?: number }
    if (at > this.#scene.temporary.clock.now + FUTURE_MS) return
    this.#scene.what = `repeat ${show(last)}`
    const outcome = await outcomeOfPromise(
      this.#scene.board(board).submit(playerId, score as never, options as never),
    )
    if (this.#scene.model.bans.get(playerId)?.submits === 'refuse') return
    expect(outcome).toEqual({ value: { ...answer, repeated: true } })
  }

  #submission(board: string): Submission<Score> {
    const random = this.#scene.random
    const model = this.#scene.model.board(board)
    const submission: Submission<Score> = {
      playerId: random.pick(PLAYERS),
      score: randomScore(random, model.shape, random.chance(0.9) ? 'plain' : 'any'),
    }
    if (Array.isArray(submission.score))
      submission.score = randomScore(random, model.shape, 'plain')
    if (random.chance(0.5)) submission.at = this.#at(board)
    if (random.chance(0.4)) submission.mode = random.pick(['set', 'best', 'increment'])
    if (random.chance(0.15)) submission.name = `n${random.below(9)}`
    if (random.chance(0.2)) submission.metadata = random.pick([{}, { n: 1 }, { n: 2 }])
    if (random.chance(0.04)) submission.only = random.pick(['new', 'existing'])
    if (random.chance(0.04))
      submission.expected = random.pick([null, this.#scoreOf(board, submission)])
    const names = [...model.windows.keys(), 'none']
    if (random.chance(0.15)) {
      const name = random.pick(names)
      const window = model.windows.get(name)
      const micros = submission.at === undefined ? this.#scene.model.time.now : submission.at * 1000
      const meant = random.chance(0.6)
        ? window?.target(micros).span
        : random.pick(window?.allSpans() ?? [])
      submission.season = { [name]: meant?.id ?? 'unknown' }
    }
    return submission
  }

  #scoreOf(board: string, { playerId, score }: Submission<Score>): Score {
    return this.#scene.model.board(board).main.rowOf(playerId)?.score ?? (score as Score)
  }

  // Near a border, in a season that is over, or ahead.
  #at(board: string): number {
    const random = this.#scene.random
    const { clock } = this.#scene.temporary
    const windows = [...this.#scene.model.board(board).windows.values()]
    const borders = windows.flatMap((window) =>
      window
        .spans()
        .slice(0, 4)
        .flatMap(({ from, to }) => [from / 1000, to / 1000]),
    )
    return randomTime(random, { nowMs: clock.now, borders })
  }

  #asked(): AnswerAsked {
    const random = this.#scene.random
    return {
      ...(random.chance(0.4) && { rankMode: random.pick(RANK_MODES) }),
      ...(random.chance(0.1) && { ranks: false }),
      ...(random.chance(0.6) && { windows: 'all' as const }),
    }
  }

  async #submitOne(
    board: string,
    submission: Submission<Score>,
    asked: AnswerAsked,
  ): Promise<ModelAnswer | undefined> {
    const { playerId, score, ...options } = submission
    this.#scene.what = `submit ${show([board, submission, asked])}`
    const outcome = await outcomeOfPromise(
      this.#scene.board(board).submit(playerId, score as never, { ...options, ...asked } as never),
    )
    const [answer] = this.#expectSubmits(board, {
      submissions: [submission],
      asked,
      outcome,
      isOne: true,
    })
    return answer
  }

  async #submitAll(
    board: string,
    submissions: Submission<Score>[],
    asked: AnswerAsked,
  ): Promise<void> {
    this.#scene.what = `submitMany ${show([board, submissions, asked])}`
    const outcome = await outcomeOfPromise(
      this.#scene.board(board).submitMany(submissions as never, asked as never),
    )
    this.#expectSubmits(board, { submissions, asked, outcome, isOne: false })
  }

  #expectSubmits(
    board: string,
    made: {
      submissions: Submission<Score>[]
      asked: AnswerAsked
      outcome: Outcome
      isOne: boolean
    },
  ): ModelAnswer[] {
    const { submissions, asked, outcome, isOne } = made
    const { time } = this.#scene.model
    const isTaken = 'value' in outcome
    const own = isTaken ? this.#ownTimes(board, submissions) : []
    const micros = submissions.map(({ at }, i) =>
      at === undefined
        ? (own[i] ?? Math.max(time.now, time.givenMicros + 1) + i)
        : Math.round(at * 1000),
    )
    const expected = outcomeOf(() =>
      this.#scene.model.board(board).submitAll(submissions, asked, micros),
    )
    if ('error' in outcome) {
      const error = outcome.error.replace(/^Submission \d+: /, '')
      // Which of two reasons is told is left open.
      if (
        !('error' in expected) ||
        !this.#scene.model.board(board).reasons(submissions, micros).has(error)
      )
        expect({ error }).toEqual(expected)
      return []
    }
    const answers = isOne ? [outcome.value] : outcome.value
    expect({ value: answers }).toEqual(expected)
    this.#scene.model.commit()
    for (const [i, { at }] of submissions.entries())
      if (at === undefined && own[i] !== undefined) time.give(own[i])
    return (expected as { value: ModelAnswer[] }).value
  }

  // What the store gave to those that came without a time: as the log says, or the entries.
  #ownTimes(board: string, submissions: Submission<Score>[]): (number | undefined)[] {
    const { time } = this.#scene.model
    const { log = 'all' } = this.#scene.model.board(board).settings
    const store = this.#scene.temporary.store
    const runs: LogRecord[] = store.log({
      after: this.#seq,
      limit: 10_000,
      kinds: ['submit'],
      board,
    }).records
    this.#seq = lastSeq(store)
    const times =
      log === 'all'
        ? runs.map(({ at }) => Math.round(at * 1000))
        : submissions.map(({ playerId }) => this.#latestOf(board, playerId))
    if (log === 'all') expect(runs.length).toBe(submissions.length)
    let last = time.givenMicros
    return submissions.map(({ at }, i) => {
      const micros = times[i]
      if (at !== undefined || micros === undefined) return undefined
      expect(micros).toBeGreaterThan(last)
      expect(micros).toBeGreaterThanOrEqual(time.now)
      expect(micros).toBeLessThan(time.now + 10_000)
      last = micros
      return micros
    })
  }

  // The time that entries of a player have now and had not before.
  #latestOf(board: string, playerId: string): number | undefined {
    const there = this.#scene.temporary.store.openBoard(board)
    const { main, windows } = this.#scene.model.board(board)
    const { givenMicros, now } = this.#scene.model.time
    const seasons = there.windows().map(({ window, season = '' }) => {
      return [there.window(window), windows.get(window)?.held.get(season)] as const
    })
    const ats = [[there, main] as const, ...seasons]
      .map(([seen, before]) => [seen.get(playerId)?.at, before?.get(playerId)?.at])
      .flatMap(([at, before]) => (at === undefined || at === before ? [] : Math.round(at * 1000)))
      .filter((micros) => micros > givenMicros && micros >= now && micros < now + 10_000)
    return ats.length === 0 ? undefined : Math.max(...ats)
  }
}
