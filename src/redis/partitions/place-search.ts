/**
 * Finds the key at a place of a board in partitions, none of which knows it: each offers the row where it should
 * be in its own list, all count what lies below each offer, and what is between the nearest offers is searched on.
 *
 * Two rounds for a million players, in 4 to 64 partitions. At rest the answer is exact; while entries move it is near, and the
 * caller looks at the rows around it.
 *
 * @module
 */

import type { RowsReply } from '../client/replies.ts'
import type { PartitionSlots } from './partition-slots.ts'

/** Rows that are fetched rather than searched on. */
export const NEAR = 64

const ROUNDS_MAX = 40

interface Range {
  /** Entries of the partition that are known to be in front of the place. */
  low: number
  /** Of its first entries, how many may be the one. */
  high: number
}

/** Returns a key with some {@link NEAR} entries at most from it to the place `index`, and how many are below it. */
export async function keyNear(
  slots: PartitionSlots,
  index: number,
): Promise<{ key: Buffer; below: number }> {
  let key: Buffer = Buffer.alloc(0)
  let below = 0
  const counts = await slots.countEach([])
  const ranges = counts.map(({ size }): Range => ({ low: 0, high: size }))
  for (let round = 0; round < ROUNDS_MAX && index - below > NEAR; round++) {
    const offers = await offersOf(slots, { ranges, index })
    if (offers.length === 0) break
    const each = await slots.countEach(offers.map((offer) => offer.key))
    for (const [i, offer] of offers.entries()) {
      const place = each.reduce((sum, one) => sum + (one.below[i] as number), 0)
      if (place <= index && (place > below || key.length === 0)) {
        key = offer.key
        below = place
      }
      for (const [partition, one] of each.entries()) {
        const count =
          (one.below[i] as number) + (partition === offer.partition && place < index ? 1 : 0)
        narrow(ranges[partition] as Range, { count, isBelow: place <= index })
      }
    }
  }
  return { key, below }
}

function narrow(range: Range, { count, isBelow }: { count: number; isBelow: boolean }): void {
  if (isBelow) range.low = Math.max(range.low, count)
  else range.high = Math.max(range.low, Math.min(range.high, count))
}

// Where the place lies in each range, as far as it does in all of them together.
async function offersOf(
  slots: PartitionSlots,
  { ranges, index }: { ranges: readonly Range[]; index: number },
): Promise<{ key: Buffer; partition: number }[]> {
  const low = ranges.reduce((sum, range) => sum + range.low, 0)
  const count = ranges.reduce((sum, range) => sum + range.high - range.low, 0)
  const share = Math.min(1, Math.max(0, (index - low) / count))
  const offers = await Promise.all(
    ranges.map(async (range, partition) => {
      if (range.high <= range.low) return undefined
      const last = range.high - 1
      const at = Math.min(last, Math.floor(range.low + share * (range.high - range.low)))
      const [, , , members] = (await slots.ask(partition, 'rows', [at, 1, 'ordinal'])) as RowsReply
      const [key] = members
      return key && { key, partition }
    }),
  )
  return offers.filter((offer) => offer !== undefined)
}
