/**
 * Whose address counts for limits and in the log: that of the connection, or, behind proxies that are trusted, what
 * they say.
 *
 *     client 203.0.113.5 ──► proxy 127.0.0.1 ──► server
 *     X-Forwarded-For: 6.6.6.6, 203.0.113.5         the client wrote 6.6.6.6, the proxy added what it saw
 *
 * The header is read from its end, and the first address counts that does not belong to a trusted proxy: what stands before
 * it anybody may have written. Without trusted proxies the header counts for nothing.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { shorten } from '../calls/index.ts'

/** What a request comes with, beside itself. */
export interface ServerEnv {
  /** The request of Node, if there is one. */
  incoming?: IncomingMessage | undefined
  /** The answer of Node, if there is one. */
  outgoing?: ServerResponse | undefined
  /** The address that it comes from, if there is no request of Node. */
  address?: string | undefined
}

/** Who asks, by limits. */
export type ClientAddress = (env: ServerEnv | undefined, forwarded: string | null) => string

const PORT_OF_IPV4 = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/
const BRACKETS = /^\[([^\]]+)\](?::\d{1,5})?$/
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i
const GROUPS = 8
const GROUPS_OF_NET = 4

/** The header in which proxies say whom they answer. */
export const FORWARDED_HEADER = 'x-forwarded-for'

/**
 * Returns what tells the address of who asks; `trusted` are addresses of proxies, or nets of them like `10.0.0.0/8`.
 *
 * @throws {TypeError} for what is neither.
 */
export function clientAddress(trusted: readonly string[]): ClientAddress {
  const proxies = new BlockList()
  for (const proxy of trusted) addProxy(proxies, proxy)
  const isProxy = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  return (env, forwarded) => {
    let address = plain(addressOf(env) ?? '')
    if (trusted.length === 0 || forwarded === null) return address || 'unknown'
    const hops = forwarded.split(',').reverse()
    for (const hop of hops) {
      const next = plain(hop.trim())
      // What is not an address, a proxy that is trusted did not write.
      if (!isProxy(address) || isIP(next) === 0) break
      address = next
    }
    return address || 'unknown'
  }
}

/** Returns the address at the other end of the connection, if it is known. */
export function addressOf(env: ServerEnv | undefined): string | undefined {
  return env?.incoming?.socket.remoteAddress ?? env?.address
}

/** Returns what stands for an address in limits: of IPv6 the net, as each of its many addresses is free to take. */
export function limitedAddress(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - groups.length - rest.length)
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...rest]
  const net = all.slice(0, GROUPS_OF_NET).map((group) => Number.parseInt(group, 16).toString(16))
  return `${net.join(':')}::/64`
}

function addProxy(proxies: BlockList, text: string): void {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  const most = family === 'ipv4' ? 32 : 128
  const isNet = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most
  if (isIP(address) === 0 || more.length > 0 || (bits !== undefined && !isNet))
    throw new TypeError(
      `Cannot trust "${shorten(text, 50)}" as a proxy: it must be an address or a net, like 127.0.0.1 or 10.0.0.0/8`,
    )
  if (isNet) proxies.addSubnet(address, Number(bits), family)
  else proxies.addAddress(address, family)
}

// Without a port, and IPv4 as such.
function plain(text: string): string {
  const bare = PORT_OF_IPV4.exec(text)?.[1] ?? BRACKETS.exec(text)?.[1] ?? text
  return MAPPED.exec(bare)?.[1] ?? bare
}
