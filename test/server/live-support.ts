/**
 * Who watches, in tests: over server-sent events and over WebSockets.
 *
 * @module
 */

import { on } from 'node:events'
import WebSocket from 'ws'
import type { TestServer } from './support.ts'

/** One event of a stream. */
export interface StreamEvent {
  event: string | undefined
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes.
  data: any
}

/** Yields the events of a stream as they come. */
export async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  let text = ''
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(part).toString()
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field('data')
      if (data !== undefined)
        yield { event: field('event'), id: field('id'), data: JSON.parse(data) }
    }
  }
}

/** Asks to watch over server-sent events; `query` is `arena/live?top=2` and the like. */
export async function watch(
  server: TestServer,
  query: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const request = new Request(`http://localhost/api/v1/boards/${query}`, { headers })
  return server.server.fetch(request, { address: '127.0.0.1' })
}

/** Returns the next event. */
export async function next(events: AsyncGenerator<StreamEvent>): Promise<StreamEvent> {
  return (await events.next()).value as StreamEvent
}

// What comes before somebody asks for it is kept: a busy machine sends a message before its submit is answered.
const messages = new WeakMap<WebSocket, AsyncIterator<unknown[]>>()
const closes = new WeakMap<WebSocket, Promise<[code: number, reason: string]>>()

/** Opens a WebSocket. */
export function socketTo(url: string, options: WebSocket.ClientOptions = {}): WebSocket {
  const socket = new WebSocket(url, options)
  messages.set(socket, on(socket, 'message'))
  const closed = new Promise<[number, string]>((resolve) => {
    socket.on('close', (code, reason) => resolve([code, String(reason)]))
  })
  closes.set(socket, closed)
  return socket
}

/** Returns the next message, read. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes.
export async function message(socket: WebSocket): Promise<any> {
  const { value } = (await messages.get(socket)?.next()) ?? { value: [] }
  return JSON.parse(String(value[0]))
}

/** Returns how a WebSocket was closed. */
export async function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  return (await closes.get(socket)) ?? [0, '']
}
