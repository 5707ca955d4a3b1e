/**
 * The settings of a window, complete or without what is usual.
 *
 *     name, every            always         value      score
 *     timeZone, startAt,     those that     graceMs    600000
 *     weekday, day           every has      finals     false
 *                                           mode, retain, keep: none
 *
 * ON DISK: what is usual is not stored, so it can never change. Calendars are stored whole.
 *
 * @module
 */

import type { AskedWindow, Calendar, NamedWindow, WindowSpec } from '../words/index.ts'

/** What the settings of a window are if nothing is said of them. */
export const USUAL_WINDOW: Readonly<Omit<WindowSpec, 'name' | 'calendar'>> = {
  mode: undefined,
  value: 'score',
  graceMs: 600_000,
  retain: undefined,
  finals: false,
  keep: undefined,
}

const USUAL_NAMES = Object.keys(USUAL_WINDOW) as (keyof typeof USUAL_WINDOW)[]
const CALENDAR_NAMES = ['every', 'timeZone', 'startAt', 'weekday', 'day'] as const

/** Settings as they are stored: a whole calendar, and what else is not usual. */
export interface StoredWindow extends NamedWindow {
  every: Calendar['every']
}

/** Returns all settings of a window that is asked for, those that are not said the usual ones. */
export function fullWindow(asked: AskedWindow): WindowSpec {
  const { name, calendar } = asked
  return { name, calendar, ...othersOf(asked) }
}

/** Returns the settings of a window as they are stored, always in the same order. */
export function shortWindow(spec: WindowSpec): StoredWindow {
  const { name, calendar } = spec
  const others = USUAL_NAMES.filter((field) => spec[field] !== USUAL_WINDOW[field])
  return { name, ...calendar, ...Object.fromEntries(others.map((field) => [field, spec[field]])) }
}

/** Returns all settings of a window that was stored. */
export function windowOf(stored: StoredWindow): WindowSpec {
  const fields = CALENDAR_NAMES.filter((field) => stored[field] !== undefined)
  const calendar = Object.fromEntries(fields.map((field) => [field, stored[field]]))
  return { name: stored.name, calendar: calendar as unknown as Calendar, ...othersOf(stored) }
}

function othersOf(
  given: Pick<AskedWindow, keyof typeof USUAL_WINDOW> | StoredWindow,
): Omit<WindowSpec, 'name' | 'calendar'> {
  const said = USUAL_NAMES.filter((field) => given[field] !== undefined)
  return { ...USUAL_WINDOW, ...Object.fromEntries(said.map((field) => [field, given[field]])) }
}
