/**
 * The contract suites on a server. Each store has keys of its own on it, and is checked at the end.
 *
 * @module
 */

import { afterAll, beforeAll, expect } from 'vitest'
import {
  connectLeaderboards,
  type RemoteBoard,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { boardContract } from '../contract/board-contract.ts'
import {
  type Callee,
  CHANGES,
  DECADE,
  type Engine,
  FIRST_MS,
  withoutWindows,
} from '../contract/engine.ts'
import { storeContract } from '../contract/store-contract.ts'
import { describeOnRedis, openServer, type TestServer } from '../support/redis-server.ts'
import { FakeClock } from '../support/temporary-store.ts'

let server: TestServer
let end: () => Promise<void>
let stores = 0

const remote: Engine = (body) => onServer(1, body)

const partitioned: Engine = (body) => onServer(4, body)
partitioned.isPartitioned = true

// The season of a window, which a board's changes reach too: each read is one of the season.
const season: Engine = (body) => inSeason(1, body)

const seasonInPartitions: Engine = (body) => inSeason(4, body)
seasonInPartitions.isPartitioned = true

async function inSeason(partitions: number, body: Parameters<Engine>[0]): Promise<void> {
  const clock = new FakeClock()
  // A season begins at a time that the store has given by then: one that no test gives.
  let creating = 0
  const read = (): number => clock.now - (creating > 0 ? DAY_MS : 0)
  const options = { clock: read, prefix: `store-${stores++}` }
  await using store = await connectLeaderboards(server.url, options)
  const board = (name: string, asked?: object): Callee => {
    creating++
    const settings = { ...asked, windows: [DECADE], ...(partitions > 1 && { partitions }) }
    const made = store.createBoard(name, settings).finally(() => creating--)
    const opening = made.then(async (board) => ({ board, view: await board.window('decade') }))
    return seasonOf(opening)
  }
  await body({ callee: store, board, openBoard: board, clock, firstMs: FIRST_MS })
  expect(await store.check()).toMatchObject({ ok: true, findings: [] })
}

const DAY_MS = 86_400_000

function seasonOf(opening: Promise<{ board: object; view: object }>): Callee {
  opening.catch(() => undefined)
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'entries') return (...args: unknown[]) => entriesOf(viewOf(opening), args)
        return async (...args: unknown[]) => {
          const { board, view } = await opening
          const target = CHANGES.has(name) ? board : view
          if (name === 'submitMany' && (board as RemoteBoard).partitions > 1)
            args[1] = inParts(args[1])
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          const answer: unknown = await Reflect.apply(member, target, args)
          return name === 'submit' || name === 'submitMany' ? withoutWindows(answer) : answer
        }
      },
    },
  )
}

async function viewOf(opening: Promise<{ view: object }>): Promise<RemoteBoard> {
  return (await opening).view as RemoteBoard
}

async function onServer(partitions: number, body: Parameters<Engine>[0]): Promise<void> {
  const clock = new FakeClock()
  const options = { clock: clock.read, prefix: `store-${stores++}` }
  await using store = await connectLeaderboards(server.url, options)
  const withPartitions = <T extends object>(settings: T | undefined) => ({
    partitions,
    ...settings,
  })
  await body({
    callee: calleeOf(store, {
      createBoard: (name: string, settings?: object) =>
        store.createBoard(name, withPartitions(settings)),
    }),
    board: (name, settings) => soon(store.board(name, withPartitions(settings))),
    openBoard: (name, settings) => store.openBoard(name, settings),
    clock,
  })
  expect(await store.check()).toMatchObject({ ok: true, findings: [] })
}

function calleeOf<T extends object>(target: T, others: object): Callee {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(others, name) ?? Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

// A board whose opening nobody waits for.
function soon(opening: ReturnType<RemoteLeaderboards['board']>): Callee {
  opening.catch(() => undefined)
  return new Proxy(
    {},
    {
      get: (_, name) =>
        name === 'entries'
          ? (...args: unknown[]) => entriesOf(opening, args)
          : async (...args: unknown[]) => {
              const board = await opening
              if (name === 'submitMany' && board.partitions > 1) args[1] = inParts(args[1])
              return Reflect.apply(Reflect.get(board, name), board, args)
            },
    },
  )
}

function inParts(options: unknown): object {
  return { atomic: false, ...(options as object | undefined) }
}

async function* entriesOf(
  opening: ReturnType<RemoteLeaderboards['board']>,
  args: unknown[],
): AsyncGenerator<unknown> {
  const board = await opening
  yield* board.entries(...(args as []))
}

describeOnRedis('contract suites on a server', () => {
  beforeAll(async () => {
    const opened = await openServer()
    server = opened.server
    end = opened.end
  })
  afterAll(() => end())

  boardContract('server', remote)
  storeContract('server', remote)
  boardContract('server, in partitions', partitioned)
  storeContract('server, in partitions', partitioned)
  boardContract('season on a server', season)
  boardContract('season on a server, in partitions', seasonInPartitions)
})
