/**
 * The row that a JSON object holds, with the columns as keys; `null` means "not given".
 *
 * The score of a board of several columns is an object in `score`, or stands in keys of their names.
 *
 * @module
 */

import { keepsDigits } from '../calls/json.ts'
import { checkScore } from '../calls/scores.ts'
import type { Score } from '../words/index.ts'
import { type Row, RowProblem, type RowRules, scoreColumns } from './rows.ts'
import { nameInFile, unknownColumn } from './rows-columns.ts'
import {
  atOfValue,
  checkText,
  excerpt,
  IGNORED_COLUMNS,
  kindOf,
  metadataText,
  parseObject,
} from './rows-fields.ts'
import { formatOfColumn, integerHint, scoreReadersOf } from './rows-scores.ts'

/** How an object begins that carries settings and is not a row. */
export const SETTINGS_START: RegExp = /^\{\s*"ladderdb"\s*:/

const JSON_NUMBER = /^-?(?:0|[1-9]\d{0,300})(?:\.\d{1,60})?$/

/** Reads the objects of one file. */
export class ObjectReader {
  readonly #rules: RowRules
  readonly #known: readonly string[]
  readonly #isRenamed: boolean
  #isFirst = true

  constructor(rules: RowRules) {
    this.#rules = rules
    const names = ['playerId', 'score', ...scoreColumns(rules.shape), 'name', 'at', 'metadata']
    this.#known = [...new Set(names)].map((column) => nameInFile(column, rules))
    this.#isRenamed = Object.keys(rules.columns).length > 0
  }

  /**
   * Returns the row, undefined for the settings in front of all rows.
   *
   * @throws {RowProblem} with what is wrong with the row.
   */
  rowOf(json: string, line: number): Row | undefined {
    const isSettings = this.#isFirst && SETTINGS_START.test(json)
    this.#isFirst = false
    if (isSettings) return undefined
    const object = parseObject('the row', json)
    for (const column in object) this.#checkKey(column)
    const playerId = this.#field(object, 'playerId')
    const name = this.#field(object, 'name') ?? null
    const at = this.#field(object, 'at') ?? null
    const metadata = this.#field(object, 'metadata') ?? null
    if (typeof playerId !== 'string') throw wrongType('playerId', playerId, 'a string')
    if (typeof name !== 'string' && name !== null) throw wrongType('name', name, 'a string')
    if (typeof at !== 'number' && typeof at !== 'string' && at !== null)
      throw wrongType('at', at, 'milliseconds since 1970, or ISO 8601')
    return {
      line,
      playerId: checkUnicode('playerId', playerId),
      score: this.#scoreOf(object),
      name: name === null ? undefined : checkUnicode('name', name),
      at: at === null ? undefined : atOfValue(at, this.#rules.atUnit),
      metadata: metadata === null ? undefined : metadataOf(metadata),
    }
  }

  #checkKey(key: string): void {
    if (this.#known.includes(key) || this.#rules.ignoreExtra) return
    if (IGNORED_COLUMNS.includes(key)) return
    throw unknownColumn(key, this.#rules)
  }

  #field(object: Record<string, unknown>, column: string): unknown {
    const name = this.#isRenamed ? nameInFile(column, this.#rules) : column
    return Object.hasOwn(object, name) ? object[name] : undefined
  }

  #scoreOf(object: Record<string, unknown>): Score {
    const { shape } = this.#rules
    let score = this.#field(object, 'score')
    if (score === undefined && !shape.isPlain) {
      const cells = scoreColumns(shape).map((column) => [column, this.#field(object, column)])
      if (cells.some(([, cell]) => cell !== undefined)) score = Object.fromEntries(cells)
    }
    if (score === undefined) throw wrongType('score', score, '')
    score = this.#timed(score)
    if (shape.isPlain && shape.type === 'number') {
      if (typeof score === 'string') throw textAsScore(score)
      if (typeof score !== 'number') throw wrongType('score', score, 'a number')
      return score + 0
    }
    return inScore(() => checkScore(score, shape))
  }

  // Times are texts; numbers beside them are what the text would stand for.
  #timed(score: unknown): unknown {
    if (this.#rules.scoreFormat === 'number') return score
    const { shape } = this.#rules
    const readers = scoreReadersOf(this.#rules)
    const columns = scoreColumns(shape)
    const read = (value: unknown, i: number): unknown => {
      const isTime = formatOfColumn(this.#rules, columns[i] as string) !== 'number'
      return isTime && typeof value === 'string' ? readers[i]?.(value) : value
    }
    if (shape.isPlain) return read(score, 0)
    if (kindOf(score) !== 'an object') return score
    const given = score as Record<string, unknown>
    const timed = columns.map((column, i) => [column, read(given[column], i)])
    return { ...given, ...Object.fromEntries(timed) }
  }
}

// Says the number as JSON has it, if the text is one.
function textAsScore(text: string): RowProblem {
  const isPlain = JSON_NUMBER.test(text) && keepsDigits(text)
  const remedy = isPlain ? `write ${text} without quotes` : 'write a number like 1500 or 12.5'
  return new RowProblem(
    `score is a string, ${excerpt(text)}: ${remedy}${isPlain ? '' : integerHint(text)}`,
    {
      column: 'score',
    },
  )
}

function wrongType(column: string, value: unknown, expected: string): RowProblem {
  if (value === undefined)
    return new RowProblem(`${column} is missing: give every row one`, { column })
  const what = typeof value === 'number' ? `the number ${value}` : kindOf(value)
  return new RowProblem(`${column} is ${what}: write ${expected}`, { column })
}

// JSON can escape half a surrogate pair, which UTF-8 cannot write.
function checkUnicode(column: 'playerId' | 'name', text: string): string {
  if (!/\p{Surrogate}/u.test(text)) return checkText(column, text)
  throw new RowProblem(
    `${column} ${excerpt(text)} holds half a surrogate pair: write whole characters`,
    { column },
  )
}

function inScore<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw new RowProblem((error as Error).message, { cause: error, column: 'score' })
  }
}

function metadataOf(metadata: unknown): string | null {
  if (kindOf(metadata) !== 'an object') throw wrongType('metadata', metadata, 'an object')
  return metadataText(metadata)
}
