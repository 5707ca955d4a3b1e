/**
 * What bans come to for their callers, whatever the engine.
 *
 * @module
 */

import { isoOf } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import { microsOfAt, timeOf } from './times.ts'

/** Returns when a ban ends, in microseconds; undefined: never. @throws {RangeError} if that is not later than now. */
export function untilMicrosOf(until: unknown, nowMicros: number): number | undefined {
  if (until === undefined) return undefined
  const untilMicros = microsOfAt(timeOf(until, 'until'))
  if (untilMicros > nowMicros) return untilMicros
  throw new RangeError(
    `Cannot use ${isoOf(untilMicros)} as until: it must be later than now, ${isoOf(nowMicros)}`,
  )
}

/** Returns the error of a submit that a ban refuses; `untilMicros` is 0 if it has no end. */
export function bannedError(
  playerId: string,
  { board, untilMicros }: { board: string; untilMicros: number },
): LadderError {
  const end = untilMicros === 0 ? '' : ` until ${isoOf(untilMicros)}`
  return new LadderError(
    'BANNED',
    `Cannot submit to board "${board}": player "${playerId}" is banned${end}; unban lifts it`,
  )
}

/** Returns the error of a move of one player to another, one of whom is banned. */
export function bannedMoveError(from: string, to: string, playerId: string): LadderError {
  return new LadderError(
    'BANNED',
    `Cannot move player "${from}" to "${to}": player "${playerId}" is banned; unban first`,
  )
}

/** @throws {RangeError} if both are the same. */
export function checkMoveApart(from: string, to: string): void {
  if (from === to)
    throw new RangeError(`Cannot move player "${from}" to itself: name another id as to`)
}
