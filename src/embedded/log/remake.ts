/**
 * The change of each kind of record, made once more.
 *
 * A run was judged when it came: rules, bans and conditions have no say here. What is in the log passed them.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import { noBoard } from '../../calls/no-board.ts'
import { checkScore } from '../../calls/scores.ts'
import { checkMetadata } from '../../calls/values.ts'
import { checkWindows } from '../../calls/windows.ts'
import { newSpec } from '../../domain/settings.ts'
import { ALL_BOARDS } from '../../format/people/ban.ts'
import type { Table } from '../../format/tables.ts'
import { toMicros } from '../../format/time.ts'
import { assert } from '../../ground/assert.ts'
import type { Writer } from '../../store/store.ts'
import type {
  AskedSettings,
  AskedUndo,
  BoardAlteration,
  BoardSettings,
  LogKind,
  LogRecord,
  Metadata,
  NamedSeason,
  NamedWindow,
  StoreAlteration,
  SubmitRequest,
  WindowAlterations,
} from '../../words/index.ts'
import { repeatChange, submitTo } from '../apply.ts'
import { findBoard } from '../catalog.ts'
import { isRuled, settleSubmit } from '../moderation/admission.ts'
import { endBan } from '../moderation/ban-ends.ts'
import { closeFlag } from '../moderation/flags.ts'
import { everyPlaceOf } from '../moderation/player-changes.ts'
import { nameChangeOf, nameOfRow, withProfileName } from '../moderation/profiles.ts'
import { isIdentified, rememberAgain } from '../moderation/requests.ts'
import { NamedBoard } from '../named-board.ts'
import type { OpenStore } from '../open-store.ts'
import { repeatSeason, type SeasonKind } from '../seasons/repeat-season.ts'
import { logNote } from './notes.ts'
import { listsOf } from './records.ts'
import { undoRuns } from './undo.ts'
import { listedRuns } from './undo-selection.ts'

type Make = (writer: Writer<Table>, record: LogRecord) => unknown

/** What the record does not say of a run. */
interface Origin {
  /** Whether it is a row of an import, which no rule judged. */
  isRow: boolean
}

/** Kinds of changes that can be made again. */
export const REMADE_KINDS: ReadonlySet<LogKind> = new Set<LogKind>([
  ...(['submit', 'create', 'drop', 'remove', 'rename', 'ban', 'unban', 'move', 'undo'] as const),
  ...(['alter', 'profile', 'resolve', 'erase', 'rebuild', 'import'] as const),
  ...(['season-open', 'season-close', 'season-seal'] as const),
])

/** Makes changes again, in a store whose clock says when they were made. */
export class Remaker {
  readonly #context: OpenStore
  readonly #notes: Partial<Record<LogKind, Make>>

