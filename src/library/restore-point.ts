/**
 * A restore that goes on from its backup with a log, up to a point in time.
 *
 * @module
 */

import { resolve } from 'node:path'
import { readCounters } from '../board/commit.ts'
import { microsOfAt, timeOf } from '../calls/times.ts'
import { listBoards } from '../embedded/catalog.ts'
import { readLineage } from '../embedded/lineage.ts'
import { readLog } from '../embedded/log/log-reader.ts'
import { Replay, ReplayClock } from '../embedded/log/replay.ts'
import { logEndOf } from '../format/meta/counters.ts'
import type { LogRecord, RestoredPoint, RestoreOptions } from '../words/index.ts'
import type { LogSource } from './log-origin.ts'
import { openLogSource } from './log-source.ts'
import { openContext } from './open-context.ts'
import {
  type AskedPoint,
  type BackupEnd,
  planRestore,
  type RestorePlan,
  storyOf,
} from './restore-plan.ts'

/** Work on one restore: what is found out first is done later. */
export class PointRestore {
  readonly #logPath: string
  readonly #asked: AskedPoint
  readonly #signal: AbortSignal | undefined
  #source: LogSource | undefined
  #plan: RestorePlan | undefined

  /** Of the store at `target`, unless a log is named. */
  constructor(
    target: string,
    { until, seq, log, signal }: RestoreOptions & { log?: string | undefined },
  ) {
    this.#logPath = resolve(log ?? target)
    this.#signal = signal
    const untilMicros = until === undefined ? undefined : microsOfAt(timeOf(until, 'until'))
    this.#asked = { seq, untilMicros }
  }

  /** Hashes of all who are erased in the log behind the point, and of ids that were theirs there. */
  get later(): ReadonlySet<string> {
    return this.#plan?.later ?? new Set()
  }

  /** Hashes of ids that erased persons gave up up to the point. */
  get givenUp(): ReadonlySet<string> {
    return this.#plan?.givenUp ?? new Set()
  }

  /** Looks whether the log leads from a backup to the point, and up to where. */
  async prepare(backup: string): Promise<RestoredPoint> {
    const end = await endOf(backup)
    this.#source = await openLogSource(this.#logPath, end.origin)
    this.#plan = await planRestore(this.#source, end, { ...this.#asked, signal: this.#signal })
    return this.#plan.point
  }

  /** Makes the changes of the log again in the store of a directory, which nobody has seen yet. */
  async replay(directory: string): Promise<RestoredPoint> {
    const [source, plan] = [this.#source, this.#plan]
    if (source === undefined || plan === undefined) throw new Error('prepare() comes first')
    const clock = new ReplayClock()
    const context = openContext(directory, {
      ...{ create: false, durability: 'relaxed', allowNetworkFileSystem: true },
      clock: clock.read,
    })
    try {
      const { seq, records } = plan.point
      const { erasures, imports } = plan
      const replay = new Replay({ context, clock, erasures, imports, signal: this.#signal })
      const silent = new Silent(seq - records)
      silent.noteBoards(listBoards(context.store.current()))
      for await (const record of source.records(seq - records)) {
        if (record.seq > seq) break
        silent.note(record)
        await replay.add(record)
      }
      await replay.end()
      const partial = silent.boards
      return { ...plan.point, ...(partial.length > 0 && { partial }) }
    } finally {
      await context.store.close()
    }
  }

  async close(): Promise<void> {
    await this.#source?.close()
  }
}

/** Boards that keep no log, and the first record from which on nothing is known of them. */
class Silent {
  readonly #from = new Map<string, number>()
  readonly #lastSeq: number

  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq
  }

  noteBoards(boards: readonly { name: string; log: string }[]): void {
    for (const { name, log } of boards) if (log === 'none') this.#from.set(name, this.#lastSeq + 1)
  }

  note({ seq, kind, board, settings }: LogRecord): void {
    if (board === undefined) return
    if (kind === 'drop') this.#from.delete(board)
    const { log } = (settings ?? {}) as { log?: unknown }
    if (kind === 'create' && log === 'none') this.#from.set(board, seq + 1)
  }

  get boards(): { board: string; from: number }[] {
    return [...this.#from].map(([board, from]) => ({ board, from }))
  }
}

async function endOf(backup: string): Promise<BackupEnd> {
  const { store, storeId } = openContext(backup, {
    ...{ readOnly: true, create: false, allowNetworkFileSystem: true },
  })
  try {
    const reader = store.current()
    const { seq: lastSeq, committedMicros: lastMicros } = logEndOf(readCounters(reader))
    const [last] = readLog(reader, { before: lastSeq + 1, limit: 1 }).records
    return {
      origin: { storeId, lineageId: readLineage(reader)?.lineageId },
      ...{ lastSeq, lastMicros, lastRecord: last && storyOf(last) },
    }
  } finally {
    await store.close()
  }
}
