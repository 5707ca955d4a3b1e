/**
 * What the words of a command line stand for; a word that stands for nothing is wrong use.
 *
 * @module
 */

import { InvalidArgumentError } from 'commander'

/** What times may look like, for the help of commands that take one. */
export const TIMES =
  'Times are milliseconds since 1970, or ISO 8601, which is UTC if it says no offset.'

/** The port that is served at, if no other is named. */
export const PORT = 7350

const PORT_MAX = 65_535

const INTERVAL_MS_MIN = 10
const INTERVAL_MS_MAX = 2 ** 31 - 1

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** Returns a whole number, 0 or more. */
export function parseWhole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}

/** Returns a port to listen at. */
export function parsePort(text: string): number {
  const port = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (port <= PORT_MAX) return port
  throw new InvalidArgumentError(`It must be 0 to ${PORT_MAX}.`)
}

/** Returns a place, which counts from 1. */
export function parsePlace(text: string): number {
  const place = parseWhole(text)
  if (place > 0) return place
  throw new InvalidArgumentError('Places count from 1.')
}

/** Returns how many, at least one. */
export function parseCount(text: string): number {
  const count = parseWhole(text)
  if (count > 0) return count
  throw new InvalidArgumentError('It must be 1 or more.')
}

/** Returns a number of days, whole or not. */
export function parseDays(text: string): number {
  const days = DECIMAL.test(text) ? Number(text) : Number.NaN
  if (days >= 0 && days < Infinity) return days
  throw new InvalidArgumentError('It must be a number of days, 0 or more.')
}

/** Returns a pace in milliseconds that neither hurries nor overflows a timer. */
export function parseInterval(text: string): number {
  const ms = parseWhole(text)
  if (ms >= INTERVAL_MS_MIN && ms <= INTERVAL_MS_MAX) return ms
  throw new InvalidArgumentError(
    `It must be ${INTERVAL_MS_MIN} to ${INTERVAL_MS_MAX} milliseconds.`,
  )
}

const AGE_UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Returns an age in milliseconds from a number and its unit, like 26h. */
export function parseAge(text: string): number {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d)$/.exec(text) ?? []
  const ms = Number(number) * (AGE_UNITS_MS[unit ?? ''] ?? Number.NaN)
  if (ms > 0) return ms
  throw new InvalidArgumentError('It must be a number with a unit: 90m, 26h or 2d.')
}

/** Returns a span of time in milliseconds, which may be 0: a number and its unit, like 10m. */
export function parseSpan(text: string): number {
  return /^0[smhd]?$/.test(text) ? 0 : Math.round(parseAge(text))
}

/** Returns a share in percent. */
export function parseShare(text: string): number {
  const share = DECIMAL.test(text) ? Number(text) : Number.NaN
  if (share > 0 && share <= 100) return share
  throw new InvalidArgumentError('It must be above 0 and at most 100.')
}

/** Adds pairs like `playerId=Player,score=Pts` to those before them. */
export function parsePairs(
  text: string,
  before: Record<string, string> = {},
): Record<string, string> {
  const pairs = { ...before }
  for (const pair of text.split(',')) {
    const [, name, value] = /^\s*([^=]+?)\s*=(.*)$/.exec(pair) ?? []
    if (name === undefined || value === undefined || value.trim() === '')
      throw new InvalidArgumentError('It must be like playerId=Player,score=Pts.')
    pairs[name] = value.trim()
  }
  return pairs
}

/** Adds seasons by their windows, like `month=2026-11`, to those before them. An id may hold anything. */
export function parseSeasons(
  text: string,
  before: Record<string, string> = {},
): Record<string, string> {
  const seasons = { ...before }
  for (const pair of text.split(/,(?=[a-z0-9][\w-]*=)/i)) {
    const [, window, season] = /^([a-z0-9][\w-]*)=(.+)$/is.exec(pair) ?? []
    if (window === undefined || season === undefined)
      throw new InvalidArgumentError('It must be like month=2026-11.')
    seasons[window] = season
  }
  return seasons
}

/** Returns what separates fields, which may be named. */
export function parseDelimiter(text: string): string {
  const named: Record<string, string> = {
    tab: '\t',
    '\\t': '\t',
    comma: ',',
    semicolon: ';',
    pipe: '|',
    space: ' ',
  }
  return named[text.toLowerCase()] ?? text
}

/** Returns how scores are written: a word for all of them, or pairs by column. */
export function parseScoreFormat(
  text: string,
  before?: string | Record<string, string>,
): string | Record<string, string> {
  if (!text.includes('=')) return text
  return parsePairs(text, typeof before === 'object' ? before : {})
}
