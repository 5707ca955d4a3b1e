/**
 * What an import reads and an export writes, as callers give it: a file by its path, or a stream.
 *
 * @module
 */

import { EventEmitter } from 'node:events'
import { checkPath } from './paths.ts'

/** Returns the path of a file, or anything else as it is; text of a file in place of its path is the likely slip. */
export function inPath<T>(file: T | string | URL, act: string): T | string {
  if (typeof file !== 'string' && !(file instanceof URL)) return file
  const path = checkPath(file, act, 'file')
  if (!/[\r\n]/.test(path)) return path
  throw new TypeError(
    `Cannot ${act}: the file is text of several lines, it must be a path; for text pass [text]`,
  )
}

/**
 * Hears the errors of a stream, which may fail before anything reads or writes it: it keeps the error for
 * the first that does, but without a listener the process would end.
 */
export function hearErrors(stream: unknown): void {
  if (stream instanceof EventEmitter) stream.on('error', () => undefined)
}
