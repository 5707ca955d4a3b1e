/**
 * What pages of other origins are told: only those that are named may ask.
 *
 * @module
 */

import type { Gate } from './gate.ts'

const EXPOSED = 'ETag, Retry-After, Location'
const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const HEADERS =
  'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Ladderdb-Signature'

/** Adds what the page of another origin needs to read an answer. */
export function withOrigin(response: Response, request: Request, gate: Gate): Response {
  const origin = gate.otherOrigin(request.headers)
  if (origin === undefined) return response
  response.headers.set('Access-Control-Allow-Origin', origin)
  response.headers.set('Access-Control-Expose-Headers', EXPOSED)
  response.headers.append('Vary', 'Origin')
  return response
}

/** Answers a page that asks whether it may ask. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...{ 'Access-Control-Allow-Methods': METHODS, 'Access-Control-Allow-Headers': HEADERS },
      ...{ 'Access-Control-Max-Age': '600' },
    },
  })
}

/**
 * Returns origins as browsers send them: without a path, and without a slash at the end.
 *
 * @throws {TypeError} for one that cannot be.
 */
export function originsOf(origins: readonly string[]): string[] {
  return origins.map((origin) => {
    const isOne = URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol)
    if (isOne && new URL(origin).href === `${new URL(origin).origin}/`)
      return new URL(origin).origin
    throw new TypeError(
      `Cannot use "${origin}" as an origin: it must be like https://example.com, without a path`,
    )
  })
}
