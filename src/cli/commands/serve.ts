/**
 * `serve`: the store over HTTP, for hosts that are not written for Node, while others use it.
 *
 * It ends with Ctrl-C or SIGTERM: no further requests, what is under way is answered, everything that was answered
 * is on the disk, status 0.
 *
 *     { url, host, port }     with --json, when it listens
 *
 * @module
 */

import type { Leaderboards } from '../../index.ts'
import type { RequestLine, ServerOptions } from '../../server/index.ts'
import { PORT, parseCount, parsePort } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { failureOf } from '../failures.ts'
import type { Io } from '../io.ts'
import { addNights, type NightOptions, nightsInWords, nightsOf } from '../nights.ts'
import { printJson } from '../output.ts'
import { openServer } from '../server-place.ts'
import { HOW_TO_STOP, placesOf, untilStopped } from '../serving.ts'
import { printable } from '../text.ts'
import { type CommonOptions, storeName } from '../with-store.ts'

export interface ServeOptions extends CommonOptions, NightOptions {
  port: number
  host: string
  keys?: string
  publicReads?: boolean
  origin?: string[]
  trustProxy?: string[]
  rate?: number
  log?: boolean
}

const HELP = `
Without --keys it answers programs of this machine alone. For
others, make keys with  ladderdb key create --role write --keys keys.json`

/** Declares `serve`. */
export function serveCommand(cli: Cli): void {
  const command = addCommand(cli, 'serve', {
    summary: 'answer over HTTP, while others use the store',
    example: [
      'serve',
      'serve --host 0.0.0.0 --keys keys.json --public-reads',
      'serve --backup-at 04:15 backups --keep-daily 7 --keep-weekly 4',
    ],
  })
    .option('--port <port>', 'port; 0 takes a free one', parsePort, PORT)
    .option('--host <address>', 'address; 0.0.0.0 for all, which needs --keys', '127.0.0.1')
    .option('--keys <file>', 'file of keys; see ladderdb key')
    .option('--public-reads', 'answer reads without a key')
    .option('--origin <origin>', 'a site whose pages may ask; may be repeated', collect)
    .option('--trust-proxy <address>', 'a proxy that says who asks; may be repeated', collect)
    .option('--rate <n>', 'requests that one address may make in a second', parseCount)
    .option('--log', 'print a line of JSON for each request')
  addNights(command)
  command.addHelpText('after', HELP).action(runner(cli, runServe))
}

export async function runServe(io: Io, options: ServeOptions): Promise<number> {
  const { redis, host, port, json } = options
  const served = await import('../../server/index.ts')
  const { checkHost, checkOptions, createServer, readKeys, requestLog, requirePackages } = served
  // Before the store is made: what is refused leaves none.
  requirePackages()
  const nights = nightsOf(io, options)
  if (options.keys !== undefined) readKeys(options.keys)
  checkHost(host, options.keys !== undefined)
  const log = options.log === true ? requestLog({ write: (line) => io.print(line) }) : undefined
  const serverOptions = { ...optionsOf(io, options, log), ...nights }
  checkOptions(serverOptions)
  const store = redis === undefined ? await openDirectory(options) : await openServer(redis)
  try {
    const server = createServer(store, serverOptions)
    const { url, ...place } = await server.listen({ host, port })
    if (json) await printJson(io, { url, ...place })
    else io.report(greeting(url, options, nightsInWords(nights)))
    await untilStopped(io, server)
    if (!json) io.report('stopped: everything that was answered is stored')
    return 0
  } finally {
    await store.close()
  }
}

async function openDirectory({ db, allowNetworkFileSystem }: ServeOptions): Promise<Leaderboards> {
  const { openLeaderboards } = await import('../../index.ts')
  return openLeaderboards(db, { allowNetworkFileSystem })
}

function optionsOf(
  io: Io,
  options: ServeOptions,
  onRequest: ((line: RequestLine) => void) | undefined,
): ServerOptions {
  const { keys, publicReads, origin, trustProxy, rate } = options
  return {
    ...{ keys, publicReads, origins: origin, requestsPerSecond: rate, onRequest },
    trustedProxies: trustProxy,
    onError: (error: unknown) => io.report(`ladderdb: ${printable(failureOf(error).message)}`),
  }
}

function greeting(url: string, options: ServeOptions, more: readonly string[]): string {
  const { keys } = options
  const who =
    keys === undefined
      ? 'Without --keys it answers programs of this machine alone.'
      : `Keys are those of ${printable(keys)}.`
  const title = `ladderdb serves ${printable(storeName(options))}`
  return [title, '', ...placesOf(url), '', who, ...more, HOW_TO_STOP].join('\n')
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text]
}
