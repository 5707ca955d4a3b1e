import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { AT, type Cli, submitFive, withCli, writeSeason } from './support.ts'

const THREE = `playerId,score,name,at\nann,5,Ann,${AT}\nben,7,,${AT + 1}\nann,9,,${AT + 2}\n`

async function withFile(cli: Cli, name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(cli.file(name), content)
  return cli.file(name)
}

test('import tells rows, changes, time and the next command', () =>
  withCli(async (cli) => {
    const file = await withFile(cli, 'three.csv', THREE)
    const shown = await cli.ok('--board', 'arena', 'import', file)
    expect(shown.replace(/[\d.]+ m?s/, 'T')).toBe(
      `imported 3 rows into new board 'arena' (3 changed) in T · next: ladderdb --db ${cli.db} --board arena top\n` +
        'created the board: descending, set; if lower is better, drop it and say --order ascending\n',
    )
    expect(await cli.json('--board', 'arena', 'import', file)).toEqual({
      board: 'arena',
      created: false,
      imported: 3,
      changed: 2,
      skipped: 0,
      badRows: [],
      ms: expect.any(Number),
    })
    expect(await cli.ok('--board', 'arena', 'top')).toContain('Ann     ann      9')
  }))

test('import knows the format by name or by --format, and unpacks gzip', () =>
  withCli(async (cli) => {
    const ndjson = '{"playerId":"ann","score":5}\n{"playerId":"ben","score":-7,"name":null}\n'
    const files = [
      await withFile(cli, 'a.csv', THREE),
      await withFile(cli, 'b.csv.gz', gzipSync(THREE)),
      await withFile(cli, 'c.ndjson', ndjson),
      await withFile(cli, 'd.jsonl.gz', gzipSync(ndjson)),
    ]
    for (const [i, file] of files.entries()) {
      await cli.ok('--board', `b${i}`, 'import', file)
      expect((await cli.json('--board', `b${i}`, 'top')).total).toBe(2)
    }
    const nameless = await withFile(cli, 'nameless', gzipSync(THREE))
    const refused = await cli.run(['import', nameless])
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('--format csv')
    await cli.ok('import', nameless, '--format', 'csv')
  }))

test('import reads standard input, but not from a terminal', () =>
  withCli(async (cli) => {
    const args = ['import', '-', '--format', 'csv', '--json']
    const { status, stdout } = await cli.run(args, { stdin: THREE })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ board: 'default', created: true, imported: 3 })
    expect((await cli.run(['import', '-'], { stdin: THREE })).status).toBe(2)
    const typed = await cli.run(args, { terminal: true })
    expect(typed.status).toBe(2)
    expect(typed.stderr).toContain('pipe a file in')
  }))

test('import makes a board with --order and the mode of the rows, or --board-mode', () =>
  withCli(async (cli) => {
    const file = await withFile(cli, 'three.csv', THREE)
    await cli.ok('--board', 'a', 'import', file)
    await cli.ok('--board', 'b', 'import', file, '--mode', 'best', '--order', 'ascending')
    await cli.ok('--board', 'c', 'import', file, '--mode', 'increment', '--board-mode', 'set')
    expect((await cli.json('boards')).boards).toEqual([
      { name: 'a', order: 'descending', mode: 'set', size: 2 },
      { name: 'b', order: 'ascending', mode: 'best', size: 2 },
      { name: 'c', order: 'descending', mode: 'set', size: 2 },
    ])
    expect((await cli.json('--board', 'b', 'show', 'ann')).entry.score).toBe(5)
    expect((await cli.json('--board', 'c', 'show', 'ann')).entry.score).toBe(14)
    // The mode of the rows may differ from that of a board which is there; its settings may not.
    await cli.ok('--board', 'a', 'import', file, '--mode', 'increment')
    expect((await cli.run(['--board', 'a', 'import', file, '--order', 'ascending'])).status).toBe(1)
    expect((await cli.run(['--board', 'a', 'import', file, '--board-mode', 'best'])).status).toBe(1)
  }))

test('a bad row stops the import with its line and leaves nothing behind', () =>
  withCli(async (cli) => {
    const file = await withFile(cli, 'bad.csv', `${THREE}dan,many,,\n`)
    const { status, stdout, stderr } = await cli.run(['import', file, '--json'])
    expect(status).toBe(1)
    expect(JSON.parse(stdout).error.code).toBe('BAD_ROW')
    expect(stderr).toMatch(new RegExp(`^ladderdb: Cannot import ${file}: Line 5: score "many"`))
    expect(existsSync(cli.db)).toBe(false)
    await cli.ok('submit', 'ann', '1')
    expect((await cli.run(['import', file])).status).toBe(1)
    expect((await cli.json('top')).entries).toMatchObject([{ playerId: 'ann', score: 1 }])
  }))

