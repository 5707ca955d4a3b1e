/**
 * Plain sorted sets, as people have them who rank by ZADD and ZREVRANK: read to be imported.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer'
import { LadderError } from '../../ground/errors.ts'
import type { Order } from '../../words/index.ts'
import type { RedisClient } from '../client/ioredis-client.ts'
import { openClient } from '../client/ioredis-connection.ts'
import { errorOfCall } from '../client/server-errors.ts'

/** One member of a sorted set. */
export interface SortedSetRow {
  playerId: string
  /** As the server writes it: digits, or `inf`. */
  score: string
  /** From the hash of names, if it has one. */
  name: string | undefined
}

/** What is read. */
export interface SortedSetOptions {
  /** Key of the sorted set. */
  key: string
  /** Key of a hash of names by members. */
  names?: string | undefined
  /** Which end comes first: `descending` reads as ZREVRANGE, `ascending` as ZRANGE. */
  order: Order
}

/** A sorted set that is being read. */
export interface SortedSet {
  /** How many members it had at the start. */
  size: number
  /**
   * Members in the order of the server, equal scores by the bytes of the members, some at a time. A member that
   * changes its place meanwhile may come twice, or not.
   */
  rows: AsyncGenerator<SortedSetRow[]>
  close(): Promise<void>
}

/** Members asked for at once. */
const CHUNK = 1_000

/**
 * Opens a sorted set to read it, some members at a time: see `rows`. Cost: a connection and three round trips;
 * then one or two for 1,000 members.
 *
 * @throws {LadderError} `IO` if there is no such key, if it holds something else, or if a member is not UTF-8;
 *   `NO_PACKAGE` if ioredis is not installed; `UNAVAILABLE`, `PERMISSION`.
 * @example
 * const set = await openSortedSet('redis://localhost:6379', { key: 'scores', order: 'descending' })
 * for await (const [{ playerId, score }] of set.rows) expect([playerId, score]).toEqual(['ada', '900'])
 * await set.close()
 */
export async function openSortedSet(
  address: string,
  options: SortedSetOptions,
): Promise<SortedSet> {
  const client = await openClient(address)
  try {
    await checkType(client, options.key, 'zset')
    if (options.names !== undefined) await checkType(client, options.names, 'hash')
    const size = (await ask(client, 'ZCARD', options.key)) as number
    return { size, rows: rowsOf(client, options), close: () => closeClient(client) }
  } catch (error) {
    await closeClient(client)
    throw error
  }
}

async function* rowsOf(
  client: RedisClient,
  { key, names, order }: SortedSetOptions,
): AsyncGenerator<SortedSetRow[]> {
  const command = order === 'descending' ? 'ZREVRANGE' : 'ZRANGE'
  for (let first = 0; ; first += CHUNK) {
    const args = [key, first, first + CHUNK - 1, 'WITHSCORES']
    // Pairs or a flat list, as the protocol has it; a score is text or a number.
    const found = ((await ask(client, command, ...args)) as unknown[]).flat()
    if (found.length === 0) return
    const members = found.filter((_, i) => i % 2 === 0) as Buffer[]
    const told =
      names === undefined
        ? []
        : ((await ask(client, 'HMGET', names, ...members)) as (Buffer | null)[])
    yield members.map((member, i) => ({
      playerId: textOf(member, 'a member'),
      score: String(found[2 * i + 1]),
      name: told[i] ? textOf(told[i], 'a name') : undefined,
    }))
  }
}

async function checkType(client: RedisClient, key: string, wanted: string): Promise<void> {
  const type = String(await ask(client, 'TYPE', key))
  if (type === wanted) return
  const is = type === 'none' ? 'there is no such key' : `it holds a ${type}, not a ${wanted}`
  throw new LadderError('IO', `Cannot read key "${key}": ${is}; see TYPE and SCAN on the server`)
}

function textOf(bytes: Buffer, what: string): string {
  if (isUtf8(bytes)) return bytes.toString()
  throw new LadderError(
    'IO',
    `Cannot read ${what} of the sorted set: ${bytes.toString('hex')} is not UTF-8; rename it on the server`,
  )
}

async function ask(
  client: RedisClient,
  command: string,
  ...args: (string | number | Buffer)[]
): Promise<unknown> {
  try {
    return await client.callBuffer(command, ...args)
  } catch (cause) {
    throw errorOfCall(cause, { isRead: true, isSent: false })
  }
}

async function closeClient(client: RedisClient): Promise<void> {
  try {
    await client.quit()
  } catch {
    client.disconnect()
  }
}
