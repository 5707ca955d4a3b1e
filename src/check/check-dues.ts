/**
 * What is due of seasons: all that follows from how they are, and nothing else. Invariant 24 of FORMAT.md.
 *
 * @module
 */

import type { SeasonPlace, SeasonRecord } from '../format/meta/season.ts'
import type { SeasonDue } from '../format/meta/season-due.ts'
import type { WindowRecord } from '../format/meta/window.ts'

/** A season as it is stored. */
export type DueSeason = SeasonPlace & SeasonRecord

/** Says what is wrong with something that is due, given the season that begins then. */
export function dueProblem(due: SeasonDue, season: DueSeason | undefined): string | undefined {
  const { kind, dueMicros } = due
  const { state, endMicros = Number.POSITIVE_INFINITY } = season ?? {}
  if (kind === 'close' && (state !== 'open' || endMicros !== dueMicros))
    return 'no open season ends then'
  if (kind === 'seal' && (state !== 'closed' || endMicros > dueMicros))
    return 'no closed season is sealed then'
  if (kind === 'hole' && state !== undefined && state !== 'coming')
    return 'the season is there already'
  return undefined
}

/** What a window must have noted as due; `dues` are those that it has. */
export interface DueWindow {
  window: WindowRecord
  seasons: readonly DueSeason[]
  dues: readonly SeasonDue[]
}

/** Yields what is not noted. */
export function* missingDues({ window, seasons, dues }: DueWindow): Generator<{
  season: DueSeason
  problem: string
}> {
  const { retiredBeforeMicros = Number.NEGATIVE_INFINITY, isGone, spec } = window
  const [first] = seasons
  const isLeaving = (season: DueSeason): boolean =>
    season.startMicros < retiredBeforeMicros &&
    (spec.calendar.every !== 'manual' || season.seasonBoardId !== 0)
  const leaving = isGone ? first : seasons.find(isLeaving)
  if (leaving !== undefined && !dues.some(({ kind }) => kind === 'retire'))
    yield { season: leaving, problem: 'it is going, and not due to be taken away' }
  if (isGone) return
  const begun = seasons.filter(({ state }) => state !== 'coming')
  for (const [i, season] of begun.entries()) {
    const { state, startMicros, endMicros } = season
    if (endMicros === undefined) continue
    const has = (kind: SeasonDue['kind'], from: number, to: number): boolean =>
      dues.some(
        (due) =>
          due.kind === kind &&
          due.startMicros === startMicros &&
          due.dueMicros >= from &&
          due.dueMicros <= to,
      )
    if (state === 'open' && !has('close', endMicros, endMicros))
      yield { season, problem: 'it is open, and not due to be closed at its end' }
    if (state === 'closed' && !has('seal', endMicros, Number.POSITIVE_INFINITY))
      yield { season, problem: 'it is closed, and not due to be sealed' }
    const next = begun[i + 1]
    if (next !== undefined && isMissing({ window, dues }, endMicros, next.startMicros))
      yield { season: next, problem: 'seasons are missing in front of it, and not due to be told' }
  }
}

// Whether seasons that passed unseen, from one instant up to another, are noted nowhere. In front of the first season
// lie those alone that imports made, and of those that are gone nothing need be told.
function isMissing(
  { window, dues }: Omit<DueWindow, 'seasons'>,
  fromMicros: number,
  toMicros: number,
): boolean {
  const { spec, sinceMicros, retiredBeforeMicros = fromMicros } = window
  if (spec.calendar.every === 'manual' || fromMicros <= sinceMicros) return false
  if (Math.max(fromMicros, retiredBeforeMicros) >= toMicros) return false
  return !dues.some(
    ({ kind, startMicros }) =>
      kind === 'hole' && startMicros >= fromMicros && startMicros < toMicros,
  )
}
