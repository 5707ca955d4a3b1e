/**
 * Checking a store in a child process, so that pages on which LMDB gives up end the child and not the
 * caller.
 *
 * @module
 */

import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { ERROR_CODES, type ErrorCode, LadderError } from '../errors.ts'
import type { CheckReport } from '../types.ts'

/** What a sound store says about itself. */
export interface StoreFacts {
  storeId: string
  formatVersion: number
  sequence: number
  boards: { name: string; size: number }[]
}

/** What the child prints. */
export type ChildReport =
  | { report: CheckReport; facts: StoreFacts }
  | { error: { code: string; message: string } }

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024

/**
 * Checks the store in a directory in a child process.
 *
 * @throws {LadderError} `CORRUPT` where the child was ended by a signal, `ABORTED`, and those of
 *   opening.
 */
export async function checkApart(
  directory: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<{ report: CheckReport; facts: StoreFacts }> {
  const program = createRequire(import.meta.url).resolve('#check-child')
  const answer = await runChild(program, directory, options.signal)
  if (!('error' in answer)) return answer
  const { code, message } = answer.error
  throw new LadderError(code in ERROR_CODES ? (code as ErrorCode) : 'CORRUPT', message)
}

function runChild(
  program: string,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<ChildReport> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: OUTPUT_BYTES_MAX, ...(signal === undefined ? {} : { signal }) }
    execFile(process.execPath, [program, directory], options, (error, stdout) => {
      if (error?.name === 'AbortError')
        reject(new LadderError('ABORTED', 'Aborted: the caller ended the call', { cause: error }))
      else if (error?.signal) reject(killed(directory, error.signal))
      else if (error)
        reject(
          new LadderError(
            'IO',
            `Cannot check ${directory}: the child process failed: ${error.message}`,
            { cause: error },
          ),
        )
      else resolve(JSON.parse(stdout) as ChildReport)
    })
  })
}

function killed(directory: string, signal: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read ${directory}: its pages are damaged, reading them ended the process by ${signal}; restore a backup`,
  )
}
