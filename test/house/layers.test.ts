import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '../../src')

/** What a room may import of the others. `lmdb` and clocks have rules of their own below. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  ground: [],
  words: [],
  format: ['ground', 'words'],
  domain: ['ground', 'words', 'format/score-shape.ts', 'format/window-settings.ts'],
  calendar: ['ground', 'words'],
  calls: [
    ...['ground', 'words', 'calendar'],
    ...['format/score-shape.ts', 'format/tables.ts', 'format/time.ts'],
  ],
  measures: ['ground', 'words', 'calls/table.ts'],
  rows: ['ground', 'words', 'calls', 'format', 'domain'],
  store: ['ground'],
  rank: ['ground', 'format/tree-node.ts', 'format/bytes.ts'],
  board: ['ground', 'words', 'format', 'domain', 'rank', 'store'],
  embedded: ['ground', 'words', 'calendar', 'calls', 'format', 'domain', 'store', 'rank', 'board'],
  check: [
    'ground',
    'words',
    'calendar',
    'calls',
    'format',
    'domain',
    'store',
    'rank',
    'board',
    'embedded',
  ],
  backup: ['ground', 'words', 'calls', 'format', 'embedded', 'check'],
  transfer: [
    'ground',
    'words',
    'calendar',
    'calls',
    'format',
    'domain',
    'store',
    'rank',
    'board',
    'embedded',
    'rows',
  ],
  library: [
    ...['ground', 'words', 'calendar', 'calls', 'format', 'domain', 'store', 'board', 'embedded'],
    ...['check', 'backup', 'transfer', 'rows', 'measures'],
  ],
  redis: ['ground', 'words', 'calendar', 'calls', 'format', 'domain', 'rows', 'measures'],
  'index.ts': ['ground', 'words', 'calls', 'library'],
  server: ['index.ts', 'calls/index.ts', 'redis/index.ts'],
  cli: ['index.ts', 'calls/index.ts', 'server/index.ts', 'redis/index.ts'],
}

interface SourceFile {
  path: string
  text: string
  imports: string[]
}

function sourceFiles(folder = ''): SourceFile[] {
  return readdirSync(join(SRC, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourceFiles(path)
    if (!/\.tsx?$/.test(entry.name)) return []
    const text = readFileSync(join(SRC, path), 'utf8')
    const imports = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(
      (match) => match[1] as string,
    )
    return [{ path, text, imports }]
  })
}

const files = sourceFiles()

function roomOf(path: string): string {
  return path.split('/')[0] as string
}

function targetsOf({ path, imports }: SourceFile): string[] {
  return imports.filter((name) => name.startsWith('.')).map((name) => join(path, '..', name))
}

test.each(Object.entries(MAY_IMPORT))('%s imports only what lies below it', (room, allowed) => {
  const inRoom = files.filter(({ path }) => roomOf(path) === room)
  expect(inRoom.length).toBeGreaterThan(0)
  const crossings = inRoom.flatMap((file) =>
    targetsOf(file)
      .filter((target) => roomOf(target) !== room)
      .filter((target) => !allowed.some((may) => target === may || target.startsWith(`${may}/`)))
      .map((target) => `${file.path} imports ${target}`),
  )
  expect(crossings).toEqual([])
})

test('every room is in the table', () => {
  expect(new Set(files.map(({ path }) => roomOf(path)))).toEqual(new Set(Object.keys(MAY_IMPORT)))
})

/** Returns a way from a node back to itself, or undefined. */
function circleIn(arrows: Map<string, Set<string>>): string[] | undefined {
  const done = new Set<string>()
  const walk = (node: string, way: string[]): string[] | undefined => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of arrows.get(node) ?? []) {
      const circle = walk(next, [...way, node])
      if (circle !== undefined) return circle
    }
    done.add(node)
    return undefined
  }
  for (const node of arrows.keys()) {
    const circle = walk(node, [])
    if (circle !== undefined) return circle
  }
  return undefined
}

test('files do not import each other in a circle', () => {
  // Types of one another are words of one thing; so are the words.
  const arrows = new Map(
    files
      .filter(({ path }) => roomOf(path) !== 'words')
      .map((file) => [file.path, new Set(targetsOf(file))]),
  )
  expect(circleIn(arrows)).toBeUndefined()
})

