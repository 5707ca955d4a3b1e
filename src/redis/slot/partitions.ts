/**
 * Partitions of a board by player: each is a small board in a slot of its own, and ranks are sums over all.
 *
 *     prefix{board:3.17}:e …     partition 3; 17 is salt, by which the slots of a board lie evenly
 *
 * Where a player belongs is a pure function of the id, so that nobody looks it up and it is never stale. What
 * is in braces decides the slot; a colon never occurs in a board's name there, which is encoded.
 *
 * @module
 */

import { crc16, SLOTS } from '../client/key-slots.ts'
import { SLOT_KEYS } from './board-keys.ts'

/** Returns the partition of a player. */
export function partitionOf(playerId: string, partitions: number): number {
  return crc16(playerId) % partitions
}

/** Returns the keys of each partition, in the order of the functions. Partition i lies in the i-th share of the slots. */
export function keysOfPartitions(prefix: string, name: string, partitions: number): string[][] {
  return Array.from({ length: partitions }, (_, i) => {
    const tag = saltedTag(`${encodeURIComponent(name)}:${i}`, { share: i, shares: partitions })
    return SLOT_KEYS.map((key) => `${prefix}{${tag}}:${key}`)
  })
}

// Tags that are left to chance fall unevenly on the nodes.
function saltedTag(begin: string, { share, shares }: { share: number; shares: number }): string {
  for (let salt = 0; ; salt++) {
    const tag = `${begin}.${salt}`
    if (Math.floor(((crc16(tag) % SLOTS) * shares) / SLOTS) === share) return tag
  }
}
