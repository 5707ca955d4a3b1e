/**
 * Which store and which board a command means that names none.
 *
 * @module
 */

export const DB_DEFAULT = './leaderboards'
export const BOARD_DEFAULT = 'default'
