/**
 * What the contract suites want of an engine: a store whose calls are made by name, and awaited.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'vitest'
import type { BoardSettings, Leaderboard, Leaderboards, SubmitAnswer } from '../../src/index.ts'
import { problemOf } from '../model/calls.ts'
import { type FakeClock, START_MS, withStore } from '../support/temporary-store.ts'

/** A call as data. */
export interface ContractCall {
  name: string
  args?: readonly unknown[]
}

/** A board or a store of any engine. */
export type Callee = object

/** An open store. */
export interface ContractStore {
  /** Has the calls of `Leaderboards` but `board` and `openBoard`. */
  callee: Callee
  board(name: string, settings?: BoardSettings): Callee
  openBoard(name: string, settings?: BoardSettings): Callee | Promise<Callee>
  clock: FakeClock
  /** The earliest time that its boards take; 1970 if not said. */
  firstMs?: number
}

/** Opens an empty store, runs `body`, and closes it. */
export interface Engine {
  (body: (store: ContractStore) => Promise<void>): Promise<void>
  /** Whether no instant covers a whole board: no dense ranks, no `keep`, many submits not all or nothing. */
  isPartitioned?: boolean
}

/** Makes a call and waits for its answer, whether it comes at once or later. */
export async function answerOf(
  callee: Callee,
  name: string,
  ...args: readonly unknown[]
): Promise<unknown> {
  const member: unknown = Reflect.get(callee, name)
  const answer: unknown =
    typeof member === 'function' ? await Reflect.apply(member, callee, args) : await member
  if (name !== 'entries') return answer
  const entries: unknown[] = []
  for await (const entry of answer as AsyncIterable<unknown>) entries.push(entry)
  return entries
}

/** Makes a call that must be refused; returns the stable part of its error. */
export async function refusalOf(
  callee: Callee,
  name: string,
  ...args: readonly unknown[]
): Promise<string> {
  try {
    const answer = await answerOf(callee, name, ...args)
    return `answered ${JSON.stringify(answer)}`
  } catch (error) {
    return problemOf(error)
  }
}

/** The embedded engine. */
export const embedded: Engine = (body) =>
  withStore(
    async ({ store, clock }) => {
      await body({
        callee: store,
        board: (name, settings) => store.board(name, settings),
        openBoard: (name, settings) => store.openBoard(name, settings),
        clock,
      })
    },
    { durability: 'relaxed' },
  )

/** The same, every read of which answers a turn later: like an engine behind a network. */
export const answeringLater: Engine = (body) =>
  withStore(
    async ({ store, clock }) => {
      await body({
        callee: later(store),
        board: (name, settings) => later(store.board(name, settings)),
        openBoard: (name, settings) => openLater(store, name, settings),
        clock,
      })
    },
    { durability: 'relaxed' },
  )

async function openLater(
  store: Leaderboards,
  name: string,
  settings?: BoardSettings,
): Promise<Callee> {
  await nextTurn()
  return later(store.openBoard(name, settings))
}

const AT_ONCE = new Set<PropertyKey>(['name', 'order', 'mode', 'scoreType', 'columns', 'keep'])

function later<T extends object>(target: T): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (AT_ONCE.has(name)) return member
      if (typeof member !== 'function') return valueLater(() => Reflect.get(target, name, target))
      if (name === 'entries') return (...args: unknown[]) => entriesLater(target, args)
      return (...args: unknown[]) => valueLater(() => Reflect.apply(member, target, args))
    },
  })
}

async function valueLater(work: () => unknown): Promise<unknown> {
  await nextTurn()
  return work()
}

async function* entriesLater(target: object, args: unknown[]): AsyncGenerator<unknown> {
  await nextTurn()
  const entries: unknown = Reflect.get(target, 'entries', target)
  yield* Reflect.apply(entries as () => Iterable<unknown>, target, args)
}

/** Ten years around the clock of every test begin here, so that one season has all that the board has. */
export const FIRST_MS = START_MS - 43_800 * 3_600_000
export const DECADE = { name: 'decade', every: { hours: 87_600, from: FIRST_MS } } as const
const DAY_MS = 86_400_000

export const CHANGES = new Set<PropertyKey>([
  'submit',
  'submitMany',
  'remove',
  'take',
  'importFrom',
])

/** The season of a window, which a board's changes reach too: each read is one of the season. */
export const season: Engine = async (body) => {
  // A season begins at a time that the store has given by then: one that no test gives.
  let creating = 0
  let nowMs = (): number => START_MS
  const clock = (): number => nowMs() - (creating > 0 ? DAY_MS : 0)
  await withStore(
    async ({ store, clock }) => {
      nowMs = clock.read
      const board = (name: string, asked?: BoardSettings): Callee => {
        const settings = { ...asked, windows: [DECADE] }
        creating++
        const created = store.createBoard(name, settings).finally(() => creating--)
        return seasonOf(store.board(name, settings) as Leaderboard, created)
      }
      await body({ callee: store, board, openBoard: board, clock, firstMs: FIRST_MS })
    },
    { durability: 'relaxed', clock },
  )
}

function seasonOf(board: Leaderboard, created: Promise<unknown>): Callee {
  const view = board.window('decade')
  return new Proxy(board, {
    get(_, name) {
      const target = CHANGES.has(name) ? board : view
      const member: unknown = Reflect.get(target, name, target)
      if (AT_ONCE.has(name)) return member
      if (typeof member !== 'function') return created.then(() => Reflect.get(target, name, target))
      if (name === 'entries')
        return (...args: unknown[]) =>
          entriesAfter(created, () => Reflect.apply(member, target, args))
      return async (...args: unknown[]) => {
        await created
        const answer: unknown = await Reflect.apply(member, target, args)
        return name === 'submit' || name === 'submitMany' ? withoutWindows(answer) : answer
      }
    },
  })
}

async function* entriesAfter(
  created: Promise<unknown>,
  entries: () => Iterable<unknown>,
): AsyncGenerator<unknown> {
  await created
  yield* entries()
}

// What became of the season is told beside what became of the board.
export function withoutWindows(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(withoutWindows)
  const { windows, ...rest } = answer as SubmitAnswer
  expect(Object.keys(windows ?? {})).toEqual(['decade'])
  return rest
}
