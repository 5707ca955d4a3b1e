import { once } from 'node:events'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { HEARTBEAT_MS, HEARTBEATS_MAX } from '../../src/server/limits.ts'
import { nodeServer } from '../../src/server/listener.ts'
import { type TestServer, withServer } from './support.ts'

const WATCH = 'GET /api/v1/boards/arena/live?top=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A connection whose other end is gone without a word: the system takes what is sent, and nobody answers. */
class Vanished extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  text = ''

  override _read(): void {
    // Nothing comes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

async function viewersOf(server: TestServer): Promise<string | undefined> {
  const { text } = await server.ask('GET //metrics')
  return /^ladderdb_live_viewers (\d+)$/m.exec(text)?.[1]
}

test('a stream gets a sign in time, and one whose reader vanished is given back', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const vanished = new Vanished()
    try {
      nodeServer(server.server.fetch, () => false).emit('connection', vanished)
      vanished.push(WATCH)
      await expect.poll(() => vanished.text, { interval: 5 }).toContain('event: update')
      expect(await viewersOf(server)).toBe('1')
      vi.advanceTimersByTime(HEARTBEAT_MS)
      await expect.poll(() => vanished.text, { interval: 5 }).toContain(': still here\n\n')
      vi.advanceTimersByTime(HEARTBEAT_MS * HEARTBEATS_MAX)
      expect(await viewersOf(server)).toBe('0')
      // The last chunk: who is there after all knows that it is to come back.
      await expect.poll(() => vanished.text, { interval: 5 }).toMatch(/\r\n0\r\n\r\n$/)
      expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
    } finally {
      vi.useRealTimers()
      vanished.destroy()
    }
  })
})

// Over a socket: what its reader does not take waits in the system, in the connection, in the stream.
test('a stream over a socket that nobody reads is cut off, and the others go on', async () => {
  const printed = vi.spyOn(console, 'error')
  await withServer(async (server) => {
    const { port } = await server.server.listen({ port: 0 })
    try {
      const board = await server.store.createBoard('arena')
      const names = Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(500, 'x'))
      await board.submitMany(names.map((playerId, i) => ({ playerId, score: i })))
      const [slow, good] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
      let text = ''
      good.on('data', (part) => {
        text = (text + part).slice(-2_000)
      })
      slow.write(WATCH)
      await once(slow, 'readable')
      good.write(WATCH.replace('1000', '1'))
      const cut = once(slow, 'close')
      for (let i = 0; i < 30; i++) {
        await board.submit('ann', 10_000 + i)
        await expect.poll(() => text, { interval: 5 }).toContain(`"score":${10_000 + i}`)
      }
      await expect.poll(() => viewersOf(server), { interval: 5 }).toBe('1')
      slow.on('error', () => undefined).resume()
      await cut
      good.destroy()
      await expect.poll(() => viewersOf(server), { interval: 5 }).toBe('0')
      expect(printed).not.toHaveBeenCalled()
    } finally {
      printed.mockRestore()
      await server.server.close()
    }
  })
})
