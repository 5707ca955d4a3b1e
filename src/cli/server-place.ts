/**
 * A server of Redis or Valkey as the command line names it:
 *
 *     redis://[user:password@]host:port/database?prefix=game      rediss:// is encrypted
 *     redis://a:6379,redis://b:6379?prefix=game                   some nodes of a cluster
 *     redis://a:6379,redis://b:6379?readFrom=replica&maxLagMs=50  questions go to replicas
 *
 * `prefix`, `readFrom` and `maxLagMs` are the options of `connectLeaderboards`.
 *
 * @module
 */

import type { ConnectOptions, RemoteLeaderboards } from '../redis/index.ts'
import { CliError } from './failures.ts'

const OPTIONS = ['prefix', 'readFrom', 'maxLagMs'] as const

/** Whether a word is meant for a server, and not for a directory: one that is written wrong is refused when it is read. */
export function isServer(word: string): boolean {
  return /^rediss?:/i.test(word)
}

/** Whether a word names some nodes of a cluster. */
export function isCluster(word: string): boolean {
  return urlsOf(word).length > 1
}

/** Connects to a server or a cluster. What that takes is loaded here and nowhere else. */
export async function openServer(
  word: string,
  options: Omit<ConnectOptions, (typeof OPTIONS)[number]> = {},
): Promise<RemoteLeaderboards> {
  const { addresses, told } = readPlace(word)
  const [first = '', ...others] = addresses
  const { connectLeaderboards } = await import('../redis/index.ts')
  return connectLeaderboards(others.length === 0 ? first : addresses, { ...options, ...told })
}

/** Returns a server as it may be shown: without its password. */
export function shownServer(word: string): string {
  const urls = urlsOf(word)
  for (const url of urls) if (url.password !== '') url.password = '***'
  return urls.map(({ href }) => href).join(',')
}

function readPlace(word: string): { addresses: string[]; told: ConnectOptions } {
  const urls = urlsOf(word)
  const optionOf = (name: string): string | undefined =>
    urls.map(({ searchParams }) => searchParams.get(name)).find((one) => one !== null) ?? undefined
  const [prefix, readFrom, maxLagMs] = OPTIONS.map(optionOf)
  for (const url of urls) {
    for (const name of OPTIONS) url.searchParams.delete(name)
    checkParameters([...url.searchParams.keys()])
  }
  const told = {
    prefix,
    // What it is not is said by who is given it.
    readFrom: readFrom as ConnectOptions['readFrom'],
    maxLagMs: maxLagMs === undefined ? undefined : lagOf(maxLagMs),
  }
  return { addresses: urls.map(({ href }) => href), told }
}

function lagOf(word: string): number {
  const ms = Number(word)
  if (ms > 0) return ms
  throw new CliError(
    'USAGE',
    `Cannot use "${word}" as maxLagMs in the address of a server: it must be a number of milliseconds above 0`,
  )
}

// The library, which takes the options by themselves, would not name them.
function checkParameters(others: readonly string[]): void {
  const stray = others.find((name) => name !== 'family')
  if (stray === undefined) return
  throw new CliError(
    'USAGE',
    `Cannot use "${stray}" in the address of a server: ${OPTIONS.join(', ')} and family are taken there; leave it out`,
  )
}

// A password may have commas in it.
function urlsOf(word: string): URL[] {
  const words = word.split(/,(?=rediss?:)/i)
  if (words.every((one) => /^rediss?:\/\//i.test(one) && URL.canParse(one)))
    return words.map((one) => new URL(one))
  throw new CliError(
    'USAGE',
    'Cannot read the address of the server: it must be like redis://localhost:6379 or rediss://user:password@host:6380/0?prefix=game, or some nodes of a cluster like redis://a:6379,redis://b:6379',
  )
}
