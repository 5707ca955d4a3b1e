/**
 * Trimming the log: what is older than the retention, or more than it, goes from the old end, a little at a
 * time, so that others write in between.
 *
 * What is left needs no rewriting: the oldest run of each player that stays says what was before it, and of
 * the few of whom that is not enough a baseline is kept (baselines.ts). The seq goes on even if nothing is left.
 *
 * What a follower of this process has yet to read stays, until the log is twice what the retention allows. Those of
 * other processes are behind a cut only if they are behind the retention, and are told so.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { ownBytes } from '../../format/bytes.ts'
import type { Table } from '../../format/keys.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import { logKindOf } from '../../format/log-note.ts'
import { pastBoardKey } from '../../format/meta/past-board.ts'
import { committedMicrosOf, decodeRun } from '../../format/run-record.ts'
import { TRIM_RECORDS } from '../../ground/limits.ts'
import type { Pair, Writer } from '../../store/store.ts'
import { closeFlagsBefore } from '../moderation/flags.ts'
import { readSettings } from '../moderation/store-settings.ts'
import type { OpenStore } from '../open-store.ts'
import { Baselines } from './baselines.ts'
import { listPastBoards } from './board-names.ts'

const DAY_MICROS = 86_400_000_000

/** What is to go next: records up to a seq, as far as they are older than a time, or within a number of records. */
interface Due {
  first: number
  /** Not included. */
  end: number
  beforeMicros: number
  count: number
}

/** Returns what is to go next, or undefined. Cost: a look at one record, the settings, and what LMDB counts. */
export function dueToTrim(context: OpenStore): Due | undefined {
  const reader = context.store.current()
  for (const { key, value } of reader.pairs('log', { limit: 1 })) {
    const { days, bytes } = readSettings(reader).retention
    const first = seqOf(key) ?? 0
    const micros = committedMicrosOf(value)
    const nowMicros = context.nowMicros()
    const size = context.store.sizeOf('log')
    const isTwice = size.bytes > 2 * bytes || micros < nowMicros - 2 * days * DAY_MICROS
    const due = {
      first,
      end: isTwice ? Number.MAX_SAFE_INTEGER : nextOf(context),
      beforeMicros: nowMicros - days * DAY_MICROS,
      count: Math.ceil(((size.bytes - bytes) / size.bytes) * size.entries),
    }
    return first < due.end && (due.count > 0 || micros < due.beforeMicros) ? due : undefined
  }
  return undefined
}

// The first record that a follower of this process has yet to read.
function nextOf({ followers }: OpenStore): number {
  let next = Number.MAX_SAFE_INTEGER
  for (const follower of followers) next = Math.min(next, follower.next)
  return next
}

/** Trims until nothing is due, or `isEnded` says so after a commit. */
export async function trimLog(context: OpenStore, isEnded: () => boolean): Promise<void> {
  for (let due = dueToTrim(context); due !== undefined; due = dueToTrim(context)) {
    const next = due
    await context.store.write((writer) => trimChunk(writer, next))
    if (isEnded()) return
  }
}

function trimChunk(writer: Writer<Table>, due: Due): void {
  const pairs = pairsOf(writer, due)
  const last = pairs.at(-1)
  if (last === undefined) return
  commitOf(writer).willChange()
  const baselines = new Baselines(writer)
  for (const { key, value } of pairs) {
    const run = logKindOf(value) === 'submit' ? decodeRun(key, value) : undefined
    if (run !== undefined) baselines.take(seqOf(key) ?? 0, run)
  }
  baselines.put()
  for (const { key } of pairs) writer.remove('log', key)
  const cut = (seqOf(last.key) ?? 0) + 1
  if (commitOf(writer).uses('rules')) closeFlagsBefore(writer, cut)
  if (pairs.some(({ value }) => logKindOf(value) !== 'submit')) forgetPastBoards(writer, cut)
}

// Another process may have trimmed since it was looked at: then it is looked at again.
function pairsOf(writer: Writer<Table>, { first, end, beforeMicros, count }: Due): Pair[] {
  const pairs: Pair[] = []
  for (const { key, value } of writer.pairs('log', { end: logKey(end), limit: TRIM_RECORDS })) {
    if (pairs.length === 0 && seqOf(key) !== first) return []
    if (pairs.length >= count && committedMicrosOf(value) >= beforeMicros) break
    pairs.push({ key, value: ownBytes(value) })
  }
  return pairs
}

// No record speaks of a dropped board by its number any more.
function forgetPastBoards(writer: Writer<Table>, cut: number): void {
  for (const { board, droppedSeq } of listPastBoards(writer))
    if (droppedSeq < cut) writer.remove('meta', pastBoardKey(board.id))
}
