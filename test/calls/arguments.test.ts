/**
 * Walks the table of calls: what a call does not know it refuses, before anything happens.
 *
 * `restoreBackup(src, dir, { dryrun: true })` restored, and `ranks: 'no'` answered ranks: slips of the
 * pen and values of a wrong type were taken for defaults.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SUBMISSION_FIELDS } from '../../src/calls/fields.ts'
import type { CallFields } from '../../src/calls/kinds.ts'
import { CALLS, type Call, type CallName } from '../../src/calls/table.ts'
import { RULE_FIELDS } from '../../src/calls/work-fields.ts'
import * as library from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { isPath, wrongValues } from '../support/wrong-arguments.ts'

checkHere()

const EACH = Object.entries(CALLS) as [CallName, Call][]
const WITH_OPTIONS = EACH.filter(([, { options }]) => options !== undefined)

/** A store with a board and a player, and a backup of it. All tests share one: none changes it. */
interface World {
  directory: string
  store: library.Leaderboards
  board: library.Leaderboard
}

let world: World

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-test-'))
  const store = library.openLeaderboards(join(directory, 'store'))
  const board = await store.createBoard('game', { windows: [{ name: 'cup', every: 'manual' }] })
  await board.submit('ann', 5, { metadata: { car: 'red' } })
  await store.backup(join(directory, 'backups/a'))
  world = { directory, store, board }
})

afterAll(async () => {
  await world.store.close()
  await rm(world.directory, { recursive: true, force: true })
})

/** Values that each argument of each call takes. */
function goodArguments(name: CallName, { directory }: World): unknown[] {
  const good: Record<string, unknown> = {
    ...{
      playerId: 'ann',
      playerIds: ['ann'],
      score: 7,
      n: 1,
      first: 1,
      last: 1,
      place: 1,
      rank: 1,
      seq: 1,
    },
    ...{ min: 0, max: 9, submissions: [{ playerId: 'ann', score: 7 }], read: () => 1 },
    ...{ from: 'ann', to: 'someone', window: 'cup', season: 'one' },
    board: 'game',
    name: name === 'createBoard' || name === 'board' ? 'new' : 'game',
    source: Readable.from([Buffer.from('playerId,score\nbob,1\n')]),
    target: new Writable({ write: (_chunk, _encoding, done) => done() }),
    directory: join(directory, 'backups'),
    path: join(directory, 'another'),
  }
  if (name === 'restoreBackup' || name === 'restoreBoard') {
    good['source'] = join(directory, 'backups/a')
    good['target'] = join(directory, 'restored')
  }
  if (name === 'salvageStore') {
    good['source'] = join(directory, 'store')
    good['target'] = join(directory, 'salvaged')
  }
  if (name === 'backup') good['target'] = join(directory, 'backups/b')
  if (name === 'unpackBackup') good['directory'] = join(directory, 'unpacked')
  if (name === 'checkStore' || name === 'compactStore') good['directory'] = join(directory, 'store')
  if (name === 'verifyBackup' || name === 'packBackup')
    good['directory'] = join(directory, 'backups/a')
  return Object.keys(CALLS[name].arguments).map((argument) => good[argument])
}

function goodOptions(name: CallName): object {
  if (name === 'importFrom' || name === 'exportTo') return { format: 'csv' }
  if (name === 'undo') return { board: 'game' }
  if (name === 'resolve') return { verdict: 'accepted' }
  if (name === 'rotateBackups') return { storeId: 'a store', rules: { keep: 1 } }
  return {}
}

async function call(world: World, name: CallName, given: unknown[]): Promise<unknown> {
  const { owner } = CALLS[name]
  const target = { board: world.board, store: world.store, module: library }[owner]
  const method = (target as unknown as Record<string, (...given: unknown[]) => unknown>)[name]
  return method?.apply(target, given)
}

