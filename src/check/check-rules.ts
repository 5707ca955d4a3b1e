/**
 * The rules of boards, the settings of the store, and what is kept of players whatever the board: invariants
 * 8 and 10 of FORMAT.md.
 *
 * @module
 */

import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { decodeRules, RULES_END, RULES_START, rulesIdOf } from '../format/meta/rules.ts'
import { decodeSettings, SETTINGS_KEY } from '../format/meta/store-settings.ts'
import { decodeErasure, erasureHashOf } from '../format/people/erasure.ts'
import { decodeNameOwner, isNameOwnerKey } from '../format/people/name-owner.ts'
import { decodeOpenFlag, openFlagSeqOf } from '../format/people/open-flag.ts'
import { decodeProfile, profilePlayerOf } from '../format/people/profile.ts'
import { decodeSubmitTimes, submitTimesOf } from '../format/people/submit-times.ts'
import { printKey } from '../format/print.ts'
import { PEOPLE_KIND } from '../format/tables.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'
import { NO_SUCH_BOARD } from './strays.ts'

type Found = Omit<Finding, 'board'>

const DAMAGED = { invariant: INVARIANT.FORM, problem: 'it is damaged' }

/** Kinds of `people` whose records are looked at elsewhere. */
const OTHERS: readonly number[] = [PEOPLE_KIND.BAN, PEOPLE_KIND.BAN_END, PEOPLE_KIND.FINAL]

/** Yields for each record of rules, settings and players what is wrong with it, or undefined. */
export function* checkRulesAndPeople(
  reader: Reader<Table>,
  boards: readonly CatalogEntry[],
): Generator<Found | undefined> {
  yield* checkRules(reader, boards)
  yield* checkPeople(reader)
}

function* checkRules(reader: Reader<Table>, boards: readonly CatalogEntry[]): Generator<Found> {
  const known = new Set(boards.map(({ id }) => id))
  for (const { key, value } of reader.pairs('meta', { start: RULES_START, end: RULES_END })) {
    const boardId = rulesIdOf(key)
    const place = printKey('meta', key)
    if (boardId === undefined || decodeRules(key, value) === undefined) yield { ...DAMAGED, place }
    else if (!known.has(boardId))
      yield { invariant: INVARIANT.LAST_CHANGE, place, problem: NO_SUCH_BOARD }
  }
  const settings = reader.get('meta', SETTINGS_KEY)
  if (settings === undefined) return
  if (decodeSettings(Buffer.from(settings.subarray(0, settings.length))) === undefined)
    yield { ...DAMAGED, place: 'settings' }
}

function* checkPeople(reader: Reader<Table>): Generator<Found | undefined> {
  for (const pair of reader.pairs('people', {}))
    yield isSound(pair) ? undefined : { ...DAMAGED, place: printKey('people', pair.key) }
}

function isSound({ key, value }: Pair): boolean {
  if (OTHERS.includes(key[0] ?? 0)) return true
  if (profilePlayerOf(key) !== undefined) return decodeProfile(key, value) !== undefined
  if (isNameOwnerKey(key)) return decodeNameOwner(key, value) !== undefined
  if (erasureHashOf(key) !== undefined) return decodeErasure(key, value) !== undefined
  if (openFlagSeqOf(key) !== undefined) return decodeOpenFlag(key, value) !== undefined
  return submitTimesOf(key) !== undefined && decodeSubmitTimes(key, value) !== undefined
}
