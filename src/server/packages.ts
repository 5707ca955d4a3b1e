/**
 * The packages that only the server needs. Who embeds the library need not install them, so they are
 * loaded when a server is made, and a missing one is an error that says what to install.
 *
 * @module
 */

import { createRequire } from 'node:module'
import { LadderError } from '../index.ts'

/** What is loaded, by the names of the packages. */
export interface Packages {
  hono: typeof import('hono')
  '@hono/node-server': typeof import('@hono/node-server')
  'rate-limiter-flexible': typeof import('rate-limiter-flexible')
  pino: typeof import('pino')
  ws: typeof import('ws')
  'prom-client': typeof import('prom-client')
}

const load = createRequire(import.meta.url)

/**
 * Returns what a package exports.
 *
 * @throws {LadderError} `NO_PACKAGE` if it is not installed.
 */
export function loadPackage<Name extends keyof Packages>(name: Name): Packages[Name] {
  try {
    return load(name) as Packages[Name]
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause
    throw missingPackage(name, cause)
  }
}

/** The version of this package. */
export function ownVersion(): string {
  return ownPackage().version
}

/** Returns the error of a package that is not installed. */
export function missingPackage(name: string, cause?: unknown): LadderError {
  const { peerDependencies } = ownPackage()
  const all = Object.entries(peerDependencies).map(
    ([peer, version]) => `${peer}@${version.replace('^', '')}`,
  )
  return new LadderError(
    'NO_PACKAGE',
    `Cannot start the server: the package ${name} is not installed; run npm install ${all.join(' ')}`,
    { cause },
  )
}

// The way is the same from the sources, from what is compiled and from what is bundled.
function ownPackage(): { version: string; peerDependencies: Record<string, string> } {
  return load('../../package.json') as ReturnType<typeof ownPackage>
}
