/**
 * The engine of a store beside its library: what is stored of seasons, and changes that go past the library.
 *
 * @module
 */

import { readCounters } from '../../src/board/commit.ts'
import { makeChange } from '../../src/embedded/apply.ts'
import { findBoard } from '../../src/embedded/catalog.ts'
import { NamedBoard } from '../../src/embedded/named-board.ts'
import { OpenStore } from '../../src/embedded/open-store.ts'
import { asSeason } from '../../src/embedded/seasons/season-at.ts'
import { presentOf, readerOfSeason, seasonNow } from '../../src/embedded/seasons/season-boards.ts'
import { listSeasons } from '../../src/embedded/seasons/season-records.ts'
import { windowNamed, windowsOf } from '../../src/embedded/seasons/windows.ts'
import type { CatalogEntry } from '../../src/format/meta/board.ts'
import type { Counters } from '../../src/format/meta/counters.ts'
import { TABLES } from '../../src/format/tables.ts'
import { openLmdbStore } from '../../src/store/lmdb/open-lmdb.ts'
import type { LogPage, Score } from '../../src/words/index.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

/** A season as a test looks at it. */
export interface SeenSeason {
  id: string
  from: number
  to: number | undefined
  state: string
  /** Player, score and time of each entry, best first. */
  rows: [playerId: string, score: unknown, at: number][]
}

/** The engine of a store that is open in the library too. */
export class SeasonEngine {
  readonly context: OpenStore
  readonly temporary: TemporaryStore

  constructor(temporary: TemporaryStore) {
    this.temporary = temporary
    const options = {
      ...{ required: TABLES, readOnly: false, create: false, relaxed: false },
      ...{ allowNetwork: false, initial: [] },
    }
    this.context = new OpenStore(openLmdbStore(temporary.path, { tables: TABLES, ...options }), {
      ...{ storeId: '00'.repeat(16), futureAllowanceMs: 300_000 },
      ...{ clock: temporary.clock.read, cacheBytes: 2 ** 20 },
    })
  }

  /** What is stored of the seasons of a window, in the order of time. */
  seasons(board: string, name: string): SeenSeason[] {
    const reader = this.context.store.current()
    const found = findBoard(reader, board) as CatalogEntry
    const window = windowNamed(windowsOf(reader, found.id), name, board)
    return listSeasons(reader, window).map((stored) => {
      const season = asSeason(stored)
      const rows = [
        ...readerOfSeason(this.context, reader, { board: found, window, season }).entries(
          'ordinal',
        ),
      ].map(({ playerId, score, at }) => [playerId, score, at] as SeenSeason['rows'][number])
      const { startMicros, endMicros, id, state } = stored
      const to = endMicros === undefined ? undefined : endMicros / 1000
      return { id, from: startMicros / 1000, to, state, rows }
    })
  }

  /** The id of the season that is on. */
  now(board: string, name: string): string | undefined {
    const reader = this.context.store.current()
    const found = findBoard(reader, board) as CatalogEntry
    const window = windowNamed(windowsOf(reader, found.id), name, board)
    return seasonNow(reader, window, presentOf(reader, this.context.nowMicros()))?.id
  }

  counters(): Counters {
    return readCounters(this.context.store.current())
  }

  start(board: string, window: string, season: string): Promise<{ season: string; from: number }> {
    const spec = findBoard(this.context.store.current(), board) as CatalogEntry
    const named = new NamedBoard(spec, { wasThere: true })
    return makeChange(this.context, { kind: 'startSeason', board: named, window, season })
  }
}

/** Runs `body` with a store, its library and its engine; the store is checked afterwards. */
export async function withSeasons(
  body: (scene: { temporary: TemporaryStore; engine: SeasonEngine }) => Promise<void>,
): Promise<void> {
  await withStore(async (temporary) => {
    const engine = new SeasonEngine(temporary)
    try {
      await body({ temporary, engine })
    } finally {
      await engine.context.store.close()
    }
  })
}

/** What the log tells of seasons, in its order. */
export function toldOf({
  store,
}: TemporaryStore): [kind: string, window: string, season: string][] {
  const kinds = ['season-open', 'season-close', 'season-seal'] as const
  const told: [string, string, string][] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: LogPage<Score> = store.log({ after, kinds, limit: 10_000 })
    for (const { kind, window, season } of page.records)
      told.push([kind.slice(7), String(window), String(season)])
    after = page.next
  }
  return told
}
