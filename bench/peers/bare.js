/**
 * Bare LMDB as one of the sides: durable, the same records as ours, no ranks: it counts keys.
 *
 * @module
 */
import { BareLmdb } from '../bare.js'
import { asker, Updates } from '../workload.js'

const COMMIT = 1_000

export class Bare {
  name = 'bare LMDB'
  #lmdb
  #ask

  static async open({ stores, players }) {
    return new Bare(await stores.copy('uniform', players), players)
  }

  constructor(path, players) {
    Object.assign(this, { updates: new Updates('uniform', players) })
    this.#lmdb = new BareLmdb(path)
    this.#ask = asker(players)
  }

  rankCases() {
    return [{ name: 'bare LMDB', call: () => this.#lmdb.rank(this.#ask()), note: 'counts keys' }]
  }

  topCases() {
    return [{ name: 'bare LMDB', call: () => this.#lmdb.top(100), note: 'not decoded' }]
  }

  oneCases() {
    return [{ name: 'bare LMDB', call: () => this.apply(1), note: 'keeps no ranks' }]
  }

  manyCases() {
    const call = () => this.apply(COMMIT)
    return [{ name: 'bare LMDB, commit of 1,000', call, batch: COMMIT, note: 'keeps no ranks' }]
  }

  async apply(count) {
    await this.#lmdb.commit(this.updates.take(count))
  }

  ranks(playerIds) {
    return playerIds.map((playerId) => this.#lmdb.rank(playerId))
  }

  async close() {
    await this.#lmdb.close()
  }
}
