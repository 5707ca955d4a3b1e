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
import type { RemoteLeaderboards } from '../redis/index.ts'
import type { BackupMaker } from './backups/maker.ts'
import { parseBody, readBody } from './body.ts'
import { type ClientAddress, FORWARDED_HEADER, type ServerEnv } from './client-address.ts'
import { withOrigin } from './cors.ts'
import type { Caller, Gate, Sender } from './gate.ts'
import { lightResponse } from './light-response.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { openEventStream } from './live/event-stream.ts'
import type { LiveHub } from './live/hub.ts'
import { LIVE_ROUTE, subjectOf } from './live/subject.ts'
import type { Addresses } from './live/upgrades.ts'
import { LookCache } from './look-cache.ts'
import type { Overload } from './overload.ts'
import { problemOf } from './problem.ts'
import type { PrometheusMetrics } from './prometheus.ts'
import { checkEscapes, checkSize, readArguments, readQuery } from './query.ts'
import { storeForRequest } from './remote-store.ts'
import { settled } from './routes/derived.ts'
import { Answer, type Asked, boardOf, type Route } from './routes/route.ts'
import { checkSignature } from './signature.ts'

/** A request of a question, by whichever way it came in: as one of the Web's, or as Node has it. */
export interface Question {
  /** Who asks, for the gate. */
  readonly sender: Sender
  readonly env: ServerEnv
  /** Path and query, as they were sent. */
  readonly target: string
  /** What stands in the path, by the names in the route. */
  readonly path: Readonly<Record<string, string>>
  /** Returns what is aborted when the caller is gone. Only a call that takes it asks: it costs as much as a read. */
  readonly signal: () => AbortSignal
}

/** An answer before it is put into a form that goes out. */
export interface Plain {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** What the handlers of all routes share. */
export interface ServerParts {
  readonly store: Leaderboards
  /** In its place: boards on a server. */
  readonly remote: RemoteLeaderboards | undefined
  readonly gate: Gate
  readonly backups: BackupMaker | undefined
  readonly clock: () => number
  /** Random for each server: after a restore, other commits have the numbers of earlier ones. */
  readonly boot: string
  readonly hub: LiveHub
  readonly addresses: Addresses
  readonly overload: Overload
  /** Refuses a request of an address that asks too often. */
  readonly admit?: ((address: string) => Promise<void>) | undefined
  /** Whose address counts. */
  readonly clientOf: ClientAddress
  /** Told of failures that are not the caller's. */
  readonly onError: (error: unknown) => void
}

type Signed = NonNullable<Caller['signed']>

type LookHeaders = Readonly<Record<'ETag', string>> & Readonly<Record<string, string>>

const ANY_TAG = '*'
const JSON_TYPE = 'application/json; charset=utf-8'

/** Answers the requests of all routes. */
export class Handler {
  readonly #parts: ServerParts
  readonly #looks = new LookCache()
  readonly #Response = lightResponse()
  #lookHeaders: { sequence: number; headers: LookHeaders } | undefined

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  /** Answers a request of a route; what fails is answered too. At once, unless a body or a change takes time. */
  answer(context: Context, route: Route): Response | Promise<Response> {
    const { raw } = context.req
    const answer = this.#answered(() => this.#admit(context, route))
    const response = settled(answer, (plain) => this.#responseOf(plain as Plain))
    if (!raw.headers.has('origin')) return response
    const { gate } = this.#parts
    return settled(response, (one) => withOrigin(one as Response, raw, gate))
  }

  /**
   * Answers a question, or a change whose body came whole, of a server on which nobody's requests are counted
   * against a limit. It is not signed.
   */
  quick(question: Question, route: Route, body?: Uint8Array): Plain | Promise<Plain> {
    return this.#answered(() => {
      this.#parts.overload.check(isWrite(route))
      return body === undefined ? this.#look(question, route) : this.#run(question, route, body)
    })
  }

  /** Whether every request has to be counted first. */
  get isCounting(): boolean {
    return this.#parts.admit !== undefined
  }

