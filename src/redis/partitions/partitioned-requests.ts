/**
 * Ids of submits to a board in partitions: where they are kept, and what a retry is told.
 *
 * The record of an id lies in the partition of its player, and so in the slot of the change itself. It is kept under the
 * ids of the player and of the request. A list under one id becomes a list in each partition, numbered from 0, under ids
 * that belong to no player. Ranks and passed players, which take all partitions to know, are added to the record
 * afterwards: the first answer that is added counts, and all later answers are the same.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { requestIdOf } from '../../calls/request-ids.ts'
import { digestOf } from '../../format/request-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import type { SubmitRequest } from '../../words/index.ts'
import type { RowsReply } from '../client/replies.ts'
import { partitionOf } from '../slot/partitions.ts'
import type { ListPart, SubmitReply, WindowReply } from '../slot/submit-arguments.ts'

/** The submits of one partition, with their numbers in the whole list and the ids that they have there. */
export interface PartOfList {
  partition: number
  numbers: readonly number[]
  submits: readonly SubmitRequest[]
  part: ListPart
}

/** As JSON; bytes are base64. */
interface Told {
  ranks: Ranks
  passed: [count: number, mode: string | null]
  rows: [total: number, first: string, base: number, members: string[], records: string[]] | null
  /** Of each window, if the board has some; null where no season took it. */
  windows?: (Ranks | null)[]
}

type Ranks = [rank: number | null, previousRank: number | null]

/** Returns submits by partitions; `listId` is that of a list under one id. */
export function partsOfList(
  submits: readonly SubmitRequest[],
  asked: { partitions: number; shape: ScoreShape; listId: string | undefined },
): PartOfList[] {
  const { partitions, shape, listId } = asked
  const digest = listId === undefined ? undefined : listDigestOf(submits, shape)
  const idOf = (i: number): string => idInPartition(requestIdOf(listId as string, i), '')
  return groupsOf(submits, partitions).map(({ partition, numbers }) => {
    const some = numbers.map((number, i): SubmitRequest => {
      const submit = submits[number] as SubmitRequest
      const { requestId, playerId } = submit
      if (requestId === undefined) return submit
      const id = listId === undefined ? idInPartition(requestId, playerId) : idOf(i)
      return { ...submit, requestId: id }
    })
    const beyondId = listId === undefined ? undefined : idOf(some.length)
    // No partition keeps the best only, so a list of one is judged as a submit by itself.
    const part = { isList: some.length > 1, isPartition: true, beyondId, digest }
    return { partition, numbers, submits: some, part }
  })
}

/** Whether the answer is that of a submit which was made before. */
export function isRepeated(reply: SubmitReply): boolean {
  return reply[8] === 1
}

/** Returns the ranks and the passed players of an answer, as the record keeps them. */
export function encodeTold(reply: SubmitReply): Buffer {
  const [, , , rank, previousRank, count, rows, mode, , , windows] = reply
  const told: Told = {
    ranks: [rank, previousRank],
    passed: [count, mode === null ? null : mode.toString()],
    rows: rows === null ? null : textRows(rows),
    ...(windows && {
      windows: windows[1].map(([, , , made]) => (made ? [made[3], made[4]] : null)),
    }),
  }
  return Buffer.from(JSON.stringify(told))
}

/** Returns an answer with the ranks and the passed players that the record keeps. */
export function withTold(reply: SubmitReply, bytes: Buffer): SubmitReply {
  const [outcome, head, previousHead, , , , , , repeated, , windows] = reply
  const { ranks, passed, rows, windows: ranksOfWindows } = JSON.parse(bytes.toString()) as Told
  const [count, mode] = passed
  return [
    ...([outcome, head, previousHead, ...ranks, count] as const),
    ...([rows && bytesOfRows(rows), mode === null ? null : Buffer.from(mode), repeated] as const),
    bytes,
    windows && [windows[0], windows[1].map((one, i) => withToldRanks(one, ranksOfWindows?.[i]))],
  ]
}

function withToldRanks(reply: WindowReply, ranks: Ranks | null | undefined): WindowReply {
  const [window, outcome, season, made, place] = reply
  if (made === undefined || !ranks) return reply
  const [madeOutcome, head, previousHead, , , ...rest] = made
  return [window, outcome, season, [madeOutcome, head, previousHead, ...ranks, ...rest], place]
}

// The length keeps two pairs from being the same text; an empty playerId is that of lists, for no player has it.
function idInPartition(requestId: string, playerId: string): string {
  return `${playerId.length} ${playerId}${requestId}`
}

function listDigestOf(submits: readonly SubmitRequest[], shape: ScoreShape): Buffer {
  const hash = createHash('sha256')
  for (const submit of submits) hash.update(digestOf(submit, shape))
  return hash.digest().subarray(0, 8)
}

function groupsOf(
  submits: readonly SubmitRequest[],
  partitions: number,
): { partition: number; numbers: number[] }[] {
  const groups = new Map<number, number[]>()
  for (const [i, { playerId }] of submits.entries()) {
    const partition = partitionOf(playerId, partitions)
    const numbers = groups.get(partition)
    if (numbers === undefined) groups.set(partition, [i])
    else numbers.push(i)
  }
  return [...groups].map(([partition, numbers]) => ({ partition, numbers }))
}

function textRows([total, first, base, members, records]: RowsReply): NonNullable<Told['rows']> {
  const text = (bytes: Buffer): string => bytes.toString('base64')
  return [total, first.toString(), base, members.map(text), records.map(text)]
}

function bytesOfRows([total, first, base, members, records]: NonNullable<Told['rows']>): RowsReply {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
  return [total, Buffer.from(first), base, members.map(bytes), records.map(bytes)]
}
