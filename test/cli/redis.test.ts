/**
 * Commands on a server: the same command lines on a store in a directory and on a server say the same.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Entry } from '../../src/index.ts'
import { openServer, REDIS_PROGRAM, type TestServer } from '../support/redis-server.ts'
import { AT, type Cli, type Ran, run, runServing, withCli } from './support.ts'

const ROOT = resolve(import.meta.dirname, '../..')

let server: TestServer
let end: () => Promise<void>
let stores = 0

/** Both stores, whose command lines are run one after the other. */
class Both {
  readonly cli: Cli
  readonly redis = `${server.url}/0?prefix=cli-${stores++}`

  constructor(cli: Cli) {
    this.cli = cli
  }

  onServer(args: string[], stdin = ''): Promise<Ran> {
    return run(['--redis', this.redis, ...args], { stdin })
  }

  async same(args: string[], stdin = ''): Promise<Ran> {
    const here = await this.cli.run(args, { stdin })
    const there = await this.onServer(args, stdin)
    // No board on a server has a log, and says so.
    const told = (text: string): string =>
      text
        .replaceAll(`--redis '${this.redis}'`, `--db ${this.cli.db}`)
        .replaceAll(/,"log":"none"|, log none/g, '')
    const read = (text: string): unknown =>
      text.startsWith('{"') && !text.trim().includes('\n') ? JSON.parse(text) : text
    expect({ args, ...there, stdout: read(told(there.stdout)) }).toEqual({
      ...{ args, ...here, stdout: read(here.stdout) },
    })
    return here
  }
}

function withBoth(body: (both: Both) => Promise<void>): Promise<void> {
  return withCli((cli) => body(new Both(cli)))
}

