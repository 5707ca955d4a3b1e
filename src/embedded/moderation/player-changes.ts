/**
 * Taking a player off boards, and giving one a name: on boards and in those of their seasons that are reached.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { readHistory } from '../../board/run-log.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import type { Writer } from '../../store/store.ts'
import type {
  BoardEntry,
  Entry,
  NamedSeason,
  Removed,
  RemovedEverywhere,
  Score,
  SeasonReach,
} from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { logNote, type Note } from '../log/notes.ts'
import type { NamedBoard } from '../named-board.ts'
import type { OpenStore } from '../open-store.ts'
import {
  nameOfSeason,
  noteOfSeasons,
  reachedWriters,
  unsealedSeasons,
} from '../seasons/reached-seasons.ts'
import { isRuled } from './admission.ts'
import { checkOpenForWrites } from './judging.ts'
import { nameChangeOf, takeName } from './profiles.ts'

/** Where a change is made. */
interface Place {
  context: OpenStore
  writer: Writer<Table>
}

/** Who is concerned, and which seasons beside the boards. */
type Whose = SeasonReach & { playerId: string }

/** Returns write access to every board. */
export function everyBoard({ context, writer }: Place): BoardWriter[] {
  return listBoards(writer).map(({ name }) => context.writerOfName(writer, name) as BoardWriter)
}

/** Returns write access to every board, and to the seasons in reach that know a player. */
export function everyPlaceOf(place: Place, whose: Whose): BoardWriter[] {
  return everyBoard(place).flatMap((board) => [board, ...seasonsOf(place, board, whose)])
}

function seasonsOf(place: Place, { board }: BoardWriter, whose: Whose): BoardWriter[] {
  return reachedWriters(place, board, whose)
}

/**
 * Takes a player off a board.
 *
 * Submits alone have no record on a board without a log: who took a player off is to be found.
 *
 * @throws {LadderError} `CLOSED_FOR_WRITES`, and what looking up the board does; nothing is changed then.
 */
export function removeFromBoard(place: Place, asked: Whose & { board: NamedBoard }): Removed {
  const { context, writer } = place
  const { board, playerId } = asked
  const target = context.writerOf(writer, board)
  checkOpenForWrites(writer, target?.board)
  if (target === undefined) return { entry: undefined, isFound: false }
  const seasons = removeFromSeasons(seasonsOf(place, target, asked), playerId)
  const removed = removeFrom(target, playerId)
  if (removed === undefined && seasons.length === 0) return { entry: undefined, isFound: false }
  forgetInSeasons(place, target, playerId)
  note(place, 'remove', {
    ...{ board: board.name, playerId, ...removed?.previous },
    ...noteOfSeasons(asked, seasons),
  })
  return { entry: removed?.entry, isFound: true }
}

/**
 * Takes a player off every board.
 *
 * @throws {LadderError} `CLOSED_FOR_WRITES` if a board that has the player is; nothing is changed then.
 */
export function removeFromAll(place: Place, asked: Whose): RemovedEverywhere {
  const { writer } = place
  const { playerId } = asked
  const all = everyBoard(place).map((board) => ({ board, seasons: seasonsOf(place, board, asked) }))
  if (isRuled(writer))
    for (const { board, seasons } of all)
      if (seasons.length > 0 || board.hidden.stored(playerId) !== undefined)
        checkOpenForWrites(writer, board.board)
  const entries: BoardEntry[] = []
  const boards: Note['fields'][] = []
  const left: NamedSeason[] = []
  for (const { board, seasons } of all) {
    const gone = removeFromSeasons(seasons, playerId)
    left.push(...gone)
    const removed = removeFrom(board, playerId)
    const { name } = board.board
    if (removed !== undefined) {
      entries.push({ board: name, entry: removed.entry })
      boards.push({ board: name, ...removed.previous })
    }
    if (removed !== undefined || gone.length > 0) forgetInSeasons(place, board, playerId)
  }
  if (entries.length + left.length > 0)
    note(place, 'remove', { playerId, boards, ...noteOfSeasons(asked, left) })
  return { entries, boards: boardCount([...entries, ...left]) }
}

function removeFromSeasons(seasons: readonly BoardWriter[], playerId: string): NamedSeason[] {
  return seasons.flatMap((season) => {
    const removed = removeFrom(season, playerId)
    return removed === undefined ? [] : [{ ...nameOfSeason(season.board), ...removed.previous }]
  })
}

// Where an undo left nothing of the player, runs from before the removal are to bring nothing back.
function forgetInSeasons(place: Place, { board }: BoardWriter, playerId: string): void {
  const { context, writer } = place
  for (const entry of unsealedSeasons(place, board))
    if (readHistory(writer, new BoardKeys(entry.id).player(playerId)) !== undefined)
      context.writerOfSeason(writer, entry).runs.forgetLeaving(playerId)
}

/**
 * Gives a player a name; returns on how many boards, or in seasons of them, the player is known.
 *
 * @throws {LadderError} `NAME_TAKEN`; nothing is changed then.
 */
export function renamePlayer(place: Place, asked: Whose & { name: string }): number {
  const { writer } = place
  const { playerId, name } = asked
  const all = everyPlaceOf(place, asked)
  const change = isRuled(writer) ? nameChangeOf(writer, name, playerId) : undefined
  const isOther = (known: { name: string | undefined } | undefined): boolean =>
    known !== undefined && (known.name ?? playerId) !== name
  const isChange =
    isOther(change?.profile) || all.some(({ hidden }) => isOther(hidden.stored(playerId)?.record))
  const renamed = all.filter((board) => board.rename(playerId, name)).map(({ board }) => board)
  const seasons = renamed.filter(({ season }) => season !== undefined).map(nameOfSeason)
  const boards = renamed.filter(({ season }) => season === undefined).map((board) => board.name)
  const isKnown = renamed.length > 0 || change?.profile !== undefined
  if (change !== undefined && isKnown) takeName(writer, playerId, change)
  if (isChange) note(place, 'rename', { playerId, name, boards, ...noteOfSeasons(asked, seasons) })
  return boardCount([...boards.map((board) => ({ board })), ...seasons])
}

function boardCount(places: readonly { board: string }[]): number {
  return new Set(places.map(({ board }) => board)).size
}

// Takes a player off; the note says what an undo has to know of a place that was taken until then.
function removeFrom(
  board: BoardWriter,
  playerId: string,
): { entry: Entry<Score>; previous: Note['fields'] } | undefined {
  const isHidden = board.hidden.stored(playerId)?.record.isHidden === true
  const entry = board.remove(playerId)
  if (entry === undefined) return undefined
  const { score, at, rank } = entry
  const previous = { previousScore: score, previousAt: at, previousRank: rank }
  return { entry, previous: { ...previous, ...(isHidden && { hidden: true }) } }
}

function note({ context, writer }: Place, kind: Note['kind'], fields: Note['fields']): void {
  logNote(writer, context.nowMicros(), { kind, fields })
}
