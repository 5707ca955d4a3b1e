/**
 * Rows of a file as pairs of bytes: the player's id, and all else.
 *
 *     playerId, utf-8   →   | line 6 | row 6 | flags 1 | micros 8 | score | size of name 2 | name | metadata … |
 *
 * `row` counts the rows of the file that could be read, from 0 on. Flags: 1 a time was given (`micros`), 2 a name, 4 metadata, 8 metadata that are to go.
 *
 * @module
 */

import type { ScoreShape } from '../../format/score-shape.ts'
import { readText, writeText } from '../../format/text.ts'
import { toMicros } from '../../format/time.ts'
import type { Row } from '../../rows/rows.ts'
import type { Score } from '../../words/index.ts'
import type { Place } from './packed-pairs.ts'

const LINE_BYTES = 6
const FLAGS_AT = 2 * LINE_BYTES
const SCORE_AT = FLAGS_AT + 1 + 8

const HAS_TIME = 1
const HAS_NAME = 2
const HAS_METADATA = 4
const METADATA_GOES = 8

/** A row as it comes back; its player is the key of the pair. */
export interface PackedRow {
  line: number
  /** Its place among the rows that could be read, from 0 on. */
  row: number
  score: Score
  /** Undefined if none was given. */
  atMicros: number | undefined
  name: string | undefined
  metadata: string | null | undefined
}

/** Writes a row as a pair at `start`; tells where its key and its value end. */
export function writeRow(
  target: Buffer,
  start: number,
  { row, shape, index }: { row: Row; shape: ScoreShape; index: number },
): { keyEnd: number; end: number } {
  const { line, playerId, score, name, at, metadata } = row
  const keyEnd = start + writeText(target, playerId, start)
  target.writeUIntBE(line, keyEnd, LINE_BYTES)
  const micros = at === undefined ? 0 : toMicros(at)
  target.writeUIntBE(index, keyEnd + LINE_BYTES, LINE_BYTES)
  target[keyEnd + FLAGS_AT] = flagsOf(row)
  target.writeDoubleBE(micros, keyEnd + FLAGS_AT + 1)
  shape.write(target, keyEnd + SCORE_AT, score)
  const sizeAt = keyEnd + SCORE_AT + shape.bytes
  if (name === undefined && metadata == null) return { keyEnd, end: sizeAt }
  const nameBytes = name === undefined ? 0 : writeText(target, name, sizeAt + 2)
  target.writeUInt16BE(nameBytes, sizeAt)
  const metadataAt = sizeAt + 2 + nameBytes
  return { keyEnd, end: metadataAt + (metadata == null ? 0 : target.write(metadata, metadataAt)) }
}

/** Reads what {@link writeRow} wrote. */
export function readRow({ slab, keyEnd, end }: Place, shape: ScoreShape): PackedRow {
  const flags = slab[keyEnd + FLAGS_AT] as number
  const row: PackedRow = {
    line: slab.readUIntBE(keyEnd, LINE_BYTES),
    row: slab.readUIntBE(keyEnd + LINE_BYTES, LINE_BYTES),
    score: shape.read(slab, keyEnd + SCORE_AT) as Score,
    atMicros: (flags & HAS_TIME) === 0 ? undefined : slab.readDoubleBE(keyEnd + FLAGS_AT + 1),
    name: undefined,
    metadata: (flags & METADATA_GOES) === 0 ? undefined : null,
  }
  if ((flags & (HAS_NAME | HAS_METADATA)) === 0) return row
  const nameAt = keyEnd + SCORE_AT + shape.bytes + 2
  const metadataAt = nameAt + slab.readUInt16BE(nameAt - 2)
  if ((flags & HAS_NAME) !== 0) row.name = readText(slab, nameAt, metadataAt)
  if ((flags & HAS_METADATA) !== 0) row.metadata = slab.toString('utf8', metadataAt, end)
  return row
}

/** Returns the player of a row. */
export function playerOf({ slab, start, keyEnd }: Place): string {
  return readText(slab, start, keyEnd)
}

function flagsOf({ at, name, metadata }: Row): number {
  return (
    (at === undefined ? 0 : HAS_TIME) |
    (name === undefined ? 0 : HAS_NAME) |
    (metadata == null ? 0 : HAS_METADATA) |
    (metadata === null ? METADATA_GOES : 0)
  )
}
