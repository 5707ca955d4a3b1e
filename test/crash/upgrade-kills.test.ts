/**
 * The first change of a store of an earlier version, which also upgrades it, and the second one are
 * killed before each call on the store's files. Afterwards the store is wholly of the old version without
 * a change, or wholly of the new one with them.
 *
 * @module
 */

import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FORMAT_VERSION } from '../../src/format/meta/header.ts'
import { FIRST_TABLES, TABLES } from '../../src/format/tables.ts'
import { type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { contentOf } from '../golden/content.js'
import { Random, runSeed } from '../support/random.ts'
import { changeRaw } from '../support/raw-store.ts'
import { sizeOf } from '../support/sizes.ts'
import { type Ending, program, runNode, withFastDirectory } from './children.ts'
import { compileShim, type Fault, shimEnvironment, skipLoudly } from './shim.ts'
import { changesOf } from './upgrade-kills-changes.js'

/** Calls to be killed at, for each version; a torture run takes all. */
const KILLS = sizeOf('TORTURE_UPGRADE_KILLS', { test: 1, torture: Number.POSITIVE_INFINITY })
const CALLS_MAX = 500
const LIMIT_MS = 60_000
const GOLDEN = join(import.meta.dirname, '..', 'golden')

/** What a store shows of itself. */
interface Look {
  version: number
  content: unknown
}

const random = new Random(runSeed('upgrade kills'))
const shim = compileShim()

if ('reason' in shim) skipLoudly('upgrades are killed', shim.reason)
else describeKills(shim.path)

function describeKills(shimPath: string): void {
  test.each([1, 2])(
    'an upgrade of version %d killed at any call leaves the old version or the new one, whole',
    async (version) => {
      const states = await statesOf(version)
      const calls = await countCalls(shimPath, version)
      const seen: number[] = []
      for (const at of sample(calls))
        await withGolden(version, async (store) => {
          const { hung, signal, stdout } = await change(shimPath, { store, at })
          expect({ at, hung, signal }).toEqual({ at, hung: false, signal: 'SIGKILL' })
          const acknowledged = stdout.split('\n').length - 1
          // The change under way may be there too.
          const possible = states.slice(acknowledged, acknowledged + 2)
          const look = await lookInto(store)
          expect(possible, `call ${at}`).toContainEqual(look)
          seen.push(states.findIndex((state) => JSON.stringify(state) === JSON.stringify(look)))
          await expectToGoOn(store)
        })
      const counts = states.map((_, i) => seen.filter((state) => state === i).length)
      console.info(`version ${version}, killed at ${seen.length} of ${calls} calls: ${counts}`)
      // The last call of the second change is the one that makes it be there.
      if (KILLS >= calls) expect(counts.slice(0, 2).every((count) => count > 0)).toBe(true)
    },
    20 * LIMIT_MS,
  )
}

/** The store before all changes, and after each. */
async function statesOf(version: number): Promise<Look[]> {
  const states: Look[] = []
  await withGolden(version, async (path) => {
    states.push(await lookInto(path))
    for await (const store of changesOf(openLeaderboards, path)) states.push(lookAt(store))
  })
  expect(states.map((state) => state.version)).toEqual([version, FORMAT_VERSION, FORMAT_VERSION])
  return states
}

async function countCalls(shimPath: string, version: number): Promise<number> {
  let calls = 0
  await withGolden(version, async (store) => {
    const count = `${store}-count`
    const { status, stdout } = await change(shimPath, { store, at: CALLS_MAX, count })
    expect([status, stdout]).toEqual([0, 'acknowledged\n'.repeat(2)])
    calls = Number(await readFile(count, 'utf8'))
  })
  return calls
}

function change(
  shimPath: string,
  run: { store: string; at: number; count?: string },
): Promise<Ending> {
  const { store, at, count } = run
  const fault: Fault = { kind: 'all', at, fault: 'kill', isSticky: false }
  const match = '/store/'
  return runNode([program('upgrade-kills-driver.js'), store], {
    env: shimEnvironment(shimPath, { match, fault, ...(count && { count }) }),
    limitMs: LIMIT_MS,
  })
}

async function withGolden(version: number, body: (store: string) => Promise<void>): Promise<void> {
  await withFastDirectory(async (directory) => {
    const store = join(directory, 'store')
    await mkdir(store)
    await copyFile(join(GOLDEN, `version-${version}`, 'data.mdb'), join(store, 'data.mdb'))
    await body(store)
  })
}

/** Returns what a closed store shows; sees that it is sound and has the tables of its version. */
async function lookInto(path: string): Promise<Look> {
  const store = openLeaderboards(path, { readOnly: true })
  expect((await store.check()).findings).toEqual([])
  const look = lookAt(store)
  await store.close()
  const tables = await changeRaw(path, (writer) => TABLES.filter((table) => writer.has(table)))
  expect(tables).toEqual(look.version === FORMAT_VERSION ? TABLES : FIRST_TABLES)
  return look
}

function lookAt(store: Leaderboards): Look {
  const { formatVersion: version, seasonEntries } = store.stats()
  return { version, content: [contentOf(store), seasonEntries] }
}

async function expectToGoOn(path: string): Promise<void> {
  const store = openLeaderboards(path)
  await store.board('kills').submit('later', 3)
  expect(store.board('kills').get('later')?.score).toBe(3)
  if (store.hasBoard('cups')) expect(store.board('cups').windows()).toHaveLength(2)
  expect(store.stats().formatVersion).toBe(FORMAT_VERSION)
  expect((await store.check()).findings).toEqual([])
  await store.close()
}

/** Different numbers from 1 to `count`, in order. */
function sample(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  while (numbers.length > KILLS) numbers.splice(random.below(numbers.length), 1)
  return numbers
}
