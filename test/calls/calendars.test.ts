import { expect, test } from 'vitest'
import { checkCalendar } from '../../src/calls/calendars.ts'

const GIVEN: [given: object, checked: object][] = [
  [{ every: 'day' }, { every: 'day', timeZone: 'UTC', startAt: '00:00' }],
  [
    { every: 'week', timeZone: 'europe/berlin' },
    { every: 'week', timeZone: 'Europe/Berlin', startAt: '00:00', weekday: 'monday' },
  ],
  [
    { every: 'month', startAt: '04:30', day: 28, weekday: undefined },
    { every: 'month', timeZone: 'UTC', startAt: '04:30', day: 28 },
  ],
  [
    { every: 'year', timeZone: 'etc/utc' },
    { every: 'year', timeZone: 'UTC', startAt: '00:00' },
  ],
  // One of the two is not in the list of this Node.
  ...['Asia/Kathmandu', 'Asia/Katmandu'].map((timeZone): [object, object] => [
    { every: 'year', timeZone: timeZone.toLowerCase() },
    { every: 'year', timeZone, startAt: '00:00' },
  ]),
  [
    { every: 'year', timeZone: 'Etc/GMT+5' },
    { every: 'year', timeZone: 'Etc/GMT+5', startAt: '00:00' },
  ],
  [{ every: 'manual' }, { every: 'manual' }],
  [
    { every: { hours: 72, from: '2026-11-28T04:00:00Z' } },
    { every: { hours: 72, from: Date.parse('2026-11-28T04:00:00Z') } },
  ],
  [
    { every: { cron: ' 0  4 * JAN-mar MON,Fri ' } },
    { every: { cron: '0 4 * jan-mar mon,fri' }, timeZone: 'UTC' },
  ],
]

test.each(GIVEN)('checkCalendar() fills in %j', (given, checked) => {
  const calendar = checkCalendar(given)
  expect(calendar).toStrictEqual(checked)
  expect(JSON.parse(JSON.stringify(calendar))).toStrictEqual(checked)
  expect(checkCalendar(calendar)).toStrictEqual(checked)
})

const hours = { hours: 3, from: 0 }
const FIVE = 'it must have five fields: minute, hour, day of the month, month, day of the week'

