/**
 * ladderdb as one of the sides: durable, names in its lists, ranks in the answers of its submits.
 *
 * @module
 */
import { openBoard } from '../stores.js'
import { asker, Updates } from '../workload.js'

const COMMIT = 1_000

export class Ours {
  name = 'ladderdb'
  #store
  #board
  #ask

  /** Opens a copy of an imported board. */
  static async open({ stores, players }, kind = 'uniform') {
    return new Ours(await stores.copy(kind, players), { kind, players })
  }

  constructor(path, { kind, players }) {
    Object.assign(this, { updates: new Updates(kind, players) })
    const { store, board } = openBoard(path, kind)
    this.#store = store
    this.#board = board
    this.#ask = asker(players)
  }

  rankCases() {
    return [{ name: 'ladderdb', call: () => this.#board.rank(this.#ask()) }]
  }

  topCases() {
    return [{ name: 'ladderdb', call: () => this.#board.top(100), note: 'with names' }]
  }

  oneCases() {
    return [{ name: 'ladderdb', call: () => this.#submit() }]
  }

  manyCases() {
    const many = () => this.#board.submitMany(this.updates.take(COMMIT))
    return [
      { name: 'ladderdb, 1,000 outstanding', call: () => this.#submit(), outstanding: 1_000 },
      { name: 'ladderdb, 50 outstanding', call: () => this.#submit(), outstanding: 50 },
      { name: 'ladderdb, submitMany of 1,000', call: many, batch: COMMIT },
    ]
  }

  async apply(count) {
    await this.#board.submitMany(this.updates.take(count), { ranks: false })
  }

  ranks(playerIds) {
    return this.#board.ranks(playerIds)
  }

  scores(playerIds) {
    return playerIds.map((playerId) => this.#board.get(playerId).score)
  }

  async close() {
    await this.#store.close()
  }

  #submit() {
    const { playerId, score } = this.updates.next()
    return this.#board.submit(playerId, score)
  }
}
