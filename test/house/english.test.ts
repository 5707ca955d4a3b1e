/**
 * Words that a native reader takes in at the second reading only, and what to say instead.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

const STRAY: [word: RegExp, better: string][] = [
  [/\banew\b/i, 'again'],
  [/\bwhoever\b/i, 'a subject: the caller, a reader, the first process'],
  [/\bwhere there (is|are) no(ne)?\b/i, 'if there is no …'],
  [/\bwhere it is none\b/i, 'if it is not one'],
  [/\bso (many|much)\b/i, 'this many, a number of'],
  [/(?<!there )\b(is|are) none\b/i, 'is not one'],
  [/(?<!there )\b(is|are) no (?!longer|more|less|later|better|wider|telling)[a-z]/i, 'is not a'],
  [/\bhad never been\b/, 'as if nobody had played it'],
]

/** Sources and the texts beside them, each line with its place. */
function lines(): [place: string, line: string][] {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|md)$/.test(name))
    .map((name) => join('src', name))
    .concat('README.md')
  return names.flatMap((name) =>
    readFileSync(join(ROOT, name), 'utf8')
      .split('\n')
      .map((line, i): [string, string] => [`${name}:${i + 1}`, line]),
  )
}

// "Where there is none" stood for "if there is none" 24 times, and "whoever" for a subject 32 times.
test.each(STRAY)('texts and comments do not say %s but %s', (word) => {
  const found = lines().filter(([, line]) => word.test(line))
  expect(found).toEqual([])
})
