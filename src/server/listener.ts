/**
 * The socket that a server listens on, with limits on who holds it: slow senders, slow readers, and those who
 * say nothing.
 *
 * @module
 */

import {
  createServer as createNodeServer,
  IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { LadderError } from '../index.ts'
import type { ServerEnv } from './client-address.ts'
import {
  CONNECTION_LOOK_MS,
  CONNECTIONS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_MS,
  IDLE_MS,
  REQUEST_MS_MAX,
} from './limits.ts'
import { loadPackage } from './packages.ts'

/** Where a server listens. */
export interface Listening {
  host: string
  port: number
  /** Like `http://127.0.0.1:7350`. */
  url: string
}

/** Options of `listen`. */
export interface ListenOptions {
  /** Default 7350; 0 takes a free one. */
  port?: number | undefined
  /** Default 127.0.0.1: this machine alone. */
  host?: string | undefined
}

const sockets = new WeakMap<Server, Set<Socket>>()

// The last answer over each connection.
const answers = new WeakMap<Socket, ServerResponse>()

const NO_HOST = 'host.invalid'
const IS_UPGRADE = Symbol('whether the client offers to upgrade')

/**
 * A request that is an upgrade only if it asks for a WebSocket. Clients of Java and curl offer to go on with HTTP/2,
 * and take an answer in HTTP/1.1 as well; Node would take their requests for upgrades once it is told of any.
 */
class AskedMessage extends IncomingMessage {
  declare [IS_UPGRADE]: boolean | null

  get upgrade(): boolean | null {
    if (this[IS_UPGRADE] !== true || this.method === 'CONNECT') return this[IS_UPGRADE]
    return /^websocket$/i.test(this.headers.upgrade ?? '')
  }

  set upgrade(isUpgrade: boolean | null) {
    this[IS_UPGRADE] = isUpgrade
  }
}

type Fetch = (request: Request, env: ServerEnv) => Response | Promise<Response>

/** Answers a request of Node, if it is one that goes the short way; whether it was. */
type Take = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/** Returns a server of Node that answers with `take` what that takes, and all else with `fetch`; not listening yet. */
export function nodeServer(fetch: Fetch, take: Take): Server {
  const { getRequestListener } = loadPackage('@hono/node-server')
  const options = {
    ...{ requestTimeout: REQUEST_MS_MAX, headersTimeout: HEADERS_MS, keepAliveTimeout: IDLE_MS },
    ...{ connectionsCheckingInterval: CONNECTION_LOOK_MS, maxHeaderSize: HEADER_BYTES_MAX },
    IncomingMessage: AskedMessage,
  }
  const listener = getRequestListener((request, env) => fetch(request, env as ServerEnv), {
    overrideGlobalObjects: false,
  })
  const server = createNodeServer(options, (incoming, outgoing) => {
    // Load balancers ask so whether the server lives. A name of nobody: it is not a program of this machine.
    incoming.headers.host ??= NO_HOST
    answers.set(incoming.socket, outgoing)
    if (!take(incoming, outgoing)) void listener(incoming, outgoing)
  })
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(IDLE_MS)
  const open = new Set<Socket>()
  sockets.set(server, open)
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  // A long change keeps its connection quiet for as long as it takes; who does not read keeps it full.
  server.on('timeout', (socket) => {
    const isAnswering = answers.get(socket)?.writableFinished === false
    if (!isAnswering || socket.writableLength > 0) socket.destroy()
  })
  return server
}

/**
 * Closes the connections of a server over which nothing is asked or answered. Node counts those that have not
 * said anything yet among the others, and does not look after them once the server is to close.
 */
export function closeQuiet(server: Server): void {
  server.closeIdleConnections()
  for (const socket of sockets.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy()
}

/**
 * Listens; resolves with where.
 *
 * @throws {LadderError} `BUSY` if the port is taken, `PERMISSION`, `IO`.
 */
export async function listenOn(server: Server, place: Required<ListenOptions>): Promise<Listening> {
  const { host = '127.0.0.1', port = 7350 } = place
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, `${host}:${port}`)))
    server.listen({ host, port }, resolve)
  })
  const { address, family, port: taken } = server.address() as AddressInfo
  const name = family === 'IPv6' ? `[${address}]` : address
  return { host: address, port: taken, url: `http://${name}:${taken}` }
}

function listenError(cause: Error, place: string): LadderError {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new LadderError(
      'BUSY',
      `Cannot listen on ${place}: another program does; name another port`,
      { cause },
    )
  if (code === 'EACCES')
    return new LadderError(
      'PERMISSION',
      `Cannot listen on ${place}: only the administrator may take this port; name one above 1023`,
      { cause },
    )
  return new LadderError('IO', `Cannot listen on ${place}: ${cause.message}; name another host`, {
    cause,
  })
}
