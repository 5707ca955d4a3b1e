import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ImportOptions } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

const CSV = 'playerId,score\na,1\nb,2\n'
const OPTIONS: ImportOptions = { format: 'csv' }

// A path, a stream of text or an array of lines rejected with words about encodings, or never settled.
test.each([
  ['a stream of text', () => Readable.from(['playerId,score\n', 'a,1\nb,2'])],
  ['a stream of bytes', () => Readable.from([Buffer.from(CSV)])],
  ['an array of texts', () => [...CSV]],
  ['an array of bytes', () => [Buffer.from(CSV)]],
  ['gzip data', () => [gzipSync(CSV)]],
] as const)('importFrom() reads %s', async (_name, make) => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    expect(await board.importFrom(make(), OPTIONS)).toMatchObject({ imported: 2 })
    expect(board.top(2).map(({ playerId }) => playerId)).toEqual(['b', 'a'])
  })
})

test('importFrom() reads a character whose halves come in two texts', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.importFrom(['playerId,score\n\ud83d', '\ude00,1\n'], OPTIONS)
    expect(board.get('😀')?.score).toBe(1)
  })
})

test('importFrom() takes a path and the format that its name says', async () => {
  await withStore(async ({ path, store }) => {
    const file = join(path, 'rows.csv.gz')
    writeFileSync(file, gzipSync(CSV))
    const board = store.board('game')
    expect(await board.importFrom(file)).toMatchObject({ imported: 2 })
    const missing = board.importFrom(join(path, 'nowhere.csv'))
    await expect(missing).rejects.toMatchObject({ code: 'IO', message: /^Cannot read .*nowhere/ })
    await expect(board.importFrom(join(path, 'rows'))).rejects.toThrow(/as format/)
  })
})

test.each([undefined, null, '', 7, {}, Buffer.from(CSV)])(
  'importFrom() refuses %s as a source',
  async (source) => {
    await withStore(async ({ store }) => {
      const importing = store.board('game').importFrom(source as unknown as string, OPTIONS)
      await expect(importing).rejects.toThrow(
        /as source: .*the path of a file, .*a readable stream/,
      )
    })
  },
)

test('importFrom() refuses chunks that are objects', async () => {
  await withStore(async ({ store }) => {
    const source = Readable.from([{ playerId: 'a', score: 1 }])
    const importing = store.board('game').importFrom(source, OPTIONS)
    await expect(importing).rejects.toThrow(/yields object, expected bytes or text/)
  })
})

test('importFrom() passes on the error of a stream, also of one that failed before', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const problem = new Error('no more')
    const failing = new Readable({ read: (): void => void failing.destroy(problem) })
    await expect(board.importFrom(failing, OPTIONS)).rejects.toBe(problem)
    await expect(board.importFrom(failing, OPTIONS)).rejects.toBe(problem)
    expect(store.boards()).toEqual([])
  })
})

// Of a path, a missing file was a LadderError; of a stream it was Node's own error, and so was an early end.
test('importFrom() tells the failures of streams as those of paths', async () => {
  await withStore(async ({ store, path }) => {
    const board = store.board('game')
    const closed: Readable = new Readable({ read: () => void closed.destroy() })
    const cases: [open: () => Readable, words: RegExp][] = [
      [() => createReadStream(join(path, 'none')), /^Cannot read the stream: .*no such file/],
      [() => closed, /the stream was closed before its end; /],
    ]
    for (const [open, message] of cases)
      await expect(board.importFrom(open(), OPTIONS)).rejects.toMatchObject({
        name: 'LadderError',
        code: 'IO',
        message: expect.stringMatching(message),
        cause: expect.any(Error),
      })
    expect(store.boards()).toEqual([])
  })
})

test('importFrom() refuses a stream that was destroyed or read before', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const destroyed = Readable.from([CSV])
    destroyed.destroy()
    await expect(board.importFrom(destroyed, OPTIONS)).rejects.toThrow(/was destroyed before/)
    const read = Readable.from([CSV])
    await board.importFrom(read, OPTIONS)
    await expect(board.importFrom(read, OPTIONS)).rejects.toThrow(/was read to its end before/)
  })
})

test('importFrom() from a stream that never ends is ended by its signal', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const source = new Readable({ read: () => undefined })
    source.push(CSV)
    const ending = new AbortController()
    const onProgress = (): void => ending.abort()
    const importing = board.importFrom(source, { ...OPTIONS, signal: ending.signal, onProgress })
    await expect(importing).rejects.toMatchObject({ code: 'ABORTED' })
    expect(source.destroyed).toBe(true)
    const aborted = board.importFrom([CSV], { ...OPTIONS, signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    expect(store.boards()).toEqual([])
  })
})
