/**
 * What `/metrics` tells, in the text form of Prometheus: calls, commits, requests, viewers, boards, disk and
 * backups. Counting begins with the first time that it is asked for; before that nothing is counted.
 *
 * @module
 */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { statfs } from 'node:fs/promises'
import type { Registry } from 'prom-client'
import { type BackupInfo, type Leaderboards, listBackups } from '../index.ts'
import type { RemoteLeaderboards } from '../redis/index.ts'
import type { BackupMaker } from './backups/maker.ts'
import { BACKUP_LOOK_MS, BOARDS_TOLD_MAX } from './limits.ts'
import { loadPackage } from './packages.ts'
import { codeOfError } from './problem.ts'
import type { RequestLine } from './request-line.ts'

/** What is told of. */
export interface MetricSources {
  readonly store: Leaderboards
  /** In its place: boards on a server. */
  readonly remote: RemoteLeaderboards | undefined
  readonly backups: BackupMaker | undefined
  /** Milliseconds since 1970 UTC. */
  readonly clock: () => number
  readonly viewers: () => number
  readonly topics: () => number
  /** How late the event loop is, milliseconds. */
  readonly delayMs: () => number
}

const SECONDS = [
  ...[0.00001, 0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
]
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000]

interface PublishedCall {
  call: string
  store: string
  ms: number
  error: unknown
}

interface PublishedCommit {
  store: string
  changes: number
  ms: number
}

/** The metrics of one server. */
export class PrometheusMetrics {
  readonly #sources: MetricSources
  readonly #registry: Registry
  readonly #ends: (() => void)[] = []
  readonly #request: (line: RequestLine) => void
  #backup: { lookedMs: number; made: number; madeMs: number | undefined } | undefined

  /** @throws {LadderError} `NO_PACKAGE`. */
  constructor(sources: MetricSources) {
    this.#sources = sources
    const { Registry: Registered } = loadPackage('prom-client')
    this.#registry = new Registered()
    this.#countCalls()
    this.#countCommits()
    this.#request = this.#requestCounter()
    this.#addProcess()
    if (sources.remote === undefined) this.#addFiles()
    this.#addBoards()
  }

