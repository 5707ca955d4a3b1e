/**
 * Where an answer comes from, a board or a season of it: as fields of documents, and in words.
 *
 * @module
 */

import { printable, shellWord } from './text.ts'

/** A board, or a season of one of its windows. */
export interface ReadPlace {
  board: string
  window?: string
  /** Null before the first season of a manual window. */
  season?: string | null
}

/** Returns the fields that a document has beside its own if a window was named. */
export function placeFields({ window, season }: ReadPlace): Omit<ReadPlace, 'board'> {
  return window === undefined ? {} : { window, season: season ?? null }
}

/** Returns a place for people. */
export function placeText({ board, window, season }: ReadPlace): string {
  if (window === undefined) return printable(board)
  const words = season === null ? 'no season yet' : season === undefined ? '' : printable(season)
  return `${printable(board)}, ${printable(window)} ${words}`.trimEnd()
}

/** Returns a place as it stands in a message. */
export function placeName({ board, window, season }: ReadPlace): string {
  if (window === undefined) return `board "${board}"`
  return `window "${window}"${season ? `, season "${season}",` : ''} of board "${board}"`
}

/** Returns the words of a command line that lead to the same place again, also after a border. */
export function placeFlags({ window, season }: ReadPlace): string {
  if (window === undefined) return ''
  const id = typeof season === 'string' ? ` --season ${shellWord(season)}` : ''
  return ` --window ${shellWord(window)}${id}`
}
