/**
 * Sizes of tests that may be run as long as one likes: small in `npm test`, large in `npm run torture`
 * and `npm run test:redis`.
 *
 * @module
 */

/** A size from the environment: the variable where it is set, else for `npm test`, or for TORTURE=1 or TEST_REDIS=1. */
export function sizeOf(variable: string, size: { test: number; torture: number }): number {
  const given = process.env[variable]
  if (given !== undefined) return Number(given)
  const { TORTURE, TEST_REDIS } = process.env
  return (TORTURE ?? TEST_REDIS) === undefined ? size.test : size.torture
}
