/**
 * The floor: LMDB itself, through the same package, with the same two records and no rank tree.
 *
 * It works on a copy of a store's file, so that pages and records are the same to the byte, and
 * leaves the `ranks` table of that copy as it was.
 *
 * @module
 */
import { open } from 'lmdb'
import { encodeEntryKey } from '../dist/format/entry-key.js'
import { BoardKeys } from '../dist/format/keys.js'
import {
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
} from '../dist/format/player-record.js'
import { plainShape } from '../dist/format/score-shape.js'

const SHAPE = plainShape('descending')
const BINARY = { keyEncoding: 'binary', encoding: 'binary' }

export class BareLmdb {
  #root
  #entries
  #players
  #keys
  #micros = Date.now() * 1000

  /** Opens the copy of a store as ladderdb opens it: synced, nothing overlapping. */
  constructor(path) {
    const careful = { overlappingSync: false, eventTurnBatching: false }
    this.#root = open({ path, noSubdir: false, maxDbs: 16, ...careful, ...BINARY })
    this.#entries = this.#root.openDB({ name: 'entries', ...BINARY })
    this.#players = this.#root.openDB({ name: 'players', ...BINARY })
    // The only board of the store; a low number is its own varint.
    const [firstKey] = this.#players.getKeys({ limit: 1 })
    this.#keys = new BoardKeys(firstKey[0])
  }

  /** Changes scores in one durable commit. */
  async commit(updates) {
    await this.#root.transaction(() => {
      for (const update of updates) this.#rescore(update)
    })
  }

  /** Writes one record of a player as it is, and waits until it is durable. */
  async put(playerId) {
    const key = Buffer.from(this.#keys.player(playerId))
    const value = this.#players.getBinary(key)
    await this.#players.put(key, value)
  }

  /** Returns the rank of a player by counting all entries above. */
  rank(playerId) {
    const { end } = this.#keys.entries(
      undefined,
      this.#treeKey(playerId, this.#record(playerId).head),
    )
    return 1 + this.#entries.getKeysCount({ start: this.#keys.prefix, end })
  }

  /** Returns keys and values of the first `limit` entries, copied but not decoded. */
  top(limit) {
    return [...this.#entries.getRange({ start: this.#keys.prefix, limit })]
  }

  async close() {
    await this.#root.close()
  }

  #rescore({ playerId, score }) {
    const { head, ...details } = this.#record(playerId)
    this.#entries.removeSync(this.#keys.entry(this.#treeKey(playerId, head)))
    const treeKey = encodeEntryKey({ score, atMicros: this.#micros++, playerId }, SHAPE)
    const entryKey = this.#keys.entry(treeKey)
    this.#entries.put(entryKey, encodeEntryValue(entryKey, details))
    const key = this.#keys.player(playerId)
    const record = { head: treeKey, ...details }
    this.#players.put(key, encodePlayerRecord(key, record, SHAPE.headBytes))
  }

  #record(playerId) {
    const key = this.#keys.player(playerId)
    const record = decodePlayerRecord(key, this.#players.getBinaryFast(key), SHAPE.headBytes)
    if (SHAPE.read(record.head, 0) === undefined) throw new Error(`No score: ${playerId}`)
    return record
  }

  #treeKey(playerId, head) {
    return Buffer.concat([head, Buffer.from(playerId)])
  }
}
