/**
 * An answer that is asked for when it is first needed, and again when something was done.
 *
 * @module
 */

import { useCallback, useEffect, useState } from 'preact/hooks'
import { ask, type Query } from '../api.ts'

export interface Answered<T> {
  answer?: T
  problem?: Error
}

/** Asks, again every `everyMs` if that is given; `look` asks at once. */
export function useAnswer<T>(
  path: readonly string[],
  { query = {}, everyMs }: { query?: Query; everyMs?: number } = {},
): Answered<T> & { look: () => void } {
  const [state, setState] = useState<Answered<T>>({})
  const [count, setCount] = useState(0)
  const asked = JSON.stringify([path, query])
  useEffect(() => {
    const aborter = new AbortController()
    ask<T>('GET', path, { query, signal: aborter.signal })
      .then((answer) => setState({ answer }))
      .catch((problem) => {
        if (!aborter.signal.aborted) setState((before) => ({ ...before, problem }))
      })
    return () => aborter.abort()
  }, [asked, count])
  const look = useCallback(() => setCount((before) => before + 1), [])
  useEffect(() => {
    if (everyMs === undefined) return undefined
    const timer = setInterval(look, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return { ...state, look }
}
