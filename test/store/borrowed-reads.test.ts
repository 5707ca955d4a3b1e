import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// biome-ignore lint/style/noRestrictedImports: what is tested is how the package itself behaves
import { open } from 'lmdb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BorrowedReads } from '../../src/store/lmdb/borrowed-reads.ts'
import type { Database, LmdbRange } from '../../src/store/lmdb/lmdb-types.ts'

const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const
interface Pair {
  key: Buffer
  value: Buffer
}

// Values of all sizes: short ones share a buffer, those of several pages have their own.
const PAIRS: Pair[] = Array.from({ length: 200 }, (_, i) => {
  const size = i % 50 === 49 ? 20_000 : i % 40
  return { key: Buffer.from(`key ${'x'.repeat(i % 30)} ${i}`), value: Buffer.alloc(size, i) }
}).sort((a, b) => a.key.compare(b.key))

const [FIRST, LOWER, UPPER] = [PAIRS[0], PAIRS[20], PAIRS[60]] as [Pair, Pair, Pair]

let folder: string
let root: ReturnType<typeof open>
let database: Database & { get(key: Uint8Array): Buffer | undefined }
let lender: BorrowedReads

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ladderdb-lender-'))
  root = open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 2, ...BINARY })
  database = root.openDB({ name: 'pairs', ...BINARY }) as unknown as typeof database
  lender = new BorrowedReads(database)
  await root.transaction(() => {
    for (const { key, value } of PAIRS) database.put(key, value)
  })
})

afterEach(async () => {
  await root.close()
  rmSync(folder, { recursive: true })
})

// The package writes into the options of a range, so each wants its own.
function all(): LmdbRange {
  return { start: Buffer.alloc(0) }
}

/** All pairs by an ordinary iteration, kept until it has ended. */
function keptPairs(): Pair[] {
  return [...database.getRange(all())]
}

/** Compares bytes alone: the package puts properties of its own on buffers. */
function expectPairs(kept: Pair[], expected: Pair[]): void {
  const textOf = ({ key, value }: Pair): string => `${key.toString()} ${value.toString('hex')}`
  expect(kept.map(textOf)).toEqual(expected.map(textOf))
}

test('Lender shows every pair as it is, and every key', () => {
  const shown: Pair[] = []
  lender.visit(all(), (key, value) => {
    shown.push({ key: Buffer.from(key), value: Buffer.from(value.subarray(0, 40)) })
  })
  expect(shown).toEqual(PAIRS.map(({ key, value }) => ({ key, value: value.subarray(0, 40) })))
  const keys: Buffer[] = []
  lender.visitKeys(all(), (key) => keys.push(Buffer.from(key)))
  expect(keys).toEqual(PAIRS.map(({ key }) => key))
})

test('Lender lends: what a visitor keeps is overwritten, so it must copy', () => {
  const kept: Buffer[] = []
  lender.visitKeys(all(), (key) => kept.push(key))
  expect(new Set(kept.map((key) => key.buffer)).size).toBe(1)
  expect(kept).not.toEqual(PAIRS.map(({ key }) => key))
})

test('Lender leaves ordinary reads before, between and after its own with bytes of their own', () => {
  const before = keptPairs()
  lender.visit(all(), () => undefined)
  const between = keptPairs()
  lender.visitKeys(all(), () => undefined)
  const after = keptPairs()
  for (const kept of [before, between, after]) expectPairs(kept, PAIRS)
})

test('Lender copies again after a visitor has thrown', () => {
  for (const at of [0, 1, 100, PAIRS.length - 1]) {
    let seen = 0
    const throwing = (): void => {
      if (seen++ === at) throw new RangeError('enough')
    }
    expect(() => lender.visit(all(), throwing)).toThrow('enough')
    expectPairs(keptPairs(), PAIRS)
    seen = 0
    expect(() => lender.visitKeys(all(), throwing)).toThrow('enough')
    expectPairs(keptPairs(), PAIRS)
  }
})

test('Lender shows ranges, also backwards and empty ones', () => {
  const keysOf = (range: LmdbRange): string[] => {
    const keys: string[] = []
    lender.visitKeys(range, (key) => keys.push(key.toString()))
    return keys
  }
  const texts = PAIRS.map(({ key }) => key.toString())
  const [start, end] = [LOWER.key, UPPER.key]
  expect(keysOf({ start, end })).toEqual(texts.slice(20, 60))
  expect(keysOf({ start: end, end: start, reverse: true })).toEqual(texts.slice(21, 61).reverse())
  expect(keysOf({ start, end: start })).toEqual([])
  expect(keysOf({ start, limit: 3 })).toEqual(texts.slice(20, 23))
})

test('Lender copies for a read that goes on while a lending one has ended', () => {
  const kept: Buffer[] = []
  let i = 0
  for (const { key } of database.getRange(all())) {
    kept.push(key)
    if (++i % 50 === 0) lender.visit({ ...all(), limit: 10 }, () => undefined)
  }
  expect(kept.map(String)).toEqual(PAIRS.map(({ key }) => String(key)))
})

test('Lender lends to one visitor inside a transaction as outside', async () => {
  await root.transaction(() => {
    database.removeSync(FIRST.key)
    let count = 0
    lender.visit(all(), () => count++)
    expect(count).toBe(PAIRS.length - 1)
    expectPairs(keptPairs(), PAIRS.slice(1))
  })
})

// The package passes the size of a value to some decoders only: a single read came with the rest of
// the 16 MB that all values share.
test('Lender leaves a single read with bytes of its own', () => {
  for (const { key, value } of PAIRS) expect(database.get(key)?.equals(value)).toBe(true)
  const kept = PAIRS.map(({ key }) => database.get(key))
  lender.visit(all(), () => undefined)
  for (const [i, value] of kept.entries())
    expect(value?.equals(PAIRS[i]?.value as Buffer)).toBe(true)
})
