/**
 * Calls of functions that a server may not have, or may lose at any time: after FUNCTION FLUSH, or a start without
 * its files.
 *
 * @module
 */

import type { ServerArgument } from './connection.ts'
import { LIBRARY, LIBRARY_NAME } from './function-library.ts'
import { isWithoutLibrary } from './server-errors.ts'

/** How often the functions are given to a server for one call: it may lose them again before the call comes. */
const LOADS_MAX = 5

/** Makes a call; if the functions are not there, gives them to the server by `load` and makes it again. */
export async function withLibrary<T>(
  call: () => Promise<T>,
  load: () => Promise<void>,
): Promise<T> {
  for (let loads = 0; ; loads++) {
    try {
      return await call()
    } catch (error) {
      // A function that is not there has done nothing.
      if (!isWithoutLibrary((error as Error).cause) || loads === LOADS_MAX) throw error
      await load()
    }
  }
}

/**
 * Gives a server the functions if it does not have them. To take them in keeps it from all else for some 10 ms, and its
 * replicas too; their name says what they are.
 */
export async function giveLibrary(
  send: (args: readonly ServerArgument[]) => Promise<unknown>,
): Promise<void> {
  // Who may not ask may still give.
  const found = await send(['LIST', 'LIBRARYNAME', LIBRARY_NAME]).catch(() => [])
  if ((found as unknown[]).length === 0) await send(['LOAD', 'REPLACE', LIBRARY])
}
