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
test('errorOfCall() says what a server is that sends the caller to another one', () => {
  const cause = Object.assign(new Error('MOVED 7498 127.0.0.1:7902'), { name: 'ReplyError' })
  expect(errorOfCall(cause, { isRead: true, isSent: true })).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('it is a node of a cluster: name several of its nodes'),
  })
})
