/**
 * Why a rule refused a submit: the function tells what it had found, and the rule of the embedded engine says the words.
 *
 * @module
 */

import {
  checkRange,
  judgedOf,
  judgeGain,
  tooManyOf,
  tooOften,
  unknownPlayer,
} from '../../domain/rules.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { LadderError } from '../../ground/errors.ts'
import type { SubmitRequest } from '../../words/index.ts'
import { headOf } from '../client/replies.ts'
import { rulesOfText } from './board-rules.ts'

/** What a function found: of which kind the rule is, the rules of the board, then what is needed of times. */
type FoundRule = readonly [kind: Buffer, rules: Buffer, ...(Buffer | number)[]]

/** Returns the error of a submit that a rule refused; `head` is that of the entry which there was. */
export function ruleError(
  submit: SubmitRequest,
  { head, found }: { head: Buffer | null; found: readonly unknown[] },
  shape: ScoreShape,
): LadderError {
  const [kind, text, ...numbers] = found as FoundRule
  const rules = rulesOfText(String(text), shape)
  const { perMinute = 0 } = rules
  const { playerId } = submit
  const [count = 0, lastMicros = 0, micros = 0] = numbers.map((number) => Number(String(number)))
  if (String(kind) === 'unknown') return unknownPlayer(playerId)
  if (String(kind) === 'many') return tooManyOf(playerId, { perMinute, total: count })
  if (String(kind) === 'rate') return tooOften(perMinute, { playerId, micros, lastMicros, count })
  const previous = head === null ? undefined : headOf(head, shape).score
  try {
    const { judged } = judgedOf(shape, submit, previous)
    checkRange(rules, shape, judged)
    judgeGain(rules, shape, judged)
  } catch (error) {
    if (error instanceof LadderError) return error
    throw error
  }
  return new LadderError(
    'CORRUPT',
    `Cannot submit for player "${playerId}": the server refuses it by a rule that takes it; see that its library is ours`,
  )
}
