/**
 * Undo: runs are taken back as if nobody had played them, or made to count again.
 *
 *     select ──► replay what is left ──► plan ─┬─► answer
 *     (which)    (undo-replay.ts)              └─► note, marks in the runs, entries
 *
 * All that can refuse comes before the first change, so a dry run is the plan alone. The runs stay in the log:
 * each carries the seq of the undo that holds, and the undo lists the runs that it turned over, so that it
 * can be undone itself.
 *
 * @module
 */

import { atMicrosOf, type StoredPlayer } from '../../board/board-reader.ts'
import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import { readableMetadata } from '../../board/details.ts'
import { readHistory, withField } from '../../board/run-log.ts'
import { TurnedEntries, type TurnedPlayer } from '../../board/turned-entries.ts'
import { zeroOf } from '../../domain/gain.ts'
import { encodeEntryKey } from '../../format/entry-key.ts'
import { BoardKeys } from '../../format/keys.ts'
import { logKey } from '../../format/log-key.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { HISTORY_TAG } from '../../format/run-chain.ts'
import { encodeRun, RUN_TAG } from '../../format/run-record.ts'
import { encodeSeqs } from '../../format/seq-list.ts'
import type { Table } from '../../format/tables.ts'
import { type Fields, NO_FIELDS } from '../../format/tail.ts'
import { toMs } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { AskedUndo, UndoAnswer, UndoChange, UndoneEntry } from '../../words/index.ts'
import { findBoard, listBoards } from '../catalog.ts'
import { bansOn } from '../moderation/bans.ts'
import type { OpenStore } from '../open-store.ts'
import { nameOfSeason, noteOfSeasons } from '../seasons/reached-seasons.ts'
import { presentOf } from '../seasons/season-boards.ts'
import { turnBoard } from '../seasons/turn.ts'
import { type LogSpan, logSpan } from './log-reader.ts'
import { logNote } from './notes.ts'
import { isGain, isSeasonWithRuns, seasonBoardsOf, seasonRun } from './season-board.ts'
import { type PlayerAfter, replayBoard } from './undo-board.ts'
import { areNamesUnique, ownNames, withOwnNames } from './undo-names.ts'
import { knownOf, type Left, nameOn, replayPlayer } from './undo-replay.ts'
import { selectRuns, type Turn } from './undo-selection.ts'

/** What an undo makes of one board. */
interface BoardPlan {
  board: CatalogEntry
  players: TurnedPlayer[]
  lost: UndoAnswer['lost']
}

interface Plan {
  seq: number
  turns: Turn[]
  boards: BoardPlan[]
  lost: UndoAnswer['lost']
  skipped: string[]
}

/** Says which runs an undo turns over. */
type Select = typeof selectRuns

/**
 * Undoes runs in a transaction, or with `isDry` says what that would do.
 *
 * `select` says which runs; that of an undo which is made again knows them.
 *
 * @throws {LadderError} `NO_BOARD`, `LOG_OFF`, `LOG_TRIMMED`, `NOT_UNDOABLE`, `INEXACT`, `CONDITION_FAILED`,
 *   `CORRUPT`; nothing is changed then.
 */
export function undoRuns(
  { context, writer }: { context: OpenStore; writer: Writer<Table> },
  asked: AskedUndo,
  select: Select = selectRuns,
): UndoAnswer {
  // That a season is over is written before anything that happens without it.
  for (const { name, id } of listBoards(writer))
    if (asked.board === undefined || asked.board === name) turnBoard({ context, writer }, id)
  const span = { first: logSpan(writer).first, last: commitOf(writer).lastSeq }
  const presentMicros = commitOf(writer).presentMicros(asked.nowMicros)
  const plan = planOf(writer, { span, select, presentMicros }, asked)
  const answer = answerOf(plan)
  if (asked.isDry || plan.turns.length === 0) return answer
  const undo = logNote(writer, asked.nowMicros, {
    kind: 'undo',
    fields: fieldsOf(plan, answer, asked),
    tail: listOf(plan.turns),
  })
  for (const turn of plan.turns) mark(writer, turn, undo)
  for (const { board, players } of plan.boards) {
    const target = isSeasonWithRuns(board)
      ? context.writerOfSeason(writer, board)
      : (context.writerOfName(writer, board.name) as BoardWriter)
    const entries = new TurnedEntries(target, { writer, undo })
    for (const player of players) entries.takeAway(player)
    for (const player of players) entries.put(player)
    if (areNamesUnique(writer)) ownNames(writer, players)
    if (board.keep !== undefined) entries.noteOldest(players)
  }
  return answer
}

/** Says what an undo would do to a snapshot; see {@link undoRuns}. */
export function dryUndo(reader: Reader<Table>, asked: AskedUndo): UndoAnswer {
  const presentMicros = presentOf(reader, asked.nowMicros)
  return answerOf(
    planOf(reader, { span: logSpan(reader), select: selectRuns, presentMicros }, asked),
  )
}

