/**
 * Which keys a board has on the server, and its settings as they are stored there.
 *
 *     prefix{board}:e  :p  :d  :m  :r  :q  :h  :b     see ladderdb_1.lua
 *     prefix{board}:w…  :s…  :z  :f     windows and seasons, see windows.lua, which alone names these keys
 *     prefix{board}:o      HASH: what the board was told of the store, see shared.lua, which alone names it
 *     prefix:boards        HASH: the names of all boards, and some of boards that were dropped
 *     {prefix:boards}:bans  :untold   HASH, in the slot of the names: the bans of all boards, see bans.lua
 *     {prefix:boards}:settings        HASH, there too: the settings of the store, see shared.lua
 *     {prefix:boards}:people  :naming HASH, there too: profiles, see people.lua
 *     {prefix:boards}:owners          HASH, there too: whose names are, see owners.lua
 *
 * What stands in braces decides the slot: all keys of a board lie in one, or those of each partition do.
 *
 * @module
 */

import { ScoreShape } from '../../format/score-shape.ts'
import { type StoredWindow, shortWindow, windowOf } from '../../format/window-settings.ts'
import type { Mode, ScoreColumn, ScoreType } from '../../words/index.ts'
import type { RemoteSpec } from './remote-settings.ts'

/** What the keys of a board, or of a partition, end with, in the order of the functions. */
export const SLOT_KEYS: readonly string[] = ['e', 'p', 'd', 'm', 'r', 'q', 'h', 'b']

/** Returns the keys of a board in the order of the functions. */
export function keysOfBoard(prefix: string, name: string): string[] {
  // Braces of a name would end the tag early.
  const tag = `${prefix}{${encodeURIComponent(name)}}`
  return SLOT_KEYS.map((key) => `${tag}:${key}`)
}

/** Returns the keys of the home of a board that has partitions: see partitions.lua. */
export function keysOfHome(prefix: string, name: string): string[] {
  const [, , , meta = '', , , , bans = ''] = keysOfBoard(prefix, name)
  return [meta, `${meta.slice(0, -1)}x`, bans]
}

/** Returns the keys of what concerns all boards: the list of names, the bans, the settings of the store, and profiles. */
export function keysOfAll(prefix: string): string[] {
  const names = `${prefix}:boards`
  const ends = ['bans', 'untold', 'settings', 'moves', 'people', 'naming', 'owners', 'moved']
  return [names, ...ends.map((end) => `{${names}}:${end}`)]
}

/** Returns settings as they are stored: the same settings are the same text. */
export function writeSpec(spec: RemoteSpec): string {
  const { shape, mode, keep, partitions, windows = [], numbered } = spec
  const { type, columns } = shape
  return JSON.stringify({
    ...{ type, columns: columns.map(({ name, order }) => ({ name, order })) },
    ...{ mode, keep: keep ?? null },
    ...(partitions > 1 && { partitions }),
    ...(windows.length > 0 && { windows: windows.map(shortWindow) }),
    ...(numbered && { numbers: numbered.numbers, next: numbered.next }),
  })
}

/** Returns settings that were stored. */
export function readSpec(name: string, text: string): RemoteSpec {
  const {
    type,
    columns,
    mode,
    keep,
    partitions = 1,
    windows = [],
    numbers,
    next,
  } = JSON.parse(text) as {
    type: ScoreType
    columns: [ScoreColumn, ...ScoreColumn[]]
    mode: Mode
    keep: number | null
    partitions?: number
    windows?: StoredWindow[]
    numbers?: number[]
    next?: number
  }
  const shape = new ScoreShape(type, columns)
  const numbered = numbers !== undefined && next !== undefined ? { numbers, next } : undefined
  const spec = {
    ...{ name, shape, mode, keep: keep ?? undefined, log: 'none' as const, partitions },
    ...(numbered && { numbered }),
  }
  return windows.length === 0 ? spec : { ...spec, windows: windows.map(windowOf) }
}

/** Returns a shape as the functions read it: the type, then the order of each column. */
export function shapeLetters({ type, columns }: ScoreShape): string {
  return [type, ...columns.map(({ order }) => order)].map((word) => word[0]).join('')
}
