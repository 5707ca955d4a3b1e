/**
 * The windows of a board as the functions tell them.
 *
 * @module
 */

import { windowSettings } from '../../domain/windows.ts'
import { toMs } from '../../format/time.ts'
import type { WindowInfo } from '../../words/index.ts'
import { numberOf } from '../client/replies.ts'
import type { RemoteSpec } from './remote-settings.ts'
import { type SeasonReply, toldSeason } from './season-calls.ts'

/** The present, and of each window its name and what is on. */
export type WindowsReply = [present: Buffer, [window: Buffer, on: SeasonReply | null][]]

/** Returns windows as they are listed; undefined if others were told of than the board has by these settings. */
export function windowsTold(
  { windows = [] }: Pick<RemoteSpec, 'windows'>,
  [present, all]: WindowsReply,
): WindowInfo[] | undefined {
  const isSame =
    windows.length === all.length && windows.every(({ name }, i) => name === String(all[i]?.[0]))
  if (!isSame) return undefined
  const presentMicros = numberOf(present)
  return windows.map((spec, i) => {
    const { name: window, ...settings } = windowSettings(spec)
    const reply = all[i]?.[1]
    const on = reply ? toldSeason(reply) : undefined
    const to = on?.toMicros
    return {
      ...{ window, season: on?.season, from: on && toMs(on.fromMicros) },
      to: to === undefined ? undefined : toMs(to),
      remainingMs: to === undefined ? undefined : Math.ceil(toMs(to - presentMicros)),
      ...settings,
    }
  })
}
