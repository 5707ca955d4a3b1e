/**
 * Checks of the paths that callers pass.
 *
 * A path is text, or a `file:` URL as an object, as Node's own calls take it. Text that looks like a
 * URL is refused: as a path it would make a directory named `file:`.
 *
 * @module
 */

import { fileURLToPath } from 'node:url'
import { show } from './values.ts'

const URL_TEXT = /^(file:|[a-z][a-z0-9+.-]*:\/\/)/i

/**
 * Returns the path in `value`. `act` is what was asked for, `what` what the path leads to.
 *
 * @throws {TypeError} if it is not a path.
 */
export function checkPath(value: unknown, act: string, what = 'directory'): string {
  if (value instanceof URL) return pathOf(value, `Cannot ${act}`)
  if (typeof value !== 'string' || value === '') {
    const given = value === '' ? 'an empty string' : `${show(value)}`
    throw new TypeError(`Cannot ${act}: the ${what} is ${given}, it must be a path`)
  }
  if (URL_TEXT.test(value))
    throw new TypeError(
      `Cannot ${act}: the ${what} is the text of a URL, ${show(value)}; pass the path, or new URL(…)`,
    )
  if (value.includes('\0'))
    throw new TypeError(`Cannot ${act}: the ${what} has a null character in it`)
  return value
}

function pathOf(url: URL, action: string): string {
  try {
    return fileURLToPath(url)
  } catch (cause) {
    throw new TypeError(`${action}: ${url.href} leads to no file; pass a path or a file: URL`, {
      cause,
    })
  }
}
