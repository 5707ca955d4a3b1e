/**
 * SQLite as one of the sides: durable, an index in board order, ranks by counting.
 *
 * WAL and `synchronous=FULL`: a commit is on the disk when it returns. The page cache is large
 * enough for the whole file; what else SQLite leaves to choose is as it comes.
 *
 * @module
 */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { asker, firstScoreOf, nameOf, playerIdOf, Updates } from '../workload.js'

const COMMIT = 1_000

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -1000000;
  CREATE TABLE players (id TEXT PRIMARY KEY, name TEXT, score REAL, at INTEGER) WITHOUT ROWID;
  CREATE INDEX board ON players (score DESC, at, id);
`
const RANK = `
  SELECT 1 + (SELECT COUNT(*) FROM players WHERE score > p.score)
           + (SELECT COUNT(*) FROM players WHERE score = p.score AND (at, id) < (p.at, p.id))
  FROM players p WHERE id = ?
`

export class Sqlite {
  name = 'SQLite'
  #database
  #rank
  #top
  #update
  #apply
  #ask
  #micros = Date.now() * 1000

  static async open({ stores, players }) {
    return new Sqlite(join(stores.folder, 'sqlite.db'), players)
  }

  constructor(path, players) {
    Object.assign(this, { updates: new Updates('uniform', players) })
    const database = new Database(path)
    database.exec(SCHEMA)
    this.#database = database
    this.#load(players)
    this.#rank = database.prepare(RANK).pluck()
    this.#top = database.prepare(
      'SELECT id, name, score, at FROM players ORDER BY score DESC, at, id LIMIT ?',
    )
    this.#update = database.prepare('UPDATE players SET score = ?, at = ? WHERE id = ?')
    this.#apply = database.transaction((updates) => {
      for (const update of updates) this.#change(update)
    })
    this.#ask = asker(players)
  }

  rankCases() {
    return [{ name: 'SQLite', call: () => this.#rank.get(this.#ask()), note: 'COUNT(*)' }]
  }

  topCases() {
    return [{ name: 'SQLite', call: () => this.#top.all(100), note: 'with names' }]
  }

  oneCases() {
    return [
      { name: 'SQLite', call: () => this.#change(this.updates.next()), note: 'keeps no ranks' },
    ]
  }

  manyCases() {
    const call = () => this.apply(COMMIT)
    return [{ name: 'SQLite, commit of 1,000', call, batch: COMMIT, note: 'keeps no ranks' }]
  }

  apply(count) {
    this.#apply(this.updates.take(count))
  }

  ranks(playerIds) {
    return playerIds.map((playerId) => this.#rank.get(playerId))
  }

  close() {
    this.#database.close()
  }

  #change({ playerId, score }) {
    this.#update.run(score, this.#micros++, playerId)
  }

  #load(players) {
    const insert = this.#database.prepare('INSERT INTO players VALUES (?, ?, ?, ?)')
    this.#database.transaction(() => {
      for (let i = 0; i < players; i++)
        insert.run(playerIdOf(i), nameOf(i), firstScoreOf('uniform', i), i)
    })()
  }
}
