/**
 * Who may do what. Without keys the server belongs to this machine: its programs may do everything, others
 * nothing.
 *
 * A request counts as one of this machine only if it comes over loopback, names a loopback host (a page of
 * another site whose name was made to lead here does not) and passed no proxy.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http'
import { HttpError } from './problem.ts'
import type { Role } from './routes/route.ts'

/** What a request comes with, beside itself. */
export interface ServerEnv {
  /** The request of Node, if there is one. */
  incoming?: IncomingMessage | undefined
  /** The address that it comes from, if there is no request of Node. */
  address?: string | undefined
}

/** Who asks. */
export interface Caller {
  /** What the caller may do; undefined: nothing. */
  readonly role: Role | undefined
  /** The name of the key; undefined without one. */
  readonly name: string | undefined
}

const RANKS: Readonly<Record<Role, number>> = { read: 1, write: 2, admin: 3 }
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']
const LOCAL: Caller = { role: 'admin', name: undefined }
const NOBODY: Caller = { role: undefined, name: undefined }

/** Decides what a request may do. */
export class Gate {
  /**
   * Returns who asks.
   *
   * @throws {HttpError} `NO_KEY`, `FORBIDDEN` if the caller may not do what takes `role`.
   */
  check(request: Request, env: ServerEnv | undefined, role: Role): Caller {
    const caller = isLocal(request, env) ? LOCAL : NOBODY
    if (caller.role !== undefined && RANKS[caller.role] >= RANKS[role]) return caller
    throw new HttpError(
      'NO_KEY',
      'Cannot do this without a key: the server has none, so it answers programs of its own machine alone',
    )
  }
}

/** Whether a request comes from this machine, straight and under its own name. */
export function isLocal(request: Request, env: ServerEnv | undefined): boolean {
  if (!LOOPBACK.test(addressOf(env) ?? '')) return false
  const { headers } = request
  if (!LOOPBACK_HOST.test(headers.get('host') ?? new URL(request.url).host)) return false
  return !PROXY_HEADERS.some((name) => headers.has(name))
}

/** Returns the address that a request comes from, if it is known. */
export function addressOf(env: ServerEnv | undefined): string | undefined {
  return env?.incoming?.socket.remoteAddress ?? env?.address
}

/** Whether a name or an address to listen on is one of this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host) || LOOPBACK.test(host)
}
