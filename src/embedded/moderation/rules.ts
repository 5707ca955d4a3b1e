/**
 * The rules of boards, as they are stored: read in each transaction, so that they hold for every process
 * from the commit on that alters them.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { commitOf } from '../../board/commit.ts'
import { noBoard } from '../../calls/no-board.ts'
import { checkAlteration, checkBounds } from '../../calls/rules.ts'
import { alteredRules } from '../../domain/rules.ts'
import { ownBytes } from '../../format/bytes.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { decodeRules, encodeRules, type RulesRecord, rulesKey } from '../../format/meta/rules.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { BoardAlteration, BoardRules } from '../../words/index.ts'
import { findBoard } from '../catalog.ts'

/** The rules of a board that has none. */
export const NO_RULES: BoardRules = {}

const OWNER = {}

/** @throws {LadderError} `CORRUPT` if they are damaged. */
export function readRules(reader: Reader<Table>, board: { id: number; name: string }): BoardRules {
  return readRecord(reader, board)?.rules ?? NO_RULES
}

/** The rules of one board, which are taken apart again only if they are others than at the last look. */
export class KnownRules {
  #key: Buffer = rulesKey(NO_BOARD_ID)
  #boardId = NO_BOARD_ID
  #bytes: Buffer | undefined
  #rules: BoardRules = NO_RULES

  /** @throws {LadderError} `CORRUPT` if they are damaged. */
  read(reader: Reader<Table>, board: { id: number; name: string }): BoardRules {
    if (board.id !== this.#boardId) {
      this.#boardId = board.id
      this.#key = rulesKey(board.id)
      this.#bytes = undefined
    }
    const value = reader.get('meta', this.#key)
    if (value === undefined) return NO_RULES
    // Of bytes that were lent the length alone says where they end.
    if (this.#bytes?.compare(value, 0, value.length) === 0) return this.#rules
    const bytes = ownBytes(value)
    this.#rules = decoded(this.#key, { bytes, name: board.name }).rules
    this.#bytes = bytes
    return this.#rules
  }
}

/** Returns the rules of a board in a transaction, read once for all of its jobs. */
export function rulesIn(
  writer: Writer<Table>,
  board: { id: number; name: string },
): BoardRules | undefined {
  if (!commitOf(writer).uses('rules')) return undefined
  const known = knownIn(writer)
  let rules = known.get(board.id)
  if (rules === undefined) {
    rules = readRules(writer, board)
    known.set(board.id, rules)
  }
  return rules === NO_RULES ? undefined : rules
}

/**
 * Alters the rules of a board.
 *
 * @throws {LadderError} `NO_BOARD`.
 * @throws {TypeError | RangeError} for rules that the board cannot have.
 */
export function alterRules(
  writer: Writer<Table>,
  name: string,
  alteration: BoardAlteration,
): { after: BoardRules; changed: BoardAlteration | undefined } {
  const board = findBoard(writer, name)
  if (board === undefined) throw noBoard(name)
  const checked = checkAlteration(alteration, board.shape)
  const record = readRecord(writer, board) ?? { rules: NO_RULES, others: NO_FIELDS }
  const after = alteredRules(record.rules, checked)
  checkBounds(after)
  checkFlags(after, board)
  const changed = changedRules(record.rules, after)
  if (changed !== undefined) putRules(writer, board, { rules: after, others: record.others })
  return { after, changed }
}

/** Gives a board its rules, in place of those that it has. */
export function putRules(
  writer: Writer<Table>,
  board: Pick<CatalogEntry, 'id'>,
  record: RulesRecord,
): void {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('rules')
  const key = rulesKey(board.id)
  const value = encodeRules(key, record)
  if (value === undefined) writer.remove('meta', key)
  else writer.put('meta', key, value)
  knownIn(writer).delete(board.id)
}

/** Gives the rules of a board to the number that takes its place. */
export function moveRules(
  writer: Writer<Table>,
  from: { id: number; name: string },
  boardId: number,
): void {
  const record = readRecord(writer, from)
  if (record === undefined) return
  writer.remove('meta', rulesKey(from.id))
  putRules(writer, { id: boardId }, record)
}

function readRecord(
  reader: Reader<Table>,
  { id, name }: { id: number; name: string },
): RulesRecord | undefined {
  const key = rulesKey(id)
  const value = reader.get('meta', key)
  return value && decoded(key, { bytes: ownBytes(value), name })
}

function decoded(key: Buffer, { bytes, name }: { bytes: Buffer; name: string }): RulesRecord {
  const record = decodeRules(key, bytes)
  if (record !== undefined) return record
  throw new LadderError(
    'CORRUPT',
    `Cannot read the rules of board "${name}": the record is damaged; restore a backup`,
  )
}

function knownIn(writer: Writer<Table>): Map<number, BoardRules> {
  return writer.local(OWNER, noRules)
}

function noRules(): Map<number, BoardRules> {
  return new Map()
}

// What is different now, null for what is gone; undefined if nothing is.
function changedRules(before: BoardRules, after: BoardRules): BoardAlteration | undefined {
  const names = Object.keys({ ...before, ...after }) as (keyof BoardRules)[]
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]))
  if (changed.length === 0) return undefined
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null])) as BoardAlteration
}

function checkFlags({ maxGain }: BoardRules, { name, log }: CatalogEntry): void {
  if (maxGain?.action !== 'flag' || log !== 'none') return
  throw new RangeError(
    `Cannot use flag as action of maxGain: board "${name}" has no log, and a flag belongs to a record of it; use refuse`,
  )
}
