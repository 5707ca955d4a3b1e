/**
 * When a replica is asked, and when its answer is taken, by streams, offsets, connections and numbers of writes: on
 * servers that are made up, at times that are given.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Changed, ServerCall } from '../../src/redis/client/connection.ts'
import type { Replication } from '../../src/redis/client/replication.ts'
import { type AskedReplica, ReplicaGroup } from '../../src/redis/replicas/replica-group.ts'
import { ReplicaReads } from '../../src/redis/replicas/replica-reads.ts'

const MAX_LAG_MS = 2_000
const KEYS = ['ld{arena}:e']
const READ: ServerCall = { name: 'read', keys: KEYS, args: ['', '', 8, 'rows'], isRead: true }
const WRITE: ServerCall = { name: 'write', keys: KEYS, args: [], isRead: false }

/** A server that has a stream up to an offset, and a board with so many writes. */
class MadeUpServer {
  readonly address: string
  readonly isPrimary: boolean
  stream = 'first'
  offset = 10
  writes = 1
  connection: object | undefined = {}

  constructor(address: string) {
    this.address = address
    this.isPrimary = address === 'primary'
  }

  by(): object | undefined {
    return this.connection
  }

  async replication(): Promise<Replication> {
    const { stream, offset, isPrimary } = this
    return { stream, offset, isPrimary, isReplica: !isPrimary, replicas: [] }
  }

  async read(): Promise<unknown> {
    return [Buffer.from('id'), Buffer.from('0'), this.address, Buffer.from(String(this.writes))]
  }
}

/** A primary and a replica, which was looked at once and is asked from then on. */
async function scene() {
  const primary = new MadeUpServer('primary')
  const replica: MadeUpServer & AskedReplica = new MadeUpServer('replica')
  const now = { ms: 0 }
  const options = { maxLagMs: MAX_LAG_MS, clock: () => now.ms }
  const group = new ReplicaGroup(primary, options)
  group.setReplicas([replica])
  const place = { group, sinceMs: Number.NEGATIVE_INFINITY }
  const primaries = {
    call: () => primary.read(),
    change: async (): Promise<Changed> => {
      primary.writes++
      primary.offset++
      return { answer: await primary.read(), replicas: 0, by: primary.by() as object }
    },
  }
  const source = {
    ...{ primaries, asReplicaCall: (call: ServerCall) => call, placeOf: () => place },
    ...{ groups: () => [group], close: async () => undefined },
  }
  const reads = new ReplicaReads(source as never, options)
  /** Who answers. */
  const ask = async (): Promise<unknown> => ((await reads.call(READ)) as unknown[])[2]
  /** Lets time pass, and the look end that the next question begins. */
  const after = async (ms: number): Promise<void> => {
    now.ms += ms
    await ask()
    await new Promise(setImmediate)
  }
  await after(0)
  return { primary, replica, now, place, reads, ask, after }
}

test('a replica that has what the primary had is asked', async () => {
  const { ask } = await scene()
  expect(await ask()).toBe('replica')
})

test('a replica that is too late is not asked, until it has caught up', async () => {
  const { primary, replica, ask, after } = await scene()
  primary.offset = 20
  await after(MAX_LAG_MS - 1)
  expect(await ask()).toBe('replica')
  await after(500)
  expect(await ask()).toBe('primary')
  replica.offset = 20
  await after(500)
  expect(await ask()).toBe('replica')
})

test('a replica without the own change is not believed, and is at once when it has it', async () => {
  const { replica, reads, ask } = await scene()
  await reads.call(WRITE)
  expect(await ask()).toBe('primary')
  replica.writes = 2
  expect(await ask()).toBe('replica')
})

test('a change whose answer was lost is waited for by time', async () => {
  const { primary, replica, now, reads, ask, after } = await scene()
  const { connection } = primary
  primary.connection = undefined
  now.ms += 1
  primary.read = () => Promise.reject(new Error('lost'))
  await reads.call(WRITE).catch(() => undefined)
  primary.read = MadeUpServer.prototype.read
  primary.connection = connection
  replica.writes = 9
  expect(await ask()).toBe('primary')
  replica.offset = primary.offset
  await after(500)
  expect(await ask()).toBe('replica')
})

// Both count on from what they shared: the replica has 15 writes of which the new primary knows nothing, and lacks the
// one that this process was answered as the twelfth.
test('numbers of writes of another stream say nothing', async () => {
  const { primary, replica, reads, ask, after } = await scene()
  replica.writes = 15
  primary.connection = {}
  primary.stream = 'second'
  primary.writes = 11
  await reads.call(WRITE)
  expect(await ask()).toBe('primary')
  replica.offset = 1_000
  await after(500)
  expect(await ask()).toBe('primary')
  Object.assign(replica, { stream: 'second', offset: primary.offset, writes: 12 })
  await after(500)
  expect(await ask()).toBe('replica')
})

test('numbers of writes say nothing long after the last look', async () => {
  const { replica, now, reads, ask } = await scene()
  now.ms += 1_001
  await reads.call(WRITE)
  replica.writes = 2
  expect(await ask()).toBe('primary')
})

test('a replica that was connected to again is looked at first', async () => {
  const { replica, ask, after } = await scene()
  replica.connection = {}
  expect(await ask()).toBe('primary')
  await after(500)
  expect(await ask()).toBe('replica')
})

test('a replica must have what came with a slot', async () => {
  const { primary, replica, now, place, ask, after } = await scene()
  now.ms += 10
  place.sinceMs = now.ms
  expect(await ask()).toBe('primary')
  primary.offset = 20
  await after(500)
  expect(await ask()).toBe('primary')
  replica.offset = 20
  await after(500)
  expect(await ask()).toBe('replica')
})

test('a primary that became a replica tells nothing of others', async () => {
  const { primary, replica, ask, after } = await scene()
  Object.assign(primary, { isPrimary: false })
  replica.offset = 1_000
  await after(500)
  expect(await ask()).toBe('primary')
})

test('a replica that fails is not asked again before it was looked at', async () => {
  const { replica, ask, after } = await scene()
  let asked = 0
  replica.read = () => {
    asked++
    return Promise.reject(new Error('MOVED'))
  }
  expect(await ask()).toBe('primary')
  expect(await ask()).toBe('primary')
  expect(asked).toBe(1)
  replica.read = MadeUpServer.prototype.read
  await after(500)
  expect(await ask()).toBe('replica')
})
