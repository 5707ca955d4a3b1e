/**
 * Submits to a board in partitions that does not exist: those that are refused make none. They are refused here, by the
 * rules that the functions go by.
 *
 * @module
 */

import { seasonOf } from '../../calendar/seasons.ts'
import { decideSubmit } from '../../domain/decide.ts'
import type { SubmitRequest } from '../../words/index.ts'
import { RefusedByServer } from './board-caller.ts'
import type { RemoteSpec } from './remote-settings.ts'
import { windowNamedIn } from './window-words.ts'

/**
 * Returns why a submit to a board that does not exist is refused; undefined if it would make it. `bans` are those of all
 * boards, ids of players and bans by turns.
 */
export function refusalOfNewcomer(
  spec: RemoteSpec,
  asked: { submit: SubmitRequest; i: number; presentMicros: number; bans: readonly Buffer[] },
): RefusedByServer | undefined {
  const { submit, i, presentMicros, bans } = asked
  const until = refusedUntil(submit.playerId, bans)
  if (until !== undefined) return new RefusedByServer('BANNED', [i, Buffer.from(until)])
  for (const [window, id] of Object.entries(submit.season ?? {})) {
    const problem = problemOfSeason(spec, { window, id, submit, presentMicros })
    if (problem === undefined) continue
    return new RefusedByServer('SEASON_OVER', [i, null, window, id, ...problem])
  }
  try {
    decideSubmit(spec.shape, submit, undefined)
    return undefined
  } catch {
    return new RefusedByServer('SUBMIT', [i, null])
  }
}

// Until when a ban refuses submits of a player: see bans.lua.
function refusedUntil(playerId: string, bans: readonly Buffer[]): string | undefined {
  const at = bans.findIndex((one, i) => i % 2 === 0 && one.toString() === playerId)
  const [, letter = '', , until] = at < 0 ? [] : String(bans[at + 1]).split(' ')
  return 'rRS'.includes(letter) && letter !== '' ? until : undefined
}

// See guard_problem() in windows.lua. The board would begin now.
function problemOfSeason(
  spec: RemoteSpec,
  asked: { window: string; id: string; submit: SubmitRequest; presentMicros: number },
): [problem: string, other: string] | undefined {
  const { window, id, submit, presentMicros } = asked
  const { calendar } = windowNamedIn(spec, window)
  const season = seasonOf(calendar, submit.atMicros ?? presentMicros)
  if (season === undefined) return ['none', '']
  if (season.id !== id) return ['other', season.id]
  if (season.fromMicros > presentMicros) return ['coming', '']
  return season.toMicros <= presentMicros ? ['sealed', ''] : undefined
}
