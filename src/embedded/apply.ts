/**
 * The door: a change goes in, inside a transaction; an answer and its records in the log come out.
 *
 *     change ──► find the board ──► decide ──► BoardWriter, catalog ──► answer
 *                (or make it)                      │ each entry before and after
 *                                                  ▼
 *                                               the log
 *
 * A submit writes its record of the log with the entry (board/run-log.ts); any other change writes a note
 * here. Every change to a board or an entry passes here, except long work on many entries (imports, rebuilds,
 * restored boards), which notes by itself what it did. Records are written in the transaction of their change,
 * so they are there exactly if the change is.
 *
 * @module
 */

import type { BoardWriter } from '../board/board-writer.ts'
import { commitOf } from '../board/commit.ts'
import { noBoard } from '../calls/no-board.ts'
import { inSubmission } from '../calls/submissions.ts'
import { decideSubmit } from '../domain/decide.ts'
import { type BoardSpec, settingsInfo } from '../domain/settings.ts'
import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { SEASON_DUES_BESIDE } from '../ground/limits.ts'
import type { Writer } from '../store/store.ts'
import type {
  AskedUndo,
  Change,
  ChangeAnswers,
  Score,
  StartedSeason,
  SubmitAnswer,
  SubmitRequest,
  WindowInfo,
} from '../words/index.ts'
import { addBoard, findBoard, removeBoard } from './catalog.ts'
import { keepPastBoard } from './log/board-names.ts'
import { logNote, type Note } from './log/notes.ts'
import { runOf } from './log/records.ts'
import { undoRuns } from './log/undo.ts'
import { type Admission, admit, admitAll, isRuled, settleSubmit } from './moderation/admission.ts'
import { banPlayer, releaseBoard } from './moderation/ban-changes.ts'
import { endDueBans, unbanPlayer } from './moderation/ban-ends.ts'
import { isUnseen } from './moderation/bans.ts'
import { closeFlag, closeFlagsOf, isFlagged } from './moderation/flags.ts'
import { checkOpenForWrites } from './moderation/judging.ts'
import { movePlayer } from './moderation/move.ts'
import {
  everyPlaceOf,
  removeFromAll,
  removeFromBoard,
  renamePlayer,
} from './moderation/player-changes.ts'
import { noteOfProfile, setProfile } from './moderation/profiles.ts'
import {
  checkSameList,
  isIdentified,
  rememberRequest,
  repeatedAnswer,
} from './moderation/requests.ts'
import { alterRules } from './moderation/rules.ts'
import { alterSettings } from './moderation/store-settings.ts'
import type { NamedBoard } from './named-board.ts'
import type { OpenStore } from './open-store.ts'
import { dropWindows } from './seasons/drop-windows.ts'
import { fillFromLog } from './seasons/fill-from-log.ts'
import { tellWindows } from './seasons/season-lists.ts'
import { presentIn, turnDue } from './seasons/turn.ts'
import { addWindows, checkFirstSeason, planWindows, startSeason } from './seasons/window-changes.ts'
import { checkMeantSeasons, isWindowed, submitToWindows } from './seasons/windowed-submit.ts'
import { windowsIn } from './seasons/windows.ts'

type Kind = keyof ChangeAnswers
type Asked<K extends Kind = Kind> = Extract<Change<NamedBoard>, { kind: K }>

/** Where a change is made. */
interface Place {
  context: OpenStore
  writer: Writer<Table>
}

/** Makes a change in a transaction shared with others; resolves with its answer when it is durable. */
export function makeChange<K extends Kind>(
  context: OpenStore,
  change: Asked<K>,
): Promise<ChangeAnswers[K]> {
  return context.store.write((writer) => applyChange(context, writer, change))
}

/**
 * Makes a change in a transaction.
 *
 * @throws {LadderError} if it is refused. One that is refused before it changes anything leaves the
 *   transaction as it was; any other spoils it.
 */
export function applyChange<K extends Kind>(
  context: OpenStore,
  writer: Writer<Table>,
  change: Asked<K>,
): ChangeAnswers[K] {
  const place = { context, writer }
  // A ban that ended before a season was sealed ends first: the player is in it.
  if (endDueBans(place) === 0) turnDue(place, SEASON_DUES_BESIDE)
  commitOf(writer).beginChange()
  return run(place, change) as ChangeAnswers[K]
}

/**
 * Makes a change again that the log tells of. What else is due is not looked at: the log tells of that too. It
 * belongs to the change that was begun last.
 *
 * @throws {LadderError} if it is refused.
 */
export function repeatChange<K extends Kind>(
  context: OpenStore,
  writer: Writer<Table>,
  change: Asked<K>,
): ChangeAnswers[K] {
  return run({ context, writer }, change) as ChangeAnswers[K]
}

