/**
 * The fields of windows, and the options of calls about them and their seasons.
 *
 * @module
 */

import { GRACE_MS_MAX, RETAIN_MAX, SEASONS_LIMIT_MAX } from '../ground/limits.ts'
import type {
  FinalsOptions,
  SealedOptions,
  SeasonsOptions,
  WindowAlteration,
  WindowSettings,
} from '../words/index.ts'
import {
  BOOLEAN,
  type FieldsOf,
  judgedLater,
  KEEP,
  orNull,
  SEASON_ID,
  WINDOW_NAME,
  whole,
  word,
} from './kinds.ts'

const ALTERABLE = {
  graceMs: whole({ most: GRACE_MS_MAX }),
  retain: whole({ most: RETAIN_MAX }),
  finals: BOOLEAN,
  keep: KEEP,
} as const

// The calendar judges them, as a whole.
const CALENDAR = {
  every: judgedLater('object', 'day, week, month, year, manual, { hours, from } or { cron }'),
  timeZone: judgedLater('text', 'a time zone like Europe/Berlin'),
  startAt: judgedLater('text', 'a time of day like 04:00'),
  weekday: judgedLater('text', 'monday to sunday'),
  day: judgedLater('number', 'a whole number, 1 to 28'),
} as const

/** What a window takes. What goes together is judged of the whole. */
export const WINDOW_FIELDS: FieldsOf<WindowSettings> = {
  name: WINDOW_NAME,
  ...CALENDAR,
  mode: word('set', 'best', 'increment'),
  value: word('score', 'gain'),
  ...ALTERABLE,
}

export const ALTERED_WINDOW_FIELDS: FieldsOf<WindowAlteration> = {
  ...WINDOW_FIELDS,
  graceMs: orNull(ALTERABLE.graceMs),
  retain: orNull(ALTERABLE.retain),
  finals: orNull(ALTERABLE.finals),
  keep: orNull(ALTERABLE.keep),
  fill: word('log'),
}

export const SEASONS_FIELDS: FieldsOf<SeasonsOptions> = {
  limit: whole({ least: 1, most: SEASONS_LIMIT_MAX }),
  after: SEASON_ID,
  before: SEASON_ID,
}

export const FINALS_FIELDS: FieldsOf<FinalsOptions> = {
  ...SEASONS_FIELDS,
  rankMode: word('ordinal', 'competition', 'dense'),
}

export const SEALED_FIELDS: FieldsOf<SealedOptions> = { sealed: BOOLEAN }
