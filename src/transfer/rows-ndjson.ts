/**
 * Reads rows of NDJSON: one object a line, with the columns as keys; `null` means "not given".
 *
 * @module
 */

import { type Row, type RowParser, RowProblem } from './rows.ts'
import {
  checkAt,
  checkColumn,
  checkText,
  encodingOf,
  excerpt,
  kindOf,
  parseObject,
  parseScore,
  toText,
} from './rows-fields.ts'

const NUMBER = /-?\d[\d.eE+-]*/g

/** Parses NDJSON. */
export class NdjsonParser implements RowParser {
  line = 1;

  *parse(block: Buffer): Generator<() => Row> {
    const encoding = encodingOf(block)
    for (const line of block.toString(encoding).split('\n').slice(0, -1)) {
      if (line.trim() !== '') yield () => rowOf(toText(line, encoding), this.line)
      this.line++
    }
  }

  end(): void {}
}

function rowOf(json: string, line: number): Row {
  const object = parseObject('the line', json)
  for (const column in object) checkColumn(column)
  const { playerId, score, name = null, at = null, metadata = null } = object
  if (typeof playerId !== 'string') throw wrongType('playerId', playerId, 'a string')
  if (typeof score !== 'number') throw wrongType('score', score, 'a number')
  if (typeof name !== 'string' && name !== null) throw wrongType('name', name, 'a string')
  if (typeof at !== 'number' && at !== null) throw wrongType('at', at, 'a number')
  return {
    line,
    playerId: checkUnicode('playerId', playerId),
    score: checkScore(score, json),
    name: name === null ? undefined : checkUnicode('name', name),
    at: at === null ? undefined : checkAt(at),
    metadata: metadata === null ? undefined : stringify(metadata),
  }
}

function wrongType(column: string, value: unknown, expected: string): RowProblem {
  if (value === undefined) return new RowProblem(`${column} is missing: give every row one`)
  return new RowProblem(`${column} is ${kindOf(value)}: write ${expected}`)
}

// JSON can escape half a surrogate pair, which UTF-8 cannot write.
function checkUnicode(column: 'playerId' | 'name', text: string): string {
  if (!/\p{Surrogate}/u.test(text)) return checkText(column, text)
  throw new RowProblem(
    `${column} ${excerpt(text)} holds half a surrogate pair: write whole characters`,
  )
}

// JSON.parse() rounds, and Node 20 has no reviver that shows the text; so any number in the line that
// rounds to the score is looked at.
function checkScore(score: number, json: string): number {
  if (Math.abs(score) < 2 ** 53) return score + 0
  for (const [text] of json.matchAll(NUMBER)) if (Number(text) === score) parseScore(text)
  return score
}

function stringify(metadata: unknown): string {
  if (kindOf(metadata) !== 'an object') throw wrongType('metadata', metadata, 'an object')
  try {
    return JSON.stringify(metadata)
  } catch (error) {
    // JSON.parse() takes any depth, but this one recurses.
    throw new RowProblem('metadata is nested too deeply: flatten it', { cause: error })
  }
}
