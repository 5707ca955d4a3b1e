/**
 * The one error class of the library and its closed list of codes.
 *
 * Wrong arguments (shape or range) are the caller's mistake and raise TypeError or RangeError.
 * Everything that can go wrong at run time is a LadderError: narrow by `code`, which never changes,
 * not by the message, which may.
 *
 * @module
 */

/** Codes of {@link LadderError}, each with what the caller should do about it. */
export const ERROR_CODES = {
  /** The store was closed. Open it again. */
  CLOSED: 'the store was closed',
  /** There is no store at the path, and the opening was not allowed to create one. */
  NO_STORE: 'there is no store there',
  /** There is something at the path that is not a leaderboard store. Check the path. */
  NOT_A_STORE: 'the files are not a leaderboard store',
  /** The store was written by a newer release. Upgrade ladderdb. */
  VERSION: 'the format is newer than this release',
  /** Stored bytes break an invariant. Run check, then rebuild or restore. */
  CORRUPT: 'stored data is damaged',
  /** There is no board of this name, or it was dropped. Create it. */
  NO_BOARD: 'there is no such board',
  /** The board exists and was created with other settings. Open it with those. */
  SETTINGS_DIFFER: 'the board has other settings',
  /** A write on a store that was opened read-only, or on a backup. Open the store itself for writing. */
  READ_ONLY: 'the store is there to be read only',
  /** A time further in the future than the store allows. Check the clock or the unit. */
  FUTURE_TIME: 'the time lies in the future',
  /** The machine's clock, or the last time that the store gave, cannot be stored. Set the clock right. */
  CLOCK: 'the clock tells no time that can be stored',
  /** An increment whose sum is not finite or no longer exact. The entry is unchanged. */
  INEXACT: 'the sum is not exact',
  /** A condition of a submit does not hold: `only`, `expected`. Read the entry and decide again. */
  CONDITION_FAILED: 'a condition of the submit does not hold',
  /** The id of a request came with other arguments before. Give each submit an id of its own. */
  REQUEST_REUSED: 'the request id was used for another submit',
  /** The player is banned. Unban, or wait for the end of the ban. */
  BANNED: 'the player is banned',
  /** A score outside of `min` and `max` of the board. Check the score. */
  OUT_OF_RANGE: 'the score is outside of the range of the board',
  /** A gain that the board refuses. Check the score, or alter `maxGain`. */
  SUSPICIOUS: 'the gain is larger than the board takes',
  /** A player submits more often than the board takes. Try again after `retryAfterMs`. */
  RATE_LIMITED: 'the player submits too often',
  /** The board takes only players with a profile. Set one. */
  UNKNOWN_PLAYER: 'the player has no profile',
  /** The board, or the whole store, takes no changes now. Try again when it is open. */
  CLOSED_FOR_WRITES: 'no changes are taken now',
  /** The name belongs to somebody else, and names of the store are unique. Choose another. */
  NAME_TAKEN: 'the name belongs to somebody else',
  /** The runs that are asked for are not in the log any more. The message names the oldest record. */
  LOG_TRIMMED: 'the log does not reach back that far',
  /** The consumer is ahead of the log, or comes from before a restore. Read the boards, then follow from now. */
  LOG_AHEAD: 'the log does not know the place',
  /** The board keeps no log of its runs. */
  LOG_OFF: 'the board keeps no log',
  /** The log does not tell all that a restore or a rebuild needs of it. The message says what, and what to do. */
  LOG_UNUSABLE: 'the log does not tell all that is needed',
  /** A seq names neither a run nor an undo. Undo takes back those alone. */
  NOT_UNDOABLE: 'the change cannot be undone',
  /** The board has no window of this name. The message names those that it has. */
  NO_WINDOW: 'there is no such window',
  /** The window has no season of this id, or it was taken away. */
  NO_SEASON: 'there is no such season',
  /** The season that a submit is meant for is over, has not begun, or is not there. Leave `season` out. */
  SEASON_OVER: 'the season takes no such submit',
  /** The window had a season of this id before. Give each season an id of its own. */
  SEASON_EXISTS: 'the season was there before',
  /** A cursor of another board, of another order, or of no page. Begin with the first page. */
  BAD_CURSOR: 'the cursor belongs to no page of this board',
  /** A snapshot that was held for too long. Take what is needed in less time. */
  EXPIRED: 'the snapshot was held for too long',
  /** A row of an import cannot be used. Mend it, or import with skipBad. */
  BAD_ROW: 'a row cannot be imported',
  /** No space, or a quota or size limit, stopped the commit: nothing of it is stored. Free space. */
  DISK_FULL: 'the disk refused more data',
  /** The disk failed while committing. Reopen the store. */
  IO: 'the disk failed',
  /** Something is already at the path. Name another, or force it where that is offered. */
  EXISTS: 'something is there already',
  /** The directory or stream is not a complete backup. Use another. */
  NOT_A_BACKUP: 'it is not a complete backup',
  /** The system does not let this user open the files. */
  PERMISSION: 'permission denied',
  /** Another process holds what is needed. Try again later. */
  BUSY: 'another process is in the way',
  /** A worker thread may not open a store. Open it in the main thread, or in a process of its own. */
  NOT_MAIN_THREAD: 'a worker thread may not open a store',
  /** A package that the server needs is not installed. Install it; the message says how. */
  NO_PACKAGE: 'a package that is needed is not installed',
  /** The server of a remote store cannot be reached, or refuses all; nothing was changed. Try again. */
  UNAVAILABLE: 'the server cannot be reached',
  /** The answer of a server was lost: the change may or may not have happened. Read and decide. */
  UNKNOWN: 'what became of the change is not known',
  /** No replica had the change in time; the primary has it. Look at the replicas. */
  NOT_REPLICATED: 'no replica has the change',
  /** The engine does not offer it, for the reason that the message says. Use another call or engine. */
  UNSUPPORTED: 'the engine does not offer it',
  /** The caller's AbortSignal ended the call. */
  ABORTED: 'the call was aborted',
} as const

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES

/**
 * Thrown for everything that can go wrong at run time. `code` is stable, the message says what
 * failed and what to do, `cause` is the underlying error where there is one.
 */
export class LadderError extends Error {
  override readonly name = 'LadderError'
  readonly code: ErrorCode
  /** Only with `RATE_LIMITED`: the time after which the same submit is taken, in milliseconds. */
  readonly retryAfterMs?: number

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number },
  ) {
    super(message, options)
    this.code = code
    if (options?.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
  }
}

/** @throws {LadderError} `ABORTED` where the caller's signal says so. */
export function throwIfAborted(options: { signal?: AbortSignal | undefined }): void {
  if (options.signal?.aborted !== true) return
  throw new LadderError('ABORTED', 'Aborted: the caller ended the call', {
    cause: options.signal.reason,
  })
}
