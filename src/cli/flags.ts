/**
 * Refusals of the library in the words of the command line: `--force` for `force: true`.
 *
 * @module
 */

import { CALLS, withFlags } from '../calls/index.ts'
import { shellWord } from './text.ts'

// The calls whose options are flags of the same name, and the type of a board that an import may make.
// `exec` answers in the library's words.
const NAMES = [CALLS.importFrom, CALLS.exportTo, CALLS.rebuild]
  .flatMap(({ options }) => Object.keys(options ?? {}))
  .concat('scoreType')

/** Returns a text of the library with flags in place of options. */
export function inFlags(text: string): string {
  return withFlags(text, { names: NAMES, quote: shellWord })
}
