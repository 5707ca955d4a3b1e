/**
 * Windows of a board: how they are told and compared, and what of them can be altered.
 *
 * All that a season is made of is fixed, since its entries cannot be made again: calendar, mode and value.
 *
 * @module
 */

import { fullWindow, shortWindow, USUAL_WINDOW } from '../format/window-settings.ts'
import { LadderError } from '../ground/errors.ts'
import { WINDOWS_MAX } from '../ground/limits.ts'
import type {
  AlteredWindow,
  AskedWindow,
  Calendar,
  NamedWindow,
  WindowSpec,
} from '../words/index.ts'

const USUAL_CALENDAR: Partial<Calendar> = {
  timeZone: 'UTC',
  startAt: '00:00',
  weekday: 'monday',
  day: 1,
}
const ALTERABLE = ['graceMs', 'retain', 'finals', 'keep'] as const
const FIXED = ['mode', 'value'] as const

/** What messages say to do about a window that a board does not have, or has otherwise. */
export interface WindowRemedies {
  missing: string
  alterable: string
  fixed: string
}

/** What they say where windows can be altered. */
export const BY_ALTER: WindowRemedies = {
  missing: 'alter adds one',
  alterable: 'leave it out, or alter it',
  fixed: 'it is fixed; alter can remove the window and add one of another name',
}

/** Returns the settings of a window as they are told: those that are not usual only if so. */
export function windowSettings(spec: WindowSpec): NamedWindow {
  const usual: Record<string, unknown> = USUAL_CALENDAR
  const told = Object.entries(shortWindow(spec)).filter(([field, value]) => value !== usual[field])
  return Object.fromEntries(told) as unknown as NamedWindow
}

/**
 * Returns an error that names the first window that a caller asked for and the board does not have like that;
 * undefined if there is none. What the caller did not say may be anything.
 */
export function windowsError(
  board: string,
  stored: readonly WindowSpec[],
  asked: readonly AskedWindow[],
): LadderError | undefined {
  for (const one of asked) {
    const found = stored.find(({ name }) => name === one.name)
    if (found === undefined)
      return settingsDiffer(
        `Cannot open board "${board}": it was created without window "${one.name}"; ${BY_ALTER.missing}`,
      )
    const difference = differenceOf(found, one)
    if (difference === undefined) continue
    const { field, has, wants } = difference
    const remedy = isAlterable(field) ? BY_ALTER.alterable : BY_ALTER.fixed
    return settingsDiffer(
      `Cannot open board "${board}": ${field} of window "${one.name}" is ${has}, asked for ${wants}; ${remedy}`,
    )
  }
  return undefined
}

/**
 * Returns a window as it is after an alteration.
 *
 * @throws {LadderError} `SETTINGS_DIFFER` if it asks for something that is fixed, which the message names.
 * @throws {TypeError} if it gives a window of gains a `keep`.
 */
export function alterWindow(board: string, stored: WindowSpec, altered: AlteredWindow): WindowSpec {
  const { name, value } = stored
  const fixed = differenceOf(stored, { ...altered, ...NOTHING_ALTERABLE })
  if (fixed !== undefined)
    throw settingsDiffer(
      `Cannot alter ${fixed.field} of window "${name}" of board "${board}" from ${fixed.has} to ${fixed.wants}: it is fixed; remove the window and add one of another name`,
    )
  if (value === 'gain' && altered.keep != null)
    throw new TypeError(
      `Cannot use keep with value gain in window "${name}": a season then keeps what the board's scores rose by; leave it out`,
    )
  const changed = ALTERABLE.filter((field) => altered[field] !== undefined)
  const values = changed.map((field) => [field, altered[field] ?? USUAL_WINDOW[field]])
  return { ...stored, ...Object.fromEntries(values) }
}

/**
 * Returns a window that an alteration adds.
 *
 * @throws {TypeError} if nothing says when its seasons begin.
 */
export function addedWindow(board: string, altered: AlteredWindow): WindowSpec {
  const { calendar, graceMs, retain, finals, keep } = altered
  if (calendar === undefined)
    throw new TypeError(
      `Cannot add window "${altered.name}" to board "${board}" without every: give it one; the board has no such window yet`,
    )
  const others = { graceMs, retain, finals, keep }
  const given = Object.entries(others).map(([field, value]) => [field, value ?? undefined])
  return fullWindow({ ...altered, calendar, ...Object.fromEntries(given) } as AskedWindow)
}

