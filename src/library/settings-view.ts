/**
 * The settings of a board as its handle shows them.
 *
 * A handle of a board that does not exist shows what the board would be made with. If somebody makes it
 * with more, the handle shows these settings from then on.
 *
 * @module
 */

import { type BoardSpec, settingsInfo } from '../domain/settings.ts'
import type { Mode, Order, ScoreColumn, ScoreType } from '../words/index.ts'

/** What is fixed when a board is made. */
export class SettingsView {
  readonly #specOf: () => BoardSpec

  /** @internal */
  constructor(specOf: () => BoardSpec) {
    this.#specOf = specOf
  }

  get name(): string {
    return this.spec.name
  }

  get order(): Order {
    return this.spec.shape.order
  }

  /** The mode of a submit that names none. */
  get mode(): Mode {
    return this.spec.mode
  }

  get scoreType(): ScoreType {
    return this.spec.shape.type
  }

  /** The columns of a score; undefined where scores are plain. */
  get columns(): readonly ScoreColumn[] | undefined {
    return settingsInfo(this.spec).columns
  }

  /** How many entries the board keeps, the best ones; undefined: all. */
  get keep(): number | undefined {
    return this.spec.keep
  }

  /** @internal */
  get spec(): BoardSpec {
    return this.#specOf()
  }
}