  constructor(context: OpenStore) {
    this.#context = context
    this.#notes = {
      create: (writer, record) => this.#create(writer, record),
      drop: (writer, record) => {
        repeatChange(context, writer, { kind: 'drop', board: textIn(record, 'board') })
      },
      remove: (writer, record) => this.#remove(writer, record),
      rename: (writer, record) => this.#rename(writer, record),
      ban: (writer, record) => this.#ban(writer, record),
      unban: (writer, record) => this.#unban(writer, record),
      move: (writer, record) => this.#move(writer, record),
      undo: (writer, record) => this.#undo(writer, record),
      alter: (writer, record) => this.#alter(writer, record),
      profile: (writer, record) => this.#profile(writer, record),
      resolve: (writer, record) => this.#resolve(writer, record),
      // What is left of a record of an erased person; a tree that was made again; the end of an import.
      erase: (writer, record) => this.#note(writer, record),
      rebuild: (writer, record) => this.#note(writer, record),
      import: (writer, record) => this.#note(writer, record),
      'season-open': (writer, record) => this.#season(writer, record),
      'season-close': (writer, record) => this.#season(writer, record),
      'season-seal': (writer, record) => this.#season(writer, record),
    }
  }

  /** Makes the change of a record. */
  make(writer: Writer<Table>, record: LogRecord, origin: Origin): void {
    if (record.kind === 'submit') {
      this.#run(writer, record, origin)
      return
    }
    const make = this.#notes[record.kind]
    assert(make !== undefined, 'the kinds of a log were looked at before it is made again')
    make(writer, record)
  }

  // Goes the way of a submit, without what judges it. Names and ids of requests are settled as they were then: the
  // records behind it count on them.
  #run(writer: Writer<Table>, record: LogRecord, { isRow }: Origin): void {
    const target = this.#boardOf(writer, record)
    const asked = { ...submitOfRecord(target, record), isUnjudged: isRow }
    const seqBefore = commitOf(writer).lastSeq
    const { name, playerId } = asked
    const isNew = (): boolean => target.hidden.stored(playerId) === undefined
    const submit = isRow ? rowAgain(writer, asked) : withProfileName(writer, asked, isNew)
    const givesName = isRuled(writer) && name !== undefined && !isRow
    const change = givesName ? nameChangeOf(writer, name, playerId) : undefined
    const isHidden = record['hidden'] === true
    const told = { ...submit, toldWindows: record.windows ?? {} }
    const answer = submitTo(
      { context: this.#context, writer },
      { target, request: asTold(told, record), isHidden },
    )
    if (isRuled(writer))
      settleSubmit(
        writer,
        { board: target, admission: { submit, name: change, seqBefore }, answer },
        () => everyPlaceOf({ context: this.#context, writer }, { playerId }),
      )
    if (isIdentified(asked)) rememberAgain(writer, target.board, { submit: asked, answer })
  }

  #create(writer: Writer<Table>, record: LogRecord): void {
    const { windows, ...settings } = (record['settings'] ?? {}) as BoardSettings
    const asked = { ...settings, windows: windows && checkWindows(windows) } as AskedSettings
    const spec = newSpec(textIn(record, 'board'), asked)
    const board = new NamedBoard(spec, { wasThere: false })
    repeatChange(this.#context, writer, { kind: 'create', board })
  }

  #remove(writer: Writer<Table>, record: LogRecord): void {
    const playerId = textIn(record, 'playerId')
    if (record.board === undefined) {
      repeatChange(this.#context, writer, {
        ...{ kind: 'removePlayer', playerId },
        ...reachOf(record),
      })
      return
    }
    const board = new NamedBoard(this.#boardOf(writer, record).board, { wasThere: true })
    const change = { kind: 'remove', board, playerId, ...reachOf(record) } as const
    repeatChange(this.#context, writer, change)
  }

  #rename(writer: Writer<Table>, record: LogRecord): void {
    const [playerId, name] = [textIn(record, 'playerId'), textIn(record, 'name')]
    repeatChange(this.#context, writer, { kind: 'rename', playerId, name, ...reachOf(record) })
  }

  #ban(writer: Writer<Table>, record: LogRecord): void {
    const { board, reason, actor } = record
    const { until, sealedBy } = record as { until?: number; sealedBy?: number }
    const ban = {
      ...{ playerId: textIn(record, 'playerId'), board, reason, actor },
      untilMicros: until === undefined ? undefined : toMicros(until),
      submits: record['submits'] === 'keep' ? ('keep' as const) : ('refuse' as const),
      nowMicros: toMicros(numberIn(record, 'since')),
      ...(sealedBy !== undefined && { sealedByMicros: toMicros(sealedBy) }),
      ...reachOf(record),
    }
    repeatChange(this.#context, writer, { kind: 'ban', ban })
  }

  // A ban that ended by itself says when it was to.
  #unban(writer: Writer<Table>, record: LogRecord): void {
    const { board, reason, actor } = record
    const playerId = textIn(record, 'playerId')
    const nowMicros = this.#context.nowMicros()
    if (record['until'] === undefined) {
      const unban = { playerId, board, reason, actor, nowMicros, ...reachOf(record) }
      repeatChange(this.#context, writer, { kind: 'unban', unban })
      return
    }
    const boardId = board === undefined ? ALL_BOARDS : this.#idOf(writer, board)
    const untilMicros = toMicros(numberIn(record, 'until'))
    const end = { playerId, boardId, untilMicros, ...reachOf(record) }
    endBan({ context: this.#context, writer }, end, nowMicros)
  }

  #move(writer: Writer<Table>, record: LogRecord): void {
    const { reason, actor } = record
    const [from, to] = [textIn(record, 'from'), textIn(record, 'to')]
    const nowMicros = this.#context.nowMicros()
    const move = { from, to, reason, actor, nowMicros, ...reachOf(record) }
    repeatChange(this.#context, writer, { kind: 'move', move })
  }

  // Turns over the runs that the record lists, whatever the undo was asked with.
  #undo(writer: Writer<Table>, record: LogRecord): void {
    const { board, playerId, reason, actor, seqs = [], revived = [] } = record
    const asked: AskedUndo = {
      ...{ board, playerId, reason, actor, seqs: undefined, isDry: false },
      ...{ fromMicros: undefined, toMicros: undefined, expectedSeq: undefined },
      nowMicros: this.#context.nowMicros(),
      ...reachOf(record),
    }
    const place = { context: this.#context, writer }
    undoRuns(place, asked, (reader) => listedRuns(reader, { undone: seqs, revived }))
  }

  // `filledFrom` is where in the log the filling of a new window began: it begins there again.
  #alter(writer: Writer<Table>, record: LogRecord): void {
    const { board } = record
    if (board === undefined) {
      const alteration = record['settings'] as StoreAlteration
      repeatChange(this.#context, writer, { kind: 'alterStore', alteration })
      return
    }
    const rules = record['rules'] as BoardAlteration | undefined
    const windows = record['windows'] as ToldWindows | undefined
    const alteration = { ...rules, ...(windows && { windows: alteredAgain(windows) }) }
    const { filledFrom } = record as { filledFrom?: number }
    repeatChange(this.#context, writer, {
      ...{ kind: 'alter', board, alteration },
      ...(filledFrom !== undefined && { filledFrom }),
    })
  }

  #season(writer: Writer<Table>, record: LogRecord): void {
    const { from, to } = record as { from?: unknown; to?: unknown }
    repeatSeason(
      { context: this.#context, writer },
      {
        kind: record.kind as SeasonKind,
        board: this.#boardOf(writer, record).board,
        window: textIn(record, 'window'),
        id: textIn(record, 'season'),
        fromMicros: toMicros(from as number),
        toMicros: to === undefined ? undefined : toMicros(to as number),
        atMicros: toMicros(record.at),
      },
    )
  }

  #profile(writer: Writer<Table>, record: LogRecord): void {
    const playerId = textIn(record, 'playerId')
    const { name = playerId } = record
    const text = (field: string): string | null => (record[field] as string | null) ?? null
    repeatChange(this.#context, writer, {
      ...{ kind: 'profile', playerId },
      change: { name, avatar: text('avatar'), metadata: text('metadata') },
    })
  }

  // The undo that belongs to it has a record of its own.
  #resolve(writer: Writer<Table>, record: LogRecord): void {
    closeFlag(writer, numberIn(record, 'resolved'))
    this.#note(writer, record)
  }

  // Puts a record that is like the old one. Its place and times come from the commit that is under way.
  #note(writer: Writer<Table>, record: LogRecord): void {
    const { seq: _, at: __, committedAt: ___, commit: ____, kind, ...told } = record
    const { seqs: _____, revived: ______, ...fields } = told
    logNote(writer, this.#context.nowMicros(), {
      kind: kind as Exclude<LogKind, 'submit'>,
      fields,
      tail: listsOf(record),
    })
  }

  #boardOf(writer: Writer<Table>, record: LogRecord): BoardWriter {
    const name = textIn(record, 'board')
    const found = this.#context.writerOfName(writer, name)
    if (found === undefined) throw noBoard(name)
    return found
  }

  #idOf(writer: Writer<Table>, name: string): number {
    const board = findBoard(writer, name)
    if (board === undefined) throw noBoard(name)
    return board.id
  }
}

