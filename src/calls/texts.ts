/**
 * Arguments that come as text, as URLs carry them.
 *
 * @module
 */

import { keepsDigits, parseJson } from './json.ts'
import { BOUND, type Kind } from './kinds.ts'
import { parseBound, parseScore, type ScoreLook } from './scores.ts'
import { parseTime } from './times.ts'
import { show } from './values.ts'

const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i

/**
 * Returns the value that a text stands for, by the kind of the argument: a number in digits, `true` or
 * `false`, a time as a number or as ISO 8601, a score as `board` has them, JSON for an object or a list. Whether
 * it is a value that the call takes is for the call to check. Cost: O(length).
 *
 * @throws {TypeError | RangeError} if it stands for none.
 * @example
 * valueOfText('10', { name: 'limit', kind: CALLS.page.options.limit }) // 10
 */
export function valueOfText(
  text: string,
  asked: { name: string; kind: Kind; board?: ScoreLook | undefined },
): unknown {
  const { name, kind } = asked
  if (kind.type === 'text') return text
  if (kind.takesNull === true && text === 'null') return null
  if (kind.type === 'number') return kind.isTime ? parseTime(text, name) : numberOfText(text, asked)
  if (kind.type === 'boolean') return booleanOfText(text, asked)
  if (kind.type === 'score') return scoreOfText(text, asked)
  return parseJson(text)
}

function scoreOfText(
  text: string,
  { name, kind, board }: { name: string; kind: Kind; board?: ScoreLook | undefined },
): unknown {
  if (board === undefined) return parseJson(text)
  return kind === BOUND ? parseBound(text, board, name) : parseScore(text, board, name)
}

function numberOfText(text: string, { name, kind }: { name: string; kind: Kind }): number {
  if (NUMBER.test(text) && keepsDigits(text)) return Number(text)
  throw new TypeError(`Cannot use ${show(text)} as ${name}: it must be ${kind.words}`)
}

function booleanOfText(text: string, { name, kind }: { name: string; kind: Kind }): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new TypeError(`Cannot use ${show(text)} as ${name}: it must be ${kind.words}`)
}
