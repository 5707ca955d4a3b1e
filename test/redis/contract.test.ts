/**
 * The contract suites on a server. Each store has keys of its own on it, and is checked at the end.
 *
 * @module
 */

import { afterAll, beforeAll, expect } from 'vitest'
import { connectLeaderboards, type RemoteLeaderboards } from '../../src/redis/index.ts'
import { boardContract } from '../contract/board-contract.ts'
import type { Callee, Engine } from '../contract/engine.ts'
import { storeContract } from '../contract/store-contract.ts'
import { describeOnRedis, openServer, type TestServer } from '../support/redis-server.ts'
import { FakeClock } from '../support/temporary-store.ts'

let server: TestServer
let end: () => Promise<void>
let stores = 0

const remote: Engine = async (body) => {
  const clock = new FakeClock()
  const options = { clock: clock.read, prefix: `store-${stores++}` }
  await using store = await connectLeaderboards(server.url, options)
  await body({
    callee: store,
    board: (name, settings) => soon(store.board(name, settings)),
    openBoard: (name, settings) => store.openBoard(name, settings),
    clock,
  })
  expect(await store.check()).toMatchObject({ ok: true, findings: [] })
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
              return Reflect.apply(Reflect.get(board, name), board, args)
            },
    },
  )
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
})
