/**
 * The words of the project, types only. One word, one meaning:
 *
 *   store     one directory on disk that holds any number of boards
 *   board     one leaderboard, with a name and settings fixed when it is created
 *   player    who holds an entry; named by `playerId`
 *   entry     a player's one row on a board
 *   rank      1 is best; `rankMode` says which number equal scores carry
 *   place     the 1-based number of a row in board order
 *   change    what alters a store: a submit, a removal, a new board …
 *   ban       takes a player out of sight on a board or on all; hidden: out of sight
 *   log       the changes of a store in their order, each a record with a `seq` that says what it did
 *   run       an accepted submit; a player's history are the runs
 *   question  what reads a store and alters nothing
 *   rule      what a board takes, which can be altered at any time, unlike its settings
 *   calendar  how time is cut into seasons
 *   window    divides the time of a board into seasons, by a calendar or by hand
 *   season    a span of a window with a standing of its own; sealed: it is final
 *   keep      (setting) how many entries a board holds at most, the best ones
 *
 * @module
 */

export type * from './calendars.ts'
export type * from './changes.ts'
export type * from './entries.ts'
export type * from './log.ts'
export type * from './metrics.ts'
export type * from './moderation.ts'
export type * from './questions.ts'
export type * from './reports.ts'
export type * from './restores.ts'
export type * from './rules.ts'
export type * from './scores.ts'
export type * from './seasons.ts'
export type * from './settings.ts'
export type * from './transfers.ts'
export type * from './undo.ts'
