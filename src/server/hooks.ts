/**
 * The host's own functions that a server tells of what happened. What they throw is a fault of the host, and no reason
 * to leave a request without its answer, or to call a change failed that is stored.
 *
 * @module
 */

/** Is told of one thing. */
type Hook<T> = (what: T) => void

/** Returns a hook that never throws: what `hook` throws is told to `onError`. */
export function safeHook<T>(hook: Hook<T>, onError: Hook<unknown>): Hook<T> {
  return (what) => {
    try {
      hook(what)
    } catch (error) {
      onError(error)
    }
  }
}

/** Returns an `onError` that never throws: what it throws is told as a warning of the process. */
export function safeErrorHook(onError: Hook<unknown>): Hook<unknown> {
  return (error) => {
    try {
      onError(error)
    } catch (cause) {
      const warning = new Error(
        `Cannot tell of a failure of the server: onError threw "${textOf(cause)}" when it heard of "${textOf(error)}"; catch in it what can fail`,
        { cause },
      )
      process.emitWarning(Object.assign(warning, { name: 'Warning', code: 'LADDERDB_ON_ERROR' }))
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
