/**
 * The rules of a board as they are stored on a server: for callers, and what the functions judge by, see rules.lua.
 *
 * @module
 */

import { plainShape, type ScoreShape } from '../../format/score-shape.ts'
import type { BoardRules, MaxGain, ScoreCell, Tier } from '../../words/index.ts'

/** A cell in JSON: digits of an integer, as JSON has no numbers of 64 bits. */
type StoredCell = number | string

type StoredRules = Omit<BoardRules, 'min' | 'max' | 'maxGain' | 'tiers'> & {
  min?: StoredCell
  max?: StoredCell
  maxGain?: Omit<MaxGain, 'by'> & { by: StoredCell }
  tiers?: readonly (Omit<Tier, 'score'> & { score?: StoredCell })[]
}

/** An alteration of rules, as texts: those that it was planned from, those to be, and what of these is judged. */
export interface RulesChange {
  before: string
  after: string
  judge: string
}

/** Returns rules as they are stored; empty if there are none. Those that are altered to one another and back are the same text. */
export function storedRules(rules: BoardRules): string {
  if (Object.keys(rules).length === 0) return ''
  const { min, max, maxGain, perMinute, players, tiers, writes } = rules
  return JSON.stringify({ min, max, maxGain, perMinute, players, tiers, writes }, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

/** Returns the text of the rules in the answer to the question for them. */
export function textOfRules(value: unknown): string {
  const [text] = value as [Buffer | null]
  return `${text ?? ''}`
}

/** Returns rules that were stored; `text` is empty if there are none. */
export function rulesOfText(text: string, shape: ScoreShape): BoardRules {
  if (text === '') return {}
  const { min, max, maxGain, tiers, ...others } = JSON.parse(text) as StoredRules
  const cell = (stored: StoredCell): ScoreCell =>
    shape.type === 'int64' ? BigInt(stored) : Number(stored)
  return {
    ...(min !== undefined && { min: cell(min) }),
    ...(max !== undefined && { max: cell(max) }),
    ...(maxGain !== undefined && { maxGain: { ...maxGain, by: cell(maxGain.by) } }),
    ...others,
    ...(tiers !== undefined && {
      tiers: tiers.map(({ score, ...tier }) =>
        score === undefined ? tier : { ...tier, score: cell(score) },
      ),
    }),
  }
}

/** Returns what the functions judge of rules; empty if there are none. */
export function judgeText(rules: BoardRules, shape: ScoreShape): string {
  if (Object.keys(rules).length === 0) return ''
  const { min, max, maxGain, perMinute, players, writes } = rules
  const halves = (cell: ScoreCell | undefined): [number, number] | undefined =>
    cell === undefined ? undefined : halvesOf(cell, shape)
  return JSON.stringify({
    ...{ min: halves(min), max: halves(max), by: halves(maxGain?.by), perMinute },
    ...(players === 'known' && { known: true }),
    ...(writes === 'closed' && { closed: true }),
  })
}

// In ascending order, whatever the order of the board is.
function halvesOf(cell: ScoreCell, { type }: ScoreShape): [number, number] {
  const shape = plainShape('ascending', type)
  const bytes = Buffer.alloc(shape.bytes)
  shape.write(bytes, 0, cell)
  return [bytes.readUInt32BE(0), bytes.readUInt32BE(4)]
}