function planOf(
  reader: Reader<Table>,
  { span, select, presentMicros }: { span: LogSpan; select: Select; presentMicros: number },
  asked: AskedUndo,
): Plan {
  const seq = span.last + 1
  refuseUnexpected(seq, asked)
  const { turns, boards, skipped } = select(reader, span, asked)
  const { isSealedToo, seasons } = asked
  const turned = new Map(turns.map((turn) => [turn.seq, turn.isUndone]))
  const plans = grouped(turns, ({ run }) => run.boardId).flatMap(([boardId, ofBoard]) => {
    const board = boards.get(boardId) as CatalogEntry
    const reached = seasonBoardsOf(reader, board, { isSealedToo, seasons, presentMicros, turned })
    return [board, ...reached].map((one) => planBoard(reader, one, { span, turns: ofBoard }))
  })
  const isConcerned = (name: string): boolean => {
    return asked.playerId === undefined || hasRecord(reader, name, asked.playerId)
  }
  plans.sort((a, b) => compare(a.board.name, b.board.name))
  const owners = new Map<string, string>()
  if (areNamesUnique(reader))
    for (const plan of plans) plan.players = withOwnNames(plan.players, owners)
  const lost = plans.flatMap((plan) => plan.lost)
  return { seq, turns, boards: plans, lost, skipped: skipped.filter(isConcerned) }
}

function refuseUnexpected(seq: number, { expectedSeq }: AskedUndo): void {
  if (expectedSeq === undefined || expectedSeq === seq) return
  throw new LadderError(
    'CONDITION_FAILED',
    `Cannot undo: the log has moved on, the next seq is ${seq}, expected ${expectedSeq}; nothing is changed, make another dry run and decide again`,
  )
}

function planBoard(
  reader: Reader<Table>,
  board: CatalogEntry,
  work: { span: LogSpan; turns: readonly Turn[] },
): BoardPlan {
  const turns = turnsOn(board, work.turns)
  const isOfAll = isSeasonWithRuns(board) && isGain(board)
  if (turns.length === 0 && !isOfAll) return { board, players: [], lost: [] }
  const parent = isSeasonWithRuns(board) ? board.parent : board
  const isAlone = board.keep === undefined && !hasMoved(reader, parent, work.turns)
  const { outcomes, lost } = isAlone
    ? { outcomes: eachAlone(reader, board, { turns, all: isOfAll ? work.turns : turns }), lost: [] }
    : replayBoard(reader, board, { ...work, turns })
  const players = outcomes
    .map((outcome) => turnedOf(board, outcome))
    .filter(({ isOther, oldest }) => isOther || oldest !== undefined)
    .sort((a, b) => compare(a.playerId, b.playerId))
  return { board, players, lost: lost.map((playerId) => ({ ...placeOf(board), playerId })) }
}

// Those that a season took.
function turnsOn(board: CatalogEntry, turns: readonly Turn[]): readonly Turn[] {
  if (!isSeasonWithRuns(board)) return turns
  return turns.flatMap((turn) => {
    const run = seasonRun(board, turn, () => zeroOf(board.shape))
    return run === undefined ? [] : [{ ...turn, run }]
  })
}

function placeOf({ name, season }: CatalogEntry): Pick<UndoChange, 'board' | 'window' | 'season'> {
  return { board: name, ...(season && { window: season.window, season: season.id }) }
}

function hasMoved(reader: Reader<Table>, { id }: CatalogEntry, turns: readonly Turn[]): boolean {
  const keys = new BoardKeys(id)
  const players = new Set(turns.map(({ run }) => run.playerId))
  return [...players].some((playerId) =>
    readHistory(reader, keys.player(playerId))?.tail.has(HISTORY_TAG.MOVED),
  )
}

// On a board that keeps all, what becomes of a player depends on nobody else.
function eachAlone(
  reader: Reader<Table>,
  board: CatalogEntry,
  { turns, all }: { turns: readonly Turn[]; all: readonly Turn[] },
): PlayerAfter[] {
  const ofAll = new Map(grouped(turns, ({ run }) => run.playerId))
  return grouped(all, ({ run }) => run.playerId).map(([playerId]) => {
    const ofPlayer = ofAll.get(playerId) ?? []
    const known = knownOf(reader, board, playerId)
    const held = replayPlayer(reader, { board, playerId, known }, ofPlayer)
    const isHidden =
      known.player === undefined
        ? bansOn(reader, { playerId, boardId: (isSeasonWithRuns(board) ? board.parent : board).id })
            .length > 0
        : known.player.record.isHidden === true
    const name = nameOn(reader, board, { playerId, known })
    return { playerId, known, held, name, isHidden, pushedOutBy: undefined, turns: ofPlayer }
  })
}

function turnedOf(board: CatalogEntry, outcome: PlayerAfter): TurnedPlayer {
  const { playerId, held, name, isHidden, pushedOutBy, turns } = outcome
  const { player } = outcome.known
  const after = held && afterOf(held, name)
  // How often somebody played is a matter of the board.
  const counted = board.season === undefined ? turns : []
  const signed = counted.map(({ run, isUndone: goes }) => ({ run, sign: goes ? -1 : 1 }))
  return {
    ...{ playerId, player, after, isHidden, pushedOutBy },
    isOther: isOtherEntry(board, { playerId, player, after, isHidden }),
    plays: signed.reduce((sum, { sign }) => sum + sign, 0),
    wins: signed.reduce((sum, { run, sign }) => sum + (run.won ? sign : 0), 0),
    oldest: turns[0]?.seq,
  }
}

