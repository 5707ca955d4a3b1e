/**
 * Failures of a server or of the way to it, as errors of ours.
 *
 * @module
 */

import { type ErrorCode, LadderError } from '../../ground/errors.ts'

// The server refused before it did anything; it lets nobody end a function that has changed something.
const ENDED = /\bScript killed by user\b/
const REFUSED = new RegExp(
  `^(ASK|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|MOVED|NOREPLICAS|OOM|READONLY|BUSY|TRYAGAIN)\\b|${ENDED.source}`,
)
const NOT_ALLOWED = /^(NOAUTH|NOPERM|WRONGPASS)\b/
// A key of ours holds a value that only another program can have put there.
const OVERWRITTEN = /^WRONGTYPE\b/

// Nobody listens there, or there is no such host.
const NOT_THERE = /^(connect|getaddrinfo) /

const WITH_PASSWORD =
  'give them in its address, like redis://user:password@localhost:6379 or redis://:password@localhost:6379'

type Remedy = readonly [of: RegExp, words: string | undefined, remedy: string]

// What replies of a server mean, in words of ours where its own are of its commands, and what to do.
const REMEDIES: readonly Remedy[] = [
  [/^NOAUTH\b/, 'it asks for a user or a password (NOAUTH)', WITH_PASSWORD],
  [/^WRONGPASS\b/, 'it has no such user with this password (WRONGPASS)', WITH_PASSWORD],
  [
    /^NOPERM\b/,
    undefined,
    'allow this user FUNCTION LOAD, FCALL, FCALL_RO and the keys of the prefix, or name another user in the address',
  ],
  // A connection to a cluster follows the word, so who is told has one to a server.
  [
    /^MOVED /,
    undefined,
    'it is a node of a cluster: name several of its nodes, and its map of slots is followed',
  ],
  [/cluster support disabled/, undefined, 'it is not a node of a cluster: give its address alone'],
  [/^READONLY\b/, undefined, 'it is a replica: give the address of its primary'],
  [
    OVERWRITTEN,
    'a key under the prefix holds a value of another type (WRONGTYPE)',
    'something else writes to the keys of the store: give it another prefix, and restore them',
  ],
  [
    ENDED,
    'somebody ended the call there before it had changed anything (FUNCTION KILL)',
    'try again, with less at once if it took long',
  ],
  [/^OOM\b/, undefined, 'its memory is full: raise maxmemory, or drop boards'],
  [
    /DB index is out of range/,
    undefined,
    'end its address with the number of a database that it has',
  ],
  [
    /unknown command .(FUNCTION|FCALL)/i,
    'it lacks FUNCTION, FCALL or FCALL_RO',
    'it must be Redis 7 or Valkey, and have these commands under their own names',
  ],
]
const OTHERWISE: Remedy = [/./, undefined, 'see its log and settings']

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
  const { name, message, lastNodeError } = cause as Error & { lastNodeError?: Error }
  // Of a cluster whose nodes all failed: what the last one said.
  if (lastNodeError != null) return errorOfCall(lastNodeError, call)
  // The node ended the wait for replicas, as it is one itself now: what it waited for is made.
  const isUnblocked = message.startsWith('UNBLOCKED ')
  if (name === 'ReplyError' && !isUnblocked) return errorOfReply(cause as Error)
  if (call.isRead || !call.isSent)
    return new LadderError(
      'UNAVAILABLE',
      `Cannot reach the server: ${wordsOf(message)}; nothing was changed, ${NOT_THERE.test(message) ? 'check that it runs at this address' : 'try again'}`,
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
  const [, words, remedy] = REMEDIES.find(([of]) => of.test(message)) ?? OTHERWISE
  const code: ErrorCode = REFUSED.test(message)
    ? 'UNAVAILABLE'
    : NOT_ALLOWED.test(message)
      ? 'PERMISSION'
      : OVERWRITTEN.test(message)
        ? 'CORRUPT'
        : 'IO'
  return new LadderError(code, `Cannot use the server: ${words ?? message}; ${remedy}`, { cause })
}

// What the client says in words of its own options, which nobody here set.
function wordsOf(message: string): string {
  if (/^Stream isn't writeable/.test(message)) return 'there is no connection'
  if (/^Reached the max retries/.test(message)) return 'the connection broke'
  return message.replace(/\.$/, '')
}
