/**
 * Taking a person out of a store: boards, bans, profile, requests, history and log.
 *
 * The log is looked through on a snapshot, with turns for others; one transaction then takes everything out,
 * and looks at what came meanwhile. What stays is a hash of the id, so that a backup that is restored later
 * can be cleared of the person too.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf, readCounters } from '../../board/commit.ts'
import { readHistory } from '../../board/run-log.ts'
import { ownBytes } from '../../format/bytes.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { logEndOf } from '../../format/meta/counters.ts'
import { encodeErasure, erasureHash, erasureKey } from '../../format/people/erasure.ts'
import {
  decodeNameOwner,
  NAME_OWNERS_END,
  NAME_OWNERS_START,
} from '../../format/people/name-owner.ts'
import { openFlagKey } from '../../format/people/open-flag.ts'
import { profileKey } from '../../format/people/profile.ts'
import {
  SUBMIT_TIMES_END,
  submitTimesOf,
  submitTimesStart,
} from '../../format/people/submit-times.ts'
import { HISTORY_TAG } from '../../format/run-chain.ts'
import { assert } from '../../ground/assert.ts'
import { TURN_KEYS } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { EraseAnswer } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import { runsOf } from '../log/runs.ts'
import type { OpenStore } from '../open-store.ts'
import { isOnBoard } from '../seasons/reached-seasons.ts'
import { removeBan } from './ban-places.ts'
import { placedBans } from './bans.ts'
import { isInLaterSeason, type PastId, takeOffSeasons } from './erase-seasons.ts'
import { type Erasure, erasedRun, Mentions, redacted } from './redact.ts'
import { forgetPlayer } from './requests.ts'

/** Where a change is made. */
interface Place {
  context: OpenStore
  writer: Writer<Table>
}

/** A record as it is stored. */
interface Pair {
  key: Buffer
  value: Buffer
}

/** Records of the log that are about a person, up to a seq. */
export interface Survey {
  last: number
  /** The person's ids, and up to which seq each was the person's: others were moved to the first one. */
  ids: ReadonlyMap<string, number>
  /** The ids that each record is about. */
  records: ReadonlyMap<number, readonly string[]>
}

/** Erases a player; see `Leaderboards.erase`. Returns the ids that the person had, too. */
export async function erasePlayer(
  context: OpenStore,
  playerId: string,
): Promise<{ answer: Omit<EraseAnswer, 'heldBy'>; ids: string[] }> {
  for (;;) {
    const survey = await context.store.hold((reader) => surveyOf(reader, playerId))
    const answer = await context.store.write((writer) =>
      eraseIn({ context, writer }, playerId, { survey }),
    )
    if (answer !== undefined) return { answer, ids: [...survey.ids.keys()] }
  }
}

/** Looks through the log for a person. */
export async function surveyOf(reader: Reader<Table>, playerId: string): Promise<Survey> {
  const last = logEndOf(readCounters(reader)).seq
  const ids = new Map([[playerId, Number.POSITIVE_INFINITY]])
  for (;;) {
    const records = await recordsAbout(reader, ids, last)
    let isMore = false
    for (const seq of records.keys()) isMore = addMoved(reader, ids, seq) || isMore
    if (!isMore) return { last, ids, records }
  }
}

// Who was moved to the person is the same person up to then.
// Returns whether records are the person's that were not before: of one more id, or of a known one for longer.
function addMoved(reader: Reader<Table>, ids: Map<string, number>, seq: number): boolean {
  const key = logKey(seq)
  const value = reader.get('log', key)
  if (value === undefined || logKindOf(value) !== 'move') return false
  const { from, to } = decodeNote(key, ownBytes(value))?.fields ?? {}
  if (typeof from !== 'string' || typeof to !== 'string') return false
  if (seq >= (ids.get(to) ?? 0) || seq <= (ids.get(from) ?? 0)) return false
  ids.set(from, seq)
  return true
}

