/**
 * How much room text takes on a terminal, in columns: wide characters take two, marks take none.
 *
 * Only for text that is {@link printable} already. Terminals differ in what they draw of emoji that
 * are put together; this says what most of them do.
 *
 * @module
 */

const PLAIN = /^[\x20-\x7e]*$/
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u
const NO_WIDTH = /[\p{M}\p{Cf}]/u

// East_Asian_Width wide and fullwidth, apart from emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Returns how many columns text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

/** Returns text that takes at most so many columns; an ellipsis says that there was more. */
export function fitText(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let fitting = ''
  let left = width - 1
  for (const { segment } of graphemes.segment(text)) {
    left -= graphemeWidth(segment)
    if (left < 0) break
    fitting += segment
  }
  return width < 1 ? '' : `${fitting}…`
}

/** Returns text filled up with spaces to so many columns. */
export function padText(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'left' ? text + space : space + text
}

function graphemeWidth(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2
  let width = 0
  for (const character of grapheme) {
    if (!NO_WIDTH.test(character)) width += WIDE.test(character) ? 2 : 1
  }
  return width
}
