/**
 * From a request of a route to its answer.
 *
 *     who asks? ──► query, body ──► the call ──► JSON
 *                        └─► the same was asked in this commit: the same answer, or 304
 *
 * @module
 */

import type { Context } from 'hono'
import { writeJson } from '../calls/index.ts'
import type { Leaderboard, Leaderboards, Score } from '../index.ts'
import type { BackupMaker } from './backups/maker.ts'
import { parseBody, readBody } from './body.ts'
import { type ClientAddress, FORWARDED_HEADER, type ServerEnv } from './client-address.ts'
import { withOrigin } from './cors.ts'
import type { Caller, Gate } from './gate.ts'
import { lightResponse } from './light-response.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { openEventStream } from './live/event-stream.ts'
import type { Hub } from './live/hub.ts'
import { LIVE_ROUTE, subjectOf } from './live/subject.ts'
import type { Addresses } from './live/upgrades.ts'
import { LookCache } from './look-cache.ts'
import type { Overload } from './overload.ts'
import { problemOf } from './problem.ts'
import type { PrometheusMetrics } from './prometheus.ts'
import { checkEscapes, checkSize, readArguments, readQuery } from './query.ts'
import { settled } from './routes/derived.ts'
import { Answer, type Asked, boardOf, type Route } from './routes/route.ts'
import { checkSignature } from './signature.ts'

/** What the handlers of all routes share. */
export interface ServerParts {
  readonly store: Leaderboards
  readonly gate: Gate
  readonly backups: BackupMaker | undefined
  readonly clock: () => number
  /** Random for each server: after a restore, other commits have the numbers of earlier ones. */
  readonly boot: string
  readonly hub: Hub
  readonly addresses: Addresses
  readonly overload: Overload
  /** Refuses a request of an address that asks too often. */
  readonly admit?: ((address: string) => Promise<void>) | undefined
  /** Whose address counts. */
  readonly clientOf: ClientAddress
  /** Told of failures that are not the caller's. */
  readonly onError: (error: unknown) => void
}

const JSON_TYPE = 'application/json; charset=utf-8'

/** Answers the requests of all routes. */
export class Handler {
  readonly #parts: ServerParts
  readonly #looks = new LookCache()
  readonly #Response = lightResponse()

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  /** Answers a request of a route; what fails is answered too. At once, unless a body or a change takes time. */
  answer(context: Context, route: Route): Response | Promise<Response> {
    const { raw } = context.req
    const response = this.#answered(() => this.#admit(context, route))
    if (!raw.headers.has('origin')) return response
    const { gate } = this.#parts
    if (!(response instanceof Promise)) return withOrigin(response, raw, gate)
    return response.then((answer) => withOrigin(answer, raw, gate))
  }

