import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atOf, checkAtUnit, microsOfAt, parseAt, writtenAt } from '../../src/calls/times.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import type { AtUnit } from '../../src/words/index.ts'

const DAY = Date.UTC(2023, 10, 5)

// [text, unit, milliseconds]
const GOOD: [string, AtUnit | undefined, number][] = [
  ['5', undefined, 5],
  ['1000', undefined, 1000],
  ['999999999', undefined, 999_999_999],
  ['4503599628', undefined, 4_503_599_628],
  ['1760000000000.5', undefined, 1_760_000_000_000.5],
  [' 1760000000000 ', undefined, 1_760_000_000_000],
  ['1.76e12', undefined, 1_760_000_000_000],
  ['1594679211', 's', 1_594_679_211_000],
  ['1594679211.123456', 's', 1_594_679_211_123.456],
  ['1594679211', 'ms', 1_594_679_211],
  ['20231105', 'ms', 20_231_105],
  ['2023', 'ms', 2023],
  ['2200', undefined, 2200],
  ['2023-11-05T18:30:00+14:00', undefined, DAY + 66_600_000 - 50_400_000],
  ['1760000000000001', 'us', 1_760_000_000_000.001],
  ['2023-11-05', undefined, DAY],
  ['2023-11-05', 's', DAY],
  ['2024-02-29', undefined, Date.UTC(2024, 1, 29)],
  ['2023-11-05T18:30', undefined, DAY + 66_600_000],
  ['2023-11-05 18:30:01', undefined, DAY + 66_601_000],
  ['2023-11-05t18:30:01.5z', undefined, DAY + 66_601_500],
  ['2023-11-05 18:30:01,5 Z', undefined, DAY + 66_601_500],
  ['2023-11-05T18:30:01.123456789Z', undefined, DAY + 66_601_123.457],
  ['2023-11-05T18:30:00+05:30', undefined, DAY + 66_600_000 - 19_800_000],
  ['2023-11-05T18:30:00-0130', undefined, DAY + 66_600_000 + 5_400_000],
  ['2023-11-05T18:30:00+02', undefined, DAY + 66_600_000 - 7_200_000],
]

test.each(GOOD)('parseAt() reads %s of unit %s', (text, unit, ms) => {
  expect(parseAt(text, unit)).toBe(ms)
})

// Found in the field: 2023-02-29 became 1 March, and seconds a day of January 1970.
const BAD: [string, AtUnit | undefined, RegExp][] = [
  ['2023-02-29', undefined, /"?2023-02-29"? as at: the calendar has no such day/],
  ['2023-02-30T10:00:00Z', undefined, /no such day/],
  ['2023-13-01', undefined, /no such day/],
  ['2023-00-10', undefined, /no such day/],
  ['2023-04-31', undefined, /no such day/],
  ['1900-02-29', undefined, /no such day/],
  ['2023-04-30T24:00:00', undefined, /no such time/],
  ['2023-04-30T23:60', undefined, /no such time/],
  ['2023-04-30T23:59:60Z', undefined, /no such time/],
  ['2023-04-30T10:00:00+24:00', undefined, /no offset \+24:00/],
  ['1594679211', undefined, /looks like seconds; .*\(atUnit: "s"\)/],
  ['1594679211.25', undefined, /looks like seconds/],
  ['1000000000', undefined, /looks like seconds/],
  ['4102444800', undefined, /looks like seconds/],
  ['1760000000000000', undefined, /looks like microseconds; .*\(atUnit: "us"\)/],
  ['1760000000000000000', undefined, /looks like nanoseconds/],
  ['20231105', undefined, /looks like a date; write 2023-11-05/],
  ['20231105183000', undefined, /looks like a date/],
  ['5000000000000', undefined, /after 2112/],
  // Found by trying: units that were said for numbers in milliseconds, years, offsets of no place.
  ['1760000000000', 's', /looks like milliseconds, not s; leave atUnit/],
  ['1760000000000', 'us', /looks like milliseconds, not us/],
  // A spreadsheet makes 1795900346314 1.7959E+12: who was first is gone.
  ['1.7959E+12', undefined, /a spreadsheet has rounded it/],
  ['5000000000000', 's', /after 2112/],
  ['2023', undefined, /looks like a year; write 2023-01-01/],
  ['2023-04-30T10:00:00-15:30', undefined, /no offset -15:30; they go from -12:00 to \+14:00/],
  ['2023-04-30T10:00:00+14:30', undefined, /no offset/],
  ['-1', undefined, /before 1970/],
  ['1969-12-31', undefined, /before 1970/],
  ['05/11/2023', undefined, /write milliseconds since 1970, or ISO 8601/],
  ['2023-11-5', undefined, /ISO 8601/],
  ['', undefined, /ISO 8601/],
  ['NaN', undefined, /ISO 8601/],
  ['0x10', undefined, /ISO 8601/],
]

test.each(BAD)('parseAt() refuses %j of unit %s', (text, unit, message) => {
  expect(() => parseAt(text, unit)).toThrow(message)
  expect(() => parseAt(text, unit)).toThrow(RangeError)
})

test('atOf() takes numbers, of milliseconds if no unit is given', () => {
  expect(atOf(5)).toBe(5)
  expect(Object.is(atOf(-0), 0)).toBe(true)
  expect(atOf(1_594_679_211, 's')).toBe(1_594_679_211_000)
  expect(atOf(1_594_679_211, 'ms')).toBe(1_594_679_211)
  expect(() => atOf(1_594_679_211)).toThrow(/looks like seconds/)
  expect(() => atOf(new Date(5))).toThrow(/getTime/)
  expect(() => atOf('2023-11-05')).toThrow(TypeError)
  for (const at of [Number.NaN, Infinity, -1, 1e20]) expect(() => atOf(at)).toThrow(RangeError)
  expect(() => checkAtUnit('sec')).toThrow(/s, ms, us/)
})

test('writtenAt() writes what parseAt() reads without a unit', () => {
  const micros = fc.oneof(
    fc.integer({ min: 0, max: AT_MICROS_MAX }),
    fc.integer({ min: 1e12, max: 5e12 }),
    fc.integer({ min: 19_000_000_000, max: 21_500_000_000 }),
  )
  fc.assert(
    fc.property(micros, (at) => {
      expect(microsOfAt(parseAt(`${writtenAt(at / 1000)}`))).toBe(at)
    }),
  )
})
