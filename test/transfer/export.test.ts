import {
  createWriteStream,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { formatOf } from '../../src/calls/index.ts'
import type { ExportOptions } from '../../src/index.ts'
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

// A full disk, a path without a directory or a closed stream were raw errors of Node where the stream was the
// caller's, and LadderErrors by a path; a write() that threw ended the process, and exportTo() never settled.
test('exportTo() tells the failures of streams as those of paths', () =>
  withStore(async ({ store, path }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    const closed = new Writable({ write: () => void closed.destroy() })
    const cases: [open: () => Writable, code: string, words: RegExp][] = [
      [() => createWriteStream('/dev/full'), 'DISK_FULL', /no space left/],
      [() => createWriteStream(join(path, 'none/file')), 'IO', /no such file/],
      [() => closed, 'IO', /the stream was closed before its end; /],
    ]
    for (const [open, code, message] of cases)
      await expect(board.exportTo(open(), { format: 'csv' })).rejects.toMatchObject({
        name: 'LadderError',
        code,
        message: expect.stringMatching(message),
        cause: expect.any(Error),
      })
    const write = (): void => {
      throw new Error('mine')
    }
    for (const gzip of [false, true])
      await expect(
        board.exportTo(new Writable({ write }), { format: 'csv', gzip }),
      ).rejects.toThrow(/^mine$/)
  }))

// importFrom() took a path and exportTo() did not.
test('exportTo() writes a file by its path, in the form that its name says', () =>
  withStore(async ({ store, path }) => {
    const board = store.board('arena')
    await board.submitMany([
      { playerId: 'ann', score: 2 },
      { playerId: 'ben', score: 1 },
    ])
    const directory = join(path, 'out')
    mkdirSync(directory)
    const files: [name: string, options: ExportOptions | undefined, start: string][] = [
      ['a.csv', undefined, 'playerId,score'],
      ['b.ndjson.gz', {}, '{"ladderdb"'],
      ['c.JSON', { top: 1 }, '[\n{"playerId":"ann"'],
      ['d.gz', { format: 'csv' }, 'playerId,score'],
      ['e.csv.gz', { gzip: false }, 'playerId,score'],
    ]
    for (const [name, options, start] of files) {
      const report = await board.exportTo(join(directory, name), options)
      expect(report).toEqual({ exported: options?.top ?? 2 })
      const bytes = readFileSync(join(directory, name))
      const isPacked = name.endsWith('.gz') && options?.gzip !== false
      expect((isPacked ? gunzipSync(bytes) : bytes).toString()).toMatch(start)
      const copy = store.board(`copy-${name[0]}`)
      const url = pathToFileURL(join(directory, name))
      await copy.importFrom(url, { format: options?.format ?? formatOf(name)?.format })
      expect(copy.size).toBe(options?.top ?? 2)
    }
    await board.exportTo(pathToFileURL(join(directory, 'f.csv')))
    const names = files.map(([name]) => name)
    expect(readdirSync(directory)).toEqual([...names, 'f.csv'])
  }))

test('exportTo() replaces a file only by force, and leaves nothing when it fails', () =>
  withStore(async ({ store, path }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    const directory = join(path, 'out')
    mkdirSync(directory)
    const file = join(directory, 'a.csv')
    writeFileSync(file, 'mine', { mode: 0o640 })
    symlinkSync(file, join(directory, 'link.csv'))
    const refused = { code: 'EXISTS', message: expect.stringContaining('(force: true)') }
    await expect(board.exportTo(file)).rejects.toMatchObject(refused)
    await expect(board.exportTo(join(directory, 'link.csv'))).rejects.toMatchObject(refused)
    const aborted = { force: true, signal: AbortSignal.abort() }
    await expect(board.exportTo(file, aborted)).rejects.toMatchObject({ code: 'ABORTED' })
    const failing = {
      format: 'ndjson' as const,
      onProgress: () => {
        throw new Error('mine')
      },
    }
    const many = Array.from({ length: 10_000 }, (_, i) => ({ playerId: `p${i}`, score: i }))
    await board.submitMany(many)
    await expect(board.exportTo(join(directory, 'b'), failing)).rejects.toThrow('mine')
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(readdirSync(directory)).toEqual(['a.csv', 'link.csv'])
    await board.exportTo(join(directory, 'link.csv'), { force: true, top: 1 })
    expect(readFileSync(file, 'utf8')).toContain('p9999')
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(lstatSync(join(directory, 'link.csv')).isSymbolicLink()).toBe(true)
  }))

const BAD_TARGETS: [what: string, target: string | URL, options: ExportOptions, words: RegExp][] = [
  ['a name without a format', '/nowhere/a.txt', {}, /needs one, csv, ndjson, json/],
  ['a directory', tmpdir(), { format: 'csv', force: true }, /it is a directory; name a file/],
  ['a device', '/dev/null', { format: 'csv', force: true }, /a device .* export to a stream/],
  ['no such directory', '/nowhere/a.csv', {}, /^Cannot write .nowhere.a.csv: .*check the path/],
  ['the text of a URL', 'file:///a.csv', {}, /the file is the text of a URL/],
  ['a URL of the web', new URL('http://a/b.csv'), {}, /leads to no file/],
  ['text of a file', 'playerId,score\na,1\n', { format: 'csv' }, /text of several lines/],
]

test.each(BAD_TARGETS)('exportTo() refuses %s', (_, target, options, words) =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ann', 1)
    await expect(board.exportTo(target, options)).rejects.toThrow(words)
  }),
)

test('importFrom() tells text of a file from its path', () =>
  withStore(async ({ store }) => {
    const board = store.board('arena')
    const text = 'playerId,score\na,1\n'
    await expect(board.importFrom(text, { format: 'csv' })).rejects.toThrow(
      /for text pass \[text\]/,
    )
  }))
