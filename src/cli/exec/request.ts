/**
 * A line of `exec` as an operation to run, and its answer as a line.
 *
 * @module
 */

import { isUtf8 } from 'node:buffer'
import {
  type NamedArguments as Arguments,
  JsonError,
  parseJson,
  withoutNulls,
} from '../../calls/index.ts'
import { failureOf } from '../failures.ts'
import { jsonLine } from '../output.ts'
import { checkNames, OPERATIONS, type Operation } from './operations.ts'

/** A line that can be run. */
export interface Request {
  operation: Operation
  /** Undefined: the board that the command line names. */
  board: string | undefined
  given: Arguments
}

/** Codes that only `exec` answers, beside those of every command. */
export type RequestCode = 'BAD_JSON' | 'UNKNOWN_OP'

/** A line that cannot be run. */
export class RequestError extends Error {
  readonly code: RequestCode

  constructor(code: RequestCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** @throws {RequestError | TypeError} with what is wrong with the line. */
export function parseRequest(line: Buffer | undefined): Request {
  const { op, board, ...rest } = parseObject(line)
  const operation = typeof op === 'string' ? OPERATIONS.get(op) : undefined
  if (operation === undefined)
    throw new RequestError(
      'UNKNOWN_OP',
      `Cannot run ${op === undefined ? 'a line without op' : JSON.stringify(op)}: op must be one of ${[...OPERATIONS.keys()].join(', ')}`,
    )
  checkNames(operation, rest)
  const name = board ?? undefined
  if (name !== undefined && typeof name !== 'string')
    throw new TypeError('Cannot use this board: it must be the name of one')
  return { operation, board: name, given: withoutNulls(rest, operation.fields) }
}

/** Whether a line holds nothing, but perhaps a byte order mark. */
export function isBlank(line: Buffer | undefined): boolean {
  return line !== undefined && line.length < 16 && textOf(line).trim() === ''
}

/** Returns the line that answers with a result. */
export function answerLine(result: unknown): string {
  return jsonLine({ ok: true, result })
}

/** Returns the line that answers with an error. */
export function errorLine(error: unknown): string {
  if (error instanceof RequestError)
    return jsonLine({ ok: false, error: { code: error.code, message: error.message } })
  const { status: _, ...told } = failureOf(error)
  return jsonLine({ ok: false, error: told })
}

function parseObject(line: Buffer | undefined): Record<string, unknown> {
  if (line === undefined) throw badJson('the line is too long')
  if (!isUtf8(line)) throw badJson('the line is not UTF-8')
  let value: unknown
  try {
    value = parseJson(textOf(line))
  } catch (cause) {
    if (cause instanceof JsonError) throw cause
    throw badJson((cause as Error).message, cause)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw badJson('the line is not an object')
}

function badJson(problem: string, cause?: unknown): RequestError {
  const message = `Cannot read the line: ${problem}; write one JSON object a line, like {"op":"top","n":3}`
  return new RequestError('BAD_JSON', message, { cause })
}

// A byte order mark is not part of the text: editors of Windows put it there.
function textOf(line: Buffer): string {
  return line.toString().replace(/^\uFEFF/, '')
}
