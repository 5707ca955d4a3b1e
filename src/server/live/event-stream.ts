/**
 * A viewer over server-sent events.
 *
 *     retry: 1000
 *
 *     id: aX3f-17                       what `Last-Event-ID` says when the viewer comes back
 *     event: update
 *     data: {"sequence":17,"total":3,"entries":[…],"changes":[…]}
 *
 * A comment every 15 s keeps proxies from ending it. `event: end` has a problem document: there is no more. After ten
 * minutes the stream ends without one: a viewer that is there comes back, as `EventSource` does by itself.
 *
 * @module
 */

import { HEARTBEAT_MS, HEARTBEATS_MAX, HEARTBEATS_SPREAD, SEND_QUEUE_BYTES_MAX } from '../limits.ts'
import { problemOf } from '../problem.ts'
import type { LiveHub } from './hub.ts'
import type { LiveMessage, LiveSubject, Viewer } from './topic.ts'

const HEADERS = {
  ...{ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' },
  // Reverse proxies of the nginx kind hold answers back otherwise.
  'X-Accel-Buffering': 'no',
} as const

const HEARTBEAT = Buffer.from(': still here\n\n')
const START = Buffer.from('retry: 1000\n\n')

let streams = 0

// Of each message once, for all who get it.
const texts = new WeakMap<LiveMessage, Buffer>()

/** Who watches over server-sent events. */
export class EventStreamViewer implements Viewer {
  readonly response: Response
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  readonly #heartbeat: NodeJS.Timeout
  #beatsLeft = HEARTBEATS_MAX - (streams++ % HEARTBEATS_SPREAD)
  /** Called once when the viewer is gone. */
  onGone: () => void = () => undefined

  readonly #cut: (() => void) | undefined

  /** `cut` ends the connection; undefined if it is somebody else's. */
  constructor(cut: (() => void) | undefined) {
    this.#cut = cut
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        cancel: () => this.#gone(),
      },
      { highWaterMark: SEND_QUEUE_BYTES_MAX, size: (part) => part?.length ?? 0 },
    )
    this.response = new Response(stream, { headers: HEADERS })
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS)
    this.#write(START)
  }

  get isOpen(): boolean {
    return this.#controller !== undefined
  }

  send(message: LiveMessage): void {
    this.#write(textOf(message))
  }

  end(error: unknown): void {
    const { body } = problemOf(error)
    this.#write(Buffer.from(`event: end\ndata: ${JSON.stringify(body)}\n\n`))
    this.#close()
  }

  #beat(): void {
    if (--this.#beatsLeft > 0) this.#write(HEARTBEAT)
    else this.#close()
  }

  #close(): void {
    this.#controller?.close()
    this.#gone()
  }

  // Who does not read is cut off: it comes back and is told the state.
  #write(bytes: Uint8Array): void {
    const controller = this.#controller
    if (controller === undefined) return
    if ((controller.desiredSize ?? 0) > 0) {
      controller.enqueue(bytes)
      return
    }
    // The end of a connection ends its stream; what a stream fails with would be printed by the adapter.
    if (this.#cut === undefined) controller.error(new Error('the viewer does not read'))
    else this.#cut()
    this.#gone()
  }

  #gone(): void {
    if (this.#controller === undefined) return
    this.#controller = undefined
    clearInterval(this.#heartbeat)
    this.onGone()
  }
}

/**
 * Returns the answer of who wants to watch; `leave` is called when that ends.
 *
 * @throws {LadderError} `NO_BOARD`, and those of reads.
 */
export async function openEventStream(
  subject: LiveSubject,
  parts: {
    hub: LiveHub
    seen: string | undefined
    leave: () => void
    cut: (() => void) | undefined
  },
): Promise<Response> {
  const viewer = new EventStreamViewer(parts.cut)
  try {
    const remove = await parts.hub.add(subject, viewer, parts.seen)
    const leave = (): void => {
      remove()
      parts.leave()
    }
    if (viewer.isOpen) viewer.onGone = leave
    else leave()
    return viewer.response
  } catch (error) {
    viewer.onGone = parts.leave
    viewer.end(error)
    throw error
  }
}

function textOf(message: LiveMessage): Buffer {
  let text = texts.get(message)
  if (text === undefined) {
    const head = `id: ${message.id}\nevent: update\ndata: `
    text = Buffer.concat([Buffer.from(head), message.bytes, Buffer.from('\n\n')])
    texts.set(message, text)
  }
  return text
}