function run(place: Place, change: Asked): ChangeAnswers[Kind] {
  switch (change.kind) {
    case 'submit':
      return submit(place, change.board, change.submit)
    case 'submitMany':
      return submitMany(place, change)
    case 'remove':
      return removeFromBoard(place, change)
    case 'rename':
      return renamePlayer(place, change)
    case 'removePlayer':
      return removeFromAll(place, change)
    case 'create':
      return create(place, change.board)
    case 'drop':
      return drop(place, change.board)
    case 'ban':
      return banPlayer(place, change.ban)
    case 'unban':
      return unbanPlayer(place, change.unban)
    case 'move':
      return movePlayer(place, change.move)
    case 'undo':
      return undoRuns(place, change.undo)
    case 'alter':
      return alter(place, change)
    case 'alterStore':
      return alterStore(place, change)
    case 'profile':
      return profile(place, change)
    case 'resolve':
      return resolve(place, change)
    case 'startSeason':
      return begin(place, change)
  }
}

// The order in which a submit is judged. All that refuses comes before the first change.
function submit(place: Place, board: NamedBoard, request: SubmitRequest): SubmitAnswer<Score> {
  const { context, writer } = place
  const there = context.writerOf(writer, board)
  const repeated = repeatedOn(place, there, request)
  if (repeated !== undefined) return repeated
  checkOpenForWrites(writer, there?.board)
  const isHidden = isUnseen(writer, there, { playerId: request.playerId, board: board.name })
  const admission = isRuled(writer) ? admit(writer, there, request) : undefined
  const admitted = admission?.submit ?? request
  const target = there ?? boardFor(place, board, admitted)
  const answer = submitTo(place, { target, request: admitted, isHidden })
  if (admission !== undefined) settleAdmitted(place, target, { admission, answer })
  if (isIdentified(request)) rememberRequest(writer, target.board, { submit: request, answer })
  return answer
}

// By itself: a function that is made within another one costs each of its calls, made or not.
function settleAdmitted(
  place: Place,
  board: BoardWriter,
  { admission, answer }: { admission: Admission; answer: SubmitAnswer<Score> },
): void {
  settleSubmit(place.writer, { board, admission, answer }, () =>
    everyPlaceOf(place, { playerId: answer.playerId }),
  )
}

/** Makes a submit that was judged, on the board and in the seasons of its windows. */
export function submitTo(
  place: Place,
  asked: { target: BoardWriter; request: SubmitRequest; isHidden: boolean },
): SubmitAnswer<Score> {
  const { target, request, isHidden } = asked
  if (isWindowed(place, target, request)) return submitToWindows(place, asked)
  return isHidden ? target.hidden.submit(request) : target.submit(request)
}

// A board exists from its first accepted change: what is refused is refused before the board is made.
function boardFor(place: Place, board: NamedBoard, first: SubmitRequest): BoardWriter {
  const there = place.context.writerOf(place.writer, board)
  if (there !== undefined) return there
  decideSubmit(board.spec.shape, first, undefined)
  create(place, board, first.nowMicros)
  // The new board is a change of its own.
  commitOf(place.writer).beginChange()
  return place.context.writerOf(place.writer, board) as BoardWriter
}

// A retry is answered before anything else is asked about it.
function repeatedOn(
  { writer }: Place,
  target: BoardWriter | undefined,
  request: SubmitRequest,
): SubmitAnswer<Score> | undefined {
  if (target === undefined || !isIdentified(request)) return undefined
  return repeatedAnswer(writer, target.board, request)
}

function submitMany(place: Place, change: Asked<'submitMany'>): ChangeAnswers['submitMany'] {
  const { context, writer } = place
  // An empty list is refused like any other on a board that was dropped.
  const there = context.writerOf(writer, change.board)
  const { submits, requestId } = change
  if (there !== undefined && requestId !== undefined)
    checkSameList(writer, there.board, { requestId, submits })
  const hasWindows = commitOf(writer).uses('windows')
  if (hasWindows || commitOf(writer).uses('bans') || isRuled(writer)) judgeAll(place, change)
  return submits.map((request, i) => inSubmission(i, () => submit(place, change.board, request)))
}

// One that is refused refuses all, before anything is changed: a job that refuses after a change makes its
// neighbours run again.
function judgeAll(place: Place, { board, submits }: Asked<'submitMany'>): void {
  const { context, writer } = place
  const there = context.writerOf(writer, board)
  const ids = new Set<string>()
  const news = submits.map((request, i) =>
    inSubmission(i, () => {
      const { playerId, requestId } = request
      const isAgain = requestId !== undefined && ids.has(requestId)
      if (requestId !== undefined) ids.add(requestId)
      // One that the list has twice may be known already, for another submit.
      if (repeatedOn(place, there, request) !== undefined || isAgain) return undefined
      checkOpenForWrites(writer, there?.board)
      isUnseen(writer, there, { playerId, board: board.name })
      checkMeantSeasons(place, there?.board, request)
      return request
    }),
  )
  if (isRuled(writer)) admitAll(writer, there, { submits: news, inOrder: inSubmission })
}

