/**
 * Pages go on after something, or end before something.
 *
 * @module
 */

/** @throws {TypeError} if a page is asked for on both sides; `what` is what they are sides of. */
export function checkOneSide(
  { after, before }: { after?: string | undefined; before?: string | undefined },
  what: 'cursor' | 'season',
): void {
  if (after !== undefined && before !== undefined)
    throw new TypeError(`Cannot go after and before at once: give one ${what}`)
}
