/**
 * A viewer over a WebSocket.
 *
 * Each message is one text frame with the same JSON as in server-sent events; `id` stands in it as `"id"`. The
 * frame is made once and written to the sockets of all who get it; a second one, deflated, is for those who offered
 * to inflate, as browsers do. No frame refers to one before it (RFC 7692, `server_no_context_takeover`), or it could
 * not be the same for all.
 *
 * @module
 */

import type { Duplex } from 'node:stream'
import { constants, deflateRawSync } from 'node:zlib'
import type { PerMessageDeflateOptions, WebSocket } from 'ws'
import { DEFLATE_BYTES_MIN, DEFLATE_VIEWERS_MIN, SEND_QUEUE_BYTES_MAX } from '../limits.ts'
import { problemOf } from '../problem.ts'
import type { LiveMessage, Viewer } from './topic.ts'

/** What is agreed with those who offer to inflate. */
export const DEFLATE: PerMessageDeflateOptions = {
  ...{ serverNoContextTakeover: true, clientNoContextTakeover: true },
}

const TEXT_FRAME = 0x81
const DEFLATED_TEXT_FRAME = 0xc1
const WINDOW_PARAMETER = 'server_max_window_bits'
// What a flush ends with is left out, RFC 7692, section 7.2.1.
const FLUSH_BYTES = 4
const SHORT_MAX = 125
const MEDIUM_MAX = 0xffff

/** Codes of a close of our own are these and the status of HTTP. */
const CLOSE_BASE = 4000
const CLOSE_RESTART = 1012

const frames = new WeakMap<LiveMessage, Buffer>()
const deflatedFrames = new WeakMap<LiveMessage, Buffer>()

/** Who watches over a WebSocket. */
export class WebSocketViewer implements Viewer {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  readonly #inflates: boolean
  /** Whether it answered since it was last asked. */
  isAlive = true

  /** `offer` is what the client offered as extensions. Who asks for another window gets whole frames. */
  constructor(webSocket: WebSocket, socket: Duplex, offer = '') {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#inflates =
      webSocket.extensions.includes('permessage-deflate') && !offer.includes(WINDOW_PARAMETER)
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  // Past the library: it would make the head of the frame again for each of ten thousand.
  send(message: LiveMessage): void {
    if (this.#socket.writableLength > SEND_QUEUE_BYTES_MAX) this.#webSocket.terminate()
    else this.#socket.write(this.#inflates ? deflatedFrameOf(message) : frameOf(message))
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
    frame = textFrame(TEXT_FRAME, textOf(message))
    frames.set(message, frame)
  }
  return frame
}

function deflatedFrameOf(message: LiveMessage): Buffer {
  if (message.bytes.length < DEFLATE_BYTES_MIN || message.viewers < DEFLATE_VIEWERS_MIN)
    return frameOf(message)
  let frame = deflatedFrames.get(message)
  if (frame === undefined) {
    const deflated = deflateRawSync(textOf(message), { finishFlush: constants.Z_SYNC_FLUSH })
    frame = textFrame(DEFLATED_TEXT_FRAME, deflated.subarray(0, -FLUSH_BYTES))
    deflatedFrames.set(message, frame)
  }
  return frame
}

function textOf({ id, bytes }: LiveMessage): Buffer {
  return Buffer.concat([Buffer.from(`{"id":${JSON.stringify(id)},`), bytes.subarray(1)])
}

// RFC 6455, section 5.2: whole and unmasked.
function textFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = length <= SHORT_MAX ? Buffer.from([first, length]) : longHead(first, length)
  return Buffer.concat([head, payload])
}

function longHead(first: number, length: number): Buffer {
  if (length <= MEDIUM_MAX) {
    const head = Buffer.from([first, SHORT_MAX + 1, 0, 0])
    head.writeUInt16BE(length, 2)
    return head
  }
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = SHORT_MAX + 2
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
