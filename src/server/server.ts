/**
 * The server: all routes over one open store.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Hono } from 'hono'
import { unknownName } from '../calls/index.ts'
import { type KeepRules, LadderError, type Leaderboards } from '../index.ts'
import type { RemoteLeaderboards } from '../redis/index.ts'
import { BackupMaker } from './backups/maker.ts'
import { type NightlyBackups, type NightlyReport, nightlyBackups } from './backups/nightly.ts'
import {
  type ClientAddress,
  clientAddress,
  FORWARDED_HEADER,
  type ServerEnv,
} from './client-address.ts'
import { originsOf, preflight, withOrigin } from './cors.ts'
import { Gate, isLoopbackHost } from './gate.ts'
import { Handler, type Plain } from './handler.ts'
import { type Health, healthOf, healthResponse, readyResponse, remoteHealth } from './health.ts'
import { safeErrorHook, safeHook } from './hooks.ts'
import { InFlight } from './in-flight.ts'
import { Keyring } from './keys.ts'
import { STOP_MS, VIEWERS_PER_ADDRESS_MAX } from './limits.ts'
import { closeQuiet, type Listening, type ListenOptions, listenOn, nodeServer } from './listener.ts'
import { Hub, type LiveHub } from './live/hub.ts'
import { RemoteHub } from './live/remote-hub.ts'
import { LIVE_ROUTE } from './live/subject.ts'
import { Addresses, Upgrades } from './live/upgrades.ts'
import { openApiDocument } from './openapi/document.ts'
import { Overload } from './overload.ts'
import { loadPackage } from './packages.ts'
import { Pages } from './pages.ts'
import { HttpError } from './problem.ts'
import { type MetricSources, PrometheusMetrics } from './prometheus.ts'
import { QuickAnswers } from './quick.ts'
import { noBackups, remoteOf, type ServedStore, storeElsewhere } from './remote-store.ts'
import { type RequestLine, roundedMs } from './request-line.ts'
import { requestRate } from './request-rate.ts'
import { BASE, notTaken } from './routes/addresses.ts'
import { ROUTES } from './routes/all.ts'

/** Options of `createServer`. */
export interface ServerOptions {
  /** File of keys, as `ladderdb key create` makes it. Without it the server is for this machine alone. */
  keys?: string | undefined
  /** Answer reads without a key. Default false. */
  publicReads?: boolean | undefined
  /** Origins whose pages may ask, like `https://example.com`. Default: the server's own alone. */
  origins?: readonly string[] | undefined
  /** Directory for backups; without it none are made. */
  backups?: string | undefined
  /** Time of day at which a backup is made every night, like `04:15`. Default: none is made by itself. */
  backupAt?: string | undefined
  /** Zone of that time. Default: that of the machine. */
  backupTimeZone?: string | undefined
  /** What stays of older backups after the one of the night. Default: all. */
  keepBackups?: KeepRules | undefined
  /** Proxies before the server, like `127.0.0.1` or `10.0.0.0/8`: who asks is whom they say. Default: none. */
  trustedProxies?: readonly string[] | undefined
  /** How often one address may ask in a second. Default: no limit. */
  requestsPerSecond?: number | undefined
  /** How many may watch from one address of another machine. Default 100. */
  viewersPerAddress?: number | undefined
  /** Tells how late the event loop is, milliseconds; above limits requests are refused. Default: it is measured. */
  eventLoopDelay?: (() => number) | undefined
  /** Told of failures that are the server's own, and of what `onBackup` and `onRequest` throw. Default: nobody is. */
  onError?: ((error: unknown) => void) | undefined
  /** Told of each backup of a night. */
  onBackup?: ((report: NightlyReport) => void) | undefined
  /** Told of each request when it is answered. */
  onRequest?: ((line: RequestLine) => void) | undefined
  /** The wall clock, milliseconds since 1970 UTC. Default `Date.now`. */
  clock?: (() => number) | undefined
}

