/**
 * The operations of `exec`: the calls of the library that JSON can ask, from the table of calls.
 *
 * @module
 */

import {
  CALLS,
  type Call,
  type CallFields,
  type CallName,
  parseAt,
  parseTime,
  unknownName,
} from '../../calls/index.ts'
import {
  type AtUnit,
  LadderError,
  type Leaderboard,
  type Leaderboards,
  type Score,
} from '../../index.ts'

/** Arguments and options as they came, by their names. */
export type Arguments = Record<string, unknown>

/** What operations work on. */
export interface Session {
  store: Leaderboards
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

/** The older name of an argument. */
const ALIASES: Readonly<Record<string, string>> = { entries: 'submissions' }

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
  return {
    name,
    fields,
    names: names.includes('submissions') ? ['submissions', 'entries', ...names.slice(1)] : names,
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
  const call: Call = CALLS[operation.name]
  const named = prepared(session, call, given)
  const target = call.owner === 'store' ? session.store : boardFor(session, operation)
  const member = Reflect.get(target, operation.name) as unknown
  if (typeof member !== 'function') return member
  const values = Object.keys(call.arguments).map((name) => named[name])
  const options = optionsOf(session, call, named)
  if (call.whole !== undefined) checkWhole(call, named)
  if (call.whole !== undefined && named['board'] === undefined)
    return Reflect.apply(member, target, [named])
  const answer: unknown = Reflect.apply(member, target, [...values, ...options])
  return operation.name === 'createBoard' ? infoOf(answer as Promise<Leaderboard<Score>>) : answer
}

async function infoOf(board: Promise<Leaderboard<Score>>): Promise<unknown> {
  return (await board).info
}

function prepared(session: Session, call: Call, given: Arguments): Arguments {
  const named: Arguments = {}
  for (const [name, value] of Object.entries(given)) {
    const meant = ALIASES[name] ?? name
    if (meant in named)
      throw new TypeError(`Cannot take both ${meant} and ${name}: they mean the same, give one`)
    named[meant] = value
  }
  if (takesBoardName(call)) named['name'] ??= session.board
  const { submissions } = named
  if (!Array.isArray(submissions)) return withTime(withTimes(call, withSpan(call, named)))
  return { ...named, submissions: submissions.map((one) => withTime(withoutNulls(one))) }
}

function optionsOf(session: Session, call: Call, named: Arguments): [Arguments] | [] {
  if (call.options === undefined) return []
  const names = Object.keys(call.options).filter((name) => named[name] !== undefined)
  const options = Object.fromEntries(names.map((name) => [name, named[name]]))
  return ['signal' in call.options ? { ...options, signal: session.signal } : options]
}

// Without a board, a call that takes one speaks of the whole store, and has other options.
function checkWhole({ whole = {}, options = {} }: Call, named: Arguments): void {
  const { board, ...given } = named
  const [what, fields] = board === undefined ? ['the whole store', whole] : ['a board', options]
  for (const name of Object.keys(given))
    if (!Object.hasOwn(fields, name))
      throw new TypeError(
        `Cannot use ${name} for ${what}: it takes ${Object.keys(fields).join(', ')}; a line without board is about the whole store`,
      )
}

function takesBoardName({ owner, arguments: fields }: Call): boolean {
  return owner === 'store' && Object.keys(fields)[0] === 'name'
}

// `Leaderboards.board` stands for a board that is not there too: here only the default one may.
function boardFor(session: Session, { name }: Operation): Leaderboard<Score> {
  const { store, board } = session
  const isThere = store.hasBoard(board)
  if (isThere || (board === DEFAULT_BOARD && SUBMITS.includes(name)))
    return store.board(board) as Leaderboard<Score>
  throw new LadderError(
    'NO_BOARD',
    `Cannot find board "${board}": it does not exist or was dropped; createBoard makes it`,
  )
}

// Where they are times: other calls have players of these names.
function withSpan({ options = {} }: Call, named: Arguments): Arguments {
  const times = ['from', 'to'].filter(
    (name) => options[name]?.type === 'number' && typeof named[name] === 'string',
  )
  const read = times.map((name) => [name, parseTime(named[name] as string, name)])
  return { ...named, ...Object.fromEntries(read) }
}

// The other times than `at`, which alone has a unit.
function withTimes({ options = {} }: Call, named: Arguments): Arguments {
  const times = Object.entries(named).flatMap(([name, value]) => {
    const isText = typeof value === 'string' && options[name]?.isTime === true
    return isText ? [[name, parseTime(value, name)] as const] : []
  })
  return times.length === 0 ? named : { ...named, ...Object.fromEntries(times) }
}

// JSON has no dates: a time may come as a text of ISO 8601.
function withTime<T>(value: T): T {
  const { at, atUnit } = (value ?? {}) as { at?: unknown; atUnit?: AtUnit }
  if (typeof at !== 'string') return value
  return { ...value, at: parseAt(at, atUnit), atUnit: 'ms' }
}

/**
 * Returns the fields of a line or a submission that are given. Null means not given, unless it is a value of
 * its own in this call.
 */
export function withoutNulls<T>(value: T, fields: CallFields = CALLS.submit.options ?? {}): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const given = Object.entries(value).filter(
    ([name, field]) => field !== null || fields[name]?.takesNull === true,
  )
  return Object.fromEntries(given) as T
}

/** @throws {TypeError} if an argument is not one of the operation's. */
export function checkNames({ name, names }: Operation, given: Arguments): void {
  for (const argument of Object.keys(given))
    if (!names.includes(argument))
      throw unknownName(argument, { names: [...names, 'board'], what: `arguments of ${name}` })
}
