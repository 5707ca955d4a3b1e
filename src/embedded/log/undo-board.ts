/**
 * What a whole board comes to once some of its runs are turned over: everything that happened since the
 * oldest of them happens again, without those that are undone.
 *
 * That is how a board of the best must be read: who is pushed out, and who finds no place, depends on all
 * others. So is a board on which players were moved meanwhile. Bans hide again, removals remove again; of
 * a player nothing is left where the same would have left nothing then.
 *
 * @module
 */

import { atMicrosOf, readStoredPlayer } from '../../board/board-reader.ts'
import { decodeRow } from '../../board/rows.ts'
import { readHistory } from '../../board/run-log.ts'
import { mergeHeld } from '../../domain/merge.ts'
import { readMicros } from '../../format/entry-key.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { decodeJson } from '../../format/log-note.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { HISTORY_TAG } from '../../format/run-chain.ts'
import { RUN_TAG } from '../../format/run-record.ts'
import type { Reader } from '../../store/store.ts'
import { bansOn } from '../moderation/bans.ts'
import { nameOfReturning } from '../moderation/profiles.ts'
import type { LogSpan } from './log-reader.ts'
import { runsOf } from './runs.ts'
import { isSeasonWithRuns } from './season-board.ts'
import {
  type BoardEvent,
  type BoardEvents,
  disturbedBy,
  eventsOf,
  firstSeqOf,
  idsIn,
  OPEN_METADATA,
} from './undo-events.ts'
import { Places } from './undo-places.ts'
import {
  baselineOf,
  beginsFromNothing,
  type Known,
  knownOf,
  type Left,
  nameOn,
  replayed,
} from './undo-replay.ts'
import { isUndone, seqIn, type Turn } from './undo-selection.ts'

/** What a player comes to. */
export interface PlayerAfter {
  playerId: string
  known: Known
  held: Left | undefined
  name: string | undefined
  isHidden: boolean
  /** The run that pushed the player out, if that is why nothing is left. */
  pushedOutBy: number | undefined
  /** Those of the runs that are the player's now. */
  turns: Turn[]
}

/** Returns what the players concerned come to, and who cannot come back because nothing is known of them. */
export function replayBoard(
  reader: Reader<Table>,
  board: CatalogEntry,
  work: { span: LogSpan; turns: readonly Turn[] },
): { outcomes: PlayerAfter[]; lost: string[] } {
  const { span, turns } = work
  // A run does not say who left a season for it: that is found from the beginning.
  const oldest = isSeasonWithRuns(board) ? firstSeqOf(reader, board, span) : (turns[0]?.seq ?? 0)
  const events = eventsOf(reader, board, { span, oldest })
  const replay = new BoardReplay(reader, board, { span, turns, events })
  replay.run()
  return { outcomes: replay.outcomes(), lost: [...replay.lost] }
}

class BoardReplay {
  readonly lost = new Set<string>()
  readonly #reader: Reader<Table>
  readonly #board: CatalogEntry
  readonly #span: LogSpan
  readonly #events: BoardEvents
  readonly #turned: ReadonlyMap<number, Turn>
  readonly #ownerOfTurn: Map<number, string>
  readonly #visible: Places
  readonly #hidden = new Map<string, Left>()
  readonly #unknown = new Set<string>()
  readonly #receivers = new Set<string>()
  #disturbed: ReadonlySet<string> | undefined
  #earlier: BoardReplay | undefined

  constructor(
    reader: Reader<Table>,
    board: CatalogEntry,
    work: { span: LogSpan; turns: readonly Turn[]; events: BoardEvents },
  ) {
    const { span, turns, events } = work
    this.#span = span
    this.#reader = reader
    this.#board = board
    this.#visible = new Places(board)
    this.#events = events
    this.#turned = new Map(turns.map((turn) => [turn.seq, turn]))
    this.#ownerOfTurn = new Map(turns.map(({ seq, run }) => [seq, run.playerId]))
  }

