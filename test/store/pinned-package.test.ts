/**
 * The package `lmdb` is the release that was read: parts of the store rest on what is documented
 * nowhere. If this fails after an update, read what DESIGN.md of src/store lists under "What rests on the
 * pinned package" again, run `npm run torture`, and only then write the new sum here.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Database, Environment } from '../../src/store/lmdb/lmdb-types.ts'
import { releaseAtExit } from '../../src/store/lmdb/process-exit.ts'
import { withDirectory } from '../support/temporary-store.ts'

const VERSION = '3.5.6'
const SHA256 = 'e1ad3556e4f4d40b29462655b5fc4ba9e724f77421d834566cb0ef1feec188c9'

const load = createRequire(import.meta.url)
const entry = load.resolve('lmdb')

test('the package is pinned to one release, and that one is installed, to the byte', () => {
  const { dependencies } = load('../../package.json') as { dependencies: Record<string, string> }
  expect(dependencies.lmdb).toBe(VERSION)
  const installed = join(dirname(entry), '..', 'package.json')
  expect(JSON.parse(readFileSync(installed, 'utf8'))).toMatchObject({ version: VERSION })
  expect(createHash('sha256').update(readFileSync(entry)).digest('hex')).toBe(SHA256)
})

test('what the store wraps and reads of the package is there, and does what it is taken for', async () => {
  await withRoot(async (root) => {
    const table = root.openDB({
      name: 'table',
      keyEncoding: 'binary',
      encoding: 'binary',
      create: true,
    })
    let snapshots = 0
    table.addListener('begin-transaction', () => snapshots++)
    const statuses: number[] = []
    const { startWriting } = root.env
    Object.defineProperty(root.env, 'startWriting', {
      configurable: true,
      value: (address: number, onProgress: (status: number) => unknown) =>
        startWriting.call(root.env, address, (status) => {
          statuses.push(status)
          return onProgress(status)
        }),
    })
    await root.childTransaction(() => void table.put(Buffer.from('key'), Buffer.from('value')))
    expect(statuses.length).toBeGreaterThan(0)
    for (const status of statuses) expect([0, 1, 2]).toContain(status)

    snapshots = 0
    table.ensureReadTxn()
    table.resetReadTxn()
    table.ensureReadTxn()
    expect(snapshots).toBeGreaterThan(0)
    expect(keysReadBy(table)).toBe(1)
    expect(root.readerList()).toMatch(/^\s*pid\s+thread\s+txnid/)
    expect(root.getStats()).toMatchObject({ pageSize: 4096, lastTxnId: expect.any(Number) })
  })
})

test('releaseAtExit() refuses a package that has other functions', () => {
  expect(() => releaseAtExit({ env: {} } as unknown as Environment)).toThrow(
    /release that is pinned/,
  )
})

// Iterations ask `readKey` for each key, so that it can be lent.
function keysReadBy(table: Database): number {
  const { readKey } = table
  let calls = 0
  table.readKey = (bytes, start, end) => {
    calls++
    return readKey(bytes, start, end)
  }
  for (const _ of table.getKeys({ start: Buffer.from([0]) }));
  return calls
}

async function withRoot(body: (root: Environment) => Promise<void>): Promise<void> {
  await withDirectory(async (path) => {
    const root = load('lmdb').open({
      ...{ path, noSubdir: false, overlappingSync: false, eventTurnBatching: false, maxDbs: 2 },
      ...{ keyEncoding: 'binary', encoding: 'binary' },
    }) as Environment
    try {
      await body(root)
    } finally {
      await root.close()
    }
  })
}

// A wall of the store looks like clutter to whoever does not know what it holds back.
test('the walls that DESIGN.md numbers are each named by a file of the store', () => {
  const store = join(import.meta.dirname, '../../src/store')
  const design = readFileSync(join(store, 'DESIGN.md'), 'utf8')
  const numbered = [...design.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number))
  expect(numbered).toEqual(Array.from({ length: numbered.length }, (_, i) => i + 1))
  const named = readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => wallsIn(readFileSync(join(store, name), 'utf8')))
  expect([...new Set(named)].sort((a, b) => a - b)).toEqual(numbered)
  for (const [, link] of design.matchAll(/\]\(([^)]+)\)/g))
    expect(existsSync(join(store, link as string)), link).toBe(true)
})

// "Wall 4 of", "Walls 7, 8 and 19 of", "Walls 13 to 15 of".
function wallsIn(text: string): number[] {
  return [...text.matchAll(/Walls? ([\d, andto]+) of/g)].flatMap(([, list]) => {
    const numbers = [...(list as string).matchAll(/\d+/g)].map(Number)
    const [first = 0, last = 0] = numbers
    if (!(list as string).includes('to')) return numbers
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}
