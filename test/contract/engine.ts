/**
 * What the contract suites want of an engine: a store whose calls are made by name, and awaited.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BoardSettings, Leaderboards } from '../../src/index.ts'
import { problemOf } from '../model/calls.ts'
import { type FakeClock, withStore } from '../support/temporary-store.ts'

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
}

/** Opens an empty store, runs `body`, and closes it. */
export type Engine = (body: (store: ContractStore) => Promise<void>) => Promise<void>

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
