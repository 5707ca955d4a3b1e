/**
 * What vitest does first: programs that tests start are those of the source as it is.
 *
 * @module
 */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const ENTRY = join(ROOT, 'dist/index.js')

/** Builds, unless the bundles are newer than all of the source. */
export function setup(): void {
  if (!isBuilt()) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
}

function isBuilt(): boolean {
  try {
    // What tsc alone leaves there is one of many files, and starts slowly.
    return readFileSync(ENTRY, 'utf8').includes('./chunks/') && newest() <= timeOf(ENTRY)
  } catch {
    return false
  }
}

function newest(): number {
  const source = join(ROOT, 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map((name) => timeOf(join(source, name))))
}

function timeOf(path: string): number {
  return statSync(path).mtimeMs
}