async function recordsAbout(
  reader: Reader<Table>,
  ids: ReadonlyMap<string, number>,
  last: number,
): Promise<Map<number, string[]>> {
  const records = new Map<number, string[]>()
  for (let seq = firstFrom(reader, 0); seq <= last; ) {
    const range = { first: seq, end: Math.min(seq + TURN_KEYS, last + 1) }
    for (const [id, until] of ids)
      for (const found of mentionsIn(reader, id, { ...range, until }))
        records.set(found, [...(records.get(found) ?? []), id])
    await nextTurn()
    seq = firstFrom(reader, range.end)
  }
  return records
}

// A restore leaves seqs out.
function firstFrom(reader: Reader<Table>, seq: number): number {
  for (const key of reader.keys('log', { start: logKey(seq), limit: 1 }))
    return seqOf(key) ?? Number.POSITIVE_INFINITY
  return Number.POSITIVE_INFINITY
}

const NO_ERASURE: Erasure = { by: 0, boardName: () => undefined, hashOf: () => '' }

// Whether a record is about the person is said by what would be left of it.
function mentionsIn(
  reader: Reader<Table>,
  playerId: string,
  { first, end, until }: { first: number; end: number; until: number },
): number[] {
  const mentions = new Mentions(playerId)
  const seqs: number[] = []
  const range = { start: logKey(first), end: logKey(Math.min(end, until + 1)) }
  if (first > until) return seqs
  reader.visit('log', range, (key, value) => {
    if (!mentions.mayBeIn(value)) return
    const own = { key: Buffer.from(key), value: ownBytes(value) }
    if (redacted(own, playerId, NO_ERASURE) !== undefined) seqs.push(seqOf(own.key) as number)
  })
  return seqs
}

/**
 * Takes a person out, in a transaction; undefined if somebody was moved to the person since the survey. With
 * `byLater`, the seq of an erasure that is still to come, that one leaves the hash and the record.
 */
export function eraseIn(
  { context, writer }: Place,
  playerId: string,
  { survey, byLater }: { survey: Survey; byLater?: number },
): Omit<EraseAnswer, 'heldBy'> | undefined {
  const commit = commitOf(writer)
  commit.beginChange()
  const next = commit.lastSeq + 1
  const by = byLater ?? next
  const later = { first: survey.last + 1, end: next, until: next }
  const records = new Map(survey.records)
  const ids = new Map(survey.ids)
  for (const seq of mentionsIn(writer, playerId, later)) {
    if (addMoved(writer, ids, seq)) return undefined
    records.set(seq, [playerId])
  }
  const all = listBoards(writer)
  const movedIn = all.flatMap((board) => ownRuns(writer, board, playerId))
  const hashOf = (id: string): string => erasureHash(context.storeId, id)
  const names = new Map(all.map(({ id, name }) => [id, name]))
  const boardName = (id: number): string | undefined => names.get(id)
  const erasure = { by, boardName, hashOf }
  const past = pastIds(writer, playerId, ids)
  const own = past.filter((id) => id.playerId === playerId || !isOthers(writer, id))
  const keys = own.map((id) => erasureKey(hashOf(id.playerId)))
  const news = keys.filter((key) => writer.get('people', key) === undefined)
  commit.willChange()
  commit.use('erasures')
  const gone = new Set<number>()
  const rewriteOne = (seq: number, change: (pair: Pair) => Buffer | undefined): void => {
    if (rewrite(writer, seq, change)) gone.add(seq)
  }
  for (const [seq, about] of records)
    for (const id of about) rewriteOne(seq, (pair) => redacted(pair, id, erasure))
  for (const seq of movedIn) rewriteOne(seq, (pair) => erasedRun(pair, erasure))
  const boards = takeOffBoards({ context, writer }, past)
  const others = takeOffPeople(writer, playerId) + forgetPlayer(writer, playerId)
  for (const id of own) forgetRuns(writer, id.playerId)
  const found = boards.length + records.size + gone.size + others > 0
  if (byLater !== undefined || (news.length === 0 && !found)) return { found, boards, records: 0 }
  const nowMicros = context.nowMicros()
  // An id that was used again after an erasure is erased as of now: backups in between hold it.
  for (const key of found ? keys : news)
    writer.put('people', key, encodeErasure(key, commit.presentMicros(nowMicros)))
  const hash = hashOf(playerId)
  const seq = logNote(writer, nowMicros, { kind: 'erase', fields: { hash } })
  assert(seq === by, 'what is left of records names the erasure')
  return { seq, found, boards, records: gone.size }
}

