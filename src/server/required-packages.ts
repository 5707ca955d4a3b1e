/**
 * What every server needs. Apart from the packages themselves, so that the types of this do not lead to theirs.
 *
 * @module
 */

import { loadPackage } from './packages.ts'

/**
 * Loads what every server needs, for those who do work before they make one. Cost: some 100 ms the first time, then
 * none.
 *
 * @throws {LadderError} `NO_PACKAGE` if a package is not installed.
 * @example
 * requirePackages()
 */
export function requirePackages(): void {
  for (const name of ['hono', '@hono/node-server', 'ws'] as const) loadPackage(name)
}
