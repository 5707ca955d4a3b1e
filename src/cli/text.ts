/**
 * Text that is safe to show, and its colour.
 *
 * Players choose their names, files may come from anyone: what of it reaches a terminal is
 * {@link printable}. Apart from ./output.ts, which needs the library's JSON: the help needs none.
 *
 * @module
 */

import { styleText } from 'node:util'
import type { Io } from './io.ts'

/** Where and whether there may be colour. */
export interface ColorOptions {
  /** False with `--no-color`. */
  color: boolean
}

/** How text stands out. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'cyan'

const PLAIN = /^[\x20-\x7e]*$/

// \p{C}: control, format (bidi, zero-width, tags), surrogate, private use and unassigned characters.
// The joiner within an emoji stays, so that families and flags can be read.
const UNSAFE =
  /[^\P{C}\u200d]|[\u2028\u2029]|(?<!\p{ExtPict}\p{EMod}?\ufe0f?)\u200d|\u200d(?!\p{ExtPict})/gu

/** Whether text is printable ASCII alone. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text)
}

/** Returns text that cannot drive a terminal: what is not to be seen is written as `\u{hex}`. */
export function printable(text: string): string {
  if (isPlain(text)) return text
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** Returns text as a word that a person can paste into a shell. */
export function shellWord(text: string): string {
  const word = printable(text)
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Returns text in a style where standard output, or the stream named, may have colour. */
export function paint(
  text: string,
  options: ColorOptions & { io: Io; style: Style; stream?: 'stdout' | 'stderr' },
): string {
  const { io, style, stream = 'stdout' } = options
  if (text === '' || !mayColor(io, { ...options, stream })) return text
  return styleText(style, text, { validateStream: false })
}

/**
 * Says whether a stream may have colour: on a terminal that has any, unless NO_COLOR or --no-color
 * forbids it; FORCE_COLOR asks for it anywhere.
 */
export function mayColor(io: Io, options: ColorOptions & { stream: 'stdout' | 'stderr' }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env
  if (!options.color) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return io[options.stream].isTTY === true && TERM !== 'dumb'
}
