/**
 * Following the log: each record once, in order, up to the newest one, then each as it comes.
 *
 *     after ──► chunk ──► turn ──► chunk ──► turn ──► … newest ──► look now and then ──► chunk ──► …
 *
 * Nothing is registered with a writer: a follower looks at the counters, as a watcher does (../watch.ts), so
 * commits of all processes are seen. Each chunk is of a snapshot of its own, which is given back before
 * the consumer sees a record of it. So a slow consumer holds back nobody, and only in its own process
 * what trimming may take (trim.ts).
 *
 * Seqs have no gap but that of a restore, whose record says which seq the restored store had reached. By that
 * a place is known that lies in what was taken back.
 *
 * @module
 */

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { readCounters } from '../../board/commit.ts'
import type { Table } from '../../format/keys.ts'
import { logKey, seqOf } from '../../format/log-key.ts'
import { decodeNote, logKindOf } from '../../format/log-note.ts'
import { logEndOf } from '../../format/meta/counters.ts'
import { LadderError } from '../../ground/errors.ts'
import { FOLLOW_CHUNK } from '../../ground/limits.ts'
import type { Pair, Reader } from '../../store/store.ts'
import type { LogOptions, LogRecord } from '../../words/index.ts'
import type { Follower, OpenStore } from '../open-store.ts'
import { filterOf, logSpan, type Takes } from './log-reader.ts'
import { damagedLog, RecordReader } from './records.ts'

/** What a follower asks for. */
export interface AskedFollow extends Pick<LogOptions, 'board' | 'playerId' | 'kinds'> {
  after: number
  intervalMs: number
  signal: AbortSignal | undefined
}

/**
 * Yields the records behind a seq, then those of each commit, until the signal says so or the store is closed.
 *
 * @throws {LadderError} `LOG_TRIMMED`, `LOG_AHEAD`, `CORRUPT`, `CLOSED` if the store was closed before it began.
 */
export async function* follow(
  context: OpenStore,
  asked: AskedFollow,
): AsyncGenerator<LogRecord, void, undefined> {
  const { after, intervalMs, signal } = asked
  const chunks = new Chunks(asked)
  const place: Follower = { next: after + 1 }
  // Refused even if nothing came since, and if the store was closed.
  refuseAhead(logSpan(context.store.current()).last, place.next)
  context.followers.add(place)
  try {
    while (signal?.aborted !== true) {
      const reader = openReader(context)
      if (reader === undefined) return
      const records = chunks.read(reader, place)
      for (const record of records) {
        if (signal?.aborted) return
        yield record
      }
      if (chunks.isAtEnd) await sleep(intervalMs, undefined, signal && { signal }).catch(ignored)
      else await nextTurn()
    }
  } finally {
    context.followers.delete(place)
  }
}

// Closing ends what is under way.
function openReader(context: OpenStore): Reader<Table> | undefined {
  try {
    return context.store.current()
  } catch (error) {
    if (error instanceof LadderError && error.code === 'CLOSED') return undefined
    throw error
  }
}

/** Reads one part of the log after another. */
class Chunks {
  readonly #asked: AskedFollow
  #known: { reader: Reader<Table>; nextBoardId: number } | undefined
  #records: RecordReader | undefined
  #takes: Takes | undefined
  /** Whether the last chunk was the end of the log. */
  isAtEnd = false

  constructor(asked: AskedFollow) {
    this.#asked = asked
  }

  /** Returns the records asked for among the next ones, and moves the place on behind those looked at. */
  read(reader: Reader<Table>, place: Follower): LogRecord[] {
    const counters = readCounters(reader)
    const { seq: last } = logEndOf(counters)
    this.isAtEnd = place.next > last
    if (this.isAtEnd) {
      refuseAhead(last, place.next)
      return []
    }
    const { records, takes } = this.#toolsOf(reader, counters.nextBoardId)
    const answer: LogRecord[] = []
    const before = place.next
    for (const pair of reader.pairs('log', { start: logKey(before), limit: FOLLOW_CHUNK })) {
      const seq = seqOf(pair.key) ?? 0
      if (seq !== place.next)
        refuseGap(reader, place.next, { seq, pair, isFirst: place.next === before })
      if (takes(seq, pair)) answer.push(records.read(seq, pair))
      place.next = seq + 1
    }
    if (place.next === before) throw trimmed(last + 1, before)
    this.isAtEnd = place.next > last
    return answer
  }

  // Which board a number means never changes: they are listed again only if there are new ones.
  #toolsOf(reader: Reader<Table>, nextBoardId: number): { records: RecordReader; takes: Takes } {
    const isSame = this.#known?.reader === reader && this.#known.nextBoardId === nextBoardId
    if (!isSame) {
      this.#records = undefined
      this.#takes = undefined
      this.#known = { reader, nextBoardId }
    }
    this.#records ??= new RecordReader(reader)
    this.#takes ??= filterOf(reader, this.#asked)
    return { records: this.#records, takes: this.#takes }
  }
}

// What comes in place of the next record tells why that one is not there.
function refuseGap(
  reader: Reader<Table>,
  next: number,
  found: { seq: number; pair: Pair; isFirst: boolean },
): void {
  const restoredSeq = restoredSeqOf(found.pair)
  if (restoredSeq === next - 1) return
  if (!found.isFirst) throw damagedLog(next)
  if (restoredSeq !== undefined && next - 1 > restoredSeq) throw taken(next - 1, found.seq)
  const { first } = logSpan(reader)
  if (first < next) throw damagedLog(next)
  throw trimmed(first, next)
}

function restoredSeqOf({ key, value }: Pair): number | undefined {
  if (logKindOf(value) !== 'restore') return undefined
  const seq = decodeNote(key, value)?.fields['restoredSeq']
  return typeof seq === 'number' ? seq : undefined
}

function refuseAhead(last: number, next: number): void {
  if (next <= last + 1) return
  throw new LadderError(
    'LOG_AHEAD',
    `Cannot follow the log after ${next - 1}: its last record is ${last}, so that number is of another store, or of one that was replaced; read the boards, then follow after ${last}`,
  )
}

function taken(after: number, restore: number): LadderError {
  return new LadderError(
    'LOG_AHEAD',
    `Cannot follow the log after ${after}: a restore, which is record ${restore}, took that change back; read the boards, then follow after ${restore}`,
  )
}

function trimmed(first: number, next: number): LadderError {
  return new LadderError(
    'LOG_TRIMMED',
    `Cannot follow the log after ${next - 1}: its oldest record is ${first}, those before it were trimmed; read the boards, then follow after ${first - 1}`,
  )
}

function ignored(): void {}
