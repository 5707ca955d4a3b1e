/**
 * A store with a second handle, its model, and the chance that drives both.
 *
 * @module
 */

import type { Leaderboard, Leaderboards, Score } from '../../src/index.ts'
import type { Random } from '../support/random.ts'
import type { TemporaryStore } from '../support/temporary-store.ts'
import { ModelStore } from './model.ts'
import type { ModelWindow } from './model-window.ts'

export const HOUR_MS = 3_600_000

/** Who plays: ids whose order is easily got wrong among them. */
export const PLAYERS = ['ada', 'bob', 'cyd', '\u{1f600}', '\uffff', 'a\0', '__proto__', '0']

export const RANK_MODES = ['ordinal', 'competition', 'dense'] as const

export class SeasonScene {
  readonly model = new ModelStore()
  readonly random: Random
  readonly temporary: TemporaryStore
  readonly second: Leaderboards
  /** What is being done, for the message of a difference. */
  what = 'start'

  constructor(random: Random, temporary: TemporaryStore) {
    this.random = random
    this.temporary = temporary
    this.second = temporary.open()
  }

  /** One of the two handles. */
  get store(): Leaderboards {
    return this.random.chance(0.5) ? this.temporary.store : this.second
  }

  board(name: string): Leaderboard<Score> {
    return this.store.openBoard(name) as object as Leaderboard<Score>
  }

  windows(): { board: string; window: ModelWindow }[] {
    return [...this.model.boards].flatMap(([board, { windows }]) =>
      [...windows.values()].map((window) => ({ board, window })),
    )
  }

  lookAtClock(): void {
    this.model.time.wallMicros = Math.round(this.temporary.clock.now * 1000)
  }
}

export function lastSeq(store: Leaderboards): number {
  return store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records[0]?.seq ?? 0
}

export function show(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))
}
