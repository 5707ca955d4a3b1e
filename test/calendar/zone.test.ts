import { expect, test } from 'vitest'
import { Zone, zoneOf } from '../../src/calendar/zone.ts'

const HOUR = 3_600_000

test('zoneOf() says that this Node does not know a zone, and remembers those that it knows', () => {
  expect(() => zoneOf('Europe/Atlantis')).toThrow(
    'Cannot use "Europe/Atlantis" as timeZone: this release of Node does not know it; use a newer one',
  )
  expect(zoneOf('Europe/Berlin')).toBe(zoneOf('Europe/Berlin'))
})

test('offsetAt() knows offsets of seconds, and hours that are shown twice', () => {
  const at = (zone: string, instant: string): number => new Zone(zone).offsetAt(Date.parse(instant))
  // Liberia was 44 minutes and 30 seconds behind until 1972.
  expect(at('Africa/Monrovia', '1971-06-01T00:00:00.999Z')).toBe(-(44 * 60 + 30) * 1000)
  expect(at('Asia/Kathmandu', '2020-01-01T00:00:00Z')).toBe(5.75 * HOUR)
  expect(at('Europe/Berlin', '2021-10-31T00:30:00Z')).toBe(2 * HOUR)
  expect(at('Europe/Berlin', '2021-10-31T01:30:00Z')).toBe(HOUR)
  expect(at('UTC', '2021-10-31T01:30:00Z')).toBe(0)
})

test('answers are the same, whatever was asked before', () => {
  const asked = new Zone('America/New_York')
  for (let year = 1970; year < 2100; year++)
    for (let month = 0; month < 12; month++) {
      asked.firstReach(Date.UTC(year, month, 8, 2, 30))
      asked.reachedBy(Date.UTC(year, month, 8, 6, 30))
    }
  for (const wall of ['2020-03-08T02:30Z', '2020-11-01T01:30Z', '2021-03-14T02:30Z'].map(
    Date.parse,
  )) {
    expect(asked.firstReach(wall)).toBe(new Zone('America/New_York').firstReach(wall))
    const at = wall + 6 * HOUR
    expect(asked.reachedBy(at)).toBe(new Zone('America/New_York').reachedBy(at))
  }
})

// The search for changes rests on it: one change at most lies between two looks.
const ZONES = process.env['TORTURE'] === undefined ? [] : Intl.supportedValuesOf('timeZone')

test.runIf(ZONES.length > 0)(
  'no zone changes its offset twice in two days',
  () => {
    const found: string[] = []
    for (const name of ZONES) {
      const zone = new Zone(name)
      let changed = -Infinity
      let offset = zone.offsetAt(Date.UTC(1969, 0, 1))
      for (let at = Date.UTC(1969, 0, 1); at < Date.UTC(2113, 0, 1); at += 8 * HOUR) {
        const next = zone.offsetAt(at)
        if (next === offset) continue
        if (at - changed <= 48 * HOUR) found.push(`${name} ${new Date(at).toISOString()}`)
        offset = next
        changed = at
      }
    }
    expect(found).toEqual([])
  },
  1_200_000,
)
