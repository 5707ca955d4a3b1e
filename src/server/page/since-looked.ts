/**
 * The ranks of each board when it was looked at last: what the arrows are counted from.
 *
 * A look ends when the page is hidden or left, and when the reader says so.
 *
 * @module
 */

import type { EntryJson } from './answers.ts'

export type Ranks = Readonly<Record<string, number>>

const PREFIX = 'ladderdb.ranks.'

/** Returns the ranks of the last look, or undefined if there was none. */
export function ranksOf(view: string): Ranks | undefined {
  try {
    const ranks: unknown = JSON.parse(localStorage.getItem(PREFIX + view) ?? 'null')
    return typeof ranks === 'object' && ranks !== null ? (ranks as Ranks) : undefined
  } catch {
    // Storage may be forbidden, or hold what is not ours: as if it were the first look.
    return undefined
  }
}

/** Keeps the ranks of this look for the next one, and returns them. */
export function keepRanks(view: string, entries: readonly EntryJson[]): Ranks {
  const ranks = Object.fromEntries(entries.map(({ playerId, rank }) => [playerId, rank]))
  try {
    localStorage.setItem(PREFIX + view, JSON.stringify(ranks))
  } catch {
    // The next look begins without arrows.
  }
  return ranks
}

/** Where a player went since: places up (or down, if less than 0), or `new`. */
export function movedSince(ranks: Ranks | undefined, entry: EntryJson): number | 'new' {
  if (ranks === undefined) return 0
  const before = Object.hasOwn(ranks, entry.playerId) ? ranks[entry.playerId] : undefined
  return before === undefined ? 'new' : before - entry.rank
}
