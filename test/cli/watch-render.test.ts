// What watch shows is a function of what happened: no store, no clock, no terminal.

import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { fitText, padText } from '../../src/cli/text-width.ts'
import { type Paper, render, type Subject } from '../../src/cli/watch/render.ts'
import {
  differenceOf,
  fade,
  nextFade,
  nextState,
  type WatchState,
} from '../../src/cli/watch/state.ts'
import type { Entry, Score, WatchChange, WatchUpdate } from '../../src/index.ts'
import { AT } from './support.ts'

const NOW = 1_000_000
const TOP: Subject = { place: { board: 'arena' }, playerId: undefined }
const ENDLESS: Paper = {
  columns: Number.POSITIVE_INFINITY,
  rows: Number.POSITIVE_INFINITY,
  paint: (text) => text,
}

function entry(rank: number, playerId: string, score: Score, name = playerId): Entry<Score> {
  return { rank, playerId, name, score, at: AT }
}

function change(
  kind: WatchChange['kind'],
  [now, previous]: [Entry<Score> | undefined, Entry<Score> | undefined],
): WatchChange<Score> {
  return { playerId: (now ?? previous)?.playerId ?? '', kind, entry: now, previous }
}

function update(entries: Entry<Score>[], changes: WatchChange<Score>[] = []): WatchUpdate<Score> {
  return { sequence: 1, total: 5, entries, changes }
}

function stateOf(...updates: WatchUpdate<Score>[]): WatchState {
  let state: WatchState | undefined
  for (const one of updates) state = nextState(state, one, NOW)
  if (state === undefined) throw new Error('there is an update')
  return state
}

const ann = entry(1, 'ann', 2100)
const ben = entry(2, 'ben', 2000)
const eve = entry(3, 'eve', 1000)
const dave = entry(3, 'dave', 900, 'Dave')
const MOVED = stateOf(
  update(
    [ann, ben, eve],
    [
      change('score', [ann, entry(2, 'ann', 1800)]),
      change('moved', [ben, entry(1, 'ben', 2000)]),
      change('entered', [eve, undefined]),
      change('left', [undefined, dave]),
    ],
  ),
)

test('a table shows who moved, gained, came and left', () => {
  expect(render(MOVED, TOP, ENDLESS)).toEqual([
    'arena: top 3 of 5',
    'rank  change   player  score  when',
    '   1  ▲1 +300  ann     2,100  2025-03-01T18:30:00.000Z',
    '   2  ▼1       ben     2,000  2025-03-01T18:30:00.000Z',
    '   3  + new    eve     1,000  2025-03-01T18:30:00.000Z',
    'left: Dave',
  ])
})

test.each<[name: string, WatchChange<Score>, expected: string]>([
  ['a score', change('score', [ann, entry(1, 'ann', 2000)]), '● +100'],
  ['a lower score', change('score', [ann, entry(1, 'ann', 3100.5)]), '● -1,000.5'],
  ['a rank lost', change('moved', [entry(1200, 'a', 1), entry(1, 'a', 1)]), '▼1,199'],
  ['a name', change('updated', [ann, entry(1, 'ann', 2100, 'Ann')]), '●'],
])('the mark of %s', (_name, one, expected) => {
  const state = stateOf(update([one.entry as Entry<Score>], [one]))
  expect(render(state, TOP, ENDLESS)[2]).toContain(`  ${expected}  `)
})

test.each<[Score, Score, string]>([
  [12.1, 12.3, '+0.2'],
  [0.3, 0.1, '-0.2'],
  [1e300, 1.5e300, `+${(0.5e300).toString()}`],
  [1e-7, 3e-7, '+2e-7'],
  [-(2n ** 63n), 2n ** 63n - 1n, '+18,446,744,073,709,551,615'],
  [{ points: 10, time: 71.5 }, { points: 12, time: 71.5 }, 'points +2'],
  [{ points: 10, time: 71.5 }, { points: 12, time: 70.25 }, 'points +2 · time -1.25'],
])('the difference from %s to %s', (before, now, expected) => {
  expect(differenceOf(before, now)).toBe(expected)
})

test('one player is shown alone, also without an entry', () => {
  const subject = { place: { board: 'arena' }, playerId: 'ben' }
  expect(render(stateOf(update([ben])), subject, ENDLESS)).toEqual([
    'arena: ben among 5 players',
    'rank  change  player  score  when',
    '   2          ben     2,000  2025-03-01T18:30:00.000Z',
  ])
  const gone = stateOf(update([ben]), update([], [change('left', [undefined, ben])]))
  expect(render(gone, subject, ENDLESS)).toEqual([
    'arena: ben among 5 players',
    'ben has no entry',
    'left: ben',
  ])
  expect(render(stateOf(update([])), TOP, ENDLESS)).toEqual(['arena: top 0 of 5', 'no entries'])
})

test('a window shows its season, and says for seconds that a new one began', () => {
  const subject: Subject = {
    place: { board: 'arena', window: 'month', season: '2025-10' },
    playerId: undefined,
  }
  const october = { ...update([ann]), season: '2025-10' }
  expect(render(stateOf(october), subject, ENDLESS)[0]).toBe('arena, month 2025-10: top 1 of 5')
  const left = { ...october, changes: [change('left', [undefined, dave])] }
  const began = { ...update([]), total: 0, season: '2025-11', began: true } as const
  const state = stateOf(october, left, began)
  // Who left the last season is no news of this one.
  expect(render(state, subject, ENDLESS)).toEqual([
    ...['arena, month 2025-11: top 0 of 0', 'no entries', 'a new season began'],
  ])
  expect(nextFade(state)).toBe(NOW + 4000)
  expect(render(fade(state, NOW + 4000), subject, ENDLESS)).toHaveLength(2)
  const none = { ...subject, place: { board: 'arena', window: 'cup', season: null } }
  expect(render(stateOf(update([])), none, ENDLESS)[0]).toBe('arena, cup no season yet: top 0 of 5')
})

