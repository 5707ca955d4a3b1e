/**
 * Assertions on our own mistakes. They stay on in production: a broken invariant must stop a write.
 *
 * @module
 */

/** Throws if `condition` does not hold. The message states what must be true. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed, please report this: ${message}`)
}

/** Returns item `i` of a list that must have it. */
export function itemAt<T>(list: ArrayLike<T>, i: number): T {
  const item = list[i]
  // The message is made only if it is needed: this is called some hundred times in a commit.
  if (item === undefined) assert(false, `a list of ${list.length} has an item ${i}`)
  return item
}
