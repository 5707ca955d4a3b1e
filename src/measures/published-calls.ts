/**
 * Publishes calls of boards and stores to those who listen, see ground/channels.ts.
 *
 * The methods of the table of calls are put in a cover that looks whether anybody listens. What a call asks of
 * others on its way is part of it, and is not published by itself.
 *
 * @module
 */

import { CALLS } from '../calls/table.ts'
import {
  CALL_CHANNEL,
  type CallMessage,
  COMMIT_CHANNEL,
  type CommitMessage,
} from '../ground/channels.ts'

/** Which store and board an object is of; undefined for one of the store's own use, whose calls are not published. */
export type PlaceOf = (target: object) => Pick<CallMessage, 'store' | 'board'> | undefined

type Method = (this: object, ...given: unknown[]) => unknown

// Iterations last as long as their consumer likes, snapshots publish the calls inside, and a handle of a board
// asks nothing yet.
const UNTIMED: readonly string[] = [
  'board',
  'openBoard',
  'window',
  'entries',
  'watch',
  'follow',
  'dump',
  'snapshot',
  'close',
  'metrics',
]

let depth = 0

/** Covers the calls that a class has of its own. */
export function publishCalls(prototype: object, placeOf: PlaceOf): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (Object.hasOwn(CALLS, name) && typeof value === 'function' && !UNTIMED.includes(name))
      Object.defineProperty(prototype, name, {
        ...{ value: covered(name, value as Method, placeOf), writable: true, configurable: true },
      })
}

/** Covers the calls that a class has of its own and from all classes above it, which no other class may have covered. */
export function publishAllCalls(prototype: object, placeOf: PlaceOf): void {
  for (let one = prototype; one !== Object.prototype; one = Object.getPrototypeOf(one))
    publishCalls(one, placeOf)
}

function covered(name: string, plain: Method, placeOf: PlaceOf): Method {
  // With arguments: what a call was given tells it from one without.
  function call(this: object): unknown {
    if (!CALL_CHANNEL.hasSubscribers || depth > 0) return plain.apply(this, arguments as never)
    const place = placeOf(this)
    if (place === undefined) return plain.apply(this, arguments as never)
    return timed(this, { name, plain, place, given: arguments })
  }
  return Object.defineProperty(call, 'name', { value: name })
}

interface Covered {
  name: string
  plain: Method
  place: Pick<CallMessage, 'store' | 'board'>
  given: IArguments
}

function timed(target: object, { name, plain, place, given }: Covered): unknown {
  const start = performance.now()
  const publish = (error?: unknown): void =>
    CALL_CHANNEL.publish({
      ...{ call: name, ...place },
      ...{ ms: performance.now() - start, error },
    } satisfies CallMessage)
  let answer: unknown
  depth++
  try {
    answer = plain.apply(target, given as never)
  } catch (error) {
    publish(error)
    throw error
  } finally {
    depth--
  }
  if (answer instanceof Promise) return settled(answer, publish)
  publish()
  return answer
}

// Awaits, because a second reaction beside the caller's hides the caller from V8's asynchronous stacks.
async function settled(answer: Promise<unknown>, publish: (error?: unknown) => void) {
  try {
    const value = await answer
    publish()
    return value
  } catch (error) {
    publish(error)
    throw error
  }
}

/** Publishes a commit that takes a while, if it is made and somebody listens. */
export function publishedCommit<T>(
  store: string,
  changes: number,
  commit: () => Promise<T>,
): Promise<T> {
  return changes > 0 && COMMIT_CHANNEL.hasSubscribers
    ? timedCommit(store, changes, commit)
    : commit()
}

async function timedCommit<T>(
  store: string,
  changes: number,
  commit: () => Promise<T>,
): Promise<T> {
  const start = performance.now()
  const answer = await commit()
  const ms = performance.now() - start
  COMMIT_CHANNEL.publish({ store, changes, ms } satisfies CommitMessage)
  return answer
}
