/**
 * Changes that take several calls of the server are made whole before it is told whether a replica has them.
 *
 * @module
 */

import { CALLS, type CallName } from '../../calls/table.ts'
import type { RemoteContext } from './remote-context.ts'

type Change = (this: object, ...given: unknown[]) => Promise<unknown>

/** Makes the changes of a class and of all classes above it {@link RemoteContext.wholeChange whole}. */
export function makeChangesWhole(
  prototype: object,
  contextOf: (target: object) => RemoteContext,
): void {
  for (let one = prototype; one !== Object.prototype; one = Object.getPrototypeOf(one))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one)))
      if (isChange(name) && typeof value === 'function')
        Object.defineProperty(one, name, {
          ...{ value: whole(name, value as Change, contextOf), writable: true, configurable: true },
        })
}

// An import is told as work, and is a change of many calls all the same.
function isChange(name: string): boolean {
  return (
    Object.hasOwn(CALLS, name) &&
    (CALLS[name as CallName].kind === 'change' || name === 'importFrom')
  )
}

function whole(
  name: string,
  plain: Change,
  contextOf: (target: object) => RemoteContext,
): () => Promise<unknown> {
  // With arguments: what a call was given tells it from one without.
  function change(this: object): Promise<unknown> {
    const given = arguments
    return contextOf(this).wholeChange(() => plain.apply(this, given as never))
  }
  return Object.defineProperty(change, 'name', { value: name })
}
