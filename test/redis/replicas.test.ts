/**
 * Questions that replicas answer: never without one's own changes, never later than is allowed.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { connectLeaderboards } from '../../src/redis/index.ts'
import { BIN } from '../cli/support.ts'
import { problemOf } from '../model/calls.ts'
import { REDIS_PROGRAM, redisSizeOf, type TestServer, withRedis } from '../support/redis-server.ts'
import { withDirectory } from '../support/temporary-store.ts'

const SUBMITS = redisSizeOf('REDIS_REPLICA_SUBMITS', { test: 300, whole: 200_000 })
const MAX_LAG_MS = 100
/** Longer than the minute after which a primary gives up a replica that says nothing. */
const HOPELESS_MS = 90_000
/** Of a primary: without them it waits five seconds for more replicas before it sends the first one its data. */
const AT_ONCE = ['--repl-diskless-sync-delay', '0']
/** By which the replica is late that is asked for one's own changes. */
const DELAY_MS = 30

/** Runs `body` with a primary and a replica, which hears all of it so many milliseconds later. */
function withReplica(
  body: (servers: { primary: TestServer; replica: TestServer }) => Promise<void>,
  delayMs = 0,
): Promise<void> {
  return withRedis(async (primary) => {
    const { port } = new URL(primary.url)
    const late = delayMs === 0 ? undefined : await lateProxy(Number(port), delayMs)
    const settings = ['--replicaof', '127.0.0.1', late?.port ?? port]
    await withRedis(async (replica) => {
      const client = new Redis(replica.url)
      while (!String(await client.info('replication')).includes('master_link_status:up'))
        await sleep(20)
      await client.quit()
      await body({ primary, replica })
    }, settings)
    await late?.close()
  }, AT_ONCE)
}

async function lateProxy(
  port: number,
  delayMs: number,
): Promise<{ port: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => setTimeout(() => client.write(bytes), delayMs))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: String((proxy.address() as { port: number }).port),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

/** Asks until a replica answers, as it does once it was looked at. */
async function untilRead(store: { replicas(): { reads: number }[] }, ask: () => Promise<unknown>) {
  const [before] = store.replicas()
  while (store.replicas()[0]?.reads === before?.reads) {
    await ask()
    await sleep(5)
  }
}

