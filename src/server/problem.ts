/**
 * Failures as answers: problem documents of RFC 9457 with the codes of the library.
 *
 *     { "type": "urn:ladderdb:error:NO_BOARD", "title": "there is no such board", "status": 404,
 *       "detail": "Cannot find board \"x\": …", "code": "NO_BOARD" }
 *
 * What failed on the side of the server (5xx) is told in general words, and in full to the log alone: messages
 * of the system name paths.
 *
 * @module
 */

import { JsonError, type OuterCode, outcomeOf } from '../calls/index.ts'
import { ERROR_CODES, type ErrorCode } from '../index.ts'

/** Codes that only the server answers. */
export type ServerCode =
  /** There is no such address. */
  | 'NO_ROUTE'
  /** The address takes other methods. */
  | 'METHOD_NOT_ALLOWED'
  /** The body, or the query, is longer than the server takes. */
  | 'TOO_LARGE'
  /** The body is not sent as JSON. */
  | 'UNSUPPORTED_TYPE'
  /** The body is not JSON. */
  | 'BAD_JSON'
  /** The server was not started for this, like backups without a directory for them. */
  | 'NOT_SERVED'
  /** A key is needed, and none came, or one that is not known. */
  | 'NO_KEY'
  /** The key allows less than what is asked. */
  | 'FORBIDDEN'
  /** Too many watch, from one address or in all. */
  | 'TOO_MANY_VIEWERS'
  /** The address asks too often. */
  | 'TOO_MANY_REQUESTS'
  /** There is more to do than the server can. */
  | 'OVERLOADED'
  /** The server is about to end; another one, or the next, answers. */
  | 'STOPPING'
  /** A page of another origin may not do this. */
  | 'BAD_ORIGIN'

type AnyCode = ErrorCode | OuterCode | ServerCode

interface ServerMeaning {
  status: number
  title: string
  retry?: true
}

/** What the codes of the server mean. */
export const SERVER_CODES: Readonly<Record<ServerCode, ServerMeaning>> = {
  NO_ROUTE: { status: 404, title: 'there is nothing at this address' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'the address does not take this method' },
  TOO_LARGE: { status: 413, title: 'the request is too large' },
  UNSUPPORTED_TYPE: { status: 415, title: 'the body is not sent as JSON' },
  BAD_JSON: { status: 400, title: 'the body is not JSON' },
  NOT_SERVED: { status: 404, title: 'the server does not offer this' },
  NO_KEY: { status: 401, title: 'a key is needed' },
  FORBIDDEN: { status: 403, title: 'the key does not allow this' },
  TOO_MANY_VIEWERS: { status: 429, title: 'too many watch', retry: true },
  TOO_MANY_REQUESTS: { status: 429, title: 'requests come too often', retry: true },
  OVERLOADED: { status: 503, title: 'there is too much to do', retry: true },
  STOPPING: { status: 503, title: 'the server is about to end', retry: true },
  BAD_ORIGIN: { status: 403, title: 'the origin may not do this' },
}

/** A failure that the server found itself. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: ServerCode
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly retryAfterMs: number | undefined

  constructor(
    code: ServerCode,
    message: string,
    options?: ErrorOptions & {
      headers?: Readonly<Record<string, string>>
      retryAfterMs?: number
    },
  ) {
    super(message, options)
    this.code = code
    this.headers = options?.headers ?? {}
    this.retryAfterMs = options?.retryAfterMs
  }
}

/** A failure as it is answered. */
export interface ProblemAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: {
    type: string
    title: string
    status: number
    detail: string
    code: string
    /** Only if the same request may be made again: after this many milliseconds. */
    retryAfterMs?: number
  }
}

const OUTER_TITLES: Readonly<Record<OuterCode, string>> = {
  USAGE: 'the request is used wrongly',
  INVALID_ARGUMENT: 'an argument has a value that is not taken',
  NO_PLAYER: 'there is no such player',
  FILE: 'a file cannot be read or written',
  FAILED: 'the server failed',
}

// The engine begins some of its own messages with the same word.
const OUR_WORDS =
  /^(?:Submission \d+: )?Cannot (?!(?:read|set) properties of|destructure |convert |access ')/

// What is busy now is free within a second as a rule.
const RETRY_MS = 1_000

/** Returns what an error is to the outside. */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof HttpError) return problem(error.code, error.message, error)
  const code = codeOfError(error)
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: number }
  // If an engine does not offer a call, nothing has failed: the reason is for who asked.
  const isOurs = outcomeOf(code).http >= 500 && code !== 'UNSUPPORTED'
  const detail = isOurs || !(error instanceof Error) ? titleOf(code) : error.message
  return problem(code, detail, { retryAfterMs })
}

/** Returns the code of an error: of the library, of wrong arguments, or `FAILED`. */
export function codeOfError(error: unknown): ErrorCode | OuterCode {
  if (!(error instanceof Error)) return 'FAILED'
  const { code } = error as Error & { code?: ErrorCode | OuterCode }
  if (error.name === 'LadderError' || error.name === 'AbsentError') return code ?? 'FAILED'
  if (error.name === 'AbortError') return 'ABORTED'
  // The library's word for a wrong argument. Node's own have a code, and those of a fault other words.
  const isArgument = error instanceof TypeError || error instanceof RangeError
  const isToldByUs = code === undefined && OUR_WORDS.test(error.message)
  const isWrong = error instanceof JsonError || (isArgument && isToldByUs)
  return isWrong ? 'INVALID_ARGUMENT' : 'FAILED'
}

/** A player who has no entry, in answers that need one. */
export class AbsentError extends Error {
  override readonly name = 'AbsentError'
  readonly code = 'NO_PLAYER'
}

function problem(
  code: AnyCode,
  detail: string,
  more: { headers?: Readonly<Record<string, string>>; retryAfterMs?: number | undefined },
): ProblemAnswer {
  const { status, retry } = meaningOf(code)
  const waitMs = more.retryAfterMs ?? (retry && status >= 429 ? RETRY_MS : undefined)
  // What cannot answer now may later, if only because another server is started.
  const waitS = Math.ceil((waitMs ?? (status === 503 ? RETRY_MS : 0)) / 1000)
  const wait = waitS === 0 ? {} : { 'Retry-After': `${waitS}` }
  return {
    status,
    headers: { ...more.headers, ...wait },
    body: {
      type: `urn:ladderdb:error:${code}`,
      title: titleOf(code),
      status,
      detail,
      code,
      ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    },
  }
}

function meaningOf(code: AnyCode): { status: number; retry: boolean } {
  if (isServerCode(code)) return { retry: false, ...SERVER_CODES[code] }
  const { http, retry } = outcomeOf(code)
  return { status: http, retry }
}

function titleOf(code: AnyCode): string {
  if (isServerCode(code)) return SERVER_CODES[code].title
  if (Object.hasOwn(ERROR_CODES, code)) return ERROR_CODES[code as ErrorCode]
  return OUTER_TITLES[code as OuterCode]
}

function isServerCode(code: string): code is ServerCode {
  return Object.hasOwn(SERVER_CODES, code)
}
