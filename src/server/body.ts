/**
 * Bodies of requests: JSON that keeps every digit, counted while it comes in.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer'
import { JsonError, parseJson, shorten } from '../calls/index.ts'
import { HttpError } from './problem.ts'

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i

// A page of another origin cannot send it without asking first, so this is also a lock against forged requests.
const WRITE_JSON = 'send it as Content-Type: application/json'

// As it is, and with the escapes that JSON has for an underscore.
const PROTOTYPE = /__proto__|\\u005f/i

/**
 * Returns the bytes of a JSON body.
 *
 * @throws {HttpError} `UNSUPPORTED_TYPE`, `TOO_LARGE`.
 */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  checkType(request.headers)
  return readBytes(request, bytesMax)
}

/**
 * Returns the value of a JSON body, or of a message.
 *
 * @throws {HttpError} `BAD_JSON`.
 * @throws {JsonError} for digits that no number keeps, a key that stands twice, or a key `__proto__`.
 */
export function parseBody(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw badJson('it is not UTF-8')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  let value: unknown
  try {
    value = parseJson(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    if (cause instanceof JsonError) throw cause
    throw badJson((cause as Error).message, cause)
  }
  if (PROTOTYPE.test(text)) refusePrototypes(value)
  return value
}

function checkType(headers: Headers): void {
  const type = headers.get('content-type')
  if (type === null || !JSON_TYPE.test(type))
    throw new HttpError(
      'UNSUPPORTED_TYPE',
      `Cannot read the body: it is sent as ${type === null ? 'nothing' : `"${shorten(type)}"`}; ${WRITE_JSON}`,
    )
  const coding = headers.get('content-encoding') ?? 'identity'
  if (coding.toLowerCase() !== 'identity')
    throw new HttpError(
      'UNSUPPORTED_TYPE',
      `Cannot read the body: it is packed as "${shorten(coding)}"; send it as it is`,
    )
}

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > bytesMax) throw tooLarge(bytesMax)
  // Node's parser holds a body to its length, so it cannot be longer than it says. Asked first: the adapter reads it
  // from the socket, where for the stream it makes a request of the platform, which costs more than a submit.
  if (length !== null) return new Uint8Array(await request.arrayBuffer())
  const { body } = request
  if (body === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let bytes = 0
  // A body without a length is counted as it comes.
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += part.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function tooLarge(bytesMax: number): HttpError {
  return new HttpError(
    'TOO_LARGE',
    `Cannot read the body: it has more than ${bytesMax} bytes; send less at once`,
  )
}

function badJson(problem: string, cause?: unknown): HttpError {
  return new HttpError('BAD_JSON', `Cannot read the body: ${problem}; ${WRITE_JSON}`, { cause })
}

// Without recursion: JSON may be of any depth.
function refusePrototypes(value: unknown): void {
  const open: unknown[] = [value]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (typeof part !== 'object' || part === null) continue
    if (Object.hasOwn(part, '__proto__'))
      throw new JsonError(
        '__proto__',
        'Cannot read __proto__: no key may have this name; leave it out',
      )
    open.push(...Object.values(part).filter((inner) => typeof inner === 'object' && inner !== null))
  }
}
