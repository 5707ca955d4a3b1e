import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failureOf } from '../../src/cli/failures.ts'
import { LadderError } from '../../src/index.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { Cli, run, submitFive, withCli } from './support.ts'

test.each([
  ['no command', []],
  ['an unknown command', ['tpo']],
  ['a missing argument', ['show']],
  ['one argument too many', ['rank', 'a', 'b']],
  ['an unknown option', ['top', '--nope']],
  ['an unknown option of between', ['between', '1', '2', '--nope']],
  ['a word in place of a number', ['top', 'ten']],
  ['a negative count', ['top', '-1']],
  ['place 0', ['range', '0', '1']],
  ['a score that is no number', ['submit', 'a', '0x10']],
  ['an empty score', ['submit', 'a', '']],
  ['an infinite score', ['submit', 'a', 'Infinity']],
  ['a score that is not exact', ['submit', 'a', '9007199254740993']],
  ['a time that is none', ['submit', 'a', '1', '--at', 'yesterday']],
  ['a mode that is none', ['submit', 'a', '1', '--mode', 'worst']],
  ['an empty id', ['submit', '', '1']],
  ['an empty board', ['create', '']],
  ['an id that is too long', ['submit', 'x'.repeat(513), '1']],
  ['a rank mode that is none', ['top', '--rank-mode', 'fair']],
  ['a format that is none', ['import', '-', '--format', 'xml']],
  ['an option without its value', ['--db']],
])('%s is wrong use: status 2', (_case, args) =>
  withDirectory(async (directory) => {
    const env = { LADDERDB_DB: join(directory, 'store') }
    const { status, stdout, stderr } = await run(args, { env })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(args.length === 0 ? /^Usage: ladderdb/ : /^ladderdb: /)
    if (args.length === 0) return
    const json = await run(['--json', ...args], { env })
    expect(json.status).toBe(2)
    expect(JSON.parse(json.stdout)).toEqual({
      error: {
        code: expect.stringMatching(/^(USAGE|INVALID_ARGUMENT)$/),
        message: expect.any(String),
      },
    })
  }),
)

test('wrong use is told with a suggestion and the way to the help', async () => {
  expect((await run(['tpo'])).stderr).toBe("ladderdb: unknown command 'tpo'\n(Did you mean top?)\n")
  expect((await run(['show'])).stderr).toBe(
    "ladderdb: missing required argument 'player'\nsee: ladderdb show --help\n",
  )
})

test('--help and --version are answers: status 0, on standard output', async () => {
  const help = await run(['--help'])
  expect(help).toMatchObject({ status: 0, stderr: '' })
  const commands = [
    'top',
    'range',
    'around',
    'between',
    'show',
    'rank',
    'submit',
    'remove',
    'boards',
  ]
  commands.push('create', 'drop', 'import', 'export', 'exec', 'stats', 'check', 'rebuild', 'demo')
  for (const command of commands) {
    expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    const { status, stdout } = await run([command, '--help'])
    expect(status).toBe(0)
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  \\$ ladderdb ${command}`))
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  }
  expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  ['NO_BOARD', 3],
  ['NO_STORE', 4],
  ['NOT_A_STORE', 4],
  ['VERSION', 4],
  ['CORRUPT', 4],
  ['BUSY', 5],
  ['ABORTED', 130],
  ['SETTINGS_DIFFER', 1],
  ['BAD_ROW', 1],
  ['FUTURE_TIME', 1],
  ['INEXACT', 1],
  ['READ_ONLY', 1],
  ['CLOSED', 1],
  ['DISK_FULL', 1],
  ['IO', 1],
  ['PERMISSION', 1],
] as const)('a LadderError %s is status %i', (code, status) => {
  expect(failureOf(new LadderError(code, 'Why'))).toEqual({ code, message: 'Why', status })
})

test('other errors: wrong arguments of the library are wrong use, all else has failed', () => {
  expect(failureOf(new TypeError('T'))).toEqual({
    code: 'INVALID_ARGUMENT',
    message: 'T',
    status: 2,
  })
  expect(failureOf(new RangeError('R'))).toMatchObject({ code: 'INVALID_ARGUMENT', status: 2 })
  const ofNode = Object.assign(new TypeError('N'), { code: 'ERR_INVALID_ARG_TYPE' })
  expect(failureOf(ofNode)).toMatchObject({ code: 'FAILED', status: 1 })
  expect(failureOf(new Error('E'))).toEqual({ code: 'FAILED', message: 'E', status: 1 })
  expect(failureOf('odd')).toEqual({ code: 'FAILED', message: 'odd', status: 1 })
})

test('a board that does not exist is status 3', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    for (const args of [['top'], ['show', 'a'], ['export', '-', '--format', 'csv'], ['rebuild']]) {
      const { status, stdout } = await cli.run(['--board', 'nope', '--json', ...args])
      expect(status).toBe(3)
      expect(JSON.parse(stdout).error.code).toBe('NO_BOARD')
    }
  }))

test('something else in place of a store, or a part of one, is status 4', () =>
  withDirectory(async (directory) => {
    const cli = new Cli(directory)
    await mkdir(cli.db)
    const file = join(cli.db, 'data.mdb')
    for (const content of ['no database', Buffer.alloc(8192)]) {
      await writeFile(file, content)
      const { status, stdout } = await cli.run(['top', '--json'])
      expect(status).toBe(4)
      expect(JSON.parse(stdout).error.code).toBe('NOT_A_STORE')
    }
    const cut = new Cli(join(directory, 'cut'))
    await submitFive(cut)
    await truncate(join(cut.db, 'data.mdb'), 16_384)
    const { status, stdout } = await cut.run(['check', '--json'])
    expect(status).toBe(4)
    expect(JSON.parse(stdout).error.code).toBe('CORRUPT')
  }))

test('a stack trace is shown only when asked for', () =>
  withCli(async (cli) => {
    const quiet = await cli.run(['top'])
    expect(quiet.stderr.split('\n').length).toBe(2)
    const verbose = await cli.run(['top', '--verbose'])
    expect(verbose.stderr).toContain('    at ')
  }))

test('colour is for terminals, unless the environment or --no-color says otherwise', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const cases: [boolean, Record<string, string>, string[], boolean][] = [
      [false, {}, [], false],
      [true, {}, [], true],
      [true, {}, ['--no-color'], false],
      [true, { NO_COLOR: '1' }, [], false],
      [true, { NO_COLOR: '' }, [], true],
      [true, { TERM: 'dumb' }, [], false],
      [false, { FORCE_COLOR: '1' }, [], true],
      [true, { FORCE_COLOR: '0' }, [], false],
      [false, { FORCE_COLOR: '1' }, ['--no-color'], false],
    ]
    for (const [terminal, env, flags, isColored] of cases) {
      const { stdout } = await cli.run(['top', ...flags], { terminal, env })
      expect([terminal, env, flags, stdout.includes('\u001b[')]).toEqual([
        terminal,
        env,
        flags,
        isColored,
      ])
      const failed = await cli.run(['rank', 'nobody', ...flags], { terminal, env })
      expect(failed.stderr.includes('\u001b[')).toBe(isColored)
    }
    const json = await cli.run(['top', '--json'], { terminal: true })
    expect(json.stdout).not.toContain('\u001b[')
  }))

test('a progress bar is shown on a terminal only, and cleared', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect((await cli.run(['check'])).stderr).toBe('')
    const { status, stdout, stderr } = await cli.run(['check'], { terminal: true })
    expect(status).toBe(0)
    expect(stdout).toContain('all is well')
    expect(stderr).toContain('\u001b[')
  }))
