/**
 * A port of the loopback that nobody listens on.
 *
 * @module
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Resolves with its number. */
export async function freePort() {
  const probe = createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const { port } = probe.address()
  await once(probe.close(), 'close')
  return port
}
