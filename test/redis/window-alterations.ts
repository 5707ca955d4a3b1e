/**
 * Random alterations of windows, and random files for boards that have some.
 *
 * @module
 */

import type {
  BoardSettings,
  Score,
  WindowAlteration,
  WindowAlterations,
  WindowSettings,
} from '../../src/index.ts'
import { randomScore } from '../model/random-scores.ts'
import type { Shape } from '../model/scores.ts'
import { randomWindow } from '../season-model/random-boards.ts'
import { HOUR_MS, PLAYERS } from '../season-model/scene.ts'
import type { Random } from '../support/random.ts'

const NAMES = ['w0', 'w1', 'w2', 'w3', 'w4', 'w5']
const GRACES = [0, 1, 60_000, HOUR_MS, 40 * HOUR_MS, null]

/** What is known of the board that is altered. */
interface Altered {
  settings: BoardSettings
  windows: readonly string[]
  /** Whether the answer is the same if finals are kept from now on, or no more. */
  mayAlterFinals: boolean
}

/** Returns what is to become of some windows: also what is refused. */
export function randomAlteration(random: Random, board: Altered): WindowAlterations {
  if (random.chance(0.1))
    return [randomWindow(random, { name: random.pick(NAMES), board: board.settings })]
  const count = 1 + random.below(2)
  const names = Array.from({ length: count }, () => random.pick(NAMES))
  return Object.fromEntries(names.map((name) => [name, changeOf(random, board, name)]))
}

function changeOf(
  random: Random,
  { settings, windows, mayAlterFinals }: Altered,
  name: string,
): WindowAlteration | null {
  const isThere = windows.includes(name)
  if (isThere && random.chance(0.3)) return null
  if (!isThere) return random.chance(0.05) ? null : added(random, { name, board: settings })
  return {
    ...(random.chance(0.5) && { graceMs: random.pick(GRACES) }),
    ...(random.chance(0.4) && { retain: random.pick([1, 2, 3, 5, null]) }),
    ...(random.chance(0.3) && { keep: random.pick([1, 2, 4, null]) }),
    ...(mayAlterFinals && random.chance(0.3) && { finals: random.chance(0.5) }),
    // What is fixed.
    ...(random.chance(0.05) && { mode: random.pick(['set', 'best']) }),
  }
}

function added(random: Random, of: { name: string; board: BoardSettings }): WindowSettings {
  const { name: _, ...window } = randomWindow(random, of)
  return window as WindowSettings
}

/**
 * Returns the lines of a file; `time` gives the times of rows that have one. Rows of hidden players have none: which
 * final standings that are filled they come back to, each engine tells by notes of its own.
 */
export function randomFile(
  random: Random,
  { shape, time, hidden }: { shape: Shape; time: () => number; hidden: readonly string[] },
): string {
  const rows = Array.from({ length: 1 + random.below(25) }, () => {
    const score = randomScore(random, shape, random.chance(0.95) ? 'plain' : 'any')
    const playerId = random.pick(PLAYERS)
    return {
      playerId,
      ...columnsOf(score),
      ...(!hidden.includes(playerId) && random.chance(0.85) && { at: Math.floor(time()) }),
      ...(random.chance(0.1) && { name: `n${random.below(9)}` }),
      ...(random.chance(0.1) && { metadata: random.pick([{}, { n: 3 }]) }),
    }
  })
  return rows.map((row) => `${JSON.stringify(row, digits)}\n`).join('')
}

function columnsOf(score: Score): object {
  return typeof score === 'object' ? score : { score }
}

function digits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
