/**
 * What each code means to the outside: the exit status of a command, the status of HTTP, and whether
 * the same call may be made again as it is.
 *
 *     0 done · 1 failed · 2 used wrongly · 3 no such board or player · 4 damaged data, or not a store
 *     5 busy · 130 interrupted
 *
 * @module
 */

import type { ErrorCode } from '../ground/errors.ts'

/** Codes of failures that are not a LadderError: of commands, and of lines that cannot be run. */
export type OuterCode =
  /** The command was called wrongly. */
  | 'USAGE'
  /** An argument has a value that the library refuses. */
  | 'INVALID_ARGUMENT'
  /** The board has no entry of this player. */
  | 'NO_PLAYER'
  /** A file cannot be read or written. */
  | 'FILE'
  /** Anything else. */
  | 'FAILED'

/** What a code means. */
export interface CodeMeaning {
  /** Exit status of the command line. */
  exit: number
  /** Status of HTTP. */
  http: number
  /** Whether the same call may succeed later, without a change to it. */
  retry: boolean
}

const FAILED: CodeMeaning = { exit: 1, http: 500, retry: false }
const WRONG: CodeMeaning = { exit: 2, http: 400, retry: false }
const ABSENT: CodeMeaning = { exit: 3, http: 404, retry: false }
const DAMAGED: CodeMeaning = { exit: 4, http: 500, retry: false }
const CONFLICT: CodeMeaning = { exit: 1, http: 409, retry: false }
const REFUSED: CodeMeaning = { exit: 1, http: 422, retry: false }

const OUTCOMES: Readonly<Record<ErrorCode | OuterCode, CodeMeaning>> = {
  USAGE: WRONG,
  INVALID_ARGUMENT: WRONG,
  BAD_CURSOR: { ...WRONG, exit: 1 },
  NO_BOARD: ABSENT,
  NO_PLAYER: ABSENT,
  NO_STORE: DAMAGED,
  NOT_A_STORE: DAMAGED,
  VERSION: DAMAGED,
  CORRUPT: DAMAGED,
  NOT_A_BACKUP: DAMAGED,
  SETTINGS_DIFFER: CONFLICT,
  CONDITION_FAILED: CONFLICT,
  REQUEST_REUSED: CONFLICT,
  EXISTS: CONFLICT,
  FUTURE_TIME: REFUSED,
  INEXACT: REFUSED,
  BANNED: { exit: 1, http: 403, retry: false },
  BAD_ROW: REFUSED,
  LOG_TRIMMED: { exit: 1, http: 410, retry: false },
  LOG_AHEAD: CONFLICT,
  LOG_OFF: REFUSED,
  LOG_UNUSABLE: REFUSED,
  NOT_UNDOABLE: REFUSED,
  OUT_OF_RANGE: REFUSED,
  SUSPICIOUS: REFUSED,
  UNKNOWN_PLAYER: REFUSED,
  RATE_LIMITED: { exit: 1, http: 429, retry: true },
  CLOSED_FOR_WRITES: { exit: 1, http: 403, retry: true },
  NAME_TAKEN: CONFLICT,
  NO_WINDOW: ABSENT,
  NO_SEASON: ABSENT,
  SEASON_OVER: CONFLICT,
  SEASON_EXISTS: CONFLICT,
  CLOCK: FAILED,
  IO: FAILED,
  FILE: FAILED,
  FAILED,
  NOT_MAIN_THREAD: FAILED,
  NO_PACKAGE: FAILED,
  PERMISSION: FAILED,
  READ_ONLY: { exit: 1, http: 403, retry: false },
  EXPIRED: { exit: 1, http: 503, retry: true },
  DISK_FULL: { exit: 1, http: 507, retry: true },
  CLOSED: { exit: 1, http: 503, retry: false },
  BUSY: { exit: 5, http: 503, retry: true },
  UNAVAILABLE: { exit: 1, http: 503, retry: true },
  UNKNOWN: { exit: 1, http: 502, retry: false },
  NOT_REPLICATED: { exit: 1, http: 502, retry: false },
  UNSUPPORTED: { exit: 1, http: 501, retry: false },
  ABORTED: { exit: 130, http: 499, retry: true },
}

/**
 * Returns what a code of an error means: the HTTP status, the status of a process, and whether to try again; of a
 * code that is not known what a failure means. Cost: a look into a table.
 *
 * @example
 * outcomeOf('NO_BOARD') // { exit: 3, http: 404, retry: false }
 */
export function outcomeOf(code: ErrorCode | OuterCode): CodeMeaning {
  return OUTCOMES[code] ?? FAILED
}
