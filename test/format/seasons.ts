/**
 * Decodes records of windows, seasons and finals, and encodes what came of it.
 *
 * @module
 */

import {
  decodeSeason,
  encodeSeason,
  type SeasonRecord,
  seasonKey,
  seasonPlaceOf,
} from '../../src/format/meta/season.ts'
import { encodeSeasonDue, seasonDueKey, seasonDueOf } from '../../src/format/meta/season-due.ts'
import {
  decodeWindow,
  encodeWindow,
  type WindowRecord,
  windowKey,
  windowPlaceOf,
} from '../../src/format/meta/window.ts'
import {
  decodeFinal,
  encodeFinal,
  type FinalRecord,
  finalKey,
  finalPlaceOf,
} from '../../src/format/people/final.ts'
import type { ScoreShape } from '../../src/format/score-shape.ts'

type Bytes = [Buffer, Buffer]

/** Returns a window, a season or what is due encoded again; undefined for another key of `meta`. */
export function encodedSeasons(key: Buffer, value: Buffer): Bytes | undefined {
  const window = windowPlaceOf(key)
  if (window !== undefined)
    return [windowKey(window), encodeWindow(key, decodeWindow(key, value) as WindowRecord)]
  const season = seasonPlaceOf(key)
  if (season !== undefined)
    return [seasonKey(season), encodeSeason(key, decodeSeason(key, value) as SeasonRecord)]
  const due = seasonDueOf(key)
  return due && [seasonDueKey(due), encodeSeasonDue(key)]
}

/** Returns a final encoded again; undefined for another key of `people`. */
export function encodedFinal(key: Buffer, value: Buffer, shape: ScoreShape): Bytes | undefined {
  const place = finalPlaceOf(key)
  if (place === undefined) return undefined
  const again = finalKey(place)
  const final = decodeFinal(key, value, shape.headBytes) as FinalRecord
  return [again, encodeFinal(again, final)]
}
