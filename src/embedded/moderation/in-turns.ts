/**
 * One change to very many boards: a transaction of its own, in which the event loop gets its turns.
 *
 * All others who write wait until it is durable. The tree of each board or season is written when its turn is over: at the
 * end all would be written in one.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { commitOf } from '../../board/commit.ts'
import { BOARDS_END, BOARDS_START } from '../../format/meta/board.ts'
import { TURN_BOARDS, TURN_BOARDS_MIN } from '../../ground/limits.ts'
import type { OpenStore } from '../open-store.ts'
import { endDueBans } from './ban-ends.ts'
import type { BoardSteps, ChangePlace } from './ban-places.ts'

/** Whether a change to all boards of a store would hold up the event loop. */
export function hasManyBoards({ store }: OpenStore): boolean {
  const range = { start: BOARDS_START, end: BOARDS_END, limit: TURN_BOARDS_MIN }
  return store.current().count('meta', range) >= TURN_BOARDS_MIN
}

/**
 * Makes a change step by step; resolves with its answer when it is durable.
 *
 * @throws {LadderError} what the steps throw; nothing is changed then.
 */
export function changeInTurns<T>(
  context: OpenStore,
  make: (place: ChangePlace) => BoardSteps<T>,
): Promise<T> {
  return context.store.writeAlone(async (writer) => {
    const place = { context, writer }
    endDueBans(place)
    commitOf(writer).beginChange()
    const steps = make(place)
    for (let made = 1; ; made++) {
      const next = steps.next()
      if (next.done === true) return next.value
      const { name, id, season } = next.value.board
      if (season === undefined) context.settle(writer, name)
      else context.settleSeason(writer, id)
      if (made % TURN_BOARDS === 0) await nextTurn()
    }
  })
}
