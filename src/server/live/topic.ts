/**
 * What somebody watches, and everybody who watches the same: one look for all of them, serialised once.
 *
 * @module
 */

import { changesOf, writeJson } from '../../calls/index.ts'
import type { Entry, Leaderboard, Leaderboards, RankMode, Score } from '../../index.ts'
import { LIVE_SEASON_LOOK_MS, SEND_SLICE_MS } from '../limits.ts'
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
}

/** Somebody who watches. */
export interface Viewer {
  /** Takes a message, or ends itself if those before it are still on their way. */
  send(message: LiveMessage): void
  /** Is told that there will be no more, and why. */
  end(error: unknown): void
  readonly isOpen: boolean
}

interface LookNow extends Partial<SeenSeason> {
  sequence: number
  total: number
  entries: Entry<Score>[]
}

// Viewers that are sent to between two looks at the clock.
const STRIDE = 64

/** Everybody who watches one subject. */
export class Topic {
  readonly #subject: LiveSubject
  readonly #store: Leaderboards
  readonly #boot: string
  readonly #viewers = new Set<Viewer>()
  #look: LookNow | undefined
  #first: LiveMessage | undefined
  #isSending = false
  /** Number of the commit that was looked at last. */
  #seen = -1
  /** Before this time, by `performance.now`, nobody looks again. */
  #restsUntil = 0
  #lookedMs = 0

  constructor(subject: LiveSubject, parts: { store: Leaderboards; boot: string }) {
    this.#subject = subject
    this.#store = parts.store
    this.#boot = parts.boot
  }

  get size(): number {
    return this.#viewers.size
  }

  /** Adds a viewer, and tells it the state unless it has seen that. */
  add(viewer: Viewer, seen: string | undefined): void {
    const first = this.#firstMessage()
    this.#viewers.add(viewer)
    if (seen !== first.id) viewer.send(first)
  }

  remove(viewer: Viewer): void {
    this.#viewers.delete(viewer)
  }

  /** Ends all viewers. */
  end(error: unknown): void {
    for (const viewer of this.#viewers) viewer.end(error)
    this.#viewers.clear()
  }

  /** Whether there is a commit that was not looked at, and time to. */
  isDue(sequence: number, now: number): boolean {
    // The next season begins by the clock alone.
    const isNext = this.#subject.window !== undefined && now - this.#lookedMs > LIVE_SEASON_LOOK_MS
    return (this.#seen !== sequence || isNext) && !this.#isSending && now >= this.#restsUntil
  }

  /**
   * Looks, and tells everybody what is different; what comes meanwhile is told together, next time.
   *
   * @throws {LadderError} `NO_BOARD` if the board is gone, and those of reads.
   */
  update(sequence: number): void {
    const before = this.#look
    const look = this.#lookNow(sequence)
    // Who stood in the last season did not leave this one.
    const began = before !== undefined && before.season !== look.season
    const changes = before === undefined || began ? [] : changesOf(before.entries, look.entries)
    const isSame = !began && changes.length === 0 && before?.total === look.total
    if (before !== undefined && isSame) return
    this.#look = look
    this.#first = undefined
    this.#sendAll(this.#message({ ...look, ...(began && { began }), changes }))
  }

  // Those who come now are told what everybody was told last, so that what follows follows on that.
  #firstMessage(): LiveMessage {
    this.#look ??= this.#lookNow(this.#store.sequence)
    this.#first ??= this.#message({ ...this.#look, changes: [] })
    return this.#first
  }

  #lookNow(sequence: number): LookNow {
    const { board: name, top, playerId, rankMode } = this.#subject
    const board = seenOf(this.#store.openBoard(name) as Leaderboard<Score>, this.#subject)
    this.#seen = sequence
    this.#lookedMs = performance.now()
    const season = seasonSeen(board)
    const entry = playerId === undefined ? undefined : board.get(playerId, { rankMode })
    const entries = playerId === undefined ? board.top(top, { rankMode }) : entry && [entry]
    const look = { sequence, ...season, total: board.size, entries: entries ?? [] }
    // A border between two of these reads.
    return seasonSeen(board)?.season === season?.season ? look : this.#lookNow(sequence)
  }

  // A season may begin without a commit.
  #message(state: LookNow & { began?: boolean; changes: unknown[] }): LiveMessage {
    const { sequence, window, from = 0 } = state
    const id = `${this.#boot}-${sequence}${window === undefined ? '' : `-${from}`}`
    return { id, bytes: Buffer.from(writeJson(state)) }
  }

  // In slices, between which submits and questions get their turns.
  #sendAll(message: LiveMessage): void {
    const viewers = [...this.#viewers]
    const start = performance.now()
    this.#isSending = true
    const slice = (from: number): void => {
      const end = sendUntil(viewers, { message, from })
      if (end < viewers.length) {
        setImmediate(() => slice(end))
        return
      }
      this.#isSending = false
      // With many viewers, a fifth of the time at least is for others.
      const now = performance.now()
      this.#restsUntil = now + (now - start) / 4
    }
    slice(0)
  }
}

function sendUntil(
  viewers: readonly Viewer[],
  { message, from }: { message: LiveMessage; from: number },
): number {
  const start = performance.now()
  for (let i = from; i < viewers.length; i++) {
    const viewer = viewers[i] as Viewer
    if (viewer.isOpen) viewer.send(message)
    if (i % STRIDE === 0 && performance.now() - start > SEND_SLICE_MS) return i + 1
  }
  return viewers.length
}
