/**
 * A server with a board's day before it: two connections that go by a clock of the test, and an eye on all keys.
 *
 * @module
 */

import { Redis } from 'ioredis'
import { expect } from 'vitest'
import {
  connectLeaderboards,
  type RedisClient,
  type RemoteLeaderboards,
} from '../../src/redis/index.ts'
import { withRedis } from './redis-server.ts'
import { FakeClock } from './temporary-store.ts'

export const NOON_MS = Date.UTC(2026, 10, 28, 12)
export const DAY = { name: 'day', every: 'day', graceMs: 0 } as const

/** What a test has. */
export interface RedisScene {
  store: RemoteLeaderboards
  /** Another process. */
  other: RemoteLeaderboards
  admin: Redis
  clock: FakeClock
  url: string
}

/** Runs `body` at noon; the boards are sound behind it. */
export function withRedisScene(body: (scene: RedisScene) => Promise<void>): Promise<void> {
  return withRedis(async ({ url }) => {
    const clock = new FakeClock()
    clock.now = NOON_MS
    const admin = new Redis(url)
    await using store = await connectLeaderboards(url, { clock: clock.read })
    await using other = await connectLeaderboards(url, { clock: clock.read })
    await body({ store, other, admin, clock, url })
    expect((await store.check()).findings).toEqual([])
    await admin.quit()
  })
}

/** Returns a client that does something in front of each call; if that fails, the call is not made. */
export function clientWith(
  url: string,
  before: (args: readonly unknown[]) => unknown,
): RedisClient {
  const client = new Redis(url, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 })
  const callBuffer = client.callBuffer.bind(client)
  client.callBuffer = (async (...args: Parameters<typeof callBuffer>) => {
    await before(args)
    return callBuffer(...args)
  }) as typeof callBuffer
  return client as unknown as RedisClient
}
