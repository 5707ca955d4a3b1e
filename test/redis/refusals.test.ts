/**
 * Walks the table of calls on both engines: what is wrong with a call is told in one order. First its arguments by
 * themselves, then the store or the board that is gone, then what only a board can judge that is there.
 *
 * On a server, a bad cursor and a season of a calendar were told before the board that was dropped, and that before a
 * bad row.
 *
 * @module
 */

import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { Kind } from '../../src/calls/kinds.ts'
import { CALLS, type CallName } from '../../src/calls/table.ts'
import type { BoardSettings, Leaderboard } from '../../src/index.ts'
import {
  connectLeaderboards,
  REFUSED_CALLS,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { problemOf } from '../model/calls.ts'
import { describeOnRedis, withRedis } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'
import { isPath, wrongValues } from '../support/wrong-arguments.ts'

const STATES = ['there', 'unborn', 'dropped', 'locked', 'closed'] as const
type State = (typeof STATES)[number]

/** A call by its name, and arguments that are made anew for each engine: a stream is used once. */
type Wrong = readonly [name: CallName, args: (board: string) => unknown[]]

/** Whose calls are made: a board's, its store's, or those of the season that is on in its window. */
type Owner = 'board' | 'store' | 'season'

/** What calls are made of, by its owner, for a board in each state. */
type Scene = Record<State, Record<Owner, object>>

const GOOD: Readonly<Record<string, unknown>> = {
  ...{
    playerId: 'ann',
    playerIds: ['ann'],
    score: 7,
    submissions: [{ playerId: 'ann', score: 7 }],
  },
  ...{ n: 1, first: 1, last: 1, place: 1, rank: 1, min: 0, max: 9, window: 'cup', season: 'two' },
  ...{ from: 'ann', to: 'bob', source: ['playerId,score\nbob,1\n'] },
}
const NEEDED: Readonly<Partial<Record<CallName, object>>> = {
  ...{ importFrom: { format: 'csv' }, exportTo: { format: 'csv' }, scoreFor: { rank: 1 } },
  alter: { max: 9 },
}

// What both engines have, and closing is not refused.
const NAMES = (Object.keys(CALLS) as CallName[]).filter(
  (name) => CALLS[name].owner !== 'module' && !(name in REFUSED_CALLS) && name !== 'close',
)

function rightArguments(name: CallName, board: string): unknown[] {
  const { arguments: fields, options, owner } = CALLS[name]
  const names: Record<string, string> =
    owner === 'store' && name !== 'rename' ? { name: board, board } : { name: 'Ann' }
  const target = new Writable({ write: (_chunk, _encoding, done) => done() })
  const all: Record<string, unknown> = { ...GOOD, ...names, target }
  const given = Object.keys(fields).map((field) => all[field])
  return options === undefined ? given : [...given, NEEDED[name] ?? {}]
}

// Each argument and each option wrong in turn; and options that are none. All values that are wrong are told elsewhere.
function wrongOf(name: CallName): Wrong[] {
  const { arguments: fields, options, isProperty } = CALLS[name]
  const kinds = Object.values(fields)
  const withValue = (place: number, value: unknown): Wrong => [
    name,
    (board) => rightArguments(name, board).with(place, value),
  ]
  const ofArguments = kinds.flatMap((kind, i) =>
    [wrongOne(kind), undefined].map((value) => withValue(i, value)),
  )
  if (options === undefined) {
    const more: Wrong = [name, (board) => [...rightArguments(name, board), { force: true }]]
    return isProperty === true ? [] : [...ofArguments, more]
  }
  const wrong = Object.entries(options).map(([option, kind]) => ({ [option]: wrongOne(kind) }))
  const ofOptions = [...wrong, { qqq: 1 }].map((one) => ({ ...NEEDED[name], ...one }))
  return [...ofArguments, ...[...ofOptions, null].map((one) => withValue(kinds.length, one))]
}

function wrongOne(kind: Kind): unknown {
  return wrongValues(kind).find((value) => !isPath(kind, value))
}

// What the table does not tell: arguments that do not go together, and what a board or a file alone can tell.
const ALONE: readonly Wrong[] = [
  ...(['page', 'seasons', 'finals'] as const).map((name): Wrong => {
    return [name, (board) => rightArguments(name, board).with(-1, { after: 'a', before: 'b' })]
  }),
  ...([{ after: 'made up' }, { before: 'made up' }] as const).map(
    (side): Wrong => ['page', () => [side]],
  ),
  ['seasons', () => ['cup', { after: 'none' }]],
  ['seasons', () => ['moon']],
  ['finals', () => ['ann', 'cup', { before: 'none' }]],
  ['finals', () => ['', undefined]],
  ['window', () => ['cup', 'none']],
  ['window', () => ['moon']],
  ['startSeason', () => ['day', 'two']],
  ['startSeason', () => ['moon', 'two']],
  ['startSeason', () => ['cup', 'one']],
  ['watch', () => [{ top: 1, playerId: 'ann' }]],
  ['scoreFor', () => [{ rank: 1, topPercent: 1 }]],
  ['submit', () => ['ann', 1, { at: 4e12 }]],
  ['submit', () => ['ann', 1, { season: { cup: 'none' } }]],
  ['submit', () => ['ann', 1, { metadata: { a: 1n } }]],
  ['submitMany', () => [[{ playerId: 'ann', score: 1, qqq: 1 }]]],
  ['submitMany', () => [[], { requestId: '' }]],
  ['submitMany', () => [Array.from({ length: 10_001 }, () => ({ playerId: 'a', score: 1 }))]],
  ...files([
    ['playerId,score\nann,x\n', { format: 'csv' }],
    ['playerId,score\nann,1\n', { format: 'csv', mode: 'worst' }],
    ['playerId,score\nann,1\n', { format: 'csv', delimiter: 'xx' }],
    ['playerId,score,at\nann,1,4000000000000\n', { format: 'csv' }],
    ['{"ladderdb":{"format":9}}\n', { format: 'ndjson' }],
    [
      '{"ladderdb":{"format":1,"board":{"name":"a","order":"ascending","mode":"best"}}}\n',
      { format: 'ndjson' },
    ],
    ['[{]', { format: 'json' }],
    ['', { format: 'csv' }],
    ['playerId,score\n', { format: 'csv' }],
    ['[]', { format: 'json' }],
  ]),
  ['importFrom', () => ['/no/such/file.csv']],
  ['importFrom', () => ['/no/such/file']],
  ['exportTo', () => ['/proc/version', { format: 'csv' }]],
  ...(
    [
      { min: 5, max: 1 },
      { windows: {} },
      { windows: { moon: null } },
      { windows: { cup: { mode: 'best' } } },
      { tiers: [] },
      {},
    ] as const
  ).map((alteration): Wrong => ['alter', (board) => [board, alteration]]),
  ['alter', () => [{ requests: { days: -1 } }]],
  ['alter', () => [{}]],
  ['ban', (board) => ['ann', { board, until: 5 }]],
  ['ban', (board) => ['', { board }]],
  ['movePlayer', () => ['ann', 'ann']],
  ['setProfile', () => ['ann', { avatar: 'http://example.com' }]],
  ...(['board', 'openBoard', 'createBoard'] as const).map((name): Wrong => {
    return [name, (board) => [board, { order: 'ascending', windows: ['nonsense'] }]]
  }),
  ['openBoard', (board) => [board, { order: 'ascending' }]],
]

function files(all: readonly (readonly [text: string, options: object])[]): Wrong[] {
  return all.map(([text, options]) => ['importFrom', () => [[text], options]])
}

// Right calls of what is gone: they are refused, and nothing is changed by them.
function isRefusedAsRight(name: CallName, state: State): boolean {
  return state === 'closed' || (state === 'dropped' && CALLS[name].owner === 'board')
}

// Most calls of a store know nothing of boards: it is there, or closed.
function isOfState(name: CallName, state: State): boolean {
  const { owner, arguments: fields } = CALLS[name]
  const namesBoard = owner === 'board' || 'board' in fields || name.endsWith('Board')
  return namesBoard || state === 'there' || state === 'closed'
}

const ALL = STATES.flatMap((state) =>
  NAMES.flatMap((name) =>
    ownersOf(name).flatMap((owner) =>
      casesOf(name, state).map((wrong) => [state, owner, wrong] as const),
    ),
  ),
)

function casesOf(name: CallName, state: State): Wrong[] {
  const right: Wrong = [name, (board) => rightArguments(name, board)]
  return [
    ...(isRefusedAsRight(name, state) ? [right] : []),
    ...(isOfState(name, state) ? wrongOf(name) : []),
    ...ALONE.filter(([alone]) => alone === name),
  ]
}

/** What a test needs of a store, whose calls may answer later. */
type AnyStore = Record<'board' | 'createBoard', (name: string, settings: object) => unknown> & {
  alter(name: string, alteration: object): Promise<unknown>
  dropBoard(name: string): Promise<unknown>
  close(): Promise<void>
}

async function openScene(store: AnyStore, other: AnyStore, partitions: object): Promise<Scene> {
  const windows: BoardSettings['windows'] = [{ name: 'cup', every: 'manual' }, 'day']
  const settings = { windows, ...partitions }
  const partsOf = async (of: AnyStore, name: State): Promise<Record<Owner, object>> => {
    const isMade = name !== 'unborn'
    const board = (await of[isMade ? 'createBoard' : 'board'](name, settings)) as Leaderboard
    if (isMade) await board.submit('ann', 5)
    if (isMade) await board.startSeason('cup', 'one')
    return { store: of, board, season: await board.window('cup') }
  }
  const scene = {
    there: await partsOf(store, 'there'),
    unborn: await partsOf(store, 'unborn'),
    dropped: await partsOf(store, 'dropped'),
    locked: await partsOf(store, 'locked'),
    closed: await partsOf(other, 'closed'),
  }
  await store.dropBoard('dropped')
  await store.alter('locked', { writes: 'closed' })
  await other.close()
  return scene
}

// What a call is refused with, up to its remedy, which may be one of the engine. Answers are told elsewhere.
async function refusalOf(callee: object, [name, args]: Wrong, state: State): Promise<string> {
  try {
    const member: unknown = Reflect.get(callee, name)
    const answer = typeof member === 'function' ? member.apply(callee, args(state)) : member
    // What is iterated begins with its first step.
    const steps = Object(await answer) as Partial<Iterator<unknown>>
    await steps.next?.()
    await steps.return?.()
    return 'none'
  } catch (error) {
    const { message } = error as Error
    const told = message.replace(/;[^;]*$/, '').replace(/store \/\S+:/, 'store:')
    return `${problemOf(error)} ${told}`
  }
}

// The embedded engine first, then boards on a server: in one slot, and in partitions.
function withScenes(body: (scenes: [Scene, Scene, Scene]) => Promise<void>): Promise<void> {
  return withRedis(({ url }) =>
    withStore(({ store, clock }) =>
      withStore(async ({ store: closing }) => {
        const any = (one: object): AnyStore => one as AnyStore
        const connect = (prefix: string): Promise<RemoteLeaderboards> =>
          connectLeaderboards(url, { clock: clock.read, prefix })
        const onServer = async (partitions: number): Promise<[RemoteLeaderboards, Scene]> => {
          const remote = await connect(`in-${partitions}`)
          const other = await connect(`closed-${partitions}`)
          return [remote, await openScene(any(remote), any(other), { partitions })]
        }
        const here = await openScene(any(store), any(closing), {})
        const [[one, inOne], [four, inFour]] = [await onServer(1), await onServer(4)]
        await body([here, inOne, inFour])
        for (const remote of [one, four]) {
          expect((await remote.check()).findings).toEqual([])
          await remote.close()
        }
      }),
    ),
  )
}

describeOnRedis('refusals on a server', () => {
  test('are those of the embedded engine', () =>
    withScenes(async (scenes) => {
      const expected: string[] = []
      const actual: string[] = []
      for (const [state, owner, wrong] of ALL) {
        const call = `${state} ${owner}: ${wrong[0]}(${wrong[1](state).map(inWords).join(', ')})`
        const [here, ...there] = await Promise.all(
          scenes.map((scene) => refusalOf(scene[state][owner], wrong, state)),
        )
        // What only a server refuses, the documentation tells.
        const all = there.filter((refusal) => !refusal.startsWith('UNSUPPORTED'))
        actual.push(...all.map((refusal) => `${call} ${refusal}`))
        expected.push(...all.map(() => `${call} ${here}`))
      }
      expect(actual).toEqual(expected)
      expect(actual.length).toBeGreaterThan(1_000)
    }))
})

// A season answers the questions of a board, and the board that was never made has no other kind.
function ownersOf(name: CallName): Owner[] {
  const { owner, kind } = CALLS[name]
  if (owner === 'store') return ['store']
  const isOfSeasons =
    kind === 'question' && !['windows', 'window', 'seasons', 'finals'].includes(name)
  return isOfSeasons ? ['board', 'season'] : ['board']
}

function inWords(value: unknown): string {
  return inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY }).slice(0, 80)
}
