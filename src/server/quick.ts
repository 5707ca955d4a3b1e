/**
 * The short way of plain requests: from Node's request to Node's answer, without the Web's objects between, which
 * cost more than a look at a board, and a fifth of a submit.
 *
 *     GET  /api/v1/boards/arena/players/ada/rank ──► route ··· end of the turn ──► Handler ──► one write
 *     POST /api/v1/boards/arena/scores           ──► route ··· end of the body ──► Handler ──► one write
 *
 * All questions that came in one turn of the event loop are answered at its end, one after the other: on one
 * snapshot, which is taken after the last of them came, and with the writes close together. A client, or a proxy, that
 * is woken by the first finds the others as well; to wake one that went to sleep between two costs more than a look at
 * a board.
 *
 * What is asked, who may, and what is answered is the handler's, as on the long way. Whatever is not plain goes the
 * long way: other methods, escapes in the address, requests of pages that name their origin, signatures, limits on
 * requests, a host or a key that came twice, and bodies that are large, packed, without a length or not plainly JSON.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Handler, isLook, type Plain, type Question } from './handler.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { BASE } from './routes/addresses.ts'
import { ROUTES } from './routes/all.ts'
import type { Route } from './routes/route.ts'
import { SIGNATURE_HEADER } from './signature.ts'

/** One step of a path: what may follow, by its text, and what a name in its place leads to. */
interface Step {
  readonly next: Map<string, Step>
  named: Step | undefined
  route: Route | undefined
}

/** Told of each answer. */
export type Told = (asked: IncomingMessage, answer: Plain, startMs: number) => void

const BELOW = `${BASE}/`
const PLAIN = /^[\w\-.~/]+(?:\?[\w\-.~=&,:]*)?$/
// The adapter takes these as they are; all others it puts in order, or refuses.
const PLAIN_HOST = /^[a-z0-9._-]+(?::(?:[1-5]\d{3,4}|[6-9]\d{3}))?$/
const LONG_WAY = [
  ...['origin', 'transfer-encoding', 'content-encoding', 'expect'],
  SIGNATURE_HEADER.toLowerCase(),
]
const OF_CHANGES = ['content-length', 'idempotency-key']
const PLAIN_JSON = /^application\/json(?:; ?charset=utf-8)?$/i

/** A plain request that waits for its turn. */
interface Waiting {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly route: Route
  readonly names: readonly string[]
  readonly told: Told | undefined
  readonly startMs: number
}

/** Answers plain requests. */
export class QuickAnswers {
  readonly #handler: Handler
  #waiting: Waiting[] = []
  readonly #told: () => Told | undefined
  readonly #track: (answer: Promise<void>) => void
  readonly #onError: (error: unknown) => void
  readonly #looks = stepsOf(ROUTES.filter((route) => route.method === 'GET' && isLook(route)))
  readonly #changes = stepsOf(ROUTES.filter(({ method, body }) => method === 'POST' && body))

  /**
   * `told` returns who is to be told, if anybody is; `track` is given each answer that takes time; `onError` is told
   * of what ended a connection in place of an answer.
   */
  constructor(
    handler: Handler,
    options: {
      told: () => Told | undefined
      track: (answer: Promise<void>) => void
      onError: (error: unknown) => void
    },
  ) {
    this.#handler = handler
    this.#told = options.told
    this.#track = options.track
    this.#onError = options.onError
  }

  /** Answers a request soon if it is a plain one; else does nothing and returns false. */
  take(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const target = incoming.url as string
    if (!target.startsWith(BELOW) || !isPlain(incoming)) return false
    const isLooking = incoming.method === 'GET'
    if (!(isLooking ? isWithout(incoming.headers, OF_CHANGES) : isPlainChange(incoming)))
      return false
    const names: string[] = []
    const end = target.indexOf('?')
    const path = target.slice(BELOW.length, end < 0 ? undefined : end)
    const route = routeAt(isLooking ? this.#looks : this.#changes, path, names)
    if (route === undefined || this.#handler.isCounting) return false
    const told = this.#told()
    const startMs = told === undefined ? 0 : performance.now()
    const one = { incoming, outgoing, route, names, told, startMs }
    if (isLooking) this.#atEndOfTurn(one)
    else this.#atEndOfBody(one)
    return true
  }

  #atEndOfTurn(one: Waiting): void {
    if (this.#waiting.length === 0) setImmediate(this.#answerAll)
    this.#waiting.push(one)
  }

  readonly #answerAll = (): void => {
    const all = this.#waiting
    this.#waiting = []
    for (const one of all) this.#answer(one)
  }

  // Who is gone before its end gets no answer, and nothing is done.
  #atEndOfBody(one: Waiting): void {
    const parts: Uint8Array[] = []
    one.incoming
      .on('data', (part: Uint8Array) => parts.push(part))
      .on('end', () => this.#answer(one, parts.length === 1 ? parts[0] : Buffer.concat(parts)))
  }

  // Never throws: a fault of one leaves no other of its turn without an answer.
  #answer(one: Waiting, body?: Uint8Array): void {
    const { incoming, outgoing, told, startMs } = one
    const send = (plain: Plain): void => {
      write(outgoing, plain)
      told?.(incoming, plain, startMs)
    }
    try {
      const answer = this.#handler.quick(questionOf(one), one.route, body)
      if (!(answer instanceof Promise)) send(answer)
      else this.#track(answer.then(send).catch((error: unknown) => this.#giveUp(one, error)))
    } catch (error) {
      this.#giveUp(one, error)
    }
  }

