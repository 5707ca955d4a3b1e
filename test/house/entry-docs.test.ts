/**
 * The docstrings of what `ladderdb/calls` and `ladderdb/server` export: each function tells its cost and has an
 * example, which is run here.
 *
 * @module
 */

import { expect, test } from 'vitest'
import * as calls from '../../src/calls/index.ts'
import * as server from '../../src/server/index.ts'
import { exampleOf, functionsOf, runExample } from '../support/doc-examples.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const FUNCTIONS = [...functionsOf('calls', calls), ...functionsOf('server', server)]

test('the functions of the entries are found', () => {
  const counted = [calls, server].flatMap((entry) =>
    Object.values(entry).filter((value) => typeof value === 'function' && !isClass(value)),
  )
  expect(FUNCTIONS).toHaveLength(counted.length)
})

function isClass(value: unknown): boolean {
  return /^class\b/.test(String(value))
}

const CASES = FUNCTIONS.map(({ place, docstring }) => [place, docstring] as const)

test.each(CASES)('%s() tells its cost, and its example says the truth', async (_, docstring) => {
  expect(docstring).toMatch(/\bCost:/)
  const code = exampleOf(docstring)
  expect(code).not.toBe('')
  await withDirectory((directory) =>
    withStore(async ({ store }) => {
      const origin = process.cwd()
      process.chdir(directory)
      try {
        await runExample(code, { ...calls, ...server, store, expect })
      } finally {
        process.chdir(origin)
      }
    }),
  )
})
