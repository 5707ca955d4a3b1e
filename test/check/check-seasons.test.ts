/**
 * What check() finds in windows, seasons, what is due of them, and finals.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { ownBytes } from '../../src/format/bytes.ts'
import {
  decodeSeason,
  encodeSeason,
  type SeasonRecord,
  seasonKey,
} from '../../src/format/meta/season.ts'
import { encodeSeasonDue, type SeasonDue, seasonDueKey } from '../../src/format/meta/season-due.ts'
import {
  decodeWindow,
  encodeWindow,
  type WindowRecord,
  windowKey,
} from '../../src/format/meta/window.ts'
import { encodeFinal, finalKey } from '../../src/format/people/final.ts'
import type { Table } from '../../src/format/tables.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import { openLeaderboards } from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { changeRaw, flipped } from '../support/raw-store.ts'
import { withDirectory } from '../support/temporary-store.ts'

const day = (date: number): number => Date.UTC(2026, 10, date) * 1000
const DAY_WINDOW = { boardId: 1, windowId: 1 }
const FIRST = { ...DAY_WINDOW, startMicros: day(28) }
const SECOND = { ...DAY_WINDOW, startMicros: day(29) }

/** A store whose day window has a sealed season with two entries, and an open one with one. */
async function makeStore(path: string): Promise<void> {
  let now = day(28) / 1000
  const store = openLeaderboards(path, { clock: () => now })
  const board = store.board('arena', { windows: ['day', { name: 'cup', every: 'manual' }] })
  await board.submit('ada', 5)
  await board.submit('bob', 7)
  now = day(29) / 1000 + 3_600_000
  await board.submit('ada', 6)
  expect((await store.check()).findings).toEqual([])
  await store.close()
}

function stored(writer: Writer<Table>, key: Buffer): Buffer {
  return Buffer.from(ownBytes(writer.get('meta', key) as Buffer))
}

function alterSeason(
  writer: Writer<Table>,
  place: typeof FIRST,
  change: Partial<SeasonRecord>,
): void {
  const key = seasonKey(place)
  const value = stored(writer, key)
  const season = decodeSeason(key, value) as SeasonRecord
  writer.put('meta', key, encodeSeason(key, { ...season, ...change }))
}

function alterWindow(writer: Writer<Table>, windowId: number, change: Partial<WindowRecord>): void {
  const from = windowKey(DAY_WINDOW)
  const window = decodeWindow(from, stored(writer, from))
  const key = windowKey({ boardId: 1, windowId })
  writer.put('meta', key, encodeWindow(key, { ...(window as WindowRecord), ...change }))
}

function putDue(writer: Writer<Table>, due: SeasonDue): void {
  const key = seasonDueKey(due)
  writer.put('meta', key, encodeSeasonDue(key))
}

function putFinal(writer: Writer<Table>, windowId: number, ordinal = 1): void {
  const key = finalKey({ boardId: 1, windowId, playerId: 'ada', startMicros: day(27) })
  const head = Buffer.concat([Buffer.from('3f70bfffffffffff', 'hex'), Buffer.alloc(8)])
  const ranks = { ordinal, competition: 1, dense: 1, size: 2 }
  const final = { endMicros: day(28), head, ...ranks, season: '2026-11-27', others: NO_FIELDS }
  writer.put('people', key, encodeFinal(key, final))
}

const SEASON = 'season of window 1 of board 1 from 2026-11-'
const CLOSE: SeasonDue = { dueMicros: day(30), ...SECOND, kind: 'close' }

/** Findings of the entries of the first season, in which they do not lie any more. */
function outside(): string[] {
  return [
    [7, 'bob', 2],
    [5, 'ada', 1],
  ].map(
    ([score, id, micros]) =>
      `26 season "2026-11-28" of window "day", entry of board 2, score ${score}, 2026-11-28T00:00:00.00000${micros}Z, player "${id}": its time is 179582400000000${micros}, which does not lie in the season`,
  )
}

