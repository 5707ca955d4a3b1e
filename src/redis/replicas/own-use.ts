/**
 * Boards that the engine uses itself: their calls are a part of those that others make, and are not published.
 *
 * @module
 */

const OWN = new WeakSet<object>()

/** Returns an object whose calls are not published. */
export function forOwnUse<T extends object>(view: T): T {
  OWN.add(view)
  return view
}

/** Whether the calls of an object are not published. */
export function isForOwnUse(view: object): boolean {
  return OWN.has(view)
}
