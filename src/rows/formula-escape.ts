/**
 * The guard of CSV cells against spreadsheets, which run a cell that opens like a formula; and players
 * choose their names.
 *
 * A text that opens with such a character is written with a `'` before it. One that opens with some `'`
 * and such a character gets one more, so that taking one off always restores the text:
 *
 *     =1+1  <->  '=1+1          '=1+1  <->  ''=1+1          'tis  <->  'tis
 *
 * @module
 */

// A text like 1E+5 is shown in other digits by a spreadsheet; an import refuses it as damaged.
// OWASP's "CSV Injection", with the full-width forms that spreadsheets take for the plain ones.
const NEEDS_GUARD = /^'*(?:[=+\-@\t\r\n\0＝＋－＠]|\d(?:[.,]\d+)?E\+?\d+$)/iu
const HAS_GUARD = /^'+(?:[=+\-@\t\r\n\0＝＋－＠]|\d(?:[.,]\d+)?E\+?\d+$)/iu

/** Returns the text as a CSV cell holds it. */
export function guard(text: string): string {
  return NEEDS_GUARD.test(text) ? `'${text}` : text
}

/** Returns the text that {@link guard} made the cell of. */
export function unguard(cell: string): string {
  return HAS_GUARD.test(cell) ? cell.slice(1) : cell
}
