/**
 * Signed submits, for games whose clients submit themselves: a client has what signs, and no key that does more.
 *
 *     Ladderdb-Signature: key=k7f3a1c2e, expires=1793232000, nonce=run-17, hmac=…
 *
 *     hmac = hex(HMAC-SHA256(secret, method "\n" path with query "\n" expires "\n" nonce "\n" hex(SHA-256(body))))
 *
 * `expires` is in seconds since 1970. The nonce is the `Idempotency-Key` of the submit: what is sent again, by
 * the client or by somebody who listened, counts once, whichever server of the store gets it.
 *
 * @module
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { SIGNATURE_MS_MAX } from './limits.ts'
import { HttpError } from './problem.ts'

/** A signature as it came. */
export interface Signature {
  readonly key: string
  readonly expires: string
  readonly nonce: string
  readonly hmac: string
}

export const SIGNATURE_HEADER = 'ladderdb-signature'

const PART = /^(key|expires|nonce|hmac)=([\x21-\x2b\x2d-\x7e]{1,128})$/

/**
 * Returns the signature of a header.
 *
 * @throws {HttpError} `NO_KEY` if it is not a signature, has expired, or lies too far ahead.
 */
export function parseSignature(header: string, now: number): Signature {
  const parts = new Map<string, string>()
  for (const part of header.split(',')) {
    const [, name, value] = PART.exec(part.trim()) ?? []
    if (name === undefined || value === undefined || parts.has(name)) throw refused('it is not one')
    parts.set(name, value)
  }
  const [key = '', expires = '', nonce = '', hmac = ''] = ['key', 'expires', 'nonce', 'hmac'].map(
    (name) => parts.get(name),
  )
  if (parts.size < 4) throw refused('it needs key, expires, nonce and hmac')
  const remainingMs = Number(expires) * 1000 - now
  if (!/^\d{1,12}$/.test(expires) || remainingMs <= 0) throw refused('it is over')
  if (remainingMs > SIGNATURE_MS_MAX)
    throw refused(`it holds for longer than ${SIGNATURE_MS_MAX / 1000} s`)
  return { key, expires, nonce, hmac }
}

/** @throws {HttpError} `NO_KEY` if the signature is not of this request and this secret. */
export function checkSignature(
  signature: Signature,
  signed: { secret: string; method: string; path: string; body: Uint8Array },
): void {
  const { secret, method, path, body } = signed
  const digest = createHash('sha256').update(body).digest('hex')
  const text = [method, path, signature.expires, signature.nonce, digest].join('\n')
  const right = createHmac('sha256', secret).update(text).digest()
  const given = Buffer.from(signature.hmac, 'hex')
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw refused('it is not of this request')
}

function refused(problem: string): HttpError {
  return new HttpError(
    'NO_KEY',
    `Cannot take the signature: ${problem}; sign method, path, expiry, nonce and body again`,
  )
}