// A note has what was altered, as it is now: null for what is gone.
function alter(
  place: Place,
  { board, alteration, filledFrom }: Asked<'alter'>,
): ChangeAnswers['alter'] {
  const found = findBoard(place.writer, board)
  if (found === undefined) throw noBoard(board)
  const { windows } = alteration
  const planned =
    windows && planWindows(place, found, { windows, ...(filledFrom && { filledFrom }) })
  const { after, changed: rules } = alterRules(place.writer, board, alteration)
  planned?.prepare()
  const changed = planned?.changed
  if (rules !== undefined || changed !== undefined)
    note(place, 'alter', {
      ...{ board, ...(rules && { rules }), ...(changed && { windows: changed }) },
      filledFrom: planned?.filledFrom,
    })
  for (const window of planned?.make() ?? []) fillFromLog(place, found, window)
  return windows === undefined ? after : { ...after, windows: windowsNow(place, found) }
}

function windowsNow(place: Place, board: CatalogEntry): WindowInfo[] {
  const { writer } = place
  const windows = windowsIn(writer, board.id)
  return tellWindows({ reader: writer, board, windows, presentMicros: presentIn(place) })
}

function alterStore(place: Place, change: Asked<'alterStore'>): ChangeAnswers['alterStore'] {
  const { after, changed } = alterSettings(place.writer, change.alteration)
  if (changed !== undefined) note(place, 'alter', { settings: changed })
  return after
}

function profile(place: Place, asked: Asked<'profile'>): ChangeAnswers['profile'] {
  const { profile: now, isChanged } = setProfile(
    place.writer,
    () => everyPlaceOf(place, asked),
    asked,
  )
  if (isChanged) note(place, 'profile', noteOfProfile(now))
  return now
}

function resolve(place: Place, asked: Asked<'resolve'>): boolean {
  const { seq, verdict, reason, actor } = asked
  const { writer } = place
  if (!isFlagged(writer, seq)) return false
  const run = runOf(writer, seq)
  if (verdict === 'undone') undoRuns(place, undoOf(place, asked))
  closeFlag(writer, seq)
  note(place, 'resolve', { ...run, resolved: seq, verdict, reason, actor })
  return true
}

function begin(place: Place, { board, window, season }: Asked<'startSeason'>): StartedSeason {
  const { context, writer } = place
  if (context.writerOf(writer, board) === undefined) {
    checkFirstSeason(board.spec, window)
    create(place, board)
    // The new board is a change of its own.
    commitOf(writer).beginChange()
  }
  const found = findBoard(writer, board.name)
  if (found === undefined) throw noBoard(board.name)
  return startSeason(place, found, { window, season })
}

function undoOf({ context }: Place, { seq, reason, actor }: Asked<'resolve'>): AskedUndo {
  return {
    ...{ board: undefined, playerId: undefined, fromMicros: undefined, toMicros: undefined },
    ...{ seqs: [seq], reason, actor, isDry: false, expectedSeq: undefined },
    nowMicros: context.nowMicros(),
  }
}

function note({ context, writer }: Place, kind: Note['kind'], fields: Note['fields']): number {
  return logNote(writer, context.nowMicros(), { kind, fields })
}

// Also a board that its handle saw before: who creates it asks for it by name.
function create(place: Place, board: NamedBoard, nowMicros = place.context.nowMicros()): boolean {
  const { context, writer } = place
  const isNew = findBoard(writer, board.name) === undefined
  if (isNew) {
    const made = addBoard(writer, board.spec)
    noteCreated(writer, nowMicros, board.spec)
    addWindows(place, made, board.spec.windows ?? [])
  }
  board.noteThereIn(writer)
  context.writerOf(writer, board)
  return isNew
}

/** Notes that a board was made. */
export function noteCreated(writer: Writer<Table>, nowMicros: number, spec: BoardSpec): void {
  const { name, ...settings } = settingsInfo(spec)
  logNote(writer, nowMicros, { kind: 'create', fields: { board: name, settings } })
}

function drop(place: Place, name: string): ChangeAnswers['drop'] {
  const { context, writer } = place
  const board = findBoard(writer, name)
  const size = context.writerOfName(writer, name)?.size
  if (board === undefined || size === undefined) throw noBoard(name)
  context.settle(writer, name)
  const seasonIds = dropWindows(place, board.id)
  removeBoard(writer, board)
  closeFlagsOf(writer, board.id)
  releaseBoard(writer, board.id)
  const droppedSeq = note(place, 'drop', { board: name, size })
  keepPastBoard(writer, { board, droppedSeq })
  return { boardId: board.id, size, seasonIds }
}
