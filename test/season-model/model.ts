/**
 * The trivially right store of boards with windows: every season is a list, and what is on, over or sealed
 * follows from the times alone. Written from the words of the contract.
 *
 * @module
 */

import type {
  BoardSettings,
  Mode,
  Score,
  Submission,
  WindowAnswer,
  WindowSettings,
} from '../../src/index.ts'
import { checkedScore, compareScores, ModelError, type Shape } from '../model/scores.ts'
import { type AnswerAsked, answerIn, differenceOf, type ModelAnswer, rankIn } from './answers.ts'
import { Entries, type Run } from './entries.ts'
import { type BoardOfWindow, ModelWindow } from './model-window.ts'

/** The clock of the store: the later of the wall clock and the last time that it gave. */
export class StoreTime {
  wallMicros = 0
  /** As late as the store knows for sure that it is. */
  committedMicros = 0
  /** The last time that a submit was given. */
  givenMicros = 0

  get now(): number {
    return Math.max(this.wallMicros, this.committedMicros)
  }

  commit(): void {
    this.committedMicros = this.now
  }

  give(micros: number): void {
    this.givenMicros = micros
    this.committedMicros = Math.max(this.committedMicros, micros)
  }
}

/** All boards. */
export class ModelStore {
  readonly time = new StoreTime()
  readonly boards = new Map<string, WindowedModel>()
  /** `sealedBy`: when the ban took the player out of sealed seasons too. */
  readonly bans = new Map<string, { submits: 'refuse' | 'keep'; sealedBy: number | undefined }>()

  /** What holds after a change was committed, whatever the clock shows later. */
  commit(): void {
    this.time.commit()
    for (const board of this.boards.values())
      for (const window of board.windows.values()) window.note()
  }

  create(name: string, settings: BoardSettings): void {
    this.time.commit()
    this.boards.set(name, new WindowedModel(this, settings))
  }

  board(name: string): WindowedModel {
    return this.boards.get(name) as WindowedModel
  }

  rename(playerId: string, name: string): void {
    this.time.commit()
    for (const board of this.boards.values())
      for (const entries of board.reached(false)) entries.rename(playerId, name)
  }

  removePlayer(playerId: string, isSealedToo: boolean): void {
    this.time.commit()
    for (const board of this.boards.values()) board.remove(playerId, isSealedToo)
  }

  ban(playerId: string, options: { submits: 'refuse' | 'keep'; isSealedToo: boolean }): void {
    this.time.commit()
    const sealedBy = options.isSealedToo ? this.time.now : this.bans.get(playerId)?.sealedBy
    this.bans.set(playerId, { submits: options.submits, sealedBy })
    for (const board of this.boards.values())
      for (const entries of board.reached(options.isSealedToo)) entries.hide(playerId)
  }

  unban(playerId: string, isSealedToo: boolean): void {
    this.time.commit()
    const sealedBy = this.bans.get(playerId)?.sealedBy
    this.bans.delete(playerId)
    for (const board of this.boards.values())
      for (const entries of board.reached(isSealedToo, sealedBy)) entries.show(playerId)
  }
}

/** A board and its windows. */
export class WindowedModel implements BoardOfWindow {
  readonly settings: BoardSettings
  readonly shape: Shape
  readonly main: Entries
  readonly windows = new Map<string, ModelWindow>()
  readonly store: ModelStore

  constructor(store: ModelStore, settings: BoardSettings) {
    this.store = store
    this.settings = settings
    this.shape = shapeOf(settings)
    this.main = this.newEntries(settings.keep)
    for (const window of settings.windows ?? []) this.add(window as WindowSettings)
  }

  get keep(): number | undefined {
    return this.settings.keep
  }

  get nowMicros(): number {
    return this.store.time.now
  }

  newEntries(keep: number | undefined): Entries {
    const nextMicros = (): number => Math.max(this.store.time.now, this.store.time.givenMicros + 1)
    return new Entries(this.shape, { keep, nextMicros })
  }

  add(settings: WindowSettings): void {
    const window = new ModelWindow(this, settings)
    this.windows.set(window.name, window)
  }

  /** The board and those of its seasons that a change reaches; those sealed by a time too. */
  reached(isSealedToo: boolean, sealedBy?: number): Entries[] {
    const seasons = [...this.windows.values()].flatMap((window) =>
      window.reached(isSealedToo, sealedBy),
    )
    return [this.main, ...seasons]
  }

  remove(playerId: string, isSealedToo: boolean): boolean {
    return this.reached(isSealedToo)
      .map((entries) => entries.drop(playerId))
      .includes(true)
  }

