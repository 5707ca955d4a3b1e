/**
 * The rules of a board.
 *
 *     | 08 | boardId 4 |   →   | crc 4 | tail … |      all integers big-endian
 *
 *     tag 1  min, a cell             tag 4  perMinute 4
 *     tag 2  max, a cell             tag 5  players 1: 1 known
 *     tag 3  action 1, by, a cell    tag 6  tiers: | kind 1 | size 1, name | limit | …
 *            1 flag, 2 refuse        tag 7  writes 1: 1 closed
 *
 * The limit of a tier by its kind: 0 none, 1 rank 8, 2 percent, a double, 8, 3 score, a cell. A board
 * without rules has no such record.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { BoardRules, GainAction, MaxGain, ScoreCell, Tier } from '../../words/index.ts'
import { CELL_BYTES, decodeCell, encodeCell } from '../cell.ts'
import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { META_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

/** Keys of these records lie in [RULES_START, RULES_END). */
export const RULES_START: Buffer = Buffer.from([META_KIND.RULES])
export const RULES_END: Buffer = Buffer.from([META_KIND.RULES + 1])

const KEY_BYTES = 5

// ON DISK. Only append.
const TAG = { MIN: 1, MAX: 2, MAX_GAIN: 3, PER_MINUTE: 4, PLAYERS: 5, TIERS: 6, WRITES: 7 } as const
const KNOWN_TAGS: readonly number[] = Object.values(TAG)
const ACTIONS: readonly (GainAction | undefined)[] = [undefined, 'flag', 'refuse']
const YES: Buffer = Buffer.from([1])

const TIER = { LAST: 0, RANK: 1, PERCENT: 2, SCORE: 3 } as const
const LIMIT_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 8, 2: 8, 3: CELL_BYTES }

/** The rules of a board, with fields of later releases. */
export interface RulesRecord {
  rules: BoardRules
  /** Those that this release does not know. */
  others: Fields
}

/** Returns the key of a board's rules. */
export function rulesKey(boardId: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  RULES_START.copy(key)
  key.writeUInt32BE(boardId, 1)
  return key
}

/** Returns the board number of a key of {@link rulesKey}; undefined if it is another key. */
export function rulesIdOf(key: Buffer): number | undefined {
  return key.length === KEY_BYTES && key[0] === META_KIND.RULES ? key.readUInt32BE(1) : undefined
}

/** Returns the record; undefined if it would say nothing. */
export function encodeRules(key: Buffer, { rules, others }: RulesRecord): Buffer | undefined {
  const fields = new Map([...others, ...fieldsOf(rules)])
  if (fields.size === 0) return undefined
  return seal(key, Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), encodeTail(fields)]))
}

/** Reads the rules of a board; undefined if they are damaged. */
export function decodeRules(key: Buffer, value: Buffer): RulesRecord | undefined {
  if (value.length <= CHECKSUM_BYTES || !isSealed(key, value)) return undefined
  const fields = decodeTail(value, CHECKSUM_BYTES)
  const rules = fields && rulesOf(fields)
  if (fields === undefined || rules === undefined) return undefined
  return { rules, others: new Map([...fields].filter(([tag]) => !KNOWN_TAGS.includes(tag))) }
}

function fieldsOf(rules: BoardRules): [number, Buffer][] {
  const { min, max, maxGain, perMinute, players, tiers, writes } = rules
  const fields: [number, Buffer | undefined][] = [
    [TAG.MIN, min === undefined ? undefined : encodeCell(min)],
    [TAG.MAX, max === undefined ? undefined : encodeCell(max)],
    [TAG.MAX_GAIN, maxGain && encodeGain(maxGain)],
    [TAG.PER_MINUTE, perMinute === undefined ? undefined : encodeWhole(perMinute)],
    [TAG.PLAYERS, players && YES],
    [TAG.TIERS, tiers && Buffer.concat(tiers.map(encodeTier))],
    [TAG.WRITES, writes && YES],
  ]
  return fields.filter((field): field is [number, Buffer] => field[1] !== undefined)
}

