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
import { decideScore, type Held } from '../../domain/decide.ts'
import { riseOf, zeroOf } from '../../domain/gain.ts'
import { mergeHeld } from '../../domain/merge.ts'
import { ownBytes } from '../../format/bytes.ts'
import { readMicros } from '../../format/entry-key.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { decodeMovedChains, type MovedChain } from '../../format/moved-chains.ts'
import { HISTORY_TAG } from '../../format/run-chain.ts'
import { RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import type { Reader } from '../../store/store.ts'
import type { Score } from '../../words/index.ts'
import { damagedLog, RecordReader, scoreIn } from './records.ts'
import { isGain, isSeasonWithRuns, type SeasonWithRuns, seasonRun } from './season-board.ts'

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
export function runsOf(
  reader: Reader<Table>,
  asked: PlayerOnBoard,
  before: number = Number.POSITIVE_INFINITY,
): Generator<PlacedRun> {
  const { board, playerId } = asked
  return isSeasonWithRuns(board)
    ? runsOfSeason(reader, { board, playerId }, before)
    : runsOfBoard(reader, asked, before)
}

function* runsOfBoard(
  reader: Reader<Table>,
  asked: PlayerOnBoard,
  before: number,
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

// Those of the board, as the season took them.
function* runsOfSeason(
  reader: Reader<Table>,
  { board, playerId }: { board: SeasonWithRuns; playerId: string },
  before: number,
): Generator<PlacedRun> {
  const ofBoard = { board: board.parent, playerId }
  const rises = isGain(board) ? risesOf(reader, board, playerId) : undefined
  for (const placed of runsOfBoard(reader, ofBoard, before)) {
    const { seq } = placed
    const run = seasonRun(board, placed, () => rises?.get(seq) ?? zeroOf(board.shape))
    if (run !== undefined) yield { seq, run }
  }
}

/**
 * Returns what the score of a player on the board rose by with each run, with those that are turned over as they
 * are then. Cost: O(runs of the player).
 */
export function risesOf(
  reader: Reader<Table>,
  { parent, turned }: Pick<SeasonWithRuns, 'parent' | 'turned'>,
  playerId: string,
): Map<number, Score> {
  const { shape } = parent
  const moved = lastMoveOf(reader, { board: parent, playerId }) ?? 0
  const runs = [...runsOfBoard(reader, { board: parent, playerId }, Number.POSITIVE_INFINITY)]
  // Runs of those who became this player rose on their own until then.
  const held = new Map<string, Held | undefined>()
  const rises = new Map<number, Score>()
  let isMerged = false
  for (const { seq, run } of runs.reverse()) {
    if (seq > moved && !isMerged) {
      mergeAll(parent, playerId, held)
      isMerged = true
    }
    const owner = run.playerId
    const isFirst = run.before === undefined && !run.tail.has(RUN_TAG.GOES_ON)
    if (isFirst || !held.has(owner)) held.set(owner, heldBefore(shape, run))
    if (turned.get(seq) ?? run.tail.has(RUN_TAG.UNDONE)) continue
    const previous = held.get(owner)
    const { mode, isAtGiven } = run
    const score = scoreIn(shape, run.submitted)
    const atMicros = isAtGiven ? run.atMicros : undefined
    const { score: after, moves } = decideScore(shape, { mode, score, atMicros, previous })
    rises.set(seq, riseOf(shape, previous?.score, after))
    if (moves) held.set(owner, { score: after, atMicros: run.atMicros })
  }
  return rises
}

function mergeAll(
  board: CatalogEntry,
  playerId: string,
  held: Map<string, Held | undefined>,
): void {
  const all = [...held.values()].flatMap((one) => one ?? [])
  held.clear()
  const [first, ...others] = all
  if (first === undefined) return
  held.set(
    playerId,
    others.reduce((one, other) => mergeHeld(board, one, other), first),
  )
}

function heldBefore(shape: ScoreShape, { before }: RunRecord): Held | undefined {
  if (before === undefined) return undefined
  return { score: scoreIn(shape, before), atMicros: readMicros(Buffer.from(before), shape.bytes) }
}

/** Returns the seq of what a player's chain on a board begins with, a run or a move, or undefined. */
export function chainStart(
  reader: Reader<Table>,
  { board: asked, playerId }: PlayerOnBoard,
): number | undefined {
  const board = isSeasonWithRuns(asked) ? asked.parent : asked
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
  const chain = moved.chains.get(asked.board.id)
  return [
    { seq: chain?.fromLast ?? 0, playerId: moved.from },
    { seq: chain?.toLast ?? 0, playerId },
  ].filter((next) => next.seq > 0)
}

/** A move, with what leads on from it on each board. */
interface Move {
  from: string
  to: string
  chains: ReadonlyMap<number, MovedChain>
}

// The note of a player on ten thousand boards has two megabytes, and is asked for once for each of them.
const LARGE_MOVE_BYTES = 16 * 1024
const LARGE_MOVES_MAX = 4

/** Moves that take long to read, by their seqs, with the bytes that they were read from. */
const largeMoves = new WeakMap<Reader<Table>, Map<number, { value: Buffer; move: Move }>>()

/** Returns the move of a seq; undefined if it was trimmed or is not a move. */
function readMove(reader: Reader<Table>, seq: number): Move | undefined {
  const value = reader.get('log', logKey(seq))
  if (value === undefined || logKindOf(value) !== 'move') return undefined
  if (value.length < LARGE_MOVE_BYTES) return moveIn(value, seq)
  const known = largeMoves.get(reader) ?? new Map<number, { value: Buffer; move: Move }>()
  largeMoves.set(reader, known)
  const found = known.get(seq)
  // An erasure may have rewritten it in this transaction.
  if (found?.value.equals(value.subarray(0, value.length)) === true) return found.move
  const own = ownBytes(value)
  const move = moveIn(own, seq)
  const [oldest] = known.keys()
  if (known.size >= LARGE_MOVES_MAX && oldest !== undefined) known.delete(oldest)
  known.set(seq, { value: own, move })
  return move
}

function moveIn(value: Buffer, seq: number): Move {
  const note = decodeNote(logKey(seq), value)
  if (note === undefined) throw damagedLog(seq)
  // Of one who was erased since, neither id nor runs are left.
  const { from = '', to } = note.fields
  const chains = decodeMovedChains(note.tail.get(RUN_TAG.CHAINS))
  if (typeof from !== 'string' || typeof to !== 'string' || chains === undefined)
    throw damagedLog(seq)
  return { from, to, chains: new Map(chains.map((chain) => [chain.boardId, chain])) }
}

/** Returns whose a run is now: the player's who made it, unless that one was moved since. */
export function ownerOf(
  reader: Reader<Table>,
  board: PlayerOnBoard['board'],
  made: { seq: number; playerId: string },
): string {
  let { playerId, seq } = made
  for (;;) {
    const moved = lastMoveOf(reader, { board, playerId })
    if (moved === undefined || moved <= seq) return playerId
    const move = readMove(reader, moved)
    if (move === undefined || move.from !== playerId) return playerId
    seq = moved
    playerId = move.to
  }
}

/** Returns what says of each run of a season what the score of the board rose by, each player looked up once. */
export function risesIn(
  reader: Reader<Table>,
  season: SeasonWithRuns,
): (placed: PlacedRun) => Score {
  const players = new Map<string, Map<number, Score>>()
  return ({ seq, run }) => {
    const playerId = ownerOf(reader, season.parent, { seq, playerId: run.playerId })
    let rises = players.get(playerId)
    if (rises === undefined) {
      rises = risesOf(reader, season, playerId)
      players.set(playerId, rises)
    }
    return rises.get(seq) ?? zeroOf(season.shape)
  }
}
