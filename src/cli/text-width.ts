/**
 * Text in columns of a terminal, where wide characters take two and marks take none.
 *
 * Only for text that is printable already. Terminals differ in what they draw of emoji that are put
 * together; string-width says what most of them do.
 *
 * @module
 */

import stringWidth from 'string-width'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Returns text that takes at most N columns; an ellipsis says that there was more. */
export function fitText(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let fitting = ''
  let left = width - 1
  for (const { segment } of graphemes.segment(text)) {
    left -= stringWidth(segment)
    if (left < 0) break
    fitting += segment
  }
  return width < 1 ? '' : `${fitting}…`
}

/** Returns text filled up with spaces to N columns. */
export function padText(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'left' ? text + space : space + text
}
