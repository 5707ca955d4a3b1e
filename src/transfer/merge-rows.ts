/**
 * Rows into a board that has entries, keeps only the best or has windows: all in one transaction.
 *
 * Nobody sees a part of them, and a crash, an error or an abort leaves nothing. Others can read
 * meanwhile and get their turns of the event loop; their writes come after it.
 *
 * Without `keep` the order of players does not matter. Each is read and written once, in the order of
 * the stored records; what that moves on the board is sorted, then taken away and put in the order of
 * the stored entries. Where it matters, the rows are submits (submit-rows.ts).
 *
 * @module
 */

import { atMicrosOf, type StoredPlayer } from '../board/board-reader.ts'
import type { BoardWriter } from '../board/board-writer.ts'
import { commitOf } from '../board/commit.ts'
import { findBoard } from '../embedded/catalog.ts'
import { isBanned } from '../embedded/moderation/bans.ts'
import { checkOpenForWrites } from '../embedded/moderation/judging.ts'
import { nameOfRow } from '../embedded/moderation/profiles.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { hasWindows } from '../embedded/seasons/windowed-board.ts'
import { copyBytes } from '../format/bytes.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { readText } from '../format/text.ts'
import { throwIfAborted } from '../ground/errors.ts'
import { IMPORT_CHUNK_ROWS } from '../ground/limits.ts'
import type { PairVisitor } from './fill/packed-pairs.ts'
import { PairSpool } from './fill/pair-spool.ts'
import { type Folded, RowFold } from './fold-rows.ts'
import { isAlteration, noteImport, surveyRows } from './import-log.ts'
import { LeftOut } from './left-out.ts'
import { boardIn, type Merge, visitRows } from './merge.ts'
import { assertRoom } from './room.ts'
import { isLogged, mustSurvey, type PlayerBefore, RowLog } from './row-log.ts'
import { submitInOrder } from './submit-rows.ts'
import type { Taken, Work } from './work.ts'

// A record, two entries and a node, each in a page of its own, and what leads to them.
const ROW_BYTES_MAX = 16 * 1024
// What a record of the log has beside the row: the entry before, times, what LMDB adds.
const RUN_BYTES_MORE = 80

/** Stores the rows; all of them, or none. */
export async function mergeRows(context: OpenStore, work: Work): Promise<Taken> {
  await assertRoomFor(context, work)
  return context.store.writeAlone(async (writer) => {
    checkOpenForWrites(writer, findBoard(writer, work.board.name))
    // Windows may have been added while the rows were read.
    const isInOrder = work.isInOrder || hasWindows(writer, work.board)
    const merge = isInOrder ? submitInOrder : mergePlayers
    const taken = await merge(context, { writer, work })
    work.throwIfRefused()
    return taken
  })
}

async function mergePlayers(context: OpenStore, { writer, work }: Merge): Promise<Taken> {
  const { board, mode } = work
  const { shape } = board.spec
  const target = boardIn(context, writer, work)
  const boardId = target.board.id
  const moves = new Moves(work)
  const commit = commitOf(writer)
  const hasProfiles = commit.uses('profiles')
  const firstMicros = commit.nextMicros(context.nowMicros())
  commit.beginChange()
  const log = await logFor(work, { target, firstMicros, firstSeq: commit.lastSeq + 1 })
  let player: ReturnType<BoardWriter['player']>
  let isHidden = false
  let isAltered = false
  const fold = new RowFold(
    { shape, mode, firstMicros },
    {
      before: (playerId) => {
        player = target.hidden.stored(playerId)
        isHidden = player?.record.isHidden ?? (!player && isBanned(writer, { playerId, boardId }))
        log?.begin(playerBefore(target, { playerId, player, isHidden }))
        return player && foldedFrom(player, shape)
      },
      take: ({ id, idBytes, entry }) => {
        if (work.isRefused) return undefined
        const playerId = readText(id, 0, idBytes)
        // It is to lie in the player's record, with these rows or without them.
        const kept = player === undefined ? target.runs.takeChain(playerId) : undefined
        const chain = log?.chain ?? kept
        const name = hasProfiles ? nameOfRow(writer, playerId, entry.name) : entry.name
        const named = { ...entry, name, chain }
        if (isHidden) {
          target.hidden.put(playerId, named)
          return undefined
        }
        const put = target.putRecord(playerId, named, player)
        return put && moves.add(player?.treeKey, put)
      },
      refuse: (bad) => work.refuse(bad),
      onRow: (step) => {
        isAltered ||= isAlteration(step)
        return log?.add(step)
      },
    },
  )
  await visitRows(work, fold.visit, 0.5)
  await fold.end()
  work.throwIfRefused()
  await moves.make(target)
  const hasRecords = log !== undefined && log.count > 0
  if (fold.changed > 0 || hasRecords) commit.give(firstMicros + work.lines)
  await log?.append(context, writer, work)
  const taken = { imported: fold.imported, changed: fold.changed }
  noteImport(context, writer, { work, taken, isAltered: isAltered || hasRecords })
  return taken
}