/** @throws {RangeError} if a board would have too many windows. */
export function checkWindowCount(board: string, count: number): void {
  if (count <= WINDOWS_MAX) return
  throw new RangeError(
    `Cannot have ${count} windows on board "${board}": at most ${WINDOWS_MAX} are allowed; remove one first`,
  )
}

/** Returns the error for a window that a board does not have. */
export function noWindow(
  board: string,
  window: string,
  known: readonly string[],
  { missing }: Pick<WindowRemedies, 'missing'> = BY_ALTER,
): LadderError {
  const words =
    known.length === 0 ? 'it has none' : `it has ${known.map((name) => `"${name}"`).join(', ')}`
  return new LadderError(
    'NO_WINDOW',
    `Cannot find window "${window}" of board "${board}": ${words}; ${missing}`,
  )
}

/** Returns the error for a call that names none of the windows of a board; `action` says what it is to do. */
export function windowLeftOut(
  action: string,
  { board, known }: { board: string; known: readonly string[] },
  { missing }: Pick<WindowRemedies, 'missing'> = BY_ALTER,
): TypeError {
  const names = known.map((name) => `"${name}"`).join(', ')
  const words = known.length === 0 ? `none; ${missing}` : `${names}; give window`
  return new TypeError(`Cannot ${action} without a window: board "${board}" has ${words}`)
}

/** Where a season is looked for. */
interface SeasonName {
  board: string
  window: string
  season: string
}

/** Returns the error for a season that a window does not have. */
export function noSeason({ board, window, season }: SeasonName): LadderError {
  return new LadderError(
    'NO_SEASON',
    `Cannot find season "${season}" of window "${window}" of board "${board}": it does not exist or was removed; seasons() lists all`,
  )
}

/** Returns the error for a season that is to be started under an id that was used before. */
export function seasonExists({ board, window, season }: SeasonName): LadderError {
  return new LadderError(
    'SEASON_EXISTS',
    `Cannot start season "${season}" of window "${window}" of board "${board}": the id was used before; give each season its own`,
  )
}

/**
 * Returns the error for a submit that is meant for another season than the one that it goes to; `problem`
 * says why, like `"2026-12" is on`.
 */
export function seasonOver({ board, window, season }: SeasonName, problem: string): LadderError {
  return new LadderError(
    'SEASON_OVER',
    `Cannot submit to season "${season}" of window "${window}" of board "${board}": ${problem}; leave season out to submit to the current one`,
  )
}

const NOTHING_ALTERABLE = Object.fromEntries(
  ALTERABLE.map((field) => [field, undefined]),
) as Record<(typeof ALTERABLE)[number], undefined>

interface Difference {
  field: string
  has: string
  wants: string
}

// The first field that was said and that the window has otherwise.
function differenceOf(
  stored: WindowSpec,
  asked: Pick<AskedWindow, 'said' | 'mode' | 'value' | (typeof ALTERABLE)[number]>,
): Difference | undefined {
  const said: Record<string, unknown> = { ...asked.said }
  for (const field of [...FIXED, ...ALTERABLE])
    if (asked[field] !== undefined) said[field] = asked[field]
  const has: Record<string, unknown> = {
    ...USUAL_CALENDAR,
    ...stored.calendar,
    ...othersOf(stored),
  }
  const field = Object.keys(said).find((name) => text(said[name]) !== text(has[name]))
  if (field === undefined) return undefined
  return { field, has: text(has[field]), wants: text(said[field]) }
}

function othersOf(stored: WindowSpec): Record<string, unknown> {
  return Object.fromEntries([...FIXED, ...ALTERABLE].map((field) => [field, stored[field]]))
}

function text(value: unknown): string {
  if (value === undefined) return 'not set'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isAlterable(field: string): boolean {
  return (ALTERABLE as readonly string[]).includes(field)
}

function settingsDiffer(message: string): LadderError {
  return new LadderError('SETTINGS_DIFFER', message)
}
