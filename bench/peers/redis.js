/**
 * Redis as one of the sides: a sorted set over loopback, by ioredis.
 *
 * Once as it comes, which is not durable, and once with `appendfsync always`, which is: a reply then
 * comes after the disk sync. Redis orders equal scores by member, ladderdb by time, so ranks are
 * compared where all scores are different, and on the season scores alone.
 *
 * @module
 */
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import { asker, firstScoreOf, playerIdOf, Updates } from '../workload.js'
import { startRedis } from './redis-server.js'

const KEY = 'board'
const COMMIT = 1_000

export class Redis {
  #kind
  #server
  #client
  #ask

  /** Starts a server and fills it; `durable` is `appendfsync always`. */
  static async open({ stores, players }, { durable, kind = 'uniform' }) {
    const folder = join(stores.folder, `redis-${kind}-${durable}`)
    const server = await startRedis(folder, { appendonly: durable ? 'yes' : 'no' })
    const redis = new Redis(server, { durable, kind, players })
    await redis.#load(players)
    return redis
  }

  constructor(server, { durable, kind, players }) {
    this.name = durable ? 'Redis, appendfsync always' : 'Redis, not durable'
    this.durable = durable
    this.updates = new Updates(kind, players)
    this.#kind = kind
    this.#server = server
    this.#client = new Client(server.port, '127.0.0.1')
    this.#ask = asker(players)
  }

  rankCases() {
    // Syncs make no difference to questions.
    if (this.durable) return []
    const one = () => this.#client.zrevrank(KEY, this.#ask())
    const many = () => this.#pipeline(COMMIT, (pipeline) => pipeline.zrevrank(KEY, this.#ask()))
    return [
      { name: 'Redis, one at a time', call: one },
      { name: 'Redis, pipelined by 1,000', call: many, batch: COMMIT },
    ]
  }

  topCases() {
    if (this.durable) return []
    const call = () => this.#client.zrevrange(KEY, 0, 99, 'WITHSCORES')
    return [{ name: 'Redis', call, note: 'no names' }]
  }

  oneCases() {
    return [{ name: this.name, call: () => this.#update(this.#client), note: 'answers no rank' }]
  }

  manyCases() {
    const note = 'answers no rank'
    const call = () => this.#update(this.#client)
    if (this.durable)
      return [50, 1_000].map((outstanding) => {
        const count = outstanding.toLocaleString('en')
        return { name: `${this.name}, ${count} outstanding`, call, outstanding, note }
      })
    const many = () => this.apply(COMMIT)
    return [{ name: `${this.name}, pipelined by 1,000`, call: many, batch: COMMIT, note }]
  }

  async apply(count) {
    await this.#pipeline(count, (pipeline) => this.#update(pipeline))
  }

  async ranks(playerIds) {
    const indexes = await this.#pipeline(playerIds.length, (pipeline, i) =>
      pipeline.zrevrank(KEY, playerIds[i]),
    )
    return indexes.map((index) => index + 1)
  }

  async scores(playerIds) {
    return (await this.#client.zmscore(KEY, playerIds)).map(Number)
  }

  async close() {
    this.#client.disconnect()
    await this.#server.stop()
  }

  // Works on a client or on a pipeline.
  #update(target) {
    const { playerId, score } = this.updates.next()
    if (this.#kind === 'season') return target.zincrby(KEY, score, playerId)
    return target.zadd(KEY, score, playerId)
  }

  async #pipeline(count, add) {
    const pipeline = this.#client.pipeline()
    for (let i = 0; i < count; i++) add(pipeline, i)
    return (await pipeline.exec()).map(([error, answer]) => {
      if (error) throw error
      return answer
    })
  }

  async #load(players) {
    for (let start = 0; start < players; start += COMMIT)
      await this.#pipeline(Math.min(COMMIT, players - start), (pipeline, i) =>
        pipeline.zadd(KEY, firstScoreOf(this.#kind, start + i), playerIdOf(start + i)),
      )
    // Only now, so that filling it takes no syncs.
    if (this.durable) await this.#client.config('SET', 'appendfsync', 'always')
  }
}
