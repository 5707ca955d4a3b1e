/**
 * What somebody watches, and everybody who watches the same: one look for all of them, serialised once.
 *
 *     viewers    a  b  c  d  e  f  g  h  …           told in rounds, each the newest look when its turn comes
 *     told of    7  7  7  5  5  5  5  5
 *                      ▲ here a look at 9 comes: d to h are told 5 → 9, then a to c 7 → 9
 *
 * With thousands of viewers a round takes longer than a look: nobody waits for the end of the round that is on, and
 * nobody is told what is over. The message from one look to another is made once, for all between whom it fits.
 *
 * @module
 */

import { changesOf, writeJson } from '../../calls/index.ts'
import type { Entry, Leaderboard, Leaderboards, RankMode, Score } from '../../index.ts'
import { LIVE_SEASON_LOOK_MS } from '../limits.ts'
import { type SeenSeason, seasonSeen, seenOf } from '../routes/route.ts'

/** What is watched: the first entries of a board, or one player. */
export interface LiveSubject {
  readonly board: string
  readonly top: number
  /** Watched instead of the first entries. */
  readonly playerId: string | undefined
  readonly rankMode: RankMode
  /** A season of this window; the one that is on if no other is named. */
  readonly window: string | undefined
  readonly season: string | undefined
}

/** What is told: the state, and what is different from the message before. */
export interface LiveMessage {
  /** What a watcher that comes back says it has seen. */
  readonly id: string
  readonly bytes: Buffer
  /** How many watch the same. */
  readonly viewers: number
}

/** Somebody who watches. */
export interface Viewer {
  /** Takes a message, or ends itself if those before it are still on their way. */
  send(message: LiveMessage): void
  /** Is told that there will be no more, and why. */
  end(error: unknown): void
  readonly isOpen: boolean
}

/** What is seen of a subject at one instant. */
export interface LookNow extends Partial<SeenSeason> {
  sequence: number
  total: number
  entries: Entry<Score>[]
}

/** Looks at a subject now; the number is that of the last commit if it is known. */
export type LookAt = (subject: LiveSubject, sequence?: number) => LookNow

// Viewers that are sent to between two looks at the clock.
const STRIDE = 32

/** Everybody who watches one subject. */
export class Topic {
  readonly #subject: LiveSubject
  readonly #lookAt: LookAt
  readonly #boot: string
  // Of each viewer the look that it was told of last.
  readonly #told = new Map<Viewer, LookNow>()
  #round: Iterator<[Viewer, LookNow]> = this.#told.entries()
  /** Steps of the round after which everybody was told of the look of now, at most. */
  #left = 0
  #look: LookNow | undefined
  /** Messages that lead to the look of now, by where they begin; undefined if nothing is different. */
  #messages = new Map<LookNow, LiveMessage | undefined>()
  #first: LiveMessage | undefined
  /** Number of the commit that was looked at last. */
  #seen = -1
  #lookedMs = 0

  constructor(subject: LiveSubject, parts: { lookAt: LookAt; boot: string }) {
    this.#subject = subject
    this.#lookAt = parts.lookAt
    this.#boot = parts.boot
  }

  get size(): number {
    return this.#told.size
  }

  /** Whether somebody was not told yet. */
  get isBehind(): boolean {
    return this.#left > 0
  }

  /** Adds a viewer, and tells it the state unless it has seen that. */
  add(viewer: Viewer, seen: string | undefined): void {
    const look = this.#lookOrNow()
    this.#first ??= this.#message({ ...look, changes: [] })
    this.#told.set(viewer, look)
    // It stands at the end of the round.
    if (this.#left > 0) this.#left++
    if (seen !== this.#first.id) viewer.send(this.#first)
  }

  remove(viewer: Viewer): void {
    this.#told.delete(viewer)
    if (this.#told.size === 0) this.#left = 0
  }

  /** Ends all viewers. */
  end(error: unknown): void {
    for (const viewer of this.#told.keys()) viewer.end(error)
    this.#told.clear()
    this.#left = 0
  }

  /** Whether there is a commit that was not looked at, or time may have brought a season. */
  isDue(sequence: number, now: number): boolean {
    if (this.#seen !== sequence) return true
    return this.#subject.window !== undefined && now - this.#lookedMs > LIVE_SEASON_LOOK_MS
  }

  /**
   * Looks. If something is different, everybody is behind.
   *
   * @throws {LadderError} `NO_BOARD` if the board is gone, and those of reads.
   */
  update(sequence: number): void {
    const before = this.#lookOrNow()
    const look = this.#lookNow(sequence)
    if (isSame(before, look)) return
    this.#look = look
    this.#first = undefined
    this.#messages = new Map()
    this.#left = this.#told.size
  }

  /** Tells those who are behind, until a time by `performance.now`. */
  send(untilMs: number): void {
    for (let count = 1; this.#left > 0; this.#left--) {
      const [viewer, told] = this.#next()
      if (told === this.#look) continue
      this.#tell(viewer, told)
      if (count++ % STRIDE > 0 || performance.now() < untilMs) continue
      this.#left--
      return
    }
  }

  #next(): [Viewer, LookNow] {
    let next = this.#round.next()
    if (next.done === true) {
      this.#round = this.#told.entries()
      next = this.#round.next()
    }
    return next.value
  }

  #tell(viewer: Viewer, told: LookNow): void {
    const look = this.#look as LookNow
    this.#told.set(viewer, look)
    const message = this.#messages.has(told) ? this.#messages.get(told) : this.#between(told, look)
    if (message !== undefined && viewer.isOpen) viewer.send(message)
  }

  #between(told: LookNow, look: LookNow): LiveMessage | undefined {
    // Who stood in the last season did not leave this one.
    const began = told.season !== look.season
    const changes = began ? [] : changesOf(told.entries, look.entries)
    const message = isSame(told, look)
      ? undefined
      : this.#message({ ...look, ...(began && { began }), changes })
    this.#messages.set(told, message)
    return message
  }

  // Those who come now are told the look that is under way to the others.
  #lookOrNow(): LookNow {
    this.#look ??= this.#lookNow()
    return this.#look
  }

  #lookNow(sequence?: number): LookNow {
    const look = this.#lookAt(this.#subject, sequence)
    this.#seen = look.sequence
    this.#lookedMs = performance.now()
    return look
  }

  // A season may begin without a commit.
  #message(state: LookNow & { began?: boolean; changes: unknown[] }): LiveMessage {
    const { sequence, window, from = 0 } = state
    const id = `${this.#boot}-${sequence}${window === undefined ? '' : `-${from}`}`
    return { id, bytes: Buffer.from(writeJson(state)), viewers: this.size }
  }
}

/** Looks at a subject in a store in a directory. */
export function lookIn(
  store: Leaderboards,
  subject: LiveSubject,
  sequence: number = store.sequence,
): LookNow {
  const { board: name, top, playerId, rankMode } = subject
  const board = seenOf(store.openBoard(name) as Leaderboard<Score>, subject)
  const season = seasonSeen(board)
  const entry = playerId === undefined ? undefined : board.get(playerId, { rankMode })
  const entries = playerId === undefined ? board.top(top, { rankMode }) : entry && [entry]
  const look = { sequence, ...season, total: board.size, entries: entries ?? [] }
  // A border between two of these reads.
  return seasonSeen(board)?.season === season?.season ? look : lookIn(store, subject, sequence)
}

function isSame(before: LookNow, now: LookNow): boolean {
  return (
    before.season === now.season &&
    before.total === now.total &&
    changesOf(before.entries, now.entries).length === 0
  )
}
