/**
 * Reads rows of NDJSON: one object a line, with the columns as keys; `null` means "not given".
 *
 * @module
 */

import { checkScore } from '../../calls/scores.ts'
import { plainShape, type ScoreShape } from '../../format/score-shape.ts'
import type { Score } from '../../words/index.ts'
import { type Row, type RowParser, RowProblem, type RowRules, rowColumns } from './rows.ts'
import {
  atOfValue,
  checkColumn,
  checkText,
  encodingOf,
  excerpt,
  kindOf,
  metadataText,
  parseObject,
  parseScore,
  toText,
} from './rows-fields.ts'

const PLAIN = plainShape('descending')
const COLUMNS = rowColumns(PLAIN)
const NUMBER = /-?\d[\d.eE+-]*/g

/** Parses NDJSON. */
export class NdjsonParser implements RowParser {
  line = 1
  readonly #rules: RowRules

  constructor(rules: RowRules) {
    this.#rules = rules
  }

  *parse(block: Buffer): Generator<() => Row> {
    const encoding = encodingOf(block)
    for (const line of block.toString(encoding).split('\n').slice(0, -1)) {
      if (line.trim() !== '')
        yield () => rowOf(toText(line, encoding), { line: this.line, rules: this.#rules })
      this.line++
    }
  }

  end(): void {}
}

function rowOf(json: string, place: { line: number; rules: RowRules }): Row {
  const { line, rules } = place
  const { shape, atUnit } = rules
  const object = parseObject('the line', json)
  for (const column in object) checkColumn(column, COLUMNS)
  const { playerId, score, name = null, at = null, metadata = null } = object
  if (typeof playerId !== 'string') throw wrongType('playerId', playerId, 'a string')
  if (typeof name !== 'string' && name !== null) throw wrongType('name', name, 'a string')
  if (typeof at !== 'number' && typeof at !== 'string' && at !== null)
    throw wrongType('at', at, 'milliseconds since 1970, or ISO 8601')
  return {
    line,
    playerId: checkUnicode('playerId', playerId),
    score: scoreOf(score, { json, shape }),
    name: name === null ? undefined : checkUnicode('name', name),
    at: at === null ? undefined : atOfValue(at, atUnit),
    metadata: metadata === null ? undefined : metadataOf(metadata),
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

// A score that is not a plain number follows the rules of the library.
function scoreOf(score: unknown, row: { json: string; shape: ScoreShape }): Score {
  const { json, shape } = row
  if (shape.isPlain && shape.type === 'number') {
    if (typeof score !== 'number') throw wrongType('score', score, 'a number')
    return checkDouble(score, json)
  }
  if (score === undefined) throw wrongType('score', score, '')
  const checked = checkedScore(score, shape)
  for (const cell of shape.cellsOf(checked)) if (typeof cell === 'number') checkDouble(cell, json)
  return checked
}

function checkedScore(score: unknown, shape: ScoreShape): Score {
  try {
    return checkScore(score, shape)
  } catch (error) {
    throw new RowProblem((error as Error).message, { cause: error })
  }
}

// JSON.parse() rounds, and Node 20 has no reviver that shows the text; so any number in the line that
// rounds to the score is looked at.
function checkDouble(score: number, json: string): number {
  if (Math.abs(score) < 2 ** 53) return score + 0
  for (const [text] of json.matchAll(NUMBER)) if (Number(text) === score) parseScore(text, PLAIN)
  return score
}

function metadataOf(metadata: unknown): string | null {
  if (kindOf(metadata) !== 'an object') throw wrongType('metadata', metadata, 'an object')
  return metadataText(metadata)
}
