/**
 * Questions that need several look-ups on one snapshot: pages, groups, gaps and goals.
 *
 * Arguments were checked by the caller.
 *
 * @module
 */

import type { BoardSpec } from '../domain/settings.ts'
import { encodeEntryKey } from '../format/entry-key.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { toMicros } from '../format/time.ts'
import type {
  Entry,
  Gap,
  Goal,
  Group,
  Neighbour,
  Page,
  RankMode,
  Score,
  ScoreCell,
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
}

/** Returns a page. @throws {LadderError} `BAD_CURSOR`. */
export function pageOf(reader: BoardReader, board: BoardSpec, query: PageQuery): Page<Score> {
  const first = firstOfPage(reader, board, query)
  const end = Math.min(first.index + first.count, reader.size)
  const entries = reader.rows(first.index, end - first.index, query.mode)
  const cursorOf = (entry: Entry<Score> | undefined): string => {
    // A page beyond the end has no entries to go on from, only the place where it is.
    const key = entry === undefined ? first.edge : keyOf(entry, board.shape)
    return encodeCursor(board, { storeId: query.storeId, boardId: reader.boardId, key })
  }
  return {
    entries,
    total: reader.size,
    next: end < reader.size ? cursorOf(entries.at(-1)) : undefined,
    previous: first.index > 0 ? cursorOf(entries[0]) : undefined,
  }
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
  let groupRank = 0
  let previous: Score | undefined
  const entries = found.map(({ playerId, player }, i) => {
    const isTie = previous !== undefined && reader.shape.compare(previous, player.score) === 0
    if (mode === 'ordinal') groupRank = i + 1
    else if (!isTie) groupRank = mode === 'dense' ? groupRank + 1 : i + 1
    previous = player.score
    return { ...reader.entryOf(playerId, player, mode), groupRank }
  })
  return { entries, missing }
}

/** Returns a player's neighbours with the differences, or undefined for an unknown player. */
export function gapOf(
  reader: BoardReader,
  playerId: string,
  mode: RankMode,
): Gap<Score> | undefined {
  const rows = reader.around(playerId, { above: 1, below: 1, fill: false, mode })
  const i = rows.findIndex((row) => row.playerId === playerId)
  const entry = rows[i]
  if (entry === undefined) return undefined
  const above = rows[i - 1]
  const below = rows[i + 1]
  const { shape } = reader
  return {
    entry,
    above: above && neighbour(above, lead(shape, above.score, entry.score)),
    below: below && neighbour(below, lead(shape, entry.score, below.score)),
  }
}

/** Returns the score that holds a rank, or undefined where the board does not reach so far. */
export function scoreAt(reader: BoardReader, rank: number, mode: RankMode): Score | undefined {
  if (mode !== 'dense') return reader.rows(rank - 1, 1, 'ordinal')[0]?.score
  if (rank > reader.scores) return undefined
  return reader.rows(reader.tree.indexOfGroup(rank - 1), 1, 'ordinal')[0]?.score
}

/** Returns the last rank that is among the best so many percent. */
export function rankOfShare(total: number, percent: number): number {
  // 9.2 percent of 750 are 69, which doubles miss by their last bit.
  return Math.max(1, Math.floor(((total * percent) / 100) * (1 + 2 * Number.EPSILON)))
}

/** Returns what is needed to get to a rank now; `playerId` does not stand in its own way. */
export function goalOf(
  reader: BoardReader,
  query: { rank: number; playerId: string | undefined; mode: RankMode },
): Goal<Score> {
  const { rank, mode } = query
  const mark = scoreAt(reader, rankAmongOthers(reader, query), mode)
  if (mark === undefined) return { rank, score: undefined, mark, mustBeat: false }
  // Who comes now stands behind all who have the score already: only a shared rank can be equalled.
  const mustBeat = mode === 'ordinal'
  return { rank, score: mustBeat ? reader.shape.nextBetter(mark) : mark, mark, mustBeat }
}

// Which rank, of those that all have, is held by who would have `rank` if the player were not there.
function rankAmongOthers(
  reader: BoardReader,
  query: { rank: number; playerId: string | undefined; mode: RankMode },
): number {
  const { rank, playerId, mode } = query
  const standing = playerId === undefined ? undefined : reader.standing(playerId)
  if (standing === undefined) return rank
  const isAlone = standing.equal === 1
  if (mode === 'dense') return isAlone && standing.dense <= rank ? rank + 1 : rank
  return standing.ordinal <= rank ? rank + 1 : rank
}

// `edge` is where a page without entries lies: what is before it is in front of the page, and what is
// after it is behind.
function firstOfPage(
  reader: BoardReader,
  board: BoardSpec,
  query: PageQuery,
): { index: number; count: number; edge: Buffer } {
  const { after, before, limit } = query
  const place = { storeId: query.storeId, boardId: reader.boardId }
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

function neighbour(entry: Entry<Score>, difference: Score): Neighbour<Score> {
  return { entry, difference }
}

// How far `better` is ahead of `worse`, in each column by its order.
function lead(shape: ScoreShape, better: Score, worse: Score): Score {
  const others = shape.cellsOf(worse)
  const cells = shape.cellsOf(better).map((cell, i): ScoreCell => {
    const difference = minus(cell, others[i] as ScoreCell)
    return shape.columns[i]?.order === 'descending' ? difference : minus(0, difference)
  })
  return shape.scoreOf(cells)
}

function minus(a: ScoreCell, b: ScoreCell): ScoreCell {
  if (typeof b === 'bigint') return BigInt(a) - b
  return (a as number) - b
}