/** A store served over HTTP. Get it from `createServer`. */
export interface LadderServer {
  /**
   * Answers a request, whatever it came by: mount it in a host's own server. `env` says where the request
   * comes from; without it nothing is taken for a program of this machine.
   */
  fetch(request: Request, env?: ServerEnv): Response | Promise<Response>
  /**
   * Listens on a socket; resolves with where.
   *
   * @throws {TypeError} for an address of other machines if there are no keys.
   * @throws {LadderError} `BUSY` if the port is taken, `PERMISSION`, `IO`, `CLOSED` after `close()`.
   */
  listen(options?: ListenOptions): Promise<Listening>
  /**
   * Takes no further requests, tells those who watch to come back, and resolves when every answer that was under
   * way is out, after ten seconds at most. The store stays open: close it afterwards.
   */
  close(): Promise<void>
}

const TIDY_MS = 20
const HEALTH = /^[^/]*\/\/[^/]*\/(?:healthz|readyz)(?:\?|$)/

const OPTION_NAMES: Readonly<Record<keyof ServerOptions, true>> = {
  ...{ keys: true, publicReads: true, origins: true, backups: true, requestsPerSecond: true },
  ...{ backupAt: true, backupTimeZone: true, keepBackups: true, onBackup: true },
  ...{ trustedProxies: true, viewersPerAddress: true, eventLoopDelay: true },
  ...{ onError: true, onRequest: true, clock: true },
}

/**
 * Serves an open store over HTTP. The caller may use it meanwhile, and closes it. Cost: some milliseconds.
 *
 * @throws {TypeError} for an option that it does not know.
 * @throws {LadderError} `NO_PACKAGE` if a package that the server needs is not installed; `PERMISSION`, `CORRUPT`,
 *   `IO` if the keys cannot be read.
 * @example
 * const server = createServer(store)
 * const { url } = await server.listen({ port: 0 })
 * await server.close()
 */
export function createServer(store: ServedStore, options: ServerOptions = {}): LadderServer {
  return new StoreServer(store, options)
}

class StoreServer implements LadderServer {
  readonly #store: Leaderboards
  readonly #remote: RemoteLeaderboards | undefined
  readonly #gate: Gate
  readonly #handler: Handler
  readonly #quick: QuickAnswers
  readonly #app: Hono
  readonly #onRequest: ServerOptions['onRequest']
  readonly #hub: LiveHub
  readonly #upgrades: Upgrades
  readonly #clientOf: ClientAddress
  readonly #nightly: NightlyBackups | undefined
  readonly #overload: Overload
  readonly #metrics: MetricSources
  #prometheus: PrometheusMetrics | undefined
  readonly #inFlight = new InFlight()
  readonly #nodes = new Set<Server>()
  readonly #pages = new Pages()
  #openApi: string | undefined

