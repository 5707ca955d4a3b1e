/**
 * Asks again and again, as long as something is shown.
 *
 * @module
 */

import { useEffect } from 'preact/hooks'

/** How often to look, and what makes what is seen another. */
interface Looks {
  everyMs: number
  inputs: readonly unknown[]
}

/**
 * Calls `look` at once, again and again, and whenever an input is another; undefined: there is nothing to look at.
 * The signal is aborted when what it asks for is not shown any more.
 */
export function useLooks(
  look: ((signal: AbortSignal) => Promise<void>) | undefined,
  { everyMs, inputs }: Looks,
): void {
  useEffect(() => {
    if (look === undefined) return undefined
    const aborter = new AbortController()
    const lookOnce = (): void => void look(aborter.signal)
    lookOnce()
    const timer = setInterval(lookOnce, everyMs)
    return () => {
      aborter.abort()
      clearInterval(timer)
    }
  }, inputs)
}
