/**
 * Rows of several partitions as rows of one board: merged by the bytes of their keys.
 *
 * @module
 */

/** A row of a board: its key, and what is stored of the player. */
export interface PartitionRow {
  member: Buffer
  record: Buffer
}

/** What one partition tells of a place: how many there are, how many below each key, rows around the last key. */
export type GatherReply = [size: number, counts: number[], members: Buffer[], records: Buffer[]]

/** What all partitions tell of a place. */
export interface Gathered {
  size: number
  /** Entries below each of the keys. */
  below: number[]
  /** The rows in front of the place, the nearest last. */
  above: PartitionRow[]
  /** The rows from the place on. */
  under: PartitionRow[]
}

/** How many rows are wanted in front of a place, and from it on. */
export interface Sides {
  above: number
  under: number
}

/** Returns how many rows to ask of each of some partitions, so that there will most likely be enough of them. */
export function shareOf(rows: number, partitions: number): number {
  const mean = rows / partitions
  // Four standard deviations; more than all is never needed.
  return Math.min(rows, Math.ceil(mean + 4 * Math.sqrt(mean)) + 4)
}

/**
 * Returns what partitions tell together; the last key is the place, the others are counted only. Undefined if
 * some partition may have further rows among those that are wanted: it was `sent` for too few.
 */
export function gathered(
  replies: readonly GatherReply[],
  { keys, wanted, sent }: { keys: readonly Buffer[]; wanted: Sides; sent: Sides },
): Gathered | undefined {
  const place = keys.at(-1) ?? Buffer.alloc(0)
  const lists = replies.map(([, , members, records]) => {
    const rows = members.map(
      (member, i): PartitionRow => ({ member, record: records[i] as Buffer }),
    )
    return sidesOf(rows, place)
  })
  const above = nearest(
    lists.map((list) => list.above.reverse()),
    { wanted: wanted.above, sent: sent.above, side: -1 },
  )
  const under = nearest(
    lists.map((list) => list.under),
    { wanted: wanted.under, sent: sent.under, side: 1 },
  )
  if (above === undefined || under === undefined) return undefined
  return {
    size: replies.reduce((sum, [size]) => sum + size, 0),
    below: keys.map((_, i) => replies.reduce((sum, [, all]) => sum + (all[i] as number), 0)),
    above: above.reverse(),
    under,
  }
}

function sidesOf(
  rows: PartitionRow[],
  place: Buffer,
): { above: PartitionRow[]; under: PartitionRow[] } {
  const found = rows.findIndex(({ member }) => Buffer.compare(member, place) >= 0)
  const at = found < 0 ? rows.length : found
  return { above: rows.slice(0, at), under: rows.slice(at) }
}

// Of lists that each begin with the nearest row.
function nearest(
  lists: readonly PartitionRow[][],
  { wanted, sent, side }: { wanted: number; sent: number; side: 1 | -1 },
): PartitionRow[] | undefined {
  const compare = (a: PartitionRow, b: PartitionRow): number =>
    side * Buffer.compare(a.member, b.member)
  const rows = lists.flat().sort(compare).slice(0, wanted)
  const last = rows.at(-1)
  const isCut = (list: PartitionRow[]): boolean => {
    const end = list.at(-1)
    if (list.length < sent || end === undefined) return false
    return rows.length < wanted || compare(end, last as PartitionRow) < 0
  }
  return sent < wanted && lists.some(isCut) ? undefined : rows
}
