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
import { ownBytes } from '../../format/bytes.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
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
import { assert } from '../../ground/assert.ts'
import { TURN_KEYS } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { EraseAnswer } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { logNote } from '../log/notes.ts'
import { runsOf } from '../log/runs.ts'
import type { OpenStore } from '../open-store.ts'
import { removeBan } from './ban-changes.ts'
import { placedBans } from './bans.ts'
import { erased, Mentions, redacted } from './redact.ts'
import { forgetPlayer } from './requests.ts'

/** Where a change is made. */
interface Place {
  context: OpenStore
  writer: Writer<Table>
}

/** Records of the log that are about a person, up to a seq. */
interface Survey {
  last: number
  seqs: number[]
}

/** Erases a player; see `Leaderboards.erase`. */
export async function erasePlayer(
  context: OpenStore,
  playerId: string,
): Promise<Omit<EraseAnswer, 'heldBy'>> {
  const survey = await context.store.hold((reader) => surveyOf(reader, playerId))
  return context.store.write((writer) => eraseIn({ context, writer }, playerId, survey))
}

/** Looks through the log for a person. */
export async function surveyOf(reader: Reader<Table>, playerId: string): Promise<Survey> {
  const last = logEndOf(readCounters(reader)).seq
  const seqs: number[] = []
  for (const first of reader.keys('log', { limit: 1 }))
    for (let seq = seqOf(first) ?? 1; seq <= last; seq += TURN_KEYS) {
      seqs.push(...mentionsIn(reader, playerId, { first: seq, end: seq + TURN_KEYS }))
      await nextTurn()
    }
  return { last, seqs }
}

// Whether a record is about the person is said by what would be left of it.
function mentionsIn(
  reader: Reader<Table>,
  playerId: string,
  { first, end }: { first: number; end: number },
): number[] {
  const mentions = new Mentions(playerId)
  const seqs: number[] = []
  reader.visit('log', { start: logKey(first), end: logKey(end) }, (key, value) => {
    if (!mentions.mayBeIn(value)) return
    const own = { key: Buffer.from(key), value: ownBytes(value) }
    if (redacted(own, playerId, 0) !== undefined) seqs.push(seqOf(own.key) as number)
  })
  return seqs
}

/** Takes a person out, in a transaction. */
export function eraseIn(
  { context, writer }: Place,
  playerId: string,
  survey: Survey,
): Omit<EraseAnswer, 'heldBy'> {
  const commit = commitOf(writer)
  commit.beginChange()
  const hash = erasureHash(context.storeId, playerId)
  const isKnown = writer.get('people', erasureKey(hash)) !== undefined
  const by = commit.lastSeq + 1
  const later = mentionsIn(writer, playerId, { first: survey.last + 1, end: by })
  const records = new Set([...survey.seqs, ...later])
  const movedIn = listBoards(writer).flatMap((board) => ownRuns(writer, board, playerId))
  commit.willChange()
  commit.use('erasures')
  for (const seq of records) rewrite(writer, seq, (pair) => redacted(pair, playerId, by))
  for (const seq of movedIn) rewrite(writer, seq, (pair) => erased(pair, by))
  for (const seq of movedIn) records.add(seq)
  const boards = takeOffBoards({ context, writer }, playerId)
  const others = takeOffPeople(writer, playerId) + forgetPlayer(writer, playerId)
  if (isKnown && boards.length + records.size + others === 0) return { boards, records: 0 }
  const key = erasureKey(hash)
  const nowMicros = context.nowMicros()
  writer.put('people', key, encodeErasure(key, commit.presentMicros(nowMicros)))
  const seq = logNote(writer, nowMicros, { kind: 'erase', fields: { hash } })
  assert(seq === by, 'what is left of records names the erasure')
  return { seq, boards, records: records.size }
}

// Those that others made who became this player are not found by the id.
function ownRuns(reader: Reader<Table>, board: { id: number }, playerId: string): number[] {
  const found = listBoards(reader).find(({ id }) => id === board.id)
  if (found === undefined) return []
  const seqs: number[] = []
  for (const { seq, run } of runsOf(reader, { board: found, playerId }))
    if (run.playerId !== playerId) seqs.push(seq)
  return seqs
}

function rewrite(
  writer: Writer<Table>,
  seq: number,
  change: (pair: { key: Buffer; value: Buffer }) => Buffer | undefined,
): void {
  const key = logKey(seq)
  const value = writer.get('log', key)
  // It may have been trimmed since it was looked at.
  const left = value && change({ key, value: ownBytes(value) })
  if (left === undefined) return
  writer.put('log', key, left)
  writer.remove('people', openFlagKey(seq))
}

function takeOffBoards({ context, writer }: Place, playerId: string): string[] {
  return listBoards(writer)
    .filter((board) => {
      const key = new BoardKeys(board.id).player(playerId)
      const isThere = writer.get('players', key) !== undefined
      if (isThere) (context.writerOfName(writer, board.name) as BoardWriter).remove(playerId)
      writer.remove('history', key)
      return isThere
    })
    .map(({ name }) => name)
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
