/**
 * Decodes records of the table `people`, and rules and settings in `meta`, and encodes what came of it.
 *
 * @module
 */

import { decodeRules, encodeRules, rulesIdOf, rulesKey } from '../../src/format/meta/rules.ts'
import {
  decodeSettings,
  encodeSettings,
  SETTINGS_KEY,
} from '../../src/format/meta/store-settings.ts'
import {
  decodeNameOwner,
  encodeNameOwner,
  isNameOwnerKey,
} from '../../src/format/people/name-owner.ts'
import {
  decodeOpenFlag,
  encodeOpenFlag,
  openFlagKey,
  openFlagSeqOf,
} from '../../src/format/people/open-flag.ts'
import {
  decodeProfile,
  encodeProfile,
  profileKey,
  profilePlayerOf,
} from '../../src/format/people/profile.ts'
import {
  decodeSubmitTimes,
  encodeSubmitTimes,
  submitTimesKey,
  submitTimesOf,
} from '../../src/format/people/submit-times.ts'

type Bytes = [Buffer, Buffer]

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it does not decode')
  return value
}

/** Returns rules or settings encoded again; undefined for another key of `meta`. */
export function encodedRules(key: Buffer, value: Buffer): Bytes | undefined {
  const boardId = rulesIdOf(key)
  if (boardId !== undefined) {
    const again = rulesKey(boardId)
    return [again, found(encodeRules(again, found(decodeRules(key, value))))]
  }
  if (!key.equals(SETTINGS_KEY)) return undefined
  return [SETTINGS_KEY, found(encodeSettings(found(decodeSettings(value))))]
}

/** Returns a record about a player encoded again; undefined for another kind of key. */
export function encodedProfiles(key: Buffer, value: Buffer): Bytes | undefined {
  const playerId = profilePlayerOf(key)
  if (playerId !== undefined) {
    const again = profileKey(playerId)
    return [again, encodeProfile(again, found(decodeProfile(key, value)))]
  }
  if (isNameOwnerKey(key)) return [key, encodeNameOwner(key, found(decodeNameOwner(key, value)))]
  const seq = openFlagSeqOf(key)
  if (seq !== undefined) {
    const again = openFlagKey(seq)
    return [again, encodeOpenFlag(again, found(decodeOpenFlag(key, value)))]
  }
  const times = submitTimesOf(key)
  if (times === undefined) return undefined
  const again = submitTimesKey(times.minute, times.boardId, times.playerId)
  return [again, encodeSubmitTimes(again, found(decodeSubmitTimes(key, value)))]
}
