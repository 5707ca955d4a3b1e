/**
 * Upgrades to WebSockets: who may, to what, and how many.
 *
 * A page cannot send a key with the upgrade. Where a read takes one, the socket is opened and its first message
 * must be `{"key":"…"}`, within five seconds.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { writeJson } from '../../calls/index.ts'
import { parseBody } from '../body.ts'
import { type ClientAddress, FORWARDED_HEADER, limitedAddress } from '../client-address.ts'
import { type Gate, isLoopbackHost } from '../gate.ts'
import { FIRST_MESSAGE_MS, MESSAGE_BYTES_MAX, PING_MS } from '../limits.ts'
import type { Overload } from '../overload.ts'
import { loadPackage } from '../packages.ts'
import { HttpError, problemOf } from '../problem.ts'
import { checkEscapes } from '../query.ts'
import type { LiveHub } from './hub.ts'
import { subjectOf } from './subject.ts'
import type { LiveSubject } from './topic.ts'
import { DEFLATE, WebSocketViewer } from './web-socket.ts'

/** What upgrades need. */
export interface UpgradeParts {
  readonly hub: LiveHub
  readonly gate: Gate
  readonly addresses: Addresses
  readonly overload: Overload
  /** Refuses an address that asks too often. */
  readonly admit?: ((address: string) => Promise<void>) | undefined
  /** Whose address counts. */
  readonly clientOf: ClientAddress
  /** Whether no further ones are taken. */
  readonly isStopping: () => boolean
}

/** What an upgrade asks for. */
interface AskedWatch {
  readonly subject: LiveSubject
  /** Whether it may be watched without a further key. */
  readonly isAllowed: boolean
  readonly seen: string | undefined
}

const PING_PARTS = 100
/** How long a viewer may take to answer that the server closes; then the connection is cut. */
const CLOSE_MS = 2000
const PATH = /^\/api\/v1\/boards\/([^/?]+)\/live(\?.*)?$/

/** How many watch from each address. Those of this machine, like a proxy, stand for many. */
export class Addresses {
  readonly #counts = new Map<string, number>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /**
   * Counts one; returns how to take it away.
   *
   * @throws {HttpError} `TOO_MANY_VIEWERS`.
   */
  add(client: string): () => void {
    if (isLoopbackHost(client)) return () => undefined
    const address = limitedAddress(client)
    const count = this.#counts.get(address) ?? 0
    if (count >= this.#max)
      throw new HttpError(
        'TOO_MANY_VIEWERS',
        `Cannot watch from ${client}: ${this.#max} watch from there already; close some`,
      )
    this.#counts.set(address, count + 1)
    return () => {
      const left = (this.#counts.get(address) ?? 1) - 1
      if (left === 0) this.#counts.delete(address)
      else this.#counts.set(address, left)
    }
  }
}

/** Takes the upgrades of a server. */
export class Upgrades {
  readonly #parts: UpgradeParts
  readonly #server: WebSocketServer
  readonly #viewers = new Set<WebSocketViewer>()
  #round: Iterator<WebSocketViewer> = this.#viewers.values()
  #pings: NodeJS.Timeout | undefined
  /** How many are to be asked; a part of one stays for the next time. */
  #due = 0

  constructor(parts: UpgradeParts) {
    this.#parts = parts
    const { WebSocketServer: Server } = loadPackage('ws')
    this.#server = new Server({
      ...{ noServer: true, clientTracking: false, perMessageDeflate: DEFLATE },
      ...{ maxPayload: MESSAGE_BYTES_MAX, closeTimeout: CLOSE_MS },
    })
  }

