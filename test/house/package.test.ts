import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const BINARY = join(ROOT, 'bin/ladderdb.js')

// When a rank took 125 files of the source, it came 1.4 times as late as it had with half of them: Node
// spends half a millisecond on each file that a process loads.
test.each([
  ['the library', join(ROOT, 'dist/index.js'), 4],
  ['the check in a child', join(ROOT, 'dist/library/check-child.js'), 4],
  ['the command line', BINARY, 6],
  ['the engine on servers', join(ROOT, 'dist/redis/index.js'), 3],
])('%s is few files', (_name, entry, max) => {
  expect(filesOf(entry).size).toBeLessThanOrEqual(max)
})

test('a package has all that package.json names', () => {
  const { exports, imports, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const targets = Object.values<{ default: string } | string>({ ...exports, ...imports })
    .map((to) => (typeof to === 'string' ? to : to.default))
    .filter((to) => to.startsWith('./dist/'))
  expect(targets).not.toEqual([])
  const missing = targets.filter((to) => !files.includes(`${to.slice('./'.length)}*`))
  expect(missing).toEqual([])
  expect(files).toContain('dist/chunks')
})

/** The files of ours that a process loads which enters by this one. */
function filesOf(entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found
  found.add(entry)
  const code = readFileSync(entry, 'utf8')
  for (const [, path] of code.matchAll(/^(?:import|export) (?:[^'"]*? from )?["'](\.[^'"]*)["']/gm))
    filesOf(resolve(dirname(entry), path as string), found)
  return found
}
