/**
 * The boards of the model test: each mode in both orders, and every other kind of settings.
 *
 * @module
 */

import type { BoardSettings, Order } from '../../src/index.ts'
import { MODES } from './calls.ts'

const ORDERS: readonly Order[] = ['descending', 'ascending']
const COLUMNS = [
  { name: 'points', order: 'descending' },
  { name: 'time', order: 'ascending' },
] as const

const SETTINGS: Readonly<Record<string, BoardSettings>> = {
  ...Object.fromEntries(
    ORDERS.flatMap((order) => MODES.map((mode) => [`${order} ${mode}`, { order, mode }])),
  ),
  'int64 set': { scoreType: 'int64', mode: 'set' },
  'int64 increment': { scoreType: 'int64', order: 'ascending', mode: 'increment' },
  'columns best': { columns: COLUMNS, mode: 'best' },
  'columns increment': { columns: COLUMNS.toReversed(), scoreType: 'int64', mode: 'increment' },
  'best 20': { keep: 20, mode: 'best' },
  'lowest 7': { keep: 7, order: 'ascending', mode: 'set' },
}

export const BOARDS: readonly string[] = Object.keys(SETTINGS)

/** The settings that a board has at first. */
export function settingsOf(name: string): BoardSettings {
  return SETTINGS[name] as BoardSettings
}
