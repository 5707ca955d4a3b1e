/**
 * Whether what is shown is what is so now.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { durationText } from './text.ts'
import type { FeedView } from './use-feed.ts'

export function Status({ feed, isReached }: { feed: FeedView; isReached: boolean }): VNode {
  const state = isReached ? feed.state : 'stale'
  return (
    <p class={`status ${state}`}>
      <span role="status">{WORDS[state]}</span>
      {state === 'stale' && <Since ms={feed.sinceMs} />}
    </p>
  )
}

const WORDS = {
  live: 'live',
  connecting: 'connecting',
  stale: 'stale: the server does not answer; it is tried again',
}

// Outside of what is read aloud: nobody wants to hear each second.
function Since({ ms }: { ms: number }): VNode {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return <span aria-hidden="true"> (since {durationText(now - ms)})</span>
}
