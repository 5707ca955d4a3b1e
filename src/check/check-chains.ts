/**
 * Whether what leads from run to run in the log leads to runs of the same player on the same board.
 *
 * Where a chain leads behind the oldest record, what it led to was trimmed. A move joins the chains of two ids, and of
 * an erased person's runs stays only that there was one.
 *
 * @module
 */

import { lastSeqOf } from '../board/run-log.ts'
import { ownBytes } from '../format/bytes.ts'
import { BoardKeys, type Table } from '../format/keys.ts'
import { logKey, seqOf } from '../format/log-key.ts'
import { logKindOf } from '../format/log-note.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { decodeHistory } from '../format/run-chain.ts'
import { decodeRun } from '../format/run-record.ts'
import type { Reader } from '../store/store.ts'
import { INVARIANT } from './invariants.ts'

/** Looks at what the chains of one snapshot lead to. */
export class ChainCheck {
  readonly #reader: Reader<Table>
  readonly #first: number
  readonly #last: number

  constructor(reader: Reader<Table>, last: number) {
    this.#reader = reader
    this.#last = last
    this.#first = Number.POSITIVE_INFINITY
    for (const key of reader.keys('log', { limit: 1 })) this.#first = seqOf(key) ?? 0
  }

  /** Returns what is wrong with a seq that a chain of a player on a board leads to. */
  problemOf(
    seq: number,
    of: { boardId: number; playerId: string },
  ): { invariant: string; problem: string } | undefined {
    const invariant = INVARIANT.CHAINS
    if (seq > this.#last)
      return { invariant, problem: `its run ${seq} is after the end of the log` }
    if (seq < this.#first) return undefined
    const key = logKey(seq)
    const value = this.#reader.get('log', key)
    const kind = value && logKindOf(value)
    if (value === undefined) return { invariant, problem: `its run ${seq} is not there` }
    if (kind === 'move' || kind === 'erase') return undefined
    const run = kind === 'submit' ? decodeRun(key, ownBytes(value)) : undefined
    // One that is damaged is a finding of its own.
    if (kind === 'submit' && run === undefined) return undefined
    if (run?.boardId === of.boardId && run.playerId === of.playerId) return undefined
    return { invariant, problem: `record ${seq}, to which it leads, is not a run of this player` }
  }

  /** Returns what is wrong with the chain in a record of `history` of a board. */
  historyProblem(
    board: CatalogEntry,
    pair: { key: Buffer; value: Buffer },
  ): { invariant: string; problem: string } | undefined {
    const chain = decodeHistory(pair.key, pair.value)?.chain
    if (chain === undefined) return undefined
    const keys = new BoardKeys(board.id)
    const playerId = pair.key.toString('utf8', keys.prefix.length)
    return this.problemOf(lastSeqOf(this.#reader, keys, chain), { boardId: board.id, playerId })
  }
}
