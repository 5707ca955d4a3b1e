/**
 * The class of answers that go out quickly.
 *
 * The adapter to Node has a `Response` of its own, which it sends as it is, where the one of the platform costs a
 * stream for each body. It would put it in the place of the global one, which belongs to the host: so it does for
 * an instant, in which nobody else runs, and the class is taken from there.
 *
 * @module
 */

import { loadPackage } from './packages.ts'

let known: typeof Response | undefined

/** Returns the class. */
export function lightResponse(): typeof Response {
  known ??= taken()
  return known
}

function taken(): typeof Response {
  const { getRequestListener } = loadPackage('@hono/node-server')
  const own = (['Request', 'Response'] as const).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  )
  try {
    getRequestListener(() => new Response(), { overrideGlobalObjects: true })
    return globalThis.Response
  } finally {
    for (const [name, descriptor] of own)
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor)
  }
}
