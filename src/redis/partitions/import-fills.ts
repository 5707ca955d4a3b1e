/**
 * Which sealed seasons an import fills, on a board in partitions: see fills.lua.
 *
 * @module
 */

import type { SeasonFills, SlotCalls } from '../slot/board-calls.ts'

/** What the home has decided for an import, by the numbers of windows and the starts of seasons. */
export class ImportFills implements SeasonFills {
  readonly #run: string
  readonly #home: SlotCalls
  readonly #slots: readonly SlotCalls[]
  readonly #known = new Map<string, string>()

  constructor(run: string, home: SlotCalls, slots: readonly SlotCalls[]) {
    this.#run = run
    this.#home = home
    this.#slots = slots
  }

  /** Cost: two round trips for those that are new. */
  async textFor(seasons: readonly string[]): Promise<string> {
    const unknown = [...new Set(seasons)].filter((season) => !this.#known.has(season))
    if (unknown.length > 0) await this.#decide(unknown)
    return JSON.stringify(
      Object.fromEntries(seasons.map((season) => [season, this.#known.get(season)])),
    )
  }

  async end(): Promise<void> {
    await this.#home.write('end_fills', [this.#run], { isRepeatable: true, changes: 0 })
  }

  async #decide(seasons: readonly string[]): Promise<void> {
    const replies = await Promise.all(this.#slots.map((slot) => slot.readNow('are_taken', seasons)))
    const args = seasons.flatMap((season, i) => {
      const isTaken = replies.some(({ value }) => (value as number[])[i] === 1)
      return [season, isTaken ? 1 : 0]
    })
    const micros = seasons.map((season) => Number(season.slice(season.indexOf(':') + 1)))
    const options = { isRepeatable: true, micros, changes: 0 }
    const { value } = await this.#home.write('decide_fills', [this.#run, ...args], options)
    for (const [i, season] of seasons.entries())
      this.#known.set(season, String((value as Buffer[])[i]))
  }
}
