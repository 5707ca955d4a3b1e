/**
 * Long texts as messages show them.
 *
 * @module
 */

const SHOWN_MAX = 40

/**
 * Returns a text, or its beginning and … if it is long. No character is cut in two. Cost: O(`most`).
 *
 * @example
 * shorten('abcdef', 3) // 'abc…'
 */
export function shorten(text: string, most: number = SHOWN_MAX): string {
  if (text.length <= most) return text
  return `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…`
}
