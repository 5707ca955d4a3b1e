/**
 * What the child process of a check does: opens the store in a directory, walks everything, and says
 * where it is and what it found.
 *
 * @module
 */

import {
  ALLOW_NETWORK,
  type ChildAnswer,
  type ChildLine,
  type StoreFacts,
  WITH_HISTORY,
} from '../check/check-in-child.ts'
import { LadderError } from '../ground/errors.ts'
import { fileError } from '../ground/system-errors.ts'
import type { Leaderboards } from './leaderboards.ts'
import { openLeaderboards } from './open.ts'

/** Checks the store in a directory as the words of a child ask; `print` hears of stages and progress. */
export async function answerOfCheck(
  directory: string,
  words: readonly string[],
  print: (line: ChildLine) => void,
): Promise<ChildAnswer> {
  print({ stage: 'opening', checked: { boards: 0, entries: 0, players: 0, nodes: 0 } })
  try {
    const store = openLeaderboards(directory, {
      readOnly: true,
      allowNetworkFileSystem: words.includes(ALLOW_NETWORK),
    })
    try {
      const report = await store.check({
        history: words.includes(WITH_HISTORY),
        onStage: (stage, checked) => print({ stage, checked }),
        onProgress: (progress) => print({ progress }),
      })
      return { report, facts: report.ok ? factsOf(store) : undefined }
    } finally {
      await store.close()
    }
  } catch (error) {
    const { message } = error as Error
    const known = fileError(`Cannot read ${directory}`, error)
    if (known instanceof LadderError) return { error: { code: known.code, message: known.message } }
    const told = `Cannot read ${directory}: ${message}; restore a backup`
    return { error: { code: 'CORRUPT', message: told } }
  }
}

function factsOf(store: Leaderboards): StoreFacts {
  const { storeId, lineageId, formatVersion, sequence } = store.stats()
  const boards = store.boards().map(({ name, size }) => ({ name, size }))
  const lineage = lineageId === undefined ? {} : { lineageId }
  return { storeId, ...lineage, formatVersion, sequence, boards }
}
