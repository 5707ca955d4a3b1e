/**
 * Checks of copies in the process of the tests, for tests that are about something else: a child takes
 * 0.1 s, and a test of restores has ten. vitest.config.ts lets the source import this module for
 * check-in-child.ts.
 *
 * @module
 */

import { afterAll, beforeAll } from 'vitest'
import {
  ALLOW_NETWORK,
  type ApartOptions,
  type CheckOutcome,
  type ChildLine,
  checkOutcomeOf,
  checkApart as inChild,
} from '../../src/check/check-in-child.ts'
import { throwIfAborted } from '../../src/ground/errors.ts'
import { answerOfCheck } from '../../src/library/answer-of-check.ts'

// Of this process, in which one file of tests runs at a time.
const state = { isHere: false }

/** Lets the tests of a file check copies here. None of them may damage pages, which ends a process. */
export function checkCopiesHere(): void {
  beforeAll(() => {
    state.isHere = true
  })
  afterAll(() => {
    state.isHere = false
  })
}

/** As that of the source, and in a child as there unless the file has asked for the other. */
export async function checkApart(
  directory: string,
  options: ApartOptions = {},
): Promise<CheckOutcome> {
  if (!state.isHere) return inChild(directory, options)
  throwIfAborted(options)
  const print = (line: ChildLine): void => {
    if ('progress' in line) options.onProgress?.(line.progress)
  }
  const answer = await answerOfCheck(directory, [ALLOW_NETWORK], print)
  throwIfAborted(options)
  return checkOutcomeOf(answer)
}