test('marks stay for seconds, and later news of a player replaces them', () => {
  const later = nextState(MOVED, update([ann, ben, eve]), NOW + 1000)
  expect([...later.marks.keys()]).toEqual(['ann', 'ben', 'eve'])
  expect(nextFade(later)).toBe(NOW + 4000)
  const back = nextState(
    later,
    update([ann, ben, dave], [change('entered', [dave, undefined])]),
    NOW + 2000,
  )
  expect(back.left).toEqual([])
  expect(back.marks.get('dave')?.until).toBe(NOW + 6000)
  const faded = fade(back, NOW + 4000)
  expect([...faded.marks.keys()]).toEqual(['dave'])
  expect(nextFade(fade(faded, NOW + 6000))).toBe(undefined)
})

test.each<[columns: number, lines: string[]]>([
  [
    60,
    [
      'arena: top 2 of 5',
      'rank  change  player            id            score',
      '   1          Ann of the Hills  ann           2,100',
      '   2          世界の果てから    player-two  123,456',
    ],
  ],
  [
    40,
    [
      'arena: top 2 of 5',
      'rank  change  player              score',
      '   1          Ann of the Hills    2,100',
      '   2          世界の果てから    123,456',
    ],
  ],
  [
    34,
    [
      'arena: top 2 of 5',
      'rank  change  player         score',
      '   1          Ann of the…    2,100',
      '   2          世界の果て…  123,456',
    ],
  ],
  [
    22,
    [
      'arena: top 2 of 5',
      'rank  change  player',
      '   1          Ann of …',
      '   2          世界の…',
    ],
  ],
  [5, ['aren…', 'rank', '   1', '   2']],
  [1, ['…', '…', '…', '…']],
])('%d columns: times go first, then ids, then the ends of names', (columns, lines) => {
  const state = stateOf(
    update([
      entry(1, 'ann', 2100, 'Ann of the Hills'),
      entry(2, 'player-two', 123456, '世界の果てから'),
    ]),
  )
  const shown = render(state, TOP, { ...ENDLESS, columns })
  expect(shown).toEqual(lines)
  for (const line of shown) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
})

test('any height is kept to: a line counts those that are not shown', () => {
  const entries = Array.from({ length: 10 }, (_, i) => entry(i + 1, `p${i}`, 100 - i))
  const state = stateOf(update(entries, [change('left', [undefined, dave])]))
  for (let rows = 1; rows < 16; rows++) {
    const lines = render(state, TOP, { ...ENDLESS, rows, footer: 'q leaves' })
    expect(lines.length).toBe(Math.min(rows, 14))
    expect(lines[0]).toBe('arena: top 10 of 5')
  }
  expect(render(state, TOP, { ...ENDLESS, rows: 8, footer: 'q leaves' }).slice(2)).toEqual([
    expect.stringMatching(/^ {3}1 /),
    expect.stringMatching(/^ {3}2 /),
    expect.stringMatching(/^ {3}3 /),
    '… 7 more',
    'left: Dave',
    'q leaves',
  ])
})

test('columns of a score have a column each, whatever their names', () => {
  const state = stateOf(update([entry(1, 'ann', { id: 12, change: -0.5 })]))
  expect(render(state, TOP, { ...ENDLESS, columns: 50 })).toEqual([
    'arena: top 1 of 5',
    'rank  change  player  id  change',
    '   1          ann     12    -0.5',
  ])
})

test('names cannot drive the terminal', () => {
  const hostile = entry(1, 'x\u001b[2J', 1, 'n\u202e\r\n\u009b31m')
  const state = stateOf(
    update([hostile]),
    update([ann], [change('left', [undefined, hostile]), change('entered', [ann, undefined])]),
  )
  for (const shown of [stateOf(update([hostile])), state]) {
    const subject = { place: { board: 'b\u0007' }, playerId: 'x\u001b[2J' }
    for (const line of render(shown, subject, ENDLESS))
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  }
})

test('colours mark what happened and do not count as width', () => {
  const paint: Paper['paint'] = (text, style) => `<${style}>${text}</>`
  expect(render(MOVED, TOP, { ...ENDLESS, columns: 30, paint })).toEqual([
    '<bold>arena: top 3 of 5</>',
    '<dim>rank</>  <dim>change </>  <dim>player</>  <dim>score</>',
    '   1  <green>▲1 +300</>  ann     2,100',
    '   2  <red>▼1     </>  ben     2,000',
    '   3  <green>+ new  </>  eve     1,000',
    'left: Dave',
  ])
})

test('fitText() never cuts a character in two', () => {
  expect(fitText('世界', 4)).toBe('世界')
  expect(fitText('世界', 3)).toBe('世…')
  expect(fitText('世界', 2)).toBe('…')
  expect(fitText('a👩\u200d🚀b', 3)).toBe('a…')
  expect(fitText('Zoe\u0308 B', 4)).toBe('Zoe\u0308…')
  expect(fitText('ab', 0)).toBe('')
  expect(padText('世', 4, 'right')).toBe('  世')
})
