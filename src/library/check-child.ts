/**
 * The program of a child process: opens the store in the directory given, walks everything, and
 * prints where it is and what it found, a line of JSON each. Damage that makes LMDB end a process by
 * a signal ends this one.
 *
 * @module
 */

import { writeSync } from 'node:fs'
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

const [directory, ...words] = process.argv.slice(2)

async function run(): Promise<ChildAnswer> {
  try {
    const store = openLeaderboards(directory as string, {
      readOnly: true,
      allowNetworkFileSystem: words.includes(ALLOW_NETWORK),
    })
    const report = await store.check({
      history: words.includes(WITH_HISTORY),
      onStage: (stage, checked) => print({ stage, checked }),
      onProgress: (progress) => print({ progress }),
    })
    const facts = report.ok ? factsOf(store) : undefined
    await store.close()
    return { report, facts }
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

// Not buffered: the last line must be out when a signal ends the process.
function print(line: ChildLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

// Ctrl-C goes to all processes of a terminal: when to end, the parent says.
process.on('SIGINT', () => undefined)
print({ stage: 'opening', checked: { boards: 0, entries: 0, players: 0, nodes: 0 } })
print(await run())
