/**
 * In what two entries of the same player differ.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import type { Entry, Score } from '../../index.ts'

/** What may differ. `missing`: only one of the two stores has an entry. */
export type Difference = 'missing' | 'score' | 'rank' | 'at' | 'name' | 'metadata'

type MaybeEntry = Entry<Score> | undefined

/** Returns in which of some fields two entries differ. */
export function differencesOf(
  a: MaybeEntry,
  b: MaybeEntry,
  fields: readonly Exclude<Difference, 'missing'>[],
): Difference[] {
  if (a === undefined || b === undefined) return a === b ? [] : ['missing']
  return fields.filter((field) => !isDeepStrictEqual(a[field], b[field]))
}
