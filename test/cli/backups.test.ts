import { createReadStream, createWriteStream, existsSync, readdirSync } from 'node:fs'
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { encodeManifest } from '../../src/backup/manifest.ts'
import { openLeaderboards } from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { type Cli, submitFive, withCli } from './support.ts'

checkHere()

const MANIFEST = {
  product: 'ladderdb',
  formatVersion: 3,
  storeId: expect.stringMatching(/^[0-9a-f]{32}$/),
  sequence: expect.any(Number),
  boards: [{ name: 'default', size: 5 }],
  createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  bytes: expect.any(Number),
  sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
}

function withFive(body: (cli: Cli) => Promise<void>): Promise<void> {
  return withCli(async (cli) => {
    await submitFive(cli)
    await body(cli)
  })
}

/** Returns what a person sees, with sizes and times that differ from run to run left out. */
function still(shown: string): string {
  return shown
    .replace(/[\d.]+ m?s\b/g, 'T')
    .replace(/[\d.]+ [KM]iB/g, 'SIZE')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
}

async function failure(cli: Cli, args: string[]): Promise<[status: number, code: string]> {
  const { status, stdout } = await cli.run(['--json', ...args])
  return [status, JSON.parse(stdout).error.code]
}

test('backup, --list, --verify and restore speak to people', () =>
  withFive(async (cli) => {
    const dest = cli.file('b/one')
    expect(await cli.ok('backup', '--list', cli.directory)).toBe(`no backups in ${cli.directory}\n`)
    expect(still(await cli.ok('backup', dest))).toBe(
      `backed up to ${dest}: 1 board, 5 entries, SIZE in T\n`,
    )
    const [head, row] = still(await cli.ok('backup', '--list', cli.file('b'))).split('\n')
    expect(head?.split(/ +/)).toEqual(['created', 'boards', 'entries', 'size', 'path'])
    expect(row?.split(/ +/)).toEqual(['DATE', '1', '5', 'SIZE', dest])
    expect(still(await cli.ok('backup', '--verify', dest))).toBe(
      `verified ${dest}: 1 board, 5 entries, SIZE, of DATE, in T: all is well\n`,
    )
    const before = await cli.json('top')
    await cli.ok('submit', 'frank', '9000')
    const tried = still(await cli.ok('restore', dest, '--force', '--dry-run'))
    expect(tried).toBe(
      `would restore ${cli.db} from ${dest}: 1 board, 5 entries, SIZE, of DATE, in T; nothing was changed\n`,
    )
    expect((await cli.json('top')).total).toBe(6)
    const lines = still(await cli.ok('restore', dest, '--force')).split('\n')
    expect(lines[0]).toBe(
      `restored ${cli.db} from ${dest}: 1 board, 5 entries, SIZE, of DATE, in T`,
    )
    expect(await cli.json('top')).toEqual(before)
    const undo =
      /^the old store stays aside; to undo, stop the game first, then: mv (\S+) (\S+)$/.exec(
        lines[1] as string,
      )
    await rename(undo?.[1] as string, undo?.[2] as string)
    expect((await cli.json('top')).total).toBe(6)
  }))

test('restore --seq and --until go on with the log, and say how far', () =>
  withFive(async (cli) => {
    const [dest, lines] = [cli.file('b/one'), cli.file('changes.ndjson')]
    await cli.ok('backup', dest)
    await cli.ok('submit', 'frank', '9000')
    await cli.ok('submit', 'frank', '1', '--mode', 'set')
    await writeFile(lines, await cli.ok('log', '--after', '5', '--json'))
    const elsewhere = ['--db', cli.file('other')]
    // The records are those of a board, five players, and frank.
    const shown = await cli.ok(...elsewhere, 'restore', dest, '--seq', '7', '--log', lines)
    expect(still(shown)).toBe(
      `restored ${cli.file('other')} from ${dest}: 1 board, 5 entries, SIZE, of DATE, in T\n` +
        'made 1 change of the log again, up to record 7 of DATE\n',
    )
    expect((await cli.json(...elsewhere, 'top')).entries[0]).toMatchObject({ score: 9000 })
    const until = ['--until', '2099-01-01', '--force', '--dry-run']
    expect(still(await cli.ok('restore', dest, ...until))).toContain(
      'would make 2 changes of the log again, up to record 8 of DATE\n',
    )
    expect(await failure(cli, ['restore', dest, '--force', '--seq', '9'])).toEqual([
      1,
      'LOG_UNUSABLE',
    ])
    const both = ['--seq', '7', '--until', '2099-01-01']
    expect(await failure(cli, ['restore', dest, '--force', ...both])).toEqual([
      2,
      'INVALID_ARGUMENT',
    ])
    const board = ['restore', dest, '--board', 'default', '--seq', '7']
    expect(await failure(cli, board)).toEqual([2, 'USAGE'])
  }))

