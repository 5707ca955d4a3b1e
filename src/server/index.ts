/**
 * A store over HTTP: what `ladderdb/server` exports.
 *
 * @example
 * import { openLeaderboards } from 'ladderdb'
 * import { createServer } from 'ladderdb/server'
 *
 * const server = createServer(openLeaderboards('./leaderboards'))
 *
 * @module
 */

export type { ServerEnv } from './gate.ts'
export { createServer, type LadderServer, type ServerOptions } from './server.ts'
