/**
 * A later page of a board: its first page is live, the others are looked at again and again.
 *
 * @module
 */

import { useEffect, useState } from 'preact/hooks'
import type { EntryJson } from './answers.ts'
import { ask } from './api.ts'
import type { PagePlace } from './place.ts'
import type { FeedView } from './use-feed.ts'

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
  useEffect(() => {
    if (first === 1) return undefined
    const aborter = new AbortController()
    const query = { first, last: first + rows - 1, window, season, rankMode }
    // What was shown stays while the server does not answer: the status says that it is stale.
    const look = (): Promise<void> =>
      ask<{ entries: EntryJson[] }>('GET', ['boards', board, 'entries'], {
        query,
        signal: aborter.signal,
      })
        .then(({ entries }) => setLater({ first, entries }))
        .catch(() => undefined)
    void look()
    const timer = setInterval(look, LOOK_MS)
    return () => {
      aborter.abort()
      clearInterval(timer)
    }
  }, [board, window, season, rankMode, rows, first, keyCount, feed.update?.sequence])
  if (first === 1) return feed.update?.entries
  return later?.first === first ? later.entries : undefined
}