test('the command that undoes a restore is quoted for a shell', () =>
  withFive(async (cli) => {
    await cli.ok('backup', cli.file('b'))
    const db = cli.file("my 'best' store")
    for (const more of [[], ['--force']]) {
      const shown = await cli.run(['--db', db, 'restore', cli.file('b'), ...more])
      expect(shown.status).toBe(0)
      if (more.length === 0) expect(shown.stdout).not.toContain('undo')
      else expect(shown.stdout).toContain(` '${cli.directory}/my '\\''best'\\'' store/data.mdb'\n`)
    }
  }))

test('backup and restore speak JSON', () =>
  withFive(async (cli) => {
    const path = cli.file('b/one')
    const report = await cli.json('backup', path)
    expect(report).toEqual({ path, ...MANIFEST, ms: expect.any(Number), removed: [] })
    const { ms: _, removed: __, path: ___, ...manifest } = report
    expect(await cli.json('backup', '--list', cli.file('b'))).toEqual({
      backups: [{ path, ...manifest }],
    })
    expect(await cli.json('backup', '--verify', path)).toEqual({ path, ...manifest })
    const restored = { path: cli.db, source: path, manifest, ms: expect.any(Number) }
    expect(await cli.json('restore', path, '--force', '--dry-run')).toEqual({
      ...restored,
      dryRun: true,
      previous: null,
    })
    const { previous, ...rest } = await cli.json('restore', path, '--force')
    expect(rest).toEqual({ ...restored, dryRun: false })
    expect(previous).toContain(`${cli.db}/data.mdb.before-restore-`)
    expect(existsSync(previous)).toBe(true)
  }))

test('backup --keep removes older backups of this store beside the new one', () =>
  withFive(async (cli) => {
    const directory = cli.file('b')
    for (const name of ['one', 'two']) await cli.ok('backup', join(directory, name))
    await writeFile(join(directory, 'notes.txt'), '')
    const other = cli.file('other')
    await cli.run(['--db', other, 'submit', 'zoe', '1'])
    await cli.run(['--db', other, 'backup', join(directory, 'theirs')])
    const shown = await cli.ok('backup', join(directory, 'three'), '--keep', '2')
    expect(shown.split('\n')[1]).toBe(`removed 1 older backup: ${directory}/one`)
    // All of one day, unless this test runs at midnight: then one more stays.
    const options = ['--keep-daily', '1', '--keep-weekly', '1', '--keep-monthly', '1']
    const { removed } = await cli.json('backup', join(directory, 'four'), ...options)
    expect(removed).toContain(join(directory, 'two'))
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['four', 'notes.txt', 'theirs']))
    await cli.ok('backup', '--verify', join(directory, 'four'))
  }))

// `backup DEST --keep 0` was status 0 and removed every older backup.
test('backup --keep with rules that keep none is refused before anything is made', () =>
  withFive(async (cli) => {
    await cli.ok('backup', cli.file('b/one'))
    for (const rules of [
      ['--keep', '0'],
      ['--keep-daily', '0'],
      ['--keep-weekly', '0', '--keep-monthly', '0'],
    ]) {
      const { status, stderr } = await cli.run(['backup', cli.file('b/two'), ...rules])
      expect([status, stderr]).toEqual([2, expect.stringContaining('say at least 1')])
    }
    expect(readdirSync(cli.file('b'))).toEqual(['one'])
    await cli.ok('backup', cli.file('b/two'), '--keep', '0', '--keep-daily', '1')
  }))

