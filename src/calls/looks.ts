/**
 * What happened between two looks at the same entries of a board.
 *
 * @module
 */

import type { Entry, Score, WatchChange } from '../words/index.ts'

/** Returns what happened between two looks: who is there now in board order, then who left. */
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
