/**
 * Reads of a board on a server that take their time: a file of all entries, and what changes as it changes.
 *
 * A server tells nobody of changes. It counts those of each slot, and who watches asks for that number now and then,
 * in one round trip, and looks only if it is another one.
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { WATCH_FIELDS } from '../../calls/fields.ts'
import { hearErrors, inPath } from '../../calls/file-or-stream.ts'
import { type Look, updateAfter } from '../../calls/looks.ts'
import { checkArguments, checkCall, checkFields } from '../../calls/options.ts'
import { forCaller } from '../../ground/call-site.ts'
import type {
  Entry,
  ExportOptions,
  ExportReport,
  RankMode,
  Score,
  WatchOptions,
  WatchUpdate,
} from '../../words/index.ts'
import { forOwnUse } from '../replicas/own-use.ts'
import type { BoardCalls, SlotCalls } from '../slot/board-calls.ts'
import { withoutLog } from '../slot/remote-settings.ts'
import { RemoteLists } from './remote-lists.ts'

/** Some milliseconds of a server, in which it answers nobody else. */
const EXPORT_PAGE = 1_000

const WATCH_DEFAULT = 10
const WATCH_INTERVAL_MS = 100

/** What is watched: the first entries, or one player. */
interface Watched {
  top: number
  playerId: string | undefined
  rankMode: RankMode
}

/** How often is looked, and until when. */
export type ChangesOptions = Pick<WatchOptions, 'intervalMs' | 'signal'>

/** All reads of a board on a server, whose scores are of type `S`. */
export class RemoteLive<S extends Score = number> extends RemoteLists<S> {
  readonly #caller: BoardCalls
  readonly #lists: RemoteLists<S>

  /** @internal */
  constructor(caller: BoardCalls) {
    super(caller)
    this.#caller = caller
    this.#lists = forOwnUse(new RemoteLists<S>(caller))
  }

  /**
   * Writes all entries in board order to a file by its path, or to a stream, which is ended. As
   * `Leaderboard.exportTo`, with the same bytes for the same entries; the first line of NDJSON says nothing of
   * partitions or of a log.
   *
   * Entries are read in pages of 1,000: each is of one instant, all of them together are not. An entry that
   * stays put is written once; one that moves meanwhile may be written twice or not at all. If nobody changes the
   * board meanwhile, the file is exact. Cost: a round trip a page; memory does not depend on the size.
   *
   * @throws {LadderError} `EXISTS` for a file; `DISK_FULL`, `PERMISSION`, `IO` for a file or a stream, whose
   *   errors of other kinds stay as they are; and as every read, see {@link RemoteQuestions}. An unfinished
   *   file is removed.
   * @example
   * await board.submit('ada', 900)
   * await board.exportTo(createWriteStream('board.csv'), { format: 'csv' }) // { exported: 1 }
   */
  exportTo(target: Writable | string | URL, options?: ExportOptions): Promise<ExportReport> {
    return forCaller(undefined, async () => {
      checkArguments('exportTo', [target, options])
      hearErrors(target)
      const to = inPath(target, 'export')
      const { exportBoard, exportOptionsFor } = await import('../../rows/export.ts')
      const checked = exportOptionsFor(to, options)
      const size = (): Promise<number> => this.#lists.size()
      const limit = Math.min(EXPORT_PAGE, checked.top ?? EXPORT_PAGE)
      const view = { size, entries: () => this.#entriesBy(limit) }
      // A board of a store in a directory has a log unless its settings say otherwise.
      const spec = withoutLog(this.#caller.spec)
      return exportBoard(spec, { view, target: to, options: checked })
    })
  }

  /**
   * Watches the first entries, ten by default, or one player, as `Leaderboard.watch`, with the same updates;
   * `sequence` is the number of changes to the board.
   *
   * An update shows what was there at the time of the look. On a board of several partitions a look is of no one
   * instant, and the next look shows what changed during it. The iteration ends when the signal is aborted or the
   * store is closed. Cost: a small round trip to each partition at each interval, and one or two more after a change.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}. After `UNAVAILABLE`, watch again.
   * @example
   * await board.submit('ada', 900)
   * for await (const { entries } of board.watch({ top: 3 })) {
   *   expect(entries[0].playerId).toBe('ada')
   *   break
   * }
   */
  watch(options?: WatchOptions): AsyncGenerator<WatchUpdate<S>, void, undefined> {
    const checked = checkCall('watch', [], options)
    const { top = WATCH_DEFAULT, playerId, rankMode = 'ordinal' } = checked
    if (options?.top !== undefined && playerId !== undefined)
      throw new TypeError('Cannot watch top and playerId at once: give one')
    const updates = this.#watch({ top, playerId, rankMode }, checked)
    return updates as AsyncGenerator<WatchUpdate<Score>> as AsyncGenerator<WatchUpdate<S>>
  }

  /**
   * Tells that the board was changed, by any process: yields the number of changes to it, first at once and
   * then after changes. One number may stand for several changes, and one may come though nothing changed; no
   * change is left out. It ends as `watch` does. Cost: a small round trip to each partition at each interval.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * await board.submit('ada', 900)
   * for await (const count of board.changes()) {
   *   expect(count).toBe(1)
   *   break
   * }
   */
  changes(options?: ChangesOptions): AsyncGenerator<number, void, undefined> {
    const { intervalMs, signal } = WATCH_FIELDS
    const rule = { fields: { intervalMs, signal }, what: 'options of changes()' }
    return this.#changes(checkFields(options ?? {}, rule))
  }

  async *#watch(
    watched: Watched,
    options: ChangesOptions,
  ): AsyncGenerator<WatchUpdate<Score>, void, undefined> {
    let previous: Look | undefined
    for await (const sequence of this.#changes(options)) {
      const look = await this.#unlessClosed(previous, () => this.#look(watched, sequence))
      if (look === undefined) return
      const update = updateAfter(previous, look)
      previous = look
      if (update !== undefined) yield update
    }
  }

  async *#changes(options: ChangesOptions): AsyncGenerator<number, void, undefined> {
    const { intervalMs = WATCH_INTERVAL_MS, signal } = options
    const { context } = this.#caller
    let seen: string | undefined
    let lateMs = Number.POSITIVE_INFINITY
    while (signal?.aborted !== true) {
      const found = await this.#unlessClosed(seen, () => this.#version())
      if (found === undefined) return
      const { version, sequence } = found
      const now = performance.now()
      if (version !== seen || now >= lateMs) {
        // The look may be answered by a replica that is later than the one which told of the change.
        const mayBeLate = version !== seen && context.lagMs > 0
        lateMs = mayBeLate ? now + context.lagMs : Number.POSITIVE_INFINITY
        seen = version
        yield sequence
      }
      await sleep(intervalMs, undefined, signal && { signal }).catch(() => undefined)
    }
  }

