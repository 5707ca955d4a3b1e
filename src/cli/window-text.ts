/**
 * Windows of a board on the command line: how they are written, and how they are shown.
 *
 * @module
 */

import { InvalidArgumentError } from 'commander'
import { parseJson } from '../calls/index.ts'
import type { WindowAlteration, WindowAlterations, WindowInput, WindowSettings } from '../index.ts'
import { CliError } from './failures.ts'
import { formatAge, formatNumber } from './output.ts'
import { printable } from './text.ts'

/** What a window can say, for the help. */
export const WINDOW_HELP = `
A window is a word, or JSON like '{"name":"cup","every":"manual"}' with every
(day, week, month, year, manual, { hours, from } or { cron }), timeZone,
startAt, weekday, day, mode, value, graceMs, retain, finals, keep.`

/** Returns a window as it was written: the word of its `every`, or JSON of its settings. */
export function parseWindow(text: string): WindowInput {
  if (!text.trimStart().startsWith('{')) return text as WindowInput
  try {
    return parseJson(text) as WindowSettings
  } catch (cause) {
    throw new InvalidArgumentError(
      `It must be a word like month, or JSON like '{"name":"sprint","every":{"cron":"0 4 * * 1"}}': ${(cause as Error).message}.`,
    )
  }
}

/** Adds a window to those before it. */
export function addWindow(text: string, before: WindowInput[] = []): WindowInput[] {
  return [...before, parseWindow(text)]
}

/** What becomes of one window of a board that is altered. */
export type WrittenWindow = { add: WindowInput } | { remove: string }

/** Adds a window that is added or altered to the changes before it. */
export function addChange(text: string, before: WrittenWindow[] = []): WrittenWindow[] {
  return [...before, { add: parseWindow(text) }]
}

/** Adds a window that is taken away to the changes before it. */
export function addRemoval(name: string, before: WrittenWindow[] = []): WrittenWindow[] {
  return [...before, { remove: name }]
}

/** Returns the changes as the library takes them, by the names of the windows. */
export function alterationsOf(changes: readonly WrittenWindow[]): WindowAlterations {
  const named = changes.map((change): [string, WindowAlteration | null] => {
    if ('remove' in change) return [change.remove, null]
    const settings = typeof change.add === 'string' ? { every: change.add } : change.add
    const { name = settings.every, ...others } = settings
    if (typeof name === 'string') return [name, others]
    throw new CliError('USAGE', 'Cannot alter this window: it has no name; give one in its JSON')
  })
  return Object.fromEntries(named)
}

/** Returns the settings of a window in words; those that are usual are left out. */
export function describeWindow(window: Partial<WindowSettings>): string {
  const { every, timeZone, startAt, weekday, day, mode, value } = window
  const { graceMs, retain, finals, keep } = window
  return [
    everyText(every),
    ...(timeZone === undefined ? [] : [timeZone]),
    ...(weekday === undefined ? [] : [`from ${weekday}`]),
    ...(day === undefined ? [] : [`from day ${day}`]),
    ...(startAt === undefined ? [] : [`at ${startAt}`]),
    ...(mode === undefined ? [] : [mode]),
    ...(value === undefined ? [] : [value]),
    ...(keep === undefined ? [] : [`the best ${formatNumber(keep)}`]),
    ...(graceMs === undefined ? [] : [`grace ${formatAge(graceMs)}`]),
    ...(retain === undefined ? [] : [`retain ${formatNumber(retain)}`]),
    ...(finals === true ? ['finals'] : []),
  ].join(', ')
}

function everyText(every: WindowSettings['every'] | undefined): string {
  if (every === undefined) return ''
  if (typeof every === 'string') return every === 'manual' ? 'manual' : `every ${every}`
  return 'cron' in every ? `cron ${printable(every.cron)}` : `every ${every.hours} h`
}
