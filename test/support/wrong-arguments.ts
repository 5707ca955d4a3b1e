/**
 * Values that calls must refuse, by the kinds of their arguments and options in the table of calls.
 *
 * @module
 */

import type { Kind } from '../../src/calls/kinds.ts'

/** Returns values that no argument and no option of a kind takes. */
export function wrongValues({ type, takesNull }: Kind): unknown[] {
  const wrong = {
    boolean: ['no', 'true', 0, 1, {}],
    number: ['1', true, {}, Number.NaN, -1, [1]],
    text: [1, true, {}, ['descending']],
    score: ['x', true, [], Number.NaN, {}],
    object: ['x', 1, true, [], new Map(), new Date(0)],
    list: ['x', 1, true, {}],
    host: ['x', 1, true, {}, []],
  }[type]
  return takesNull === true ? wrong : [...wrong, null]
}

/** Whether a kind takes one of these after all: a path may be any text. */
export function isPath(kind: Kind, value: unknown): boolean {
  return kind.type === 'host' && typeof value === 'string' && kind.words.includes('path')
}
