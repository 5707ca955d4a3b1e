/**
 * Failures of a server or of the way to it, as errors of ours.
 *
 * @module
 */

import { type ErrorCode, LadderError } from '../../ground/errors.ts'

// The server refused before it did anything.
const REFUSED =
  /^(ASK|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|MOVED|NOREPLICAS|OOM|READONLY|BUSY|TRYAGAIN)\b/
const NOT_ALLOWED = /^(NOAUTH|NOPERM|WRONGPASS)\b/

/** Whether the server has not been given the library yet, or has lost it. */
export function isWithoutLibrary(error: unknown): boolean {
  return error instanceof Error && /Function not found/.test(error.message)
}

/** Returns the error of a call that a connection could not make, or whose answer did not come. */
export function errorOfCall(
  cause: unknown,
  call: { isRead: boolean; isSent: boolean },
): LadderError {
  if (cause instanceof LadderError) return cause
  const { name, message } = cause as Error
  // The node ended the wait for replicas, as it is one itself now: what it waited for is made.
  const isUnblocked = message.startsWith('UNBLOCKED ')
  if (name === 'ReplyError' && !isUnblocked) return errorOfReply(cause as Error)
  if (call.isRead || !call.isSent)
    return new LadderError(
      'UNAVAILABLE',
      `Cannot reach the server: ${wordsOf(message)}; nothing was changed, try again`,
      { cause },
    )
  return new LadderError(
    'UNKNOWN',
    `Cannot tell what became of the change: ${wordsOf(message)}; it may or may not have happened, read and decide`,
    { cause },
  )
}

function errorOfReply(cause: Error): LadderError {
  const { message } = cause
  const code: ErrorCode = REFUSED.test(message)
    ? 'UNAVAILABLE'
    : NOT_ALLOWED.test(message)
      ? 'PERMISSION'
      : 'IO'
  // A connection to a cluster follows the word, so who is told has one to a server.
  const remedy = message.startsWith('MOVED ')
    ? 'it is a node of a cluster: name several of its nodes, and its map of slots is followed'
    : 'see its log and settings'
  return new LadderError(code, `Cannot use the server: ${message}; ${remedy}`, { cause })
}

// What the client says in words of its own options, which nobody here set.
function wordsOf(message: string): string {
  if (/^Stream isn't writeable/.test(message)) return 'there is no connection'
  if (/^Reached the max retries/.test(message)) return 'the connection broke'
  return message.replace(/\.$/, '')
}