const REFUSED: [given: unknown, message: string][] = [
  [null, 'Cannot use null as a calendar: it must be an object with every, timeZone, startAt'],
  [{}, 'Cannot use undefined as every: it must be day, week, month, year, manual, { hours, from }'],
  [{ every: 7 }, 'Cannot use 7 as every: it must be day'],
  [{ every: 'daily' }, 'Cannot use "daily" as every: did you mean "day"? it must be day'],
  [{ every: '@yearly' }, 'did you mean "year"?'],
  [{ every: 'weak' }, 'did you mean "week"?'],
  [
    { every: 'day', timezone: 'UTC' },
    'Cannot use "timezone" in a calendar: did you mean "timeZone"',
  ],
  [{ every: {} }, 'Cannot use every without hours or cron: give { hours, from } or { cron }'],
  [{ every: { hours: 3 } }, 'Cannot use every without from: give the instant'],
  [
    { every: { hours: 0, from: 0 } },
    'Cannot use 0 as hours: it must be a whole number, 1 to 87600',
  ],
  [{ every: { hours: 1.5, from: 0 } }, 'Cannot use 1.5 as hours'],
  [{ every: { hours: 1, from: -1 } }, 'Cannot use -1 as from: it lies before 1970'],
  [{ every: { hours: 1, from: 0.5 } }, 'Cannot use 0.5 as from: it must be a whole millisecond'],
  [{ every: { hours: 1, from: 1_700_000_000 } }, 'as from: it looks like seconds'],
  [{ every: { hours: 1, from: '2020-02-30' } }, 'as from: the calendar has no such day'],
  [{ every: { hours: 1, form: 0 } }, 'Cannot use "form" in every: did you mean "from"?'],
  [{ every: { hours: 1, from: 0, cron: '0 4 * * *' } }, 'Cannot use "hours" in every'],
  [{ every: { cron: 4 } }, 'Cannot use 4 as cron: it must be a string like "0 4 * * 1"'],
  [{ every: { cron: '' } }, `Cannot use "" as cron: ${FIVE}`],
  [{ every: { cron: '0 4 * *' } }, FIVE],
  [{ every: { cron: '0 0 4 * * 1' } }, FIVE],
  [{ every: { cron: '@daily' } }, FIVE],
  [{ every: { cron: '60 * * * *' } }, '"60" is not a valid minute; it must be 0 to 59, alone'],
  [{ every: { cron: '0 24 * * *' } }, '"24" is not a valid hour; it must be 0 to 23'],
  [{ every: { cron: '0 0 0 * *' } }, '"0" is not a valid day of the month; it must be 1 to 31'],
  [
    { every: { cron: '0 0 * 13 *' } },
    '"13" is not a valid month; it must be 1 to 12 or jan to dec',
  ],
  [
    { every: { cron: '0 0 * * 8' } },
    '"8" is not a valid day of the week; it must be 0 to 7 or sun to sat',
  ],
  [{ every: { cron: '0 0 * * monday' } }, '"monday" is not a valid day of the week'],
  [{ every: { cron: '0 22-2 * * *' } }, '"22-2" is not a valid hour'],
  [{ every: { cron: '5/15 * * * *' } }, '"5/15" is not a valid minute'],
  [{ every: { cron: '*/0 * * * *' } }, '"*/0" is not a valid minute'],
  [{ every: { cron: '*/60 * * * *' } }, '"*/60" is not a valid minute'],
  [{ every: { cron: '1,,2 * * * *' } }, '"" is not a valid minute'],
  [{ every: { cron: '0 0 L * *' } }, '"l" is not a valid day of the month'],
  [{ every: { cron: '0 0 * * 5#2' } }, '"5#2" is not a valid day of the week'],
  [{ every: { cron: '0 0 ? * *' } }, '"?" is not a valid day of the month'],
  [{ every: { cron: '0 0 30 2 *' } }, 'it never fires: no month has such a day'],
  [{ every: { cron: '0 0 31 4,6,9,11 *' } }, 'it never fires'],
  [{ every: { cron: '0 0 29 2 */7' } }, 'it fires too rarely, not once after'],
  [{ every: 'day', startAt: '24:00' }, 'Cannot use "24:00" as startAt: it must be a time of day'],
  [{ every: 'day', startAt: '4:00' }, 'Cannot use "4:00" as startAt'],
  [{ every: 'day', startAt: 4 }, 'Cannot use 4 as startAt: it must be a string like "04:00"'],
  [{ every: 'week', weekday: 'Monday' }, 'Cannot use "Monday" as weekday: did you mean "monday"? '],
  [{ every: 'week', weekday: 'mon' }, 'Cannot use "mon" as weekday: did you mean "monday"? '],
  [
    { every: 'week', weekday: 'x'.repeat(50) },
    `Cannot use "${'x'.repeat(40)}…" as weekday: it must`,
  ],
  [{ every: { hours: 1, from: 'x' } }, 'Cannot use "x" as from: write milliseconds since 1970'],
  [{ every: 'month', day: 29 }, 'Cannot use 29 as day: it must be a whole number, 1 to 28'],
  [{ every: 'month', day: 0 }, 'Cannot use 0 as day'],
  [
    { every: 'day', weekday: 'monday' },
    'Cannot use weekday with every day: it goes with week; leave',
  ],
  [{ every: 'week', day: 1 }, 'Cannot use day with every week: it goes with month'],
  [{ every: 'year', day: 1 }, 'Cannot use day with every year'],
  [
    { every: 'manual', startAt: '04:00' },
    'Cannot use startAt with every manual: it goes with day, week, month or year; leave it out',
  ],
  [{ every: 'manual', timeZone: 'UTC' }, 'Cannot use timeZone with every manual'],
  [
    { every: hours, timeZone: 'UTC' },
    'Cannot use timeZone with every hours: it goes with day, week',
  ],
  [{ every: hours, startAt: '04:00' }, 'Cannot use startAt with every hours'],
  [{ every: { cron: '0 4 * * *' }, startAt: '04:00' }, 'Cannot use startAt with every cron'],
  [
    { every: 'day', timeZone: 'Europe/Berln' },
    'did you mean "Europe/Berlin"? it must be an IANA time zone',
  ],
  [{ every: 'day', timeZone: 'berlin' }, 'did you mean "Europe/Berlin"?'],
  [{ every: 'day', timeZone: 'new york' }, 'did you mean "America/New_York"?'],
  [{ every: 'day', timeZone: '+02:00' }, 'as timeZone: an offset is not a time zone; give a name'],
  [{ every: 'day', timeZone: '' }, 'Cannot use "" as timeZone: it must be an IANA time zone'],
  [{ every: 'day', timeZone: 2 }, 'Cannot use 2 as timeZone: it must be a string'],
]

test.each(REFUSED)('checkCalendar() refuses %j', (given, message) => {
  expect(() => checkCalendar(given as object)).toThrow(message)
})
