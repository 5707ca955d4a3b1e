/**
 * The backups of a server: made one at a time into the directory that it was given for them, and counted.
 *
 * @module
 */

import { join } from 'node:path'
import { type BackupReport, LadderError, type Leaderboards } from '../../index.ts'

// Of each store one at a time, whichever server makes it: each reads the whole store and writes it once.
const busy = new WeakSet<Leaderboards>()

/** Makes backups of one store. */
export class BackupMaker {
  readonly directory: string
  readonly #store: Leaderboards
  #made = 0
  #failed = 0

  constructor(store: Leaderboards, directory: string) {
    this.#store = store
    this.directory = directory
  }

  /** How many were made, and how many times something went wrong, since the server was made. */
  get counts(): { made: number; failed: number } {
    return { made: this.#made, failed: this.#failed }
  }

  /** Whether one is being made. */
  get isBusy(): boolean {
    return busy.has(this.#store)
  }

  /**
   * Backs up the store; `now` names the backup.
   *
   * @throws {LadderError} `BUSY` while one is being made, and those of `Leaderboards.backup`.
   */
  async make(now: number, signal?: AbortSignal): Promise<BackupReport> {
    if (this.isBusy)
      throw new LadderError('BUSY', 'Cannot back up the store: a backup is being made; try again')
    busy.add(this.#store)
    try {
      const name = `${new Date(now).toISOString().replace(/[:.]/g, '-')}.ladder`
      const report = await this.#store.backup(join(this.directory, name), { signal })
      this.#made++
      return report
    } catch (error) {
      if (signal?.aborted !== true) this.countFailure()
      throw error
    } finally {
      busy.delete(this.#store)
    }
  }

  countFailure(): void {
    this.#failed++
  }
}
