import { expect, test } from 'vitest'
import { optionInWords, withFlags } from '../../src/calls/remedies.ts'

const WORDS = {
  names: ['columns', 'allowanceMs', 'ignoreExtra', 'scoreFormat'],
  quote: (text: string): string => (/^[\w=]+$/.test(text) ? text : `'${text}'`),
}

const CASES: [words: string, option: string, flag: string][] = [
  ['an option that is on', optionInWords('ignoreExtra', true), '--ignore-extra'],
  ['a text', optionInWords('scoreFormat', 'time-ms'), "--score-format 'time-ms'"],
  ['a pair', optionInWords('columns', { score: 'Pts' }), '--columns score=Pts'],
  ['a pair of any text', optionInWords('columns', { 'a-b': 'x "y" }' }), `--columns 'a-b=x "y" }'`],
  ['a span of days', optionInWords('allowanceMs', 172_800_000), '--allowance 2d'],
  ['a span of seconds', optionInWords('allowanceMs', 1500), '--allowance 1.5s'],
  ['an option of another call', 'force: true', 'force: true'],
  ['text of a file', '"say ignoreExtra: true"', '"say ignoreExtra: true"'],
]

test.each(CASES)('withFlags() turns %s', (_, option, flag) => {
  expect(withFlags(`Do it (${option}).`, WORDS)).toBe(`Do it (${flag}).`)
})