// Where rows leave records; undefined if they are to leave none.
async function logFor(
  work: Work,
  place: { target: BoardWriter; firstMicros: number; firstSeq: number },
): Promise<RowLog | undefined> {
  const { target, firstMicros, firstSeq } = place
  if (!isLogged(work)) return undefined
  const { shape } = work.board.spec
  const before = (playerId: string): Folded | undefined => {
    const player = target.hidden.stored(playerId)
    return player && foldedFrom(player, shape)
  }
  const visit = (visitor: PairVisitor): Promise<void> => visitRows(work, visitor, 0)
  const leftOut = mustSurvey(work)
    ? await surveyRows(work, { firstMicros, before, visit })
    : new LeftOut()
  return new RowLog(work, { boardId: target.board.id, leftOut, firstSeq })
}

function foldedFrom(player: StoredPlayer, shape: ScoreShape): Folded {
  const { name, metadata } = player.record
  const atMicros = atMicrosOf(player, shape)
  return { score: player.score, atMicros, name, metadata, moves: false }
}

function playerBefore(
  target: BoardWriter,
  found: { playerId: string; player: StoredPlayer | undefined; isHidden: boolean },
): PlayerBefore {
  const { playerId, player, isHidden } = found
  const chain = player ? player.record.chain : target.runs.chainOf(playerId)
  return { chain, lastSeq: chain === undefined ? 0 : target.runs.seqOf(chain), isHidden }
}

/**
 * Entries that leave a place of the board or take one. No two share a key, so their order is free: in
 * that of the keys, neighbours in the store and in the rank tree come one after the other.
 *
 *     key of the entry  →  nothing: it leaves;  a value: it comes
 */
class Moves {
  readonly #work: Work
  readonly #pairs: PairSpool

  constructor(work: Work) {
    const { scratch, runBytes: bytesMax } = work
    this.#work = work
    this.#pairs = new PairSpool({ scratch, order: 'keys', bytesMax })
  }

  /** A promise must be waited for. */
  add(
    leaving: Buffer | undefined,
    { treeKey, value }: { treeKey: Buffer; value: Buffer },
  ): Promise<void> | undefined {
    if (leaving !== undefined) this.#add(leaving, NOTHING)
    this.#add(treeKey, value)
    return this.#pairs.isFull ? this.#pairs.spill() : undefined
  }

  async make(target: BoardWriter): Promise<void> {
    const { options, rows } = this.#work
    const half = rows.count / 2
    let made = 0
    await this.#pairs.visit(({ slab, start, keyEnd, end }) => {
      if (++made % IMPORT_CHUNK_ROWS === 0) {
        throwIfAborted(options)
        this.#work.progress(half + (half * made) / this.#pairs.count)
      }
      const treeKey = Buffer.from(slab.subarray(start, keyEnd))
      if (end === keyEnd) target.removeEntry(treeKey)
      else target.putEntry(treeKey, Buffer.from(slab.subarray(keyEnd, end)))
      return undefined
    }, IMPORT_CHUNK_ROWS)
    throwIfAborted(options)
  }

  #add(key: Buffer, value: Buffer): void {
    this.#pairs.add((slab, at) => {
      const keyEnd = copyBytes({ bytes: key, start: 0, count: key.length }, slab, at)
      const end = copyBytes({ bytes: value, start: 0, count: value.length }, slab, keyEnd)
      return { keyEnd, end }
    })
  }
}

const NOTHING = Buffer.alloc(0)

function assertRoomFor(context: OpenStore, work: Work): Promise<void> {
  const { rows, board } = work
  const { usedBytes } = context.store.sizes()
  const boardBytes = Math.min(rows.count * ROW_BYTES_MAX, usedBytes + 5 * rows.bytes)
  const logBytes = isLogged(work) ? rows.bytes + rows.count * RUN_BYTES_MORE : 0
  const neededBytes = boardBytes + logBytes
  return assertRoom(context.store.path, { board: board.name, neededBytes })
}
