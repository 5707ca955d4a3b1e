/**
 * Calls that this engine refuses, each with the reason: nothing is done half.
 *
 * @module
 */

import type { CallName } from '../../calls/table.ts'
import { LadderError } from '../../ground/errors.ts'

/** Why there is no history. */
export const NO_LOG = 'boards on a server keep no log'
const NO_INSTANT = 'boards lie in slots of their own, and no instant covers them all'
/** Why nothing looks into files. */
export const NO_FILES = 'a server keeps its own files; use its RDB and AOF'

/** The reasons, by the names of the calls. */
export const REFUSED_CALLS: Readonly<Partial<Record<CallName, string>>> = {
  history: NO_LOG,
  sequence: 'each board has writes of its own, and nothing counts them all',
  log: NO_LOG,
  follow: NO_LOG,
  resolve: NO_LOG,
  dump: NO_FILES,
  snapshot: NO_INSTANT,
  undo: NO_LOG,
  rebuild: 'boards on a server have no rank tree',
  backup: `${NO_FILES}, or export each board to a file`,
}

/** Returns the error of a call or an option that is refused. */
export function unsupported(what: string, reason: string): LadderError {
  return new LadderError('UNSUPPORTED', `Cannot ${what} on a server: ${reason}`)
}

/** Gives a class the calls of one owner that it refuses: each throws `UNSUPPORTED`. */
export function refuseCalls(prototype: object, names: readonly CallName[]): void {
  for (const name of names)
    Object.defineProperty(prototype, name, {
      // Read at once, so that a property is refused as a method is.
      value: () => {
        throw unsupported(`use ${name}`, REFUSED_CALLS[name] ?? '')
      },
      configurable: true,
    })
}
