/**
 * One who watches over a WebSocket, made for a process in which there are ten thousand: it reads the head of a
 * message and skips the rest, and all read into the same memory. A message costs it half of what it costs `ws`.
 *
 * @module
 */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const TEXT = 1
const PING = 9
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
const HEAD_BYTES = 256
const SHORT_MAX = 125
const TRIES_MAX = 60
const RETRY_MS = 1_000
const END = '\r\n\r\n'
// What is read is looked at before anybody reads again.
const memory = Buffer.alloc(65_536)

export class Watcher {
  /** Called with the first 256 bytes of each message. */
  onMessage = () => undefined
  /** Bytes that came. */
  bytes = 0
  #socket
  #isUpgraded = false
  /** Of the message that is skipped. */
  #left = 0
  #rest = Buffer.alloc(0)

  /** Watches at a `ws:` address; resolves when the first message came. Who is refused asks again in a second. */
  static async open(address) {
    for (let i = 0; i < TRIES_MAX; i++) {
      const watcher = new Watcher(new URL(address))
      const isTold = await new Promise((resolve) => {
        watcher.onMessage = () => resolve(true)
        watcher.#socket.on('error', () => resolve(false))
      })
      if (isTold) return watcher
      await sleep(RETRY_MS)
    }
    throw new Error(`Cannot watch at ${address}`)
  }

  constructor({ hostname, port, pathname, search }) {
    const callback = (count, bytes) => {
      this.#read(bytes.subarray(0, count))
      return true
    }
    this.#socket = connect({ host: hostname, port, onread: { buffer: memory, callback } })
    const lines = [
      ...[`GET ${pathname}${search} HTTP/1.1`, `Host: ${hostname}:${port}`],
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    this.#socket.write(lines.join('\r\n') + END)
  }

  get isOpen() {
    return !this.#socket.destroyed
  }

  terminate() {
    this.#socket.destroy()
  }

  #read(bytes) {
    this.bytes += bytes.length
    let from = 0
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    for (;;) {
      const skipped = Math.min(this.#left, all.length - from)
      this.#left -= skipped
      from += skipped
      const taken = this.#left > 0 ? 0 : this.#take(all, from)
      if (taken === 0) break
      from += taken
    }
    this.#rest = from < all.length ? Buffer.from(all.subarray(from)) : this.#rest.subarray(0, 0)
  }

  // Returns how many bytes were taken; none if what begins here has not come yet.
  #take(bytes, from) {
    if (!this.#isUpgraded) return this.#takeAnswer(bytes, from)
    if (bytes.length < from + 2) return 0
    const short = bytes[from + 1]
    const start = from + (short <= SHORT_MAX ? 2 : short === SHORT_MAX + 1 ? 4 : 10)
    if (bytes.length < start) return 0
    const length = lengthOf(bytes, from + 2, short)
    const end = start + Math.min(length, HEAD_BYTES)
    if (bytes.length < end) return 0
    const kind = bytes[from] & 0x0f
    if (kind === TEXT) this.onMessage(bytes.subarray(start, end))
    if (kind === PING) this.#socket.write(PONG)
    this.#left = start + length - end
    return end - from
  }

  #takeAnswer(bytes, from) {
    const end = bytes.indexOf(END, from)
    if (end < 0) return 0
    const head = bytes.toString('latin1', from, end)
    if (!head.startsWith('HTTP/1.1 101')) this.#socket.destroy(new Error(head))
    this.#isUpgraded = true
    return end + END.length - from
  }
}

function lengthOf(bytes, at, short) {
  if (short <= SHORT_MAX) return short
  return short === SHORT_MAX + 1 ? bytes.readUInt16BE(at) : Number(bytes.readBigUInt64BE(at))
}