  constructor(served: ServedStore, options: ServerOptions) {
    checkNames(options)
    const remote = remoteOf(served)
    if (remote !== undefined) checkRemote(options)
    const store = remote === undefined ? (served as Leaderboards) : storeElsewhere()
    const { keys, publicReads = false, origins = [], requestsPerSecond } = options
    const { viewersPerAddress = VIEWERS_PER_ADDRESS_MAX, eventLoopDelay } = options
    const { onRequest, onBackup, clock = Date.now } = options
    const onError = safeErrorHook(options.onError ?? (() => undefined))
    const keyring = keys === undefined ? undefined : new Keyring(keys, clock)
    const backups =
      options.backups === undefined ? undefined : new BackupMaker(store, options.backups)
    this.#store = store
    this.#remote = remote
    this.#gate = new Gate({ keys: keyring, publicReads, origins: originsOf(origins), clock })
    const boot = randomBytes(6).toString('base64url')
    this.#hub = remote === undefined ? new Hub(store, boot) : new RemoteHub(remote, boot)
    this.#clientOf = clientAddress(options.trustedProxies ?? [])
    const addresses = new Addresses(viewersPerAddress)
    const admit = requestsPerSecond === undefined ? undefined : requestRate(requestsPerSecond)
    this.#overload = new Overload(eventLoopDelay)
    this.#metrics = { store, remote, backups, clock, ...this.#counts() }
    this.#handler = new Handler({
      overload: this.#overload,
      ...{ store, remote, gate: this.#gate, hub: this.#hub, addresses, boot },
      ...{ backups, admit, clientOf: this.#clientOf, onError, clock },
    })
    this.#quick = new QuickAnswers(this.#handler, {
      told: () => (this.#isTold ? this.#tellOfQuick : undefined),
      track: (answer) => void this.#inFlight.track(answer),
      onError,
    })
    const isStopping = (): boolean => this.#inFlight.isStopping
    this.#upgrades = new Upgrades({
      hub: this.#hub,
      gate: this.#gate,
      addresses,
      overload: this.#overload,
      ...{ isStopping, admit, clientOf: this.#clientOf },
    })
    this.#onRequest = onRequest && safeHook(onRequest, onError)
    this.#app = this.#appOf()
    this.fetch = this.fetch.bind(this)
    // Last: a server that cannot be made makes no backups.
    this.#nightly = nightlyBackups(store, {
      ...{ ...options, maker: backups, onError, clock },
      onBackup: onBackup && safeHook(onBackup, onError),
    })
  }

  // What is answered at once is not made a promise: it would cost as much as the answer.
  fetch(request: Request, env: ServerEnv = {}): Response | Promise<Response> {
    if (this.#inFlight.isStopping && !HEALTH.test(request.url))
      return this.#handler.fail(stopping())
    const answer = this.#isTold ? this.#told(request, env) : this.#app.fetch(request, env)
    return answer instanceof Promise ? this.#inFlight.track(answer) : answer
  }

  get #isTold(): boolean {
    return this.#onRequest !== undefined || this.#prometheus !== undefined
  }

  async #told(request: Request, env: ServerEnv): Promise<Response> {
    const start = performance.now()
    const response = await this.#app.fetch(request, env)
    const { pathname, search } = new URL(request.url)
    this.#tell({
      ...{ method: request.method, path: `${pathname}${search}`, status: response.status },
      address: this.#clientOf(env, request.headers.get(FORWARDED_HEADER)),
      ms: roundedMs(performance.now() - start),
    })
    return response
  }

  #tell(line: RequestLine): void {
    this.#onRequest?.(line)
    this.#prometheus?.count(line)
  }

  #takeQuickly = (incoming: IncomingMessage, outgoing: ServerResponse): boolean =>
    !this.#inFlight.isStopping && this.#quick.take(incoming, outgoing)

  #tellOfQuick = (incoming: IncomingMessage, { status }: Plain, startMs: number): void => {
    const forwarded = incoming.headers[FORWARDED_HEADER]
    this.#tell({
      ...{ method: incoming.method as string, path: incoming.url as string, status },
      address: this.#clientOf({ incoming }, forwarded === undefined ? null : String(forwarded)),
      ms: roundedMs(performance.now() - startMs),
    })
  }

  async listen(options: ListenOptions = {}): Promise<Listening> {
    const { host = '127.0.0.1', port = 7350 } = options
    checkHost(host, this.#gate.hasKeys)
    if (this.#inFlight.isStopping)
      throw new LadderError('CLOSED', 'Cannot listen: the server was closed; make another')
    const node = nodeServer(this.fetch, this.#takeQuickly)
    node.on('upgrade', (incoming, socket, head) => this.#upgrades.take(incoming, socket, head))
    const listening = await listenOn(node, { host, port })
    this.#nodes.add(node)
    return listening
  }

  async close(): Promise<void> {
    this.#inFlight.isStopping = true
    this.#hub.end(stopping())
    this.#upgrades.end()
    this.#overload.end()
    this.#prometheus?.end()
    const night = this.#nightly?.end()
    const nodes = [...this.#nodes]
    this.#nodes.clear()
    const closed = nodes.map((node) => new Promise((resolve) => node.close(resolve)))
    await this.#inFlight.none()
    // What was answered goes out before its connection, which may serve further requests, ends.
    const tidy = setInterval(() => {
      for (const node of nodes) closeQuiet(node)
    }, TIDY_MS)
    const late = setTimeout(() => {
      for (const node of nodes) node.closeAllConnections()
    }, STOP_MS)
    await Promise.all([...closed, night])
    clearInterval(tidy)
    clearTimeout(late)
  }

  // One handler for each address: a second one, or one for all of them, makes a chain of promises of every answer.
  #appOf(): Hono {
    const { Hono } = loadPackage('hono')
    const app = new Hono()
    const handler = this.#handler
    app.get('/healthz', async () => healthResponse(await this.#health()))
    app.get('/readyz', async () => readyResponse(await this.#health()))
    app.get('/metrics', (context) => handler.metrics(context, () => this.#scraped()))
    app.get('/openapi.json', () => jsonResponse(this.#document()))
    app.options('*', ({ req }) => this.#preflight(req.raw))
    app.get(honoPath(LIVE_ROUTE.path), (context) => handler.watch(context))
    for (const route of ROUTES)
      app.on(route.method, honoPath(route.path), (context) => handler.answer(context, route))
    app.notFound(({ req }) => this.#elsewhere(req.raw, req.path))
    app.onError((error) => handler.fail(error))
    return app
  }

  // A page, a known address with another method, or nothing.
  #elsewhere(request: Request, path: string): Response {
    const { method } = request
    const page =
      method === 'GET' || method === 'HEAD' ? this.#pages.answer(path, request) : undefined
    if (page !== undefined) return page
    return this.#handler.fail(notTaken(method, path))
  }

  // As text: it takes a millisecond to make, and few ask.
  #document(): string {
    this.#openApi ??= JSON.stringify(openApiDocument())
    return this.#openApi
  }

  // Counting begins when somebody asks for it.
  #scraped(): PrometheusMetrics {
    this.#prometheus ??= new PrometheusMetrics(this.#metrics)
    return this.#prometheus
  }

  #counts(): Pick<MetricSources, 'viewers' | 'topics' | 'delayMs'> {
    const [hub, overload] = [this.#hub, this.#overload]
    return {
      viewers: () => hub.viewers,
      topics: () => hub.topics,
      delayMs: () => overload.delayMs,
    }
  }

  #health(): Health | Promise<Health> {
    const { isStopping } = this.#inFlight
    if (this.#remote !== undefined) return remoteHealth(this.#remote, isStopping)
    return healthOf(this.#store, isStopping)
  }

  #preflight(request: Request): Response {
    try {
      this.#gate.checkOrigin(request.headers)
      return withOrigin(preflight(), request, this.#gate)
    } catch (error) {
      return this.#handler.fail(error)
    }
  }
}

/** @throws {LadderError} `UNSUPPORTED` for backups of boards on a server. */
function checkRemote({ backups, backupAt }: ServerOptions): void {
  if (backups === undefined && backupAt === undefined) return
  throw noBackups()
}

/**
 * Checks options before there is a store to serve. Cost: O(origins and proxies).
 *
 * @throws {TypeError} for an option, an origin or a proxy that cannot be.
 * @example
 * checkOptions({ origins: ['https://example.com'] })
 */
export function checkOptions(options: ServerOptions): void {
  checkNames(options)
  originsOf(options.origins ?? [])
  clientAddress(options.trustedProxies ?? [])
}

/**
 * Checks an address to listen on. Cost: none to speak of.
 * @throws {TypeError} for an address of other machines if there are no keys.
 * @example
 * checkHost('127.0.0.1', false)
 */
export function checkHost(host: string, hasKeys: boolean): void {
  if (isLoopbackHost(host) || hasKeys) return
  throw new TypeError(
    `Cannot listen on ${host} without keys: other machines could ask; make one with ladderdb key create, or listen on 127.0.0.1`,
  )
}

function checkNames(options: ServerOptions): void {
  const names = Object.keys(OPTION_NAMES)
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw unknownName(name, { names, what: 'options of createServer()' })
}

function jsonResponse(text: string): Response {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-cache' }
  return new Response(text, { headers })
}

function stopping(): HttpError {
  return new HttpError('STOPPING', 'Cannot answer: the server is about to end; ask again', {
    headers: { Connection: 'close' },
  })
}

function honoPath(path: string): string {
  return `${BASE}${path.replace(/\{(\w+)\}/g, ':$1')}`
}
