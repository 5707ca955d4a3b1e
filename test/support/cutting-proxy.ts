/**
 * A way to a server that can be cut: before a request gets there, in the middle of one, or before its answer does.
 *
 * @module
 */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What is lost with the connection: a request, its second half, or the answer. */
export type Cut = 'request' | 'half a request' | 'answer'

export const CUTS: readonly Cut[] = ['request', 'half a request', 'answer']

/** A way to a server on another port. */
export interface CuttingProxy {
  url: string
  /** The next of this kind gets lost, and the connection with it. */
  cutNext(cut: Cut): void
  close(): Promise<void>
}

/** Opens a way to the server on a port of the loopback. */
export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  let next: Cut | undefined
  const sockets = new Set<Socket>()
  const take = (...cuts: readonly Cut[]): Cut | undefined => {
    const cut = next
    if (cut === undefined || !cuts.includes(cut)) return undefined
    next = undefined
    return cut
  }
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (bytes) => {
      const cut = take('request', 'half a request')
      if (cut === undefined) return server.write(bytes)
      if (cut === 'half a request') server.end(bytes.subarray(0, bytes.length >> 1))
      return client.destroy()
    })
    server.on('data', (bytes) => {
      if (take('answer') === undefined) return client.write(bytes)
      client.destroy()
      return server.destroy()
    })
    client.on('close', () => server.end())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port: own } = proxy.address() as { port: number }
  return {
    url: `redis://127.0.0.1:${own}`,
    cutNext: (cut) => {
      next = cut
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
