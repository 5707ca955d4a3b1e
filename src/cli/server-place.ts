/**
 * A server of Redis or Valkey as the command line names it:
 *
 *     redis://[user:password@]host:port/database?prefix=game      rediss:// is encrypted
 *     redis://a:6379,redis://b:6379?prefix=game                   some nodes of a cluster
 *
 * `prefix` is what all keys of the store begin with, as the option of `connectLeaderboards`.
 *
 * @module
 */

import type { ConnectOptions, RemoteLeaderboards } from '../redis/index.ts'
import { CliError } from './failures.ts'

/** Whether a word names a server, and no directory. */
export function isServer(word: string): boolean {
  return /^rediss?:\/\//i.test(word)
}

/** Whether a word names some nodes of a cluster. */
export function isCluster(word: string): boolean {
  return urlsOf(word).length > 1
}

/** Connects to a server or a cluster. What that takes is loaded here and nowhere else. */
export async function openServer(
  word: string,
  options: Omit<ConnectOptions, 'prefix'> = {},
): Promise<RemoteLeaderboards> {
  const { addresses, prefix } = readPlace(word)
  const [first = '', ...others] = addresses
  const { connectLeaderboards } = await import('../redis/index.ts')
  return connectLeaderboards(others.length === 0 ? first : addresses, { ...options, prefix })
}

/** Returns a server as it may be shown: without its password. */
export function shownServer(word: string): string {
  const urls = urlsOf(word)
  for (const url of urls) if (url.password !== '') url.password = '***'
  return urls.map(({ href }) => href).join(',')
}

function readPlace(word: string): { addresses: string[]; prefix: string | undefined } {
  const urls = urlsOf(word)
  const prefix = urls
    .map(({ searchParams }) => searchParams.get('prefix'))
    .find((one) => one !== null)
  for (const url of urls) url.searchParams.delete('prefix')
  return { addresses: urls.map(({ href }) => href), prefix: prefix ?? undefined }
}

// A password may have commas in it.
function urlsOf(word: string): URL[] {
  const words = word.split(/,(?=rediss?:)/i)
  if (words.every((one) => isServer(one) && URL.canParse(one)))
    return words.map((one) => new URL(one))
  throw new CliError(
    'USAGE',
    'Cannot read the address of the server: it must be like redis://localhost:6379 or rediss://user:password@host:6380/0?prefix=game, or some nodes of a cluster like redis://a:6379,redis://b:6379',
  )
}
