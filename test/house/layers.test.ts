import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '../../src')

/** What a folder never imports, and why. */
const WALLS: [folder: string, banned: RegExp, reason: string][] = [
  [
    'format',
    /^(node:fs|lmdb|\.\.\/(store|rank|board|safekeeping|transfer|cli)\/)/,
    'a codec is a function',
  ],
  [
    'rank',
    /^(lmdb|\.\.\/format\/entry-key|\.\.\/(store|board|safekeeping|transfer|cli)\/)/,
    'the tree orders opaque bytes',
  ],
  [
    'store',
    /^\.\.\/(format|rank|board|safekeeping|transfer|cli)\//,
    'a store knows keys and transactions',
  ],
  [
    'board',
    /^(lmdb|\.\.\/(safekeeping|transfer|cli)\/)/,
    'boards do not know who feeds or keeps them',
  ],
  ['cli', /^(\.\.\/)+(?!(cli|index\.ts))[a-z]/, 'the tool uses what any user can import'],
]

interface SourceFile {
  path: string
  text: string
  imports: string[]
}

function sourceFiles(folder = ''): SourceFile[] {
  return readdirSync(join(SRC, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourceFiles(path)
    if (!entry.name.endsWith('.ts')) return []
    const text = readFileSync(join(SRC, path), 'utf8')
    const imports = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(
      (match) => match[1] as string,
    )
    return [{ path, text, imports }]
  })
}

const files = sourceFiles()

test.each(WALLS)('%s/ never imports %s: %s', (folder, banned) => {
  const inFolder = files.filter(({ path }) => path.startsWith(`${folder}/`))
  expect(inFolder.length).toBeGreaterThan(0)
  const crossings = inFolder.flatMap(({ path, imports }) => {
    // Within the folder, deeper files climb: what matters is where they arrive.
    const depth = path.split('/').length - 2
    const level = imports.map((name) =>
      name.replace(
        '../'.repeat(depth),
        depth > 0 && !name.startsWith('../'.repeat(depth + 1)) ? './' : '',
      ),
    )
    return level.filter((name) => banned.test(name)).map((name) => `${path} imports ${name}`)
  })
  expect(crossings).toEqual([])
})

test('the package lmdb is imported in one file', () => {
  const importers = files.filter(({ imports }) => imports.includes('lmdb')).map(({ path }) => path)
  expect(importers).toEqual(['store/lmdb-store.ts'])
})

test('the library never talks to the terminal', () => {
  const talkers = files.filter(({ path, text }) => {
    return (
      !path.startsWith('cli/') &&
      /(?<!\* .*)\b(console\.|process\.(exit|env|stdout|stderr))/.test(text)
    )
  })
  expect(talkers.map(({ path }) => path)).toEqual([])
})

test('every file opens with what it is and stays within 400 lines', () => {
  expect(files.filter(({ text }) => !text.startsWith('/**\n * ')).map(({ path }) => path)).toEqual(
    [],
  )
  expect(files.filter(({ text }) => text.split('\n').length > 401).map(({ path }) => path)).toEqual(
    [],
  )
})

test('every file is imported by another one', () => {
  const imported = new Set(
    files.flatMap(({ path, imports }) => imports.map((name) => join(path, '..', name))),
  )
  const entries = new Set(['index.ts', 'cli/main.ts', 'safekeeping/check-child.ts'])
  expect(
    files.map(({ path }) => path).filter((path) => !imported.has(path) && !entries.has(path)),
  ).toEqual([])
})
