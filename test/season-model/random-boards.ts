/**
 * Random boards and windows for the model of seasons.
 *
 * @module
 */

import type { BoardSettings, Mode, WindowSettings } from '../../src/index.ts'
import type { Random } from '../support/random.ts'
import { CRONS } from './borders.ts'

const MODES: readonly Mode[] = ['set', 'best', 'increment']
const HOUR_MS = 3_600_000

const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'Africa/Cairo'],
  ...['Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'],
  ...['America/Sao_Paulo', 'America/St_Johns', 'Pacific/Kiritimati', 'Asia/Tehran'],
]

// Days on which clocks change, years end, or a date is left out.
const STARTS = [
  ...[
    '2026-03-27',
    '2026-03-07',
    '2026-10-23',
    '2026-11-28',
    '2026-12-29',
    '2027-12-30',
    '2028-02-27',
  ],
  ...[
    '2026-04-03',
    '2026-09-04',
    '2011-12-28',
    '2026-02-13',
    '2025-12-28',
    '2018-11-02',
    '2026-04-22',
  ],
]

const EVERY: readonly WindowSettings['every'][] = [
  ...(['day', 'day', 'week', 'month', 'year', 'manual'] as const),
  ...[1, 5, 72].map((hours) => ({ hours, from: Date.UTC(2026, 2, 28, 7, 30) })),
  ...CRONS.map(({ cron }) => ({ cron })),
]

/** Milliseconds since 1970. */
export function randomStart(random: Random): number {
  return Date.parse(random.pick(STARTS)) + random.below(24) * HOUR_MS
}

export function randomBoard(random: Random): BoardSettings {
  const kind = random.below(4)
  const settings: BoardSettings = {
    mode: random.pick(MODES),
    ...(kind === 0 && { scoreType: 'int64' as const }),
    ...(kind === 1 && {
      columns: [{ name: 'points' }, { name: 'seconds', order: 'ascending' as const }],
    }),
    ...(kind !== 1 && random.chance(0.3) && { order: 'ascending' as const }),
    ...(random.chance(0.25) && { keep: 2 + random.below(4) }),
    ...(random.chance(0.3) && { log: random.pick(['changes', 'none'] as const) }),
  }
  const windows = Array.from({ length: random.below(5) }, (_, i) =>
    randomWindow(random, { name: `w${i}`, board: settings }),
  )
  return windows.length === 0 ? settings : { ...settings, windows }
}

export function randomWindow(
  random: Random,
  { name, board }: { name: string; board: BoardSettings },
): WindowSettings {
  const every = random.pick(EVERY)
  const hasZone = typeof every === 'string' ? every !== 'manual' : 'cron' in every
  const hasStart = typeof every === 'string' && every !== 'manual'
  const canGain =
    board.keep === undefined && board.columns === undefined && board.order !== 'ascending'
  const isGain = canGain && random.chance(0.3)
  const retain = random.chance(0.35) ? random.below(4) + (random.chance(0.8) ? 1 : 0) : undefined
  return {
    ...{ name, every },
    ...(hasZone && { timeZone: random.pick(ZONES) }),
    ...(hasStart &&
      random.chance(0.5) && { startAt: random.pick(['00:30', '02:30', '04:00', '23:59']) }),
    ...(every === 'week' &&
      random.chance(0.5) && { weekday: random.pick(['sunday', 'friday'] as const) }),
    ...(every === 'month' && random.chance(0.5) && { day: 1 + random.below(28) }),
    ...(random.chance(0.5) && { graceMs: random.pick([0, 1, 60_000, HOUR_MS, 40 * HOUR_MS]) }),
    ...(retain !== undefined && retain > 0 && { retain, finals: random.chance(0.6) }),
    ...(isGain && { value: 'gain' as const }),
    ...(!isGain && random.chance(0.4) && { mode: random.pick(MODES) }),
    ...(!isGain && random.chance(0.2) && { keep: 1 + random.below(4) }),
  }
}
