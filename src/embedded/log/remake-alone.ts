/**
 * Changes that take a transaction of their own when they are made again: an erasure, what is left of a move of an
 * erased person, and names that become unique or free.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { commitOf } from '../../board/commit.ts'
import { encodeErasure, erasureKey } from '../../format/people/erasure.ts'
import type { Table } from '../../format/tables.ts'
import type { Writer } from '../../store/store.ts'
import type { LogRecord, StoreAlteration } from '../../words/index.ts'
import { repeatChange } from '../apply.ts'
import { eraseIn, type Survey, surveyOf } from '../moderation/erase.ts'
import { playersOfHashes } from '../moderation/erasures.ts'
import { freeNames, ownAllNames } from '../moderation/names.ts'
import type { OpenStore } from '../open-store.ts'
import { erasedHashOf, givenUpHashOf } from './gone.ts'
import { logNote } from './notes.ts'
import { reachOf } from './remake.ts'

/** Whether a change is made in a transaction of its own. */
export function worksAlone(record: LogRecord): boolean {
  return (
    erasedHashOf(record) !== undefined ||
    givenUpHashOf(record) !== undefined ||
    isMoveOfErased(record) ||
    namesOf(record) !== undefined
  )
}

/** Whether a record is what is left of the move of a person who was erased under the old id. */
export function isMoveOfErased({ kind, from }: LogRecord): boolean {
  return kind === 'move' && from === undefined
}

/** What is done before the change, in its transaction, and behind it. */
interface Work {
  begin: (writer: Writer<Table>) => void
  prove: (writer: Writer<Table>) => void
  /** Writes the record as the log tells it. */
  tell: (writer: Writer<Table>) => void
}

/** Makes such a change. */
export async function remakeAlone(
  { context }: { context: OpenStore },
  record: LogRecord,
  work: Work,
): Promise<void> {
  const [hash, givenUp] = [erasedHashOf(record), givenUpHashOf(record)]
  if (hash !== undefined) await eraseOnceMore(context, hash, work)
  else if (givenUp !== undefined)
    await takeOut(context, { hash: givenUp, by: Number(record['by']) }, work)
  else if (isMoveOfErased(record)) await moveErased(context, record, work)
  else await alterNames(context, record, work)
}

async function eraseOnceMore(
  context: OpenStore,
  hash: string,
  { begin, prove }: Work,
): Promise<void> {
  const found = await surveyOfHash(context, hash)
  await context.store.write((writer) => {
    begin(writer)
    if (found !== undefined) eraseIn({ context, writer }, found.playerId, found)
    else noteErasure(context, writer, hash)
    prove(writer)
  })
}

// The one whom the person became is in no record: the person goes with the move already.
async function takeOut(
  context: OpenStore,
  { hash, by }: { hash: string; by: number },
  { begin, tell }: Work,
): Promise<void> {
  const found = await surveyOfHash(context, hash)
  await context.store.write((writer) => {
    begin(writer)
    if (found !== undefined)
      eraseIn({ context, writer }, found.playerId, { survey: found.survey, byLater: by })
    tell(writer)
  })
}

// Returns the person whose id has a hash, and where it stands; undefined if nobody here has it.
async function surveyOfHash(
  context: OpenStore,
  hash: string,
): Promise<{ playerId: string; survey: Survey } | undefined> {
  const playerId = (await playersOfHashes(context, new Set([hash]))).get(hash)
  if (playerId === undefined) return undefined
  return { playerId, survey: await context.store.hold((reader) => surveyOf(reader, playerId)) }
}

// What the person has here goes to the one who received it; the erasure itself takes the person out of the note.
async function moveErased(
  context: OpenStore,
  record: LogRecord,
  { begin, tell }: Work,
): Promise<void> {
  const { to, actor } = record
  const hash = record['fromHash'] as string | undefined
  const hashes = new Set(hash === undefined ? [] : [hash])
  const [from] = hash === undefined ? [] : (await playersOfHashes(context, hashes)).values()
  await context.store.write((writer) => {
    begin(writer)
    if (from !== undefined)
      repeatChange(context, writer, {
        kind: 'move',
        move: {
          ...{ from, to: to as string, reason: undefined, actor },
          ...{ nowMicros: context.nowMicros(), ...reachOf(record) },
        },
      })
    if (commitOf(writer).lastSeq < record.seq) tell(writer)
  })
}

// The log has lost every trace of the person already.
function noteErasure(context: OpenStore, writer: Writer<Table>, hash: string): void {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('erasures')
  const key = erasureKey(hash)
  const nowMicros = context.nowMicros()
  writer.put('people', key, encodeErasure(key, commit.presentMicros(nowMicros)))
  logNote(writer, nowMicros, { kind: 'erase', fields: { hash } })
}

async function alterNames(
  context: OpenStore,
  record: LogRecord,
  { begin, prove }: Work,
): Promise<void> {
  const alteration = record['settings'] as StoreAlteration
  await context.store.writeAlone(async (writer) => {
    begin(writer)
    if (alteration.names === 'unique') await ownAllNames(writer, nextTurn)
    else freeNames(writer)
    repeatChange(context, writer, { kind: 'alterStore', alteration })
    prove(writer)
  })
}

function namesOf(record: LogRecord): unknown {
  const settings = record.kind === 'alter' ? record['settings'] : undefined
  return (settings as StoreAlteration | undefined)?.names
}
