/**
 * Sizes of tests that may be run as long as one likes: small in `npm test`, large in `npm run torture`.
 *
 * @module
 */

/** A size from the environment: the variable where it is set, else for `npm test` or for TORTURE=1. */
export function sizeOf(variable: string, size: { test: number; torture: number }): number {
  const given = process.env[variable]
  if (given !== undefined) return Number(given)
  return process.env['TORTURE'] === undefined ? size.test : size.torture
}