function afterOf({ score, atMicros, metadata }: Left, name: string | undefined): After {
  return { score, atMicros, details: { name, metadata } }
}

type After = NonNullable<TurnedPlayer['after']>

function isOtherEntry(
  { shape }: CatalogEntry,
  turned: Pick<TurnedPlayer, 'playerId' | 'player' | 'after' | 'isHidden'>,
): boolean {
  const { playerId, player, after, isHidden } = turned
  if (player === undefined || after === undefined) return player !== after
  if (isHidden !== (player.record.isHidden === true)) return true
  const { score, atMicros, details } = after
  const treeKey = encodeEntryKey({ score, atMicros, playerId }, shape)
  return !treeKey.equals(player.treeKey) || player.record.metadata !== details.metadata
}

function grouped<K>(turns: readonly Turn[], keyOf: (turn: Turn) => K): [K, Turn[]][] {
  const groups = new Map<K, Turn[]>()
  for (const turn of turns) {
    const group = groups.get(keyOf(turn))
    if (group === undefined) groups.set(keyOf(turn), [turn])
    else group.push(turn)
  }
  return [...groups]
}

function hasRecord(reader: Reader<Table>, boardName: string, playerId: string): boolean {
  const board = findBoard(reader, boardName)
  return (
    board !== undefined &&
    reader.get('players', new BoardKeys(board.id).player(playerId)) !== undefined
  )
}

function answerOf({ seq, turns, boards, lost, skipped }: Plan): UndoAnswer {
  const isPartial = boards.some(({ board }) => board.log === 'changes')
  return {
    seq: turns.length === 0 ? null : seq,
    count: turns.length,
    changes: boards.flatMap(changesOf),
    lost,
    ...(isPartial && { partial: true }),
    ...(skipped.length > 0 && { skipped }),
  }
}

function changesOf({ board, players }: BoardPlan): UndoChange[] {
  return players
    .filter(({ isOther }) => isOther)
    .map(({ playerId, player, after, isHidden }) => ({
      ...placeOf(board),
      playerId,
      from:
        player === undefined
          ? null
          : entryOf(playerId, beforeOf(board, player), player.record.isHidden === true),
      to: after === undefined ? null : entryOf(playerId, after, isHidden),
    }))
}

function beforeOf({ shape }: CatalogEntry, player: StoredPlayer): After {
  return { score: player.score, atMicros: atMicrosOf(player, shape), details: player.record }
}

function entryOf(playerId: string, after: After, isHidden: boolean): UndoneEntry {
  const { score, atMicros, details } = after
  const { name = playerId } = details
  const metadata = readableMetadata(playerId, details)
  return {
    ...{ score, at: toMs(atMicros), name },
    ...(metadata !== undefined && { metadata }),
    ...(isHidden && { hidden: true as const }),
  }
}

// Names and metadata stand in entries and runs alone.
function fieldsOf(
  { boards }: Plan,
  { count, changes, lost }: UndoAnswer,
  asked: AskedUndo,
): Readonly<Record<string, unknown>> {
  const { board, playerId, reason, actor } = asked
  const onBoards = boards.filter((plan) => plan.board.season === undefined)
  const inSeasons = boards.filter(({ board: { season }, players }) => {
    return season !== undefined && players.length > 0
  })
  const inShort = (entry: UndoneEntry | null): unknown =>
    entry && { score: entry.score, at: entry.at, ...(entry.hidden && { hidden: true }) }
  return {
    ...{ board, playerId, reason, actor, count },
    boards: onBoards.map((plan) => plan.board.name),
    ...noteOfSeasons(
      asked,
      inSeasons.map((plan) => nameOfSeason(plan.board)),
    ),
    changes: changes.map(({ from, to, ...who }) => {
      return { ...who, from: inShort(from), to: inShort(to) }
    }),
    ...(lost.length > 0 && { lost }),
  }
}

function listOf(turns: readonly Turn[]): Fields {
  const fields = new Map<number, Buffer>()
  const undid = turns.filter((turn) => turn.isUndone).map(({ seq }) => seq)
  const revived = turns.filter((turn) => !turn.isUndone).map(({ seq }) => seq)
  if (undid.length > 0) fields.set(RUN_TAG.UNDID, encodeSeqs(undid))
  if (revived.length > 0) fields.set(RUN_TAG.REVIVES, encodeSeqs(revived))
  return fields.size === 0 ? NO_FIELDS : fields
}

// The record keeps its place and its other bytes.
function mark(writer: Writer<Table>, { seq, run, isUndone: goes }: Turn, undo: number): void {
  const [set, unset] = goes ? [RUN_TAG.UNDONE, RUN_TAG.REVIVED] : [RUN_TAG.REVIVED, RUN_TAG.UNDONE]
  const tail = withField(withField(run.tail, unset), set, logKey(undo))
  const key = logKey(seq)
  writer.put('log', key, encodeRun(key, { ...run, tail }))
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
