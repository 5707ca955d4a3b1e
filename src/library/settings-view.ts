/**
 * The settings of a board as its handle shows them.
 *
 * A handle of a board that does not exist shows what the board would be made with. If somebody makes it
 * with more, the handle shows these settings from then on.
 *
 * @module
 */

import { type InspectOptions, inspect } from 'node:util'
import { type BoardSpec, settingsInfo } from '../domain/settings.ts'
import type { BoardInfo, Mode, Order, ScoreColumn, ScoreType } from '../words/index.ts'

/** What is fixed when a board is made. */
export class SettingsView {
  readonly #specOf: () => BoardSpec
  readonly #shownOf: () => BoardSpec

  /** @internal */
  constructor(specOf: () => BoardSpec, shownOf: () => BoardSpec = specOf) {
    this.#specOf = specOf
    this.#shownOf = shownOf
  }

  get name(): string {
    return this.#specOf().name
  }

  get order(): Order {
    return this.#specOf().shape.order
  }

  /** The mode of a submit that names none. */
  get mode(): Mode {
    return this.#specOf().mode
  }

  get scoreType(): ScoreType {
    return this.#specOf().shape.type
  }

  /** The columns of a score; undefined if scores are plain. */
  get columns(): readonly ScoreColumn[] | undefined {
    return settingsInfo(this.#specOf()).columns
  }

  /** How many entries the board keeps, the best ones; undefined: all. */
  get keep(): number | undefined {
    return this.#specOf().keep
  }

  /** The settings, for JSON and `console.log`. */
  toJSON(): Omit<BoardInfo, 'size'> {
    return settingsInfo(this.#shownOf())
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `${this.constructor.name} ${inspect(this.toJSON(), options)}`
  }
}
