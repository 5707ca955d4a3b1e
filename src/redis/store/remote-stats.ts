/**
 * Sizes of a store of boards on a server.
 *
 * @module
 */

import { boardsOnServer, callerOf } from '../partitions/found-boards.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import type { RemoteBoardSize, RemoteStoreStats } from '../words.ts'

type SizesReply = [
  ...[entries: number, scores: number, hidden: number, requests: number, bytes: number],
]
type SeasonSizesReply = [last: Buffer, seasons: [from: Buffer, entries: number, bytes: number][]]

/** Returns the sizes of all boards; see `RemoteLeaderboards.stats`. */
export async function statsOnServer(context: RemoteContext): Promise<RemoteStoreStats> {
  const found = await boardsOnServer(context)
  const sizes = await Promise.all(found.map((board) => sizeOfBoard(callerOf(context, board))))
  const sum = (count: (size: RemoteBoardSize) => number): number => {
    return sizes.reduce((all, size) => all + count(size), 0)
  }
  return {
    prefix: context.prefix,
    // The last time that any of these boards gave.
    clockAheadMs: Math.max(0, context.seenMicros - context.wallMicros()) / 1000,
    boards: sizes.length,
    entries: sum(({ entries }) => entries),
    seasons: sum(({ seasons }) => seasons?.count ?? 0),
    seasonEntries: sum(({ seasons }) => seasons?.entries ?? 0),
    usedBytes: sum(({ usedBytes }) => usedBytes),
    sizes,
  }
}

async function sizeOfBoard(caller: BoardCalls): Promise<RemoteBoardSize> {
  const { name, partitions, windows = [] } = caller.spec
  const slots = await Promise.all(
    caller.slots.map(async (slot) => (await slot.read('sizes', [])).value as SizesReply),
  )
  const total = (i: number): number => slots.reduce((sum, slot) => sum + (slot[i] as number), 0)
  const isOne = partitions === 1
  const size = { board: name, ...(!isOne && { partitions }), entries: total(0) }
  const counts = { ...(isOne && { scores: total(1) }), hidden: total(2), requests: total(3) }
  if (windows.length === 0) return { ...size, ...counts, usedBytes: total(4) }
  const { bytes, ...seasons } = await sizeOfSeasons(caller)
  return { ...size, ...counts, usedBytes: total(4) + bytes, seasons }
}

// A season may lie in several partitions, and is one all the same.
async function sizeOfSeasons(
  caller: BoardCalls,
): Promise<{ count: number; entries: number; bytes: number }> {
  const seen = new Set<string>()
  let entries = 0
  let bytes = 0
  for (const slot of caller.slots)
    for (const { name: window } of caller.spec.windows ?? [])
      for (let after = ''; ; ) {
        const { value } = await slot.read('season_sizes', [window, after])
        const [last, seasons] = value as SeasonSizesReply
        for (const [from, count, memory] of seasons) {
          if (count > 0) seen.add(`${window}\0${from}`)
          entries += count
          bytes += memory
        }
        after = last.toString()
        if (after === '') break
      }
  return { count: seen.size, entries, bytes }
}