  /** Takes one upgrade, or refuses it with a problem document. */
  take(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const { admit, clientOf } = this.#parts
    const address = clientOf({ incoming }, forwardedOf(incoming))
    const upgrade = (): void => this.#upgrade(incoming, socket, { head, address })
    if (admit === undefined) upgrade()
    else admit(address).then(upgrade, (error: unknown) => refuse(socket, error))
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, by: { head: Buffer; address: string }): void {
    try {
      const asked = this.#askedOf(incoming)
      const leave = this.#parts.addresses.add(by.address)
      socket.once('close', leave)
      this.#server.handleUpgrade(incoming, socket, by.head, (webSocket) => {
        const viewer = new WebSocketViewer(webSocket, socket, offerOf(incoming))
        this.#keep(viewer, webSocket)
        if (asked.isAllowed) void this.#watch(asked, viewer, webSocket)
        else this.#awaitKey(asked, viewer, webSocket)
      })
    } catch (error) {
      refuse(socket, error)
    }
  }

  /** Ends the looks after those who are silent. */
  end(): void {
    clearInterval(this.#pings)
    this.#pings = undefined
    this.#due = 0
  }

  #askedOf(incoming: IncomingMessage): AskedWatch {
    const { url = '' } = incoming
    const [, name, search = ''] = PATH.exec(url) ?? []
    if (name === undefined)
      throw new HttpError('NO_ROUTE', 'Cannot upgrade here: only /api/v1/boards/{board}/live does')
    if (this.#parts.isStopping())
      throw new HttpError('STOPPING', 'Cannot answer: the server is about to end; ask again')
    this.#parts.overload.check(false)
    checkEscapes(name, 'path')
    const request = new Request(`http://localhost${url}`, { headers: headersOf(incoming) })
    const isAllowed = this.#mayRead(request, incoming)
    const seen = request.headers.get('last-event-id') ?? undefined
    return { subject: subjectOf(decodeURIComponent(name), search), isAllowed, seen }
  }

  // A missing key may still come; a wrong one, or a page of another site, is refused.
  #mayRead(request: Request, incoming: IncomingMessage): boolean {
    const { gate } = this.#parts
    try {
      gate.check(request, { incoming }, { role: 'read' })
      return true
    } catch (error) {
      const isLate = error instanceof HttpError && error.code === 'NO_KEY' && gate.hasKeys
      if (isLate && !request.headers.has('authorization')) return false
      throw error
    }
  }

  #keep(viewer: WebSocketViewer, webSocket: WebSocket): void {
    this.#viewers.add(viewer)
    this.#pings ??= setInterval(() => this.#ping(), PING_MS / PING_PARTS)
    webSocket.on('pong', () => {
      viewer.isAlive = true
    })
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) this.end()
    })
  }

  // A part of them at a time: ten thousand at once would hold up everybody else. Few are each asked as seldom.
  #ping(): void {
    this.#due += this.#viewers.size / PING_PARTS
    for (; this.#due >= 1; this.#due--) {
      let next = this.#round.next()
      if (next.done === true) {
        this.#round = this.#viewers.values()
        next = this.#round.next()
      }
      next.value?.ping()
    }
  }

  async #watch(
    { subject, seen }: AskedWatch,
    viewer: WebSocketViewer,
    webSocket: WebSocket,
  ): Promise<void> {
    try {
      const remove = await this.#parts.hub.add(subject, viewer, seen)
      webSocket.on('close', remove)
      if (webSocket.readyState === webSocket.CLOSED) remove()
    } catch (error) {
      viewer.end(error)
    }
  }

  #awaitKey(asked: AskedWatch, viewer: WebSocketViewer, webSocket: WebSocket): void {
    const refused = (): void =>
      viewer.end(new HttpError('NO_KEY', 'Cannot watch without a key: none came'))
    const late = setTimeout(refused, FIRST_MESSAGE_MS)
    webSocket.once('close', () => clearTimeout(late))
    webSocket.once('message', (data: Buffer) => {
      clearTimeout(late)
      try {
        const { key } = (parseBody(data) ?? {}) as { key?: unknown }
        const { gate } = this.#parts
        gate.allow(gate.callerOfKey(String(key)), 'read')
      } catch (error) {
        viewer.end(error)
        return
      }
      void this.#watch(asked, viewer, webSocket)
    })
  }
}

function forwardedOf({ headersDistinct }: IncomingMessage): string | null {
  return headersDistinct[FORWARDED_HEADER]?.join(', ') ?? null
}

function offerOf({ headers }: IncomingMessage): string | undefined {
  return headers['sec-websocket-extensions']
}

function headersOf({ headersDistinct }: IncomingMessage): [string, string][] {
  return Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(', ')])
}

function refuse(socket: Duplex, error: unknown): void {
  const { status, headers, body } = problemOf(error)
  const text = writeJson(body)
  const lines = [
    `HTTP/1.1 ${status} ${body.code}`,
    ...['Connection: close', 'Content-Type: application/problem+json'],
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers)
      .filter(([name]) => name !== 'Connection')
      .map(([name, value]) => `${name}: ${value}`),
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`)
}
