/**
 * Alters the rules and the windows of a board on a server.
 *
 *     as they are ──plan──► as they are to be ──one call──► made, or refused: altered meanwhile, so plan again
 *
 * What a server has nothing of, a log, is refused by its name.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { checkAlteration, checkBounds } from '../../calls/rules.ts'
import { checkWindowChanges } from '../../calls/windows.ts'
import { alteredRules } from '../../domain/rules.ts'
import {
  addedWindow,
  alterWindow,
  checkWindowCount,
  noWindow,
  windowSettings,
} from '../../domain/windows.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { LadderError } from '../../ground/errors.ts'
import type {
  AlteredBoard,
  BoardAlteration,
  BoardRules,
  WindowAlterations,
  WindowChange,
  WindowInfo,
  WindowSpec,
} from '../../words/index.ts'
import { RefusedByServer } from '../slot/board-caller.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { judgeText, type RulesChange, rulesOfText, storedRules } from '../slot/board-rules.ts'
import { unsupported } from '../slot/refused-calls.ts'
import { numbersOf, type RemoteSpec } from '../slot/remote-settings.ts'
import { type WindowsReply, windowsTold } from '../slot/told-windows.ts'

/** What others have altered since the plan. */
const OTHERS: ReadonlySet<string> = new Set(['SETTINGS_DIFFER', 'RULES_DIFFER'])

/** How often an alteration is planned again because others were made meanwhile. */
const PLANS_MAX = 20

/**
 * Alters a board. `open` answers its calls, by its settings as they are now, and `list` its windows.
 *
 * @throws {LadderError} `UNSUPPORTED` for what a server does not have; `NO_WINDOW`, `SETTINGS_DIFFER` for what is fixed,
 *   `BUSY` if others alter it all the time; nothing is changed then.
 */
export async function alterOnServer(
  alteration: BoardAlteration,
  board: {
    open: () => Promise<{ caller: BoardCalls; rules: string }>
    list: (caller: BoardCalls) => Promise<WindowInfo[]>
  },
): Promise<AlteredBoard> {
  const { windows } = alteration
  let found: string | undefined
  for (let i = 1; ; i++) {
    const opened = await board.open()
    const { caller } = opened
    const after = windows && altered(caller.spec, windows)
    const { rules, change } = plannedRules(alteration, caller.shape, found ?? opened.rules)
    try {
      if (after !== undefined) {
        const { value } = await caller.alter(after, change)
        return { ...rules, windows: windowsTold(after, value as WindowsReply) as WindowInfo[] }
      }
      if (change !== undefined) await caller.alterRules(change)
      return windows === undefined ? rules : { ...rules, windows: await board.list(caller) }
    } catch (error) {
      if (!(error instanceof RefusedByServer) || !OTHERS.has(error.code)) throw error
      if (i === PLANS_MAX) throw alteredAgain(caller.spec.name)
      // A replica may be asked that does not have them yet.
      found = error.code === 'RULES_DIFFER' ? String(error.found[0]) : undefined
    }
  }
}

/** Returns the rules of a board after an alteration, and what is to be stored if they are others. */
function plannedRules(
  alteration: BoardAlteration,
  shape: ScoreShape,
  before: string,
): { rules: BoardRules; change: RulesChange | undefined } {
  refuseRules(alteration)
  const rules = alteredRules(rulesOfText(before, shape), checkAlteration(alteration, shape))
  checkBounds(rules)
  const after = storedRules(rules)
  if (after === before) return { rules, change: undefined }
  return { rules, change: { before, after, judge: judgeText(rules, shape) } }
}

function refuseRules({ maxGain }: BoardAlteration): void {
  if (maxGain?.action === 'flag')
    throw unsupported(
      'use flag as action of maxGain',
      'a flag belongs to a record of the log, and boards on a server keep no log; use refuse',
    )
}

/** Returns the settings of a board as they are to be; undefined if these are those that it has. */
function altered(spec: RemoteSpec, alterations: WindowAlterations): RemoteSpec | undefined {
  const { name, shape, keep, partitions, windows = [] } = spec
  const { columns, order } = shape
  const changes = checkWindowChanges(alterations, { columns, order, keep })
  if (changes.length > 0 && partitions > 1)
    throw unsupported(
      'alter windows beside partitions',
      'each partition goes by the settings that it was made with, and no instant covers all of them',
    )
  const { numbers, next } = numbersOf(spec)
  let numbered = windows.map((window, i) => ({ window, number: numbers[i] as number }))
  let nextNumber = next
  for (const change of changes) {
    const window = changed(name, windows, change)
    const isThere = numbered.some((one) => one.window.name === change.name)
    if (window === undefined) numbered = numbered.filter((one) => one.window.name !== change.name)
    else if (!isThere) numbered.push({ window, number: nextNumber++ })
    else
      numbered = numbered.map((one) => (one.window.name === change.name ? { ...one, window } : one))
  }
  checkWindowCount(name, numbered.length)
  const all = numbered.map(({ window }) => window)
  if (isDeepStrictEqual(all.map(windowSettings), windows.map(windowSettings))) return undefined
  return {
    ...spec,
    windows: all,
    numbered: { numbers: numbered.map(({ number }) => number), next: nextNumber },
  }
}

// As the window is to be; undefined if it is to go.
function changed(
  board: string,
  windows: readonly WindowSpec[],
  { name, window, isFilled }: WindowChange,
): WindowSpec | undefined {
  if (isFilled)
    throw unsupported(`fill window "${name}" from the log`, 'boards on a server keep no log')
  const found = windows.find((one) => one.name === name)
  if (window !== undefined)
    return found === undefined ? addedWindow(board, window) : alterWindow(board, found, window)
  if (found !== undefined) return undefined
  throw noWindow(
    board,
    name,
    windows.map((one) => one.name),
  )
}

function alteredAgain(board: string): LadderError {
  return new LadderError(
    'BUSY',
    `Cannot alter board "${board}": others altered it ${PLANS_MAX} times meanwhile; nothing was changed, call again`,
  )
}
