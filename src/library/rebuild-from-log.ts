/**
 * Making boards again from the log alone.
 *
 *     survey ──► all changes once more, in a store beside ──► the last ones ──► rows, trees
 *     (refuses)  (proved, one by one; others write)           └── one transaction ──────┘
 *
 * The log is read up to its end while others write; what came meanwhile is made in turn, until so little is left
 * that it can be made in the transaction that gives the boards their rows. Until then nothing is changed, and
 * what lies beside is removed whatever happens.
 *
 * @module
 */

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { leftoverName } from '../backup/debris.ts'
import { commitOf, readCounters } from '../board/commit.ts'
import { noBoard } from '../calls/no-board.ts'
import { rebuildTree } from '../check/rebuild.ts'
import { takeRows } from '../check/take-rows.ts'
import { settingsError } from '../domain/settings.ts'
import { findBoard, listBoards } from '../embedded/catalog.ts'
import { logSpan } from '../embedded/log/log-reader.ts'
import { logNote } from '../embedded/log/notes.ts'
import { RecordReader } from '../embedded/log/records.ts'
import { committedMicrosIn, Replay, ReplayClock, type ReplayPlace } from '../embedded/log/replay.ts'
import type { Follower, OpenStore } from '../embedded/open-store.ts'
import { allWindowsOf } from '../embedded/seasons/windows.ts'
import { logKey, seqOf } from '../format/log-key.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { COUNTERS_KEY, encodeCounters } from '../format/meta/counters.ts'
import type { Table } from '../format/tables.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { LOG_REST_RECORDS, LOG_ROUNDS_MAX, REPLAY_CHUNK } from '../ground/limits.ts'
import type { Reader, Writer } from '../store/store.ts'
import type { LogRecord, RebuildReport, WorkOptions } from '../words/index.ts'
import { openContext } from './open-context.ts'
import { isRestoreOfAll, REBUILD_REMEDY, unusable, WholeLog } from './whole-log.ts'

/** Rebuilds a board, or without a name all of them; see `Leaderboards.rebuild`. */
export async function rebuildFromLog(
  context: OpenStore,
  name: string | undefined,
  options: WorkOptions,
): Promise<RebuildReport[]> {
  const { store } = context
  if (store.readOnly) throw store.readOnlyError()
  throwIfAborted(options)
  const reading: Follower = { next: 1 }
  // Records that are yet to be read stay, as far as trimming may leave them.
  context.followers.add(reading)
  try {
    const work = new LogWork(context, { name, reading, options })
    await work.survey()
    return await work.run()
  } finally {
    context.followers.delete(reading)
  }
}

interface Asked {
  name: string | undefined
  reading: Follower
  options: WorkOptions
}

class LogWork {
  readonly #context: OpenStore
  readonly #asked: Asked
  readonly #log = new WholeLog()
  // Up to where the log was surveyed, and made again.
  #surveyed = 0
  #made = 0
  #records = 0
  #firstMicros: number | undefined
  // Numbers of the boards where the survey ended.
  #ids: ReadonlyMap<string, number> = new Map()

  constructor(context: OpenStore, asked: Asked) {
    this.#context = context
    this.#asked = asked
  }

  /** Looks at the records that there are, and refuses what cannot be made again. */
  async survey(reader = this.#current): Promise<void> {
    const end = reader()
    const { last } = logSpan(end)
    this.#ids = new Map(listBoards(end).map(({ name, id }) => [name, id]))
    for await (const record of this.#recordsTo(reader, this.#surveyed, last)) {
      this.#firstMicros ??= committedMicrosIn(record)
      this.#records++
      this.#log.take(record)
    }
    this.#surveyed = last
    for (const board of this.#boards(reader())) {
      this.#log.assertWhole(board)
      const [window] = allWindowsOf(reader(), board.id)
      // Seasons that were retired are not in the log any more, nor are finals that were kept of them.
      if (window !== undefined)
        throw unusable(
          `it has window "${window.spec.name}", whose seasons are not made again from it`,
          board.name,
        )
    }
  }

  /** Makes the boards again. */
  async run(): Promise<RebuildReport[]> {
    const path = join(this.#context.store.path, leftoverName('.rebuilding'))
    await mkdir(path, { mode: 0o700 })
    try {
      const clock = new ReplayClock()
      clock.micros = this.#firstMicros ?? this.#context.nowMicros()
      const scratch = openContext(path, {
        ...{ create: true, durability: 'relaxed', allowNetworkFileSystem: true },
        clock: clock.read,
      })
      try {
        await beginNumbers(scratch)
        return await this.#runIn(scratch, clock)
      } finally {
        await scratch.store.close()
      }
    } finally {
      await rm(path, { recursive: true, force: true })
    }
  }

  async #runIn(scratch: OpenStore, clock: ReplayClock): Promise<RebuildReport[]> {
    const { store } = this.#context
    const again = new Again(this.#place(scratch, clock))
    for (let round = 0; round < LOG_ROUNDS_MAX; round++) {
      await this.#make(again, this.#current)
      if (logSpan(store.current()).last - this.#made <= LOG_REST_RECORDS) break
      await this.survey()
    }
    return store.writeAlone(async (writer) => {
      await this.survey(() => writer)
      await this.#make(again, () => writer)
      return scratch.store.hold((source) => this.#take(writer, source))
    })
  }

  async #make(again: Again, reader: () => Reader<Table>): Promise<void> {
    for await (const record of this.#recordsTo(reader, this.#made, this.#surveyed)) {
      this.#asked.reading.next = record.seq
      await again.add(record)
    }
    await again.end()
    this.#made = this.#surveyed
  }

  async #take(writer: Writer<Table>, source: Reader<Table>): Promise<RebuildReport[]> {
    const nowMicros = this.#context.nowMicros()
    const commit = commitOf(writer)
    commit.willChange()
    commit.mendTime(Math.max(nowMicros, readCounters(source).lastMicros))
    commit.beginChange()
    const keepsNames = this.#log.mayLackNames(listBoards(writer))
    const reports: RebuildReport[] = []
    for (const board of this.#boards(writer)) {
      throwIfAborted(this.#asked.options)
      assertSame(board, findBoard(source, board.name))
      const report = await takeBoard(this.#context, writer, {
        ...{ source, board, keepsNames },
      })
      const { nodes: _, ...fields } = { ...report, from: 'log' }
      logNote(writer, nowMicros, { kind: 'rebuild', fields })
      reports.push(report)
    }
    return reports
  }

  #boards(reader: Reader<Table>): CatalogEntry[] {
    const { name } = this.#asked
    if (name === undefined) return listBoards(reader)
    const board = findBoard(reader, name)
    if (board === undefined) throw noBoard(name)
    return [board]
  }

