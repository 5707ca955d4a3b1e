/**
 * One helper that opens a store of its own for a test, checks it and removes it.
 *
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Leaderboards, type OpenOptions, openLeaderboards } from '../../src/index.ts'

/** A time in 2025, milliseconds since 1970: where the clock of every test store starts. */
export const START_MS = 1_760_000_000_000

/** A wall clock that moves only when it is told to. */
export class FakeClock {
  /** Milliseconds since 1970. */
  now = START_MS

  readonly read = (): number => this.now

  advance(ms: number): void {
    this.now += ms
  }
}

/** A store in a fresh directory. */
export class TemporaryStore {
  readonly path: string
  readonly clock = new FakeClock()
  /** The open store; another one after {@link reopen}. */
  store: Leaderboards
  readonly #options: OpenOptions

  constructor(path: string, options: OpenOptions) {
    this.path = path
    this.#options = options
    this.store = this.open()
  }

  /** Opens the store once more; whoever asks closes it. */
  open(options?: OpenOptions): Leaderboards {
    return openLeaderboards(this.path, { clock: this.clock.read, ...this.#options, ...options })
  }

  /** Closes the store and opens it again, as a restart of the host would. */
  async reopen(options?: OpenOptions): Promise<Leaderboards> {
    await this.store.close()
    this.store = this.open(options)
    return this.store
  }
}

/**
 * Runs `body` with a store of its own. Afterwards the store must be without findings; it is closed
 * and removed also where the test failed.
 */
export async function withStore(
  body: (temporary: TemporaryStore) => Promise<void> | void,
  options: OpenOptions = {},
): Promise<void> {
  await withDirectory(async (path) => {
    const temporary = new TemporaryStore(path, options)
    try {
      await body(temporary)
      // The test may have closed it, or opened it for reading only.
      await temporary.reopen()
      expect((await temporary.store.check()).findings.slice(0, 5)).toEqual([])
    } finally {
      await temporary.store.close()
    }
  })
}

/** Runs `body` with a fresh directory, which is removed afterwards. */
export async function withDirectory(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'ladderdb-test-'))
  try {
    await body(path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
