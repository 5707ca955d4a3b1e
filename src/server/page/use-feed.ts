/**
 * What a board shows now, kept up to date.
 *
 * @module
 */

import { useEffect, useState } from 'preact/hooks'
import type { UpdateJson } from './answers.ts'
import type { AskError } from './api.ts'
import { type FeedState, openFeed } from './feed.ts'
import type { PagePlace } from './place.ts'

/** What is known of what is watched. */
export interface FeedView {
  state: FeedState
  /** Undefined until the first one. */
  update?: UpdateJson
  /** The season that began while this was watched; null if none did. */
  began?: string | null
  /** When the last one came, or the feed was lost; milliseconds. */
  sinceMs: number
  problem?: AskError
}

/** Most are shown together: rows that move for longer than they stand are not read. */
const SHOW_MS = 250

/** Watches a board, or a season of it, as the place says. */
export function useFeed(
  board: string | undefined,
  {
    window,
    season,
    rows,
    ranks,
    keyCount,
  }: Omit<PagePlace, 'player' | 'board' | 'first'> & { keyCount: number },
): FeedView {
  const [view, setView] = useState<FeedView>({ state: 'connecting', sinceMs: 0 })
  useEffect(() => {
    setView({ state: 'connecting', sinceMs: performance.now() })
    if (board === undefined) return undefined
    const show = new Pace((update: UpdateJson) =>
      setView((before) => ({
        ...{ state: 'live', update, sinceMs: performance.now() },
        began: begunBy(update, before),
      })),
    )
    const query = { top: rows, window, season, rankMode: ranks }
    const end = openFeed(board, query, {
      onUpdate: (update) => show.take(update),
      onState: (state) => {
        if (state === 'stale') setView((before) => staled(before))
      },
      onRefused: (problem) => setView({ state: 'stale', problem, sinceMs: performance.now() }),
    })
    return () => {
      end()
      show.end()
    }
  }, [board, window, season, rows, ranks, keyCount])
  return view
}

// Told by the seasons themselves: the message that says so may be one that was passed over.
function begunBy({ season }: UpdateJson, { update, began }: FeedView): string | null {
  if (update === undefined || update.season === season) return began ?? null
  return season ?? null
}

// The moment at which it was lost stays, however often it is tried to come back.
function staled(before: FeedView): FeedView {
  return before.state === 'stale'
    ? before
    : { ...before, state: 'stale', sinceMs: performance.now() }
}

/** Passes on the newest of what comes, at most every so often. */
export class Pace<T> {
  readonly #show: (value: T) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #next: { value: T } | undefined
  #shownMs = -SHOW_MS

  constructor(show: (value: T) => void) {
    this.#show = show
  }

  take(value: T): void {
    this.#next = { value }
    this.#timer ??= setTimeout(
      () => this.#pass(),
      Math.max(0, this.#shownMs + SHOW_MS - performance.now()),
    )
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#next = undefined
  }

  #pass(): void {
    this.#timer = undefined
    this.#shownMs = performance.now()
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) this.#show(next.value)
  }
}
