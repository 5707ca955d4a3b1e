/**
 * Undo: runs are marked, and everything on their boards happens again.
 *
 * @module
 */

import type { UndoOptions } from '../../src/index.ts'
import { boardNamed, boardsOf, note, pruneNames, setName } from './submits.ts'
import {
  again,
  type Board,
  type Held,
  ModelError,
  type Run,
  runsOf,
  scoreOf,
  storedOf,
  type World,
} from './world.ts'

interface Turn {
  board: Board
  run: Run
  isUndone: boolean
}

/** What an undo answers, without names. */
export interface Undone {
  seq: number | null
  count: number
  changes: unknown[]
  lost: unknown[]
  partial?: true
  skipped?: string[]
}

/** Undoes runs. */
export function undo(world: World, options: UndoOptions): Undone {
  const { board, playerId, seqs, expectedSeq, reason, actor } = options
  const seq = world.log.length + 1
  if (expectedSeq !== undefined && expectedSeq !== seq) throw new ModelError('CONDITION_FAILED')
  if (board !== undefined && boardNamed(world, board).kind.log === 'none')
    throw new ModelError('LOG_OFF')
  const turns = chosen(world, options)
  const boards = boardsOf(world).filter((one) => turns.some((turn) => turn.board === one))
  const before = boards.map((one) => entriesOf(one))
  for (const { run, isUndone } of turns) run.isUndone = isUndone
  for (const one of boards) again(one, one.isThinned ? firstOf(world, one, turns) : 0)
  const changes = boards.flatMap((one, i) => changesOf(one, before[i] as Entries))
  const isWide = board === undefined && seqs === undefined
  const skipped = boardsOf(world)
    .filter((one) => isWide && one.kind.log === 'none')
    .filter((one) => playerId === undefined || storedOf(one, playerId) !== undefined)
    .map(({ name }) => name)
  if (turns.length > 0) {
    const [undid, revived] = [true, false].map((isUndone) =>
      turns
        .filter((turn) => turn.isUndone === isUndone)
        .map(({ run }) => run.seq)
        .sort((a, b) => a - b),
    ) as [number[], number[]]
    note(world, 'undo', {
      ...{ board, playerId, reason, actor, count: turns.length },
      ...(undid.length > 0 && { seqs: undid }),
      ...(revived.length > 0 && { revived }),
    })
    world.undos.set(seq, {
      turns: turns.map((turn) => ({ seq: turn.run.seq, isUndone: turn.isUndone })),
      boards: new Set(boards.map(({ name }) => name)),
      changes: changes as { board: string; playerId: string }[],
    })
    for (const { run, isUndone } of turns) {
      run.turned = seq
      const record = world.log[run.seq - 1] as Record<string, unknown>
      if (isUndone) record['undone'] = seq
      else delete record['undone']
    }
  }
  for (const [i, one] of boards.entries()) {
    pruneNames(one)
    nameReturned(world, one, before[i] as Entries)
  }
  return {
    ...{ seq: turns.length > 0 ? seq : null, count: turns.length, changes, lost: [] },
    ...(boards.some(({ kind }) => kind.log === 'changes') && { partial: true }),
    ...(skipped.length > 0 && { skipped }),
  }
}

// Without an erased person a board can be made again from the oldest run on that is turned over, or that was
// since: what was there before it, the person had a part in.
function firstOf(world: World, { name }: Board, turns: readonly Turn[]): number {
  const own = turns.filter(({ board }) => board.name === name)
  let first = Math.min(...own.map(({ run }) => run.seq))
  for (;;) {
    const older = [...world.undos]
      .filter(([seq, { boards }]) => seq >= first && boards.has(name))
      .flatMap(([, undo]) => undo.turns.map(({ seq }) => seq))
      .filter((seq) => seq < first)
    if (older.length === 0) return first
    first = Math.min(...older)
  }
}

// Who comes back has the name of the profile, or else one of the names that the player had.
function nameReturned(world: World, board: Board, before: Entries): void {
  for (const playerId of entriesOf(board).keys()) {
    if (before.has(playerId)) continue
    const profile = world.profiles.get(playerId)
    if (profile === undefined) board.returned.add(playerId)
    else setName(board, playerId, profile.name)
  }
}

function chosen(world: World, options: UndoOptions): Turn[] {
  const { seqs } = options
  for (const seq of seqs ?? []) refuseOthers(world, seq, options)
  const turns: Turn[] = []
  for (const board of boardsOf(world))
    for (const run of runsOf(board)) {
      if (run.seq === 0 || !isAsked(board, run, options)) continue
      const isNamed = seqs === undefined || seqs.includes(run.seq)
      const isTurned = (seqs ?? []).some((seq) =>
        (world.undos.get(seq)?.turns ?? []).some(
          (turn) => turn.seq === run.seq && run.turned === seq && run.isUndone === turn.isUndone,
        ),
      )
      if (isTurned) turns.push({ board, run, isUndone: !run.isUndone })
      else if (isNamed && !run.isUndone) turns.push({ board, run, isUndone: true })
    }
  return turns
}

function refuseOthers(world: World, seq: number, { board }: UndoOptions): void {
  const record = world.log[seq - 1]
  if (record === undefined || !['submit', 'undo'].includes(record.kind))
    throw new ModelError('NOT_UNDOABLE')
  const isLiving = boardsOf(world).some((one) => runsOf(one).some((run) => run.seq === seq))
  if (record.kind === 'submit' && !isLiving && board === undefined)
    throw new ModelError('NOT_UNDOABLE')
}

function isAsked(board: Board, run: Run, options: UndoOptions): boolean {
  const { from = 0, to = Number.POSITIVE_INFINITY } = options
  return (
    (options.board === undefined || options.board === board.name) &&
    (options.playerId === undefined || options.playerId === run.owner) &&
    run.committed >= from * 1000 &&
    run.committed < to * 1000
  )
}

type Entries = Map<string, { held: Held; isHidden: boolean }>

function entriesOf(board: Board): Entries {
  const all: Entries = new Map()
  for (const [playerId, held] of board.visible) all.set(playerId, { held, isHidden: false })
  for (const [playerId, held] of board.hidden) all.set(playerId, { held, isHidden: true })
  return all
}

function changesOf(board: Board, before: Entries): unknown[] {
  const after = entriesOf(board)
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  return ids.flatMap((playerId) => {
    const [from, to] = [before, after].map((entries) => shown(board, entries.get(playerId)))
    const isSame = text(from) === text(to)
    return isSame ? [] : [{ board: board.name, playerId, from, to }]
  })
}

function shown({ kind }: Board, entry: ReturnType<Entries['get']>): unknown {
  if (entry === undefined) return null
  const { cells, micros, metadata } = entry.held
  return {
    ...{ score: scoreOf(kind, cells), at: micros / 1000 },
    ...(metadata !== undefined && { metadata }),
    ...(entry.isHidden && { hidden: true }),
  }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, cell: unknown) =>
    typeof cell === 'bigint' ? `${cell}n` : cell,
  )
}

/** Resolves a flag. */
export function resolve(
  world: World,
  seq: number,
  { verdict, actor }: { verdict: 'accepted' | 'undone'; actor?: string },
): boolean {
  if (!world.flags.has(seq)) return false
  const { board, playerId } = world.log[seq - 1] as Record<string, string>
  if (verdict === 'undone') undo(world, { seqs: [seq], ...(actor !== undefined && { actor }) })
  world.flags.delete(seq)
  note(world, 'resolve', { board, playerId, resolved: seq, verdict, actor })
  return true
}
