/**
 * An order-statistic tree in memory as one of the sides: nothing is durable, and a start is empty.
 *
 * @module
 */
import createTree from 'functional-red-black-tree'
import { asker, firstScoreOf, playerIdOf, Updates } from '../workload.js'

const NOTE = 'in memory, not durable'
const COMMIT = 1_000
const NAME = 'functional-red-black-tree'

export class MemoryTree {
  name = NAME
  #tree = createTree(compare)
  #entries = new Map()
  #ask
  #at = 0

  static async open({ players }) {
    return new MemoryTree(players)
  }

  constructor(players) {
    Object.assign(this, { updates: new Updates('uniform', players) })
    for (let i = 0; i < players; i++)
      this.#put({ playerId: playerIdOf(i), score: firstScoreOf('uniform', i) })
    this.#ask = asker(players)
  }

  rankCases() {
    return [{ name: NAME, call: () => this.#rank(this.#ask()), note: NOTE }]
  }

  topCases() {
    return [{ name: NAME, call: () => this.#top(100), note: NOTE }]
  }

  manyCases() {
    return [{ name: NAME, call: () => this.apply(COMMIT), batch: COMMIT, note: NOTE }]
  }

  apply(count) {
    for (const update of this.updates.take(count)) this.#change(update)
  }

  ranks(playerIds) {
    return playerIds.map((playerId) => this.#rank(playerId))
  }

  close() {}

  #rank(playerId) {
    return 1 + this.#tree.find(this.#entries.get(playerId)).index
  }

  #top(limit) {
    const rows = []
    for (const iterator = this.#tree.begin; rows.length < limit; iterator.next())
      rows.push(iterator.key)
    return rows
  }

  #change(update) {
    this.#tree = this.#tree.remove(this.#entries.get(update.playerId))
    this.#put(update)
  }

  #put({ playerId, score }) {
    const entry = { playerId, score, at: this.#at++ }
    this.#tree = this.#tree.insert(entry, undefined)
    this.#entries.set(playerId, entry)
  }
}

function compare(a, b) {
  return b.score - a.score || a.at - b.at
}
