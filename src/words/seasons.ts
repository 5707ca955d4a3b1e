/**
 * The words for windows and seasons: a window divides the time of a board into seasons, each with a
 * standing of its own.
 *
 * @module
 */

import type { Calendar, Every, Weekday } from './calendars.ts'
import type { RankOptions } from './questions.ts'
import type { Score } from './scores.ts'
import type { Mode } from './settings.ts'

/** What an entry of a season counts: the scores that come in, or what the board's own score rose by. */
export type WindowValue = 'score' | 'gain'

/** Settings of a window that can be altered later. */
export interface AlterableWindow {
  /** How long after its end a season takes submits whose `at` lies in it, milliseconds. Default ten minutes. */
  graceMs?: number | undefined
  /** How many past seasons stay; older ones leave in the background. Default: all. */
  retain?: number | undefined
  /** Whether each player's final score and rank stay when a season leaves. Default false. */
  finals?: boolean | undefined
  /** Keep only the best N entries of each season. Default: as the board. */
  keep?: number | undefined
}

/** Settings of a window. */
export interface WindowSettings extends AlterableWindow {
  /** A letter or a digit, then letters, digits, `_` and `-`, 32 at most. Default: `every`, if that is a word. */
  name?: string | undefined
  /** When its seasons begin. The `from` of hours may be a text of ISO 8601. */
  every: Every | { hours: number; from: string }
  /** An IANA name, like `Europe/Berlin`. Default `UTC`. */
  timeZone?: string | undefined
  /** When a day, week, month or year begins, `HH:MM` of the zone. Default `00:00`. */
  startAt?: string | undefined
  /** The day that a week begins with. Default `monday`. */
  weekday?: Weekday | undefined
  /** The day that a month begins with, 1 to 28. Default 1. */
  day?: number | undefined
  /** The mode of its seasons. Default: that of the call, or else of the board. */
  mode?: Mode | undefined
  /** Default `score`. */
  value?: WindowValue | undefined
}

/** A window by the word of its `every`, or by its settings. */
export type WindowInput = Extract<Every, string> | WindowSettings

/**
 * What to alter of one window: null brings a default back, what is not named stays. A window that the
 * board does not have is added.
 */
export interface WindowAlteration extends Omit<Partial<WindowSettings>, keyof AlterableWindow> {
  graceMs?: number | null | undefined
  retain?: number | null | undefined
  finals?: boolean | null | undefined
  keep?: number | null | undefined
  /**
   * Fill the open season of a window that is added with the runs of the log, without those before the player was
   * removed. `LOG_OFF` if an import in that season left no record of its rows. Default: it begins empty.
   */
  fill?: 'log' | undefined
}

/** Windows to add, or by their names what to alter of each: its `every` as a word is enough; null takes a window away. */
export type WindowAlterations =
  | readonly WindowInput[]
  | Readonly<Record<string, Extract<Every, string> | WindowAlteration | null | undefined>>

/** A window with its name, without what is usual. */
export interface NamedWindow extends WindowSettings {
  name: string
}

/** A window as a caller asked for it, checked; undefined where it said nothing. */
export interface AskedWindow {
  name: string
  /** Complete. */
  calendar: Calendar
  /** What was said of it. */
  said: Partial<Calendar>
  mode: Mode | undefined
  value: WindowValue | undefined
  graceMs: number | undefined
  retain: number | undefined
  finals: boolean | undefined
  keep: number | undefined
}

/** All settings of a window. */
export interface WindowSpec {
  name: string
  /** As `checkCalendar` returned it. */
  calendar: Calendar
  /** Undefined: that of the call, or else of the board. */
  mode: Mode | undefined
  value: WindowValue
  graceMs: number
  /** Undefined: all seasons stay. */
  retain: number | undefined
  finals: boolean
  /** Undefined: as the board. */
  keep: number | undefined
}

/** What is to become of a window of a board, checked. */
export interface WindowChange {
  name: string
  /** Undefined: it is taken away. */
  window: AlteredWindow | undefined
  /** Whether a window that is added takes in the runs of the log. */
  isFilled: boolean
}

