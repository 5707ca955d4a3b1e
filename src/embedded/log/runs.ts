/**
 * The runs of a player on a board, newest first, also those of who became this player.
 *
 *     run ◄── run ◄── move ◄─┬── run ◄── run      made by the player
 *                            └── run ◄── run      made by the one who was moved
 *
 * A move stands in the chain of the player who received; from it two chains lead on, which are told by
 * their seqs. Runs keep the id that they were made with.
 *
 * @module
 */

import { readStoredPlayer } from '../../board/board-reader.ts'
import { lastSeqOf, readHistory } from '../../board/run-log.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import { decodeMovedChains, type MovedChain } from '../../format/moved-chains.ts'
import { HISTORY_TAG } from '../../format/run-chain.ts'
import { RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import type { Reader } from '../../store/store.ts'
import { damagedLog, RecordReader } from './records.ts'

/** Whose runs are asked for. */
export interface PlayerOnBoard {
  board: { id: number; shape: ScoreShape }
  playerId: string
}

/** A run with its place. */
export interface PlacedRun {
  seq: number
  run: RunRecord
}

/** What one chain goes on with. */
interface Branch {
  seq: number
  playerId: string
}

/**
 * Yields the runs of a player in front of a seq, newest first, as far as the log goes back. Cost: O(log n)
 * each; those behind the seq are passed by if it is that of a run of the player's own.
 */
export function* runsOf(
  reader: Reader<Table>,
  asked: PlayerOnBoard,
  before: number = Number.POSITIVE_INFINITY,
): Generator<PlacedRun> {
  const records = new RecordReader(reader)
  const branches = firstBranches(reader, records, { ...asked, before })
  for (;;) {
    const branch = newestOf(branches)
    if (branch === undefined) return
    const { seq, playerId } = branch
    branches.delete(branch)
    const run = records.run(seq, logKey(seq))
    if (run === undefined) {
      for (const next of branchesOf(reader, asked, branch)) branches.add(next)
      continue
    }
    if (run.boardId !== asked.board.id || run.playerId !== playerId) continue
    if (run.runBack > 0) branches.add({ seq: seq - run.runBack, playerId })
    if (seq < before) yield { seq, run }
  }
}

/** Returns the seq of what a player's chain on a board begins with, a run or a move, or undefined. */
export function chainStart(
  reader: Reader<Table>,
  { board, playerId }: PlayerOnBoard,
): number | undefined {
  const keys = new BoardKeys(board.id)
  const player = readStoredPlayer(reader, { keys, playerId, shape: board.shape })
  const chain = player?.record.chain ?? readHistory(reader, keys.player(playerId))?.chain
  return chain && lastSeqOf(reader, keys, chain)
}

// A run of the player's own, made after the last move, tells the one before: nothing behind it is looked at.
function firstBranches(
  reader: Reader<Table>,
  records: RecordReader,
  asked: PlayerOnBoard & { before: number },
): Set<Branch> {
  const { board, playerId, before } = asked
  const moved = lastMoveOf(reader, asked)
  if (moved !== undefined && before <= moved)
    return new Set(branchesOf(reader, asked, { seq: moved, playerId }))
  const named = Number.isFinite(before) ? records.run(before, logKey(before)) : undefined
  if (named?.boardId === board.id && named.playerId === playerId)
    return new Set(named.runBack === 0 ? [] : [{ seq: before - named.runBack, playerId }])
  const seq = chainStart(reader, asked)
  return new Set(seq === undefined ? [] : [{ seq, playerId }])
}

function lastMoveOf(reader: Reader<Table>, { board, playerId }: PlayerOnBoard): number | undefined {
  const history = readHistory(reader, new BoardKeys(board.id).player(playerId))
  const field = history?.tail.get(HISTORY_TAG.MOVED)
  return field === undefined ? undefined : Number(field.readBigUInt64BE())
}

function newestOf(branches: ReadonlySet<Branch>): Branch | undefined {
  let newest: Branch | undefined
  for (const branch of branches) if (branch.seq > (newest?.seq ?? 0)) newest = branch
  return newest
}

// Where a move stands, two chains lead on; behind what was trimmed or erased none does.
function branchesOf(reader: Reader<Table>, asked: PlayerOnBoard, branch: Branch): Branch[] {
  const { seq, playerId } = branch
  const moved = readMove(reader, seq)
  if (moved === undefined || moved.to !== playerId) return []
  const chain = moved.chains.find(({ boardId }) => boardId === asked.board.id)
  return [
    { seq: chain?.fromLast ?? 0, playerId: moved.from },
    { seq: chain?.toLast ?? 0, playerId },
  ].filter((next) => next.seq > 0)
}

/** Returns the move of a seq; undefined if it was trimmed or is none. */
function readMove(
  reader: Reader<Table>,
  seq: number,
): { from: string; to: string; chains: readonly MovedChain[] } | undefined {
  const key = logKey(seq)
  const value = reader.get('log', key)
  if (value === undefined || logKindOf(value) !== 'move') return undefined
  const note = decodeNote(key, value)
  if (note === undefined) throw damagedLog(seq)
  // Of one who was erased since, neither id nor runs are left.
  const { from = '', to } = note.fields
  const chains = decodeMovedChains(note.tail.get(RUN_TAG.CHAINS))
  if (typeof from !== 'string' || typeof to !== 'string' || chains === undefined)
    throw damagedLog(seq)
  return { from, to, chains }
}
