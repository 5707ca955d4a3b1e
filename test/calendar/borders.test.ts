import { expect, test } from 'vitest'
import { seasonAfter, seasonOf, seasonOfId } from '../../src/calendar/seasons.ts'
import { checkCalendar } from '../../src/calls/calendars.ts'
import type { Calendar, Season } from '../../src/words/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { type Border, WallScan, weekText } from './wall-scan.ts'

// Rules of zones are those of this Node, for the model too: no table here goes wrong with a new law.
const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'Africa/Cairo'],
  ...['Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'],
]

const MINUTE = 60_000
const DAY = 86_400_000
const IS_WHOLE = process.env['TORTURE'] !== undefined
const YEARS = Array.from({ length: 16 }, (_, i) => 2020 + i)
// All times and offsets here are whole quarters of an hour.
const STEP = IS_WHOLE ? MINUTE : 15 * MINUTE

interface Case {
  given: Calendar
  borders: (scan: WallScan) => Border[]
}

const date = (day: number): Date => new Date(day * DAY)
const dateText = (day: number): string => date(day).toISOString().slice(0, 10)

function days(startAt: string, startMs: number): Case {
  const rule = { startMs, startsOn: () => true, idOf: dateText, mustBeShown: true }
  return { given: { every: 'day', startAt }, borders: (scan) => scan.periods(rule) }
}

function weeks(weekday: 'monday' | 'friday' | 'sunday', number: number): Case {
  return {
    given: { every: 'week', weekday, startAt: '02:15' },
    borders: (scan) =>
      scan.periods({
        ...{ startMs: 135 * MINUTE, mustBeShown: false },
        startsOn: (day) => date(day).getUTCDay() === number,
        idOf: (day) => weekText(day + 3),
      }),
  }
}

function months(first: number): Case {
  return {
    given: { every: 'month', day: first },
    borders: (scan) =>
      scan.periods({
        ...{ startMs: 0, mustBeShown: false },
        startsOn: (day) => date(day).getUTCDate() === first,
        idOf: (day) => dateText(day).slice(0, 7),
      }),
  }
}

const YEAR: Case = {
  given: { every: 'year' },
  borders: (scan) =>
    scan.periods({
      ...{ startMs: 0, mustBeShown: false },
      startsOn: (day) => dateText(day).endsWith('-01-01'),
      idOf: (day) => dateText(day).slice(0, 4),
    }),
}

function cron(text: string, accepts: (wall: Date) => boolean): Case {
  return { given: { every: { cron: text } }, borders: (scan) => scan.times(accepts) }
}

const CASES: Case[] = [
  ...[days('00:00', 0), days('02:30', 150 * MINUTE), days('23:45', 1425 * MINUTE)],
  ...[weeks('monday', 1), weeks('friday', 5), weeks('sunday', 0)],
  ...[months(1), months(28), YEAR],
  cron('30 2 * * *', (wall) => wall.getUTCHours() === 2 && wall.getUTCMinutes() === 30),
  cron(
    '15,45 0-3,23 * * sat-sun',
    (wall) =>
      [15, 45].includes(wall.getUTCMinutes()) &&
      [0, 1, 2, 3, 23].includes(wall.getUTCHours()) &&
      [0, 6].includes(wall.getUTCDay()),
  ),
]

/** Returns the seasons around a border as the calendar answers them from all sides, for one comparison. */
function lookAt(calendar: Calendar, { at, id }: Border): unknown[] {
  const before = seasonOf(calendar, at * 1000 - 1) as Season
  const season = seasonOf(calendar, at * 1000)
  const after = seasonOf(calendar, at * 1000 + 1)
  const next = seasonAfter(calendar, before)
  return [
    before.toMicros,
    next,
    season,
    after,
    ...within(calendar, season),
    seasonOfId(calendar, id),
  ]
}

/** Returns the seasons at times far from a border: the clock may show what it showed before. Each is looked up afresh. */
function within(calendar: Calendar, season: Season | undefined): unknown[] {
  const { fromMicros, toMicros } = season as Season
  return [0.3, 0.6, 0.9].map((part) => {
    const at = fromMicros + Math.floor((toMicros - fromMicros) * part)
    return seasonOf({ ...calendar }, at)
  })
}

function compare(timeZone: string, span: { from: number; to: number; step: number }): void {
  const scan = new WallScan(timeZone, span)
  for (const { given, borders } of CASES) {
    const calendar = checkCalendar({ ...given, timeZone })
    const found = borders(scan)
    const starts = found.map(({ at }) => at * 1000)
    const seasons = found.map(({ id }, i) => {
      // The scan ends before the last one does.
      const toMicros = starts[i + 1] ?? seasonOfId(calendar, id)?.toMicros
      return { id, fromMicros: starts[i], toMicros }
    })
    const answers = found.map((border) => lookAt(calendar, border))
    expect(answers).toEqual(seasons.map((one) => [one.fromMicros, ...Array(7).fill(one)]))
  }
}

const random = new Random(runSeed('borders'))

// Six weeks of a year for each zone in npm test, all of all years in npm run torture.
test.each(ZONES)(
  'every border in %s is where the wall clock gets there',
  (timeZone) => {
    for (const year of IS_WHOLE ? YEARS : [random.pick(YEARS)]) {
      const start = Date.UTC(year, 0, 1) - 9 * DAY
      const from = IS_WHOLE ? start : start + random.below(300) * DAY
      const to = IS_WHOLE ? Date.UTC(year + 1, 0, 10) : from + 42 * DAY
      compare(timeZone, { from, to, step: STEP })
    }
  },
  600_000,
)

const CHANGES: [timeZone: string, around: string][] = [
  // Dates that are not there.
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Kwajalein', '1993-08-21'],
  ['Pacific/Kiritimati', '1994-12-31'],
  // Midnights that are not there, or there twice.
  ['America/Havana', '2020-03-08'],
  ['America/Havana', '2020-11-01'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['America/Goose_Bay', '2010-11-07'],
  // Half hours, and two or three hours at once.
  ['America/Caracas', '2007-12-09'],
  ['Asia/Pyongyang', '2018-05-04'],
  ['Antarctica/Casey', '2020-03-08'],
  ['Antarctica/Troll', '2021-03-28'],
]

// A clock that is set at 00:01 needs steps of a minute.
test.each(CHANGES)('every border in %s around %s is one of the wall clock', (timeZone, around) => {
  const middle = Date.parse(around)
  compare(timeZone, { from: middle - 3 * DAY, to: middle + 4 * DAY, step: MINUTE })
})
