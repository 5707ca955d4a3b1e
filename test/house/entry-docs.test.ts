/**
 * The docstrings of what `ladderdb/calls` and `ladderdb/server` export: each function tells its cost and has an
 * example, which is run here.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import * as calls from '../../src/calls/index.ts'
import * as server from '../../src/server/index.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const SOURCE = resolve(import.meta.dirname, '../../src')
const AsyncFunction = (async () => undefined).constructor as FunctionConstructor

/** A function that an entry of the package exports, with the docstring in front of it. */
interface Documented {
  place: string
  docstring: string
}

function functionsOf(room: string, exported: object): Documented[] {
  const index = readFileSync(join(SOURCE, room, 'index.ts'), 'utf8')
  return [...index.matchAll(/^export \{([^}]*)\} from '(.+)'/gm)].flatMap(
    ([, names = '', file = '']) => {
      const text = readFileSync(join(SOURCE, room, file), 'utf8')
      const isFunction = (name: string): boolean =>
        new RegExp(`^export (?:async )?function ${name}\\b`, 'm').test(text) &&
        Object.hasOwn(exported, name)
      return names
        .split(',')
        .map((name) => name.trim())
        .filter(isFunction)
        .map((name) => ({ place: `${room}: ${name}`, docstring: docstringOf(name, text) }))
    },
  )
}

function docstringOf(name: string, text: string): string {
  const pattern = `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export (?:async )?function ${name}\\b`
  return new RegExp(pattern).exec(text)?.[1] ?? ''
}

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
  const [, example = ''] = /@example\n([\s\S]*)/.exec(docstring) ?? []
  const code = example.replace(/^\s*\* ?/gm, '')
  expect(code.trim()).not.toBe('')
  await withDirectory((directory) =>
    withStore(async ({ store }) => {
      const given = { ...calls, ...server, store, expect }
      const origin = process.cwd()
      process.chdir(directory)
      try {
        await new AsyncFunction(...Object.keys(given), withExpectations(code))(
          ...Object.values(given),
        )
      } finally {
        process.chdir(origin)
      }
    }),
  )
})

/** A line `expression // value` becomes an expectation, and one whose value is an error that of this error. */
function withExpectations(code: string): string {
  return code.replace(/^(?!const )(.+?) \/\/ (.+)$/gm, (_, made: string, value: string) => {
    const [, kind] = /^(\w+Error): /.exec(value) ?? []
    return kind === undefined
      ? `expect(${made}).toEqual(${value})`
      : `expect(() => ${made}).toThrow(${kind})`
  })
}
