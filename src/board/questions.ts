/**
 * Questions that need several look-ups on one snapshot: pages, groups, gaps and goals. What is fetched
 * here becomes an answer in domain/answers.ts.
 *
 * Arguments were checked by the caller.
 *
 * @module
 */

import {
  gapFrom,
  goalFrom,
  groupFrom,
  heldGoal,
  holdsRank,
  pageFrom,
  rankOfShare,
} from '../domain/answers.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { nextTier, tierOf } from '../domain/tiers.ts'
import { encodeEntryKey } from '../format/entry-key.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMicros } from '../format/time.ts'
import type {
  Entry,
  Gap,
  Goal,
  Group,
  Page,
  RankMode,
  Score,
  Standing,
  Tier,
} from '../words/index.ts'
import type { BoardReader, StoredPlayer } from './board-reader.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

const ZERO = Buffer.from([0])

/** Which page is asked for. */
export interface PageQuery {
  limit: number
  after: string | undefined
  before: string | undefined
  mode: RankMode
  storeId: string
  /** The season that is read, if it is one, in words: `month 2026-11`. */
  season?: string | undefined
}

/** Returns a page. @throws {LadderError} `BAD_CURSOR`. */
export function pageOf(reader: BoardReader, board: BoardSpec, query: PageQuery): Page<Score> {
  const { index: first, count, edge } = firstOfPage(reader, board, query)
  const { size: total } = reader
  const end = Math.min(first + count, total)
  const entries = reader.rows(first, end - first, query.mode)
  return pageFrom({ entries, first, end, total }, (entry) => {
    // A page beyond the end has no entries to go on from, only the place where it is.
    const key = entry === undefined ? edge : keyOf(entry, board.shape)
    return encodeCursor(board, { storeId: query.storeId, boardId: reader.boardId, key })
  })
}

/** Returns the given players in board order. */
export function groupOf(
  reader: BoardReader,
  playerIds: readonly string[],
  mode: RankMode,
): Group<Score> {
  const found: { playerId: string; player: StoredPlayer }[] = []
  const missing: string[] = []
  for (const playerId of new Set(playerIds)) {
    const player = reader.player(playerId)
    if (player === undefined) missing.push(playerId)
    else found.push({ playerId, player })
  }
  found.sort((a, b) => a.player.treeKey.compare(b.player.treeKey))
  const rows = found.map(({ playerId, player }) => reader.entryOf(playerId, player, mode))
  return { entries: groupFrom(reader.shape, rows, mode), missing }
}

/** Returns a player's neighbours with the differences, or undefined for an unknown player. */
export function gapOf(
  reader: BoardReader,
  playerId: string,
  mode: RankMode,
): Gap<Score> | undefined {
  const rows = reader.around(playerId, { above: 1, below: 1, fill: false, mode })
  return gapFrom(reader.shape, rows, playerId)
}

/** Returns the score that holds a rank, or undefined if the board does not reach so far. */
export function scoreAt(reader: BoardReader, rank: number, mode: RankMode): Score | undefined {
  if (mode !== 'dense') return reader.scoreOfPlace(rank)
  if (rank > reader.scores) return undefined
  return reader.scoreOfPlace(1 + reader.tree.indexOfGroup(rank - 1))
}

/** What a goal asks for: a rank, or to be among the best N percent. */
export interface GoalQuery {
  rank: number | undefined
  topPercent: number | undefined
  playerId: string | undefined
  mode: RankMode
}

/** Returns what is needed to get to a rank now; a player does not stand in its own way. */
export function goalOf(reader: BoardReader, board: BoardSpec, query: GoalQuery): Goal<Score> {
  const { playerId, topPercent = 100, mode } = query
  const standing = playerId === undefined ? undefined : reader.standing(playerId)
  const total = reader.size + (standing === undefined ? 1 : 0)
  const rank = query.rank ?? rankOfShare(total, topPercent)
  if (standing !== undefined && holdsRank(standing, { rank, mode })) return heldGoal(rank)
  // The holder of the rank stands in front of the player, and would without the player as well.
  const mark = scoreAt(reader, rank, mode)
  const isFull = standing === undefined && reader.size === board.keep
  const last = isFull ? reader.scoreOfPlace(reader.size) : undefined
  return goalFrom(reader.shape, { rank, mode }, { mark, last })
}

/**
 * Returns a standing with its tier and what the next better one takes now. All who hold a better rank are in
 * front of the score, so the entry at that rank says which score it takes. Cost: that of a rank.
 */
export function withTier(
  reader: BoardReader,
  standing: Standing<Score>,
  at: { tiers: readonly Tier[] | undefined; score: Score },
): Standing<Score> {
  const { tiers, score } = at
  const place = tiers && tierOf(tiers, { shape: reader.shape, score, standing })
  if (place === undefined) return standing
  const next = nextTier(place.better, {
    shape: reader.shape,
    total: standing.total,
    scoreAt: (rank) => scoreAt(reader, rank, 'competition'),
  })
  // It was made for this answer; a copy would cost as much as a rank.
  standing.tier = place.tier.name
  standing.next = next
  return standing
}

// `edge` is where a page without entries lies: what is before it is in front of the page, and what is
// after it is behind.
function firstOfPage(
  reader: BoardReader,
  board: BoardSpec,
  query: PageQuery,
): { index: number; count: number; edge: Buffer } {
  const { after, before, limit } = query
  const { storeId, season } = query
  const place = { storeId, boardId: reader.boardId, season }
  if (after !== undefined) {
    // The least key behind one is the same with a zero byte more.
    const edge = Buffer.concat([decodeCursor(board, { ...place, cursor: after }), ZERO])
    return { index: reader.tree.countBelow(edge), count: limit, edge }
  }
  if (before === undefined) return { index: 0, count: limit, edge: ZERO }
  const key = decodeCursor(board, { ...place, cursor: before })
  const end = reader.tree.countBelow(key)
  const index = Math.max(0, end - limit)
  // Without the last byte of its id, what comes after begins with the key itself at the latest.
  const edge = key.subarray(0, Math.max(board.shape.headBytes, key.length - 1))
  return { index, count: end - index, edge }
}

function keyOf({ score, at, playerId }: Entry<Score>, shape: ScoreShape): Buffer {
  return encodeEntryKey({ score, atMicros: toMicros(at), playerId }, shape)
}
