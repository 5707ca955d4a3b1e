/**
 * Watching a part of a board: what changed between one look and the next.
 *
 * Nothing is registered with a writer. A watcher reads the number of the last commit now and then,
 * which costs microseconds, and only where it moved does it read what it watches and compare. So
 * commits of other processes are seen like those of this one, no writer ever waits, and a consumer
 * that is slow finds the sum of what happened: it loses states in between, never the last one.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Look, updateAfter } from '../calls/looks.ts'
import type { Score, WatchUpdate } from '../words/index.ts'

/** How a watcher looks; undefined where the store was closed. */
export interface Watched {
  /** Number of the last commit. */
  sequence: () => number | undefined
  /** The season that is on: a new one begins without a commit. Undefined if a board is watched. */
  season?: (() => string | undefined) | undefined
  look: () => Look
}

/**
 * Yields what is there, then what changed, until the signal says so or the store is closed. Errors
 * of reads end it, like that of a board that was dropped.
 *
 * @throws {LadderError} `CLOSED` if the store was closed before it began.
 */
export async function* watch(
  watched: Watched,
  options: { intervalMs: number; signal: AbortSignal | undefined },
): AsyncGenerator<WatchUpdate<Score>, void, undefined> {
  const { intervalMs, signal } = options
  let previous: Look | undefined
  while (signal?.aborted !== true) {
    const sequence = watched.sequence()
    // Closing ends a watch that is under way; one that begins afterwards is refused by its look.
    if (sequence === undefined && previous !== undefined) return
    const isNew =
      previous === undefined ||
      sequence !== previous.sequence ||
      watched.season?.() !== previous.season
    if (isNew) {
      const look = watched.look()
      const update = updateAfter(previous, look)
      previous = look
      if (update !== undefined) yield update
    }
    await sleep(intervalMs, undefined, signal && { signal }).catch(() => undefined)
  }
}