  /** Type of the content. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Counts a request. */
  count(line: RequestLine): void {
    this.#request(line)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  end(): void {
    for (const end of this.#ends) end()
  }

  #countCalls(): void {
    const { Histogram, Counter } = loadPackage('prom-client')
    const registers = [this.#registry]
    const seconds = new Histogram({
      ...{ name: 'ladderdb_call_seconds', help: 'How long calls took', registers },
      ...{ labelNames: ['call'], buckets: SECONDS },
    })
    const errors = new Counter({
      ...{ name: 'ladderdb_call_errors_total', help: 'Calls that failed, by code', registers },
      labelNames: ['call', 'code'],
    })
    this.#hear('ladderdb:call', (message) => {
      const { call, ms, error } = message as PublishedCall
      seconds.observe({ call }, ms / 1000)
      if (error !== undefined) errors.inc({ call, code: codeOfError(error) })
    })
  }

  #countCommits(): void {
    const { Histogram, Counter } = loadPackage('prom-client')
    const registers = [this.#registry]
    const seconds = new Histogram({
      ...{ name: 'ladderdb_commit_seconds', help: 'How long commits took to be durable' },
      ...{ buckets: SECONDS, registers },
    })
    const sizes = new Histogram({
      ...{ name: 'ladderdb_commit_changes', help: 'How many changes shared a commit' },
      ...{ buckets: SIZES, registers },
    })
    const changes = new Counter({
      ...{ name: 'ladderdb_changes_total', help: 'Changes that were committed', registers },
    })
    this.#hear('ladderdb:commit', (message) => {
      const { changes: count, ms } = message as PublishedCommit
      seconds.observe(ms / 1000)
      sizes.observe(count)
      changes.inc(count)
    })
  }

  #requestCounter(): (line: RequestLine) => void {
    const { Histogram } = loadPackage('prom-client')
    const seconds = new Histogram({
      ...{ name: 'ladderdb_http_request_seconds', help: 'How long requests took' },
      ...{ labelNames: ['method', 'status'], buckets: SECONDS, registers: [this.#registry] },
    })
    return ({ method, status, ms }) => seconds.observe({ method, status }, ms / 1000)
  }

  #addProcess(): void {
    const { viewers, topics, delayMs } = this.#sources
    this.#gauge('ladderdb_live_viewers', 'Who watch', viewers)
    this.#gauge('ladderdb_live_topics', 'Different things that are watched', topics)
    this.#gauge('ladderdb_event_loop_delay_seconds', 'How late the event loop is', () => {
      return delayMs() / 1000
    })
    this.#gauge('ladderdb_resident_memory_bytes', 'Memory of the process', () => {
      return process.memoryUsage.rss()
    })
  }

  #addFiles(): void {
    const { store } = this.#sources
    this.#gauge('ladderdb_sequence', 'Number of the last commit', () => store.sequence)
    this.#gauge('ladderdb_disk_free_bytes', 'Room on the disk of the store', async () => {
      const { bavail, bsize } = await statfs(store.path)
      return bavail * bsize
    })
    this.#gauge('ladderdb_disk_bytes', 'Size of the disk of the store', async () => {
      const { blocks, bsize } = await statfs(store.path)
      return blocks * bsize
    })
    this.#gauge('ladderdb_backup_age_seconds', 'Age of the newest backup', () => this.#backupAge())
    this.#addBackups()
  }

  #addBackups(): void {
    const { backups } = this.#sources
    const made = 'Backups that this server made'
    this.#counter('ladderdb_backups_total', made, () => backups?.counts.made ?? 0)
    const failed = 'Backups of this server, and removals of old ones, that failed'
    this.#counter('ladderdb_backup_failures_total', failed, () => backups?.counts.failed ?? 0)
  }

  #addBoards(): void {
    const { Gauge } = loadPackage('prom-client')
    const { store, remote } = this.#sources
    new Gauge({
      ...{ name: 'ladderdb_board_entries', help: 'Entries of each board' },
      ...{ labelNames: ['board'], registers: [this.#registry] },
      async collect() {
        const boards = remote === undefined ? store.boards() : await remote.boards()
        this.reset()
        for (const { name, size } of boards.slice(0, BOARDS_TOLD_MAX))
          this.set({ board: name }, size)
      },
    })
  }

  // The age of a backup is not a number if the server keeps none, and infinite if it has made none yet.
  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const { Gauge } = loadPackage('prom-client')
    new Gauge({
      ...{ name, help, registers: [this.#registry] },
      async collect() {
        this.set(await read())
      },
    })
  }

  #counter(name: string, help: string, read: () => number): void {
    const { Counter } = loadPackage('prom-client')
    new Counter({
      ...{ name, help, registers: [this.#registry] },
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  async #backupAge(): Promise<number> {
    const { backups, clock } = this.#sources
    if (backups === undefined) return Number.NaN
    const now = clock()
    const { made } = backups.counts
    const isOld = now - (this.#backup?.lookedMs ?? now) > BACKUP_LOOK_MS
    if (this.#backup === undefined || isOld || this.#backup.made !== made) {
      const times = (await found(backups.directory)).map(({ manifest }) =>
        Date.parse(manifest.createdAt),
      )
      this.#backup = {
        lookedMs: now,
        made,
        madeMs: times.length === 0 ? undefined : Math.max(...times),
      }
    }
    const { madeMs } = this.#backup
    return madeMs === undefined ? Number.POSITIVE_INFINITY : (now - madeMs) / 1000
  }

  #hear(name: string, take: (message: unknown) => void): void {
    const { store, remote } = this.#sources
    const label = remote?.label ?? store.path
    const hear = (message: unknown): void => {
      if ((message as { store: string }).store === label) take(message)
    }
    subscribe(name, hear)
    this.#ends.push(() => unsubscribe(name, hear))
  }
}

// The first backup makes the directory; one that cannot be read must not take all other metrics with it.
function found(directory: string): Promise<BackupInfo[]> {
  return listBackups(directory).catch(() => [])
}
