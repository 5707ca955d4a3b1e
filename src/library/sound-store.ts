/**
 * What shows what a store is made of, and keeps it sound: sizes, dump, check, rebuild, backup.
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { checkArguments, checkCall } from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import { dumpStore } from '../check/dump.ts'
import { statsOf } from '../check/stats.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { forCaller } from '../ground/call-site.ts'
import type {
  BackupReport,
  CheckOptions,
  CheckReport,
  DumpedPair,
  DumpOptions,
  RebuildOptions,
  RebuildReport,
  StoreStats,
} from '../words/index.ts'
import { RuledStore } from './ruled-store.ts'

/** A store that can be looked into, checked, rebuilt and backed up. */
export class SoundStore extends RuledStore {
  readonly #context: OpenStore

  /** @internal */
  constructor(context: OpenStore) {
    super(context)
    this.#context = context
  }

  /**
   * Returns sizes, the shape of every rank tree, and who reads. Cost: every node of the trees.
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`; in a snapshot `EXPIRED`.
   * @example
   * store.stats().entries // 0
   */
  stats(): StoreStats {
    checkArguments('stats', arguments)
    return statsOf({ store: this.#context.store, nowMicros: this.#context.nowMicros() })
  }

  /**
   * Iterates over every key and value that is stored, in hexadecimal and in words, by tables and keys:
   * for those who look into a store. What is damaged is shown too. A long iteration that gives up control
   * in between may show pairs of several commits. Cost: O(answer).
   *
   * @throws {LadderError} `NO_BOARD`, `CLOSED`.
   * @example
   * await store.board('arena').submit('ada', 900)
   * const [first] = store.dump({ table: 'players' })
   * first.text.includes('player "ada"') // true
   */
  dump(options?: DumpOptions): Generator<DumpedPair> {
    return dumpStore(this.#context.store.current(), checkCall('dump', arguments, options))
  }

  /**
   * Walks everything on one snapshot and reports every finding; changes nothing. Both directions
   * between players and entries, their order, all checksums and every invariant of the rank trees.
   * Cost: 3 to 4 s of processor time per million entries; the event loop gets a turn now and then. Pages on
   * which LMDB gives up end the process: `checkStore` reads them in a child.
   *
   * With `history` the runs of every player are made again, from the oldest that the log has, and must come to
   * the entry that is stored. Left out are what no record tells of: boards with `log: 'none'`, what an import
   * without records brought, what was before a move, and, on a board of the best, players of whom an undo took
   * runs. Cost: beyond that O(records).
   *
   * @throws {LadderError} `ABORTED` by the signal.
   * @example
   * const { ok, findings } = await store.check()
   * ok // true
   */
  check(options?: CheckOptions): Promise<CheckReport> {
    return forCaller('Cannot check the store', async () => {
      const checked = checkCall('check', arguments, options)
      const { checkOpenStore } = await import('../check/check-store.ts')
      return checkOpenStore(this.#context.store, checked)
    })
  }

  /**
   * Rebuilds the rank tree of a board from its entries, or with `from: 'players'` the entries from the
   * player records too: missing and damaged ones are made, those that no record leads to are removed.
   * Times that a clock far off has left, and no store can hold, become that of now with `from: 'players'`.
   * One transaction for the board, then one for each season: if it fails the old state stays. Cost: a walk with
   * turns for the event loop, then the transaction, for which others wait, with a second walk if a commit came.
   * About 2 s per million entries from entries, 6 s from player records.
   *
   * With `from: 'log'` a board becomes what its changes come to: all changes of the store are made again beside
   * it, from the first one on, while others write; one transaction then takes over what differs. Without a
   * board, all boards, and the answer is a list. The log must be whole: nothing trimmed, no person erased, and on
   * the boards asked for no import without records. Cost: that of the changes, and room for them on the disk.
   *
   * @throws {LadderError} `CORRUPT` if an entry is damaged, or a player record with `from:
   *   'players'`: restore a backup then; `LOG_TRIMMED`, `LOG_OFF`, `LOG_UNUSABLE` if the log does not tell
   *   all, before anything is changed; `BUSY` if an import fills the board meanwhile; `NO_BOARD`, `ABORTED`, and those of writes.
   * @example
   * await store.createBoard('arena')
   * const { entries } = await store.rebuild('arena', { from: 'players' })
   * entries // 0
   */
  rebuild(board: string, options?: RebuildOptions): Promise<RebuildReport>
  rebuild(board: undefined, options: RebuildOptions & { from: 'log' }): Promise<RebuildReport[]>
  rebuild(
    board: string | undefined,
    options?: RebuildOptions,
  ): Promise<RebuildReport | RebuildReport[]> {
    return forCaller('Cannot rebuild the board', async () => {
      const checked = checkCall('rebuild', [board, options], options)
      if (checked.from === 'log') {
        const { rebuildFromLog } = await import('./rebuild-from-log.ts')
        const reports = await rebuildFromLog(this.#context, board, checked)
        return board === undefined ? reports : (reports[0] as RebuildReport)
      }
      if (board === undefined)
        throw new TypeError(
          'Cannot rebuild without a board: name one; only from: "log" rebuilds all',
        )
      const { rebuildBoard } = await import('../check/rebuild.ts')
      return rebuildBoard(this.#context, board, { ...checked, from: checked.from })
    })
  }

  /**
   * Backs up the store, while others write to it, to a new directory: a compacted copy of one
   * instant, flushed, then opened and checked in a child process, and a manifest. The directory
   * appears under its name only when it is complete; what fails leaves nothing. Submits go on, and
   * the file grows by what they change meanwhile. A stream gets the backup as one file and is ended. Cost: reads what the store holds, writes it once, reads that twice.
   *
   * The signal ends it between and within its steps, but LMDB's own copy of the pages goes on to its
   * end first.
   *
   * @throws {LadderError} `EXISTS`, `DISK_FULL`, `CORRUPT` if the check finds something,
   *   `PERMISSION`, `IO`, `ABORTED`.
   * @example
   * const { boards } = await store.backup(`${path}/2026-11-21.ladder`)
   * boards.length // 0
   */
  backup(
    target: string | URL | Writable,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<BackupReport> {
    return forCaller('Cannot back up the store', async () => {
      const isStream = typeof (target as Writable | undefined)?.write === 'function'
      const place = isStream ? (target as Writable) : checkPath(target, 'back up', 'target')
      const checked = checkCall('backup', arguments, options)
      const work = { ...checked, now: this.#context.nowMicros() / 1000 }
      const { backupStore, streamStore } = await import('../backup/backup.ts')
      if (typeof place === 'string') return backupStore(this.#context.store, place, work)
      return streamStore(this.#context.store, place, work)
    })
  }
}
