/**
 * A viewer over a WebSocket.
 *
 * Each message is one text frame with the same JSON as in server-sent events; `id` stands in it as `"id"`. The
 * frame is made once and written to the sockets of all who get it.
 *
 * @module
 */

import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { SEND_QUEUE_BYTES_MAX } from '../limits.ts'
import { problemOf } from '../problem.ts'
import type { LiveMessage, Viewer } from './topic.ts'

const TEXT_FRAME = 0x81
const SHORT_MAX = 125
const MEDIUM_MAX = 0xffff

/** Codes of a close of our own are these and the status of HTTP. */
const CLOSE_BASE = 4000
const CLOSE_RESTART = 1012

const frames = new WeakMap<LiveMessage, Buffer>()

/** Who watches over a WebSocket. */
export class WebSocketViewer implements Viewer {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  /** Whether it answered since it was last asked. */
  isAlive = true

  constructor(webSocket: WebSocket, socket: Duplex) {
    this.#webSocket = webSocket
    this.#socket = socket
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  // Past the library: it would make the head of the frame again for each of ten thousand.
  send(message: LiveMessage): void {
    if (this.#socket.writableLength > SEND_QUEUE_BYTES_MAX) this.#webSocket.terminate()
    else this.#socket.write(frameOf(message))
  }

  end(error: unknown): void {
    const { status, body } = problemOf(error)
    const code = body.code === 'STOPPING' ? CLOSE_RESTART : CLOSE_BASE + status
    this.#webSocket.close(code, body.code)
  }

  /** Asks whether it is still there; ends it if it did not answer the last time. */
  ping(): void {
    if (!this.isAlive) {
      this.#webSocket.terminate()
      return
    }
    this.isAlive = false
    this.#webSocket.ping()
  }
}

function frameOf(message: LiveMessage): Buffer {
  let frame = frames.get(message)
  if (frame === undefined) {
    const head = `{"id":${JSON.stringify(message.id)},`
    frame = textFrame(Buffer.concat([Buffer.from(head), message.bytes.subarray(1)]))
    frames.set(message, frame)
  }
  return frame
}

// RFC 6455, section 5.2: a whole, unmasked text.
function textFrame(payload: Buffer): Buffer {
  const { length } = payload
  const head = length <= SHORT_MAX ? Buffer.from([TEXT_FRAME, length]) : longHead(length)
  return Buffer.concat([head, payload])
}

function longHead(length: number): Buffer {
  if (length <= MEDIUM_MAX) {
    const head = Buffer.from([TEXT_FRAME, SHORT_MAX + 1, 0, 0])
    head.writeUInt16BE(length, 2)
    return head
  }
  const head = Buffer.alloc(10)
  head[0] = TEXT_FRAME
  head[1] = SHORT_MAX + 2
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
