/**
 * A store over HTTP: what `ladderdb/server` exports.
 *
 * @example
 * import { openLeaderboards } from 'ladderdb'
 * import { createServer } from 'ladderdb/server'
 *
 * const store = openLeaderboards('./leaderboards')
 * const server = createServer(store)
 * const { url } = await server.listen({ port: 7350 })
 *
 * @module
 */

export type { NightlyReport } from './backups/nightly.ts'
export type { ServerEnv } from './client-address.ts'
export { createKey, type KeyRecord, type NewKey, readKeys, revokeKey } from './keys.ts'
export type { Listening, ListenOptions } from './listener.ts'
export { type RequestLine, requestLog } from './request-line.ts'
export { requirePackages } from './required-packages.ts'
export type { Role } from './routes/route.ts'
export {
  checkHost,
  checkOptions,
  createServer,
  type LadderServer,
  type ServerOptions,
} from './server.ts'
