/**
 * Refusals of the library in the words of the command line: `--force` for `force: true`.
 *
 * @module
 */

import { CALLS, type CallName, withFlags } from '../calls/index.ts'
import { shellWord } from './output.ts'

/** Waits for `work` of a call; a refusal names flags in place of options. */
export async function inFlags<T>(call: CallName, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error) error.message = flagsFor(call, error.message)
    throw error
  }
}

/** Returns a text of the library with flags in place of the options of a call. */
export function flagsFor(call: CallName, text: string): string {
  const names = Object.keys(CALLS[call].options ?? {})
  return withFlags(text, { names, quote: shellWord })
}
