/**
 * Taking a player off all boards.
 *
 * @module
 */

import type { Entry, Score } from '../../words/index.ts'
import { boardsOnServer, callerOf, type FoundBoard } from '../partitions/found-boards.ts'
import { rulesOfText } from '../slot/board-rules.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { type AskedRemoval, removeFrom } from './remove-player.ts'

/** What was removed on a board. */
interface RemovedEntry {
  board: string
  entry: Entry<Score> | undefined
  isFound: boolean
}

/** Takes a player off every board; of those that are closed for writes first, so that a refusal changes nothing. */
export async function removedFromAll(
  context: RemoteContext,
  playerId: string,
  removal: Omit<AskedRemoval, 'isOfAll'>,
): Promise<RemovedEntry[]> {
  const all = await boardsOnServer(context)
  const remove = async (found: FoundBoard): Promise<RemovedEntry> => {
    const removed = await removeFrom(callerOf(context, found), playerId, {
      ...removal,
      isOfAll: true,
    })
    return { ...removed, board: found.spec.name }
  }
  const closed = await Promise.all(all.filter(isClosed).map(remove))
  const open = await Promise.all(all.filter((found) => !isClosed(found)).map(remove))
  const byName = new Map([...closed, ...open].map((one) => [one.board, one]))
  return all.flatMap(({ spec }) => byName.get(spec.name) ?? [])
}

function isClosed({ rules, spec }: FoundBoard): boolean {
  return rulesOfText(rules, spec.shape).writes === 'closed'
}