test('backup and restore end with the status of what went wrong', () =>
  withFive(async (cli) => {
    const good = cli.file('b/good')
    const cut = cli.file('b/cut')
    for (const path of [good, cut]) await cli.ok('backup', path)
    await truncate(join(cut, 'data.mdb'), 4096)
    expect(await failure(cli, ['backup', good])).toEqual([1, 'EXISTS'])
    expect(await failure(cli, ['backup', '--verify', cut])).toEqual([4, 'CORRUPT'])
    expect(await failure(cli, ['backup', '--verify', cli.db])).toEqual([4, 'NOT_A_BACKUP'])
    expect(await failure(cli, ['backup', '--list', cli.file('none')])).toEqual([1, 'IO'])
    expect(await failure(cli, ['restore', good])).toEqual([1, 'EXISTS'])
    expect(await failure(cli, ['restore', cut, '--force'])).toEqual([4, 'CORRUPT'])
    expect(await failure(cli, ['restore', cli.db, '--force'])).toEqual([4, 'NOT_A_BACKUP'])
    const noStore = await cli.run(['--db', cli.file('none'), 'backup', cli.file('x')])
    expect(noStore.status).toBe(4)
    expect(existsSync(cli.file('x'))).toBe(false)
    const signal = AbortSignal.abort()
    expect((await cli.run(['backup', cli.file('y')], { signal })).status).toBe(130)
    expect(existsSync(cli.file('y'))).toBe(false)
    for (const args of [
      ['backup'],
      ['backup', 'x', '--list', 'y'],
      ['backup', '--list', 'x', '--verify', 'y'],
      ['backup', '--list', 'x', '--keep', '1'],
      ['backup', '-', '--keep', '1'],
      ['backup', 'x', '--keep', '-1'],
      ['restore'],
    ])
      expect((await cli.run(args)).status, args.join(' ')).toBe(2)
  }))

