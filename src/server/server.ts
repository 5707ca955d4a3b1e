/**
 * The server: all routes over one open store.
 *
 * @module
 */

import type { Hono } from 'hono'
import type { Leaderboards } from '../index.ts'
import { Gate, type ServerEnv } from './gate.ts'
import { Handler } from './handler.ts'
import { loadPackage } from './packages.ts'
import { HttpError } from './problem.ts'
import { ROUTES } from './routes/all.ts'

/** Options of `createServer`. */
export interface ServerOptions {
  /** Directory for backups that are asked for; without it none are made. */
  backups?: string | undefined
  /** Told of failures that are the server's own. Default: nobody is. */
  onError?: ((error: unknown) => void) | undefined
  /** The wall clock, milliseconds since 1970 UTC. Default `Date.now`. */
  clock?: (() => number) | undefined
}

/** A store served over HTTP. Get it from `createServer`. */
export interface LadderServer {
  /**
   * Answers a request, whatever it came by: mount it in a host's own server. `env` says where the request
   * comes from; without it nothing is taken for a program of this machine.
   */
  fetch(request: Request, env?: ServerEnv): Promise<Response>
}

const BASE = '/api/v1'

/**
 * Serves an open store over HTTP. It goes on to belong to the caller, who may use it meanwhile and closes it.
 *
 * @throws {LadderError} `NO_PACKAGE` if a package that the server needs is not installed.
 * @example
 * const server = createServer(openLeaderboards('./leaderboards'))
 * await server.fetch(new Request('http://localhost/api/v1/boards'), { address: '127.0.0.1' })
 */
export function createServer(store: Leaderboards, options: ServerOptions = {}): LadderServer {
  const { backups, onError = () => undefined, clock = Date.now } = options
  const handler = new Handler({ store, gate: new Gate(), backups, onError, clock })
  const app = appOf(handler)
  return {
    fetch: async (request, env) => app.fetch(request, env ?? {}),
  }
}

function appOf(handler: Handler): Hono {
  const { Hono } = loadPackage('hono')
  const app = new Hono()
  for (const route of ROUTES)
    app.on(route.method, honoPath(route.path), (context) => handler.answer(context, route))
  for (const [path, methods] of methodsByPath())
    app.all(honoPath(path), ({ req }) => handler.fail(wrongMethod(req.method, methods)))
  app.notFound(({ req }) => handler.fail(noRoute(req.path)))
  app.onError((error) => handler.fail(error))
  return app
}

function honoPath(path: string): string {
  return `${BASE}${path.replace(/\{(\w+)\}/g, ':$1')}`
}

function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of ROUTES) methods.set(path, [...(methods.get(path) ?? []), method])
  return methods
}

function wrongMethod(method: string, methods: readonly string[]): HttpError {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods
  return new HttpError(
    'METHOD_NOT_ALLOWED',
    `Cannot ${method.slice(0, 20)} this address: it takes ${allowed.join(', ')}`,
    { headers: { Allow: allowed.join(', ') } },
  )
}

function noRoute(path: string): HttpError {
  return new HttpError(
    'NO_ROUTE',
    `Cannot find ${path.slice(0, 100)}: there is no such address; /openapi.json lists all`,
  )
}
