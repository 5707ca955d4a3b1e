/**
 * What of an object JSON would change without a word: refused by its field, before it is written.
 *
 *     NaN, ±Infinity, undefined in an array     would become null
 *     functions, symbols                        would be left out
 *     Map, Set, typed arrays and their like     would become {}
 *     Date                                      would become a text
 *
 * A field that is undefined is not given. An object with a toJSON() of its own says itself what it is
 * in JSON. Bigints, cycles and a toJSON() that throws are refused by JSON.stringify().
 *
 * @module
 */

import { METADATA_BYTES_MAX } from '../ground/limits.ts'

// The text of what can be stored has room for shorter ways alone; a cycle goes on for ever.
const PATH_CHARACTERS_MAX = 4 * METADATA_BYTES_MAX

/** @throws {TypeError} that names the field. */
export function checkParts(value: object, path = 'metadata'): void {
  if (path.length > PATH_CHARACTERS_MAX)
    throw problem('an object', path, 'it lies too deep, or in a cycle')
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function' && !(value instanceof Date))
    return
  if (Array.isArray(value))
    for (let i = 0; i < value.length; i++) {
      if (value[i] === undefined) throw problem('undefined', `${path}[${i}]`)
      checkPart(value[i], `${path}[${i}]`)
    }
  else
    for (const name of Object.keys(value))
      checkPart((value as Record<string, unknown>)[name], `${path}.${name}`)
}

function checkPart(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw problem(`${value}`, path)
  if (typeof value === 'function' || typeof value === 'symbol')
    throw problem(`a ${typeof value}`, path)
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date)
    throw problem('a Date', path, 'write date.toISOString() or date.getTime()')
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  const isOwnWord = typeof (value as { toJSON?: unknown }).toJSON === 'function'
  if (kind !== 'Object' && kind !== 'Array' && !isOwnWord) throw problem(`a ${kind}`, path)
  checkParts(value, path)
}

function problem(what: string, path: string, remedy = 'JSON has no such value'): TypeError {
  return new TypeError(`Cannot use ${what} as ${path.slice(0, 80)}: ${remedy}`)
}
