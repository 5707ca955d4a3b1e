/**
 * One numbering of invariants: FORMAT.md has the list, and whatever quotes a number means one of it.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { INVARIANT } from '../../src/check/invariants.ts'

const SRC = resolve(import.meta.dirname, '../../src')

/** The rooms in which a number in brackets is that of an invariant. */
const ROOMS = ['format', 'rank', 'board', 'check', 'store/datafile']

/** Numbers of the list in FORMAT.md, with those below them, like 4.1. */
function numbersOfFormat(): string[] {
  const text = readFileSync(join(SRC, 'format/FORMAT.md'), 'utf8')
  const section = /^## Invariants\n([\s\S]*?)^## /m.exec(text)?.[1] ?? ''
  return [...section.matchAll(/^(?:(\d+)\.| +- (\d+\.\d+)) /gm)].map(
    ([, whole, part]) => whole ?? (part as string),
  )
}

interface Quote {
  place: string
  number: string
}

/** Numbers that comments, messages and texts quote: `(4.3)`, `(1, 2)`, `(4.1) to (4.7)`, `invariant 5`. */
function quotesIn(place: string, text: string): Quote[] {
  const spoken = place.endsWith('.md')
    ? text
    : text.replace(/^(?!.*(?:\/\/|^\s*\/?\*|'\()).*$/gm, '')
  const bracketed = [
    ...spoken.matchAll(/(?<![\w.$])\((\d{1,2}(?:\.\d)?(?:, \d{1,2}(?:\.\d)?)*)\)/g),
  ]
  const named = [...spoken.matchAll(/\binvariants? (\d{1,2}(?:\.\d)?)\b/g)]
  return [...bracketed, ...named].flatMap(([, list = '']) =>
    list.split(', ').map((number) => ({ place, number })),
  )
}

function quotesOf(room: string): Quote[] {
  return readdirSync(join(SRC, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|md)$/.test(name) && name !== 'FORMAT.md')
    .flatMap((name) => {
      const place = join(room, name)
      return quotesIn(place, readFileSync(join(SRC, place), 'utf8'))
    })
}

// There were three lists, each from 1 on: (5) was versions in one room and `keep` in the next.
test('every number of an invariant that the source quotes is in FORMAT.md', () => {
  const numbers = numbersOfFormat()
  expect(numbers.filter((number) => !number.includes('.'))).toEqual(
    Array.from({ length: 26 }, (_, i) => `${i + 1}`),
  )
  expect(numbers.filter((number) => number.startsWith('4.'))).toHaveLength(7)
  const quotes = ROOMS.flatMap(quotesOf)
  expect(quotes.length).toBeGreaterThan(60)
  expect(quotes.filter(({ number }) => !numbers.includes(number))).toEqual([])
})

test('the rank tree quotes the invariants of rank trees alone', () => {
  const others = quotesOf('rank').filter(({ number }) => !number.startsWith('4.'))
  expect(others).toEqual([])
})

test('check() reports by the numbers of FORMAT.md', () => {
  const numbers = numbersOfFormat()
  for (const number of Object.values(INVARIANT)) expect(numbers).toContain(number)
})
