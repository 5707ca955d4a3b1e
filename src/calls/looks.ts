/**
 * What happened between two looks at the same entries of a board.
 *
 * @module
 */

import type { Entry, Score, WatchChange, WatchUpdate } from '../words/index.ts'

/** What a watcher sees at one instant. */
export interface Look {
  sequence: number
  /** The id of the season, if it is one of a window that is watched. */
  season?: string | undefined
  total: number
  entries: Entry<Score>[]
}

/** Returns what a look tells after the one before; undefined if nothing is different. The first one tells all. */
export function updateAfter(
  previous: Look | undefined,
  look: Look,
): WatchUpdate<Score> | undefined {
  if (previous === undefined) return { ...look, changes: [] }
  // Who stood in the last season did not leave this one.
  if (look.season !== previous.season) return { ...look, began: true, changes: [] }
  const changes = changesOf(previous.entries, look.entries)
  return changes.length > 0 || look.total !== previous.total ? { ...look, changes } : undefined
}

/**
 * Returns what happened between two looks: who is there now in board order, then who left. Cost: O(n) of both.
 *
 * @example
 * const ann = { playerId: 'ann', score: 5, rank: 1, at: 0 }
 * changesOf([ann], []) // [{ playerId: 'ann', kind: 'left', entry: undefined, previous: ann }]
 */
export function changesOf(
  before: readonly Entry<Score>[],
  now: readonly Entry<Score>[],
): WatchChange<Score>[] {
  const old = new Map(before.map((entry) => [entry.playerId, entry]))
  const changes: WatchChange<Score>[] = []
  for (const entry of now) {
    const { playerId } = entry
    const previous = old.get(playerId)
    old.delete(playerId)
    const kind = kindOf(previous, entry)
    if (kind !== undefined) changes.push({ playerId, kind, entry, previous })
  }
  for (const [playerId, previous] of old)
    changes.push({ playerId, kind: 'left', entry: undefined, previous })
  return changes
}

function kindOf(
  previous: Entry<Score> | undefined,
  entry: Entry<Score>,
): WatchChange['kind'] | undefined {
  if (previous === undefined) return 'entered'
  if (!isSame(previous.score, entry.score)) return 'score'
  if (previous.rank !== entry.rank) return 'moved'
  const isUpdated =
    previous.name !== entry.name ||
    previous.at !== entry.at ||
    !isSame(previous.metadata, entry.metadata)
  return isUpdated ? 'updated' : undefined
}

// Scores and metadata are what was decoded from stored text or bytes: the same has the same form.
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a, text) === JSON.stringify(b, text))
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
