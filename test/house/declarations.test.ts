/**
 * What TypeScript shows to users: the declarations that the entries of the package lead to. The first
 * ones named the open store, the settings inside and the readers, and offered constructors.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DIST = join(ROOT, 'dist')
const INTERNAL =
  /\b(OpenStore|TableStore|BoardSpec|NamedBoard|BoardReader|spec|named|RemoteSpec|RemoteContext|ServerCall|BoardCalls)\b/

/** The declarations that a file leads to, by their paths. */
function reachable(file: string, found: Map<string, string> = new Map()): Map<string, string> {
  if (found.has(file)) return found
  const text = readFileSync(file, 'utf8')
  found.set(file, text)
  for (const [, name = ''] of text.matchAll(/(?:from|import\() ?['"](\.[^'"]+)['"]/g))
    reachable(join(dirname(file), name.replace(/\.(js|ts)$/, '.d.ts')), found)
  return found
}

// Those of the server and of Redis led to settings inside, and to the connection.
test.each(['index', 'calls/index', 'server/index', 'redis/index'])(
  'declarations of %s say nothing internal',
  (entry) => {
    const files = reachable(join(DIST, `${entry}.d.ts`))
    expect(files.size).toBeGreaterThan(8)
    const told = [...files].flatMap(([file, text]) =>
      text
        .replace(/\/\*(?:(?!@internal)[\s\S])*?\*\/|\/\/# .*|'[^'\n]*'/g, '')
        .split('\n')
        .filter((line) => INTERNAL.test(line) || line.includes('@internal'))
        .map((line) => `${file.slice(DIST.length + 1)}: ${line.trim()}`),
    )
    expect(told).toEqual([])
  },
)

// Who embeds the library has none of the packages of the server, and may have types checked in libraries too.
test.each(['server', 'redis'])('declarations of the %s lead to no other package', (room) => {
  const told = [...reachable(join(DIST, room, 'index.d.ts'))].flatMap(([file, text]) =>
    [...text.matchAll(/(?:from|import\() ?['"]((?!node:|\.)[^'"]+)['"]/g)].map(
      ([, name]) => `${file.slice(DIST.length + 1)}: ${name}`,
    ),
  )
  expect(told.filter((line) => !line.includes('ladderdb'))).toEqual([])
})

test('a board shows its name and settings, nothing inside', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('golf', { order: 'ascending', keep: 3 })
    const shown = { name: 'golf', order: 'ascending', mode: 'set', keep: 3 }
    expect(JSON.parse(JSON.stringify(board))).toEqual(shown)
    expect(inspect(board)).toBe(`Leaderboard ${inspect(shown)}`)
    expect(Object.keys(board)).toEqual([])
    expect(JSON.stringify(store)).toBe('{}')
  })
})

const CONSUMER = `
import { openLeaderboards, type Entry, type Leaderboards, LadderError } from 'ladderdb'
import { parseScore, parseJson, CALLS } from 'ladderdb/calls'
import { createServer, type ServerOptions } from 'ladderdb/server'

const store: Leaderboards = openLeaderboards('somewhere', { readOnly: true })
const arena = store.board('arena', { mode: 'best' })
const [first]: Entry<number>[] = arena.top(1)
const whole = store.board('whole', { scoreType: 'int64' })
const score: bigint | undefined = whole.get('ada')?.score
const laps = store.board('laps', { columns: [{ name: 'a' }, { name: 'b' }] })
const a: number | undefined = laps.get('ada')?.score.a
parseScore('1', arena)
const options: ServerOptions = { publicReads: true }
const served = createServer(store, options).fetch(new Request('http://localhost/'))
// @ts-expect-error: a misspelt option
createServer(store, { publicRead: true })
parseJson('1')
// @ts-expect-error: what a board knows inside is nobody's business
arena.spec
// @ts-expect-error: a misspelt option
arena.top(1, { rankmode: 'dense' })
export const all = [first, score, a, CALLS, LadderError, served]
`

test('declarations pass for strict consumers who check libraries too', async () => {
  await withDirectory(async (directory) => {
    const modules = join(directory, 'node_modules')
    mkdirSync(join(modules, '@types'), { recursive: true })
    symlinkSync(ROOT, join(modules, 'ladderdb'))
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(modules, '@types/node'))
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
    writeFileSync(join(directory, 'consumer.ts'), CONSUMER)
    const options = { strict: true, skipLibCheck: false, noEmit: true, types: ['node'] }
    const compilerOptions = {
      ...options,
      ...{ target: 'ES2023', module: 'NodeNext', lib: ['ES2023', 'ESNext.Disposable'] },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    }
    const config = join(directory, 'tsconfig.json')
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' })
    expect(stdout).toBe('')
  })
})
