/**
 * Whom the log of a source names since a copy began: only they need be looked at again.
 *
 * @module
 */

import type { LogKind, LogRecord } from '../../index.ts'
import type { Side } from './side.ts'

/** Whom changes concerned. */
export interface Touched {
  playerIds: string[]
  /** Whether a change may have concerned anybody. */
  mayBeAnybody: boolean
}

// Changes of one player, whom the record names.
const OF_ONE: readonly LogKind[] = ['submit', 'remove', 'rename']
// Changes of no entry.
const OF_NOBODY: readonly LogKind[] = [
  'create',
  'resolve',
  'season-open',
  'season-close',
  'season-seal',
]

const LIMIT = 10_000

/** The log of a store from where it stands now. */
export class LogTail {
  readonly #side: Side
  readonly #board: string
  #after: number

  /** Returns undefined if not every change of the board is in a log. */
  static async open(side: Side, board: string): Promise<LogTail | undefined> {
    if (side.isOnServer) return undefined
    const info = (await side.store.boards()).find(({ name }) => name === board)
    if (info === undefined || info.log === 'none') return undefined
    const { records } = await side.store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 })
    return new LogTail(side, board, records[0]?.seq ?? 0)
  }

  private constructor(side: Side, board: string, after: number) {
    this.#side = side
    this.#board = board
    this.#after = after
  }

  /** Returns whom the records concern that came since the last time. */
  async next(): Promise<Touched> {
    const playerIds = new Set<string>()
    let mayBeAnybody = false
    for (let after: number | undefined = this.#after; after !== undefined; ) {
      const { records, next }: { records: LogRecord[]; next: number | undefined } =
        await this.#side.store.log({ after, limit: LIMIT })
      for (const record of records) {
        this.#after = record.seq
        for (const playerId of playersOf(record, this.#board)) playerIds.add(playerId)
        mayBeAnybody ||= !OF_ONE.includes(record.kind) && !OF_NOBODY.includes(record.kind)
      }
      after = next
    }
    return { playerIds: [...playerIds], mayBeAnybody }
  }
}

// A name is one of all boards.
function playersOf({ board: on, playerId, pushedOut = [] }: LogRecord, board: string): string[] {
  if (on !== undefined && on !== board) return []
  return [...(playerId === undefined ? [] : [playerId]), ...pushedOut.map((one) => one.playerId)]
}
