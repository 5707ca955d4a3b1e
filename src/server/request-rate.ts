/**
 * How often one address may ask.
 *
 * @module
 */

import { limitedAddress } from './client-address.ts'
import { loadPackage } from './packages.ts'
import { HttpError } from './problem.ts'

/**
 * Returns what refuses the requests of an address beyond a number in each second.
 *
 * @throws {LadderError} `NO_PACKAGE`.
 */
export function requestRate(perSecond: number): (address: string) => Promise<void> {
  const { RateLimiterMemory } = loadPackage('rate-limiter-flexible')
  const limiter = new RateLimiterMemory({ points: perSecond, duration: 1 })
  return async (address) => {
    const refused = await limiter.consume(limitedAddress(address)).then(
      () => undefined,
      (answer: { msBeforeNext?: number }) => answer,
    )
    if (refused === undefined) return
    throw new HttpError(
      'TOO_MANY_REQUESTS',
      `Cannot answer so often: one address may ask ${perSecond} times in a second; wait, or watch the board live`,
      { retryAfterMs: Math.ceil(refused.msBeforeNext ?? 1_000) },
    )
  }
}