  #answered(answer: () => Plain | Promise<Plain>): Plain | Promise<Plain> {
    try {
      const plain = answer()
      if (!(plain instanceof Promise)) return plain
      return plain.catch((error: unknown) => this.#failure(error))
    } catch (error) {
      return this.#failure(error)
    }
  }

  #admit(context: Context, route: Route): Plain | Promise<Plain> {
    const { overload, admit } = this.#parts
    overload.check(isWrite(route))
    if (admit === undefined) return this.#answer(context, route)
    return admit(this.#clientOf(context)).then(() => this.#answer(context, route))
  }

  #answer(context: Context, route: Route): Plain | Promise<Plain> {
    const question = questionOf(context)
    if (isLook(route)) return this.#look(question, route)
    return this.#run(question, route, context.req.raw)
  }

  #clientOf({ env, req }: Context): string {
    return this.#parts.clientOf(env as ServerEnv, req.raw.headers.get(FORWARDED_HEADER))
  }

  /** Answers who wants to watch by server-sent events. */
  async watch(context: Context): Promise<Response> {
    const { gate, hub, addresses } = this.#parts
    const { raw } = context.req
    const env = context.env as ServerEnv
    const { outgoing } = env
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
        cut: outgoing && (() => outgoing.destroy()),
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
    return this.#responseOf(this.#failure(error))
  }

  #failure(error: unknown): Plain {
    const { status, headers, body } = problemOf(error)
    if (status >= 500 && body.retryAfterMs === undefined) this.#parts.onError(error)
    return {
      status,
      headers: { 'Content-Type': 'application/problem+json', ...COMMON, ...headers },
      body: writeJson(body),
    }
  }

  #responseOf({ status, headers, body }: Plain): Response {
    return new this.#Response(body, { status, headers })
  }

  // The number is read before the answer is: one that is newer than its number is only asked for once more.
  #look(question: Question, route: Route): Plain | Promise<Plain> {
    const { sender, env, target } = question
    const caller = this.#parts.gate.check(sender, env, route)
    const { remote } = this.#parts
    if (remote !== undefined) return this.#lookRemote(remote, { question, route, caller })
    const { sequence } = this.#parts.store
    const headers = this.#headersOf(sequence)
    const tags = sender.headers.get('if-none-match')
    const isSame = tags?.includes(headers.ETag) === true
    const send = (text: string): Plain =>
      isSame || tags === ANY_TAG
        ? { status: 304, headers, body: null }
        : { status: 200, headers, body: text }
    const known = this.#looks.get(target, sequence)
    if (known !== undefined) return send(known)
    const { store } = this.#parts
    const asked = this.#asked(question, route, { store, body: {}, caller })
    // Which season is on is a matter of the clock, too.
    if (asked.given['window'] !== undefined)
      return settled(route.run(asked), (answer) => unlessAny(answerOf(answer), tags))
    if (isSame) return send('')
    return settled(route.run(asked), (answer) => {
      const text = writeJson(answer)
      this.#looks.set(target, text, sequence)
      return send(text)
    })
  }

  async #lookRemote(
    remote: RemoteLeaderboards,
    { question, route, caller }: { question: Question; route: Route; caller: Caller },
  ): Promise<Plain> {
    const store = await storeForRequest(remote, question.path, route)
    const asked = this.#asked(question, route, { store, body: {}, caller })
    return unlessAny(answerOf(await route.run(asked)), question.sender.headers.get('if-none-match'))
  }

  // One object for all looks of a commit.
  #headersOf(sequence: number): LookHeaders {
    if (this.#lookHeaders?.sequence === sequence) return this.#lookHeaders.headers
    const headers = {
      ...{ 'Content-Type': JSON_TYPE, ...COMMON, 'Cache-Control': 'no-cache' },
      ETag: `"${this.#parts.boot}-${sequence}"`,
    }
    this.#lookHeaders = { sequence, headers }
    return headers
  }

  // `from` is the body, or the request that it is still to be read from.
  async #run(question: Question, route: Route, from: Uint8Array | Request): Promise<Plain> {
    const { bodyBytesMax = BODY_BYTES_MAX } = route
    const { sender, env } = question
    const caller = this.#parts.gate.check(sender, env, route)
    const whole = from instanceof Uint8Array ? from : route.body && readBody(from, bodyBytesMax)
    const bytes = await whole
    if (caller.signed !== undefined) checkSigned(question, route, { ...caller.signed, body: bytes })
    const body = bytes === undefined ? {} : parseBody(bytes)
    const { remote } = this.#parts
    const store =
      remote === undefined ? this.#parts.store : await storeForRequest(remote, question.path, route)
    const asked = this.#asked(question, route, { store, body, caller })
    const answer = answerOf(await route.run(asked))
    if (route.role !== 'read') this.#parts.hub.soon()
    return route.method === 'GET' ? unlessAny(answer, sender.headers.get('if-none-match')) : answer
  }

  #asked(
    question: Question,
    route: Route,
    from: { store: Leaderboards; body: unknown; caller: Caller },
  ): Asked {
    const { backups, clock } = this.#parts
    const { store } = from
    const { target, path } = question
    const start = target.indexOf('?')
    checkEscapes(start < 0 ? target : target.slice(0, start), 'path')
    const board = (): Leaderboard<Score> | undefined =>
      path['board'] === undefined ? undefined : boardOf({ store, path })
    const search = start < 0 ? '' : target.slice(start)
    const query = readQuery(search, { route, board })
    const { given, items } =
      route.body === undefined ? NO_ARGUMENTS : readArguments(from.body, route)
    for (const name of Object.keys(query))
      if (Object.hasOwn(given, name))
        throw new TypeError(`Cannot use ${name} in query and body: give it once`)
    const named = withActor({ ...query, ...given }, route, from.caller)
    checkSize(named)
    const idempotencyKey = keyOf(question.sender, from.caller)
    return {
      ...{ store, path, given: named, items, idempotencyKey, backups },
      now: clock(),
      signal: question.signal,
    }
  }
}