// Undefined if a field is not what its tag says.
function rulesOf(fields: Fields): BoardRules | undefined {
  let isDamaged = false
  const read = <T>(tag: number, decode: (bytes: Buffer) => T | undefined): T | undefined => {
    const bytes = fields.get(tag)
    const value = bytes && decode(bytes)
    if (bytes !== undefined && value === undefined) isDamaged = true
    return value
  }
  const min = read(TAG.MIN, decodeWholeCell)
  const max = read(TAG.MAX, decodeWholeCell)
  const maxGain = read(TAG.MAX_GAIN, decodeGain)
  const perMinute = read(TAG.PER_MINUTE, decodeWhole)
  const isKnown = read(TAG.PLAYERS, isYes)
  const tiers = read(TAG.TIERS, decodeTiers)
  const isClosed = read(TAG.WRITES, isYes)
  if (isDamaged) return undefined
  return {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(maxGain && { maxGain }),
    ...(perMinute !== undefined && { perMinute }),
    ...(isKnown && { players: 'known' as const }),
    ...(tiers && { tiers }),
    ...(isClosed && { writes: 'closed' as const }),
  }
}

function encodeWhole(n: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}

function decodeWhole(bytes: Buffer): number | undefined {
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined
}

function isYes(bytes: Buffer): true | undefined {
  return bytes.equals(YES) ? true : undefined
}

function decodeWholeCell(bytes: Buffer): ScoreCell | undefined {
  return bytes.length === CELL_BYTES ? decodeCell(bytes) : undefined
}

function encodeGain({ by, action }: MaxGain): Buffer {
  return Buffer.concat([Buffer.from([ACTIONS.indexOf(action)]), encodeCell(by)])
}

function decodeGain(bytes: Buffer): MaxGain | undefined {
  const action = ACTIONS[bytes[0] ?? 0]
  const by = decodeWholeCell(bytes.subarray(1))
  return action === undefined || by === undefined ? undefined : { by, action }
}

function encodeTier({ name, rank, topPercent, score }: Tier): Buffer {
  const nameBytes = Buffer.from(name)
  const limit = Buffer.alloc(8)
  let parts = [TIER.LAST, Buffer.alloc(0)] as [number, Buffer]
  if (rank !== undefined) {
    limit.writeBigUInt64BE(BigInt(rank))
    parts = [TIER.RANK, limit]
  } else if (topPercent !== undefined) {
    limit.writeDoubleBE(topPercent)
    parts = [TIER.PERCENT, limit]
  } else if (score !== undefined) parts = [TIER.SCORE, encodeCell(score)]
  return Buffer.concat([Buffer.from([parts[0], nameBytes.length]), nameBytes, parts[1]])
}

function decodeTiers(bytes: Buffer): Tier[] | undefined {
  const tiers: Tier[] = []
  let at = 0
  while (at < bytes.length) {
    const kind = bytes[at] as number
    const limitAt = at + 2 + (bytes[at + 1] ?? 0)
    const end = limitAt + (LIMIT_BYTES[kind] ?? Number.NaN)
    if (!(end <= bytes.length) || limitAt === at + 2) return undefined
    const name = bytes.toString('utf8', at + 2, limitAt)
    const limit = limitOf(kind, bytes.subarray(limitAt, end))
    if (limit === undefined) return undefined
    tiers.push({ name, ...limit })
    at = end
  }
  return tiers
}

function limitOf(kind: number, bytes: Buffer): Omit<Tier, 'name'> | undefined {
  if (kind === TIER.LAST) return {}
  if (kind === TIER.RANK) return { rank: Number(bytes.readBigUInt64BE()) }
  if (kind === TIER.PERCENT) return { topPercent: bytes.readDoubleBE() }
  const score = decodeCell(bytes)
  return score === undefined ? undefined : { score }
}