/** A window to be added, or altered if the board has it: null is usual from now on, undefined stays. */
export interface AlteredWindow
  extends Omit<AskedWindow, 'calendar' | 'graceMs' | 'retain' | 'finals' | 'keep'> {
  /** Undefined if nothing says when its seasons begin: it cannot be added. */
  calendar: Calendar | undefined
  graceMs: number | null | undefined
  retain: number | null | undefined
  finals: boolean | null | undefined
  keep: number | null | undefined
}

/** A window of a board with the season that is on. */
export interface WindowInfo extends Omit<WindowSettings, 'name'> {
  window: string
  /** The id of the season that is on; undefined before the first `startSeason`. */
  season: string | undefined
  /** When it began, milliseconds since 1970 UTC. */
  from: number | undefined
  /** When it ends; undefined until the next `startSeason`. */
  to: number | undefined
  /** How long it still lasts, milliseconds. */
  remainingMs: number | undefined
}

/** A season of a window. */
export interface SeasonInfo {
  /** Its id. */
  season: string
  /** When it began, milliseconds since 1970 UTC. */
  from: number
  /** When it ends, the first instant of the next one; undefined until the next `startSeason`. */
  to: number | undefined
  /** Whether it takes no more submits: its standing is final. */
  sealed: boolean
  /** Number of entries. */
  size: number
}

/** What a player came to in a season that is sealed. */
export interface SeasonFinal<S extends Score = number> {
  season: string
  from: number
  to: number
  score: S
  /** When the score was reached, milliseconds since 1970 UTC. */
  at: number
  /** Which kind of number the query's `rankMode` says. */
  rank: number
  /** Number of entries of the season. */
  size: number
}

/** A season that was started. */
export interface StartedSeason {
  season: string
  from: number
}

/** Which seasons to answer, newest first. At most one of `after` and `before`. */
export interface SeasonsOptions {
  /** Most seasons, 1 to 1,000, default 50. */
  limit?: number | undefined
  /** The id of a season: those that began earlier. */
  after?: string | undefined
  /** The id of a season: those that began later, the next ones to it. */
  before?: string | undefined
}

/** Which finals of a player to answer, newest first. At most one of `after` and `before`. */
export interface FinalsOptions extends SeasonsOptions, RankOptions {}

/** What a submit did in the season of a window. */
export interface WindowAnswer<S extends Score = number> {
  /** Undefined before the first `startSeason`: the window took nothing. */
  season: string | undefined
  /** The rank inside the transaction; undefined where the submit asked for no ranks or there is no entry. */
  rank?: number | undefined
  /** Only if the season is sealed or gone: it took nothing. */
  sealed?: true
  /** Only if the submit asked for all, or to say that a full season had no place. */
  changed?: boolean
  /** Those below only if the submit asked for all. */
  score?: S | undefined
  previousScore?: S | undefined
  previousRank?: number | undefined
  created?: boolean
}

/** What a run did in the season of a window, as the log tells it. Ranks are ordinal. */
export interface LogWindow<S extends Score = Score> {
  season: string
  rank?: number
  previousRank?: number
  previousScore?: S
  changed?: boolean
  /** The season was sealed or gone: it took nothing. */
  sealed?: true
}

/** A season by its names. */
export interface NamedSeason {
  board: string
  window: string
  season: string
}

/** Which seasons of a board a change of the board reaches: those that are not sealed, unless it says more. */
export interface SeasonReach {
  /** Whether it reaches sealed seasons too. */
  isSealedToo?: boolean | undefined
  /** These and no others: a log tells them, and the change is made again. */
  seasons?: readonly NamedSeason[] | undefined
}

/** Whether a change reaches sealed seasons too. */
export interface SealedOptions {
  /**
   * Change sealed seasons as well. Default false: their standings are final. Seasons that `retain` took off the lists
   * and the finals that are kept of them are out of reach, except for `erase`.
   */
  sealed?: boolean | undefined
}
