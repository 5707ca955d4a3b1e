/**
 * The check of all boards on a server, behind what finishes the work of callers who were stopped half way.
 *
 * @module
 */

import { throwIfAborted } from '../../ground/errors.ts'
import type { CheckOptions, CheckReport } from '../../words/index.ts'
import { boardsOnServer, callerOf } from '../partitions/found-boards.ts'
import { repairRules } from '../partitions/partition-rules.ts'
import { NO_LOG, unsupported } from '../slot/refused-calls.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { finishTelling } from '../store/finish-telling.ts'
import { checkBoard } from './check-board.ts'

/** Returns what is found on all boards. @throws {LadderError} `ABORTED`, `UNSUPPORTED` for `history`. */
export async function checkBoards(
  context: RemoteContext,
  { history, signal, onStage, onProgress }: CheckOptions,
): Promise<CheckReport> {
  if (history === true) throw unsupported('check the history', NO_LOG)
  throwIfAborted({ signal })
  const report: CheckReport = {
    ...{ ok: true, findings: [] },
    checked: { boards: 0, entries: 0, players: 0, nodes: 0 },
  }
  let done = 0
  const onBite = (looked: number): void => {
    throwIfAborted({ signal })
    done += looked
    onProgress?.({ done, total: undefined })
  }
  await finishTelling(context, 0)
  for (const found of await boardsOnServer(context)) {
    onStage?.(`board "${found.spec.name}"`, { ...report.checked })
    if (found.spec.partitions > 1) await repairRules(context, found)
    await checkBoard(callerOf(context, found), report, onBite)
  }
  return { ...report, ok: report.findings.length === 0 }
}
