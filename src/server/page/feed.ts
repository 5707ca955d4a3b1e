/**
 * A live feed: what is watched, as it changes, over a WebSocket that comes back by itself.
 *
 *     connecting ──► live ──► stale ──► live …      the server ended, or does not answer
 *          └────────────► refused                   without a key for good; a board, or a season, may yet be made
 *
 * The browser tells a page of a dead connection late or never: while the feed is open, the server is asked
 * every ten seconds whether it is there.
 *
 * @module
 */

import type { UpdateJson } from './answers.ts'
import { AskError, address, type Query, storedKey } from './api.ts'

export type FeedState = 'connecting' | 'live' | 'stale'

/** Who is told. */
export interface FeedListener {
  onUpdate(update: UpdateJson): void
  onState(state: FeedState): void
  onRefused(error: AskError): void
}

const RETRY_MS = 500
const RETRY_MOST_MS = 5_000
const LOOK_MS = 10_000
const LOOK_LATE_MS = 5_000
const CLOSE_BASE = 4_000
const NOT_THERE = 404
const TOO_MANY = 429

/** Begins to watch a board; returns how to end it. */
export function openFeed(board: string, query: Query, listener: FeedListener): () => void {
  const feed = new Feed(feedAddress(board, query), listener)
  feed.connect()
  return () => feed.end()
}

function feedAddress(board: string, query: Query): URL {
  const url = address(['boards', board, 'live'], query)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url
}

class Feed {
  readonly #url: URL
  readonly #listener: FeedListener
  #socket: WebSocket | undefined
  #retryMs = RETRY_MS
  #timer: number | undefined
  #looks: number | undefined
  #isEnded = false

  constructor(url: URL, listener: FeedListener) {
    this.#url = url
    this.#listener = listener
    addEventListener('offline', this.#lost)
    addEventListener('online', this.#soon)
    document.addEventListener('visibilitychange', this.#lookIfSeen)
    this.#looks = setInterval(() => this.#look(), LOOK_MS)
  }

  connect(): void {
    clearTimeout(this.#timer)
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    // A page cannot send a key with the upgrade; a server that needs none does not read it.
    socket.onopen = () => {
      const key = storedKey()
      if (key !== '') socket.send(JSON.stringify({ key }))
    }
    socket.onmessage = ({ data }) => {
      this.#retryMs = RETRY_MS
      this.#listener.onState('live')
      this.#listener.onUpdate(JSON.parse(String(data)))
    }
    socket.onclose = ({ code, reason }) => this.#closed(code, reason)
  }

  end(): void {
    this.#isEnded = true
    clearTimeout(this.#timer)
    clearInterval(this.#looks)
    removeEventListener('offline', this.#lost)
    removeEventListener('online', this.#soon)
    document.removeEventListener('visibilitychange', this.#lookIfSeen)
    this.#drop()
  }

  #closed(code: number, reason: string): void {
    const status = code - CLOSE_BASE
    if (status < 400 || status >= 500 || status === TOO_MANY) {
      this.#comeBack()
      return
    }
    this.#listener.onRefused(new AskError(reason, status, refusalOf(status)))
    if (status === NOT_THERE) this.#connectAfter(RETRY_MOST_MS)
    else this.end()
  }

  // Not all at the same time: those who watched a server that ended come back over a second.
  #comeBack(): void {
    if (this.#isEnded) return
    this.#drop()
    this.#listener.onState('stale')
    this.#connectAfter(this.#retryMs * (0.5 + Math.random()))
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS)
  }

  #connectAfter(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.connect(), ms)
  }

  #drop(): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  readonly #lost = (): void => this.#comeBack()

  readonly #soon = (): void => {
    this.#retryMs = RETRY_MS
    if (this.#socket?.readyState !== WebSocket.OPEN) this.#comeBack()
  }

  readonly #lookIfSeen = (): void => {
    if (document.visibilityState === 'visible') this.#look()
  }

  #look(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    const asked = this.#socket
    const signal = AbortSignal.timeout(LOOK_LATE_MS)
    fetch(new URL('healthz', document.baseURI), { signal, cache: 'no-store' }).catch(() => {
      if (this.#socket === asked) this.#comeBack()
    })
  }
}

function refusalOf(status: number): string {
  if (status === 401 || status === 403) return 'Cannot watch the board: it takes a key'
  if (status === 404) return 'Cannot watch the board: it, or the season, is not there'
  return `Cannot watch the board: the server refused it (${status})`
}