test('import --skip-bad tells the first bad rows and counts the others', () =>
  withCli(async (cli) => {
    const bad = Array.from({ length: 25 }, (_, i) => `p${i},x,,\n`).join('')
    const file = await withFile(cli, 'bad.csv', THREE + bad)
    const { status, stdout, stderr } = await cli.run(['import', file, '--skip-bad', '--json'])
    expect(status).toBe(0)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ imported: 3, changed: 3, skipped: 25 })
    expect(report.badRows.length).toBe(25)
    expect(report.badRows[1]).toEqual({
      line: 6,
      column: 'score',
      problem: 'score "x" is not a decimal number: write it like 1500 or 12.5',
    })
    const lines = stderr.trimEnd().split('\n')
    expect(lines.length).toBe(21)
    expect(lines[0]).toMatch(new RegExp(`^${file}: line 5: score "x" is not`))
    expect(lines[20]).toBe(`${file}: and 5 more bad rows`)
  }))

// Remedies named the options of the library and the flags side by side, to everybody.
test('what is wrong with a file is told with flags that a shell takes', () =>
  withCli(async (cli) => {
    const cases: [text: string, words: string][] = [
      ['playerId:score\na:1\n', '(--delimiter :)'],
      ['Player Id,score\na,1\n', "(--columns 'playerId=Player Id')"],
      ['playerId,score,x\na,1,2\n', '(--ignore-extra)'],
      ['playerId,score\na,1:02.5\n', '(--score-format time)'],
      ['playerId;score\na;1,5\n', '(--decimal-comma)'],
      ['playerId,score\na,9007199254740993\n', '(--score-type int64)'],
      [
        'playerId,score,at\na,1,1594679211\n',
        '(--at-unit s), or that it is milliseconds (--at-unit ms)',
      ],
      ['playerId,score,at\na,1,2100-01-01\n', '(--future-allowance '],
      ['playerId,score,"x ignoreExtra: true"\na,1,2\n', 'unknown column "x ignoreExtra: true"'],
    ]
    for (const [text, words] of cases) {
      const file = await withFile(cli, 'wrong.csv', text)
      const { status, stderr } = await cli.run(['import', file])
      expect(stderr).toContain(words)
      expect(status).toBe(1)
    }
    const late = await withFile(cli, 'late.csv', 'playerId,score,at\na,1,2100-01-01\n')
    const [flag = '', ms = ''] =
      /--future-\S+ \d+d/.exec((await cli.run(['import', late])).stderr)?.[0].split(' ') ?? []
    expect(await cli.json('import', late, flag, ms)).toMatchObject({ imported: 1 })
    expect((await cli.run(['submit', 'a', '1', '--at', '1594679211'])).stderr).toContain(
      '--at-unit s',
    )
  }))

test('a file that cannot be read makes no store', () =>
  withCli(async (cli) => {
    for (const args of [
      ['import', cli.file('no.csv')],
      ['exec', cli.file('no')],
      ['exec', cli.directory],
    ]) {
      const { status, stderr } = await cli.run(args)
      expect(status).toBe(1)
      expect(stderr).toMatch(/^ladderdb: Cannot read .*; (check the path|name a file)\n$/)
      expect(existsSync(cli.db)).toBe(false)
    }
  }))

test('export and import bring the same board back, in every format', () =>
  withCli(async (cli) => {
    await cli.ok('import', await writeSeason(cli, 1500), '--mode', 'best')
    const before = await cli.json('top', '2000')
    for (const name of ['a.csv', 'a.csv.gz', 'a.ndjson', 'a.jsonl.gz']) {
      expect(await cli.json('export', cli.file(name))).toEqual({
        board: 'default',
        exported: 1500,
        file: cli.file(name),
      })
      await cli.ok('--board', name, 'import', cli.file(name))
      expect((await cli.json('--board', name, 'top', '2000')).entries).toEqual(before.entries)
    }
  }))

