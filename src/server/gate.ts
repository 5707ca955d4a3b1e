/**
 * Who may do what.
 *
 *     no keys     programs of this machine everything, others nothing
 *     keys        a key what its role says; without one nobody anything, or with `publicReads` reads
 *     pages       those of the server's own origin, and of the origins that are named
 *
 * A request counts as one of this machine only if it comes over loopback, names a loopback host (a page of
 * another site whose name was made to lead here does not) and passed no proxy.
 *
 * @module
 */

import { shorten } from '../calls/index.ts'
import { addressOf, type ServerEnv } from './client-address.ts'
import type { KeyRecord, Keyring } from './keys.ts'
import { HttpError } from './problem.ts'
import type { Role } from './routes/route.ts'
import { parseSignature, SIGNATURE_HEADER, type Signature } from './signature.ts'

/** Who asks. */
export interface Caller {
  /** What the caller may do; undefined: nothing. */
  readonly role: Role | undefined
  /** The name of the key; undefined without one. */
  readonly name: string | undefined
  /** What has to be checked once the body is there. */
  readonly signed?: { readonly signature: Signature; readonly secret: string }
}

/** What a gate looks at. */
export interface Sender {
  readonly url: string
  readonly headers: Pick<Headers, 'get' | 'has'>
}

/** What a gate goes by. */
export interface GateRules {
  keys: Keyring | undefined
  publicReads: boolean
  origins: readonly string[]
  clock: () => number
}

const RANKS: Readonly<Record<Role, number>> = { read: 1, write: 2, admin: 3 }
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']
const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i
const LOCAL: Caller = { role: 'admin', name: undefined }
const READER: Caller = { role: 'read', name: undefined }
const NOBODY: Caller = { role: undefined, name: undefined }
const CHALLENGE = { headers: { 'WWW-Authenticate': 'Bearer realm="ladderdb"' } }

/** Decides what a request may do. */
export class Gate {
  readonly #rules: GateRules

  constructor(rules: GateRules) {
    this.#rules = rules
  }

  get hasKeys(): boolean {
    return this.#rules.keys !== undefined
  }

  /**
   * Returns who asks, if the caller may do what takes `role`. A signature is enough where `maySign` says so, and
   * is still to be checked with the body.
   *
   * @throws {HttpError} `NO_KEY`, `FORBIDDEN`, `BAD_ORIGIN`.
   */
  check(
    request: Sender,
    env: ServerEnv | undefined,
    needs: { role: Role; maySign?: boolean; isPrivate?: boolean },
  ): Caller {
    this.checkOrigin(request.headers)
    const caller = this.#callerOf(request, env)
    if (caller.signed !== undefined && needs.maySign !== true)
      throw new HttpError('FORBIDDEN', 'Cannot do this with a signature: it is for submits alone')
    // Public are the standings, and nothing else.
    const known = needs.isPrivate === true && caller === READER ? NOBODY : caller
    return this.allow(known, needs.role)
  }

  /**
   * Returns who has a key that came in a message.
   *
   * @throws {HttpError} `NO_KEY` if it is not a key.
   */
  callerOfKey(key: string): Caller {
    const record = this.#rules.keys?.find(key)
    if (record !== undefined) return callerOf(record)
    throw new HttpError('NO_KEY', 'Cannot take the key: it is not known, or was revoked', CHALLENGE)
  }

  /** Returns a caller who may do what takes `role`. */
  allow(caller: Caller, role: Role): Caller {
    if (caller.role !== undefined && RANKS[caller.role] >= RANKS[role]) return caller
    if (caller.role !== undefined && caller !== READER)
      throw new HttpError(
        'FORBIDDEN',
        `Cannot do this with a key of the role ${caller.role}: it takes ${role}`,
      )
    throw this.#needsKey(role)
  }

  /** Returns the origin that a page of another site has, if it is one that is named. */
  otherOrigin(headers: Sender['headers']): string | undefined {
    const origin = headers.get('origin')
    return origin !== null && this.#rules.origins.includes(origin) ? origin : undefined
  }

  /** @throws {HttpError} `BAD_ORIGIN` if it is a page of an origin that is not named. */
  checkOrigin(headers: Sender['headers']): void {
    const origin = headers.get('origin')
    if (origin === null || this.#rules.origins.includes(origin)) return
    const host = headers.get('host')
    if (host !== null && URL.canParse(origin) && new URL(origin).host === host) return
    throw new HttpError(
      'BAD_ORIGIN',
      `Cannot answer a page of ${shorten(origin, 100)}: name the origin with --origin, or the option origins`,
    )
  }

  #callerOf(request: Sender, env: ServerEnv | undefined): Caller {
    const { keys, publicReads } = this.#rules
    const { headers } = request
    const key = BEARER.exec(headers.get('authorization') ?? '')?.[1]
    if (key !== undefined) return this.callerOfKey(key)
    const signature = headers.get(SIGNATURE_HEADER)
    if (signature !== null) return this.#signer(signature)
    if (keys === undefined && isLocal(request, env)) return LOCAL
    return publicReads ? READER : NOBODY
  }

  #signer(header: string): Caller {
    const signature = parseSignature(header, this.#rules.clock())
    const record = this.#rules.keys?.signer(signature.key)
    if (record?.secret === undefined)
      throw new HttpError(
        'NO_KEY',
        'Cannot take the signature: its key is not known, or was revoked',
      )
    return { ...callerOf(record), signed: { signature, secret: record.secret } }
  }

  #needsKey(role: Role): HttpError {
    const remedy = this.hasKeys
      ? `send one of the role ${role} as Authorization: Bearer KEY`
      : 'the server has none, so it takes this from programs of its own machine alone; start it with --keys FILE'
    return new HttpError('NO_KEY', `Cannot do this without a key: ${remedy}`, CHALLENGE)
  }
}

/** Whether a request comes from this machine, straight and under its own name. */
export function isLocal(request: Sender, env: ServerEnv | undefined): boolean {
  if (!LOOPBACK.test(addressOf(env) ?? '')) return false
  const { headers } = request
  if (!LOOPBACK_HOST.test(headers.get('host') ?? new URL(request.url).host)) return false
  return !PROXY_HEADERS.some((name) => headers.has(name))
}

/** Whether a name or an address to listen on is one of this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host) || LOOPBACK.test(host)
}

function callerOf({ role, name }: KeyRecord): Caller {
  return { role, name }
}