const BREACHES: [string, (writer: Writer<Table>) => void, string[]][] = [
  [
    'a damaged season',
    (writer) => {
      const key = seasonKey(FIRST)
      writer.put('meta', key, flipped(stored(writer, key), 5))
    },
    [
      `10 ${SEASON}28T00:00:00.000000Z: it is damaged`,
      '5 entries of board 2: no such board is in the catalog',
      '5 players of board 2: no such board is in the catalog',
      '5 ranks of board 2: no such board is in the catalog',
    ],
  ],
  [
    'a damaged window without seasons',
    (writer) => writer.put('meta', windowKey({ boardId: 1, windowId: 2 }), Buffer.from('bad')),
    ['10 window 2 of board 1: it is damaged'],
  ],
  [
    'a window of no board',
    (writer) => {
      const key = windowKey({ boardId: 9, windowId: 1 })
      const from = windowKey({ boardId: 1, windowId: 2 })
      const cup = decodeWindow(from, stored(writer, from))
      writer.put('meta', key, encodeWindow(key, cup as WindowRecord))
    },
    ['22 window 1 of board 9: no such board is in the catalog'],
  ],
  [
    'two windows of one name',
    (writer) => alterWindow(writer, 3, {}),
    ['22 window 3 of board 1: another window has its name "day"'],
  ],
  // Its name is free again as soon as it is taken away.
  ['a window that is going', (writer) => alterWindow(writer, 3, { isGone: true }), []],
  [
    'a season that ends before it begins',
    (writer) => alterSeason(writer, FIRST, { endMicros: day(27) }),
    [...outside(), `23 ${SEASON}28T00:00:00.000000Z: it ends before it begins`],
  ],
  [
    'seasons that overlap',
    (writer) => alterSeason(writer, FIRST, { endMicros: day(29) + 1 }),
    [`23 ${SEASON}29T00:00:00.000000Z: season "2026-11-28" before it has not ended by then`],
  ],
  [
    'a season without end in front of another',
    (writer) => alterSeason(writer, FIRST, { endMicros: undefined }),
    [`23 ${SEASON}29T00:00:00.000000Z: season "2026-11-28" before it has not ended by then`],
  ],
  [
    'two seasons of one id',
    (writer) => alterSeason(writer, SECOND, { id: '2026-11-28' }),
    [`23 ${SEASON}29T00:00:00.000000Z: another season has its id "2026-11-28"`],
  ],
  [
    'a number of nobody',
    (writer) => {
      const key = seasonKey({ boardId: 1, windowId: 2, startMicros: 0 })
      const season = { endMicros: undefined, state: 'open', id: 'a', isImported: false } as const
      writer.put(
        'meta',
        key,
        encodeSeason(key, { ...season, seasonBoardId: 77, others: NO_FIELDS }),
      )
    },
    [
      '4.1 season "a" of window "cup", rank tree, node 0: the root is missing',
      '6 season of window 2 of board 1 from 1970-01-01T00:00:00.000000Z: its board number is 77, numbers 1 to 3 were given',
    ],
  ],
  [
    'the number of another season',
    (writer) => alterSeason(writer, SECOND, { seasonBoardId: 2 }),
    [
      `6 ${SEASON}29T00:00:00.000000Z: its number 2 is that of another: ${SEASON}28T00:00:00.000000Z`,
      '5 entries of board 3: no such board is in the catalog',
      '5 players of board 3: no such board is in the catalog',
      '5 ranks of board 3: no such board is in the catalog',
    ],
  ],
  [
    'an open season that is not due to be closed',
    (writer) => writer.remove('meta', seasonDueKey(CLOSE)),
    [`24 ${SEASON}29T00:00:00.000000Z: it is open, and not due to be closed at its end`],
  ],
  [
    'a closed season that is not due to be sealed',
    (writer) => alterSeason(writer, FIRST, { state: 'closed' }),
    [`24 ${SEASON}28T00:00:00.000000Z: it is closed, and not due to be sealed`],
  ],
  [
    'a damaged due',
    (writer) => writer.put('meta', seasonDueKey(CLOSE), Buffer.from('bad!')),
    [
      `10 due 2026-11-30T00:00:00.000000Z: close ${SEASON}29T00:00:00.000000Z: it is damaged`,
      `24 ${SEASON}29T00:00:00.000000Z: it is open, and not due to be closed at its end`,
    ],
  ],
  [
    'a due of no window',
    (writer) => putDue(writer, { ...FIRST, windowId: 9, kind: 'retire', dueMicros: 0 }),
    [
      '24 due 1970-01-01T00:00:00.000000Z: take away season of window 9 of board 1 from 2026-11-28T00:00:00.000000Z: no such window is stored',
    ],
  ],
  [
    'a due of a season that is over already',
    (writer) => putDue(writer, { ...FIRST, kind: 'close', dueMicros: day(29) }),
    [
      `24 due 2026-11-29T00:00:00.000000Z: close ${SEASON}28T00:00:00.000000Z: no open season ends then`,
    ],
  ],
  [
    'a due of a season that is sealed already',
    (writer) => putDue(writer, { ...FIRST, kind: 'seal', dueMicros: day(29) }),
    [
      `24 due 2026-11-29T00:00:00.000000Z: seal ${SEASON}28T00:00:00.000000Z: no closed season is sealed then`,
    ],
  ],
  [
    'seasons to be told that are there',
    (writer) => putDue(writer, { ...SECOND, kind: 'hole', dueMicros: day(30) }),
    [
      `24 due 2026-11-30T00:00:00.000000Z: make up seasons of window 1 of board 1 from 2026-11-29T00:00:00.000000Z: the season is there already`,
    ],
  ],
  [
    'seasons that passed and nobody told',
    (writer) => {
      alterSeason(writer, FIRST, { endMicros: day(28) + 1 })
      alterWindow(writer, 1, { sinceMicros: day(28) })
    },
    [
      ...outside(),
      `24 ${SEASON}29T00:00:00.000000Z: seasons are missing in front of it, and not due to be told`,
    ],
  ],
  [
    'a season that is going and not due to go',
    (writer) => alterWindow(writer, 1, { retiredBeforeMicros: day(29) }),
    [`24 ${SEASON}28T00:00:00.000000Z: it is going, and not due to be taken away`],
  ],
  [
    'a player of an open season who is not on the board',
    (writer) => {
      for (const table of ['entries', 'players', 'ranks'] as const)
        for (const key of [...writer.keys(table, { start: Buffer.of(1), end: Buffer.of(2) })])
          writer.remove(table, Buffer.from(key))
    },
    [
      '4.1 rank tree, node 0: the root is missing',
      '26 season "2026-11-29" of window "day", entry of board 3, score 6, 2026-11-29T01:00:00.000000Z, player "ada": the player is not on the board',
    ],
  ],
  [
    'a final of a season that is not gone',
    (writer) => putFinal(writer, 1),
    [
      '25 final of player "ada" in window 1 of board 1 from 2026-11-27T00:00:00.000000Z: its season was not taken away',
    ],
  ],
  [
    'a final that is sound',
    (writer) => {
      putFinal(writer, 1)
      alterWindow(writer, 1, { retiredBeforeMicros: day(28) })
    },
    [],
  ],
  [
    'a final of no window',
    (writer) => putFinal(writer, 9),
    [
      '25 final of player "ada" in window 9 of board 1 from 2026-11-27T00:00:00.000000Z: no such window is stored',
    ],
  ],
  [
    'a final that is cut',
    (writer) => {
      const key = finalKey({ ...FIRST, playerId: 'ada' })
      writer.put('people', key, Buffer.alloc(30))
    },
    [
      '10 final of player "ada" in window 1 of board 1 from 2026-11-28T00:00:00.000000Z: it is damaged',
    ],
  ],
  [
    'a key of a kind to come',
    (writer) => writer.put('people', Buffer.from([8, 1]), Buffer.alloc(5)),
    ['10 key 0801: it is damaged'],
  ],
]

