/**
 * A ban of a player, on one board or on all, and the same by its end.
 *
 *     | 03 | playerId, utf-8 | 00 | boardId 4 |    →  | crc 4 | since 8 | until 8 | submits 1 | tail … |
 *     | 04 | until 8 | boardId 4 | playerId, utf-8 |  →  | crc 4 |           all integers big-endian
 *
 * Board 0 stands for all. `until` is 0 for a ban without end, which has no key of the second kind. Tags of
 * the tail: 01 the reason, 02 the actor, 03 as of when sealed seasons were taken too.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, checksum, isSealed, seal } from '../checksum.ts'
import { PEOPLE_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

/** Keys of bans lie in [BANS_START, BANS_END). */
export const BANS_START: Buffer = Buffer.from([PEOPLE_KIND.BAN])
export const BANS_END: Buffer = Buffer.from([PEOPLE_KIND.BAN + 1])

/** Keys of ends lie in [BAN_ENDS_START, BAN_ENDS_END). */
export const BAN_ENDS_START: Buffer = Buffer.from([PEOPLE_KIND.BAN_END])
export const BAN_ENDS_END: Buffer = Buffer.from([PEOPLE_KIND.BAN_END + 1])

/** Stands for all boards. */
export const ALL_BOARDS = 0

/** Tags of the tail. */
export const BAN_TAG = { REASON: 1, ACTOR: 2, SEALED: 3 } as const

// ON DISK: the place in this list is the byte.
const SUBMITS = [undefined, 'refuse', 'keep'] as const

const BAN_BYTES = 21
const INSTANT_BYTES = 8
const BEHIND_ID_BYTES = 5
const END_HEAD_BYTES = 13

/** Whom a ban is about, and where. */
export interface BanPlace {
  playerId: string
  /** {@link ALL_BOARDS} for all. */
  boardId: number
}

/** What is stored of a ban. */
export interface BanRecord {
  sinceMicros: number
  /** 0: it has no end. */
  untilMicros: number
  /** What becomes of submits. */
  submits: 'refuse' | 'keep'
  tail: Fields
}

/** Returns by when the sealed seasons were sealed that a ban took the player out of; undefined if it took none. */
export function sealedByOf({ tail }: Pick<BanRecord, 'tail'>): number | undefined {
  const field = tail.get(BAN_TAG.SEALED)
  return field?.length === INSTANT_BYTES ? Number(field.readBigUInt64BE()) : undefined
}

/** Returns a ban that took the player out of the seasons that were sealed by an instant. */
export function withSealedBy(ban: BanRecord, micros: number | undefined): BanRecord {
  const tail = new Map(ban.tail)
  tail.delete(BAN_TAG.SEALED)
  if (micros !== undefined) {
    const field = Buffer.alloc(INSTANT_BYTES)
    field.writeBigUInt64BE(BigInt(micros))
    tail.set(BAN_TAG.SEALED, field)
  }
  return { ...ban, tail }
}

export function banKey({ playerId, boardId }: BanPlace): Buffer {
  const behind = Buffer.alloc(BEHIND_ID_BYTES)
  behind.writeUInt32BE(boardId, 1)
  return Buffer.concat([BANS_START, Buffer.from(playerId), behind])
}

/** Reads a key of {@link banKey}; undefined if it is another. */
export function banPlaceOf(key: Buffer): BanPlace | undefined {
  const idEnd = key.length - BEHIND_ID_BYTES
  if (idEnd <= 1 || key[0] !== PEOPLE_KIND.BAN || key[idEnd] !== 0) return undefined
  return { playerId: key.toString('utf8', 1, idEnd), boardId: key.readUInt32BE(idEnd + 1) }
}

export function encodeBan(key: Buffer, ban: BanRecord): Buffer {
  const value = Buffer.alloc(BAN_BYTES)
  value.writeBigUInt64BE(BigInt(ban.sinceMicros), 4)
  value.writeBigUInt64BE(BigInt(ban.untilMicros), 12)
  value[20] = SUBMITS.indexOf(ban.submits)
  return seal(key, Buffer.concat([value, encodeTail(ban.tail)]))
}

/** Reads a ban; undefined if it is damaged. */
export function decodeBan(key: Buffer, value: Buffer): BanRecord | undefined {
  if (value.length < BAN_BYTES || !isSealed(key, value)) return undefined
  const submits = SUBMITS[value[20] as number]
  const tail = decodeTail(value, BAN_BYTES)
  if (submits === undefined || tail === undefined) return undefined
  const sinceMicros = Number(value.readBigUInt64BE(4))
  return { sinceMicros, untilMicros: Number(value.readBigUInt64BE(12)), submits, tail }
}

/** When a ban ends, and which. */
export interface BanEnd extends BanPlace {
  untilMicros: number
}

export function banEndKey({ untilMicros, playerId, boardId }: BanEnd): Buffer {
  const head = Buffer.alloc(END_HEAD_BYTES)
  BAN_ENDS_START.copy(head)
  head.writeBigUInt64BE(BigInt(untilMicros), 1)
  head.writeUInt32BE(boardId, 9)
  return Buffer.concat([head, Buffer.from(playerId)])
}

/** Reads a key of {@link banEndKey}; undefined if it is another. */
export function banEndOf(key: Buffer): BanEnd | undefined {
  if (key.length <= END_HEAD_BYTES || key[0] !== PEOPLE_KIND.BAN_END) return undefined
  return {
    untilMicros: Number(key.readBigUInt64BE(1)),
    boardId: key.readUInt32BE(9),
    playerId: key.toString('utf8', END_HEAD_BYTES),
  }
}

/** Returns the value of an end: its key says all. */
export function encodeBanEnd(key: Buffer): Buffer {
  return seal(key, Buffer.alloc(CHECKSUM_BYTES))
}

export function isBanEnd(key: Buffer, value: Buffer): boolean {
  return value.length === CHECKSUM_BYTES && value.readUInt32BE(0) === checksum(key, value)
}