  run(): void {
    this.#begin()
    // With a move, what was there before comes to another player: it has to be known.
    this.#settleMetadata(this.#events.events.filter((event) => event.kind === 'move'))
    for (const event of this.#events.events) this.#apply(event)
    // Bans are as they are now, whatever the log knows of their boards.
    for (const playerId of [...this.#hidden.keys()])
      if (!this.#isBanned(playerId)) this.#show(playerId)
    for (const playerId of this.#events.states.keys())
      if (this.#visible.has(playerId) && this.#isBanned(playerId)) this.#hide(playerId)
  }

  /** Makes again what happened before a seq: after the last undo, all went as the records say. */
  runUntil(seq: number): void {
    this.#begin()
    const events = this.#events.events.filter((event) => event.seq < seq)
    const undone = events.findLast(({ kind }) => kind === 'undo')?.seq ?? 0
    for (const event of events) {
      if (event.seq > undone && !isSeasonWithRuns(this.#board)) this.#recall(event)
      else this.#apply(event)
    }
  }

  /** Returns the metadata that a player has; undefined if there are none, or nothing is known of them. */
  metadataOf(playerId: string): string | undefined {
    const held = this.#visible.get(playerId) ?? this.#hidden.get(playerId)
    if (held?.metadata !== OPEN_METADATA) return held?.metadata
    // What was there before the oldest record is kept, if trimmed runs brought it.
    const known = knownOf(this.#reader, this.#board, playerId)
    return baselineOf(known, { board: this.#board, playerId, seq: this.#span.last })?.held?.metadata
  }

  /** Returns what becomes of all whom anything concerns. */
  outcomes(): PlayerAfter[] {
    const turns = new Map<string, Turn[]>()
    for (const [seq, owner] of this.#ownerOfTurn) {
      const own = turns.get(owner) ?? []
      own.push(this.#turned.get(seq) as Turn)
      turns.set(owner, own)
    }
    const players = new Set([
      ...this.#events.states.keys(),
      ...this.#visible.pushedOut.keys(),
      ...this.#receivers,
      ...turns.keys(),
    ])
    return [...players]
      .filter((playerId) => !this.#unknown.has(playerId) || this.#holds(playerId))
      .map((playerId) => this.#outcomeOf(playerId, turns.get(playerId) ?? []))
  }

  #holds(playerId: string): boolean {
    return this.#visible.has(playerId) || this.#hidden.has(playerId)
  }

  #outcomeOf(playerId: string, turns: Turn[]): PlayerAfter {
    const known = knownOf(this.#reader, this.#board, playerId)
    const hidden = this.#hidden.get(playerId)
    const held = this.#visible.get(playerId) ?? hidden
    const isOpen = held?.metadata === OPEN_METADATA
    return {
      ...{ playerId, known, turns, isHidden: hidden !== undefined },
      held: held && isOpen ? { ...held, metadata: this.#metadataOf(playerId, known) } : held,
      name:
        known.player === undefined && known.away === undefined && !isSeasonWithRuns(this.#board)
          ? nameOfReturning(this.#reader, playerId, this.#givenName(playerId))
          : nameOn(this.#reader, this.#board, { playerId, known }),
      pushedOutBy: held === undefined ? this.#visible.pushedOut.get(playerId) : undefined,
    }
  }

  // Entries of whom no event speaks are those of today. A board that keeps all needs none of them.
  #begin(): void {
    const { states } = this.#events
    const { keep, shape } = this.#board
    const keys = new BoardKeys(this.#board.id)
    if (keep !== undefined)
      for (const pair of this.#reader.pairs('entries', keys.all())) {
        const { prefix } = keys
        const { playerId, score } = decodeRow(pair, { prefixBytes: prefix.length, shape })
        if (states.has(playerId)) continue
        const atMicros = readMicros(pair.key, prefix.length + shape.bytes)
        this.#visible.seat(playerId, { score, atMicros, metadata: OPEN_METADATA })
      }
    for (const [playerId, state] of states) {
      const held = state.held === 'unknown' ? this.#heldNow(playerId) : state.held
      if (held === undefined && state.held === 'unknown') this.#unknown.add(playerId)
      if (held === undefined) continue
      if (state.isHidden === true) this.#hidden.set(playerId, held)
      else this.#visible.seat(playerId, held)
    }
  }

  #settleMetadata(moves: readonly Move[]): void {
    for (const playerId of new Set(moves.flatMap(({ from, to }) => [from, to]))) {
      const hidden = this.#hidden.get(playerId)
      const held = this.#visible.get(playerId) ?? hidden
      if (held?.metadata !== OPEN_METADATA) continue
      const settled = { ...held, metadata: this.#before().metadataOf(playerId) }
      if (hidden === undefined) this.#visible.seat(playerId, settled)
      else this.#hidden.set(playerId, settled)
    }
  }

  #heldNow(playerId: string): Left | undefined {
    const { shape, id } = this.#board
    const keys = new BoardKeys(id)
    const player = readStoredPlayer(this.#reader, { keys, playerId, shape })
    if (player === undefined) return undefined
    return { score: player.score, atMicros: atMicrosOf(player, shape), metadata: OPEN_METADATA }
  }

  #apply(event: BoardEvent): void {
    switch (event.kind) {
      case 'run':
        this.#submit(event.seq, event.run)
        break
      case 'remove':
        this.#visible.delete(event.playerId)
        this.#hidden.delete(event.playerId)
        this.#unknown.delete(event.playerId)
        break
      case 'ban':
        this.#hide(event.playerId)
        break
      case 'unban':
        this.#show(event.playerId)
        break
      case 'move':
        this.#move(event)
        break
      // These say what the replay finds by itself.
      case 'undo':
      case 'pushedOut':
        break
    }
  }

  // Who had an entry, and who lost it, is taken from the records: those of erased persons say it no more.
  #recall(event: BoardEvent): void {
    if (event.kind === 'pushedOut') for (const id of event.playerIds) this.#visible.delete(id)
    else if (event.kind === 'move' && !event.hadEntry) this.#visible.delete(event.from)
    else if (event.kind === 'run' && !event.run.isHidden) this.#recallRun(event.run)
    else this.#apply(event)
  }

  #recallRun(run: RunOfEvent): void {
    const { playerId } = run
    const place = this.#visible.get(playerId) ?? this.#hidden.get(playerId)
    this.#hidden.delete(playerId)
    this.#visible.delete(playerId)
    if (run.hasNoPlace) return
    const held = beginsFromNothing(run) ? undefined : place
    this.#visible.seat(playerId, replayed(this.#board, { playerId, run, held }))
    const pushedOut = run.tail.get(RUN_TAG.PUSHED_OUT)
    if (pushedOut === undefined) return
    for (const id of idsIn(decodeJson(pushedOut.toString()))) this.#visible.delete(id)
  }

  #submit(seq: number, run: RunOfEvent): void {
    // A run that is undone is passed over, by this undo or by an earlier one: the entry is what the others make of it.
    if (this.#turned.get(seq)?.isUndone ?? isUndone(run)) return
    const { playerId } = run
    if (run.isHidden) {
      this.#hide(playerId)
      const held = this.#hidden.get(playerId)
      this.#hidden.set(playerId, replayed(this.#board, { playerId, run, held }))
      return
    }
    if (this.#hidden.has(playerId)) this.#show(playerId)
    const held = this.#visible.get(playerId)
    this.#visible.enter(playerId, replayed(this.#board, { playerId, run, held }), seq)
  }

  #hide(playerId: string): void {
    const held = this.#visible.get(playerId)
    if (held === undefined) return
    this.#visible.delete(playerId)
    this.#hidden.set(playerId, held)
  }

  #show(playerId: string): void {
    const held = this.#hidden.get(playerId)
    if (held === undefined) {
      // What the ban hid is not known: the player cannot come back, unless a full board had no place anyway.
      if (this.#unknown.has(playerId) && !this.#visible.isFull()) this.lost.add(playerId)
      return
    }
    this.#hidden.delete(playerId)
    this.#visible.enter(playerId, held, undefined)
  }

  #move({ seq, from, to }: Move): void {
    // Runs before a move are those of the receiver from then on, and so is what becomes of them.
    for (const [turn, owner] of this.#ownerOfTurn)
      if (turn < seq && owner === from) this.#ownerOfTurn.set(turn, to)
    const one = this.#visible.get(from)
    const other = this.#visible.get(to)
    if (one === undefined) return
    this.#receivers.add(to)
    this.#visible.delete(from)
    if (other === undefined) {
      this.#visible.seat(to, one)
      return
    }
    const { score, atMicros, source } = mergeHeld(this.#board, one, other)
    const [first, second] = source === 'from' ? [one, other] : [other, one]
    const spare = this.#board.mode === 'increment' ? second.metadata : undefined
    this.#visible.seat(to, { score, atMicros, metadata: first.metadata ?? spare })
  }

  // A ban does not reach seasons that are sealed.
  #isBanned(playerId: string): boolean {
    const board = this.#board
    if (!isSeasonWithRuns(board))
      return bansOn(this.#reader, { playerId, boardId: board.id }).length > 0
    const { player } = knownOf(this.#reader, board, playerId)
    if (player !== undefined) return player.record.isHidden === true
    return bansOn(this.#reader, { playerId, boardId: board.parent.id }).length > 0
  }

  // No event says what they are: they were there before the first one, and are still there unless the
  // player left meanwhile, or a run took them away.
  #metadataOf(playerId: string, known: Known): string | undefined {
    this.#disturbed ??= disturbedBy(this.#events.events)
    const record = known.player?.record ?? known.away
    const isAsWritten = !this.#events.hasUndo && !this.#disturbed.has(playerId)
    if (record !== undefined && isAsWritten) return record.metadata
    return this.#metadataBefore(playerId, known)
  }

  // Where no undo and no move came in between, the player's own runs tell.
  #metadataBefore(playerId: string, known: Known): string | undefined {
    const { first } = this.#events
    const { keep, id } = this.#board
    const ofBoard = readHistory(this.#reader, new BoardKeys(id).prefix)
    const turned = ofBoard && seqIn(ofBoard.tail, HISTORY_TAG.TURNED)
    const hasMoved = known.history?.tail.has(HISTORY_TAG.MOVED) === true
    if (keep !== undefined && !hasMoved && (turned === undefined || turned >= first))
      return this.#metadataByRuns(playerId)
    return this.#before().metadataOf(playerId)
  }

  // The board as it was at first: all that the log knows of the time before, made again.
  #before(): BoardReplay {
    if (this.#earlier !== undefined) return this.#earlier
    const [span, oldest] = [this.#span, this.#span.first]
    const events = eventsOf(this.#reader, this.#board, { span, oldest })
    const earlier = new BoardReplay(this.#reader, this.#board, { span, turns: [], events })
    earlier.runUntil(this.#events.first)
    this.#earlier = earlier
    return earlier
  }

  #metadataByRuns(playerId: string): string | undefined {
    const runs: RunOfEvent[] = []
    for (const { run } of runsOf(
      this.#reader,
      { board: this.#board, playerId },
      this.#events.first,
    )) {
      if (!isUndone(run)) runs.push(run)
      if (beginsFromNothing(run)) break
    }
    let held: Left | undefined
    for (const run of runs.reverse()) held = replayed(this.#board, { playerId, run, held })
    return held?.metadata
  }

  #givenName(playerId: string): string | undefined {
    for (const { run } of runsOf(this.#reader, { board: this.#board, playerId }))
      if (run.name !== undefined) return run.name === playerId ? undefined : run.name
    return undefined
  }
}

type Move = Extract<BoardEvent, { kind: 'move' }>
type RunOfEvent = Extract<BoardEvent, { kind: 'run' }>['run']