  // Closing ends what is under way; what begins afterwards is refused.
  async #unlessClosed<T>(before: unknown, work: () => Promise<T>): Promise<T | undefined> {
    const { context } = this.#caller
    try {
      return await work()
    } catch (error) {
      if (before !== undefined && context.isClosed) return undefined
      throw error
    }
  }

  // Of each incarnation, as one that is made again counts from the beginning.
  async #version(): Promise<{ version: string; sequence: number }> {
    const caller = this.#caller
    // A board in partitions that does not exist has none.
    if (caller.slots.length === 0) await this.#lists.size()
    const { windows = [] } = caller.spec
    if (windows.length > 0) return this.#versionWithSeasons()
    const replies = await this.#writesOf(caller.slots)
    return {
      version: replies.map(({ id, writes }) => `${id} ${writes}`).join(),
      sequence: replies.reduce((sum, { writes }) => sum + writes, 0),
    }
  }

  async #writesOf(slots: readonly SlotCalls[]): Promise<{ id: string; writes: number }[]> {
    const replies = await Promise.all(slots.map((slot) => slot.read('players', ['ordinal'])))
    return replies.map(({ id, writes }) => ({ id, writes }))
  }

  // At a border a season begins without a change.
  async #versionWithSeasons(): Promise<{ version: string; sequence: number }> {
    const { id, value, writes } = await this.#caller.readSeasons('windows', [])
    const [, windows] = value as [Buffer, [name: Buffer, on: [id: Buffer] | null][]]
    const on = windows.map(([name, season]) => [String(name), season && String(season[0])])
    const { slots } = this.#caller
    // Seasons of a board in partitions are told by its home, which has no entries.
    const parts = slots.length > 1 ? await this.#writesOf(slots) : [{ id, writes }]
    const sequence = parts.reduce((sum, one) => sum + one.writes, 0)
    return { version: JSON.stringify([id, parts, on]), sequence }
  }

  async #look({ top, playerId, rankMode }: Watched, sequence: number): Promise<Look> {
    if (playerId === undefined) {
      const { entries, total } = await this.#lists.page({ limit: top, rankMode })
      return { sequence, ...this.#season(), total, entries }
    }
    const [entry, total] = await Promise.all([
      this.#lists.get(playerId, { rankMode }),
      this.#lists.size(),
    ])
    return { sequence, ...this.#season(), total, entries: entry === undefined ? [] : [entry] }
  }

  #season(): { season?: string | undefined } {
    const { seasonId } = this.#caller
    return seasonId === undefined ? {} : { season: this.#caller.seasonId?.() }
  }

  async *#entriesBy(limit: number): AsyncGenerator<Entry<Score>> {
    for (let after: string | undefined; ; ) {
      const { entries, next } = await this.#lists.page({ limit, after })
      yield* entries
      if (next === undefined) return
      after = next
    }
  }
}
