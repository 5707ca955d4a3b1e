// Some of these start the built command line: dist must be fresh.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Io } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/main.ts'
import { openLeaderboards } from '../../src/index.ts'
import { BIN, type Cli, submitFive, withCli } from './support.ts'

const ESC = '\u001b['
const TAKE = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}H${ESC}J`
const GIVE_BACK = `${ESC}?7h${ESC}?25h${ESC}?1049l`
const QUICK = ['--interval', '10']

/** A terminal of a test: what it was sent, and keys to press. */
class Terminal {
  readonly stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean): void => {
      this.isRaw = isRaw
    },
  })
  readonly stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows: 8 })
  readonly stderr = new PassThrough()
  readonly interrupt = new AbortController()
  readonly ended: Promise<number>
  isRaw = false
  shown = ''

  constructor(args: string[], env: Record<string, string> = {}) {
    this.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.shown += chunk
    })
    const { stdin, stdout, stderr, interrupt } = this
    const io = new Io({ stdin, stdout, stderr, env, signal: interrupt.signal })
    this.ended = runCli(args, io)
  }

  /** Waits until text was shown, from now on. */
  async see(text: string): Promise<void> {
    const start = this.shown.length
    while (!this.shown.slice(start).includes(text)) await once(this.stdout, 'data')
  }
}

/** Submits in another process: what is watched in this one must not be opened here once more. */
async function elsewhere(cli: Cli, ...args: string[]): Promise<void> {
  const child = cli.spawn(args)
  while ((await child.nextLine()) !== undefined);
  expect(await child.end()).toEqual({ status: 0, stderr: '' })
}

function watchOf(cli: Cli, ...args: string[]): Terminal {
  return new Terminal(['--db', cli.db, 'watch', ...QUICK, ...args], { NO_COLOR: '1' })
}

test('a terminal shows the table anew after each change, until q', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const terminal = watchOf(cli, '3')
    await terminal.see('q leaves')
    expect(terminal.isRaw).toBe(true)
    expect(terminal.shown.startsWith(`${TAKE}${ESC}H${ESC}2Kdefault: top 3 of 5`)).toBe(true)
    const seen = terminal.see('left: dave')
    await elsewhere(cli, 'submit', 'alice', '5000')
    await seen
    expect(terminal.shown).toMatch(/1 {2}\+ new {3}Alice .*\r\n.*2 {2}▼1 {6}bob /)
    const moved = terminal.see('▲2 +4,000')
    await elsewhere(cli, 'submit', 'eve', '6000')
    await moved
    terminal.stdin.write('q')
    expect(await terminal.ended).toBe(0)
    expect(terminal.shown.endsWith(GIVE_BACK)).toBe(true)
    expect(terminal.isRaw).toBe(false)
  }))

test('a resize draws anew, to the size', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const terminal = watchOf(cli)
    await terminal.see('q leaves')
    const seen = terminal.see('… 4 more')
    Object.assign(terminal.stdout, { rows: 5, columns: 20 })
    terminal.stdout.emit('resize')
    await seen
    const frames = terminal.shown.split(`${ESC}H`)
    expect(frames.at(-1)?.split('\r\n').length).toBe(5)
    terminal.stdin.write('\u0004')
    expect(await terminal.ended).toBe(0)
    expect(terminal.stdout.listenerCount('resize')).toBe(0)
  }))

test.each<[name: string, end: (terminal: Terminal, cli: Cli) => unknown, status: number]>([
  ['Ctrl-C', ({ stdin }) => stdin.write('\u0003'), 130],
  ['a signal', ({ interrupt }) => interrupt.abort(), 130],
  ['a terminal that is gone', ({ stdin }) => stdin.end(), 0],
  ['a board that is dropped', (_, cli) => elsewhere(cli, 'drop', 'default', '--yes'), 3],
])('%s gives the screen back', (_name, end, status) =>
  withCli(async (cli) => {
    await submitFive(cli)
    const terminal = watchOf(cli)
    await terminal.see('q leaves')
    await end(terminal, cli)
    expect(await terminal.ended).toBe(status)
    expect(terminal.shown.endsWith(GIVE_BACK)).toBe(true)
    expect(terminal.shown.split(GIVE_BACK).length).toBe(2)
    expect(terminal.isRaw).toBe(false)
  }),
)

test('a screen that fails ends with the failure', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const terminal = watchOf(cli)
    await terminal.see('q leaves')
    terminal.stdout._write = (_chunk, _encoding, done) => done(new Error('Cannot write: EIO'))
    terminal.stdout.rows = 5
    terminal.stdout.emit('resize')
    expect(await terminal.ended).toBe(1)
    expect(terminal.isRaw).toBe(false)
  }))

test('a failure before the first look does not touch the screen', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'a', '1')
    const terminal = watchOf(cli, '--board', 'none')
    expect(await terminal.ended).toBe(3)
    expect(terminal.shown).toBe('')
  }))

test('a dumb terminal and a stream get the table once for each change', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const terminal = new Terminal(['--db', cli.db, 'watch', '2', ...QUICK, '--count', '2'], {
      TERM: 'dumb',
    })
    await terminal.see('Eve')
    await elsewhere(cli, 'submit', 'dave', '3000')
    expect(await terminal.ended).toBe(0)
    expect(terminal.shown.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').split('\n')).toEqual([
      '--- TIME',
      'default: top 2 of 5',
      'rank  change  player  id   score  when',
      '   1          bob     bob  2,000  TIME',
      '   2          Eve     eve  2,000  TIME',
      '--- TIME',
      'default: top 2 of 5',
      'rank  change  player  score  when',
      '   1  + new   dave    3,000  TIME',
      '   2  ▼1      bob     2,000  TIME',
      'left: Eve',
      '',
    ])
    expect(terminal.isRaw).toBe(false)
  }))

test('watch --json tells what another process submits, one line an update', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const child = cli.spawn(['watch', '2', '--json', ...QUICK, '--rank-mode', 'competition'])
    const first = JSON.parse((await child.nextLine()) ?? '')
    expect(Object.keys(first)).toEqual(['sequence', 'total', 'entries', 'changes'])
    expect(first).toMatchObject({ total: 5, changes: [] })
    expect(first.entries.map((entry: { rank: number }) => entry.rank)).toEqual([1, 1])
    await cli.ok('submit', 'zoe', '9000')
    const second = JSON.parse((await child.nextLine()) ?? '')
    expect(second.sequence).toBeGreaterThan(first.sequence)
    expect(second).toMatchObject({
      total: 6,
      changes: [
        { playerId: 'zoe', kind: 'entered', entry: { rank: 1, score: 9000 }, previous: null },
        { playerId: 'bob', kind: 'moved', entry: { rank: 2 }, previous: { rank: 1 } },
        { playerId: 'eve', kind: 'left', entry: null, previous: { rank: 1 } },
      ],
    })
    child.interrupt('SIGINT')
    expect(JSON.parse((await child.nextLine()) ?? '').error.code).toBe('ABORTED')
    expect(await child.end()).toEqual({ status: 130, stderr: 'ladderdb: Interrupted\n' })
  }))

test('watch --json writes int64 scores as text', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'big', '--score-type', 'int64')
    await cli.ok('--board', 'big', 'submit', 'a', '9223372036854775807')
    const { entries } = await cli.json('--board', 'big', 'watch', '--count', '1')
    expect(entries[0].score).toBe('9223372036854775807')
  }))

test('watch --player tells when the player comes, and ends after --count updates', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const child = cli.spawn(['watch', '--player', 'zoe', '--json', ...QUICK, '--count', '2'])
    expect(JSON.parse((await child.nextLine()) ?? '')).toMatchObject({ total: 5, entries: [] })
    await cli.ok('submit', 'zoe', '1900')
    expect(JSON.parse((await child.nextLine()) ?? '')).toMatchObject({
      total: 6,
      entries: [{ playerId: 'zoe', rank: 3 }],
      changes: [{ playerId: 'zoe', kind: 'entered' }],
    })
    expect(await child.end()).toEqual({ status: 0, stderr: '' })
  }))

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a watch that prints tables: status 130',
  (signal) =>
    withCli(async (cli) => {
      await submitFive(cli)
      const child = cli.spawn(['watch'])
      while (!(await child.nextLine())?.includes('charlie'));
      child.interrupt(signal)
      expect(await child.end()).toEqual({ status: 130, stderr: 'ladderdb: Interrupted\n' })
    }),
)

test.each([[[]], [['--json']]])('a reader that leaves ends the watch quietly: watch %s', (args) =>
  withCli(async (cli) => {
    await submitFive(cli)
    const child = cli.spawn(['watch', ...QUICK, ...args])
    await child.nextLine()
    child.closeOutput()
    // It is told by the next thing that is printed.
    await cli.ok('submit', 'alice', '4000')
    expect(await child.end()).toEqual({ status: 0, stderr: '' })
  }),
)

test('a reader that is slow loses states in between, never the last', () =>
  withCli(async (cli) => {
    const store = openLeaderboards(cli.db)
    const metadata = { text: 'x'.repeat(900) }
    const fill = (score: number): Promise<unknown> =>
      store
        .board('default')
        .submitMany(Array.from({ length: 150 }, (_, i) => ({ playerId: `p${i}`, score, metadata })))
    await fill(1)
    const child = cli.spawn(['watch', '150', '--json', ...QUICK])
    await child.nextLine()
    for (let score = 2; score < 20; score++) await fill(score)
    await store.board('default').submit('last', 1000)
    await store.close()
    let lines = 0
    let entries: { playerId: string }[] = []
    while (entries[0]?.playerId !== 'last') {
      entries = JSON.parse((await child.nextLine()) ?? '').entries
      lines++
    }
    expect(lines).toBeLessThan(15)
    child.interrupt('SIGTERM')
    // Its last words, or it would wait to be read.
    while ((await child.nextLine()) !== undefined);
    expect((await child.end()).status).toBe(130)
  }))

test('wrong words are told before anything is read', async () => {
  for (const args of [
    ['0'],
    ['1001'],
    ['3', '--player', 'a'],
    ['--interval', '9'],
    ['--count', '0'],
  ]) {
    await withCli(async (cli) => {
      await cli.ok('submit', 'a', '1')
      const { status, stdout, stderr } = await cli.run(['watch', ...args])
      expect([args, status, stdout]).toEqual([args, 2, ''])
      expect(stderr).toMatch(/^ladderdb: /)
    })
  }
})

// Only util-linux's takes a command like this and copies our keys to it.
const hasScript = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout)
if (!hasScript)
  console.warn('SKIPPED: watch on a pseudo-terminal, for want of script of util-linux')

test.skipIf(!hasScript).each([
  ['q', 'q', 'status 0'],
  ['Ctrl-C', '\u0003', 'ladderdb: Interrupted\r\nstatus 130'],
  ['a signal', '', 'ladderdb: Interrupted\r\nstatus 130'],
])('on a real terminal %s leaves it as it was', (_name, key, last) =>
  withCli(async (cli) => {
    await submitFive(cli)
    // The shell tells the process, and the modes of the keyboard before and after.
    const words = [process.execPath, BIN, '--db', cli.db, 'watch'].map((word) => `'${word}'`)
    const start = `sh -c 'echo $$ >"$0"; exec "$@"' '${cli.file('pid')}' ${words.join(' ')}`
    const command = `stty rows 12 cols 60; stty -g; ${start}; echo "status $?"; stty -g`
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      env: { PATH: process.env['PATH'] ?? '', SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: '1' },
    })
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const wasReady = shown.includes('q leaves')
      shown += chunk
      if (wasReady || !shown.includes('q leaves')) return
      if (key === '') process.kill(Number(readFileSync(cli.file('pid'), 'utf8')), 'SIGTERM')
      else child.stdin.write(key)
    })
    await once(child, 'close')
    const [before = '', rest = ''] = shown.split(TAKE)
    const [, after = ''] = rest.split(GIVE_BACK)
    expect(after).toBe(`${last}\r\n${before}`)
  }),
)
