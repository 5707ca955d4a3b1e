/**
 * What is told of each request: enough to find it, and nothing of its body or its key.
 *
 * @module
 */

import { loadPackage } from './packages.ts'

/** One request that was answered. */
export interface RequestLine {
  method: string
  /** With its query; as it was sent, so without a character that drives a terminal. */
  path: string
  status: number
  ms: number
  /** Of who asked; behind a proxy that is trusted, as it says. */
  address: string
}

/** Returns milliseconds as a line tells them. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * Returns what writes a line of JSON for each request, for the option `onRequest`. Cost: some microseconds a line.
 *
 * @throws {LadderError} `NO_PACKAGE`.
 * @example
 * const server = createServer(store, { onRequest: requestLog(process.stdout) })
 */
export function requestLog(target: { write(line: string): unknown }): (line: RequestLine) => void {
  const { pino } = loadPackage('pino')
  const log = pino({ base: null }, { write: (line: string) => void target.write(line) })
  return (line) => {
    if (line.status >= 500) log.error(line)
    else log.info(line)
  }
}
