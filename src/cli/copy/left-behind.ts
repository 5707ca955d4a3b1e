/**
 * What a copy of a board does not carry. The caller says so by name: nothing is lost in silence.
 *
 * @module
 */

import type { BoardInfo } from '../../index.ts'
import { type AnyBoard, ifOffered } from '../any-store.ts'
import { CliError } from '../failures.ts'
import { formatCount } from '../output.ts'
import { pagesOf, type Side } from './side.ts'

/** The words of `--without`. */
export const LEFT_BEHIND = ['windows', 'rules', 'log', 'bans', 'profiles'] as const

export type LeftBehind = (typeof LEFT_BEHIND)[number]

/**
 * Returns what of a board stays behind, by its word, each as it is told to people. Cost: a read of the profile of
 * each of its players.
 */
export async function leftBehind(
  side: Side,
  board: AnyBoard,
  info: BoardInfo,
): Promise<Partial<Record<LeftBehind, string>>> {
  const rules = Object.keys(await board.rules())
  const bans = (await ifOffered(() => side.store.bans(), [])).length
  const windows = info.windows?.map(({ name }) => name) ?? []
  return {
    ...(windows.length > 0 && { windows: `its windows (${windows.join(', ')})` }),
    ...(rules.length > 0 && { rules: `its rules (${rules.join(', ')})` }),
    ...(info.log !== 'none' && { log: 'its log, with history and ids of requests' }),
    ...(bans > 0 && { bans: `${formatCount(bans, 'ban')}, with the entries that they hide` }),
    ...((await hasProfiles(side, board)) && { profiles: 'avatars and metadata of profiles' }),
  }
}

/** @throws {CliError} `UNSUPPORTED` if something stays behind that the words do not name. */
export function checkLeftBehind(
  board: string,
  left: Partial<Record<LeftBehind, string>>,
  without: readonly LeftBehind[],
): void {
  const words = Object.keys(left) as LeftBehind[]
  const unnamed = words.filter((word) => !without.includes(word))
  if (unnamed.length === 0) return
  const told = unnamed.map((word) => left[word]).join('; ')
  throw new CliError(
    'UNSUPPORTED',
    `Cannot copy board "${board}": what follows would stay behind: ${told}; to copy without, say --without ${words.join(',')}`,
  )
}

// A name goes with the entry, as it is shown there.
async function hasProfiles({ store }: Side, board: AnyBoard): Promise<boolean> {
  for await (const entries of pagesOf(board)) {
    const profiles = await Promise.all(entries.map(({ playerId }) => store.profile(playerId)))
    if (profiles.some((one) => one?.avatar !== undefined || one?.metadata !== undefined))
      return true
  }
  return false
}
