/**
 * The profile of a player: what holds on every board.
 *
 *     people   | 01 | playerId …   →   | crc 4 | flags 1 | tail … |
 *
 *     tag 1  name      tag 2  avatar, an https address      tag 3  metadata, JSON
 *
 * No flag has a meaning yet: they are 0. *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { CHECKSUM_BYTES, isSealed, seal } from '../checksum.ts'
import { PEOPLE_KIND } from '../tables.ts'
import { decodeTail, encodeTail, type Fields } from '../tail.ts'

const TAIL_AT = CHECKSUM_BYTES + 1

// ON DISK. Only append.
const TAG = { NAME: 1, AVATAR: 2, METADATA: 3 } as const
const KNOWN_TAGS: readonly number[] = Object.values(TAG)

/** Keys of profiles lie in [PROFILES_START, PROFILES_END). */
export const PROFILES_START: Buffer = Buffer.from([PEOPLE_KIND.PROFILE])
export const PROFILES_END: Buffer = Buffer.from([PEOPLE_KIND.PROFILE + 1])

/** A stored profile. */
export interface ProfileRecord {
  /** Undefined: the playerId. */
  name: string | undefined
  avatar: string | undefined
  /** JSON text of an object. */
  metadata: string | undefined
  /** Fields of later releases. */
  others: Fields
}

export function profileKey(playerId: string): Buffer {
  return Buffer.concat([PROFILES_START, Buffer.from(playerId)])
}

/** Returns the player of a key of {@link profileKey}; undefined if it is another key. */
export function profilePlayerOf(key: Buffer): string | undefined {
  return key[0] === PEOPLE_KIND.PROFILE && key.length > 1 ? key.toString('utf8', 1) : undefined
}

export function encodeProfile(key: Buffer, profile: ProfileRecord): Buffer {
  const { name, avatar, metadata, others } = profile
  const fields = new Map(others)
  if (name !== undefined) fields.set(TAG.NAME, Buffer.from(name))
  if (avatar !== undefined) fields.set(TAG.AVATAR, Buffer.from(avatar))
  if (metadata !== undefined) fields.set(TAG.METADATA, Buffer.from(metadata))
  return seal(key, Buffer.concat([Buffer.alloc(TAIL_AT), encodeTail(fields)]))
}

/** Reads a profile; undefined if it is damaged. */
export function decodeProfile(key: Buffer, value: Buffer): ProfileRecord | undefined {
  if (value.length < TAIL_AT || value[CHECKSUM_BYTES] !== 0 || !isSealed(key, value))
    return undefined
  const fields = decodeTail(value, TAIL_AT)
  return (
    fields && {
      name: fields.get(TAG.NAME)?.toString(),
      avatar: fields.get(TAG.AVATAR)?.toString(),
      metadata: fields.get(TAG.METADATA)?.toString(),
      others: new Map([...fields].filter(([tag]) => !KNOWN_TAGS.includes(tag))),
    }
  )
}
