/**
 * A server on a store of its own, asked without sockets.
 *
 * @module
 */

import { createServer, type LadderServer, type ServerOptions } from '../../src/server/index.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'
import { checkAnswer } from './openapi-check.ts'

/** What a test asks. */
export interface TestRequest {
  /** An object or a list is sent as JSON; a text as it is. */
  body?: unknown
  headers?: Record<string, string>
  /** Where it comes from. Default: this machine. */
  address?: string
  key?: string | undefined
}

/** An answer, read. */
export interface TestAnswer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes.
  body: any
}

/** A server under test. */
export class TestServer {
  readonly server: LadderServer
  readonly temporary: TemporaryStore
  readonly errors: unknown[]

  constructor(temporary: TemporaryStore, parts: { server: LadderServer; errors: unknown[] }) {
    this.temporary = temporary
    this.server = parts.server
    this.errors = parts.errors
  }

  get store(): TemporaryStore['store'] {
    return this.temporary.store
  }

  /** Asks `GET /boards` and the like; the path is below /api/v1 unless it says otherwise. */
  async ask(line: string, asked: TestRequest = {}): Promise<TestAnswer> {
    const [method = '', path = ''] = line.split(' ')
    const { body, address = '127.0.0.1' } = asked
    const isText = typeof body === 'string' || body instanceof Uint8Array
    const base = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`
    const request = new Request(`http://localhost${base}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(asked.key !== undefined && { authorization: `Bearer ${asked.key}` }),
        ...asked.headers,
      },
      ...(body !== undefined && { body: (isText ? body : JSON.stringify(body)) as string }),
    })
    const response = await this.server.fetch(request, { address })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const { status, headers } = response
    const read = isJson && text !== '' ? JSON.parse(text) : undefined
    // What the document promises holds for every answer of every test.
    if (method !== 'HEAD') checkAnswer({ method, path: base, status, body: read })
    return { status, headers, text, body: read }
  }
}

/** Runs `body` with a server on a store of its own. */
export async function withServer(
  body: (server: TestServer) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  await withStore(async (temporary) => {
    const errors: unknown[] = []
    const server = createServer(temporary.store, {
      clock: temporary.clock.read,
      // A machine that is busy with other tests is no server with too much to do.
      eventLoopDelay: () => 0,
      onError: (error) => errors.push(error),
      ...options,
    })
    await body(new TestServer(temporary, { server, errors }))
  })
}