  #giveUp({ outgoing }: Waiting, error: unknown): void {
    outgoing.destroy()
    this.#onError(error)
  }
}

function isPlain({ headers, rawHeaders, url = '' }: IncomingMessage): boolean {
  if (!PLAIN_HOST.test(headers.host ?? '') || !PLAIN.test(url)) return false
  return (
    isWithout(headers, LONG_WAY) &&
    isOnce(rawHeaders, 'host') &&
    isOnce(rawHeaders, 'authorization')
  )
}

function isWithout(headers: IncomingMessage['headers'], names: readonly string[]): boolean {
  for (const name of names) if (headers[name] !== undefined) return false
  return true
}

function isPlainChange({ method, headers, rawHeaders }: IncomingMessage): boolean {
  if (method !== 'POST' || !PLAIN_JSON.test(headers['content-type'] ?? '')) return false
  const { 'content-length': length } = headers
  if (length === undefined || Number(length) > BODY_BYTES_MAX) return false
  return isOnce(rawHeaders, 'content-type') && isOnce(rawHeaders, 'idempotency-key')
}

// Node keeps the first of two, and drops the other without a word.
function isOnce(rawHeaders: readonly string[], name: string): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] as string
    if (raw.length === name.length && raw.toLowerCase() === name) count++
  }
  return count <= 1
}

function stepsOf(routes: readonly Route[]): Step {
  const first = newStep()
  for (const route of routes) {
    let step = first
    for (const part of route.path.split('/').slice(1)) {
      if (part.startsWith('{')) {
        step.named ??= newStep()
        step = step.named
      } else {
        const next = step.next.get(part) ?? newStep()
        step.next.set(part, next)
        step = next
      }
    }
    step.route = route
  }
  return first
}

function newStep(): Step {
  return { next: new Map(), named: undefined, route: undefined }
}

// Of each name what stands in its place goes to `names`. An empty one, and dots, mean something else.
function routeAt(first: Step, path: string, names: string[]): Route | undefined {
  let step: Step | undefined = first
  for (const part of path.split('/')) {
    const next: Step | undefined = step.next.get(part)
    if (next === undefined) {
      if (part === '' || part === '.' || part === '..') return undefined
      names.push(part)
    }
    step = next ?? step.named
    if (step === undefined) return undefined
  }
  return step.route
}

function questionOf({ incoming, outgoing, route, names }: Waiting): Question {
  const target = incoming.url as string
  const path: Record<string, string> = {}
  namesOf(route).forEach((name, i) => {
    path[name] = names[i] as string
  })
  return {
    sender: { url: target, headers: new NodeHeaders(incoming.headers) },
    env: { incoming, outgoing },
    ...{ target, path, signal: () => signalOf(outgoing) },
  }
}

function signalOf(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  outgoing.once('close', () => controller.abort())
  return controller.signal
}

const knownNames = new WeakMap<Route, string[]>()

function namesOf(route: Route): string[] {
  let names = knownNames.get(route)
  if (names === undefined) {
    names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
    knownNames.set(route, names)
  }
  return names
}

/** Headers of Node's request, asked as those of the Web are. */
class NodeHeaders {
  readonly #headers: IncomingMessage['headers']

  constructor(headers: IncomingMessage['headers']) {
    this.#headers = headers
  }

  get(name: string): string | null {
    const value = this.#headers[name]
    if (value === undefined) return null
    return typeof value === 'string' ? value : value.join(', ')
  }

  has(name: string): boolean {
    return this.#headers[name] !== undefined
  }
}

// With the length the head and the body go out in one write.
function write(outgoing: ServerResponse, { status, headers, body }: Plain): void {
  const flat = flatOf(headers)
  if (body === null) outgoing.writeHead(status, flat).end()
  else outgoing.writeHead(status, [...flat, 'Content-Length', Buffer.byteLength(body)]).end(body)
}

// Those of looks are the same object for a whole commit.
const knownFlat = new WeakMap<Plain['headers'], string[]>()

function flatOf(headers: Plain['headers']): string[] {
  let flat = knownFlat.get(headers)
  if (flat === undefined) {
    flat = Object.entries(headers).flat()
    knownFlat.set(headers, flat)
  }
  return flat
}