test('restore is refused while a game has the store open; backup is not', () =>
  withFive(async (cli) => {
    const game = cli.spawn(['exec'])
    game.write('{"op":"size"}\n')
    expect(await game.nextLine()).toBe('{"ok":true,"result":5}')
    await cli.ok('backup', cli.file('b'))
    const { status, stderr } = await cli.run(['restore', cli.file('b'), '--force'])
    expect(status).toBe(5)
    expect(stderr).toMatch(/it is open in process \d+ \(.*ladderdb\.js/)
    game.endInput()
    await game.end()
    await cli.ok('restore', cli.file('b'), '--force')
  }))

test('backup - and restore - are one file on the standard streams', () =>
  withFive(async (cli) => {
    const file = cli.file('game.ladder')
    const { status, stderr } = await cli.spawnTo(file, ['backup', '-'])
    expect([status, still(stderr)]).toEqual([
      0,
      'backed up to standard output: 1 board, 5 entries, SIZE in T\n',
    ])
    const bytes = await readFile(file)
    const before = await cli.json('top')
    await rm(cli.db, { recursive: true })
    const stream = (length: number) => Readable.from([bytes.subarray(0, length)])
    const cut = await cli.run(['restore', '-'], { stdin: stream(bytes.length - 1) })
    expect(cut.status).toBe(4)
    expect(cut.stderr).toContain('it was cut')
    expect(readdirSync(cli.directory)).toEqual(['game.ladder'])
    const back = await cli.run(['--json', 'restore', '-'], { stdin: stream(bytes.length) })
    expect(JSON.parse(back.stdout)).toMatchObject({ source: '-', previous: null, path: cli.db })
    expect(await cli.json('top')).toEqual(before)
    expect(readdirSync(cli.directory).sort()).toEqual(['game.ladder', 'store'])
    expect((await cli.run(['restore', '-'], { stdin: stream(bytes.length) })).status).toBe(1)
  }))

test('backup - and restore - refuse a terminal', () =>
  withFive(async (cli) => {
    for (const args of [
      ['backup', '-'],
      ['restore', '-', '--force'],
    ])
      expect((await cli.run(args, { terminal: true })).status).toBe(2)
  }))

// Four different slips were all told as "it has no MANIFEST.json".
test('restore and --verify say what it is that they were given instead of a backup', () =>
  withFive(async (cli) => {
    const [stream, packed, text] = ['game.ladder', 'game.ladder.gz', 'notes.txt'].map((name) =>
      cli.file(name),
    ) as [string, string, string]
    await writeFile(stream, 'LADDERDB-BACKUP 1\n{}\n')
    await writeFile(packed, gzipSync('LADDERDB-BACKUP 1\n{}\n'))
    await writeFile(text, 'buy milk')
    const told: [source: string, problem: string][] = [
      [stream, 'it is a backup as one stream; read it from standard input, like  restore - < FILE'],
      [packed, 'it is packed with gzip; unpack it first, like  gzip -dc FILE | ladderdb restore -'],
      [text, 'it is a file; a backup is a directory'],
      [cli.file('none'), 'there is no such path; check it'],
      [cli.directory, 'it has no MANIFEST.json, so it is not a backup; name another'],
      [cli.db, 'it has no MANIFEST.json, so it is a store or an incomplete backup; name another'],
    ]
    for (const [source, problem] of told)
      for (const args of [
        ['restore', source, '--force'],
        ['backup', '--verify', source],
      ])
        expect(await cli.run(args)).toEqual({
          status: 4,
          stdout: '',
          stderr: `ladderdb: Cannot use ${source}: ${problem}\n`,
        })
    for (const args of [
      ['restore', '-', '--force'],
      ['backup', '--verify', '-'],
    ]) {
      const stdin = (file: string) => createReadStream(file)
      expect((await cli.run(args, { stdin: stdin(packed) })).stderr).toContain('packed with gzip')
      expect((await cli.run(args, { stdin: stdin(text) })).stderr).toContain('does not begin with')
    }
    const list = await cli.run(['backup', '--list', cli.file('none')])
    expect(list.stderr).toContain('none: there is no such directory; check the path')
    expect((await cli.run(['backup', '--list', text])).stderr).toContain('it is not a directory')
  }))

test('backup --verify - verifies a single file and leaves nothing behind', () =>
  withFive(async (cli) => {
    const store = openLeaderboards(cli.db, { readOnly: true })
    const file = createWriteStream(cli.file('game.ladder'))
    await store.backup(file)
    await store.close()
    const bytes = await readFile(cli.file('game.ladder'))
    const given = (to: number) => ({ stdin: Readable.from([bytes.subarray(0, to)]) })
    const verify = ['backup', '--verify', '-']
    const shown = await cli.run(verify, given(bytes.length))
    expect(still(shown.stdout)).toBe(
      'verified standard input: 1 board, 5 entries, SIZE, of DATE, in T: all is well\n',
    )
    const json = await cli.run(['--json', ...verify], given(bytes.length))
    expect(JSON.parse(json.stdout)).toEqual({ path: '-', ...MANIFEST })
    expect((await cli.run(verify, given(bytes.length - 1))).status).toBe(4)
    bytes[bytes.length - 5000] = (bytes[bytes.length - 5000] as number) ^ 1
    expect((await cli.run(verify, given(bytes.length))).stderr).toContain('SHA-256')
    expect((await cli.run(verify, { terminal: true })).status).toBe(2)
    expect(readdirSync(cli.directory).sort()).toEqual(['game.ladder', 'store'])
  }))

test('backup --list --max-age tells a monitor that the newest intact backup is too old', () =>
  withFive(async (cli) => {
    const directory = cli.file('b')
    for (const name of ['one', 'two']) await cli.ok('backup', join(directory, name))
    const list = ['backup', '--list', directory, '--max-age']
    expect(await cli.ok(...list, '1000d')).toBe(await cli.ok('backup', '--list', directory))
    expect(await cli.json(...list, '26h')).toMatchObject({
      newest: join(directory, 'two'),
      maxAgeMs: 93_600_000,
      ok: true,
    })
    // The newest is damaged and the one before is of 2001.
    await truncate(join(directory, 'two', 'data.mdb'), 4096)
    const file = join(directory, 'one', 'MANIFEST.json')
    const { checksum: _, ...manifest } = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, encodeManifest({ ...manifest, createdAt: '2001-01-01T00:00:00.000Z' }))
    const old = await cli.run([...list, '26h'])
    expect(old.status).toBe(1)
    expect(old.stderr).toMatch(
      /two: data.mdb has 4096 bytes[\s\S]*one, is [\d,]+ d old.*at most 26 h/,
    )
    const json = await cli.run(['--json', ...list, '26h'])
    expect([json.status, JSON.parse(json.stdout)]).toMatchObject([
      1,
      { newest: join(directory, 'one'), ok: false },
    ])
    const none = await cli.run(['--json', 'backup', '--list', cli.directory, '--max-age', '90m'])
    expect([none.status, JSON.parse(none.stdout)]).toEqual([
      1,
      { backups: [], newest: null, ageMs: null, maxAgeMs: 5_400_000, ok: false },
    ])
    for (const args of [
      [...list, '26'],
      [...list, '0h'],
      ['backup', 'x', '--max-age', '1h'],
    ])
      expect((await cli.run(args)).status, args.join(' ')).toBe(2)
  }))