describe.skipIf(REDIS_PROGRAM === undefined)('the command line on a server', () => {
  beforeAll(async () => {
    const opened = await openServer()
    server = opened.server
    end = opened.end
  })
  afterAll(() => end())

  test('says what it says of a store in a directory', () =>
    withBoth(async (both) => {
      const race = ['--board', 'race']
      await both.same(['create', 'race', '--column', 'points', '--column', 'time:ascending'])
      await both.same(['create', 'race', '--column', 'points', '--column', 'time:ascending'])
      for (const [i, [player, score]] of [
        ['ann', '100,70.5'],
        ['bob', '100,60'],
        ['cid', '90,5'],
        ['dan', '90,5'],
      ].entries())
        await both.same([...race, 'submit', player as string, score as string, '--at', `${AT + i}`])
      for (const [i, player] of ['ann', 'bob', 'cid'].entries())
        await both.same([
          'submit',
          player,
          `${i}`,
          '--at',
          `${AT}`,
          '--mode',
          'best',
          '--name',
          'N',
        ])
      for (const words of [
        'boards --json',
        'top',
        'top 2 --rank-mode dense',
        'range 2 3',
        'around cid --above 1 --below 1',
        'between 90 95',
        'among ann nobody dan',
        'show ann',
        'rank dan --rank-mode competition',
        'rank nobody',
        'player bob',
        'gap bob',
        'score-at 2',
        'score-at 99',
        'find AN',
        'find b --limit 1',
        'score-for --rank 1 --player cid',
      ])
        for (const more of [[], ['--json']])
          await both.same([...race, ...words.split(' '), ...more])
      for (const words of ['csv', 'csv --bom --top 2', 'ndjson', 'json'])
        await both.same([...race, 'export', '-', '--format', ...words.split(' ')])
      const none = await both.onServer(['--board', 'none', 'export', '-', '--format', 'csv'])
      expect(none.status).toBe(3)
      const watched = await both.onServer([...race, 'watch', '2', '--count', '1', '--json'])
      const { total, entries, changes } = JSON.parse(watched.stdout)
      expect([total, entries.length, changes]).toEqual([4, 2, []])
      expect(entries[0].playerId).toBe('bob')
      await both.same(['rename', 'ann', 'Ann Alias'])
      await both.same(['rename', 'nobody', 'N'])
      await both.same(['move', 'cid', 'cleo'])
      await both.same(['move', 'cid', 'cleo'])
      expect((await both.onServer(['erase', 'zed'])).status).toBe(2)
      expect((await both.onServer(['erase', 'zed', '--yes'])).stdout).toBe(
        'nothing of zed was here: check the id\n',
      )
      await both.same([...race, 'remove', 'dan', '--json'])
      await both.same([...race, 'remove', 'dan'])
      await both.same(['remove', 'bob', '--all-boards', '--json'])
      await both.same([...race, 'top', '--json'])
      await both.same(['drop', 'race', '--yes'])
      const gone = await both.onServer(['--board', 'race', 'top'])
      expect(gone.status).toBe(3)
      expect(gone.stderr).toContain('the only board is "default"; say --board default')
      const stats = await both.onServer(['stats', '--json'])
      expect(JSON.parse(stats.stdout)).toMatchObject({ boards: 1, sizes: [{ board: 'default' }] })
      expect((await both.onServer(['stats'])).stdout).toMatch(
        /memory {6}about .*(bytes|KiB)\n\nboard/,
      )
      const checked = await both.onServer(['check', '--json'])
      expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, checked: { entries: 2 } })
    }))

  test('import makes the same board, and says the same of a file', () =>
    withBoth(async (both) => {
      const { cli } = both
      writeFileSync(cli.file('laps.csv'), `Driver;Lap;at\nann;1:02,5;${AT}\nbob;59,5;\nann;58,0;\n`)
      writeFileSync(cli.file('bad.csv'), 'playerId,score\nann,1\nbob,x\n')
      const laps = ['--columns', 'playerId=Driver,score=Lap', '--score-format', 'time']
      const told = ({ stdout }: Ran): object => ({ ...JSON.parse(stdout), ms: 0 })
      for (const words of [
        ['laps.csv', ...laps, '--decimal-comma', '--order', 'ascending', '--mode', 'best'],
        ['laps.csv', ...laps, '--decimal-comma', '--mode', 'best'],
        ['bad.csv', '--skip-bad'],
      ]) {
        const args = ['--json', 'import', cli.file(words[0] as string), ...words.slice(1)]
        const [here, there] = [await cli.run(args), await both.onServer(args)]
        expect(told({ ...there, stdout: there.stdout.replace(',"log":"none"', '') })).toEqual(
          told(here),
        )
        expect(there.stderr).toBe(here.stderr)
      }
      await both.same(['import', cli.file('bad.csv')])
      await both.same(['import', cli.file('none.csv')])
      await both.same(
        ['import', '-', '--format', 'csv', '--mode', 'best'],
        'playerId,score\nzoe,y\n',
      )
      const scores = [await cli.run(['top', '--json']), await both.onServer(['top', '--json'])].map(
        ({ stdout }) =>
          JSON.parse(stdout).entries.map(({ playerId, score }: Entry) => [playerId, score]),
      )
      expect(scores[1]).toEqual(scores[0])
    }))

  test('windows, seasons and finals are those of a store in a directory', () =>
    withBoth(async (both) => {
      const cups = ['--board', 'cups']
      const cup = '{"name":"cup","every":"manual"}'
      await both.same(['create', 'cups', '--window', 'year', '--window', cup])
      const now = `${Date.now() - 1000}`
      await both.same([...cups, 'submit', 'ann', '5', '--at', now, '--windows', 'all', '--json'])
      await both.same([...cups, 'submit', 'bob', '7', '--at', now, '--json'])
      for (const words of [
        'seasons year',
        'seasons cup',
        'finals ann year',
        'top --window year',
        'top --window cup',
        'rank ann --window year --season 1999',
        'show bob --window year',
        'start-season year spring',
      ])
        for (const more of [[], ['--json']])
          await both.same([...cups, ...words.split(' '), ...more])
      const start = [...cups, 'start-season', 'cup', 'spring', '--json']
      const started = await both.onServer(start)
      expect(JSON.parse(started.stdout)).toMatchObject({ window: 'cup', season: 'spring' })
      expect((await both.onServer(start)).stderr).toContain('the id was used before')
      const windows = await both.onServer([...cups, 'windows', '--json'])
      expect(JSON.parse(windows.stdout).windows[1]).toMatchObject({ season: 'spring' })
      await both.onServer(['create', 'plain'])
      const { stdout } = await both.onServer(['--board', 'plain', 'windows'])
      expect(stdout).toBe('plain has no windows · next: ladderdb alter plain --window month\n')
      const lines = [
        { op: 'top', board: 'cups', window: 'year' },
        { op: 'seasons', board: 'cups', window: 'year' },
        { op: 'top', board: 'cups', window: 'moon' },
      ]
      const server = await both.onServer(
        ['exec'],
        lines.map((line) => JSON.stringify(line)).join('\n'),
      )
      const here = await both.cli.run(['exec'], {
        stdin: lines.map((line) => JSON.stringify(line)).join('\n'),
      })
      expect(server.stdout).toBe(here.stdout)
    }))

  test('windows are altered as in a directory, and files fill their seasons', () =>
    withBoth(async (both) => {
      const file = join(both.cli.directory, 'runs.csv')
      writeFileSync(file, `playerId,score,at\nann,5,${AT}\nbob,7,${AT + 1}\n`)
      await both.same(['create', 'cups'])
      for (const words of [
        'alter cups',
        'alter cups --window month --window year',
        'alter cups --window {"name":"year","keep":1}',
        'alter cups --no-window month',
        'alter cups --no-window month --yes',
        'alter cups --no-window moon --yes',
        'alter cups --window day',
      ])
        await both.same(words.split(' '))
      const imported = async (ran: Ran): Promise<unknown> => {
        const { ms: _, ...report } = JSON.parse(ran.stdout)
        return report
      }
      const words = ['--board', 'cups', 'import', file, '--json']
      for (let i = 0; i < 2; i++)
        expect(await imported(await both.onServer(words))).toEqual(
          await imported(await both.cli.run(words)),
        )
      for (const shown of ['seasons day', 'top --window day --season 2025-03-01', 'finals bob day'])
        await both.same(['--board', 'cups', ...shown.split(' ')])
      const refusals = ['alter cups --max-gain 5']
      for (const refused of [...refusals, 'alter --retention-days 3']) {
        const { status, stderr } = await both.onServer(refused.split(' '))
        expect([status, stderr]).toEqual([1, expect.stringMatching(/UNSUPPORTED|on a server/)])
      }
    }))

  test('rules are altered, shown and gone by as in a directory', () =>
    withBoth(async (both) => {
      const tiers = '[{"name":"gold","rank":1},{"name":"rest"}]'
      await both.same(['create', 'cups'])
      for (const words of [
        'alter cups',
        'alter cups --min 0 --max 100 --per-minute 2 --json',
        'alter cups --max-gain 0.1 --max-gain-action refuse',
        `alter cups --tiers ${tiers}`,
        'alter cups --min 200',
        'submit ann 71.4',
        'submit ann 71.5',
        'submit bob 101',
        'submit bob 5',
        'submit bob 6',
        'standing bob',
        'standing bob --json',
        'alter cups --max none --no-max-gain --tiers none',
        'alter cups --writes closed --window day',
        'submit bob 6',
        'remove bob',
        'alter cups --writes open --per-minute none --min none',
        'alter cups --players known',
        'submit ann 9',
        'profile ann --name Ann',
        'submit ann 9',
        'alter cups --players none',
      ])
        await both.same(['--board', 'cups', ...words.split(' ')])
      const file = join(both.cli.directory, 'rows.csv')
      writeFileSync(file, 'playerId,score\nann,5\nbob,7000\n')
      await both.same(['alter', 'cups', '--max', '100'])
      for (const words of [['--skip-bad'], []]) {
        const asked = ['--board', 'cups', 'import', file, '--rules', ...words]
        const [here, there] = [await both.cli.run(asked), await both.onServer(asked)]
        expect(there.status).toBe(here.status)
        expect(there.stderr).toContain('at most 100')
      }
    }))

  test('pages go on by the command line that is shown', () =>
    withBoth(async ({ redis, onServer }) => {
      for (const player of ['ann', 'bob', 'cid'])
        await run(['--redis', redis, 'submit', player, '1'])
      const first = await run(['--redis', redis, 'page', '--limit', '2', '--json'])
      const { entries, next } = JSON.parse(first.stdout)
      expect(entries).toHaveLength(2)
      const second = await run(['--redis', redis, 'page', '--limit', '2', '--after', next])
      expect(second.stdout).toContain('cid')
      expect(second.stdout).toContain(`before: ladderdb --redis '${redis}' --board default page`)
      expect(onServer).toBeTypeOf('function')
    }))

  test('exec answers the same lines', () =>
    withBoth(async (both) => {
      const lines = [
        { op: 'submit', playerId: 'ann', score: 5, at: AT },
        { op: 'submit', playerId: 'bob', score: 7, at: AT },
        { op: 'submitMany', submissions: [{ playerId: 'cid', score: 6, at: AT }] },
        { op: 'rank', playerId: 'ann' },
        { op: 'top', n: 2 },
        { op: 'size' },
        { op: 'top', board: 'arena' },
        { op: 'createBoard', name: 'arena', mode: 'best' },
        { op: 'submit', playerId: 'ann', score: 5, board: 'arena', at: AT },
        { op: 'boards' },
        { op: 'dropBoard', name: 'arena' },
        { op: 'submit', playerId: 'ann', score: 5, board: 'arena' },
        { op: 'boardsOf', playerId: 'ann' },
        { op: 'profile', playerId: 'ann' },
        { op: 'setProfile', playerId: 'ann', name: 'Ann', metadata: { team: 'red' } },
        { op: 'submit', playerId: 'ann', score: 9, name: 'Annie', at: AT },
        { op: 'profile', playerId: 'ann' },
        { op: 'rank' },
        { op: 'createBoard', name: 'coins', scoreType: 'int64', mode: 'increment' },
        { op: 'alter', board: 'coins', max: '9007199254740993', perMinute: 2 },
        { op: 'alter', board: 'coins', maxGain: { by: '9007199254740992', action: 'refuse' } },
        { op: 'rules', board: 'coins' },
        { op: 'submit', board: 'coins', playerId: 'ann', score: '9007199254740992', at: AT },
        { op: 'submit', board: 'coins', playerId: 'ann', score: '2', at: AT },
        { op: 'submit', board: 'coins', playerId: 'ann', score: '1', at: AT },
        { op: 'submit', board: 'coins', playerId: 'bob', score: '9007199254740993', at: AT },
        { op: 'alter', board: 'coins', writes: 'closed', min: '9007199254740994' },
      ]
      const { stdout } = await both.same(
        ['exec'],
        lines.map((line) => JSON.stringify(line)).join('\n'),
      )
      expect(stdout.trim().split('\n')).toHaveLength(lines.length)
      const { stdout: refused } = await both.onServer(['exec'], '{"op":"log"}')
      expect(JSON.parse(refused)).toMatchObject({ ok: false, error: { code: 'UNSUPPORTED' } })
    }))

  test('commands that a server does not offer are refused with the reason', () =>
    withBoth(async ({ redis, cli }) => {
      for (const [words, reason] of [
        ['log', 'boards on a server keep no log'],
        ['backup', 'use its RDB and AOF'],
        ['compact', 'the files of a store'],
      ] as const) {
        const { status, stderr } = await run(['--redis', redis, words])
        expect({ words, status }).toEqual({ words, status: 1 })
        expect(stderr).toContain(reason)
        const env = { LADDERDB_REDIS: redis }
        expect((await run([words], { env })).status).toBe(1)
      }
      expect((await run(['--redis', redis, '--db', cli.db, 'top'])).status).toBe(2)
      expect((await run(['--redis', 'localhost', 'top'])).stderr).toContain('must be like redis://')
      // It made a directory of this name.
      const slip = await run(['copy', '--from', redis, '--to', 'redis:/localhost'])
      expect(slip.stderr).toContain('must be like redis://')
      expect((await run(['--db', redis, 'top'])).stderr).toContain('say --redis')
      const env = { LADDERDB_REDIS: redis }
      expect((await run(['submit', 'ann', '1'], { env })).status).toBe(0)
      // What is said on the command line comes before the environment.
      expect((await run(['--db', cli.file('none'), 'top'], { env })).status).toBe(4)
    }))

  test('serve answers over HTTP', () =>
    withBoth(async (both) => {
      const { redis } = both
      await both.onServer(['submit', 'ann', '5'])
      const args = ['--redis', redis, '--json', 'serve', '--port', '0']
      const { status } = await runServing(args, async (url) => {
        const ranked = await fetch(`${url}/api/v1/boards/default/players/ann/rank`)
        expect(await ranked.json()).toEqual({ result: 1 })
      })
      expect(status).toBe(0)
      const nightly = [...args, '--backup-at', '04:15', 'backups']
      const refused = await run(nightly)
      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain('use its RDB and AOF')
    }))

  // All went under the prefix of everybody else.
  test('an address with an empty prefix, or with a misspelt word, is refused', () =>
    withBoth(async () => {
      for (const [query, why] of [
        ['prefix=', 'Cannot use "" as prefix'],
        ['maxLagMs=soon', 'Cannot use "soon" as maxLagMs'],
        [
          'prefx=game',
          'Cannot use "prefx" in the address of a server: prefix, readFrom, maxLagMs and family are taken there',
        ],
      ]) {
        const ran = await run(['--redis', `${server.url}/0?${query}`, 'boards'])
        expect(ran).toMatchObject({ status: 2, stdout: '' })
        expect(ran.stderr).toContain(why)
      }
    }))

  test('create makes a board in partitions, and says that a directory has none', () =>
    withBoth(async (both) => {
      // It sent the next command to the directory that is meant if none is named.
      const next = `ladderdb --redis '${both.redis}' create BOARD`
      for (const command of ['boards', 'top']) {
        const told = await both.onServer([command])
        expect(told.stdout + told.stderr).toContain(next)
      }
      const made = await both.onServer(['create', 'wide', '--partitions', '4', '--json'])
      expect(JSON.parse(made.stdout)).toMatchObject({ board: 'wide', partitions: 4 })
      expect((await both.onServer(['boards'])).stdout).toContain('4 partitions')
      await both.onServer(['--board', 'wide', 'submit', 'ann', '5'])
      // "dense undefined" was told.
      const shown = await both.onServer(['--board', 'wide', 'show', 'ann'])
      expect(shown.stdout).toContain('1 of 1 (competition 1)')
      const refused = await both.cli.run(['create', 'wide', '--partitions', '4'])
      expect(refused.status).toBe(2)
      expect(refused.stderr).toContain('Cannot use --partitions for a directory')
    }))

  // It said twice that it cannot import the file.
  test('import says once that a file has no rows', () =>
    withBoth(async (both) => {
      const { stderr } = await both.same(['import', '-', '--format', 'csv'], 'playerId,score\n')
      expect(stderr).toBe(
        'ladderdb: Cannot import standard input: it has no rows, so no board is made and nothing is changed; check the file\n',
      )
    }))

  test('a password is not shown', () =>
    withBoth(async () => {
      const secret = server.url.replace('//', '//user:secret@')
      const { status, stderr, stdout } = await run(['--redis', secret, 'boards'])
      expect(status).toBe(1)
      expect(stderr + stdout).not.toContain('secret')
    }))
})

test('without ioredis a server cannot be used, and all else can', () =>
  withCli(async (cli) => {
    const copy = cli.file('package')
    mkdirSync(join(copy, 'node_modules'), { recursive: true })
    for (const name of ['bin', 'dist', 'package.json'])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    cpSync(join(ROOT, 'src/redis'), join(copy, 'src/redis'), { recursive: true })
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    for (const name of Object.keys(dependencies))
      symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name))
    const program = join(copy, 'bin/ladderdb.js')
    const start = (...args: string[]): Ran => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
        encoding: 'utf8',
      })
      return { status: status ?? -1, stdout, stderr }
    }
    const refused = start('--redis', 'redis://localhost:1', 'top')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('npm install ioredis')
    expect(start('--db', cli.db, 'submit', 'ann', '1').stderr).toBe('')
  }))