describe.skipIf(REDIS_PROGRAM === undefined)('replicas', () => {
  test('answer with the changes of the one who asks', () =>
    withReplica(async ({ primary }) => {
      const options = { readFrom: 'replica', maxLagMs: 8000 } as const
      await using store = await connectLeaderboards(primary.url, options)
      const board = await store.board('arena')
      await board.submit('first', 0)
      await untilRead(store, () => board.rank('first'))
      const stale: number[] = []
      for (let i = 1; i <= 20; i++) {
        await board.submit(`p${i}`, i)
        if ((await board.rank(`p${i}`)) !== 1) stale.push(i)
        await board.remove(`p${i}`)
        if ((await board.get(`p${i}`)) !== undefined) stale.push(-i)
        // A time of its own, and a name alone, are changes too.
        await board.submit('first', 0, { name: `n${i}` })
        if ((await board.get('first'))?.name !== `n${i}`) stale.push(i)
      }
      expect(stale).toEqual([])
      const reads = store.replicas()[0]?.reads ?? 0
      await sleep(10 * DELAY_MS)
      expect(await board.rank('first')).toBe(1)
      expect(store.replicas()[0]?.reads).toBe(reads + 1)
      await store.dropBoard('arena')
      expect(await store.hasBoard('arena')).toBe(false)
      const again = await store.board('arena')
      await again.submit('second', 1)
      expect(await again.rank('second')).toBe(1)
      expect(await again.rank('first')).toBeUndefined()
    }, DELAY_MS))

  test('that hang, stop or left their primary are not asked', () =>
    withReplica(async ({ primary, replica }) => {
      await using writer = await connectLeaderboards(primary.url)
      await using store = await connectLeaderboards(primary.url, { readFrom: 'replica' })
      await (await writer.board('arena')).submit('ann', 1)
      const board = await store.openBoard('arena')
      await untilRead(store, () => board.rank('ann'))
      const admin = new Redis(replica.url)
      await admin.call('CLIENT', 'PAUSE', '1000', 'ALL')
      await (await writer.openBoard('arena')).submit('bob', 2)
      const start = performance.now()
      await sleep(MAX_LAG_MS)
      expect(await board.rank('ann')).toBe(2)
      expect(performance.now() - start).toBeLessThan(900)
      await admin.call('REPLICAOF', 'NO', 'ONE')
      await sleep(MAX_LAG_MS * 2)
      await (await writer.openBoard('arena')).submit('cid', 3)
      for (let i = 0; i < 20; i++) {
        await sleep(10)
        if (i * 10 > MAX_LAG_MS) expect(await board.rank('ann')).toBe(3)
        else await board.rank('ann')
      }
      await replica.kill()
      admin.disconnect()
      for (let i = 0; i < 20; i++) expect(await board.rank('cid')).toBe(1)
    }))

  test('are late by little', () =>
    withReplica(({ primary, replica }) =>
      withDirectory(async (directory) => {
        const [here, there] = [new Redis(primary.url), new Redis(replica.url)]
        const seqOf = async (client: Redis): Promise<number> =>
          Number(await client.hget('ld{default}:m', 'seq'))
        const lines = Array.from({ length: SUBMITS }, (_, i) => {
          return `{"op":"submit","playerId":"p${i % 5_000}","score":${i},"ranks":false}`
        })
        const file = join(directory, 'submits.ndjson')
        await writeFile(file, lines.join('\n'))
        // Another process writes: this one has little else to do than to look.
        const writer = spawn(process.execPath, [BIN, '--redis', primary.url, 'exec', file])
        writer.stdout.resume()
        let complaints = ''
        writer.stderr.on('data', (chunk) => (complaints += chunk))
        const begin = performance.now()
        const lags: number[] = []
        for (let seq = 0; seq < SUBMITS; ) {
          seq = await seqOf(here)
          const start = performance.now()
          while ((await seqOf(there)) < seq)
            if (performance.now() - start > HOPELESS_MS)
              throw new Error(`The replica lacks write ${seq}: ${await there.info('replication')}`)
          lags.push(performance.now() - start)
          await sleep(1)
          if (writer.exitCode || performance.now() - begin > HOPELESS_MS)
            throw new Error(`Only ${seq} writes came: ${complaints}`)
        }
        const rate = Math.round((1000 * SUBMITS) / (performance.now() - begin))
        if (writer.exitCode === null) await once(writer, 'exit')
        await Promise.all([here.quit(), there.quit()])
        lags.sort((a, b) => a - b)
        const at = (share: number): string =>
          (lags[Math.floor(share * (lags.length - 1))] ?? 0).toFixed(2)
        const figures = `median ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`
        console.info(`replica lag at ${rate} submits/s: ${figures}, ${lags.length} looks`)
        expect(Number(at(0.5))).toBeLessThan(MAX_LAG_MS)
      }),
    ))

  test('have to be there', () =>
    withRedis(async ({ url }) => {
      const problem = async (options: object): Promise<string> => {
        try {
          await (await connectLeaderboards(url, options)).close()
          return 'none'
        } catch (error) {
          return problemOf(error)
        }
      }
      expect(await problem({ readFrom: 'replica' })).toBe('UNSUPPORTED')
      const gone = ['redis://127.0.0.1:1']
      expect(await problem({ readFrom: 'replica', replicas: gone })).toBe('UNAVAILABLE')
      expect(await problem({ readFrom: 'nearest' })).toBe('RangeError')
      expect(await problem({ readFrom: 'replica', maxLagMs: 0 })).toBe('RangeError')
    }))
})
