import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { withStore } from '../support/temporary-store.ts'

// exportTo() into a stream that was ended before never settled, nor into one that takes nothing.
test('exportTo() settles whatever the stream does', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    const ended = new PassThrough()
    ended.end()
    await expect(board.exportTo(ended, { format: 'csv' })).rejects.toThrow(/was ended before/)
    const destroyed = new PassThrough()
    destroyed.destroy()
    await expect(board.exportTo(destroyed, { format: 'csv' })).rejects.toThrow(/was destroyed/)
    const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no')) })
    await expect(board.exportTo(failing, { format: 'csv' })).rejects.toThrow('no')
    const controller = new AbortController()
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined })
    const work = board.exportTo(stuck, { format: 'csv', signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' })
  }))
