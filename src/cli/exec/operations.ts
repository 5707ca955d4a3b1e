/**
 * The operations of `exec`: the calls of the library that JSON can ask, from the table of calls.
 *
 * @module
 */

import {
  type NamedArguments as Arguments,
  CALLS,
  type Call,
  type CallFields,
  type CallName,
  isSeasoned,
  makeNamedCall,
  unknownName,
} from '../../calls/index.ts'
import { LadderError, type Leaderboards } from '../../index.ts'
import { type AnyBoard, type AnyStore, infoOf } from '../any-store.ts'

/** A store that a session works on: in a directory it answers at once. */
export interface ExecTarget {
  readonly store: Leaderboards | AnyStore
  /** Returns a board that is there; `mayMake` says that the first submit makes it. */
  board(name: string, mayMake: boolean): object | Promise<object>
}

/** What operations work on. */
export interface Session {
  target: ExecTarget
  /** The board that a line means. */
  board: string
  signal: AbortSignal
}

/** One operation. */
export interface Operation {
  name: CallName
  /** The names of its arguments, `board` aside. */
  names: readonly string[]
  /** Whether a board may be named that it is limited to; without one it is about the whole store. */
  mayTakeBoard: boolean
  /** Its arguments and options. */
  fields: CallFields
  /** Whether a board is what it asks or changes. */
  takesBoard: boolean
  /** Whether it can make the store. */
  makesStore: boolean
  /** Writes to boards go out without waiting for those before them; all else waits. */
  isWrite: boolean
}

/** The board that the first submit makes by itself. */
const DEFAULT_BOARD = 'default'

const SUBMITS: readonly CallName[] = ['submit', 'submitMany']
const MAKERS: readonly CallName[] = [...SUBMITS, 'createBoard', 'setProfile']

/** All operations, by their names. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  (Object.entries(CALLS) as [CallName, Call][])
    .filter(([, call]) => call.isRemote)
    .map(([name, call]) => [name, operationOf(name, call)]),
)

function operationOf(name: CallName, call: Call): Operation {
  const fields: CallFields = { ...call.arguments, ...call.options, ...call.whole }
  const names = Object.keys(fields).filter(
    (field) => fields[field]?.type !== 'host' && field !== 'board',
  )
  const isChange = call.kind === 'change'
  if (names.includes('submissions')) names.splice(1, 0, 'entries')
  if (isSeasoned(name)) names.push('window', 'season')
  return {
    name,
    fields,
    names,
    mayTakeBoard: call.owner === 'store' && Object.hasOwn(fields, 'board'),
    takesBoard: call.owner === 'board' || name === 'dropBoard',
    makesStore: MAKERS.includes(name),
    // Of boards that come and go the lines below must know. An erasure reads the log before it commits, and
    // takes all that the person has by then: what comes below it is not meant.
    isWrite: isChange && !takesBoardName(call) && name !== 'erase',
  }
}

/** Runs an operation; what it throws or rejects with is the answer. */
export function runOperation(session: Session, operation: Operation, given: Arguments): unknown {
  const { name } = operation
  const call: Call = CALLS[name]
  const named = withBoard(session, operation, given)
  const make = (callee: object): unknown =>
    makeNamedCall(callee, name, { given: named, signal: session.signal })
  if (call.owner === 'store') {
    const answer = make(session.target.store)
    return name === 'createBoard' ? infoLater(answer as Promise<AnyBoard>) : answer
  }
  const board = boardFor(session, operation)
  return board instanceof Promise ? board.then(make) : make(board)
}

// Of the calls that may be about the whole store one is so only from the log.
function withBoard({ board }: Session, { name }: Operation, given: Arguments): Arguments {
  if (takesBoardName(CALLS[name])) return { ...given, name: given['name'] ?? board }
  const isOfOne = name === 'rebuild' && given['from'] !== 'log'
  return isOfOne ? { ...given, board: given['board'] ?? board } : given
}

async function infoLater(board: Promise<AnyBoard>): Promise<unknown> {
  return infoOf(await board)
}

function takesBoardName({ owner, arguments: fields }: Call): boolean {
  return owner === 'store' && Object.keys(fields)[0] === 'name'
}

// `Leaderboards.board` stands for a board that is not there too: here only the default one may.
function boardFor({ target, board }: Session, { name }: Operation): object | Promise<object> {
  return target.board(board, board === DEFAULT_BOARD && SUBMITS.includes(name))
}

/** Returns a store in a directory as a target. */
export function targetOf(store: Leaderboards): ExecTarget {
  return {
    store,
    board: (name, mayMake) => {
      if (mayMake || store.hasBoard(name)) return store.board(name)
      throw noBoardYet(name)
    },
  }
}

/** Returns the error of a board that no line has made. */
export function noBoardYet(board: string): LadderError {
  return new LadderError(
    'NO_BOARD',
    `Cannot find board "${board}": it does not exist or was dropped; createBoard makes it`,
  )
}

/** @throws {TypeError} if an argument is not one of the operation's. */
export function checkNames({ name, names }: Operation, given: Arguments): void {
  for (const argument of Object.keys(given))
    if (!names.includes(argument))
      throw unknownName(argument, { names: [...names, 'board'], what: `arguments of ${name}` })
}
