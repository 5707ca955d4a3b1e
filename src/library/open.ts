/**
 * Opens a store with its front door.
 *
 * @module
 */

import { publishCalls } from '../measures/published-calls.ts'
import type { OpenOptions } from '../words/index.ts'
import { BoardView } from './board-view.ts'
import { Leaderboard } from './leaderboard.ts'
import { Leaderboards } from './leaderboards.ts'
import { LiveView } from './live-view.ts'
import { placeOfStore } from './measured-store.ts'
import { Moderation } from './moderation.ts'
import { openContext } from './open-context.ts'
import { RuledStore } from './ruled-store.ts'
import { SoundStore } from './sound-store.ts'
import { placeOfView, StandingsView } from './standings-view.ts'
import { StoreLog } from './store-log.ts'
import { UndoneStore } from './undone-store.ts'
import { WindowedView } from './windowed-view.ts'

for (const { prototype } of [StandingsView, BoardView, LiveView, WindowedView, Leaderboard])
  publishCalls(prototype, placeOfView)
for (const { prototype } of [
  StoreLog,
  UndoneStore,
  Moderation,
  RuledStore,
  SoundStore,
  Leaderboards,
])
  publishCalls(prototype, placeOfStore)

/**
 * Opens the store in a directory, which is created if it does not exist. Several processes may have
 * one store open, readers and writers. Cost: some milliseconds, whatever the size: nothing is rebuilt.
 *
 * Only in the main thread of a process: a worker thread that is stopped could leave half a commit.
 *
 * A directory that holds other files is not a place for a new store, and a backup is opened read-only or
 * not at all.
 *
 * @throws {TypeError | RangeError} for what is not a path, like a `file:` URL given as text, and for unknown
 *   options.
 * @throws {LadderError} `NO_STORE`, `NOT_A_STORE`, `READ_ONLY` for a backup, `VERSION`, `CORRUPT`, `PERMISSION`, `DISK_FULL`, `BUSY`, `IO`,
 *   `NOT_MAIN_THREAD`.
 * @example
 * const store = openLeaderboards(path)
 * const arena = store.board('arena', { mode: 'best' })
 * await arena.submit('alice', 1500)
 * arena.rank('alice') // 1
 * await store.close()
 */
export function openLeaderboards(path: string | URL, options?: OpenOptions): Leaderboards {
  return new Leaderboards(openContext(path, options))
}
