/**
 * What commands that serve have in common: where things are, and the wait for the end.
 *
 * @module
 */

import type { LadderServer } from '../server/index.ts'
import type { Io } from './io.ts'

/** What stands below what is said about who may ask. */
export const HOW_TO_STOP = 'Ctrl-C or SIGTERM stops it.'

/** Returns the addresses of a server, for people. */
export function placesOf(url: string, board = 'BOARD'): string[] {
  return [
    ['page', `${url}/`],
    ['interface', `${url}/api/v1`],
    ['live', `${url}/api/v1/boards/${board}/live`],
    ['metrics', `${url}/metrics`],
    ['docs', `${url}/docs`],
    ['health', `${url}/healthz`],
  ].map(([name = '', address]) => `  ${name.padEnd(11)}${address}`)
}

/** Resolves when the server was told to stop, and has. */
export async function untilStopped(io: Io, server: LadderServer): Promise<void> {
  if (!io.signal.aborted)
    await new Promise<void>((resolve) => {
      io.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  await server.close()
}
