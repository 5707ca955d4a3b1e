/**
 * What vitest does first: programs that tests start are those of the source as it is.
 *
 * @module
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** Builds, unless the bundles were made of the source as it is. */
export function setup(): void {
  const { status } = spawnSync(process.execPath, ['built.js'], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0)
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
}
