import { expect, test } from 'vitest'
import { checkCron, lastFiring, nextFiring } from '../../src/calendar/cron.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'

const MINUTE = 60_000
const ROUNDS = sizeOf('TORTURE_CRONS', { test: 30, torture: 5_000 })

const FIRES: [cron: string, after: string, next: string][] = [
  ['0 4 * * 1', '2020-02-24T03:59Z', '2020-02-24T04:00Z'],
  ['0 4 * * 1', '2020-02-24T04:00Z', '2020-03-02T04:00Z'],
  ['*/20 * * * *', '2020-12-31T23:40Z', '2021-01-01T00:00Z'],
  ['10-30/10 8,20 * * *', '2020-01-01T08:30Z', '2020-01-01T20:10Z'],
  ['0 0 31 * *', '2020-03-31T00:00Z', '2020-05-31T00:00Z'],
  ['0 0 29 feb *', '2096-02-29T00:00Z', '2104-02-29T00:00Z'],
  ['0 0 * * 7', '2020-01-01T00:00Z', '2020-01-05T00:00Z'],
  ['0 0 * * fri-sun', '2020-01-04T00:00Z', '2020-01-05T00:00Z'],
  ['0 0 * * sun-tue', '2020-01-05T00:00Z', '2020-01-06T00:00Z'],
  // Both days are restricted: either is enough. If one begins with a star, both must match.
  ['0 0 13 * 5', '2020-03-06T00:00Z', '2020-03-13T00:00Z'],
  ['0 0 12 * 5', '2020-03-06T00:00Z', '2020-03-12T00:00Z'],
  ['0 0 */12 * 5', '2020-03-06T00:00Z', '2020-03-13T00:00Z'],
]

test.each(FIRES)('nextFiring() of %s after %s is %s', (text, after, next) => {
  const cron = checkCron(text)
  expect(nextFiring(cron, Date.parse(after))).toBe(Date.parse(next))
  expect(lastFiring(cron, Date.parse(next))).toBe(Date.parse(next))
  expect(nextFiring(cron, lastFiring(cron, Date.parse(next) - 1))).toBe(Date.parse(next))
})

interface Part {
  text: string
  accepts: (n: number) => boolean
}

/** Returns a part of a cron and what it means, made from one another. */
function randomPart(random: Random, least: number, most: number): Part {
  const any = (): number => least + random.below(most - least + 1)
  const [a, b] = [any(), any()].sort((x, y) => x - y) as [number, number]
  const step = 1 + random.below(7)
  return random.pick<Part>([
    { text: '*', accepts: () => true },
    { text: `${a}`, accepts: (n) => n === a },
    { text: `${b},${a}`, accepts: (n) => n === a || n === b },
    { text: `${a}-${b}/${step}`, accepts: (n) => a <= n && n <= b && (n - a) % step === 0 },
    { text: `*/${step}`, accepts: (n) => (n - least) % step === 0 },
  ])
}

function randomCron(random: Random): { text: string; accepts: (wall: Date) => boolean } {
  const [minute, hour] = [randomPart(random, 0, 59), randomPart(random, 0, 23)]
  const [day, month] = [randomPart(random, 1, 31), randomPart(random, 1, 12)]
  const weekday = randomPart(random, 0, 6)
  const isEither = !day.text.startsWith('*') && !weekday.text.startsWith('*')
  return {
    text: [minute, hour, day, month, weekday].map(({ text }) => text).join(' '),
    accepts: (wall) => {
      const days = [day.accepts(wall.getUTCDate()), weekday.accepts(wall.getUTCDay())]
      const isDay = isEither ? days.includes(true) : !days.includes(false)
      const isTime = minute.accepts(wall.getUTCMinutes()) && hour.accepts(wall.getUTCHours())
      return isDay && isTime && month.accepts(wall.getUTCMonth() + 1)
    },
  }
}

test('random crons fire at the minutes that their fields accept', () => {
  const random = new Random(runSeed('crons'))
  for (let round = 0; round < ROUNDS; round++) {
    const { text, accepts } = randomCron(random)
    // Some never fire, or too rarely: there the message says so, and nothing can be compared.
    const cron = tryCron(text)
    if (cron === undefined) continue
    const from = Date.UTC(1970 + random.below(140), random.below(12), random.below(31))
    const expected: number[] = []
    for (let at = from + MINUTE; at <= from + 4_000 * MINUTE; at += MINUTE)
      if (accepts(new Date(at))) expected.push(at)
    const found: number[] = []
    const to = from + 4_000 * MINUTE
    for (let at = nextFiring(cron, from); at <= to; at = nextFiring(cron, at)) found.push(at)
    expect(found, text).toEqual(expected)
    const back: number[] = []
    for (let at = lastFiring(cron, to); at > from; at = lastFiring(cron, at - 1)) back.push(at)
    expect(back.reverse(), text).toEqual(expected)
  }
})

function tryCron(text: string): ReturnType<typeof checkCron> | undefined {
  try {
    return checkCron(text)
  } catch (error) {
    expect(String(error)).toMatch(/it never fires|it fires too rarely/)
    return undefined
  }
}
