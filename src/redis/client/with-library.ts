/**
 * Calls of functions that a server may not have, or may lose at any time: after FUNCTION FLUSH, or a start without
 * its files.
 *
 * @module
 */

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
