/**
 * Which questions a replica may be asked.
 *
 * @module
 */

import type { ServerCall } from '../client/connection.ts'

/** Where the name of a question is among the arguments of a read. */
const QUESTION = 3

/** In bites whose place is a cursor of the server that gave it: another one would leave out players. */
const SCANS: ReadonlySet<string> = new Set([
  ...['ids', 'check_players', 'check_scores', 'check_hidden', 'check_season', 'check_seasons'],
])

/** Those that look at entries, records, distinct scores and m, and at nothing else: see replicas.lua. */
const OF_WHOLE_BOARDS: ReadonlySet<string> = new Set([
  ...['info', 'players', 'rows', 'around', 'between', 'page', 'newcomer', 'score_at', 'goal'],
  ...['gather', 'find', 'rules'],
])

/** Whether a replica of one server may be asked. */
export function isForReplica(call: ServerCall): boolean {
  return call.name === 'read' && !SCANS.has(questionOf(call))
}

/** Returns a question as a replica of a cluster is asked it; undefined: only the primary answers it. */
export function wholeRead(call: ServerCall): ServerCall | undefined {
  if (call.name !== 'read' || !OF_WHOLE_BOARDS.has(questionOf(call))) return undefined
  return { ...call, name: 'read_whole' }
}

function questionOf({ args }: ServerCall): string {
  return String(args[QUESTION])
}
