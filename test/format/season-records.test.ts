/**
 * Records of windows, seasons and finals: what was stored comes back, keys sort as they must, and nothing
 * damaged is believed. FORMAT.md has their bytes.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { CHECKSUM_BYTES, seal } from '../../src/format/checksum.ts'
import { readInstant, writeInstant } from '../../src/format/instant.ts'
import {
  decodeSeason,
  encodeSeason,
  hasBoard,
  type SeasonRecord,
  seasonKey,
  seasonPlaceOf,
  seasonsOfBoard,
  seasonsOfWindow,
} from '../../src/format/meta/season.ts'
import {
  encodeSeasonDue,
  isSeasonDue,
  seasonDueKey,
  seasonDueOf,
  seasonDuesUntil,
} from '../../src/format/meta/season-due.ts'
import {
  decodeWindow,
  encodeWindow,
  type WindowRecord,
  windowKey,
  windowPlaceOf,
  windowsOfBoard,
} from '../../src/format/meta/window.ts'
import {
  decodeFinal,
  encodeFinal,
  type FinalRecord,
  finalKey,
  finalPlaceOf,
  finalsOfBoard,
  finalsOfPlayer,
  finalsOfWindow,
} from '../../src/format/people/final.ts'
import { printPair } from '../../src/format/print.ts'
import { decodeRequest, encodeRequest, requestKey } from '../../src/format/request-record.ts'
import { decodeRunWindows, encodeRunWindows, type RunWindow } from '../../src/format/run-windows.ts'
import { plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import { decodeWindowAnswers, encodeWindowAnswers } from '../../src/format/window-answers.ts'
import { USUAL_WINDOW } from '../../src/format/window-settings.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import type { Score, SubmitAnswer, WindowAnswer, WindowSpec } from '../../src/words/index.ts'
import { damages, flips, hex } from './bytes.ts'

const NOVEMBER = Date.UTC(2026, 10, 1) * 1000
const DECEMBER = Date.UTC(2026, 11, 1) * 1000
const LATER = new Map([[99, Buffer.from('later')]])

const MONTH: WindowSpec = {
  ...USUAL_WINDOW,
  name: 'month',
  calendar: { every: 'month', timeZone: 'UTC', startAt: '00:00', day: 1 },
}

const WINDOW: WindowRecord = {
  spec: MONTH,
  ...{ sinceMicros: NOVEMBER, sinceSeq: 0, retiredBeforeMicros: undefined, isGone: false },
  others: NO_FIELDS,
}

const WINDOWS: [string, WindowRecord][] = [
  ['window of usual settings', WINDOW],
  [
    'window of all settings',
    {
      ...WINDOW,
      spec: {
        name: 'sprint-2',
        calendar: { every: { cron: '0 4 * * 1' }, timeZone: 'Asia/Kathmandu' },
        ...{ mode: 'best', value: 'score', graceMs: 0, retain: 0, finals: true, keep: 10 },
      },
      ...{ sinceSeq: 2 ** 47, retiredBeforeMicros: -1, isGone: true, filledFromSeq: 3 },
      pastGraces: [
        { graceMs: 600_000, untilMicros: -1 },
        { graceMs: 2 ** 52, untilMicros: DECEMBER },
      ],
      others: LATER,
    },
  ],
  [
    'window of hours and gains',
    {
      ...WINDOW,
      spec: {
        ...USUAL_WINDOW,
        ...{ name: 'h', value: 'gain', calendar: { every: { hours: 3, from: 1_700_000_000_000 } } },
      },
    },
  ],
]

const SEASON: SeasonRecord = {
  ...{ seasonBoardId: 7, endMicros: DECEMBER, state: 'open', id: '2026-11', isImported: false },
  others: NO_FIELDS,
}

const SEASONS: [string, SeasonRecord][] = [
  ['season', SEASON],
  ['season without entries and end', { ...SEASON, seasonBoardId: 0, endMicros: undefined }],
  ['season to come, of a later release', { ...SEASON, state: 'coming', others: LATER }],
  ['season of an import', { ...SEASON, state: 'sealed', id: 'é'.repeat(32), isImported: true }],
  ['season that ends before 1970', { ...SEASON, state: 'closed', endMicros: -1 }],
]

const FINAL: FinalRecord = {
  ...{ endMicros: DECEMBER, head: hex('3f688fffffffffff 000660be0ac50240') },
  ...{ ordinal: 3, competition: 2, dense: 1, size: 300_000, season: '2026-11', others: NO_FIELDS },
}

const FINALS: [string, FinalRecord][] = [
  ['final', FINAL],
  ['final of several columns, of a later release', { ...FINAL, head: Buffer.alloc(40, 1) }],
  ['final with fields of a later release', { ...FINAL, others: LATER }],
]

test.each(WINDOWS)('a %s comes back as it was', (_name, window) => {
  const key = windowKey({ boardId: 1, windowId: 2 })
  const value = encodeWindow(key, window)
  expect(decodeWindow(key, value)).toEqual(window)
  for (const [where, copy] of damages(value)) expect(decodeWindow(key, copy), where).toBeUndefined()
  for (const [where, copy] of flips(key)) expect(decodeWindow(copy, value), where).toBeUndefined()
})

test.each(SEASONS)('a %s comes back as it was', (_name, season) => {
  const key = seasonKey({ boardId: 1, windowId: 2, startMicros: NOVEMBER })
  const value = encodeSeason(key, season)
  expect(decodeSeason(key, value)).toEqual(season)
  expect(hasBoard(season)).toBe(season.seasonBoardId > 0)
  for (const [where, copy] of damages(value)) expect(decodeSeason(key, copy), where).toBeUndefined()
  for (const [where, copy] of flips(key)) expect(decodeSeason(copy, value), where).toBeUndefined()
})

test.each(FINALS)('a %s comes back as it was', (_name, final) => {
  const key = finalKey({ boardId: 1, windowId: 2, playerId: 'ada', startMicros: NOVEMBER })
  const value = encodeFinal(key, final)
  const { length } = final.head
  expect(decodeFinal(key, value, length)).toEqual({ ...final, head: Buffer.from(final.head) })
  for (const [where, copy] of damages(value))
    expect(decodeFinal(key, copy, length), where).toBeUndefined()
})

describe('under a right checksum', () => {
  const window = windowKey({ boardId: 1, windowId: 2 })
  const season = seasonKey({ boardId: 1, windowId: 2, startMicros: NOVEMBER })
  const final = finalKey({ boardId: 1, windowId: 2, playerId: 'ada', startMicros: NOVEMBER })
  const settings = (json: string): string =>
    `00000000 ${'00'.repeat(24)} 01 ${Buffer.of(json.length).toString('hex')} ${Buffer.from(json).toString('hex')}`
  const head = `${'00'.repeat(8)} ${'00'.repeat(16)}`

  test.each([
    ['no settings', `00000000 ${'00'.repeat(24)} 02 00`],
    ['settings that are no JSON', settings('{"name":')],
    ['settings that are no object', settings('null')],
    ['no name', settings('{"every":"day"}')],
    ['no every', settings('{"name":"a"}')],
    ['an every that no release has', settings('{"name":"a","every":"moon"}')],
    ['an every of both kinds', settings('{"name":"a","every":{"hours":1,"from":0,"cron":"x"}}')],
    ['a mark with bytes', `${settings('{"name":"a","every":"day"}')} 02 01 00`],
    [
      'a past grace that is cut',
      `${settings('{"name":"a","every":"day"}')} 04 08 ${'80'.repeat(8)}`,
    ],
    ['a tail that is cut', `${settings('{"name":"a","every":"day"}')} 02`],
  ])('decodeWindow() refuses %s', (_name, digits) => {
    expect(decodeWindow(window, seal(window, hex(digits)))).toBeUndefined()
  })

  test.each([
    ['a state of none', `00000000 00000001 ${'00'.repeat(8)} 04 01 01 61`],
    ['no id', `00000000 00000001 ${'00'.repeat(8)} 01 02 00`],
    ['an empty id', `00000000 00000001 ${'00'.repeat(8)} 01 01 00`],
    ['a mark with bytes', `00000000 00000001 ${'00'.repeat(8)} 01 01 01 61 02 01 00`],
    ['no tail', `00000000 00000001 ${'00'.repeat(8)} 01 01`],
  ])('decodeSeason() refuses %s', (_name, digits) => {
    expect(decodeSeason(season, seal(season, hex(digits)))).toBeUndefined()
  })

  test.each([
    ['ranks that are cut', `00000000 ${head} 01 01`],
    ['no season', `00000000 ${head} 01 01 01 01`],
    ['a season without id', `00000000 ${head} 01 01 01 01 01 00`],
    ['a rank that is no number', `00000000 ${head} ff 01 01 01 01 01 61`],
  ])('decodeFinal() refuses %s', (_name, digits) => {
    expect(decodeFinal(final, seal(final, hex(digits)), 16)).toBeUndefined()
  })
})

test('keys are read as they were made, and other keys are not', () => {
  const place = { boardId: 2 ** 32 - 1, windowId: 2 ** 16 - 1, startMicros: -3_600_000_000 }
  const { boardId, windowId } = place
  expect(windowPlaceOf(windowKey(place))).toEqual({ boardId, windowId })
  expect(seasonPlaceOf(seasonKey(place))).toEqual(place)
  const due = { ...place, dueMicros: AT_MICROS_MAX, kind: 'retire' } as const
  expect(seasonDueOf(seasonDueKey(due))).toEqual(due)
  for (const playerId of ['a', 'é'.repeat(256), '\u0000'])
    expect(finalPlaceOf(finalKey({ ...place, playerId }))).toEqual({ ...place, playerId })
  for (const digits of ['', '06', '06 00000001 00', '06 00000001 0001 00', '08 00000001 0001'])
    for (const read of [windowPlaceOf, seasonPlaceOf, seasonDueOf, finalPlaceOf])
      expect(read(hex(digits)), digits).toBeUndefined()
  const unknown = seasonDueKey(due)
  for (const kind of [0, 5]) {
    unknown[unknown.length - 1] = kind
    expect(seasonDueOf(unknown)).toBeUndefined()
  }
  const short = finalKey({ ...place, playerId: 'ada' })
  expect(finalPlaceOf(short.subarray(0, -1))).toBeUndefined()
  expect(finalPlaceOf(Buffer.concat([short, Buffer.of(0)]))).toBeUndefined()
})

test('what is due has a checksum and nothing else', () => {
  const key = seasonDueKey({
    ...{ dueMicros: DECEMBER, boardId: 1, windowId: 2, startMicros: NOVEMBER, kind: 'close' },
  })
  const value = encodeSeasonDue(key)
  expect(value).toHaveLength(CHECKSUM_BYTES)
  expect(isSeasonDue(key, value)).toBe(true)
  for (const [where, copy] of damages(value)) expect(isSeasonDue(key, copy), where).toBe(false)
  for (const [where, copy] of flips(key)) expect(isSeasonDue(copy, value), where).toBe(false)
})

// The day of 1970-01-01 begins in 1969 in Berlin: eight bytes without a sign had put it behind all others.
test('instants sort by time, on both sides of 1970', () => {
  const instants = [-(2 ** 50), -3_600_000_000, -1, 0, 1, 2 ** 32 - 1, 2 ** 32, NOVEMBER, 2 ** 53]
  const written = instants.map((micros) => {
    const bytes = Buffer.alloc(8)
    expect(writeInstant(bytes, micros, 0)).toBe(8)
    expect(readInstant(bytes, 0)).toBe(micros)
    return bytes
  })
  expect([...written].sort(Buffer.compare)).toEqual(written)
})

test('ranges hold what they say, and no neighbour', () => {
  const within = (key: Buffer, { start, end }: { start: Buffer; end: Buffer }): boolean =>
    Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0
  const starts = [-(2 ** 50), 0, 2 ** 53 - 4]
  for (const startMicros of starts) {
    for (const windowId of [1, 2, 3, 2 ** 16 - 1])
      for (const boardId of [4, 5, 6]) {
        const place = { boardId, windowId, startMicros }
        const isWindow = boardId === 5 && windowId === 2
        expect(within(windowKey(place), windowsOfBoard(5))).toBe(boardId === 5)
        expect(within(seasonKey(place), seasonsOfWindow({ boardId: 5, windowId: 2 }))).toBe(
          isWindow,
        )
        expect(within(seasonKey(place), seasonsOfBoard(5))).toBe(boardId === 5)
        for (const playerId of ['ada', 'ad', 'adam', 'z'.repeat(512)]) {
          const key = finalKey({ ...place, playerId })
          const ofAda = finalsOfPlayer({ boardId: 5, windowId: 2, playerId: 'ada' })
          expect(within(key, ofAda)).toBe(isWindow && playerId === 'ada')
          expect(within(key, finalsOfWindow({ boardId: 5, windowId: 2 }))).toBe(isWindow)
          expect(within(key, finalsOfBoard(5))).toBe(boardId === 5)
        }
      }
    const due = { boardId: 9, windowId: 9, startMicros: 0, kind: 'seal' } as const
    for (const late of [-1, 0, 1]) {
      const key = seasonDueKey({ ...due, dueMicros: startMicros + late })
      expect(within(key, seasonDuesUntil(startMicros))).toBe(startMicros + late <= startMicros)
    }
  }
  const newest = [2, 1].map((startMicros) =>
    finalKey({ boardId: 1, windowId: 1, playerId: 'ada', startMicros }),
  )
  expect([...newest].sort(Buffer.compare)).toEqual(newest)
})

const HEAD = hex('3f70bfffffffffff 000660be0ac50240')
const RUN_WINDOWS: RunWindow[] = [
  {
    ...{
      window: 'month',
      season: '2026-11',
      before: HEAD,
      ranks: { rank: 70_000, previousRank: 9 },
    },
    ...{ isChanged: true, isSealed: false, hasNoPlace: false, goesOn: false },
  },
  {
    ...{ window: 'a', season: 'é'.repeat(32), before: undefined, ranks: undefined },
    ...{ isChanged: false, isSealed: true, hasNoPlace: false, goesOn: false },
  },
  {
    ...{
      window: 'x'.repeat(32),
      season: '1',
      before: undefined,
      ranks: { rank: 0, previousRank: 0 },
    },
    ...{ isChanged: false, isSealed: false, hasNoPlace: true, goesOn: true },
  },
]

test('what a run did in seasons comes back as it was, and not if it is cut', () => {
  for (let size = 1; size <= RUN_WINDOWS.length; size++) {
    const windows = RUN_WINDOWS.slice(0, size)
    const bytes = encodeRunWindows(windows, 8)
    expect(decodeRunWindows(bytes, 8)).toEqual(windows)
    const ends = windows.map((_, i) => encodeRunWindows(windows.slice(0, i), 8).length)
    for (let end = 0; end < bytes.length; end++)
      expect(decodeRunWindows(bytes.subarray(0, end), 8) === undefined, `cut to ${end}`).toBe(
        end === 0 || !ends.includes(end),
      )
  }
  const wide = {
    ...(RUN_WINDOWS[0] as RunWindow),
    before: Buffer.concat([Buffer.alloc(24, 3), HEAD.subarray(8)]),
  }
  expect(decodeRunWindows(encodeRunWindows([wide], 24), 24)).toEqual([wide])
  // 64 bytes of UTF-8, of characters of two, three and four.
  const ids = ['é'.repeat(32), `${'冬'.repeat(21)}x`, 'a🏆'.repeat(12)]
  for (const season of ids) {
    const ranks = { rank: 2 ** 32 - 1, previousRank: 67_824 }
    const one = { ...(RUN_WINDOWS[0] as RunWindow), season, ranks }
    expect(decodeRunWindows(encodeRunWindows([one, one], 8), 8)).toEqual([one, one])
  }
})

test.each([
  ['a flag of a later release', '40 01 61 01 62'],
  ['a window without a name', '00 00 01 62'],
  ['a season without an id', '00 01 61 00'],
  ['ranks that are no numbers', '02 01 61 01 62 ff ff'],
])('decodeRunWindows() refuses %s', (_name, digits) => {
  expect(decodeRunWindows(hex(digits), 8)).toBeUndefined()
})

test('printPair() shows what is damaged, and a final whose board is not known', () => {
  const key = finalKey({ boardId: 1, windowId: 2, playerId: 'a\u{1b}', startMicros: 0 })
  const start = 'final of player "a\\u{1b}" in window 2 of board 1 from 1970-01-01T00:00:00.000000Z'
  expect(printPair('people', key, encodeFinal(key, FINAL))).toMatch(`${start} → "2026-11", to`)
  expect(printPair('people', key, encodeFinal(key, FINAL))).toMatch('score ±1500')
  expect(printPair('people', key, hex('00'))).toBe(`${start} → damaged 00`)
  for (const other of [
    windowKey({ boardId: 1, windowId: 2 }),
    seasonKey({ boardId: 1, windowId: 2, startMicros: 0 }),
    seasonDueKey({ dueMicros: 1, boardId: 1, windowId: 2, startMicros: 0, kind: 'hole' }),
  ])
    expect(printPair('meta', other, hex('00'))).toMatch(/ → damaged 00$/)
})

const MONTH_ANSWER = { season: '2026-11', rank: 70_000 }
const ANSWERS: [string, Record<string, WindowAnswer<Score>>][] = [
  ['season and rank', { month: MONTH_ANSWER, 'x-1': { season: 'é'.repeat(32), rank: undefined } }],
  ['a sealed season', { day: { season: '1970-01-01', rank: undefined, sealed: true } }],
  ['a window without a season', { cup: { season: undefined, rank: undefined } }],
  ['no place', { month: { season: '2026-11', rank: undefined, changed: false } }],
  [
    'all',
    {
      month: {
        ...{ ...MONTH_ANSWER, score: -1.5, previousScore: 3, previousRank: 2 },
        ...{ changed: true, created: false },
      },
      week: {
        ...{ season: '2026-W01', rank: 1, score: 7, previousScore: undefined },
        ...{ previousRank: undefined, changed: true, created: true },
      },
    },
  ],
]

test.each(ANSWERS)('the answer of windows with %s comes back as it was', (_name, answers) => {
  const shape = plainShape('ascending')
  const bytes = encodeWindowAnswers(answers, shape)
  expect(decodeWindowAnswers(bytes, shape)).toStrictEqual(answers)
  const whole = Object.keys(answers).map(
    (_, i, names) =>
      encodeWindowAnswers(
        Object.fromEntries(names.slice(0, i).map((name) => [name, answers[name] as WindowAnswer])),
        shape,
      ).length,
  )
  for (let end = 0; end < bytes.length; end++)
    expect(decodeWindowAnswers(bytes.subarray(0, end), shape) === undefined, `cut to ${end}`).toBe(
      end === 0 || !whole.includes(end),
    )
})

test.each([
  ['a flag of a later release', '0400 01 61'],
  ['a window without a name', '0001 00 01 62'],
  ['a season without an id', '0001 01 61 00'],
  ['a score that is none', '0009 01 61 01 62 ffffffffffffffff'],
])('decodeWindowAnswers() refuses %s', (_name, digits) => {
  expect(decodeWindowAnswers(hex(digits), plainShape('ascending'))).toBeUndefined()
})

test('a request keeps who was passed and what was done in seasons', () => {
  const shape = new ScoreShape('int64', [
    { name: 'a', order: 'descending' },
    { name: 'b', order: 'ascending' },
  ])
  const score = { a: 2n ** 62n, b: -1n }
  const [key, others] = [requestKey(1, 'r'), { number: 1, ms: 5, digest: Buffer.alloc(8, 1) }]
  for (const passed of [undefined, { count: 2, entries: [] }]) {
    const answer: SubmitAnswer<Score> = {
      ...{ playerId: 'ann', score, previousScore: undefined, rank: 1, previousRank: undefined },
      ...{ changed: true, created: true, ...(passed && { passed }) },
      windows: { month: { ...MONTH_ANSWER, score, previousScore: score, created: false } },
    }
    const value = encodeRequest(key, { ...others, answer }, shape)
    expect(decodeRequest(key, value, shape)?.answer).toEqual(answer)
    for (const [where, copy] of damages(value))
      expect(decodeRequest(key, copy, shape), where).toBeUndefined()
  }
  const broken = Buffer.concat([...[Buffer.alloc(24), hex('00 01 61'), hex('02 02 0000')]])
  expect(decodeRequest(key, seal(key, broken), shape)).toBeUndefined()
})