function stateOf({ directory, board, store }: World): unknown {
  const files = readdirSync(directory, { recursive: true }).map(String).sort()
  const manifest = readFileSync(join(directory, 'backups/a/MANIFEST.json'), 'utf8')
  return { files, manifest, entries: [...board.entries()], boards: store.boards() }
}

test('the table holds every public call, and no other', () => {
  const membersOf = (...classes: { prototype: object }[]): string[] =>
    classes.flatMap(({ prototype }) =>
      Object.getOwnPropertyNames(prototype).filter((name) => !HIDDEN.includes(name)),
    )
  // What a store knows beside its boards has classes of its own, below the one of the store.
  const classesOf = (one: { prototype: object }): { prototype: object }[] => {
    const below = Object.getPrototypeOf(one) as { prototype?: object }
    return below.prototype === undefined ? [one] : [one, ...classesOf(below as typeof one)]
  }
  const functions = Object.entries(library)
    .filter(
      ([name, value]) =>
        typeof value === 'function' && /^[a-z]/.test(name) && !HIDDEN.includes(name),
    )
    .map(([name]) => name)
  const named = (owner: string): string[] =>
    EACH.filter(([, call]) => call.owner === owner).map(([name]) => name)
  expect(named('board').sort()).toEqual(
    membersOf(...classesOf(library.Leaderboard).slice(0, -1)).sort(),
  )
  expect(named('store').sort()).toEqual(membersOf(...classesOf(library.Leaderboards)).sort())
  expect(named('module').sort()).toEqual(functions.sort())
})

// Not calls: what a class has for the language, and texts of scores, which ask no store.
const HIDDEN = ['constructor', 'toJSON', 'path']

test.each(WITH_OPTIONS)(
  '%s() refuses names and types that it does not know',
  async (name, { options }) => {
    const before = stateOf(world)
    for (const slip of slipsOf(Object.keys(options as CallFields))) {
      const given = { ...goodOptions(name), [slip.written]: undefined }
      await expect(
        call(world, name, [...goodArguments(name, world), given]),
        `${slip.written} of ${name}`,
      ).rejects.toThrow(`Cannot use "${slip.written}" in options of ${name}(): ${slip.hint}`)
    }
    for (const [option, kind] of Object.entries(options as CallFields))
      for (const value of wrongValues(kind)) {
        const given = { ...goodOptions(name), [option]: value }
        const wrong = `${option}: ${String(value)} of ${name}`
        const answer = call(world, name, [...goodArguments(name, world), given])
        await expect(answer, wrong).rejects.toThrow(/^Cannot (use|call|rotate|look)/)
        await expect(answer, wrong).rejects.toSatisfy(isArgumentError)
      }
    for (const value of [null, 'x', 1, true, [], new Map(), new AbortController().signal])
      await expect(
        call(world, name, [...goodArguments(name, world), value]),
        `${String(value)} as options of ${name}`,
      ).rejects.toThrow(`as options of ${name}(): it must be an object`)
    expect(stateOf(world)).toEqual(before)
  },
)

// `board.standing('a', { rankMode: 'dense' })` answered as if there were a rank mode to choose.
test.each(EACH.filter(([, { options, isProperty }]) => options === undefined && !isProperty))(
  '%s() takes no options, and refuses some',
  async (name) => {
    const before = stateOf(world)
    for (const given of [{ rankMode: 'dense' }, { signal: undefined }, { force: true }])
      await expect(
        call(world, name, [...goodArguments(name, world), given]),
        `${JSON.stringify(given)} for ${name}`,
      ).rejects.toThrow(
        `Cannot use "${Object.keys(given)[0]}" in options of ${name}(): it takes no options`,
      )
    expect(stateOf(world)).toEqual(before)
  },
)

test('the boards of a snapshot take no settings', () => {
  const { store } = world
  type Loose = { board(...given: unknown[]): unknown; boards(...given: unknown[]): unknown }
  store.snapshot((view) => {
    const loose = view as unknown as Loose
    expect(() => loose.board('game', { order: 'ascending' })).toThrow('it takes no options')
    expect(() => loose.boards({ order: 'ascending' })).toThrow('it takes no options')
  })
})

