/**
 * Which keys a board has on the server, and its settings as they are stored there.
 *
 *     prefix{board}:e   prefix{board}:p   prefix{board}:d   prefix{board}:m     see ladderdb_1.lua
 *     prefix:boards      HASH: the names of all boards, and some of boards that were dropped
 *
 * What stands in braces decides the slot: all keys of a board lie in one.
 *
 * @module
 */

import type { BoardSpec } from '../domain/settings.ts'
import { ScoreShape } from '../format/score-shape.ts'
import type { Mode, ScoreColumn, ScoreType } from '../words/index.ts'

/** Returns the keys of a board in the order of the functions. */
export function keysOfBoard(prefix: string, name: string): string[] {
  // Braces of a name would end the tag early.
  const tag = `${prefix}{${encodeURIComponent(name)}}`
  return ['e', 'p', 'd', 'm'].map((key) => `${tag}:${key}`)
}

/** Returns the key of the list of names. */
export function keyOfNames(prefix: string): string {
  return `${prefix}:boards`
}

/** Returns settings as they are stored: the same settings are the same text. */
export function writeSpec({ shape, mode, keep }: BoardSpec): string {
  const { type, columns } = shape
  return JSON.stringify({
    ...{ type, columns: columns.map(({ name, order }) => ({ name, order })) },
    ...{ mode, keep: keep ?? null },
  })
}

/** Returns settings that were stored. */
export function readSpec(name: string, text: string): BoardSpec {
  const { type, columns, mode, keep } = JSON.parse(text) as {
    type: ScoreType
    columns: [ScoreColumn, ...ScoreColumn[]]
    mode: Mode
    keep: number | null
  }
  const shape = new ScoreShape(type, columns)
  return { name, shape, mode, keep: keep ?? undefined, log: 'none' }
}

/** Returns a shape as the functions read it: the type, then the order of each column. */
export function shapeLetters({ type, columns }: ScoreShape): string {
  return [type, ...columns.map(({ order }) => order)].map((word) => word[0]).join('')
}
