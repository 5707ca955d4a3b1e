/**
 * Where a call was made, for the stack of its failure.
 *
 * What fails on the way to the disk fails in answer to LMDB's thread or to the system: its stack has
 * no line of the program that asked for it. So the stack is taken at the call and put in front of that
 * of the error if there is one.
 *
 * @module
 */

import { LadderError } from './errors.ts'
import { fileError } from './system-errors.ts'

/** The stack of a call, which is put into words only if it is asked for. */
export interface CallSite {
  stack?: string
}

const placed = new WeakSet<Error>()

/** Returns where `callee` was called from. Cost: some microseconds. */
export function callSiteOf(callee: (...values: never[]) => unknown): CallSite {
  const site: CallSite = {}
  Error.captureStackTrace(site, callee)
  return site
}

/**
 * Runs `work` for a caller, who is named in the stack of its failure. A failure of the system is told
 * as one of `action`; without an action it is passed on, as one of the caller's own stream is.
 */
export function forCaller<T>(action: string | undefined, work: () => Promise<T>): Promise<T> {
  const site = callSiteOf(forCaller)
  return work().catch((error: unknown) => {
    throw calledFrom(action === undefined ? error : fileError(action, error), site)
  })
}

/**
 * Names a caller in the stack of a failure: `site` or, without one, the function that awaits the answer, which V8 knows. By
 * `then`, for an async function allocates four times as much, and each submit comes by here.
 */
export function namingCaller<T>(answer: Promise<T>, site: CallSite | undefined): Promise<T> {
  const fail = (error: unknown): never => {
    throw calledFrom(error, site ?? callSiteOf(fail))
  }
  return answer.then(undefined, fail)
}

/**
 * Returns the error with the frames of the call in front of its own. One that several calls failed
 * with is made once for each of them.
 */
export function calledFrom(error: unknown, site: CallSite): unknown {
  if (!(error instanceof Error)) return error
  const frames = framesOf(site.stack)
  if (frames === '') return error
  const own = placed.has(error) && error instanceof LadderError ? copyOf(error) : error
  const stack = own.stack ?? String(own)
  // What failed before anything was waited for has its caller in it already.
  if (stack.includes(frames.split('\n')[1] as string)) return own
  const rest = framesOf(stack)
  own.stack = stack.slice(0, stack.length - rest.length) + frames + rest
  placed.add(own)
  return own
}

function copyOf(error: LadderError): LadderError {
  return new LadderError(error.code, error.message, { cause: error.cause })
}

// From the first line "    at …" on.
function framesOf(stack: string | undefined): string {
  const start = stack?.search(/\n {4}at /) ?? -1
  return start < 0 ? '' : (stack as string).slice(start)
}
