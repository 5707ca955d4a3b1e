/**
 * Replies of the functions, as rows, players and standings.
 *
 * @module
 */

import { standingFrom } from '../../domain/answers.ts'
import { decodeEntryKey } from '../../format/entry-key.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { toMs } from '../../format/time.ts'
import { assert } from '../../ground/assert.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Entry, Metadata, RankMode, Score, Standing } from '../../words/index.ts'

/** Size of the board, index and number of the first row; then members and records. */
export type RowsReply = [total: number, first: Buffer, base: number, Buffer[], Buffer[]]

/** Record and ordinal rank; the number that the mode asks for; for `all` who is better, worse, and their scores. */
export type PlayerReply = [
  ...[record: Buffer, ordinal: number, number: number],
  ...[better?: number, worse?: number, betterScores?: number],
]

/** Rows in board order, with where they lie. */
export interface FetchedRows {
  entries: Entry<Score>[]
  first: number
  total: number
}

const HAS_NAME = 1
const HAS_METADATA = 2

/** Returns rows as callers see them. */
export function rowsOf(reply: RowsReply, shape: ScoreShape, mode: RankMode): FetchedRows {
  const [total, firstText, base, members, records] = reply
  const first = numberOf(firstText)
  let rank = base
  let previous: Score | undefined
  const entries = members.flatMap((member, i) => {
    // Of a player who was erased only the place is left, so that others keep their ranks.
    const isErased = member.length === shape.headBytes
    const { score } = headOf(member, shape)
    const isTie = previous !== undefined && shape.compare(previous, score) === 0
    if (mode === 'ordinal') rank = first + i + 1
    else if (previous !== undefined && !isTie) rank = mode === 'dense' ? rank + 1 : first + i + 1
    previous = score
    if (isErased) return []
    const { playerId } = keyOf(member, shape)
    return entryOfRecord(records[i], { playerId, shape, rank })
  })
  return { entries, first, total }
}

/** Returns a player's entry with a rank. */
export function entryOfRecord(
  record: Buffer | null | undefined,
  row: { playerId: string; shape: ScoreShape; rank: number },
): Entry<Score> {
  const { playerId, shape, rank } = row
  // The server sends null for a record that is not there.
  if (record == null) throw overwritten(`there is no record of player ${JSON.stringify(playerId)}`)
  const { score, atMicros } = headOf(record, shape)
  const { name = playerId, metadata } = detailsOfRecord(record, { playerId, shape })
  const entry = { rank, playerId, name, score, at: toMs(atMicros) }
  return metadata === undefined ? entry : { ...entry, metadata }
}

/** Returns score and time of what begins with the head of an entry. */
export function headOf(bytes: Buffer, shape: ScoreShape): { score: Score; atMicros: number } {
  // The key of nobody in particular: a head needs an id behind it.
  const key = Buffer.concat([bytes.subarray(0, shape.headBytes), Buffer.from('?')])
  return keyOf(key, shape)
}

/** Returns the standing that such a reply tells. */
export function standingOfReply(reply: PlayerReply, size: number): Standing<Score> {
  const [, ordinal, , better = 0, worse = 0, betterScores = 0] = reply
  return standingFrom({ ordinal, better, worse, betterScores, size, newcomers: 0 })
}

/** Returns a whole number that came as digits. */
export function numberOf(text: Buffer): number {
  return Number(text.toString())
}

function keyOf(
  member: Buffer,
  shape: ScoreShape,
): { playerId: string; score: Score; atMicros: number } {
  const key = decodeEntryKey(member, shape)
  if (key !== undefined) return key
  throw overwritten('its key does not belong to this board')
}

function overwritten(what: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read an entry: ${what}; something else writes to the keys of the board, restore them`,
  )
}

function detailsOfRecord(
  record: Buffer,
  { playerId, shape }: { playerId: string; shape: ScoreShape },
): { name: string | undefined; metadata: Metadata | undefined } {
  const flags = record[shape.headBytes] as number
  let at = shape.headBytes + 1
  let name: string | undefined
  if ((flags & HAS_NAME) !== 0) {
    const end = at + 2 + record.readUInt16BE(at)
    name = record.toString('utf8', at + 2, end)
    at = end
  }
  if ((flags & HAS_METADATA) === 0) return { name, metadata: undefined }
  const metadata: unknown = JSON.parse(record.toString('utf8', at))
  assert(typeof metadata === 'object', `the metadata of ${playerId} are an object`)
  return { name, metadata: metadata as Metadata }
}
