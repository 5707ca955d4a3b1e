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

  /** Cost: two round trips for those that are new, four if an import that died keeps one. */
  async textFor(seasons: readonly string[]): Promise<string> {
    const unknown = [...new Set(seasons)].filter((season) => !this.#known.has(season))
    if (unknown.length > 0) await this.#decide(unknown)
    return JSON.stringify(
      Object.fromEntries(seasons.map((season) => [season, this.#known.get(season)])),
    )
  }

  forget(seasons: readonly string[]): void {
    for (const season of seasons) this.#known.delete(season)
  }

  async end(): Promise<void> {
    await this.#home.write('end_fills', [this.#run], REPEATABLE)
  }

  async #decide(seasons: readonly string[]): Promise<void> {
    const replies = await Promise.all(this.#slots.map((slot) => slot.readNow('are_taken', seasons)))
    const asked = seasons.map((season, i) => {
      const isTaken = replies.some(({ value }) => (value as number[])[i] === 1)
      return { season, isTaken, over: '' }
    })
    const answers = await this.#askHome(asked)
    for (const [i, season] of seasons.entries()) {
      const answer = answers[i] as string
      const over = KEPT.exec(answer)?.[1]
      this.#known.set(season, over === undefined ? answer : await this.#takeOver(season, over))
    }
  }

  // From an import that has stored nothing there, and may be dead: see fills.lua.
  async #takeOver(season: string, over: string): Promise<string> {
    const args = [...over.split(' '), season]
    const replies = await Promise.all(
      this.#slots.map((slot) => slot.write('hold_fill', args, REPEATABLE)),
    )
    const isTaken = replies.some(({ value }) => value === 1)
    const [answer] = await this.#askHome([{ season, isTaken, over }])
    return answer as string
  }

  async #askHome(asked: readonly AskedFill[]): Promise<string[]> {
    const args = asked.flatMap(({ season, isTaken, over }) => [season, isTaken ? 1 : 0, over])
    const micros = asked.map(({ season }) => Number(season.slice(season.indexOf(':') + 1)))
    const options = { ...REPEATABLE, micros }
    const { value } = await this.#home.write('decide_fills', [this.#run, ...args], options)
    return (value as Buffer[]).map(String)
  }
}

// The import that keeps a season, and when the home said so.
const KEPT = /^\? (\S+ \d+)$/

const REPEATABLE = { isRepeatable: true, changes: 0 } as const

interface AskedFill {
  season: string
  isTaken: boolean
  /** The import that was held back, and up to which word of the home. */
  over: string
}