test.each(BREACHES)('check() finds %s', (_name, change, expected) =>
  withDirectory(async (path) => {
    await makeStore(path)
    await changeRaw(path, change)
    const store = openLeaderboards(path, { clock: () => day(29) / 1000 + 3_700_000 })
    const { findings, checked } = await store.check()
    expect(
      findings.map(({ invariant, place, problem }) => `${invariant} ${place}: ${problem}`),
    ).toEqual(expected)
    expect(checked.boards).toBe(1)
    await store.close()
  }),
)

test('check() walks the entries of seasons, and says of which', () =>
  withDirectory(async (path) => {
    await makeStore(path)
    await changeRaw(path, (writer) => {
      for (const key of [
        ...writer.keys('entries', { start: Buffer.of(2), end: Buffer.of(3) }),
      ].slice(1))
        writer.remove('entries', Buffer.from(key))
    })
    const store = openLeaderboards(path)
    const { findings } = await store.check()
    expect(
      findings.map(({ invariant, board, place }) => `${invariant} ${board}: ${place}`),
    ).toEqual([
      '2 arena: season "2026-11-28" of window "day", player record of board 2, player "ada"',
      '4.3 arena: season "2026-11-28" of window "day", rank tree, node 0',
      '4.4 arena: season "2026-11-28" of window "day", rank tree, node 0',
    ])
    await store.close()
  }))