test('folders do not import each other in a circle', () => {
  const arrows = new Map<string, Set<string>>()
  for (const file of files)
    for (const target of targetsOf(file)) {
      const [from, to] = [roomOf(file.path), roomOf(target)]
      if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  expect(circleIn(arrows)).toBeUndefined()
})

test('folders of the engine on servers do not import each other in a circle', () => {
  const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/')
  const arrows = new Map<string, Set<string>>()
  for (const file of files.filter(({ path }) => roomOf(path) === 'redis'))
    for (const target of targetsOf(file)) {
      const [from, to] = [folderOf(file.path), folderOf(target)]
      // Its words are types, for all of its folders.
      if (from === to || roomOf(target) !== 'redis' || target === 'redis/words.ts') continue
      arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  expect(arrows.size).toBeGreaterThan(5)
  expect(circleIn(arrows)).toBeUndefined()
})

test('no exported name occurs twice', () => {
  const seen = new Map<string, string[]>()
  for (const { path, text } of files)
    for (const match of text.matchAll(
      /^export (?:async )?(?:abstract )?(?:function\*?|class|const|interface|type) (\w+)/gm,
    )) {
      const name = match[1] as string
      seen.set(name, [...(seen.get(name) ?? []), path])
    }
  expect([...seen].filter(([, paths]) => paths.length > 1)).toEqual([])
})

/** Rooms in which `Date.now`, `Math.random` or `process` may stand. */
const OUTSIDE: readonly string[] = [
  ...['library', 'cli', 'store', 'backup', 'check', 'server', 'redis', 'measures'],
]

test('clocks, chance and the process are asked for in their rooms alone', () => {
  const askers = files.filter(
    ({ path, text }) =>
      !OUTSIDE.includes(roomOf(path)) &&
      /^(?! \*|\s*\/\/).*\b(Date\.now\(|performance\.now\(|Math\.random\(|process\.[a-z])/m.test(
        text,
      ),
  )
  expect(askers.map(({ path }) => path)).toEqual([])
})

test('the package lmdb is imported in one file', () => {
  const importers = files.filter(({ imports }) => imports.includes('lmdb')).map(({ path }) => path)
  expect(importers).toEqual(['store/lmdb/open-lmdb.ts'])
})

/** Returns the files that are loaded with those given. Types cost nothing, `await import` comes later. */
function loadedWith(paths: readonly string[]): Set<string> {
  const loaded = new Set(paths)
  for (const path of loaded) {
    const text = files.find((file) => file.path === path)?.text ?? ''
    for (const match of text.matchAll(/^(?:import (?!type )|export [{*])[^']*'(\.[^']+)'/gm))
      loaded.add(join(path, '..', match[1] as string))
  }
  return loaded
}

// To load lmdb takes as long as all else together, and a shell asks for completions at each Tab.
test('commands are declared, and completed, without the library', () => {
  const declared = files
    .map(({ path }) => path)
    .filter((path) => /^cli\/(main|program|(commands|completion)\/.*)\.ts$/.test(path))
  expect(declared.length).toBeGreaterThan(35)
  const loaded = loadedWith(declared)
  expect([...loaded].filter((path) => /^(index\.ts|(library|store)\/.*)$/.test(path))).toEqual([])
  expect(loaded).toContain('calls/table.ts')
  expect(loadedWith(['index.ts'])).toContain('store/lmdb/open-lmdb.ts')
})

// A process that starts for one question waits for every file: a third of a millisecond each.
test('a store is opened and read without backups, imports and repairs', () => {
  const loaded = [...loadedWith(['index.ts'])]
  const reports = ['check/dump.ts', 'check/stats.ts', 'backup/manifest.ts']
  expect(loaded.filter((path) => /^(check|backup|transfer|rows)\//.test(path)).sort()).toEqual(
    reports.sort(),
  )
})

test('the help is shown without the table of calls', () => {
  const loaded = [...loadedWith(['cli/main.ts'])]
  expect(loaded).toContain('cli/program.ts')
  expect(loaded.filter((path) => !path.startsWith('cli/'))).toEqual([])
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
  const entries = new Set([
    ...['server/index.ts', 'server/page/main.tsx', 'redis/index.ts'],
    ...['index.ts', 'cli/main.ts', 'library/check-child.ts'],
  ])
  expect(
    files.map(({ path }) => path).filter((path) => !imported.has(path) && !entries.has(path)),
  ).toEqual([])
})