test('export - writes data to standard output, and what it tells to standard error', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const { status, stdout, stderr } = await cli.run(['export', '-', '--format', 'csv'])
    expect(status).toBe(0)
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'playerId,score,name,at,metadata',
      `bob,2000,bob,${AT + 10},`,
      `eve,2000,Eve,${AT + 40},`,
    ])
    expect(stderr).toBe("exported 5 entries of 'default' to -\n")
    const json = await cli.run(['export', '-', '--format', 'ndjson', '--json'])
    // The settings, five entries, and nothing behind the last line break.
    expect(json.stdout.split('\n').length).toBe(7)
    expect(JSON.parse(json.stderr)).toEqual({ board: 'default', exported: 5, file: '-' })
    expect((await cli.run(['export', '-'])).status).toBe(2)
  }))

test('export --gzip packs whatever the name says', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('export', cli.file('plain'), '--format', 'csv', '--gzip')
    expect(gunzipSync(await readFile(cli.file('plain'))).toString()).toContain('bob,2000')
  }))

test('export replaces a file only with --force, and leaves no parts behind', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const file = await withFile(cli, 'a.csv', 'mine')
    const refused = await cli.run(['export', file])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('--force')
    expect(await readFile(file, 'utf8')).toBe('mine')
    await cli.ok('export', file, '--force')
    expect(await readFile(file, 'utf8')).toContain('bob,2000')
    expect((await cli.run(['export', cli.file('no/such/a.csv')])).status).toBe(1)
    expect((await cli.run(['--board', 'nope', 'export', cli.file('b.csv')])).status).toBe(3)
    expect((await readdir(cli.directory)).sort()).toEqual(['a.csv', 'store'])
  }))

// From the field: the board came back descending, so that the last player was the first.
test('an NDJSON export carries the settings, and an import makes the board with them', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'golf', '--order', 'ascending', '--mode', 'best', '--keep', '3')
    for (const [i, player] of ['ann', 'ben', 'cid'].entries())
      await cli.ok('--board', 'golf', 'submit', player, `${70 + i}`, '--at', `${AT + i}`)
    await cli.ok('--board', 'golf', 'export', cli.file('golf.ndjson'))
    await cli.ok('--board', 'golf', 'export', cli.file('top.ndjson.gz'), '--top', '2')
    const other = ['--db', cli.file('other'), '--board', 'links']
    const report = await cli.json(...other, 'import', cli.file('golf.ndjson'))
    const settings = { order: 'ascending', mode: 'best', keep: 3 }
    expect(report).toMatchObject({ created: true, imported: 3, settings })
    expect((await cli.json(...other, 'top')).entries).toEqual(
      (await cli.json('--board', 'golf', 'top')).entries,
    )
    const best = ['--db', cli.file('best'), '--board', 'links', 'import', '--mode', 'best']
    expect(await cli.json(...best, cli.file('top.ndjson.gz'))).toMatchObject({
      imported: 2,
      settings,
    })
  }))

test('an import refuses a file whose settings contradict the board, or what is asked for', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'golf', '--order', 'ascending')
    await cli.ok('--board', 'golf', 'submit', 'ann', '70')
    await cli.ok('--board', 'golf', 'export', cli.file('golf.ndjson'))
    await cli.ok('create', 'arena')
    const refused = await cli.run(['--board', 'arena', 'import', cli.file('golf.ndjson'), '--json'])
    expect(JSON.parse(refused.stdout).error.code).toBe('SETTINGS_DIFFER')
    const asked = ['--board', 'new', 'import', cli.file('golf.ndjson'), '--order', 'descending']
    expect(JSON.parse((await cli.run([...asked, '--json'])).stdout).error.code).toBe(
      'SETTINGS_DIFFER',
    )
    await withFile(cli, 'newer.ndjson', '{"ladderdb":{"format":2}}\n')
    const newer = await cli.run(['--board', 'new', 'import', cli.file('newer.ndjson')])
    expect(newer.stderr).toContain('its format is 2')
    expect((await cli.json('boards')).boards).toHaveLength(2)
  }))

// Found by trying: a file with a header alone left an empty store, and pointed to a board that was not there.
test('import of a file without rows makes neither store nor board', () =>
  withCli(async (cli) => {
    for (const [name, content] of [
      ['none.csv', 'playerId,score\n'],
      ['none.json', '[]'],
    ] as const) {
      const run = await cli.run(['import', await withFile(cli, name, content)])
      expect(run.status).toBe(1)
      expect(run.stderr).toMatch(/it has no rows, so no board is made and nothing is changed/)
      expect(existsSync(cli.db)).toBe(false)
    }
  }))
