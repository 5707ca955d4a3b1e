/**
 * Whether what is shown is what is so now.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { AskError } from './api.ts'
import { durationText } from './text.ts'
import type { FeedView } from './use-feed.ts'

interface StatusProps {
  feed: FeedView
  problem: AskError | undefined
  hasBoard: boolean
}

export function Status({ feed, problem, hasBoard }: StatusProps): VNode {
  const state = stateOf({ feed, problem, hasBoard })
  return (
    <p class={`status ${state}`}>
      <span role="status">{WORDS[state]}</span>
      {state === 'stale' && <Since ms={feed.sinceMs} />}
    </p>
  )
}

function stateOf({ feed, problem, hasBoard }: StatusProps): keyof typeof WORDS {
  if (problem !== undefined) return problem.code === 'OFFLINE' ? 'stale' : 'refused'
  return hasBoard ? feed.state : 'idle'
}

const WORDS = {
  idle: '',
  refused: 'not live',
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
