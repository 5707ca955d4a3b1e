/**
 * Asks the server that the page came from, with the key that was given, if any.
 *
 * The key stays in this tab: it is gone when the tab is closed.
 *
 * @module
 */

const KEY_NAME = 'ladderdb.key'
const TIMEOUT_MS = 15_000

/** A refusal of the server, or none at all. */
export class AskError extends Error {
  /** Of the library or of the server; `OFFLINE` if no answer came. */
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, message: string) {
    super(message)
    this.code = code
    this.status = status
  }

  /** Whether another key would help. */
  get needsKey(): boolean {
    return this.status === 401 || this.status === 403
  }
}

/** Returns the key of this tab. */
export function storedKey(): string {
  try {
    return sessionStorage.getItem(KEY_NAME) ?? ''
  } catch {
    // Where storage is forbidden, the key lasts as long as the page.
    return keyInMemory
  }
}

let keyInMemory = ''

/** Keeps a key for this tab; an empty one is forgotten. */
export function storeKey(key: string): void {
  keyInMemory = key
  try {
    if (key === '') sessionStorage.removeItem(KEY_NAME)
    else sessionStorage.setItem(KEY_NAME, key)
  } catch {
    // It is kept above.
  }
}

/** What a query may hold; what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Returns the address of a route, its names escaped. */
export function address(path: readonly string[], query: Query = {}): URL {
  const url = new URL(`api/v1/${path.map(encodeURIComponent).join('/')}`, document.baseURI)
  url.hash = ''
  url.search = ''
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value))
  return url
}

/** What `ask` sends beside the address. */
export interface Sent {
  query?: Query
  body?: unknown
  idempotencyKey?: string
  signal?: AbortSignal
  /** How long to wait for the answer; default 15 s. */
  timeoutMs?: number
}

/**
 * Asks, and returns the answer.
 *
 * @throws {AskError} for each refusal; `OFFLINE` if no answer came.
 */
export async function ask<T>(method: string, path: readonly string[], sent: Sent = {}): Promise<T> {
  const response = await send(method, address(path, sent.query), sent)
  const answer = await response.json().catch((cause) => {
    if (!response.ok) return {}
    // The answer broke off, or nobody waits for it any more.
    throw sent.signal?.aborted ? cause : noAnswer()
  })
  if (response.ok) return answer as T
  const { code = `HTTP_${response.status}`, detail = `the server answered ${response.status}` } =
    answer as { code?: string; detail?: string }
  throw new AskError(code, response.status, detail)
}

async function send(method: string, url: URL, sent: Sent): Promise<Response> {
  const key = storedKey()
  const late = AbortSignal.timeout(sent.timeoutMs ?? TIMEOUT_MS)
  const headers = {
    ...(key !== '' && { Authorization: `Bearer ${key}` }),
    ...(sent.body !== undefined && { 'Content-Type': 'application/json' }),
    ...(sent.idempotencyKey !== undefined && { 'Idempotency-Key': sent.idempotencyKey }),
  }
  const signal = sent.signal === undefined ? late : AbortSignal.any([late, sent.signal])
  const body = sent.body === undefined ? null : JSON.stringify(sent.body)
  try {
    return await fetch(url, { method, headers, body, signal, cache: 'no-cache' })
  } catch (cause) {
    if (sent.signal?.aborted) throw cause
    throw noAnswer()
  }
}

function noAnswer(): AskError {
  return new AskError('OFFLINE', 0, 'Cannot reach the server: no answer came')
}

/** Returns 128 bits of chance as text, also where the page came over plain HTTP. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
