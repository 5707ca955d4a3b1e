/**
 * A plain sorted set of Redis as rows of NDJSON, which an import takes like those of a file.
 *
 * A sorted set keeps no times: equal scores stand in the order of its members. Each row is given a time a
 * microsecond later than the one before, so that the board shows the order that the server showed.
 *
 * @module
 */

import { Readable } from 'node:stream'
import type { Leaderboard } from '../index.ts'
import type { SortedSetRow } from '../redis/index.ts'
import type { Source } from './files.ts'

/** Runs `use` on a sorted set, whose connection is closed afterwards. */
export async function withSortedSet<T>(
  options: { server: string; zset: string; names: string | undefined; signal: AbortSignal },
  order: Leaderboard['order'],
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const { server, zset: key, names, signal } = options
  const { openSortedSet } = await import('../redis/index.ts')
  const set = await openSortedSet(server, { key, names, order })
  const startMicros = Date.now() * 1000 - set.size
  const stream = Readable.from(linesOf(set.rows, startMicros), { signal })
  try {
    return await use({ stream, bytes: undefined })
  } finally {
    stream.destroy()
    await set.close()
  }
}

async function* linesOf(
  pages: AsyncIterable<SortedSetRow[]>,
  startMicros: number,
): AsyncGenerator<Buffer> {
  let micros = startMicros
  for await (const rows of pages) {
    const lines = rows.map((row) => lineOf(row, micros++))
    yield Buffer.from(lines.join(''))
  }
}

// Digits go through as they are; anything else is a bad row.
function lineOf({ playerId, score, name }: SortedSetRow, micros: number): string {
  const value = Number.isFinite(Number(score)) ? score : JSON.stringify(score)
  const named = name === undefined ? '' : `,"name":${JSON.stringify(name)}`
  return `{"playerId":${JSON.stringify(playerId)},"score":${value}${named},"at":${micros / 1000}}\n`
}
