import { expect, test } from 'vitest'
import type { ScoreLook } from '../../src/calls/scores.ts'
import { CALLS } from '../../src/calls/table.ts'
import { valueOfText } from '../../src/calls/texts.ts'

const { between, page, log, standingOf, undo } = CALLS
const PLAIN = { scoreType: 'number', order: 'descending' } as const
const WHOLE = { scoreType: 'int64', order: 'descending' } as const
const RACE: ScoreLook = {
  ...PLAIN,
  columns: [
    { name: 'points', order: 'descending' },
    { name: 'time', order: 'ascending' },
  ],
}

test.each([
  ['10', 'limit', page.options?.['limit'], undefined, 10],
  ['1e3', 'limit', page.options?.['limit'], undefined, 1000],
  ['true', 'minExclusive', between.options?.['minExclusive'], undefined, true],
  ['dense', 'rankMode', page.options?.['rankMode'], undefined, 'dense'],
  ['2025-10-09T08:53:20Z', 'from', log.options?.['from'], undefined, 1_760_000_000_000],
  ['1760000000000', 'from', log.options?.['from'], undefined, 1_760_000_000_000],
  ['12.5', 'score', standingOf.arguments['score'], PLAIN, 12.5],
  ['9007199254740993', 'score', standingOf.arguments['score'], WHOLE, 9007199254740993n],
  ['12,71.5', 'score', standingOf.arguments['score'], RACE, { points: 12, time: 71.5 }],
  ['-Infinity', 'min', between.arguments['min'], PLAIN, Number.NEGATIVE_INFINITY],
  ['[1,2]', 'seqs', undo.options?.['seqs'], undefined, [1, 2]],
] as const)('valueOfText() reads %s as %s', (text, name, kind, board, value) => {
  if (kind === undefined) throw new Error(`no kind of ${name}`)
  expect(valueOfText(text, { name, kind, board })).toEqual(value)
})

test.each([
  ['', 'limit', page.options?.['limit']],
  ['ten', 'limit', page.options?.['limit']],
  ['0x10', 'limit', page.options?.['limit']],
  ['9007199254740993', 'limit', page.options?.['limit']],
  ['1', 'minExclusive', between.options?.['minExclusive']],
  ['yes', 'minExclusive', between.options?.['minExclusive']],
  ['tomorrow', 'from', log.options?.['from']],
] as const)('valueOfText() refuses "%s" as %s', (text, name, kind) => {
  if (kind === undefined) throw new Error(`no kind of ${name}`)
  expect(() => valueOfText(text, { name, kind })).toThrow(name)
})
