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
