/**
 * The routes of calls that have none of their own: from the table of calls alone. A new call is served
 * without a line here.
 *
 *     board question            GET  /boards/{board}/score-at?rank=10
 *     … about a player          GET  /boards/{board}/players/{playerId}/gap
 *     … that takes a list       POST /boards/{board}/ranks
 *     board change              POST /boards/{board}/take
 *     store question, change    GET  /bans · POST /undo · POST /players/{playerId}/erase
 *
 * Whatever is not an object is answered as `{ "result": … }`.
 *
 * @module
 */

import {
  CALLS,
  type Call,
  type CallFields,
  type CallName,
  makeNamedCall,
} from '../../calls/index.ts'
import { LIST_BODY_BYTES_MAX } from '../limits.ts'
import { AbsentError } from '../problem.ts'
import { type Asked, boardOf, questionFields, type Route, routeOf } from './route.ts'

/** Questions whose answer is not that of a commit alone. */
const LIVE: readonly CallName[] = ['stats', 'metrics', 'windows', 'seasons', 'finals']

/** Options that name files of the server's machine. */
const PATHS: readonly string[] = ['backups']

/** Returns the route of a call. */
export function derivedRoute(name: CallName): Route {
  const call: Call = CALLS[name]
  const { owner, kind, does } = call
  const isOfPlayer = Object.keys(call.arguments)[0] === 'playerId'
  const fields = questionFields(name, [...(isOfPlayer ? ['playerId'] : []), ...PATHS])
  const isAsked = kind === 'question' && !hasList(fields)
  const path = `${owner === 'board' ? '/boards/{board}' : ''}${isOfPlayer ? '/players/{playerId}' : ''}`
  const required = requiredOf(call, fields)
  return routeOf(isAsked ? 'GET' : 'POST', `${path}/${kebab(name)}`, {
    ...{ calls: [name], does, answer: name },
    ...(isAsked ? { query: fields, required } : { body: { fields, required } }),
    ...(isAsked ? {} : { bodyBytesMax: LIST_BODY_BYTES_MAX }),
    isLook: kind === 'question' && !LIVE.includes(name),
    run: (asked) => settled(runCall(name, asked), (answer) => wrapped(answer, asked)),
  })
}

/** Makes a call with what a request gives. */
export function runCall(name: CallName, asked: Asked): unknown {
  const { store, path, given } = asked
  const takesSignal = Object.hasOwn(CALLS[name].options ?? {}, 'signal')
  const signal = takesSignal && CALLS[name].kind === 'question' ? asked.signal() : undefined
  const target = CALLS[name].owner === 'board' ? boardOf(asked) : store
  return makeNamedCall(target, name, {
    given: { ...given, ...path, board: given['board'] },
    signal,
  })
}

/** Passes on an answer that is there, or that is yet to come. */
export function settled<T>(answer: unknown, then: (answer: unknown) => T): T | Promise<T> {
  return answer instanceof Promise ? answer.then(then) : then(answer)
}

/** Returns the error of a player who is not on the board. */
export function absentPlayer({ path }: Pick<Asked, 'path'>): AbsentError {
  const { playerId, board } = path
  const place = board === undefined ? 'anywhere in the store' : `on board "${board}"`
  return new AbsentError(`Cannot find player "${playerId}": nothing of the player is ${place}`)
}

function wrapped(answer: unknown, asked: Asked): unknown {
  if (answer === undefined && asked.path['playerId'] !== undefined) throw absentPlayer(asked)
  const isObject = typeof answer === 'object' && answer !== null && !Array.isArray(answer)
  return isObject ? answer : { result: answer }
}

function hasList(fields: CallFields): boolean {
  return Object.values(fields).some(({ type, choices }) => type === 'list' && choices === undefined)
}

function requiredOf(call: Call, fields: CallFields): string[] {
  const { optional = [], required = [] } = call
  const needed = [...Object.keys(call.arguments), ...required]
  return needed.filter((name) => Object.hasOwn(fields, name) && !optional.includes(name))
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
