/**
 * Records of the log without a person: what is left of the person's own says only that there was one, and what
 * it did to others on a board that keeps the best: without that, nobody could be brought back there.
 *
 * @module
 */

import {
  decodeJson,
  decodeNote,
  encodeJson,
  encodeNote,
  logKindOf,
  type NoteFields,
  type NoteRecord,
} from '../../format/log-note.ts'
import { decodeMovedChains, encodeMovedChains } from '../../format/moved-chains.ts'
import { decodeRun, encodeRun, RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { type Fields, NO_FIELDS } from '../../format/tail.ts'
import type { PushedOut } from '../../words/index.ts'

/** A record as it is stored. */
interface Pair {
  key: Buffer
  value: Buffer
}

/** An erasure. */
export interface Erasure {
  /** Its seq. */
  by: number
  /** Returns the name of a living board. */
  boardName: (boardId: number) => string | undefined
  /** Returns the hash of a player: who made a move is found by it when the move is made again. */
  hashOf: (playerId: string) => string
}

/** Tells quickly which records may be about a player; most are not. */
export class Mentions {
  readonly #plain: Buffer
  readonly #escaped: Buffer

  constructor(playerId: string) {
    this.#plain = Buffer.from(playerId)
    this.#escaped = Buffer.from(JSON.stringify(playerId).slice(1, -1))
  }

  mayBeIn(value: Buffer): boolean {
    // Of bytes that were lent the length alone says where they end.
    const own = value.subarray(0, value.length)
    return own.includes(this.#plain) || own.includes(this.#escaped)
  }
}

/** Returns the value of a record without a player; undefined if the player is not in it, or it is damaged. */
export function redacted(pair: Pair, playerId: string, erasure: Erasure): Buffer | undefined {
  return logKindOf(pair.value) === 'submit'
    ? redactedRun(pair, playerId, erasure)
    : redactedNote(pair, playerId, erasure)
}

/** Returns the value of a run of which only that stays that there was one. */
export function erasedRun(pair: Pair, erasure: Erasure): Buffer | undefined {
  const run = decodeRun(pair.key, pair.value)
  if (run === undefined) return undefined
  const board = erasure.boardName(run.boardId)
  const pushedOut = pushedOutOf(run)
  const others = board === undefined || pushedOut.length === 0 ? {} : { board, pushedOut }
  return remainderOf(pair.key, run, { of: 'submit', by: erasure.by, ...others })
}

// Who was pushed out, or came back, has a place in what an undo makes again.
function erasedNote({ key }: Pair, note: NoteRecord, erasure: Erasure): Buffer {
  const { kind: of, fields, tail } = note
  const { by } = erasure
  if (of === 'move') return remainderOf(key, note, { of, by, ...fromHashOf(fields, erasure) })
  const [pushedOut, changes] = [rowsOf(fields, 'pushedOut'), rowsOf(fields, 'changes')]
  if (of === 'undo' && changes.length > 0) {
    const boards = [...new Set(changes.map(({ board }) => board))]
    return remainderOf(key, note, { of, by, boards, changes }, tail)
  }
  const others = of === 'unban' && pushedOut.length > 0 ? { pushedOut } : {}
  return remainderOf(key, note, { of, by, ...others })
}

// Until then the entries were under the other id, where a restore to a point may find them.
function fromHashOf({ from, fromHash }: NoteFields, { hashOf }: Erasure): NoteFields {
  return { fromHash: typeof from === 'string' ? hashOf(from) : fromHash }
}

function rowsOf(fields: NoteFields, name: string): Readonly<Record<string, unknown>>[] {
  const rows = fields[name]
  return Array.isArray(rows) ? rows : []
}

function remainderOf(
  key: Buffer,
  { committedMicros, commitBack }: { committedMicros: number; commitBack: number },
  fields: NoteFields,
  tail: Fields = NO_FIELDS,
): Buffer {
  return encodeNote(key, { kind: 'erase', committedMicros, commitBack, fields, tail })
}

function redactedRun(pair: Pair, playerId: string, erasure: Erasure): Buffer | undefined {
  const run = decodeRun(pair.key, pair.value)
  if (run === undefined) return undefined
  if (run.playerId === playerId) return erasedRun(pair, erasure)
  const pushedOut = pushedOutOf(run)
  const others = pushedOut.filter((gone) => gone.playerId !== playerId)
  if (others.length === pushedOut.length) return undefined
  const tail = new Map(run.tail)
  if (others.length === 0) tail.delete(RUN_TAG.PUSHED_OUT)
  else tail.set(RUN_TAG.PUSHED_OUT, encodeJson(others))
  return Buffer.from(encodeRun(pair.key, { ...run, tail }))
}

function pushedOutOf({ tail }: RunRecord): PushedOut[] {
  const field = tail.get(RUN_TAG.PUSHED_OUT)
  return field === undefined ? [] : (decodeJson(field.toString()) as PushedOut[])
}

function redactedNote(pair: Pair, playerId: string, erasure: Erasure): Buffer | undefined {
  const note = decodeNote(pair.key, pair.value)
  if (note === undefined) return undefined
  const { fields, kind } = note
  if (fields['playerId'] === playerId || fields['to'] === playerId)
    return erasedNote(pair, { ...note, fields: without(fields, playerId) as NoteFields }, erasure)
  // The chain of who received goes on behind the move.
  if (kind === 'move' && fields['from'] === playerId) {
    const { from: _, reason: __, ...others } = fields
    const rows = ['entries', 'seasons'].filter((name) => Array.isArray(others[name]))
    const sides = rows.map((name) => [name, rowsOf(others, name).map(withoutSide)])
    const left = { ...others, ...Object.fromEntries(sides), ...fromHashOf(fields, erasure) }
    return encodeNote(pair.key, { ...note, fields: left, tail: withoutFrom(note.tail) })
  }
  const others = without(fields, playerId) as typeof fields
  if (others === fields) return undefined
  const isEmpty = kind === 'erase' && rowsOf(others, 'pushedOut').length === 0
  return encodeNote(pair.key, { ...note, fields: isEmpty ? withoutOthers(others) : others })
}

// Nobody is left whom an erased run pushed out.
function withoutOthers({ pushedOut: _, ...fields }: NoteFields): NoteFields {
  const { board: __, ...least } = fields
  return fields['of'] === 'submit' ? least : fields
}

function withoutSide(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { from: _, ...others } = entry
  return others
}

function withoutFrom(tail: Fields): Fields {
  const chains = decodeMovedChains(tail.get(RUN_TAG.CHAINS)) ?? []
  const others = chains.map((chain) => ({ ...chain, fromLast: 0 }))
  return new Map([...tail, [RUN_TAG.CHAINS, encodeMovedChains(others)]])
}

// Returns the value itself if the player is not in it: lists leave out what is about the player.
function without(value: unknown, playerId: string): unknown {
  if (Array.isArray(value)) {
    const others = value.filter((item: unknown) => !isAbout(item, playerId))
    const items = others.map((item) => without(item, playerId))
    const isSame = items.length === value.length && items.every((item, i) => item === others[i])
    return isSame ? value : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, field]) => [name, without(field, playerId)])
  const isSame = entries.every(([name, field]) => {
    return field === (value as Record<string, unknown>)[name as string]
  })
  return isSame ? value : Object.fromEntries(entries)
}

function isAbout(item: unknown, playerId: string): boolean {
  return (item as { playerId?: unknown } | null)?.playerId === playerId
}
