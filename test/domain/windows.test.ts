/**
 * What of a window is fixed, what can be altered, and how windows are told.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { checkWindowChanges, checkWindows } from '../../src/calls/windows.ts'
import { newSpec, settingsInfo } from '../../src/domain/settings.ts'
import {
  addedWindow,
  alterWindow,
  checkWindowCount,
  noSeason,
  noWindow,
  seasonExists,
  seasonOver,
  windowSettings,
  windowsError,
} from '../../src/domain/windows.ts'
import { fullWindow, shortWindow, windowOf } from '../../src/format/window-settings.ts'
import type {
  AlteredWindow,
  AskedSettings,
  WindowAlteration,
  WindowInput,
  WindowSpec,
} from '../../src/words/index.ts'

const NOTHING = {} as AskedSettings
const BOARD = { columns: [{}], order: 'descending' } as const

function specs(...windows: WindowInput[]): WindowSpec[] {
  return checkWindows(windows).map(fullWindow)
}

function altered(name: string, alteration: WindowAlteration): AlteredWindow {
  return checkWindowChanges({ [name]: alteration }, BOARD)[0]?.window as AlteredWindow
}

test('a window is told without what is usual, and comes back from that', () => {
  const told: WindowInput[] = [
    { name: 'day', every: 'day' },
    { name: 'm', every: 'month', timeZone: 'Europe/Berlin', startAt: '04:00', day: 2 },
    { name: 'w', every: 'week', weekday: 'sunday', mode: 'best', graceMs: 0 },
    { name: 'h', every: { hours: 2, from: 0 }, value: 'gain', retain: 0, finals: true },
    { name: 'c', every: { cron: '0 4 * * 1' }, keep: 5 },
  ]
  const all = specs(...told)
  expect(all.map(windowSettings)).toEqual(told)
  expect(specs(...all.map(windowSettings))).toEqual(all)
  expect(all.map(shortWindow).map(windowOf)).toEqual(all)
})

test('the settings of a board name its windows if there are some', () => {
  const windows = checkWindows(['day', { every: 'month', retain: 3 }])
  const spec = newSpec('arena', { ...NOTHING, windows })
  expect(spec.windows).toEqual(windows.map(fullWindow))
  expect(settingsInfo(spec)).toEqual({
    ...{ name: 'arena', order: 'descending', mode: 'set' },
    windows: [
      { name: 'day', every: 'day' },
      { name: 'month', every: 'month', retain: 3 },
    ],
  })
  expect('windows' in settingsInfo(newSpec('arena', NOTHING))).toBe(false)
})

test('a board is opened with the windows that it has, as far as they are said', () => {
  const stored = specs({ every: 'month', timeZone: 'Europe/Berlin', retain: 12 }, 'day')
  for (const asked of [
    [],
    ['month'],
    ['day', { every: 'month', timeZone: 'europe/berlin', startAt: '00:00', retain: 12 }],
    [{ every: 'day', value: 'score', graceMs: 600_000, finals: false }],
  ] as WindowInput[][])
    expect(windowsError('arena', stored, checkWindows(asked))).toBeUndefined()
})

test.each<[string, WindowInput, string]>([
  ['no such window', 'week', 'it was created without window "week"; alter adds one'],
  [
    'another every',
    { name: 'month', every: 'year' },
    'every of window "month" is month, asked for year; it is fixed',
  ],
  [
    'hours',
    { name: 'month', every: { hours: 1, from: 0 } },
    'every of window "month" is month, asked for {"hours":1,"from":0}',
  ],
  [
    'another zone',
    { every: 'month', timeZone: 'UTC' },
    'timeZone of window "month" is Europe/Berlin, asked for UTC',
  ],
  ['another mode', { every: 'month', mode: 'set' }, 'mode of window "month" is not set, asked for'],
  ['another value', { every: 'month', value: 'gain' }, 'is score, asked for gain; it is fixed'],
  ['retain', { every: 'month', retain: 1 }, 'is 12, asked for 1; leave it out, or alter it'],
  ['finals', { every: 'month', finals: true }, 'is false, asked for true; leave it out'],
])('a board is not opened with %s', (_name, asked, words) => {
  const stored = specs({ every: 'month', timeZone: 'Europe/Berlin', retain: 12 })
  expect(windowsError('arena', stored, checkWindows([asked]))).toMatchObject({
    code: 'SETTINGS_DIFFER',
    message: expect.stringContaining(words),
  })
})

test('an alteration changes what can be altered, and null brings back what is usual', () => {
  const [stored] = specs({ every: 'month', timeZone: 'Asia/Tokyo', retain: 12, keep: 5 }) as [
    WindowSpec,
  ]
  const after = (alteration: WindowAlteration): WindowSpec =>
    alterWindow('arena', stored, altered('month', alteration))
  expect(after({})).toEqual(stored)
  expect(after({ graceMs: 0, retain: 1, finals: true, keep: 9 })).toEqual({
    ...stored,
    ...{ graceMs: 0, retain: 1, finals: true, keep: 9 },
  })
  expect(after({ graceMs: null, retain: null, finals: null, keep: null })).toEqual({
    ...stored,
    ...{ graceMs: 600_000, retain: undefined, finals: false, keep: undefined },
  })
  // To say what is so alters nothing.
  expect(after({ every: 'month', timeZone: 'Asia/Tokyo', day: 1, value: 'score' })).toEqual(stored)
  // The calendar that an object is looked up by stays the same one.
  expect(after({ retain: 2 }).calendar).toBe(stored.calendar)
})

test.each<[string, WindowAlteration, string]>([
  ['every', { every: 'day' }, 'Cannot alter every of window "month" of board "arena" from month'],
  [
    'timeZone',
    { timeZone: 'Asia/Tokyo' },
    'timeZone of window "month" of board "arena" from UTC to',
  ],
  ['startAt', { startAt: '04:00' }, 'from 00:00 to 04:00: it is fixed; remove the window'],
  ['day', { day: 2 }, 'Cannot alter day of window "month" of board "arena" from 1 to 2'],
  ['mode', { mode: 'best' }, 'Cannot alter mode of window "month" of board "arena" from not set'],
  ['value', { value: 'gain' }, 'Cannot alter value of window "month" of board "arena" from score'],
])('an alteration is refused %s', (_name, alteration, words) => {
  const [stored] = specs('month') as [WindowSpec]
  expect(() => alterWindow('arena', stored, altered('month', alteration))).toThrow(
    expect.objectContaining({ code: 'SETTINGS_DIFFER', message: expect.stringContaining(words) }),
  )
})

test('a window of gains takes no keep later either', () => {
  const [stored] = specs({ every: 'month', value: 'gain' }) as [WindowSpec]
  expect(() => alterWindow('arena', stored, altered('month', { keep: 5 }))).toThrow(
    'Cannot use keep with value gain in window "month"',
  )
  expect(alterWindow('arena', stored, altered('month', { keep: null }))).toEqual(stored)
})

test('an alteration adds a window if it says when seasons begin', () => {
  expect(addedWindow('arena', altered('month', { graceMs: null, retain: 2 }))).toEqual(
    specs({ every: 'month', retain: 2 })[0],
  )
  expect(() => addedWindow('arena', altered('sprint', { retain: 2 }))).toThrow(
    'Cannot add window "sprint" to board "arena" without every',
  )
  expect(() => checkWindowCount('arena', 16)).not.toThrow()
  expect(() => checkWindowCount('arena', 17)).toThrow('at most 16 are allowed; remove one first')
})

test('errors name what was looked for and what there is', () => {
  const place = { board: 'arena', window: 'month', season: '2026-11' }
  expect(noWindow('arena', 'moon', ['day', 'month'])).toMatchObject({
    code: 'NO_WINDOW',
    message: 'Cannot find window "moon" of board "arena": it has "day", "month"; alter adds one',
  })
  expect(noWindow('arena', 'moon', []).message).toContain('it has none')
  expect([noSeason(place).code, seasonExists(place).code]).toEqual(['NO_SEASON', 'SEASON_EXISTS'])
  expect(seasonOver(place, '2026-12 is on')).toMatchObject({
    code: 'SEASON_OVER',
    message: expect.stringContaining('board "arena": 2026-12 is on; leave season out'),
  })
})
