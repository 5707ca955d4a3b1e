/**
 * Assertions on our own mistakes. They stay on in production: a broken invariant must stop a write.
 *
 * @module
 */

/** Throws if `condition` does not hold. The message states what must be true. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed, please report this: ${message}`)
}