  #place(context: OpenStore, clock: ReplayClock): ReplayPlace {
    const { signal, onProgress } = this.#asked.options
    return {
      ...{ context, clock, signal, erasures: new Set(), imports: this.#log.imports },
      ...{ remedy: REBUILD_REMEDY, mayPlacesDiffer: true },
      boardIdOf: (record) =>
        this.#log.isBeginning(record) ? this.#ids.get(record.board as string) : undefined,
      onProgress: ({ done }) => onProgress?.({ done, total: this.#records }),
    }
  }

  readonly #current = (): Reader<Table> => this.#context.store.current()

  // Each page is of a snapshot of its own. No record is passed by, but those that a restore left out.
  async *#recordsTo(
    reader: () => Reader<Table>,
    after: number,
    last: number,
  ): AsyncGenerator<LogRecord, void, undefined> {
    for (let next = after + 1; next <= last; ) {
      throwIfAborted(this.#asked.options)
      const page = pageOf(reader(), next, last)
      for (const record of page) {
        if (record.seq !== next && !isRestoreOfAll(record)) throw hole(reader(), next, record.seq)
        next = record.seq + 1
        yield record
      }
      if (page.length === 0) throw hole(reader(), next, last + 1)
      await nextTurn()
    }
  }
}

/** Makes all changes again that can be made; what the others left of the log is passed by. */
class Again {
  readonly #log = new WholeLog()
  readonly #replay: Replay

  constructor(place: ReplayPlace) {
    const log = this.#log
    this.#replay = new Replay({
      ...place,
      get isPartial() {
        return log.isPartial
      },
    })
  }

  async add(record: LogRecord): Promise<void> {
    if (this.#log.take(record)) await this.#replay.add(record)
    else await this.#replay.passBy(record)
  }

  end(): Promise<void> {
    return this.#replay.end()
  }
}

// Far above those of the store, which boards get that are still there.
const FIRST_SCRATCH_ID = 2 ** 31

async function beginNumbers({ store }: OpenStore): Promise<void> {
  await store.write((writer) => {
    writer.willChange()
    const counters = { ...readCounters(writer), nextBoardId: FIRST_SCRATCH_ID }
    writer.put('meta', COUNTERS_KEY, encodeCounters(counters))
  })
}

async function takeBoard(
  context: OpenStore,
  writer: Writer<Table>,
  from: Parameters<typeof takeRows>[1],
): Promise<RebuildReport> {
  const { board } = from
  const { name, id } = board
  context.settle(writer, name)
  const rows = await takeRows(writer, from)
  const tree = rebuildTree(writer, board)
  // As with any rebuild: nodes of this commit must not be mixed up with those settled above.
  writer.afterCommit(() => context.cacheOf(id).nodes.clear())
  return { board: name, ...tree, ...rows }
}

function pageOf(reader: Reader<Table>, first: number, last: number): LogRecord[] {
  const records = new RecordReader(reader)
  const range = { start: logKey(first), end: logKey(last + 1), limit: REPLAY_CHUNK }
  return [...reader.pairs('log', range)].map((pair) => {
    const seq = seqOf(pair.key) ?? first
    try {
      return records.read(seq, pair)
    } catch (error) {
      if (!(error instanceof LadderError) || error.code !== 'CORRUPT') throw error
      throw unusable(`record ${seq} is damaged, or its board is not known`, undefined, error)
    }
  })
}

function hole(reader: Reader<Table>, next: number, seq: number): LadderError {
  const { first, last } = logSpan(reader)
  if (first === 1) return unusable(`records ${next} to ${seq - 1} are missing`)
  const left = first > last ? 'nothing of it is left' : `its oldest record is ${first}`
  return new LadderError(
    'LOG_TRIMMED',
    `Cannot rebuild from the log: it was trimmed, ${left}; ${REBUILD_REMEDY}`,
  )
}

function assertSame(board: CatalogEntry, made: CatalogEntry | undefined): void {
  const { name } = board
  if (made === undefined || settingsError(board, made) !== undefined)
    throw unusable('its settings in the log differ from those of the board', name)
  if (made.id === board.id) return
  throw new LadderError(
    'BUSY',
    `Cannot rebuild board "${name}" from the log: it was filled by an import meanwhile; try again`,
  )
}
