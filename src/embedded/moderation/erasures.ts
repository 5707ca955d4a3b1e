/**
 * Whom a store has erased, and erasing them again in what a backup brought back.
 *
 * Only hashes of ids are kept, so the players of a restored store are found by hashing every id that it
 * holds, wherever it stands.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { commitOf } from '../../board/commit.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import { BANS_END, BANS_START, banPlaceOf } from '../../format/people/ban.ts'
import {
  decodeErasure,
  ERASURES_END,
  ERASURES_START,
  encodeErasure,
  erasureHash,
  erasureHashOf,
  erasureKey,
} from '../../format/people/erasure.ts'
import { FINALS_END, FINALS_START, finalPlaceOf } from '../../format/people/final.ts'
import { PROFILES_END, PROFILES_START, profilePlayerOf } from '../../format/people/profile.ts'
import { decodeRun } from '../../format/run-record.ts'
import { decodeVarint } from '../../format/varint.ts'
import { TURN_KEYS } from '../../ground/limits.ts'
import type { Pair, Reader, Writer } from '../../store/store.ts'
import { listBoards } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { seasonEntriesOf } from '../seasons/season-boards.ts'
import { erasePlayer } from './erase.ts'

/** When those were erased whom a store has erased: microseconds by hashes. */
export type Erasures = ReadonlyMap<string, number>

/** Returns whom a store has erased. Cost: O(answer). */
export function erasuresIn(reader: Reader<Table>): Erasures {
  return erasuresAmong(reader.pairs('people', { start: ERASURES_START, end: ERASURES_END }))
}

/** Returns those among pairs of `people`. */
export function erasuresAmong(pairs: Iterable<Pair>): Erasures {
  const erasures = new Map<string, number>()
  for (const { key, value } of pairs) {
    const hash = erasureHashOf(key)
    const micros = hash === undefined ? undefined : decodeErasure(key, value)
    if (hash !== undefined && micros !== undefined) erasures.set(hash, micros)
  }
  return erasures
}

/** Returns the hashes of those whom one copy of a store has erased since another was made. */
export function erasedSince(known: Erasures, there: Erasures): string[] {
  // An id that is erased, used again and erased again has the time of the last one.
  return [...known]
    .filter(([hash, micros]) => micros > (there.get(hash) ?? -1))
    .map(([hash]) => hash)
}

/** Whom to erase again, by hashes. */
export interface ErasedSince {
  /** Those whom another copy of the store has erased. */
  known: Erasures
  /** Those who were erased behind the point that the store stands at, also if the id was in use before. */
  later?: ReadonlySet<string> | undefined
  /** Ids that an erased person gave up in front of the point: who has one now is somebody else. */
  givenUp?: ReadonlySet<string> | undefined
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * Erases those players of a store whose hashes are given and who were not erased there yet, or were so before
 * they used the id again: a backup that is restored is older than what was erased since. Returns how many there
 * were. Cost: O(n) of all that is stored, if any hash is new; then that of each erasure.
 */
export async function eraseAgain(
  context: OpenStore,
  { known, later = NOBODY, givenUp = NOBODY }: ErasedSince,
): Promise<number> {
  const there = erasuresIn(context.store.current())
  const past = new Set([...givenUp].filter((hash) => !there.has(hash) && !later.has(hash)))
  const missing = erasedSince(known, there).filter((hash) => !past.has(hash))
  const gone = new Set([...missing, ...later])
  if (gone.size + past.size === 0) return 0
  const ids = await playersOfHashes(context, new Set([...gone, ...past]))
  const erased = [...ids].filter(([hash]) => gone.has(hash))
  for (const [, playerId] of erased) await erasePlayer(context, playerId)
  const nowMicros = context.nowMicros()
  const kept = [...gone, ...[...past].filter((hash) => !ids.has(hash))]
  await context.store.write((writer) =>
    keepHashes(writer, new Map(kept.map((hash) => [hash, known.get(hash)])), nowMicros),
  )
  return erased.length
}

// Those who are not in this backup may be in an older one. The time of an erasure stays that of the first copy:
// backups of later times hold somebody else under the id.
function keepHashes(
  writer: Writer<Table>,
  erasures: ReadonlyMap<string, number | undefined>,
  nowMicros: number,
): void {
  if (erasures.size === 0) return
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('erasures')
  for (const [hash, micros] of erasures) {
    const key = erasureKey(hash)
    const value = writer.get('people', key)
    const there = value === undefined ? undefined : decodeErasure(key, value)
    const kept = micros ?? there ?? commit.presentMicros(nowMicros)
    if (kept !== there) writer.put('people', key, encodeErasure(key, kept))
  }
}

/** Returns the players whose hashes are given, by their hashes. Cost: O(n) of all that is stored. */
export function playersOfHashes(
  { store, storeId }: OpenStore,
  hashes: ReadonlySet<string>,
): Promise<Map<string, string>> {
  return store.hold(async (reader) => {
    const found = new Map<string, string>()
    let done = 0
    for (const playerId of everyId(reader)) {
      if (++done % TURN_KEYS === 0) await nextTurn()
      const hash = erasureHash(storeId, playerId)
      if (hashes.has(hash)) found.set(hash, playerId)
    }
    return found
  })
}

/** Yields every id that a store holds, some many times. */
function* everyId(reader: Reader<Table>): Generator<string> {
  const boards = listBoards(reader)
  for (const board of [...boards, ...boards.flatMap((one) => seasonEntriesOf(reader, one))]) {
    const { start, end } = new BoardKeys(board.id).all()
    for (const key of reader.keys('players', { start, end }))
      yield key.toString('utf8', start.length)
  }
  for (const key of reader.keys('history', {})) {
    const size = decodeVarint(key)?.size ?? key.length
    if (key.length > size) yield key.toString('utf8', size)
  }
  for (const key of reader.keys('people', { start: PROFILES_START, end: PROFILES_END }))
    yield profilePlayerOf(key) ?? ''
  for (const key of reader.keys('people', { start: BANS_START, end: BANS_END }))
    yield banPlaceOf(key)?.playerId ?? ''
  for (const key of reader.keys('people', { start: FINALS_START, end: FINALS_END }))
    yield finalPlaceOf(key)?.playerId ?? ''
  for (const pair of reader.pairs('log', {})) yield* idsOfRecord(pair)
}

function* idsOfRecord({ key, value }: Pair): Generator<string> {
  if (logKindOf(value) === 'submit') {
    yield decodeRun(key, value)?.playerId ?? ''
    return
  }
  const fields = decodeNote(key, value)?.fields ?? {}
  for (const name of ['playerId', 'from', 'to']) {
    const id = fields[name]
    if (typeof id === 'string') yield id
  }
}