  /** Makes submits of one change: all, or none if one is refused. `micros` says the time of each. */
  submitAll(submissions: Submission<Score>[], asked: AnswerAsked, micros: number[]): ModelAnswer[] {
    for (const { playerId } of submissions)
      if (this.store.bans.get(playerId)?.submits === 'refuse') throw new ModelError('BANNED')
    const before = this.#everything().map((entries) => ({ entries, copy: entries.copy() }))
    try {
      return submissions.map((one, i) => this.#submit(one, { asked, micros: micros[i] as number }))
    } catch (error) {
      for (const { entries, copy } of before) entries.restore(copy)
      // What was made for it alone is gone with it.
      for (const entries of this.#everything())
        if (!before.some((one) => one.entries === entries))
          entries.restore({ rows: [], hidden: new Map() })
      throw error
    }
  }

  /** What submits could be refused for before anything of them is made. */
  reasons(submissions: Submission<Score>[], micros: number[]): Set<string> {
    const reasons = new Set<string>()
    for (const [i, { playerId, season = {} }] of submissions.entries()) {
      if (this.store.bans.get(playerId)?.submits === 'refuse') reasons.add('BANNED')
      for (const [name, id] of Object.entries(season))
        try {
          this.#checkSeason(name, { id, micros: micros[i] as number })
        } catch (error) {
          reasons.add((error as ModelError).code)
        }
    }
    return reasons
  }

  #everything(): Entries[] {
    return [this.main, ...[...this.windows.values()].flatMap((window) => [...window.held.values()])]
  }

  #submit(
    submission: Submission<Score>,
    { asked, micros }: { asked: AnswerAsked; micros: number },
  ): ModelAnswer {
    const { playerId, at, season = {}, metadata } = submission
    const isBanned = this.store.bans.has(playerId)
    for (const [name, id] of Object.entries(season)) this.#checkSeason(name, { id, micros })
    this.#checkConditions(submission)
    const { mode = this.settings.mode ?? 'set' } = submission
    const score = checkedScore(this.shape, submission.score)
    const run: Run = { playerId, score, mode, micros, isAtGiven: at !== undefined, metadata }
    run.name = submission.name
    const previousScore = this.main.rowOf(playerId)?.score
    const previousRank = rankIn(this.main, { playerId, asked })
    // All is looked at before anything is done.
    const after = this.main.decide(run).score
    const targets = [...this.windows.values()].map((window) => {
      const target = window.target(micros)
      const windowRun = this.#runIn(window, { run, previousScore, after })
      target.entries?.decide(windowRun)
      return { window, target, run: windowRun }
    })
    const done = this.main.take(run, isBanned)
    if (submission.name !== undefined)
      for (const entries of this.reached(false)) entries.rename(playerId, submission.name)
    const windows: Record<string, WindowAnswer<Score>> = {}
    for (const { window, target, run: one } of targets) {
      one.name = submission.name ?? this.main.rowOf(playerId)?.name
      windows[window.name] = answerIn(target, { run: one, asked, isBanned })
    }
    return {
      ...{ playerId, score: done.score, previousScore: done.previousScore },
      ...{ rank: rankIn(this.main, { playerId, asked }), previousRank },
      ...{ changed: done.changed, created: done.created },
      ...(done.isLeftOut && { submitted: score }),
      ...(this.windows.size > 0 && { windows }),
    }
  }

  #runIn(
    window: ModelWindow,
    { run, previousScore, after }: { run: Run; previousScore: Score | undefined; after: Score },
  ): Run {
    if (window.settings.value !== 'gain')
      return { ...run, mode: (window.settings.mode ?? run.mode) as Mode }
    const zero = typeof after === 'bigint' ? 0n : 0
    // A first total rises from nothing: one below it is a fall.
    const rise = differenceOf(after, previousScore ?? zero)
    const isFall = compareScores(this.shape, rise, zero) > 0
    return { ...run, mode: 'increment', score: isFall ? zero : rise, isGain: true }
  }

  #checkSeason(name: string, { id, micros }: { id: string; micros: number }): void {
    const window = this.windows.get(name)
    if (window === undefined) throw new ModelError('NO_WINDOW')
    const { span, isSealed } = window.target(micros)
    if (span === undefined || span.id !== id || isSealed || span.from > this.store.time.now)
      throw new ModelError('SEASON_OVER')
  }

  #checkConditions({ playerId, only, expected }: Submission<Score>): void {
    const row = this.main.rowOf(playerId)
    const isExpected =
      expected === undefined ||
      (expected === null
        ? row === undefined
        : row !== undefined &&
          compareScores(this.shape, checkedScore(this.shape, expected), row.score) === 0)
    if (!isExpected || (only !== undefined && (only === 'new') !== (row === undefined)))
      throw new ModelError('CONDITION_FAILED')
  }
}

function shapeOf({ order = 'descending', scoreType = 'number', columns }: BoardSettings): Shape {
  if (columns === undefined) return { type: scoreType, columns: [{ name: '', order }] }
  const complete = columns.map(({ name, order = 'descending' }) => ({ name, order }))
  return { type: scoreType, columns: complete }
}
