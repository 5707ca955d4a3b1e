/**
 * Changes that take a transaction of their own when they are made again: an erasure, and names that become
 * unique or free.
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
import { eraseIn, surveyOf } from '../moderation/erase.ts'
import { playersOfHashes } from '../moderation/erasures.ts'
import { freeNames, ownAllNames } from '../moderation/names.ts'
import type { OpenStore } from '../open-store.ts'
import { logNote } from './notes.ts'

/** Whether a change is made in a transaction of its own. */
export function worksAlone(record: LogRecord): boolean {
  return hashOf(record) !== undefined || namesOf(record) !== undefined
}

/** What is done before the change, in its transaction, and behind it. */
interface Work {
  begin: (writer: Writer<Table>) => void
  prove: (writer: Writer<Table>) => void
}

/** Makes such a change. */
export async function remakeAlone(
  { context }: { context: OpenStore },
  record: LogRecord,
  work: Work,
): Promise<void> {
  const hash = hashOf(record)
  if (hash !== undefined) await eraseOnceMore(context, hash, work)
  else await alterNames(context, record, work)
}

async function eraseOnceMore(
  context: OpenStore,
  hash: string,
  { begin, prove }: Work,
): Promise<void> {
  const { store } = context
  const playerId = (await playersOfHashes(context, new Set([hash]))).get(hash)
  const survey =
    playerId === undefined ? undefined : await store.hold((reader) => surveyOf(reader, playerId))
  await store.write((writer) => {
    begin(writer)
    if (playerId !== undefined && survey !== undefined)
      eraseIn({ context, writer }, playerId, survey)
    else noteErasure(context, writer, hash)
    prove(writer)
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

function hashOf(record: LogRecord): string | undefined {
  const hash = record.kind === 'erase' ? record['hash'] : undefined
  return typeof hash === 'string' ? hash : undefined
}

function namesOf(record: LogRecord): unknown {
  const settings = record.kind === 'alter' ? record['settings'] : undefined
  return (settings as StoreAlteration | undefined)?.names
}
