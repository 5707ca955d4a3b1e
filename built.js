/**
 * Whether what is in dist was made of these very files: node built.js ends with 0 if so, else with 1. The end of a
 * build notes what it made and of what: node built.js --note.
 *
 * Times of files would not do: a copy or another branch may bring older ones.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MADE = 'dist'
const NOTE = join(MADE, 'built.txt')
// The lock file stands for the packages that are bundled, and for the tools.
const USED = ['package.json', 'package-lock.json', 'tsconfig.json', 'bundle.js', 'page.js']

if (process.argv[2] === '--note') writeFileSync(NOTE, state())
else process.exitCode = isBuilt() ? 0 : 1

// What was made is in it as well: whoever runs tsc alone replaces the bundles.
function isBuilt() {
  return existsSync(NOTE) && readFileSync(NOTE, 'utf8') === state()
}

function state() {
  const made = filesIn(MADE).filter((file) => file !== NOTE)
  return `of ${hashOf([...USED, ...filesIn('src')])}, made ${hashOf(made)}\n`
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const bytes = readFileSync(file)
    hash.update(`${file} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}
