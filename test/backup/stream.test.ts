import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import {
  checkStore,
  openLeaderboards,
  packBackup,
  restoreBackup,
  unpackBackup,
  verifyBackup,
} from '../../src/index.ts'
import { checkHere, checkInChildren } from '../support/check-here.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

/** Runs `body` with the bytes of a packed backup. */
function withPacked(
  body: (scene: { directory: string; backup: string; packed: Buffer }) => Promise<void>,
): Promise<void> {
  return withStore(async ({ store }) => {
    await withDirectory(async (directory) => {
      await store.board('arena').submit('ann', 1)
      const backup = join(directory, 'backup')
      await store.backup(backup)
      const target = new PassThrough()
      const [packed] = await Promise.all([buffer(target), packBackup(backup, target)])
      await body({ directory, backup, packed })
    })
  })
}

function chunksOf(bytes: Buffer, size: number): Readable {
  const count = Math.ceil(bytes.length / size)
  return Readable.from(
    Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  )
}

test('packBackup() and unpackBackup() give the same backup, however the stream is cut up', () =>
  withPacked(async ({ directory, backup, packed }) => {
    expect(packed.toString('latin1', 0, 18)).toBe('LADDERDB-BACKUP 1\n')
    for (const size of [1, 17, 18, 4096, packed.length]) {
      const path = join(directory, `size-${size}`)
      await unpackBackup(chunksOf(packed, size), path)
      for (const file of ['MANIFEST.json', 'data.mdb'])
        expect((await readFile(join(path, file))).equals(await readFile(join(backup, file)))).toBe(
          true,
        )
    }
    await verifyBackup(join(directory, 'size-1'))
  }))

test('unpackBackup() refuses what is not one whole backup, and leaves nothing', () =>
  withPacked(async ({ directory, packed }) => {
    const data = packed.indexOf('}\n') + 2
    const lengths = [0, 1, 17, 18, 19, data - 2, data - 1, data, data + 1, packed.length - 1]
    const bad: Buffer[] = [
      ...lengths.map((length) => packed.subarray(0, length)),
      Buffer.concat([packed, Buffer.from('x')]),
      Buffer.concat([Buffer.from('\n'), packed]),
      Buffer.from(packed.toString('latin1').replace('BACKUP 1', 'BACKUP 2'), 'latin1'),
      Buffer.from(packed.toString('latin1').replace('"sequence":', '"sequence":1'), 'latin1'),
      Buffer.from('playerId,score\n'.repeat(1000)),
      Buffer.alloc(100_000),
    ]
    const path = join(directory, 'unpacked')
    for (const [i, bytes] of bad.entries()) {
      const error = await unpackBackup(chunksOf(bytes, 1000), path).catch((reason) => reason)
      expect(error, `case ${i}`).toMatchObject({ name: 'LadderError', code: 'NOT_A_BACKUP' })
      expect(readdirSync(directory)).toEqual(['backup'])
    }
  }))

test('unpackBackup() leaves a directory that is there', () =>
  withPacked(async ({ backup, packed }) => {
    const refused = unpackBackup(chunksOf(packed, 1000), backup)
    await expect(refused).rejects.toMatchObject({ code: 'EXISTS' })
    await verifyBackup(backup)
  }))

test('unpackBackup() of a stream that fails or is aborted leaves nothing', () =>
  withPacked(async ({ directory, packed }) => {
    const path = join(directory, 'unpacked')
    const failing = Readable.from(
      (async function* () {
        yield packed.subarray(0, 9000)
        throw new Error('connection lost')
      })(),
    )
    await expect(unpackBackup(failing, path)).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('connection lost'),
    })
    const signal = AbortSignal.abort()
    const aborted = unpackBackup(chunksOf(packed, 1000), path, { signal })
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    expect(readdirSync(directory)).toEqual(['backup'])
  }))

test('packBackup() to a stream that takes no more says IO, and NOT_A_BACKUP of what is none', () =>
  withPacked(async ({ directory, backup }) => {
    const full = new Writable({
      write: (_chunk, _encoding, callback) => callback(new Error('no more')),
    })
    await expect(packBackup(backup, full)).rejects.toMatchObject({ code: 'IO' })
    const target = new PassThrough()
    await expect(packBackup(directory, target)).rejects.toMatchObject({ code: 'NOT_A_BACKUP' })
  }))

test('backup() into a stream and restoreBackup() from it give the store back', () =>
  withStore(async ({ store }) => {
    await withDirectory(async (directory) => {
      await store.board('arena').submit('ann', 1)
      const target = new PassThrough()
      const [packed, report] = await Promise.all([buffer(target), store.backup(target)])
      expect(report).toMatchObject({ path: '-', boards: [{ name: 'arena', size: 1 }] })
      const path = join(directory, 'restored')
      const restored = await restoreBackup(chunksOf(packed, 1000), path)
      expect(restored).toMatchObject({ path, source: '-', previous: undefined })
      expect(restored.manifest.sha256).toBe(report.sha256)
      const cut = restoreBackup(chunksOf(packed.subarray(1), 1000), join(directory, 'cut'))
      await expect(cut).rejects.toMatchObject({ code: 'NOT_A_BACKUP' })
      expect(readdirSync(directory)).toEqual(['restored'])
      for (const wrong of ['', 5, {}, undefined])
        await expect(store.backup(wrong as string)).rejects.toThrow(TypeError)
    })
  }))

// In a container whose root is read-only there is no /tmp: backups were told to be damaged.
test('backups, verified and restored, as directories and streams, need no TMPDIR', () =>
  withPacked(async ({ directory, backup, packed }) => {
    checkInChildren()
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = join(directory, 'none')
    try {
      const db = join(directory, 'store')
      await restoreBackup(backup, db)
      await restoreBackup(Readable.from([packed]), join(directory, 'other'))
      const store = openLeaderboards(db)
      const target = new PassThrough()
      const [stream] = await Promise.all([buffer(target), store.backup(target)])
      await store.close()
      for (const source of [backup, Readable.from([stream])])
        expect(await verifyBackup(source)).toMatchObject({ boards: [{ name: 'arena', size: 1 }] })
      expect((await checkStore(backup)).ok).toBe(true)
      expect(readdirSync(directory).sort()).toEqual(['backup', 'other', 'store'])
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
  }))
