/**
 * A backup is read, never written: neither by a mistake nor by reading.
 *
 * @module
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  checkStore,
  listBackups,
  openLeaderboards,
  restoreBackup,
  verifyBackup,
} from '../../src/index.ts'
import { run } from '../cli/support.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory } from '../support/temporary-store.ts'

checkHere()

// A backup was opened for writing like any store: one submit, or one read of a mistyped board, and it
// was a backup no more.
test('a backup is refused for writing by every call, and is as it was', async () => {
  await withBackup(async (backup, directory) => {
    const before = stateOf(backup)
    await symlink(backup, join(directory, 'link'))
    await mkdir(join(directory, 'linked'))
    await symlink(join(backup, 'data.mdb'), join(directory, 'linked', 'data.mdb'))
    for (const place of [backup, `${backup}/`, join(directory, 'link'), join(directory, 'linked')])
      for (const options of [{}, { create: false }, { durability: 'relaxed' } as const])
        expect(() => openLeaderboards(place, options)).toThrow(
          expect.objectContaining({
            code: 'READ_ONLY',
            message: expect.stringMatching(/it is a backup .*restore it .*readOnly: true/),
          }),
        )
    const commands = [
      ['submit', 'ann', '2'],
      ['remove', 'ann'],
      ['drop', 'arena', '--yes'],
      ['create', 'new'],
      ['import', '-', '--format', 'csv'],
    ]
    for (const command of commands)
      expect(
        await run(['--db', backup, '--board', 'arena', ...command], {
          stdin: 'playerId,score\nx,1\n',
        }),
        command[0],
      ).toMatchObject({ status: 1, stderr: expect.stringContaining('it is a backup') })
    const line = '{"op":"submit","playerId":"x","score":1}\n'
    const { stdout, stderr } = await run(['--db', backup, 'exec'], { stdin: line })
    expect(stdout + stderr).toContain('it is a backup')
    await expect(restoreBackup(backup, backup, { force: true })).rejects.toMatchObject({
      code: 'EXISTS',
    })
    expect(stateOf(backup)).toEqual(before)
    expect(readdirSync(join(directory, 'linked'))).toEqual(['data.mdb'])
    await verifyBackup(backup)
  })
})

test('a backup with a damaged manifest, or without its data, is no place for a store either', async () => {
  await withBackup(async (backup) => {
    await writeFile(join(backup, 'MANIFEST.json'), '{')
    expect(() => openLeaderboards(backup)).toThrow(expect.objectContaining({ code: 'READ_ONLY' }))
    await rm(join(backup, 'data.mdb'))
    expect(() => openLeaderboards(backup)).toThrow(expect.objectContaining({ code: 'READ_ONLY' }))
    expect(readdirSync(backup)).toEqual(['MANIFEST.json'])
  })
})

test('a backup is not changed by what reads it', async () => {
  await withBackup(async (backup, directory) => {
    const before = stateOf(backup)
    const store = openLeaderboards(backup, { readOnly: true })
    expect(store.board('arena').top(1)).toMatchObject([{ playerId: 'ann' }])
    expect(() => store.board('arean').top(1)).toThrow(expect.objectContaining({ code: 'NO_BOARD' }))
    expect((await store.check()).ok).toBe(true)
    store.stats()
    await store.close()
    expect((await checkStore(backup)).ok).toBe(true)
    await verifyBackup(backup)
    await listBackups(directory)
    for (const command of [
      ['top'],
      ['boards'],
      ['stats'],
      ['check'],
      ['export', '-', '--format', 'csv'],
    ])
      expect(await run(['--db', backup, '--board', 'arena', ...command])).toMatchObject({
        status: 0,
      })
    expect(stateOf(backup)).toEqual(before)
  })
})

async function withBackup(
  body: (backup: string, directory: string) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) => {
    const store = openLeaderboards(join(directory, 'store'))
    await store.board('arena').submit('ann', 1)
    await store.backup(join(directory, 'backup'))
    await store.close()
    await body(join(directory, 'backup'), directory)
  })
}

function stateOf(path: string): unknown[] {
  return [
    statSync(path).mtimeMs,
    ...readdirSync(path).map((name) => {
      const { mtimeMs, mode } = statSync(join(path, name))
      return [name, mtimeMs, mode, readFileSync(join(path, name)).toString('base64')]
    }),
  ]
}
