/**
 * One column of a score beside its type, for records that are read without their board.
 *
 *     | type 1 | 8 |      type 0: a double, 1: an integer of 64 bits; both in the ascending ordered form
 *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { ScoreCell } from '../words/index.ts'
import { readInteger, readScore, writeInteger, writeScore } from './score.ts'

/** Bytes of a cell with its type. */
export const CELL_BYTES = 9

const DOUBLE = 0
const INTEGER = 1

export function encodeCell(cell: ScoreCell): Buffer {
  const bytes = Buffer.alloc(CELL_BYTES)
  bytes[0] = typeof cell === 'bigint' ? INTEGER : DOUBLE
  if (typeof cell === 'bigint') writeInteger(bytes, 1, cell, 'ascending')
  else writeScore(bytes, 1, cell, 'ascending')
  return bytes
}

/** Reads the cell at `at`; undefined if it is not one. */
export function decodeCell(bytes: Buffer, at = 0): ScoreCell | undefined {
  if (bytes.length < at + CELL_BYTES) return undefined
  if (bytes[at] === INTEGER) return readInteger(bytes, at + 1, 'ascending')
  const cell = bytes[at] === DOUBLE ? readScore(bytes, at + 1, 'ascending') : undefined
  return cell === undefined || !Number.isFinite(cell) || Object.is(cell, -0) ? undefined : cell
}
