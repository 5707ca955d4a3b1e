import { expect, test } from 'vitest'
import {
  seasonAfter,
  seasonBefore,
  seasonOf,
  seasonOfId,
  seasonsAfter,
  seasonsBetween,
} from '../../src/calendar/seasons.ts'
import { checkCalendar } from '../../src/calls/calendars.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import type { Season } from '../../src/words/index.ts'

function micros(instant: string): number {
  return Date.parse(instant) * 1000
}

const LAST = AT_MICROS_MAX

/** Returns a season as people read it: its id and its borders in UTC. */
function shown(season: Season | undefined): string[] | undefined {
  if (season === undefined) return undefined
  const text = (at: number): string => new Date(at / 1000).toISOString().replace(':00.000Z', 'Z')
  return [season.id, text(season.fromMicros), text(season.toMicros)]
}

// Literal years lie in the past: a law made after a release of Node would change a later one.
const TABLE: [why: string, calendar: object, at: string, id: string, from: string, to: string][] = [
  ...days(),
  ...weeks(),
  ...monthsAndYears(),
  ...hoursAndCron(),
]

function days(): typeof TABLE {
  const berlin = { every: 'day', timeZone: 'Europe/Berlin' }
  const havana = { every: 'day', timeZone: 'America/Havana' }
  const santiago = { every: 'day', timeZone: 'America/Santiago' }
  const apia = { every: 'day', timeZone: 'Pacific/Apia' }
  return [
    row('a day of UTC', { every: 'day' }, '2020-02-29T12:00:00Z', [
      ...['2020-02-29', '2020-02-29T00:00Z', '2020-03-01T00:00Z'],
    ]),
    row('a day that starts at 4', { every: 'day', startAt: '04:00' }, '2020-03-01T03:59:59.999Z', [
      ...['2020-02-29', '2020-02-29T04:00Z', '2020-03-01T04:00Z'],
    ]),
    row('a day of 23 hours', berlin, '2021-03-28T12:00:00Z', [
      ...['2021-03-28', '2021-03-27T23:00Z', '2021-03-28T22:00Z'],
    ]),
    row('a day of 25 hours', berlin, '2021-10-31T12:00:00Z', [
      ...['2021-10-31', '2021-10-30T22:00Z', '2021-10-31T23:00Z'],
    ]),
    row('a start that is skipped', { ...berlin, startAt: '02:30' }, '2021-03-28T01:00:00Z', [
      ...['2021-03-28', '2021-03-28T01:00Z', '2021-03-29T00:30Z'],
    ]),
    row('just before that start', { ...berlin, startAt: '02:30' }, '2021-03-28T00:59:59.999Z', [
      ...['2021-03-27', '2021-03-27T01:30Z', '2021-03-28T01:00Z'],
    ]),
    row('a start that is shown twice', { ...berlin, startAt: '02:30' }, '2021-10-31T00:30:00Z', [
      ...['2021-10-31', '2021-10-31T00:30Z', '2021-11-01T01:30Z'],
    ]),
    row('02:10 shown again after it', { ...berlin, startAt: '02:30' }, '2021-10-31T01:10:00Z', [
      ...['2021-10-31', '2021-10-31T00:30Z', '2021-11-01T01:30Z'],
    ]),
    row('a day without a midnight', havana, '2020-03-08T05:00:00Z', [
      ...['2020-03-08', '2020-03-08T05:00Z', '2020-03-09T04:00Z'],
    ]),
    row('a midnight shown twice', havana, '2020-11-01T05:00:00Z', [
      ...['2020-11-01', '2020-11-01T04:00Z', '2020-11-02T05:00Z'],
    ]),
    row('an evening shown twice', santiago, '2020-04-05T03:30:00Z', [
      ...['2020-04-04', '2020-04-04T03:00Z', '2020-04-05T04:00Z'],
    ]),
    row('23:30 shown twice', { ...santiago, startAt: '23:30' }, '2020-04-05T03:10:00Z', [
      ...['2020-04-04', '2020-04-05T02:30Z', '2020-04-06T03:30Z'],
    ]),
    row('a midnight set back a minute after it', stJohns(), '2006-10-29T03:00:00Z', [
      ...['2006-10-29', '2006-10-29T02:30Z', '2006-10-30T03:30Z'],
    ]),
    row('the day before one that is not there', apia, '2011-12-30T09:59:59.999Z', [
      ...['2011-12-29', '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
    ]),
    row('the day after one that is not there', apia, '2011-12-30T10:00:00Z', [
      ...['2011-12-31', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
    ]),
    row(
      'no border on a day that is not there',
      { ...apia, startAt: '04:00' },
      '2011-12-30T13:00Z',
      [...['2011-12-29', '2011-12-29T14:00Z', '2011-12-30T14:00Z']],
    ),
  ]
}

function stJohns(): object {
  return { every: 'day', timeZone: 'America/St_Johns' }
}

function weeks(): typeof TABLE {
  const week = { every: 'week' }
  return [
    row('the last week of 52', week, '2019-12-29T23:59:59Z', [
      ...['2019-W52', '2019-12-23T00:00Z', '2019-12-30T00:00Z'],
    ]),
    row('a week 1 that begins in December', week, '2019-12-30T00:00:00Z', [
      ...['2020-W01', '2019-12-30T00:00Z', '2020-01-06T00:00Z'],
    ]),
    row('a week 53', week, '2021-01-03T12:00:00Z', [
      ...['2020-W53', '2020-12-28T00:00Z', '2021-01-04T00:00Z'],
    ]),
    row('the week 1 after it', week, '2021-01-04T00:00:00Z', [
      ...['2021-W01', '2021-01-04T00:00Z', '2021-01-11T00:00Z'],
    ]),
    row('a week 52 that ends in January', week, '2022-01-02T00:00:00Z', [
      ...['2021-W52', '2021-12-27T00:00Z', '2022-01-03T00:00Z'],
    ]),
    row('a week from Sunday', { ...week, weekday: 'sunday' }, '2021-01-03T00:00:00Z', [
      ...['2021-W01', '2021-01-03T00:00Z', '2021-01-10T00:00Z'],
    ]),
    row('a week from Friday', { ...week, weekday: 'friday' }, '2020-12-31T00:00:00Z', [
      ...['2020-W53', '2020-12-25T00:00Z', '2021-01-01T00:00Z'],
    ]),
    row('a week from a day that is not there', apiaWeek(), '2011-12-30T10:00:00Z', [
      ...['2012-W01', '2011-12-30T10:00Z', '2012-01-05T10:00Z'],
    ]),
  ]
}

function apiaWeek(): object {
  return { every: 'week', timeZone: 'Pacific/Apia', weekday: 'friday' }
}

function monthsAndYears(): typeof TABLE {
  const month = { every: 'month' }
  const newYork = { every: 'year', timeZone: 'America/New_York' }
  return [
    row('a February of 29 days', month, '2020-02-29T23:59:59Z', [
      ...['2020-02', '2020-02-01T00:00Z', '2020-03-01T00:00Z'],
    ]),
    row('a month has the id of its beginning', { ...month, day: 28 }, '2021-03-27T00:00:00Z', [
      ...['2021-02', '2021-02-28T00:00Z', '2021-03-28T00:00Z'],
    ]),
    row('a month over the end of a year', { ...month, day: 15 }, '2021-01-14T00:00:00Z', [
      ...['2020-12', '2020-12-15T00:00Z', '2021-01-15T00:00Z'],
    ]),
    row('a year', newYork, '2021-01-01T04:59:59Z', [
      ...['2020', '2020-01-01T05:00Z', '2021-01-01T05:00Z'],
    ]),
    row('a year that starts at 4', { ...newYork, startAt: '04:00' }, '2021-01-01T09:00:00Z', [
      ...['2021', '2021-01-01T09:00Z', '2022-01-01T09:00Z'],
    ]),
    row('a month from a day that is not there', kwajalein(), '1993-08-21T12:00:00Z', [
      ...['1993-08', '1993-08-21T12:00Z', '1993-09-20T12:00Z'],
    ]),
  ]
}

function kwajalein(): object {
  return { every: 'month', timeZone: 'Pacific/Kwajalein', day: 21 }
}

function hoursAndCron(): typeof TABLE {
  const hours = { every: { hours: 72, from: Date.parse('2020-01-01T06:00:00Z') } }
  const cron = (text: string, timeZone = 'Europe/Berlin'): object => ({
    ...{ every: { cron: text }, timeZone },
  })
  return [
    row('hours from their instant', hours, '2020-01-01T06:00:00Z', [
      ...['2020-01-01T06:00:00Z', '2020-01-01T06:00Z', '2020-01-04T06:00Z'],
    ]),
    row('hours before their instant', hours, '2020-01-01T05:59:59.999Z', [
      ...['2019-12-29T06:00:00Z', '2019-12-29T06:00Z', '2020-01-01T06:00Z'],
    ]),
    row('Mondays at four', cron('0 4 * * 1'), '2021-03-28T12:00:00Z', [
      ...['2021-03-22T03:00:00Z', '2021-03-22T03:00Z', '2021-03-29T02:00Z'],
    ]),
    row('a skipped time fires at the end of the gap', cron('30 2 * * *'), '2021-03-28T01:00:00Z', [
      ...['2021-03-28T01:00:00Z', '2021-03-28T01:00Z', '2021-03-29T00:30Z'],
    ]),
    row('several skipped ones are one', cron('*/15 * * * *'), '2021-03-28T01:00:00Z', [
      ...['2021-03-28T01:00:00Z', '2021-03-28T01:00Z', '2021-03-28T01:15Z'],
    ]),
    row('a repeated time fires once', cron('30 2 * * *'), '2021-10-31T01:30:00Z', [
      ...['2021-10-31T00:30:00Z', '2021-10-31T00:30Z', '2021-11-01T01:30Z'],
    ]),
    row('a repeated hour is one season', cron('*/15 * * * *'), '2021-10-31T01:50:00Z', [
      ...['2021-10-31T00:45:00Z', '2021-10-31T00:45Z', '2021-10-31T02:00Z'],
    ]),
    row('a quarter that is shown again', cron('*/15 * * * *'), '2021-10-31T01:20:00Z', [
      ...['2021-10-31T00:45:00Z', '2021-10-31T00:45Z', '2021-10-31T02:00Z'],
    ]),
    row('29 February', cron('0 0 29 2 *', 'UTC'), '2023-01-01T00:00:00Z', [
      ...['2020-02-29T00:00:00Z', '2020-02-29T00:00Z', '2024-02-29T00:00Z'],
    ]),
    row('either day is enough', cron('0 0 13 * fri', 'UTC'), '2020-03-12T00:00:00Z', [
      ...['2020-03-06T00:00:00Z', '2020-03-06T00:00Z', '2020-03-13T00:00Z'],
    ]),
  ]
}

function row(why: string, calendar: object, at: string, season: string[]): (typeof TABLE)[number] {
  const [id, from, to] = season as [string, string, string]
  return [why, calendar, at, id, from, to]
}

test.each(TABLE)('seasonOf(): %s', (_, given, at, ...season) => {
  const calendar = checkCalendar(given)
  const found = seasonOf(calendar, micros(at)) as Season
  expect(shown(found)).toEqual(season)
  expect(seasonOf(calendar, found.fromMicros)).toEqual(found)
  expect(seasonOf(calendar, found.toMicros - 1)).toEqual(found)
  expect(seasonOf(calendar, found.fromMicros - 1)?.toMicros).toBe(found.fromMicros)
  expect(seasonOf(calendar, found.toMicros)?.fromMicros).toBe(found.toMicros)
  expect(seasonOfId(calendar, found.id)).toEqual(found)
  const next = seasonAfter(calendar, found) as Season
  expect(next).toEqual(seasonOf(calendar, found.toMicros))
  expect(seasonBefore(calendar, next)).toEqual(found)
})

test('seasonOf() knows no season of a manual window', () => {
  const calendar = checkCalendar({ every: 'manual' })
  const season = { id: 'spring', fromMicros: 0, toMicros: 1 }
  expect(seasonOf(calendar, 0)).toBeUndefined()
  expect(seasonOfId(calendar, 'spring')).toBeUndefined()
  expect(seasonAfter(calendar, season)).toBeUndefined()
  expect(seasonBefore(calendar, season)).toBeUndefined()
  expect([...seasonsBetween(calendar, 0, 10)]).toEqual([])
})

const EVERY: object[] = [
  ...['day', 'week', 'month', 'year'].map((every) => ({ every, timeZone: 'America/New_York' })),
  { every: 'day', timeZone: 'Asia/Tokyo', startAt: '04:00' },
  { every: { hours: 87_600, from: 0 } },
  { every: { hours: 5, from: (LAST - (LAST % 1000)) / 1000 } },
  { every: { cron: '0 0 29 2 *' }, timeZone: 'Pacific/Kiritimati' },
]

test.each(EVERY)('seasons are whole at both ends of time: %j', (given) => {
  const calendar = checkCalendar(given)
  const first = seasonOf(calendar, 0) as Season
  const last = seasonOf(calendar, LAST) as Season
  expect(first.fromMicros).toBeLessThanOrEqual(0)
  expect(last.toMicros).toBeGreaterThan(LAST)
  expect(Number.isSafeInteger(last.toMicros)).toBe(true)
  expect(seasonBefore(calendar, first)).toBeUndefined()
  expect(seasonAfter(calendar, last)).toBeUndefined()
  expect(seasonOfId(calendar, first.id)).toEqual(first)
  expect(seasonOfId(calendar, last.id)).toEqual(last)
  for (const at of [-1, 0.5, LAST + 1, Number.NaN])
    expect(() => seasonOf(calendar, at)).toThrow('a time lies within the limits')
})

test('seasonOf() of 1970 in New York is that of the evening before', () => {
  const calendar = checkCalendar({ every: 'day', timeZone: 'America/New_York' })
  expect(shown(seasonOf(calendar, 0))).toEqual([
    ...['1969-12-31', '1969-12-31T05:00Z', '1970-01-01T05:00Z'],
  ])
})

const NO_SEASONS: [calendar: object, id: string][] = [
  [{ every: 'day' }, '2021-02-29'],
  [{ every: 'day' }, '2021-2-9'],
  [{ every: 'day' }, '2021-02'],
  [{ every: 'day' }, '1969-12-31'],
  [{ every: 'day' }, '2113-01-01'],
  [{ every: 'day' }, '0020-01-01'],
  [{ every: 'day' }, ''],
  [{ every: 'day', timeZone: 'Pacific/Apia' }, '2011-12-30'],
  [{ every: 'day', timeZone: 'Pacific/Apia', startAt: '04:00' }, '2011-12-30'],
  [{ every: 'week' }, '2021-W53'],
  [{ every: 'week' }, '2020-W00'],
  [{ every: 'week' }, '2020-W54'],
  [{ every: 'week' }, '2020-w01'],
  [{ every: 'month' }, '2020-13'],
  [{ every: 'month' }, '2020-00'],
  [{ every: 'year' }, '20'],
  [{ every: 'year' }, '9999'],
  [{ every: { hours: 2, from: 0 } }, '2020-01-01T01:00:00Z'],
  [{ every: { hours: 2, from: 0 } }, '2020-01-01T02:00:00.000Z'],
  [{ every: { hours: 2, from: 0 } }, '2020-01-01T02:00Z'],
  [{ every: { hours: 2, from: 0 } }, '2020-02-30T02:00:00Z'],
  [{ every: { cron: '0 4 * * *' } }, '2020-01-01T05:00:00Z'],
]

test.each(NO_SEASONS)('seasonOfId() of %j does not know %s', (given, id) => {
  expect(seasonOfId(checkCalendar(given), id)).toBeUndefined()
})

test('ids of hours that begin within a second tell the milliseconds', () => {
  const calendar = checkCalendar({ every: { hours: 1, from: 1_577_836_800_250 } })
  const season = seasonOf(calendar, 1_577_836_800_250_000) as Season
  expect(season.id).toBe('2020-01-01T00:00:00.250Z')
  expect(seasonOfId(calendar, season.id)).toEqual(season)
})

test('seasonsBetween() answers all that share a time with a span', () => {
  const calendar = checkCalendar({ every: 'month' })
  const ids = (from: string, to: string): string[] =>
    [...seasonsBetween(calendar, micros(from), micros(to))].map(({ id }) => id)
  expect(ids('2019-12-31T23:59:59Z', '2020-03-01T00:00:00Z')).toEqual([
    ...['2019-12', '2020-01', '2020-02'],
  ])
  expect(ids('2020-03-01T00:00:00Z', '2020-03-01T00:00:00Z')).toEqual([])
  expect([...seasonsBetween(calendar, LAST, LAST + 1)]).toHaveLength(1)
})

test('seasonsAfter() answers those that have begun by an instant', () => {
  const calendar = checkCalendar({ every: 'day' })
  const season = seasonOf(calendar, micros('2020-02-27T12:00:00Z')) as Season
  const ids = (until: number): string[] =>
    [...seasonsAfter(calendar, season, until)].map(({ id }) => id)
  const border = micros('2020-03-01T00:00:00Z')
  expect(ids(border - 1)).toEqual(['2020-02-28', '2020-02-29'])
  expect(ids(border)).toEqual(['2020-02-28', '2020-02-29', '2020-03-01'])
})

// Borders are stored. If a law moves the next ones, a season begins where the stored one ends all the same.
test.each([-3600e6, 3600e6])('seasonAfter() begins at a stored border moved by %d µs', (moved) => {
  const calendar = checkCalendar({ every: 'day', timeZone: 'Europe/Berlin' })
  const [today, tomorrow] = ['2020-05-01', '2020-05-02'].map((id) => seasonOfId(calendar, id)) as [
    ...[Season, Season],
  ]
  const stored = { ...today, toMicros: today.toMicros + moved }
  const next = { ...tomorrow, fromMicros: stored.toMicros }
  expect(seasonAfter(calendar, stored)).toEqual(next)
  expect(seasonBefore(calendar, next)).toEqual(stored)
})

test('seasonAfter() of a cron begins at a stored border, which is its id', () => {
  const calendar = checkCalendar({ every: { cron: '0 4 * * *' } })
  const stored = {
    id: '2020-05-01T04:00:00Z',
    fromMicros: 0,
    toMicros: micros('2020-05-02T05:00Z'),
  }
  expect(shown(seasonAfter(calendar, stored))).toEqual([
    ...['2020-05-02T05:00:00Z', '2020-05-02T05:00Z', '2020-05-03T04:00Z'],
  ])
})

test('what was asked for lately is answered again, and changes no other answer', () => {
  const calendar = checkCalendar({ every: 'day' })
  const at = micros('2020-01-01T12:00:00Z')
  const season = seasonOf(calendar, at)
  expect(seasonOf(calendar, at + 1)).toBe(season)
  for (let day = 1; day < 10; day++) seasonOf(calendar, at + day * 86_400e6)
  expect(seasonOf(calendar, at)).toEqual(season)
})
