// These start the built command line: dist must be fresh.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { BIN, type Cli, withCli } from './support.ts'

test('exec answers a line while its input stays open', () =>
  withCli(async (cli) => {
    const child = cli.spawn(['exec'])
    for (let i = 1; i <= 3; i++) {
      child.write(`{"op":"submit","playerId":"p${i}","score":${i}}\n`)
      const answer = JSON.parse((await child.nextLine()) ?? '')
      expect(answer).toMatchObject({ ok: true, result: { playerId: `p${i}`, rank: 1 } })
      child.write('{"op":"size"}\n')
      expect(await child.nextLine()).toBe(`{"ok":true,"result":${i}}`)
    }
    child.endInput()
    expect(await child.nextLine()).toBe(undefined)
    expect(await child.end()).toEqual({ status: 0, stderr: '' })
  }))

test('exec sees what another process writes meanwhile', () =>
  withCli(async (cli) => {
    const child = cli.spawn(['exec'])
    child.write('{"op":"submit","playerId":"a","score":1}\n')
    await child.nextLine()
    await cli.ok('submit', 'b', '2')
    child.write('{"op":"rank","playerId":"a"}\n')
    expect(await child.nextLine()).toBe('{"ok":true,"result":2}')
    child.endInput()
    expect((await child.end()).status).toBe(0)
  }))

test('a reader that closes the pipe early ends a command quietly', () =>
  withCli(async (cli) => {
    await cli.ok('import', await writeLongNames(cli))
    const operations = '{"op":"top","n":2000}\n'.repeat(6)
    const commands = [
      ['export', '-', '--format', 'csv', '--json'],
      ['export', '-', '--format', 'csv', '--gzip'],
      ['top', '5000'],
      ['top', '5000', '--json'],
      ['exec'],
    ]
    for (const args of commands) {
      const child = cli.spawn(args)
      if (args[0] === 'exec') child.write(operations)
      if (args[0] !== 'export' || args[4] !== '--gzip') await child.nextLine()
      child.closeOutput()
      expect([args, await child.end()]).toEqual([args, { status: 0, stderr: '' }])
    }
  }))

// More than pipes hold, compressed as well, so that no command is done before the reader has gone.
async function writeLongNames(cli: Cli): Promise<string> {
  const lines = Array.from({ length: 2_000 }, (_, i) => {
    return `p${i},${i},${createHash('sha512').update(String(i)).digest('hex')}`
  })
  await writeFile(cli.file('long.csv'), ['playerId,score,name', ...lines].join('\n'))
  return cli.file('long.csv')
}

// `watch --json | head -1` stayed until the next change of the board, perhaps for ever.
test('watch ends when nobody reads the pipe any more, also without an update', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '5')
    const pipe = `${process.execPath} ${BIN} --db ${cli.db} watch --json | head -1; echo $?`
    const { stdout, stderr } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', pipe])
    expect(stdout).toMatch(/^\{"sequence":.*\}\n0\n$/)
    expect(stderr).toBe('')
  }))

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends work that waits for its input: status 130, and nothing half done',
  (signal) =>
    withCli(async (cli) => {
      const exec = cli.spawn(['exec'])
      exec.write('{"op":"submit","playerId":"a","score":1}\n')
      await exec.nextLine()
      exec.interrupt(signal)
      const ended = await exec.end()
      expect(ended.status).toBe(130)
      expect(ended.stderr).toMatch(/^ladderdb: Interrupted/)
      expect(await cli.ok('rank', 'a')).toBe('1\n')

      const file = join(cli.db, 'data.mdb')
      const hash = async (): Promise<string> =>
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex')
      const before = await hash()
      const reading = cli.spawn(['import', '-', '--format', 'csv', '--skip-bad'])
      reading.write('playerId,score\nx,not a number\n')
      await reading.errorLine()
      reading.interrupt(signal)
      expect((await reading.end()).status).toBe(130)
      expect(await hash()).toBe(before)
    }),
)

// An import into a board with entries that was interrupted left a part of its rows behind.
test('SIGINT in the middle of storing rows: nothing is imported, and that is told', () =>
  withCli(async (cli) => {
    const most = 2 ** 53
    await cli.ok('submit', 'a', String(most), '--mode', 'increment')
    const lines = Array.from({ length: 50_000 }, (_, i) => `p${i},1`)
    await writeFile(cli.file('rows.csv'), ['playerId,score', 'a,1', ...lines].join('\n'))
    const args = ['import', cli.file('rows.csv'), '--mode', 'increment', '--skip-bad']
    const importing = cli.spawn(args)
    // The sum is found out of range where the first player is stored, in the transaction.
    await importing.errorLine()
    importing.interrupt('SIGINT')
    const { status, stderr } = await importing.end()
    expect(status).toBe(130)
    expect(stderr).toMatch(/rows\.csv: line 2: .*2\^53/)
    expect(stderr).toMatch(/^ladderdb: Interrupted: nothing was imported$/m)
    expect(await cli.json('boards')).toMatchObject({ boards: [{ size: 1 }] })
    expect(await cli.json('top')).toMatchObject({ entries: [{ playerId: 'a', score: most }] })
  }))

test('a failure on standard output is told', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'a', '1')
    const child = cli.spawnTo('/dev/full', ['top'])
    const { status, stderr } = await child
    expect(status).toBe(1)
    expect(stderr).toContain('ENOSPC')
  }))

test('--help loads neither the library nor tables', () =>
  withCli(async (cli) => {
    const child = cli.spawn(['--help'], { NODE_DEBUG: 'esm' })
    child.endInput()
    while ((await child.nextLine()) !== undefined);
    const { status, stderr } = await child.end()
    expect(status).toBe(0)
    expect(stderr).toContain('commander')
    expect(stderr).not.toMatch(
      /node_modules\/(lmdb|cli-table3|cli-progress)|dist\/(index|chunks\/(library|words))\.js/,
    )
  }))
