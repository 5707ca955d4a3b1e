/**
 * Records about players, whatever the board, as lines.
 *
 *     profile of player "ada" → name "Ada", avatar "https://example.com/ada.png"
 *     owner of name 3d0f… → player "ada"
 *     erasure of 5c1f… → 2026-11-21T00:00:01.000000Z
 *     open flag of seq 17 → board 1
 *     board 1, player "ada", minute 2026-11-21T00:01:00.000000Z → at 1.500000, 2.000000
 *
 * @module
 */

import { decodeErasure, erasureHashOf } from './people/erasure.ts'
import { decodeNameOwner, isNameOwnerKey } from './people/name-owner.ts'
import { decodeOpenFlag, openFlagSeqOf } from './people/open-flag.ts'
import { decodeProfile, profilePlayerOf } from './people/profile.ts'
import { decodeSubmitTimes, MINUTE_MICROS, submitTimesOf } from './people/submit-times.ts'
import { banKeyText, banValueText } from './print-bans.ts'
import { finalKeyText, finalValueText } from './print-seasons.ts'
import { player, quote, tailText, time } from './print-words.ts'
import type { ScoreShape } from './score-shape.ts'

const MICROS_PER_SECOND = 1_000_000

/** Returns a key of the table `people`; undefined if it is not one. */
export function peopleKey(key: Buffer): string | undefined {
  const ban = banKeyText(key)
  if (ban !== undefined) return ban
  const final = finalKeyText(key)
  if (final !== undefined) return final
  if (profilePlayerOf(key) !== undefined) return `profile of ${player(key.subarray(1))}`
  if (isNameOwnerKey(key)) return `owner of name ${key.toString('hex', 1)}`
  const hash = erasureHashOf(key)
  if (hash !== undefined) return `erasure of ${hash}`
  const seq = openFlagSeqOf(key)
  if (seq !== undefined) return `open flag of seq ${seq}`
  const times = submitTimesOf(key)
  if (times === undefined) return undefined
  const { boardId, playerId, minute } = times
  const idBytes = Buffer.byteLength(playerId)
  const who = player(key.subarray(key.length - idBytes))
  return `board ${boardId}, ${who}, minute ${time(minute * MINUTE_MICROS)}`
}

/** Returns the value of such a key, of a final with the shape of its board; undefined if it is damaged. */
export function peopleValue(
  key: Buffer,
  value: Buffer,
  shape: ScoreShape | undefined,
): string | undefined {
  if (finalKeyText(key) !== undefined) return finalValueText(key, value, shape)
  if (banKeyText(key) !== undefined) return banValueText(key, value)
  if (profilePlayerOf(key) !== undefined) return profileText(key, value)
  if (isNameOwnerKey(key)) {
    const owner = decodeNameOwner(key, value)
    return owner && player(Buffer.from(owner))
  }
  if (erasureHashOf(key) !== undefined) {
    const micros = decodeErasure(key, value)
    return micros === undefined ? undefined : time(micros)
  }
  if (openFlagSeqOf(key) !== undefined) {
    const boardId = decodeOpenFlag(key, value)
    return boardId === undefined ? undefined : `board ${boardId}`
  }
  const times = decodeSubmitTimes(key, value)
  return times && `at ${times.map((micros) => (micros / MICROS_PER_SECOND).toFixed(6)).join(', ')}`
}

function profileText(key: Buffer, value: Buffer): string | undefined {
  const profile = decodeProfile(key, value)
  if (profile === undefined) return undefined
  const { name, avatar, metadata, others } = profile
  const words = [
    name === undefined ? 'no name' : `name ${quote(name)}`,
    ...(avatar === undefined ? [] : [`avatar ${quote(avatar)}`]),
    ...(metadata === undefined ? [] : [`metadata ${quote(metadata)}`]),
  ]
  return `${words.join(', ')}${tailText(others)}`
}