type ToldWindows = Readonly<Record<string, NamedWindow | null>>

// What is not told of a window is as usual.
function alteredAgain(windows: ToldWindows): WindowAlterations {
  const usual = { graceMs: null, retain: null, finals: null, keep: null }
  const told = Object.entries(windows).map(([name, window]) => {
    return [name, window && { ...usual, ...window }] as const
  })
  return Object.fromEntries(told)
}

// The record of a season may lie at the very time of a run.
function asTold(submit: SubmitRequest, { at }: LogRecord): SubmitRequest {
  return submit.atMicros === undefined ? { ...submit, givenMicros: toMicros(at) } : submit
}

// A time that the store gave is given again by its clock.
function submitOfRecord({ board }: BoardWriter, record: LogRecord): SubmitRequest {
  const { at, committedAt = at, atGiven = false, metadata, mode, flags } = record
  return {
    playerId: textIn(record, 'playerId'),
    score: checkScore(record.submitted, board.shape),
    name: record.name,
    metadata: metadata == null ? metadata : checkMetadata(metadata as Metadata),
    mode: mode ?? board.mode,
    ...(flags !== undefined && { flags }),
    ...{ only: undefined, expected: undefined, requestId: record.requestId },
    won: record.won === true,
    atMicros: atGiven ? toMicros(at) : undefined,
    nowMicros: toMicros(atGiven ? committedAt : at),
    ...{
      rankMode: tellsRanks(record) ? 'ordinal' : undefined,
      passedMax: 0,
      passedMode: 'ordinal',
    },
  }
}

/** Returns the seasons that a record names as reached: what was sealed then is not asked again. */
export function reachOf(record: LogRecord): {
  isSealedToo: boolean
  seasons: readonly NamedSeason[]
} {
  const seasons = (record['seasons'] ?? []) as readonly NamedSeason[]
  return { isSealedToo: record['sealed'] === true, seasons }
}

// One for whom the board had no place may have a rank in a season.
function tellsRanks({ rank, windows = {} }: LogRecord): boolean {
  return rank !== undefined || Object.values(windows).some((window) => window.rank !== undefined)
}

function textIn(record: LogRecord, field: string): string {
  const value = record[field]
  if (typeof value === 'string') return value
  throw new TypeError(`it has no ${field}`)
}

function numberIn(record: LogRecord, field: string): number {
  const value = record[field]
  if (typeof value === 'number') return value
  throw new TypeError(`it has no ${field}`)
}

// A row gives the name of the profile, if there is one; its record tells what the row said.
function rowAgain(writer: Writer<Table>, asked: SubmitRequest): SubmitRequest {
  if (!commitOf(writer).uses('profiles')) return asked
  const name = nameOfRow(writer, asked.playerId, asked.name)
  return name === asked.name ? asked : { ...asked, name, isProfileName: true, rowName: asked.name }
}
