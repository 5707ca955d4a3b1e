/**
 * What belongs to an entry beside its place: as a submit leaves it, and as it is answered.
 *
 * @module
 */

import type { Details } from '../format/player-record.ts'
import type { RunChain } from '../format/run-chain.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMs } from '../format/time.ts'
import type { Entry, Metadata, Passed, Score, SubmitAnswer, SubmitRequest } from '../words/index.ts'
import { atMicrosOf, type StoredPlayer } from './board-reader.ts'
import { metadataOf } from './rows.ts'

/** What many submits of one player come to. */
export interface EntryAfterRows extends Details {
  score: Score
  /** When it was reached. */
  atMicros: number
  /** Whether the entry takes another place: another score or time, or none before. */
  moves: boolean
  /** What leads to the player's runs; undefined: as before. */
  chain?: RunChain | undefined
}

/** An entry as it is put. */
export interface After {
  score: Score
  atMicros: number
  details: Details
}

/** What is put for a player with an entry. */
export interface StoredEntry {
  treeKey: Buffer
  details: Details
  chain: RunChain | undefined
}

/** Returns the entry that a player had at an index, as it is answered when it leaves. */
export function leavingEntry(
  playerId: string,
  player: StoredPlayer,
  place: { index: number; shape: ScoreShape },
): Entry<Score> {
  const { score, record } = player
  const at = toMs(atMicrosOf(player, place.shape))
  const { name = playerId } = record
  const metadata = readableMetadata(playerId, record)
  const entry = { rank: place.index + 1, playerId, name, score, at }
  return metadata === undefined ? entry : { ...entry, metadata }
}

/** Returns metadata. What cannot be read must not keep its entry from being removed. */
export function readableMetadata(playerId: string, { metadata }: Details): Metadata | undefined {
  try {
    return metadataOf({ playerId, metadata })
  } catch {
    return undefined
  }
}

/** Returns the details that a submit leaves. */
export function detailsOf(
  request: SubmitRequest,
  found: { player: StoredPlayer | undefined; accepted: boolean },
): Details {
  const { playerId, name, metadata } = request
  const record = found.player?.record
  return {
    name: name === undefined ? record?.name : storedName(playerId, name),
    metadata:
      metadata === undefined || !found.accepted ? record?.metadata : (metadata ?? undefined),
  }
}

/** Whether name or metadata are others. */
export function isOther(before: Details, after: Details): boolean {
  return before.name !== after.name || before.metadata !== after.metadata
}

/** Returns a name as it is stored: one equal to the id is what a player without a name has. */
export function storedName(playerId: string, name: string): string | undefined {
  return name === playerId ? undefined : name
}

/** Returns the answer to a newcomer for whom a board of the best has no place. */
export function noPlaceFor({ playerId, score, passedMax }: SubmitRequest): SubmitAnswer<Score> {
  return {
    ...{ playerId, score: undefined, previousScore: undefined },
    ...{ rank: undefined, previousRank: undefined },
    ...(passedMax > 0 && { passed: nobody() }),
    ...{ changed: false, created: false, submitted: score },
  }
}

/** Returns that nobody was passed. An answer belongs to the caller, who may change it. */
export function nobody(): Passed<Score> {
  return { count: 0, entries: [] }
}
