/**
 * The hub of everybody who watches: it looks for commits, of every process, and at what they changed.
 *
 *     commits ──► the number of the last one, every 5 ms ───► topics that it may concern ──► one look each
 *                 or as soon as the server made one                └─► one message for all who watch the same
 *
 * Nothing is registered with a writer: no submit waits for a viewer. Looking and telling take turns of some
 * milliseconds, between which requests get theirs.
 *
 * @module
 */

import type { Leaderboards } from '../../index.ts'
import { LIVE_LOOK_MS, LOOK_REST, LOOK_SLICE_MS, SEND_SLICE_MS, TOPICS_MAX } from '../limits.ts'
import { HttpError } from '../problem.ts'
import { type LiveSubject, lookIn, Topic, type Viewer } from './topic.ts'

/** Everybody who watches, whatever the boards lie in. */
export interface LiveHub {
  /** How many watch. */
  readonly viewers: number
  /** How many different things they watch. */
  readonly topics: number
  /** Adds a viewer, who is told the state; returns how to take it away. */
  add(subject: LiveSubject, viewer: Viewer, seen?: string): (() => void) | Promise<() => void>
  /** Says that this server made a change. */
  soon(): void
  /** Ends everybody. */
  end(error: unknown): void
}

/** Everybody who watches a store in a directory. */
export class Hub implements LiveHub {
  readonly #store: Leaderboards
  readonly #boot: string
  readonly #topics = new Map<string, Topic>()
  // Topics of which somebody is not told yet.
  readonly #behind = new Set<Topic>()
  #timer: NodeJS.Timeout | undefined
  #isSoon = false
  /** Before this time, by `performance.now`, nothing is looked at again. */
  #restsUntil = 0
  #order: [string, Topic][] = []
  #next = 0
  #count = 0

  constructor(store: Leaderboards, boot: string) {
    this.#store = store
    this.#boot = boot
  }

  /** How many watch. */
  get viewers(): number {
    return this.#count
  }

  get topics(): number {
    return this.#topics.size
  }

  /**
   * Adds a viewer, who is told the state at once; returns how to take it away. `seen` is the id of the
   * message that the viewer has.
   *
   * @throws {LadderError} `NO_BOARD`, and those of reads.
   * @throws {HttpError} `TOO_MANY_VIEWERS` if too many things are watched.
   */
  add(subject: LiveSubject, viewer: Viewer, seen?: string): () => void {
    const key = keyOfSubject(subject)
    const topic = this.#topics.get(key) ?? this.#topic(key, subject)
    try {
      topic.add(viewer, seen)
    } finally {
      this.#dropIfEmpty(key, topic)
    }
    this.#count++
    if (this.#timer === undefined) this.#schedule(LIVE_LOOK_MS)
    return once(() => {
      this.#count--
      topic.remove(viewer)
      this.#dropIfEmpty(key, topic)
    })
  }

  /** Says that a commit was made: it is looked at as soon as others had their turns. */
  soon(): void {
    if (this.#topics.size > 0) this.#schedule(this.#restsUntil - performance.now())
  }

  /** Ends everybody. */
  end(error: unknown): void {
    for (const topic of this.#topics.values()) topic.end(error)
    this.#topics.clear()
    this.#behind.clear()
    this.#stopIfIdle()
  }

  #topic(key: string, subject: LiveSubject): Topic {
    if (this.#topics.size >= TOPICS_MAX) throw tooManyTopics()
    const topic = new Topic(subject, {
      lookAt: (...at) => lookIn(this.#store, ...at),
      boot: this.#boot,
    })
    this.#topics.set(key, topic)
    return topic
  }

  #dropIfEmpty(key: string, topic: Topic): void {
    if (topic.size > 0 || this.#topics.get(key) !== topic) return
    this.#topics.delete(key)
    this.#behind.delete(topic)
    this.#stopIfIdle()
  }

  #stopIfIdle(): void {
    if (this.#topics.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(afterMs: number): void {
    if (this.#isSoon) return
    clearTimeout(this.#timer)
    this.#isSoon = afterMs < 1
    if (this.#isSoon) setImmediate(this.#turn)
    this.#timer = this.#isSoon ? undefined : setTimeout(this.#turn, afterMs)
  }

  readonly #turn = (): void => {
    this.#isSoon = false
    this.#timer = undefined
    if (this.#topics.size === 0) return
    const start = performance.now()
    if (start >= this.#restsUntil) this.#look(start)
    this.#send()
    if (this.#topics.size > 0) this.#schedule(this.#behind.size > 0 ? 0 : LIVE_LOOK_MS)
  }

  // Where thousands watch a player each, a round over all of them takes more than one turn.
  #look(start: number): void {
    let sequence: number
    try {
      sequence = this.#store.sequence
    } catch (error) {
      this.end(error)
      return
    }
    if (this.#next >= this.#order.length) {
      this.#order = [...this.#topics]
      this.#next = 0
    }
    let tookMs = 0
    while (this.#next < this.#order.length && tookMs <= LOOK_SLICE_MS) {
      const [key, topic] = this.#order[this.#next++] as [string, Topic]
      if (topic.isDue(sequence, start)) this.#update(key, topic, sequence)
      tookMs = performance.now() - start
    }
    // Where thousands of things are watched, at most a third of the time goes into looks.
    this.#restsUntil = Math.max(this.#restsUntil, start + LOOK_REST * tookMs + tookMs)
  }

  #update(key: string, topic: Topic, sequence: number): void {
    if (this.#topics.get(key) !== topic) return
    this.#restsUntil = performance.now() + LIVE_LOOK_MS
    try {
      topic.update(sequence)
      if (topic.isBehind) this.#behind.add(topic)
    } catch (error) {
      this.#topics.delete(key)
      this.#behind.delete(topic)
      topic.end(error)
      this.#stopIfIdle()
    }
  }

  // Who did not get to its end in this turn begins the next one at the end of the queue.
  #send(): void {
    const until = performance.now() + SEND_SLICE_MS
    for (const topic of [...this.#behind]) {
      this.#behind.delete(topic)
      topic.send(until)
      if (topic.isBehind) this.#behind.add(topic)
      if (performance.now() > until) return
    }
  }
}

/** Returns what tells a subject from all others. */
export function keyOfSubject(subject: LiveSubject): string {
  return JSON.stringify(subject, [...['board', 'top', 'playerId', 'rankMode', 'window', 'season']])
}

/** Returns the refusal of one thing more to be watched. */
export function tooManyTopics(): HttpError {
  return new HttpError(
    'TOO_MANY_VIEWERS',
    `Cannot watch this: ${TOPICS_MAX} different things are watched; ask for entries instead`,
  )
}

/** Returns an action that is done once, however often it is called. */
export function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    action()
  }
}
