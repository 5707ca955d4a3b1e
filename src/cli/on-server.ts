/**
 * Which commands work on a server, too, and why the others do not.
 *
 * @module
 */

import { CliError } from './failures.ts'

const ON_SERVER: readonly string[] = [
  ...['top', 'range', 'around', 'between', 'page', 'among', 'find'],
  ...['show', 'rank', 'player', 'gap', 'score-at', 'score-for', 'submit', 'remove', 'rename'],
  ...['boards', 'create', 'drop', 'exec', 'check', 'stats', 'copy', 'compare', 'serve', '__boards'],
  ...['ban', 'unban', 'bans', 'move', 'erase', 'profile', 'import', 'export', 'watch'],
  ...['windows', 'seasons', 'finals', 'start-season', 'alter'],
]

// They look at no store, whichever the environment names.
const WITHOUT_STORE: readonly string[] = ['key', 'demo', 'completion']

// Where the name of a command is not that of its call.
const CALLS_OF: Readonly<Record<string, string>> = {
  flags: 'log',
}

/** Whether a command may be told of a server. */
export function worksOnServer(command: string): boolean {
  return ON_SERVER.includes(command) || WITHOUT_STORE.includes(command)
}

/** @throws {CliError} `UNSUPPORTED` with the reason. */
export async function refuseOnServer(command: string): Promise<never> {
  const { REFUSED_CALLS } = await import('../redis/index.ts')
  const reasons: Readonly<Record<string, string | undefined>> = REFUSED_CALLS
  const reason = reasons[CALLS_OF[command] ?? command] ?? 'it works on the files of a store'
  throw new CliError(
    'UNSUPPORTED',
    `Cannot run ${command} on a server: ${reason}; it works with --db alone`,
  )
}
