/**
 * The log of a store that others may have open.
 *
 * @module
 */

import { readLineage } from '../embedded/lineage.ts'
import { logSpan, readLog } from '../embedded/log/log-reader.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { REPLAY_CHUNK } from '../ground/limits.ts'
import type { LogRecord } from '../words/index.ts'
import type { LogOrigin, LogSource } from './log-origin.ts'
import { openContext } from './open-context.ts'

/** Opens the log of a store for reading. */
export function openStoreLog(path: string): LogSource {
  return new LogOfStore(
    openContext(path, { readOnly: true, create: false, allowNetworkFileSystem: true }),
  )
}

class LogOfStore implements LogSource {
  readonly what: string
  readonly origin: LogOrigin
  readonly isTorn = false
  readonly problems: readonly string[] = []
  readonly lastSeq: number
  readonly #context: OpenStore

  constructor(context: OpenStore) {
    const reader = context.store.current()
    this.#context = context
    this.what = `the log of ${context.store.path}`
    this.origin = { storeId: context.storeId, lineageId: readLineage(reader)?.lineageId }
    this.lastSeq = logSpan(reader).last
  }

  async *records(after: number): AsyncGenerator<LogRecord, void, undefined> {
    for (let next: number | undefined = after; next !== undefined; ) {
      const page = readLog(this.#context.store.current(), { after: next, limit: REPLAY_CHUNK })
      // What came since the log was opened is of no concern.
      for (const record of page.records) if (record.seq <= this.lastSeq) yield record
      next = page.next
    }
  }

  close(): Promise<void> {
    return this.#context.store.close()
  }
}
