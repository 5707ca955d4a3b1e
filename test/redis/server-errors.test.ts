/**
 * What failures of a server mean for the change that was under way.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { errorOfCall } from '../../src/redis/client/server-errors.ts'

// A primary that becomes a replica ends the waits for replicas with this word. It was taken for a fault of the server, as
// if the change had not been made.
test('errorOfCall() does not say that a change failed whose wait was ended', () => {
  const cause = Object.assign(
    new Error('UNBLOCKED force unblock from blocking operation, instance state changed'),
    { name: 'ReplyError' },
  )
  expect(errorOfCall(cause, { isRead: false, isSent: true }).code).toBe('UNKNOWN')
})

// It named the log and the settings of the server, where there is nothing to be found.
test.each([
  ['MOVED 7498 127.0.0.1:7902', 'UNAVAILABLE', 'it is a node of a cluster: name several of its'],
  ['WRONGPASS invalid username-password pair', 'PERMISSION', 'it has no such user with this'],
  ['NOAUTH HELLO must be called with the client', 'PERMISSION', 'redis://:password@localhost'],
  ["NOPERM this user has no permissions to run 'fcall'", 'PERMISSION', 'allow this user'],
  ["READONLY You can't write against a read only replica", 'UNAVAILABLE', 'of its primary'],
  ["OOM command not allowed when used memory > 'maxmemory'", 'UNAVAILABLE', 'raise maxmemory'],
  ['WRONGTYPE Operation against a key holding', 'CORRUPT', 'something else writes to the keys'],
  [
    'ERR Script killed by user with SCRIPT KILL... script: f',
    'UNAVAILABLE',
    'try again, with less',
  ],
  ["ERR unknown command 'FUNCTION', with args", 'IO', 'it must be Redis 7 or Valkey'],
  ['ERR This instance has cluster support disabled', 'IO', 'give its address alone'],
  ['ERR something else', 'IO', 'see its log and settings'],
])('errorOfCall() says what to do about a server that answers %s', (reply, code, remedy) => {
  const cause = Object.assign(new Error(reply), { name: 'ReplyError' })
  for (const one of [cause, Object.assign(new Error('All failed'), { lastNodeError: cause })])
    expect(errorOfCall(one, { isRead: true, isSent: true })).toMatchObject({
      code,
      message: expect.stringContaining(remedy),
    })
})
