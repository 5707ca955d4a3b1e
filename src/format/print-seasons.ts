/**
 * Windows, their seasons and finals as lines.
 *
 *     window 1 of board 1 → "month", every month, timeZone UTC, …, since …, behind record 3
 *     season of window 1 of board 1 from … → "2026-11", to …, open, number 2
 *     due …: close season of window 1 of board 1 from … → noted
 *     "month" "2026-11" (no entry before, rank 2, rank before 0, changed)
 *     final of player "ada" in window 1 of board 1 from … → "2026-10", to …, score 1500, …, ranks 1, 1, 1 of 9
 *
 * @module
 */

import type { Score, SubmitAnswer, WindowSpec } from '../words/index.ts'
import { readMicros } from './entry-key.ts'
import { decodeSeason, type SeasonPlace, seasonPlaceOf } from './meta/season.ts'
import { isSeasonDue, type SeasonDueKind, seasonDueOf } from './meta/season-due.ts'
import { decodeWindow, type WindowPlace, windowPlaceOf } from './meta/window.ts'
import { decodeFinal, finalPlaceOf } from './people/final.ts'
import { player, quote, scoreText, tailText, time } from './print-words.ts'
import { decodeRunWindows, type RunWindow } from './run-windows.ts'
import { plainShape, type ScoreShape } from './score-shape.ts'
import { shortWindow } from './window-settings.ts'

const UNKNOWN = plainShape('descending')

const DUE_WORDS: Readonly<Record<SeasonDueKind, string>> = {
  close: 'close season',
  seal: 'seal season',
  hole: 'make up seasons',
  retire: 'take away season',
}

/** Returns a key of a window, of a season or of what is due; undefined if it is not one. */
export function seasonKeyText(key: Buffer): string | undefined {
  const window = windowPlaceOf(key)
  if (window !== undefined) return placeText(window)
  const season = seasonPlaceOf(key)
  if (season !== undefined) return `season of ${seasonText(season)}`
  const due = seasonDueOf(key)
  return due && `due ${time(due.dueMicros)}: ${DUE_WORDS[due.kind]} of ${seasonText(due)}`
}

/** Returns the value of such a key; undefined if it is damaged. */
export function seasonValueText(key: Buffer, value: Buffer): string | undefined {
  if (windowPlaceOf(key) !== undefined) return windowText(key, value)
  if (seasonDueOf(key) !== undefined) return isSeasonDue(key, value) ? 'noted' : undefined
  const season = decodeSeason(key, value)
  if (season === undefined) return undefined
  const { seasonBoardId, endMicros, state, id, isImported, others } = season
  const words = [
    quote(id),
    endMicros === undefined ? 'without end' : `to ${time(endMicros)}`,
    state,
    ...(seasonBoardId === 0 ? [] : [`number ${seasonBoardId}`]),
    ...(isImported ? ['by an import'] : []),
  ]
  return `${words.join(', ')}${tailText(others)}`
}

/** Returns a key of a final; undefined if it is not one. */
export function finalKeyText(key: Buffer): string | undefined {
  const place = finalPlaceOf(key)
  return place && `final of ${player(Buffer.from(place.playerId))} in ${seasonText(place)}`
}

/** Returns the value of such a key; undefined if it is damaged. */
export function finalValueText(
  key: Buffer,
  value: Buffer,
  shape: ScoreShape | undefined,
): string | undefined {
  const { headBytes, bytes } = shape ?? UNKNOWN
  const final = decodeFinal(key, value, headBytes)
  if (final === undefined) return undefined
  const { endMicros, ordinal, competition, dense, size, season, others } = final
  const head = Buffer.from(final.head)
  const score = (shape ?? UNKNOWN).read(head, 0)
  if (score === undefined) return undefined
  const words = [
    quote(season),
    `to ${time(endMicros)}`,
    `score ${shape === undefined ? `±${Math.abs(score as number)}` : scoreText(score)}`,
    time(readMicros(head, bytes)),
    `ranks ${ordinal}, ${competition} and ${dense} of ${size}`,
  ]
  return `${words.join(', ')}${tailText(others)}`
}

/** Returns what a run did in seasons, each behind a comma, and nothing if that is damaged. */
export function runWindowsText(bytes: Buffer, scoreBytes: number, head: HeadText): string {
  const windows = decodeRunWindows(bytes, scoreBytes) ?? []
  return windows.map((window) => `, ${runWindowText(window, head)}`).join('')
}

/** Prints score and time. */
type HeadText = (head: Buffer) => string

function runWindowText(item: RunWindow, head: HeadText): string {
  const { window, season, before, ranks } = item
  const words = [
    before === undefined ? 'no entry before' : `before ${head(Buffer.from(before))}`,
    ...(ranks === undefined ? [] : [`rank ${ranks.rank}, rank before ${ranks.previousRank}`]),
    ...(item.isChanged ? ['changed'] : []),
    ...(item.hasNoPlace ? ['no place'] : []),
  ]
  return `${quote(window)} ${quote(season)} (${item.isSealed ? 'sealed' : words.join(', ')})`
}

/** Returns what a submit that is kept answered of seasons. */
export function windowAnswerTexts({ windows = {} }: SubmitAnswer<Score>): string[] {
  return Object.entries(windows).map(([window, { season, rank, sealed }]) => {
    const where = season === undefined ? 'no season' : quote(season)
    const place = sealed === true ? ' sealed' : rank === undefined ? '' : ` rank ${rank}`
    return `${quote(window)} ${where}${place}`
  })
}

function windowText(key: Buffer, value: Buffer): string | undefined {
  const window = decodeWindow(key, value)
  if (window === undefined) return undefined
  const { spec, sinceMicros, sinceSeq, retiredBeforeMicros, isGone, filledFromSeq } = window
  const { pastGraces = [], others } = window
  const words = [
    ...settingsWords(spec),
    `since ${time(sinceMicros)}`,
    ...(sinceSeq === 0 ? [] : [`behind record ${sinceSeq}`]),
    ...(retiredBeforeMicros === undefined ? [] : [`seasons from ${time(retiredBeforeMicros)} on`]),
    ...pastGraces.map((past) => `graceMs ${past.graceMs} until ${time(past.untilMicros)}`),
    ...(isGone ? ['taken away'] : []),
    ...(filledFromSeq === undefined ? [] : [`filled from record ${filledFromSeq} on`]),
  ]
  return `${words.join(', ')}${tailText(others)}`
}

function settingsWords(spec: WindowSpec): string[] {
  const { name, ...settings } = shortWindow(spec)
  const words = Object.entries(settings).map(([field, value]) => {
    return `${field} ${typeof value === 'object' ? quote(JSON.stringify(value)) : value}`
  })
  return [quote(name), ...words]
}

function placeText({ boardId, windowId }: WindowPlace): string {
  return `window ${windowId} of board ${boardId}`
}

function seasonText(place: SeasonPlace): string {
  return `${placeText(place)} from ${time(place.startMicros)}`
}
