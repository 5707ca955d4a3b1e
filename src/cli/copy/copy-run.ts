/**
 * One board from its first entry until the target is level with a source that is in use.
 *
 * @module
 */

import { BoardCopy, type CopyCounts } from './board-copy.ts'
import { LogTail } from './log-tail.ts'
import type { Side } from './side.ts'

/** How a copy ended. */
export interface CopyEnd extends CopyCounts {
  /** How often the whole board was gone through, the first time with it. */
  passes: number
  /** Whether the last look found no difference. */
  level: boolean
  /** How many entries differed at the last look. They are brought; others will have changed meanwhile. */
  differences: number
  /** How long the last look took. */
  lookMs: number
}

/** Passes that find as much as the one before, after which a copy does not come closer. */
const VAIN_MAX = 3
/** How long the log is looked at again: each look takes milliseconds, and sooner or later one finds nothing. */
const BY_LOG_MS = 20_000
/** Whom to look for one by one; beyond, going through all costs less. */
const TOUCHED_MAX = 100_000

/** Copies a board; `isNew` says that the target has no entries. */
export async function runCopy(
  from: Side,
  to: Side,
  work: { board: string; isNew: boolean; onEntries: (count: number) => void },
): Promise<CopyEnd> {
  const { board: name, isNew, onEntries } = work
  const tail = await LogTail.open(from, name)
  const source = await from.store.openBoard(name)
  const { isOnServer } = to
  const copy = new BoardCopy(source, await to.store.openBoard(name), { isOnServer, onEntries })
  let passes = 1
  if (isNew) await copy.fill()
  else await copy.level()
  const patience = new Patience()
  for (;;) {
    const start = performance.now()
    const touched = await tail?.next()
    const isFew = touched !== undefined && !touched.mayBeAnybody
    const isByLog = isFew && touched.playerIds.length <= TOUCHED_MAX
    const differences = isByLog ? await copy.bring(touched.playerIds) : await copy.level()
    if (!isByLog) passes++
    const lookMs = performance.now() - start
    const end = { ...copy.counts, passes, differences, lookMs }
    if (differences === 0) return { ...end, level: true }
    if (patience.isAtEnd(differences, isByLog)) return { ...end, level: false }
    onEntries(0)
  }
}

/** How long looks go on that find something. */
class Patience {
  #before = Number.POSITIVE_INFINITY
  #vain = 0
  #byLogSince: number | undefined

  /** Whether a look that found this many was the last one. */
  isAtEnd(differences: number, isByLog: boolean): boolean {
    if (isByLog) {
      this.#byLogSince ??= performance.now()
      return performance.now() - this.#byLogSince > BY_LOG_MS
    }
    this.#vain = differences < this.#before ? 0 : this.#vain + 1
    this.#before = differences
    return this.#vain === VAIN_MAX
  }
}
