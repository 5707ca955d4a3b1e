import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PairSpool } from '../../../src/transfer/fill/pair-spool.ts'
import { Scratch } from '../../../src/transfer/fill/scratch.ts'
import { Random, runSeed } from '../../support/random.ts'
import { withDirectory } from '../../support/temporary-store.ts'

interface Pair {
  key: string
  value: string
}

async function throughSpool(
  pairs: readonly Pair[],
  options: { order: 'keys' | 'added'; runPairs: number; path: string },
): Promise<Pair[][]> {
  const scratch = new Scratch(join(options.path, 'runs'))
  const spool = new PairSpool({ scratch, order: options.order, bytesMax: 1 })
  for (const [i, { key, value }] of pairs.entries()) {
    spool.add((slab, at) => {
      const keyEnd = at + slab.write(key, at, 'latin1')
      return { keyEnd, end: keyEnd + slab.write(value, keyEnd, 'latin1') }
    })
    if ((i + 1) % options.runPairs === 0) await spool.spill()
  }
  expect(spool.count).toBe(pairs.length)
  const passages: Pair[][] = []
  for (let i = 0; i < 2; i++) {
    const passage: Pair[] = []
    await spool.visit(({ slab, start, keyEnd, end }) => {
      const key = slab.toString('latin1', start, keyEnd)
      passage.push({ key, value: slab.toString('latin1', keyEnd, end) })
      return undefined
    })
    passages.push(passage)
  }
  await scratch.remove()
  expect(readdirSync(options.path)).toEqual([])
  return passages
}

test.each([
  ['in memory', Number.POSITIVE_INFINITY],
  ['in runs of one', 1],
  ['in runs of seven', 7],
  ['in a run and a rest', 300],
] as const)(
  'PairSpool gives pairs back in order, %s, those of one key as they came',
  async (name, runPairs) => {
    const random = new Random(runSeed(`pair spool, ${name}`))
    const pairs = Array.from({ length: runPairs === 1 ? 100 : 500 }, (_, i) => ({
      key: `${'k'.repeat(random.below(9))}${random.below(40)}`,
      // Some larger than what is read at once would hold many of.
      value: `${i}:${'x'.repeat(random.below(2) * random.below(2_000))}`,
    }))
    await withDirectory(async (path) => {
      const sorted = pairs
        .map((pair, i) => ({ pair, i }))
        .sort(
          (a, b) => Buffer.compare(Buffer.from(a.pair.key), Buffer.from(b.pair.key)) || a.i - b.i,
        )
        .map(({ pair }) => pair)
      const options = { runPairs, path }
      expect(await throughSpool(pairs, { ...options, order: 'keys' })).toEqual([sorted, sorted])
      expect(await throughSpool(pairs, { ...options, order: 'added' })).toEqual([pairs, pairs])
    })
  },
)

test('PairSpool puts nothing on the disk as long as it is not full', async () => {
  await withDirectory(async (path) => {
    const scratch = new Scratch(join(path, 'runs'))
    const spool = new PairSpool({ scratch, order: 'keys', bytesMax: 2 * 1024 * 1024 })
    spool.add((slab, at) => ({ keyEnd: at + slab.write('k', at), end: at + 1 }))
    expect(spool.isFull).toBe(false)
    await spool.visit(() => undefined)
    await scratch.remove()
    expect(readdirSync(path)).toEqual([])
  })
})
