/**
 * Reads of a board on a server that take their time: a file of all entries.
 *
 * @module
 */

import type { Writable } from 'node:stream'
import { hearErrors, inPath } from '../calls/file-or-stream.ts'
import { checkArguments, checkOptionsOf, checkRequired } from '../calls/options.ts'
import { forCaller } from '../ground/call-site.ts'
import type { KnownExport } from '../rows/export.ts'
import type { Entry, ExportOptions, ExportReport, Score } from '../words/index.ts'
import type { BoardCalls } from './board-calls.ts'
import { RemoteQuestions } from './remote-questions.ts'

/** Some milliseconds of a server, in which it answers nobody else. */
const EXPORT_PAGE = 1_000

/** All reads of a board on a server, whose scores are of type `S`. */
export class RemoteLive<S extends Score = number> extends RemoteQuestions<S> {
  readonly #caller: BoardCalls

  /** @internal */
  constructor(caller: BoardCalls) {
    super(caller)
    this.#caller = caller
  }

  /**
   * Writes all entries in board order to a file by its path, or to a stream, which is ended: as
   * `Leaderboard.exportTo`, with the same bytes for the same entries. The first line of NDJSON says nothing of
   * partitions or of a log.
   *
   * Entries are read in pages of 1,000, each of one instant; all of them together are not. An entry that
   * stays put is written once; one that moves meanwhile may be written twice or not at all. On a board that
   * nobody changes meanwhile the file is exact. Cost: a round trip a page; memory does not depend on the size.
   *
   * @throws {LadderError} as reads; `EXISTS` for a file; `DISK_FULL`, `PERMISSION`, `IO` for a
   *   file or a stream; a stream's errors of other kinds as they are. What was begun of a file is removed.
   */
  exportTo(target: Writable | string | URL, options?: ExportOptions): Promise<ExportReport> {
    return forCaller(undefined, async () => {
      checkArguments('exportTo', [target, options])
      hearErrors(target)
      const to = inPath(target, 'export')
      const { formatOfFile } = await import('../rows/source.ts')
      const given = checkOptionsOf('exportTo', options)
      const format = given.format ?? formatOfFile(to)
      const checked = checkRequired('exportTo', { ...given, format }) as KnownExport
      const { exportBoard } = await import('../rows/export.ts')
      const size = await this.size()
      const limit = Math.min(EXPORT_PAGE, checked.top ?? EXPORT_PAGE)
      const view = { size, entries: () => this.#entriesBy(limit) }
      // A board of a store in a directory has a log unless its settings say otherwise.
      const spec = { ...this.#caller.spec, log: 'all' } as const
      return exportBoard(spec, { view, target: to, options: checked })
    })
  }

  async *#entriesBy(limit: number): AsyncGenerator<Entry<Score>> {
    for (let after: string | undefined; ; ) {
      const { entries, next } = await this.page({ limit, after })
      yield* entries
      if (next === undefined) return
      after = next
    }
  }
}
