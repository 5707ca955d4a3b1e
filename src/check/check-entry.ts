/**
 * Whether an entry and the record of its player are sound and say the same.
 *
 *     entry    | … | head | playerId |   →   | crc 4 | flags 1 | details |
 *     record   | … | playerId |          →   | crc 4 | flags 1 | head | details |
 *
 * Nearly all are, and that shows in the bytes alone: only the others are decoded, to say what is wrong.
 *
 * @module
 */

import { readStoredPlayer } from '../board/board-reader.ts'
import { decodeRow, metadataOf } from '../board/rows.ts'
import { isSealed } from '../format/checksum.ts'
import { readMicros } from '../format/entry-key.ts'
import type { BoardKeys, Table } from '../format/keys.ts'
import { decodeEntryValue, type PlayerRecord, RECORD_HEAD_AT } from '../format/player-record.ts'
import type { ScoreShape } from '../format/score-shape.ts'
import { LadderError } from '../ground/errors.ts'
import { AT_MICROS_MAX } from '../ground/limits.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'

/** What is wrong, and the number of the invariant in FORMAT.md that it breaks. */
export type Problem = Pick<Finding, 'problem' | 'invariant'>

const FLAGS_AT = RECORD_HEAD_AT - 1
const FLAG_NAME = 1
const ASCII_MAX = 0x7f

/** Checks the entries of one board. */
export class EntryCheck {
  readonly #reader: Reader<Table>
  readonly #keys: BoardKeys
  readonly #shape: ScoreShape
  readonly #prefixBytes: number
  // By the size of the playerId; overwritten by the next look-up.
  readonly #playerKeys: Buffer[] = []

  constructor(reader: Reader<Table>, { keys, shape }: { keys: BoardKeys; shape: ScoreShape }) {
    this.#reader = reader
    this.#keys = keys
    this.#shape = shape
    this.#prefixBytes = keys.prefix.length
  }

  /** Returns what is wrong with an entry, if anything is. */
  problemOf(pair: Pair): Problem | undefined {
    return this.#isSound(pair) ? undefined : this.#problemOf(pair)
  }

  // False for some that are sound: with metadata, or with a playerId that is not ASCII.
  #isSound({ key, value }: Pair): boolean {
    const { bytes, headBytes } = this.#shape
    const headAt = this.#prefixBytes
    const playerKey = this.#playerKeyOf(key, headAt + headBytes)
    if (playerKey === undefined || !hasPlainForm(value) || !isSealed(key, value)) return false
    if (this.#shape.read(key, headAt) === undefined) return false
    if (readMicros(key, headAt + bytes) > AT_MICROS_MAX) return false
    const record = this.#reader.get('players', playerKey)
    if (record === undefined || record.length !== value.length + headBytes) return false
    if (record[FLAGS_AT] !== value[FLAGS_AT] || !isSealed(playerKey, record)) return false
    for (let i = 0; i < headBytes; i++)
      if (record[RECORD_HEAD_AT + i] !== key[headAt + i]) return false
    for (let i = RECORD_HEAD_AT; i < value.length; i++)
      if (record[headBytes + i] !== value[i]) return false
    return true
  }

  #playerKeyOf(key: Buffer, idAt: number): Buffer | undefined {
    const idBytes = key.length - idAt
    if (idBytes <= 0) return undefined
    const { prefix } = this.#keys
    this.#playerKeys[idBytes] ??= Buffer.concat([prefix, Buffer.alloc(idBytes)])
    const playerKey = this.#playerKeys[idBytes]
    for (let i = 0; i < idBytes; i++) {
      const byte = key[idAt + i] as number
      if (byte > ASCII_MAX) return undefined
      playerKey[prefix.length + i] = byte
    }
    return playerKey
  }

  #problemOf(pair: Pair): Problem | undefined {
    const shape = this.#shape
    try {
      const row = decodeRow(pair, { prefixBytes: this.#prefixBytes, shape })
      const micros = readMicros(pair.key, this.#prefixBytes + shape.bytes)
      if (micros > AT_MICROS_MAX)
        return {
          invariant: INVARIANT.SCORE_AND_TIME,
          problem: `its time is ${micros}, at most ${AT_MICROS_MAX}`,
        }
      const { playerId } = row
      const player = readStoredPlayer(this.#reader, { keys: this.#keys, playerId, shape })
      const problem = differenceOf(pair, { row, player, prefixBytes: this.#prefixBytes })
      if (problem !== undefined) return { invariant: INVARIANT.ENTRY_HAS_RECORD, problem }
      metadataOf(row)
      return undefined
    } catch (error) {
      if (!(error instanceof LadderError)) throw error
      const invariant = this.#hasWrongScore(pair) ? INVARIANT.SCORE_AND_TIME : INVARIANT.FORM
      return { invariant, problem: error.message }
    }
  }

  #hasWrongScore({ key, value }: Pair): boolean {
    if (key.length <= this.#prefixBytes + this.#shape.headBytes) return false
    const isWhole = decodeEntryValue(key, value) !== undefined
    return isWhole && this.#shape.read(key, this.#prefixBytes) === undefined
  }
}

/** Returns what is wrong with the record of a hidden player, which no entry tells. */
export function hiddenProblem(record: PlayerRecord, shape: ScoreShape): Problem | undefined {
  const invariant = INVARIANT.SCORE_AND_TIME
  if (shape.read(record.head, 0) === undefined)
    return { invariant, problem: 'its score is not one that an entry can have' }
  const micros = readMicros(record.head, shape.bytes)
  if (micros > AT_MICROS_MAX)
    return { invariant, problem: `its time is ${micros}, at most ${AT_MICROS_MAX}` }
  try {
    metadataOf({ playerId: '', metadata: record.metadata })
    return undefined
  } catch {
    return { invariant: INVARIANT.FORM, problem: 'its metadata is not a JSON object' }
  }
}

// Values of another form have metadata, or are damaged.
function hasPlainForm(value: Buffer): boolean {
  const flags = value[FLAGS_AT]
  if (flags === 0) return value.length === RECORD_HEAD_AT
  return flags === FLAG_NAME && value.length > RECORD_HEAD_AT
}

function differenceOf(
  { key }: Pair,
  {
    row,
    player,
    prefixBytes,
  }: {
    row: ReturnType<typeof decodeRow>
    player: ReturnType<typeof readStoredPlayer>
    prefixBytes: number
  },
): string | undefined {
  const { playerId } = row
  if (player === undefined) return `player "${playerId}" has no record`
  if (player.record.isHidden === true) return `player "${playerId}" is hidden and has no place here`
  if (player.treeKey.compare(key, prefixBytes) !== 0)
    return `the record of player "${playerId}" leads to another entry`
  if ((player.record.name ?? playerId) !== row.name)
    return `its name is not the one in the record of player "${playerId}"`
  if (player.record.metadata !== row.metadata)
    return `its metadata is not that in the record of player "${playerId}"`
  return undefined
}
