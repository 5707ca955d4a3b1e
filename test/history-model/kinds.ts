/**
 * The boards of the model of history: one of every kind.
 *
 * @module
 */

import type { BoardSettings } from '../../src/index.ts'
import type { Column, Kind } from './world.ts'

const RACE: Column[] = [
  { name: 'laps', order: 'descending' },
  { name: 'ms', order: 'ascending' },
]

const SETTINGS: Record<string, BoardSettings> = {
  best: { mode: 'best' },
  big: { mode: 'increment', scoreType: 'int64' },
  changes: { log: 'changes', mode: 'best' },
  few: { mode: 'best', keep: 3 },
  golf: { order: 'ascending' },
  none: { log: 'none', mode: 'increment' },
  pile: { mode: 'increment', keep: 2 },
  race: { mode: 'best', columns: RACE },
  sum: { mode: 'increment' },
}

function kindOf(settings: BoardSettings): Kind {
  const { order = 'descending', mode = 'set', keep = Infinity, log = 'all' } = settings
  const columns = (settings.columns as Column[] | undefined) ?? [{ name: 'score', order }]
  return { settings, columns, mode, keep, log, isBig: settings.scoreType === 'int64' }
}

export const KINDS: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, settings]) => [name, kindOf(settings)]),
)

export const NAMES: readonly string[] = Object.keys(SETTINGS)
