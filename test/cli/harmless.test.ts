import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkHere } from '../support/check-here.ts'
import { AT, type Cli, submitFive, withCli } from './support.ts'

checkHere()

// Window title, screen erase, hyperlink, C1 string, right-to-left override, isolate, zero-width,
// tags, separators, a carriage return that overwrites the line.
const HOSTILE = [
  '\u001b]0;owned\u0007',
  '\u001b[2J\u001b[31m',
  '\u001b]8;;http://evil.example\u001b\\click',
  '\u009b31m\u0090q\u009c',
  'abc\u202egnp.exe',
  '\u2066isolate\u2069',
  'zero\u200bwidth\ufeff',
  '\u{e0041}\u{e007f}',
  'line\u2028sep\u2029par',
  'over\rwrite\ttab\nnewline',
  '\u007f\u0000\u0008',
]

const READS: string[][] = [
  ['boards'],
  ['top'],
  ['range', '1', '20'],
  ['between', '0', '100'],
  ['stats'],
  ['check'],
]

const DRIVES_TERMINALS =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|\p{Co}|\p{Cs}/u

function expectHarmless(text: string): void {
  expect(DRIVES_TERMINALS.exec(text)).toBe(null)
}

async function fingerprint(cli: Cli): Promise<string> {
  const bytes = await readFile(join(cli.db, 'data.mdb'))
  return createHash('sha256').update(bytes).digest('hex')
}

test('names and ids of players cannot drive the terminal', () =>
  withCli(async (cli) => {
    for (const [i, text] of HOSTILE.entries()) {
      const answer = await cli.run(['submit', text, String(i), '--name', `n${text}`])
      expect(answer.status).toBe(0)
      expectHarmless(answer.stdout + answer.stderr)
    }
    await cli.ok('create', HOSTILE.join(''))
    const players = HOSTILE.flatMap((id) => [
      ['show', id],
      ['around', id],
      ['show', `no ${id}`],
      ['remove', `no ${id}`],
    ])
    for (const args of [...READS, ...players]) {
      for (const format of [[], ['--json'], ['--verbose']]) {
        const { stdout, stderr } = await cli.run([...args, ...format])
        expectHarmless(stdout + stderr)
        expect((stdout + stderr).length).toBeGreaterThan(0)
      }
    }
  }))

test('JSON gives the text back as it was', () =>
  withCli(async (cli) => {
    for (const [i, text] of HOSTILE.entries()) await cli.ok('submit', text, String(i))
    const { entries } = await cli.json('top', '20')
    const ids = entries.map(({ playerId }: { playerId: string }) => playerId)
    expect(ids.reverse()).toEqual(HOSTILE)
  }))

test('text from files, paths and wrong words cannot either', () =>
  withCli(async (cli) => {
    const rows = HOSTILE.map(
      (text) => `${JSON.stringify({ playerId: 'a', score: 1, [text]: 1 })}\n`,
    )
    await writeFile(cli.file('bad.ndjson'), rows.join(''))
    const bad = '\u001b]0;owned\u0007\u202e'
    const attempts = [
      ['import', cli.file('bad.ndjson')],
      ['import', cli.file('bad.ndjson'), '--skip-bad'],
      ['import', bad],
      ['import', `${bad}.csv`],
      ['export', `/${bad}/${bad}.csv`],
      [bad],
      ['top', bad],
      ['top', `--${bad}`],
      ['top', '--rank-mode', bad],
      ['--board', bad, 'top'],
      ['submit', bad, bad],
    ]
    for (const args of attempts) {
      for (const format of [[], ['--json'], ['--verbose']]) {
        const { stdout, stderr } = await cli.run([...args, ...format])
        expectHarmless(stdout + stderr)
      }
    }
  }))

test('emoji and scripts stay readable and aligned', () =>
  withCli(async (cli) => {
    const names = ['👩🏽‍🚀 Ada', 'Дмитро', '日本', '❤️‍🔥', 'Ștefan']
    for (const [i, name] of names.entries())
      await cli.ok('submit', `p${i}`, String(9 - i), '--name', name, '--at', String(AT))
    const shown = await cli.ok('top')
    for (const name of names) expect(shown).toContain(name)
  }))

test('a name as long as may be does not break the table', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'p', '1', '--name', '💀'.repeat(128))
    const lines = (await cli.ok('top')).split('\n')
    expect(lines[2]).toContain('💀…')
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThan(120)
  }))

test('read commands leave every byte and every file as it was', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const before = await fingerprint(cli)
    const files = await readdir(cli.db)
    const reads = [
      ...READS,
      ['around', 'alice'],
      ['show', 'alice'],
      ['rank', 'alice'],
      ['rank', 'nobody'],
      ['export', '-', '--format', 'csv'],
      ['--board', 'nope', 'top'],
      ['drop', 'default'],
    ]
    for (const args of reads) {
      await cli.run(args)
      await cli.run(['--json', ...args])
      expect(await fingerprint(cli)).toBe(before)
    }
    expect(await readdir(cli.db)).toEqual(files)
  }))

test('read commands create nothing where there is no store', () =>
  withCli(async (cli) => {
    const reads = [
      ...READS,
      ['show', 'a'],
      ['rank', 'a'],
      ['around', 'a'],
      ['export', cli.file('a.csv')],
    ]
    for (const args of reads) {
      const { status, stdout, stderr } = await cli.run([...args, '--json'])
      expect(status).toBe(4)
      expect(JSON.parse(stdout).error.code).toBe('NO_STORE')
      expect(stderr).toContain('there is no store')
    }
    expect(existsSync(cli.db)).toBe(false)
    expect(await readdir(cli.directory)).toEqual([])
  }))
