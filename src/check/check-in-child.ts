/**
 * Checking a store in a child process, so that pages on which LMDB gives up end the child and not the
 * caller: that is a finding then, at the place where the child was.
 *
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { ERROR_CODES, type ErrorCode, LadderError, throwIfAborted } from '../ground/errors.ts'
import type { CheckReport, Progress, WorkOptions } from '../words/index.ts'
import { INVARIANT } from './invariants.ts'

/** Options of {@link checkApart}. */
export interface ApartOptions extends WorkOptions {
  /** As in `OpenOptions`. A backup, to which nobody writes, may be read from anywhere. */
  allowNetworkFileSystem?: boolean
  /** As in `CheckOptions`. */
  history?: boolean
}

/** The word after the directory that says so to the child. */
export const ALLOW_NETWORK = 'allow-network'

/** The one that asks for the runs. */
export const WITH_HISTORY = 'with-history'

/** What a store says about itself. */
export interface StoreFacts {
  storeId: string
  /** Undefined if the store was never restored. */
  lineageId?: string
  formatVersion: number
  sequence: number
  boards: { name: string; size: number }[]
}

/** The lines that the child prints: its stage, its progress, and last the result. */
export type ChildLine =
  | { stage: string; checked: CheckReport['checked'] }
  | { progress: Progress }
  | ChildAnswer

/** The last line. A damaged store may not be able to say anything about itself. */
export type ChildAnswer =
  | { report: CheckReport; facts: StoreFacts | undefined }
  | { error: { code: string; message: string } }

/** What came of a check: there are `facts` if the report has no finding. */
export interface CheckOutcome {
  report: CheckReport
  facts: StoreFacts | undefined
}

// A process that reads a missing page ends by one of these, or by an assertion of LMDB or Node.
const DAMAGE_SIGNALS = new Set(['SIGBUS', 'SIGSEGV', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP'])

const ERROR_CHARACTERS_MAX = 2_000

/**
 * Checks the store in a directory in a child process.
 *
 * @throws {LadderError} `ABORTED`, `IO` if the child could not do its work, and those of opening.
 */
export async function checkApart(
  directory: string,
  options: ApartOptions = {},
): Promise<CheckOutcome> {
  throwIfAborted(options)
  const program = createRequire(import.meta.url).resolve('#check-child')
  const child = spawn(process.execPath, [program, directory, ...checkWords(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = (): void => void child.kill('SIGKILL')
  options.signal?.addEventListener('abort', end)
  try {
    return await follow(child, directory, options)
  } finally {
    options.signal?.removeEventListener('abort', end)
    end()
  }
}

/** What a child is told beside the directory. */
export function checkWords(options: ApartOptions): string[] {
  return [
    ...(options.allowNetworkFileSystem === true ? [ALLOW_NETWORK] : []),
    ...(options.history === true ? [WITH_HISTORY] : []),
  ]
}

async function follow(
  child: ChildProcess,
  directory: string,
  options: WorkOptions,
): Promise<CheckOutcome> {
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  // It is awaited below; until then a failed start must not be an unhandled rejection.
  ended.catch(() => undefined)
  const complaint = textOf(child)
  const seen = await readLines(child, options)
  try {
    const [status, signal] = await ended
    throwIfAborted(options)
    if (seen.answer !== undefined && status === 0) return checkOutcomeOf(seen.answer)
    if (signal !== null && DAMAGE_SIGNALS.has(signal)) return outcomeOfDeath(seen, signal)
    throw new Error(`it ended by ${signal ?? `status ${status}`} ${complaint()}`.trimEnd())
  } catch (cause) {
    if (cause instanceof LadderError) throw cause
    throw new LadderError(
      'IO',
      `Cannot check ${directory}: the child process failed: ${(cause as Error).message}; try again`,
      { cause },
    )
  }
}

/** What the child has told. */
interface Seen {
  stage: string
  checked: CheckReport['checked']
  answer: ChildAnswer | undefined
}

async function readLines(child: ChildProcess, options: WorkOptions): Promise<Seen> {
  const seen: Seen = { stage: 'start', checked: nothingChecked(), answer: undefined }
  // Null if there is no pipe, undefined if the system could not even make one.
  if (child.stdout == null) return seen
  for await (const text of createInterface({ input: child.stdout })) {
    const line = lineOf(text)
    if (line === undefined) continue
    if ('stage' in line) Object.assign(seen, line)
    else if ('progress' in line) options.onProgress?.(line.progress)
    else seen.answer = line
  }
  return seen
}

// A child that is ended in the middle of a line has told nothing by it.
function lineOf(text: string): ChildLine | undefined {
  try {
    return JSON.parse(text) as ChildLine
  } catch {
    return undefined
  }
}

/** What came of a check whose child has told all. */
export function checkOutcomeOf(answer: ChildAnswer): CheckOutcome {
  if (!('error' in answer)) return answer
  const { code, message } = answer.error
  throw new LadderError(code in ERROR_CODES ? (code as ErrorCode) : 'CORRUPT', message)
}

function outcomeOfDeath(seen: Seen, signal: string): CheckOutcome {
  const finding = {
    invariant: INVARIANT.PAGES,
    board: undefined,
    place: seen.stage,
    problem: `its pages are damaged: reading them ended the process by ${signal}; restore a backup`,
  }
  return { report: { ok: false, findings: [finding], checked: seen.checked }, facts: undefined }
}

function nothingChecked(): CheckReport['checked'] {
  return { boards: 0, entries: 0, players: 0, nodes: 0 }
}

function textOf(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(0, ERROR_CHARACTERS_MAX)
  })
  return () => text
}
