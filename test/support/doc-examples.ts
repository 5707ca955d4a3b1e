/**
 * Docstrings of the sources and the examples in them, as tests read and run them.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const SOURCE = resolve(import.meta.dirname, '../../src')
const AsyncFunction = (async () => undefined).constructor as FunctionConstructor

/** A function that an entry of the package exports, with the docstring in front of it. */
export interface Documented {
  place: string
  docstring: string
}

/** Returns the functions that the `index.ts` of a room exports by name, from itself or from its files. */
export function functionsOf(room: string, exported: object): Documented[] {
  const index = readFileSync(join(SOURCE, room, 'index.ts'), 'utf8')
  const own = { names: Object.keys(exported), text: index }
  const others = [...index.matchAll(/^export \{([^}]*)\} from '(.+)'/gm)].map(
    ([, names = '', file = '']) => ({
      names: names.split(',').map((name) => name.trim()),
      text: readFileSync(join(SOURCE, room, file), 'utf8'),
    }),
  )
  return [own, ...others].flatMap(({ names, text }) =>
    names
      .filter((name) => Object.hasOwn(exported, name) && isFunctionIn(text, name))
      .map((name) => ({ place: `${room}: ${name}`, docstring: docstringOf(name, text) })),
  )
}

function isFunctionIn(text: string, name: string): boolean {
  return new RegExp(`^export (?:async )?function ${name}\\b`, 'm').test(text)
}

function docstringOf(name: string, text: string): string {
  const pattern = `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export (?:async )?function ${name}\\b`
  return new RegExp(pattern).exec(text)?.[1] ?? ''
}

/** Returns the code of the example that ends a docstring; empty if there is none. */
export function exampleOf(docstring: string): string {
  const [, example = ''] = /@example\n([\s\S]*)/.exec(docstring) ?? []
  return example.replace(/^\s*\* ?/gm, '').trim()
}

/** Runs an example with the values given by name; what its comments say of values is expected. */
export async function runExample(code: string, given: Record<string, unknown>): Promise<void> {
  await new AsyncFunction(...Object.keys(given), withExpectations(code))(...Object.values(given))
}

// A line `expression // value` becomes an expectation, and one whose value is an error that of this error.
function withExpectations(code: string): string {
  const line = /^(?!const |let |import |for |await store\.(?:drop|create))(.+?) \/\/ (.+)$/gm
  return code.replace(line, (_, made: string, value: string) => {
    const [, kind] = /^(\w+Error): /.exec(value) ?? []
    return kind === undefined
      ? `expect(${made}).toEqual(${value})`
      : `expect(() => ${made}).toThrow(${kind})`
  })
}
