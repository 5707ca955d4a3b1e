/**
 * The check of windows: what is taken, what it becomes, and what is refused in which words.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { checkToldSettings } from '../../src/calls/settings.ts'
import { checkWindowChanges, checkWindows } from '../../src/calls/windows.ts'
import { fullWindow } from '../../src/format/window-settings.ts'
import type { WindowAlterations, WindowInput } from '../../src/words/index.ts'

const NOTHING = {
  ...{ mode: undefined, value: undefined, graceMs: undefined, retain: undefined },
  ...{ finals: undefined, keep: undefined },
}
const BOARD = { columns: [{}], order: 'descending' } as const
const MONTH = { every: 'month', timeZone: 'UTC', startAt: '00:00', day: 1 }

test('a window is a word, or settings that a name can be taken from', () => {
  expect(checkWindows(['month', { every: 'manual', name: 'cup' }])).toEqual([
    { name: 'month', calendar: MONTH, said: { every: 'month' }, ...NOTHING },
    { name: 'cup', calendar: { every: 'manual' }, said: { every: 'manual' }, ...NOTHING },
  ])
  expect(
    checkWindows([{ every: 'day' }, 'week', 'year', 'manual']).map(({ name }) => name),
  ).toEqual([...['day', 'week', 'year', 'manual']])
  const [sprint] = checkWindows([
    {
      name: 'sprint-72h',
      every: { hours: 72, from: '2026-11-21T00:00:00Z' },
      ...{ mode: 'increment', graceMs: 0, retain: 0, finals: true, keep: 10, value: 'score' },
    },
  ])
  const every = { hours: 72, from: Date.UTC(2026, 10, 21) }
  expect(sprint).toEqual({
    ...{ name: 'sprint-72h', calendar: { every }, said: { every } },
    ...{ mode: 'increment', graceMs: 0, retain: 0, finals: true, keep: 10, value: 'score' },
  })
  expect(sprint && fullWindow(sprint)).toEqual({
    ...{ name: 'sprint-72h', calendar: { every }, mode: 'increment', graceMs: 0, retain: 0 },
    ...{ finals: true, keep: 10, value: 'score' },
  })
})

test('what is not said of a window is usual, and is known not to be said', () => {
  const [month] = checkWindows([{ every: 'month', timeZone: 'europe/berlin', name: 'm' }])
  expect(month?.said).toEqual({ every: 'month', timeZone: 'Europe/Berlin' })
  expect(month && fullWindow(month)).toEqual({
    ...{ name: 'm', calendar: { ...MONTH, timeZone: 'Europe/Berlin' }, mode: undefined },
    ...{ value: 'score', graceMs: 600_000, retain: undefined, finals: false, keep: undefined },
  })
})

// Each as a caller in JavaScript can give it.
const REFUSED: [string, unknown, string][] = [
  ['a word of none', ['quarter'], 'Cannot use "quarter" as every: it must be day, week'],
  ['a word that is nearly one', ['monthly'], 'did you mean "month"?'],
  ['a number', [7], 'Cannot use 7 as a window: it must be day, week, month, year, manual'],
  ['null', [null], 'Cannot use null as a window'],
  ['a hole', new Array(1), 'Cannot use undefined as a window'],
  ['no every', [{ name: 'a' }], 'Cannot use a window without every: it must be day'],
  ['no name for hours', [{ every: { hours: 1, from: 0 } }], 'Cannot use a window without a name'],
  [
    'no name for a cron',
    [{ every: { cron: '0 4 * * 1' } }],
    'its every is not a word, so give it a name',
  ],
  ['a name of none', [{ every: 'day', name: 'a b' }], 'Cannot use "a b" as name of a window'],
  ['a name that is too long', [{ every: 'day', name: 'a'.repeat(33) }], '32 at most'],
  ['a name that is inherited', [{ every: 'day', name: '__proto__' }], 'as name of a window'],
  ['a field of none', [{ every: 'day', gracems: 1 }], 'did you mean "graceMs"?'],
  ['fill', [{ every: 'day', fill: 'log' }], 'Cannot use "fill" in a window'],
  ['two of one name', ['day', { every: 'week', name: 'day' }], 'two windows of the name "day"'],
  ['a zone with hours', [{ name: 'a', every: { hours: 1, from: 0 }, timeZone: 'UTC' }], 'timeZone'],
  [
    'a weekday with days',
    [{ every: 'day', weekday: 'monday' }],
    'Cannot use weekday with every day',
  ],
  ['a day that no month has', [{ every: 'month', day: 29 }], '1 to 28'],
  ['a grace of none', [{ every: 'day', graceMs: -1 }], 'Cannot use -1 as graceMs'],
  ['a grace that is too long', [{ every: 'day', graceMs: 1e12 }], '0 to 31622400000'],
  ['a part of a season', [{ every: 'day', retain: 1.5 }], 'Cannot use 1.5 as retain'],
  ['finals of a word', [{ every: 'day', finals: 'yes' }], 'as finals: it must be true or false'],
  ['a keep of nobody', [{ every: 'day', keep: 0 }], 'Cannot use 0 as keep'],
  [
    'gain with a mode',
    [{ every: 'day', value: 'gain', mode: 'best' }],
    'Cannot use mode with value gain',
  ],
  ['gain with keep', [{ every: 'day', value: 'gain', keep: 5 }], 'Cannot use keep with value gain'],
  [
    'seventeen',
    Array.from({ length: 17 }, (_, i) => ({ every: 'day', name: `${i}` })),
    'at most 16',
  ],
]

test.each(REFUSED)('checkWindows() refuses %s', (_name, given, words) => {
  expect(() => checkWindows(given as WindowInput[])).toThrow(words)
})

test('what is wrong with the calendar of a window says of which one', () => {
  expect(() => checkWindows(['day', { name: 'late', every: 'week', startAt: '24:00' }])).toThrow(
    'Window "late": Cannot use "24:00" as startAt',
  )
})

test('gains need one column, of which more is better', () => {
  const windows = [{ every: 'day', value: 'gain' }] as const
  expect(checkToldSettings({ windows }).windows).toHaveLength(1)
  expect(checkToldSettings({ windows, columns: [{ name: 'a' }] }).windows).toHaveLength(1)
  const columns = [{ name: 'a' }, { name: 'b' }]
  expect(() => checkToldSettings({ windows, columns })).toThrow(
    'Cannot use value gain for window "day": scores have several columns on the board',
  )
  for (const settings of [
    { order: 'ascending' } as const,
    { columns: [{ name: 'a', order: 'ascending' }] } as const,
  ])
    expect(() => checkToldSettings({ windows, ...settings })).toThrow('lower scores are better')
  expect(checkToldSettings({}).windows).toBeUndefined()
})

test('an alteration adds, alters and takes away', () => {
  const changes = checkWindowChanges(
    {
      month: { retain: 12, graceMs: null },
      sprint: { every: { cron: '0 4 * * 1' }, fill: 'log' },
      week: null,
      year: undefined,
      other: { finals: true },
    },
    BOARD,
  )
  const cron = { every: { cron: '0 4 * * 1' } }
  expect(changes).toEqual([
    {
      name: 'month',
      window: { name: 'month', calendar: MONTH, said: {}, ...NOTHING, retain: 12, graceMs: null },
      isFilled: false,
    },
    {
      name: 'sprint',
      window: { name: 'sprint', calendar: { ...cron, timeZone: 'UTC' }, said: cron, ...NOTHING },
      isFilled: true,
    },
    { name: 'week', window: undefined, isFilled: false },
    {
      name: 'other',
      window: { name: 'other', calendar: undefined, said: {}, ...NOTHING, finals: true },
      isFilled: false,
    },
  ])
  expect(checkWindowChanges(['day', { name: 'cup', every: 'manual' }], BOARD)).toEqual(
    checkWindows(['day', { name: 'cup', every: 'manual' }]).map((window) => {
      return { name: window.name, window, isFilled: false }
    }),
  )
})

test.each<[string, unknown, string]>([
  ['a name of none', { 'a b': null }, 'Cannot use "a b" as name of a window'],
  ['another name', { month: { name: 'moon' } }, 'names cannot be altered'],
  ['a field of none', { month: { retian: 1 } }, 'did you mean "retain"?'],
  ['true', { month: true }, 'Cannot use true as window "month": it must be an object'],
  ['fill from elsewhere', { month: { fill: 'file' } }, 'as fill: it must be log'],
  ['gain with keep', { month: { value: 'gain', keep: 1 } }, 'Cannot use keep with value gain'],
  ['a calendar of none', { a: { every: 'moon' } }, 'Window "a": Cannot use "moon" as every'],
])('checkWindowChanges() refuses %s', (_name, given, words) => {
  expect(() => checkWindowChanges(given as WindowAlterations, BOARD)).toThrow(words)
})

test('checkWindowChanges() knows the board', () => {
  const gain = { month: { value: 'gain' } } as const
  expect(checkWindowChanges(gain, BOARD)).toHaveLength(1)
  expect(() => checkWindowChanges(gain, { ...BOARD, order: 'ascending' })).toThrow(
    'lower scores are better',
  )
})
