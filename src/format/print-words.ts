/**
 * Words of which the lines of print.ts and of those beside it are made.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import type { Score, ScoreCell } from '../words/index.ts'
import type { Fields } from './tail.ts'

const HEX_BYTES_MAX = 32

/** Returns a score, its columns by their names. */
export function scoreText(score: Score): string {
  if (typeof score !== 'object') return String(score)
  const cells: [string, ScoreCell][] = Object.entries(score)
  return cells.map(([name, cell]) => `${name} ${cell}`).join(' ')
}

/** Returns a time of microseconds since 1970 UTC. */
export function time(micros: number): string {
  if (micros > AT_MICROS_MAX) return `${micros} µs`
  const date = new Date(Math.floor(micros / 1000)).toISOString()
  return date.replace('Z', `${String(micros % 1000).padStart(3, '0')}Z`)
}

/** Returns a player by the bytes of an id. */
export function player(id: Buffer): string {
  return `player ${text(id)}`
}

/** Returns bytes as a text in quotes, or as hexadecimal if they are not text. */
export function text(bytes: Buffer): string {
  return isUtf8(bytes) ? quote(bytes.toString()) : unreadable('bytes', bytes)
}

// \p{C}: control, format (bidi, zero-width), surrogate, private use and unassigned characters.
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Returns a text in quotes that drives no terminal. */
export function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(UNSAFE, (character) => {
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`
  })
  return `"${escaped}"`
}

/** Returns bytes that make no sense. */
export function unreadable(what: string, bytes: Buffer): string {
  const more = bytes.length > HEX_BYTES_MAX ? `… (${bytes.length} bytes)` : ''
  return `${what} ${bytes.toString('hex', 0, HEX_BYTES_MAX) || 'empty'}${more}`
}

/** Returns the fields of a tail that the line has no words for. */
export function tailText(tail: Fields): string {
  return [...tail].map(([tag, bytes]) => `, field ${tag} ${bytes.toString('hex')}`).join('')
}
