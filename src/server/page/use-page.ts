/**
 * A later page of a board: its first page is live, the others are looked at again and again.
 *
 * @module
 */

import { useState } from 'preact/hooks'
import type { EntryJson } from './answers.ts'
import { ask } from './api.ts'
import type { PagePlace } from './place.ts'
import type { FeedView } from './use-feed.ts'
import { useLooks } from './use-looks.ts'

const LOOK_MS = 5_000

/** Which page of which board. */
export interface AskedPage {
  board: string
  place: PagePlace
  feed: FeedView
  keyCount: number
}

/** Returns the entries of the page that the place names; undefined until they are known. */
export function usePage({
  board,
  place,
  feed,
  keyCount,
}: AskedPage): readonly EntryJson[] | undefined {
  const { window, season, ranks: rankMode, rows, first } = place
  const [later, setLater] = useState<{ first: number; entries: EntryJson[] }>()
  // What was shown stays while the server does not answer: the status says that it is stale.
  const look = (signal: AbortSignal): Promise<void> =>
    ask<{ entries: EntryJson[] }>('GET', ['boards', board, 'entries'], {
      query: { first, last: first + rows - 1, window, season, rankMode },
      signal,
    })
      .then(({ entries }) => setLater({ first, entries }))
      .catch(() => undefined)
  const inputs = [board, window, season, rankMode, rows, first, keyCount, feed.update?.sequence]
  useLooks(first === 1 ? undefined : look, { everyMs: LOOK_MS, inputs })
  if (first === 1) return feed.update?.entries
  return later?.first === first ? later.entries : undefined
}