// The nonce of a signature takes its place: what is sent again counts once.
function keyOf({ headers }: Sender, { signed }: Caller): string | undefined {
  const key = headers.get('idempotency-key') ?? undefined
  if (signed === undefined) return key
  const { nonce } = signed.signature
  if (key === undefined || key === nonce) return nonce
  throw new TypeError('Cannot use Idempotency-Key with another nonce: give one')
}

function checkSigned(
  { target }: Question,
  { method }: Route,
  { signature, secret, body = new Uint8Array() }: Signed & { body: Uint8Array | undefined },
): void {
  checkSignature(signature, { secret, method, path: target, body })
}

function isWrite({ method, role }: Route): boolean {
  return method !== 'GET' && role !== 'read'
}

/** Whether the answer to a route is the same as long as no commit comes. */
export function isLook({ isLook: isAsked, body }: Route): boolean {
  return isAsked && body === undefined
}

function questionOf({ env, req }: Context): Question {
  const { raw, url } = req
  return {
    ...{ sender: raw, env: env as ServerEnv },
    target: url.slice(url.indexOf('/', url.indexOf(':') + 3)),
    path: req.param() as Record<string, string>,
    signal: () => raw.signal,
  }
}

function answerOf(answer: unknown): Plain {
  const { status, body, headers } = answer instanceof Answer ? answer : new Answer(200, answer)
  return {
    status,
    headers: headers === undefined ? ANSWER_HEADERS : { ...ANSWER_HEADERS, ...headers },
    body: writeJson(body),
  }
}

// RFC 9110, section 13.1.2: who has any answer wants no other.
function unlessAny(answer: Plain, tags: string | null): Plain {
  return tags === ANY_TAG ? { ...answer, status: 304, body: null } : answer
}

const NO_ARGUMENTS = { given: {}, items: undefined }
const COMMON = { 'X-Content-Type-Options': 'nosniff' } as const
// One object for all of them: how it goes out is worked out once.
const ANSWER_HEADERS = {
  'Content-Type': JSON_TYPE,
  ...COMMON,
  'Cache-Control': 'no-store',
} as const

// Who did it is who has the key, unless the request says otherwise.
function withActor(given: Asked['given'], route: Route, { name }: Caller): Asked['given'] {
  const takesActor = Object.hasOwn(route.body?.fields ?? route.query, 'actor')
  return takesActor && name !== undefined ? { actor: name, ...given } : given
}
