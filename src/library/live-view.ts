/**
 * Reads of a board that take their time: they look at one commit after the other, or give the event loop
 * its turns. A snapshot, which is over with its function, has none of them.
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readSequence } from '../board/commit.ts'
import { hearErrors, inPath } from '../calls/file-or-stream.ts'
import type { Look } from '../calls/looks.ts'
import { checkArguments, checkCall } from '../calls/options.ts'
import { NameSearch } from '../domain/find.ts'
import type { BoardSpec } from '../domain/settings.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { SeasonSource } from '../embedded/seasons/season-source.ts'
import { watch } from '../embedded/watch.ts'
import { forCaller } from '../ground/call-site.ts'
import { throwIfAborted } from '../ground/errors.ts'
import type {
  Entry,
  ExportOptions,
  ExportReport,
  FindOptions,
  Score,
  WatchOptions,
  WatchUpdate,
} from '../words/index.ts'
import { BoardView } from './board-view.ts'
import type { ReaderSource, ViewParts } from './standings-view.ts'

const WATCH_DEFAULT = 10
const FIND_DEFAULT = 10

/** Entries between two turns of the event loop: about a millisecond. */
const FIND_TURN = 1_000
const WATCH_INTERVAL_MS = 100

/** All reads of a board that is open, whose scores are of type `S`. */
export class LiveView<S extends Score = number> extends BoardView<S> {
  readonly #shownOf: () => BoardSpec
  readonly #source: ReaderSource
  readonly #context: OpenStore
  readonly #season: SeasonSource | undefined

  /** @internal */
  constructor(specOf: () => BoardSpec, parts: ViewParts) {
    super(specOf, parts)
    this.#shownOf = parts.shownOf ?? specOf
    this.#source = parts.source
    this.#context = parts.context
    this.#season = parts.season
  }

  /**
   * Writes all entries in board order, on one snapshot, to a file by its path, or to a stream, which is
   * ended.
   *
   * The name of a file says its format, and `.gz` whether it is packed, unless the options do. The file
   * appears when it is whole and on the disk; if the export fails, nothing is left. A file that exists is
   * refused, or with `force: true` replaced. A stream needs `format`.
   *
   * Cost: O(n), with turns for the event loop; memory does not depend on n.
   *
   * @throws {LadderError} as reads; `EXISTS` for a file; `DISK_FULL`, `PERMISSION`, `IO` for a
   *   file or a stream; a stream's errors of other kinds as they are.
   * @example
   * await board.submit('ada', 900)
   * await board.submit('bob', 800)
   * await board.exportTo(`${path}.csv`, { top: 1 }) // { exported: 1 }
   * const { exported } = await board.exportTo(createWriteStream(`${path}.txt`), { format: 'csv' })
   * exported // 2
   */
  exportTo(target: Writable | string | URL, options?: ExportOptions): Promise<ExportReport> {
    return forCaller(undefined, async () => {
      checkArguments('exportTo', arguments)
      hearErrors(target)
      const to = inPath(target, 'export')
      const { exportBoard, exportOptionsFor } = await import('../rows/export.ts')
      const checked = exportOptionsFor(to, options)
      return exportBoard(this.#shownOf(), { view: this, target: to, options: checked })
    })
  }

  /**
   * Finds players by their names: those whose name is `name` come first, then those whose name begins
   * with it, each in board order; ten if not said otherwise. Case and Unicode form make no difference
   * (`ZOË`, `zoë`). A player without a name of its own is found by the `playerId`. Ranks are ordinal.
   *
   * Reads every entry on one snapshot, as there is no index of names. Cost: O(n), about a second a
   * million entries, with turns for the event loop.
   *
   * @throws {LadderError} `ABORTED` by the signal, and those of reads.
   * @example
   * await board.submit('p17', 900, { name: 'Ada Lovelace' })
   * const [found] = await board.find('ada')
   * found.playerId // 'p17'
   */
  async find(name: string, options?: FindOptions): Promise<Entry<S>[]> {
    const { limit = FIND_DEFAULT, signal } = checkCall('find', arguments, options)
    const search = new NameSearch<Entry<S>>(name, limit)
    let done = 0
    for (const entry of this.entries()) {
      search.take(entry)
      if (search.isFull) break
      if (++done % FIND_TURN !== 0) continue
      await nextTurn()
      throwIfAborted({ signal })
    }
    return search.found()
  }

  /**
   * Watches the first entries, ten by default, or one player: yields what is there now, then,
   * after commits that changed any of it, what is there and what changed since the last update.
   *
   * Commits of other processes count too. Several commits may come as one update, and a slow consumer
   * loses states in between, never the last one; no writer waits. Of a window, an update says `season`; if a
   * new one began, `began` is true, `entries` are its own, and `changes` is empty. Ends when the signal is aborted or
   * the store is closed; one that begins after `close` is refused. Cost: microseconds at each interval, and a `top` after a commit.
   *
   * @throws {LadderError} as reads: `NO_BOARD` if the board was dropped, `CLOSED` after `close`.
   * @example
   * await board.submit('ada', 900)
   * for await (const { entries, changes } of board.watch({ top: 3 })) {
   *   entries[0].playerId // 'ada'
   *   break
   * }
   */
  watch(options?: WatchOptions): AsyncGenerator<WatchUpdate<S>, void, undefined> {
    const {
      top = WATCH_DEFAULT,
      playerId: id,
      signal,
      intervalMs = WATCH_INTERVAL_MS,
      rankMode: mode = 'ordinal',
    } = checkCall('watch', arguments, options)
    if (options?.top !== undefined && id !== undefined)
      throw new TypeError('Cannot watch top and playerId at once: give one')
    const season = this.#season
    const look = (): Look => {
      const seen = season?.look()
      const reader = seen?.reader ?? this.#source()
      const player = id === undefined ? undefined : reader.get(id, mode)
      return {
        sequence: readSequence(this.#context.store.current()),
        ...(seen !== undefined && { season: seen.season?.id }),
        total: reader.size,
        entries: id === undefined ? reader.rows(0, top, mode) : player ? [player] : [],
      }
    }
    const watched = {
      sequence: () => this.#context.sequence(),
      season: season && (() => season.look().season?.id),
      look,
    }
    const updates = watch(watched, { intervalMs, signal })
    return updates as AsyncGenerator<WatchUpdate<S>, void, undefined>
  }
}
