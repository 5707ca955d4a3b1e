/**
 * Sorting at every question as one of the sides: what one writes first, in memory.
 *
 * @module
 */
import { asker, firstScoreOf, playerIdOf, Updates } from '../workload.js'

/** Above it one question takes seconds. */
export const SORTED_PLAYERS_MAX = 100_000

const COMMIT = 1_000
const NAME = 'sort at every question'
const NOTE = 'in memory, not durable'

export class Sorting {
  name = NAME
  #scores
  #ask

  static async open({ players }) {
    return new Sorting(players)
  }

  constructor(players) {
    Object.assign(this, { updates: new Updates('uniform', players) })
    const entries = Array.from({ length: players }, (_, i) => {
      return [playerIdOf(i), firstScoreOf('uniform', i)]
    })
    this.#scores = new Map(entries)
    this.#ask = asker(players)
  }

  rankCases() {
    return [{ name: NAME, call: () => this.ranks([this.#ask()]), note: NOTE }]
  }

  topCases() {
    return [{ name: NAME, call: () => this.#sorted().slice(0, 100), note: NOTE }]
  }

  manyCases() {
    return [{ name: NAME, call: () => this.apply(COMMIT), batch: COMMIT, note: NOTE }]
  }

  apply(count) {
    for (const { playerId, score } of this.updates.take(count)) this.#scores.set(playerId, score)
  }

  ranks(playerIds) {
    const sorted = this.#sorted()
    return playerIds.map((playerId) => 1 + sorted.findIndex(([id]) => id === playerId))
  }

  close() {}

  #sorted() {
    return [...this.#scores].sort(([, a], [, b]) => b - a)
  }
}
