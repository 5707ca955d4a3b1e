/**
 * Saving rules, settings and profiles of a damaged store. Flags and times of submits are left behind: the
 * first belong to the log, the others count for a minute.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { putRules } from '../embedded/moderation/rules.ts'
import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { decodeRules, rulesIdOf } from '../format/meta/rules.ts'
import { decodeSettings, SETTINGS_KEY } from '../format/meta/store-settings.ts'
import { decodeNameOwner, isNameOwnerKey } from '../format/people/name-owner.ts'
import { decodeProfile, profilePlayerOf } from '../format/people/profile.ts'
import type { Pair, Writer } from '../store/store.ts'

/** What is read of the damaged file. */
interface Read {
  pairs(table: string): Iterable<Pair>
}

/** Saves what can be read into a new store; returns what cannot, in words. */
export function saveRules(
  writer: Writer<Table>,
  wreck: Read,
  boardOfId: (id: number) => CatalogEntry | undefined,
): string[] {
  const problems: string[] = []
  for (const { key, value } of wreck.pairs('meta')) {
    const boardId = rulesIdOf(key)
    if (boardId !== undefined)
      problems.push(...saveRulesOf(writer, { key, value }, boardOfId(boardId)))
    if (!key.equals(SETTINGS_KEY)) continue
    if (decodeSettings(value) === undefined) problems.push('the settings of the store are damaged')
    else putAs(writer, 'rules', { table: 'meta', key, value })
  }
  for (const { key, value } of wreck.pairs('people')) {
    const isProfile = profilePlayerOf(key) !== undefined
    if (!isProfile && !isNameOwnerKey(key)) continue
    const decode = isProfile ? decodeProfile : decodeNameOwner
    if (decode(key, value) !== undefined) putAs(writer, 'profiles', { table: 'people', key, value })
    else problems.push('table "people": a record is damaged')
  }
  return problems
}

function saveRulesOf(
  writer: Writer<Table>,
  { key, value }: Pair,
  board: CatalogEntry | undefined,
): string[] {
  if (board === undefined) return []
  const record = decodeRules(key, value)
  if (record === undefined) return [`the rules of board "${board.name}" are damaged`]
  putRules(writer, board, record)
  return []
}

function putAs(
  writer: Writer<Table>,
  feature: 'rules' | 'profiles',
  pair: Pair & { table: Table },
): void {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use(feature)
  writer.put(pair.table, pair.key, pair.value)
}
