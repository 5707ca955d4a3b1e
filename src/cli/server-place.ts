/**
 * A server of Redis or Valkey as the command line names it:
 *
 *     redis://[user:password@]host:port/database?prefix=game      rediss:// is encrypted
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

/** Connects to a server. What that takes is loaded here and nowhere else. */
export async function openServer(
  word: string,
  options: Omit<ConnectOptions, 'prefix'> = {},
): Promise<RemoteLeaderboards> {
  const { address, prefix } = readPlace(word)
  const { connectLeaderboards } = await import('../redis/index.ts')
  return connectLeaderboards(address, { ...options, prefix })
}

/** Returns a server as it may be shown: without its password. */
export function shownServer(word: string): string {
  const url = urlOf(word)
  if (url.password !== '') url.password = '***'
  return url.href
}

function readPlace(word: string): { address: string; prefix: string | undefined } {
  const url = urlOf(word)
  const prefix = url.searchParams.get('prefix') ?? undefined
  url.searchParams.delete('prefix')
  return { address: url.href, prefix }
}

function urlOf(word: string): URL {
  if (isServer(word) && URL.canParse(word)) return new URL(word)
  throw new CliError(
    'USAGE',
    'Cannot read the address of the server: it must be like redis://localhost:6379 or rediss://user:password@host:6380/0?prefix=game',
  )
}