function slipsOf(names: string[]): { written: string; hint: string }[] {
  return [
    { written: 'qqqqqqqqq', hint: `the names are ${names.join(', ')}` },
    ...names.flatMap((name) => [
      { written: swapped(name), hint: `did you mean "${name}"?` },
      { written: `${name}s`, hint: `did you mean "${name}"?` },
    ]),
  ].filter(({ written }) => !names.includes(written))
}

function swapped(name: string): string {
  return name.length < 3
    ? `${name}${name.at(-1)}`
    : `${name[0]}${name[2]}${name[1]}${name.slice(3)}`
}

function isArgumentError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError
}

const REQUIRED = EACH.flatMap(([name, { arguments: fields, optional = [] }]) =>
  Object.entries(fields)
    .filter(([argument]) => !optional.includes(argument))
    .map(([argument, kind]) => [name, argument, kind] as const),
)

test.each(REQUIRED)('%s() refuses a wrong %s and changes nothing', async (name, argument, kind) => {
  const before = stateOf(world)
  const place = Object.keys(CALLS[name].arguments).indexOf(argument)
  for (const value of [...wrongValues(kind), undefined]) {
    const given = goodArguments(name, world)
    if (isPath(kind, value)) continue
    given[place] = value
    const answer = call(world, name, [...given, goodOptions(name)])
    await expect(answer, `${String(value)} as ${argument} of ${name}`).rejects.toSatisfy(
      isArgumentError,
    )
  }
  expect(stateOf(world)).toEqual(before)
})

test('what is undefined is not given, and one argument too many does no harm', async () => {
  const { board, directory, store } = world
  expect(board.top(3, { rankMode: undefined }).length).toBe(1)
  expect(board.around('ann', { fill: undefined, above: undefined }).length).toBe(1)
  expect(board.scoreFor({ rank: 1, topPercent: undefined }).rank).toBe(1)
  expect((board.top as (...given: unknown[]) => unknown[])(3, {}, 1).length).toBe(1)
  const restored = join(directory, 'restored')
  const options = { dryRun: true, force: undefined, signal: undefined }
  await library.restoreBackup(join(directory, 'backups/a'), restored, options)
  expect(existsSync(restored)).toBe(false)
  await board.submit('ann', 6, { name: undefined, at: undefined, expected: undefined })
  expect(store.board('game', { order: undefined }).order).toBe('descending')
})

test('submissions, columns and rules refuse names and types that they do not know', async () => {
  const before = stateOf(world)
  const { board, store, directory } = world
  for (const [field, kind] of Object.entries(SUBMISSION_FIELDS))
    for (const value of wrongValues(kind))
      await expect(
        board.submitMany([{ playerId: 'ann', score: 6, [field]: value } as never]),
        `${field}: ${String(value)}`,
      ).rejects.toThrow(/^Submission 0: Cannot use/)
  for (const [rule, kind] of Object.entries(RULE_FIELDS))
    for (const value of wrongValues(kind)) {
      const rules = { keep: 1, [rule]: value } as object
      const rotation = library.rotateBackups(join(directory, 'backups'), { storeId: 'x', rules })
      await expect(rotation, `${rule}: ${String(value)}`).rejects.toThrow(/^Cannot use/)
    }
  for (const column of [{ nmae: 'a' }, { name: 1 }, { name: 'a', order: 1 }, 'a', null, ['a']])
    expect(() => store.board('new', { columns: [column as never] })).toThrow(/^Cannot use/)
  await expect(board.submitMany([{ playerId: 'ann', scroe: 1 } as never])).rejects.toThrow(
    'Submission 0: Cannot use "scroe" in a submission: did you mean "score"?',
  )
  expect(stateOf(world)).toEqual(before)
})