/** An id of a person, and until when it was that. */
interface OwnId extends PastId {
  untilSeq: number
}

// The person's own id is the first one.
function pastIds(
  reader: Reader<Table>,
  playerId: string,
  ids: ReadonlyMap<string, number>,
): OwnId[] {
  return [...ids].map(([id, untilSeq]) => {
    if (id === playerId) return { playerId, untilSeq, untilMicros: Number.POSITIVE_INFINITY }
    const key = logKey(untilSeq)
    const value = reader.get('log', key)
    const untilMicros = (value && decodeNote(key, ownBytes(value))?.committedMicros) ?? 0
    return { playerId: id, untilSeq, untilMicros }
  })
}

// An id that was given up with a move may be somebody else's by now, or have been since.
function isOthers(reader: Reader<Table>, id: OwnId): boolean {
  const { playerId, untilSeq } = id
  if (reader.get('people', profileKey(playerId)) !== undefined) return true
  return listBoards(reader).some((board) => {
    if (isInLaterSeason(reader, board, id)) return true
    const key = new BoardKeys(board.id).player(playerId)
    if (reader.get('players', key) !== undefined) return true
    // Runs that are all undone may come back; those that moved on are found by the move.
    const { chain, tail } = readHistory(reader, key) ?? {}
    const moved = tail?.get(HISTORY_TAG.MOVED)
    return chain !== undefined || (moved !== undefined && (seqOf(moved) ?? 0) > untilSeq)
  })
}

// Those that others made who became this player are not found by the id.
function ownRuns(reader: Reader<Table>, board: CatalogEntry, playerId: string): number[] {
  const seqs: number[] = []
  for (const { seq, run } of runsOf(reader, { board, playerId }))
    if (run.playerId !== playerId) seqs.push(seq)
  return seqs
}

// Returns whether that is gone now of which the record told.
function rewrite(
  writer: Writer<Table>,
  seq: number,
  change: (pair: Pair) => Buffer | undefined,
): boolean {
  const key = logKey(seq)
  const value = writer.get('log', key)
  // It may have been trimmed since it was looked at.
  const left = value && change({ key, value: ownBytes(value) })
  if (left === undefined) return false
  const wasGone = value !== undefined && logKindOf(value) === 'erase'
  writer.put('log', key, left)
  if (wasGone || logKindOf(left) !== 'erase') return false
  writer.remove('people', openFlagKey(seq))
  return true
}

// Returns the boards that had the person, or had a season with the person.
function takeOffBoards(place: Place, [own, ...earlier]: readonly OwnId[]): string[] {
  const { context, writer } = place
  if (own === undefined) return []
  const { playerId } = own
  return listBoards(writer)
    .filter((board) => {
      const hasRecord = isOnBoard(writer, board, playerId)
      if (hasRecord) (context.writerOfName(writer, board.name) as BoardWriter).remove(playerId)
      const seasons = [own, ...earlier].filter((id) => takeOffSeasons(place, board, id))
      return hasRecord || seasons.length > 0
    })
    .map(({ name }) => name)
}

// What leads to runs that are nobody's any more.
function forgetRuns(writer: Writer<Table>, playerId: string): void {
  for (const { id } of listBoards(writer))
    writer.remove('history', new BoardKeys(id).player(playerId))
}

// Returns how many records there were.
function takeOffPeople(writer: Writer<Table>, playerId: string): number {
  const keys = [profileKey(playerId)]
  for (const { key, value } of writer.pairs('people', {
    start: NAME_OWNERS_START,
    end: NAME_OWNERS_END,
  }))
    if (decodeNameOwner(key, value) === playerId) keys.push(key)
  for (const key of writer.keys('people', { start: submitTimesStart(0), end: SUBMIT_TIMES_END }))
    if (submitTimesOf(key)?.playerId === playerId) keys.push(key)
  const bans = placedBans(writer, playerId)
  for (const placed of bans) removeBan(writer, placed, placed.ban)
  return keys.filter((key) => writer.remove('people', key)).length + bans.length
}