  #answered(answer: () => Response | Promise<Response>): Response | Promise<Response> {
    try {
      const response = answer()
      if (!(response instanceof Promise)) return response
      return response.catch((error: unknown) => this.fail(error))
    } catch (error) {
      return this.fail(error)
    }
  }

  #admit(context: Context, route: Route): Response | Promise<Response> {
    const { overload, admit } = this.#parts
    overload.check(route.method !== 'GET' && route.role !== 'read')
    if (admit === undefined) return this.#answer(context, route)
    return admit(this.#clientOf(context)).then(() => this.#answer(context, route))
  }

  #answer(context: Context, route: Route): Response | Promise<Response> {
    const { raw } = context.req
    const env = context.env as ServerEnv
    const { role, maySign = false } = route
    const caller = this.#parts.gate.check(raw, env, { role, maySign })
    if (route.isLook && route.body === undefined) return this.#look(context, route, caller)
    return this.#run(context, route, caller)
  }

  #clientOf({ env, req }: Context): string {
    return this.#parts.clientOf(env as ServerEnv, req.raw.headers.get(FORWARDED_HEADER))
  }

  /** Answers who wants to watch by server-sent events. */
  async watch(context: Context): Promise<Response> {
    const { gate, hub, addresses } = this.#parts
    const { raw } = context.req
    const env = context.env as ServerEnv
    const open = async (): Promise<Response> => {
      this.#parts.overload.check(false)
      const address = this.#clientOf(context)
      await this.#parts.admit?.(address)
      gate.check(raw, env, { role: LIVE_ROUTE.role })
      const { url } = raw
      checkEscapes(url.split('?')[0] ?? '', 'path')
      const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
      const subject = subjectOf(context.req.param('board') ?? '', search)
      return openEventStream(subject, {
        ...{ hub, leave: addresses.add(address) },
        seen: context.req.header('last-event-id'),
        cut: () => env.outgoing?.destroy(),
      })
    }
    const response = await open().catch((error) => this.fail(error))
    return raw.headers.has('origin') ? withOrigin(response, raw, gate) : response
  }

  /** Answers a scrape of the metrics, which nobody may make without a key but a program of this machine. */
  async metrics(context: Context, metrics: () => PrometheusMetrics): Promise<Response> {
    try {
      const { raw } = context.req
      const env = context.env as ServerEnv
      this.#parts.gate.check(raw, env, { role: 'read', isPrivate: true })
      const told = metrics()
      const headers = { 'Content-Type': told.contentType, ...COMMON, 'Cache-Control': 'no-store' }
      return new Response(await told.text(), { headers })
    } catch (error) {
      return this.fail(error)
    }
  }

  /** Returns the answer of a failure. */
  fail(error: unknown): Response {
    const { status, headers, body } = problemOf(error)
    if (status >= 500 && body.retryAfterMs === undefined) this.#parts.onError(error)
    return new this.#Response(writeJson(body), {
      status,
      headers: { 'Content-Type': 'application/problem+json', ...COMMON, ...headers },
    })
  }

  // The number is read before the answer is: one that is newer than its number is only asked for once more.
  #look(context: Context, route: Route, caller: Caller): Response | Promise<Response> {
    const { sequence } = this.#parts.store
    const etag = `"${this.#parts.boot}-${sequence}"`
    const headers = { ...COMMON, 'Cache-Control': 'no-cache', ETag: etag }
    const isSame = context.req.header('if-none-match')?.includes(etag) === true
    const send = (text: string): Response =>
      isSame
        ? new this.#Response(null, { status: 304, headers })
        : new this.#Response(text, {
            status: 200,
            headers: { 'Content-Type': JSON_TYPE, ...headers },
          })
    const { url } = context.req
    const question = url.slice(url.indexOf('/', url.indexOf(':') + 3))
    const known = this.#looks.get(question, sequence)
    if (known !== undefined) return send(known)
    const asked = this.#asked(context, route, { body: {}, caller })
    // Which season is on is a matter of the clock, too.
    if (asked.given['window'] !== undefined)
      return settled(route.run(asked), (answer) => this.#answerOf(answer))
    if (isSame) return send('')
    return settled(route.run(asked), (answer) => {
      const text = writeJson(answer)
      this.#looks.set(question, text, sequence)
      return send(text)
    })
  }

  async #run(context: Context, route: Route, caller: Caller): Promise<Response> {
    const { bodyBytesMax = BODY_BYTES_MAX } = route
    const { raw } = context.req
    const bytes = route.body === undefined ? undefined : await readBody(raw, bodyBytesMax)
    if (caller.signed !== undefined) this.#checkSigned(raw, caller.signed, bytes)
    const body = bytes === undefined ? {} : parseBody(bytes)
    return this.#answerOf(await route.run(this.#asked(context, route, { body, caller })))
  }

  #answerOf(answer: unknown): Response {
    const { status, body, headers } = answer instanceof Answer ? answer : new Answer(200, answer)
    return new this.#Response(writeJson(body), {
      status,
      headers: { 'Content-Type': JSON_TYPE, ...COMMON, 'Cache-Control': 'no-store', ...headers },
    })
  }

  #checkSigned(
    { method, url }: Request,
    signed: NonNullable<Caller['signed']>,
    body: Uint8Array = new Uint8Array(),
  ): void {
    const { pathname, search } = new URL(url)
    const { signature, secret } = signed
    checkSignature(signature, { secret, method, path: `${pathname}${search}`, body })
  }

  #asked(context: Context, route: Route, from: { body: unknown; caller: Caller }): Asked {
    const { store, backups, clock } = this.#parts
    const { url } = context.req
    const start = url.indexOf('?')
    checkEscapes(start < 0 ? url : url.slice(0, start), 'path')
    const path = context.req.param() as Record<string, string>
    const board = (): Leaderboard<Score> | undefined =>
      path['board'] === undefined ? undefined : boardOf({ store, path })
    const search = start < 0 ? '' : url.slice(start)
    const query = readQuery(search, { route, board })
    const { given, items } =
      route.body === undefined ? NO_ARGUMENTS : readArguments(from.body, route)
    for (const name of Object.keys(query))
      if (Object.hasOwn(given, name))
        throw new TypeError(`Cannot use ${name} in query and body: give it once`)
    const named = withActor({ ...query, ...given }, route, from.caller)
    checkSize(named)
    const idempotencyKey = keyOf(context, from.caller)
    return {
      ...{ store, path, given: named, items, idempotencyKey, backups },
      now: clock(),
      // Made only if a call takes it: it costs as much as a read.
      get signal() {
        return context.req.raw.signal
      },
    }
  }
}

// The nonce of a signature takes its place: what is sent again counts once.
function keyOf({ req }: Context, { signed }: Caller): string | undefined {
  const key = req.header('idempotency-key')
  if (signed === undefined) return key
  const { nonce } = signed.signature
  if (key === undefined || key === nonce) return nonce
  throw new TypeError('Cannot use Idempotency-Key with another nonce: give one')
}

const NO_ARGUMENTS = { given: {}, items: undefined }
const COMMON = { 'X-Content-Type-Options': 'nosniff' } as const

// Who did it is who has the key, unless the request says otherwise.
function withActor(given: Asked['given'], route: Route, { name }: Caller): Asked['given'] {
  const takesActor = Object.hasOwn(route.body?.fields ?? route.query, 'actor')
  return takesActor && name !== undefined ? { actor: name, ...given } : given
}
