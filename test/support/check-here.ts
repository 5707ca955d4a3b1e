/**
 * Checks in the process of the tests, for tests that are about something else: a child takes 0.1 s, and
 * each backup and restore has one. vitest.config.ts lets the source import this module for
 * check-in-child.ts.
 *
 * @module
 */

import { afterAll, beforeAll, onTestFinished } from 'vitest'
import {
  type ApartOptions,
  type CheckOutcome,
  type ChildLine,
  checkOutcomeOf,
  checkWords,
  checkApart as inChild,
} from '../../src/check/check-in-child.ts'
import { throwIfAborted } from '../../src/ground/errors.ts'
import { answerOfCheck } from '../../src/library/answer-of-check.ts'

// Of this process, in which one file of tests runs at a time.
const state = { isHere: false }

/** Lets the tests of a file check stores and copies here. None of them may damage pages, which ends a process. */
export function checkHere(): void {
  beforeAll(() => {
    state.isHere = true
  })
  afterAll(() => {
    state.isHere = false
  })
}

/** Has what a test of such a file checks checked in children, as users have it. */
export function checkInChildren(): void {
  state.isHere = false
  onTestFinished(() => {
    state.isHere = true
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
  const answer = await answerOfCheck(directory, checkWords(options), print)
  throwIfAborted(options)
  // As it comes from a child.
  return checkOutcomeOf(JSON.parse(JSON.stringify(answer)))
}
