import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { BIN, type Cli, type Ran, runServing, withCli } from './support.ts'

/** Runs `serve` in process until `use` is done; resolves with its status and what it said. */
function served(cli: Cli, args: string[], use: (url: string) => Promise<void>): Promise<Ran> {
  return runServing(['--db', cli.db, '--json', 'serve', '--port', '0', ...args], use)
}

const HEADERS = { 'content-type': 'application/json' }

test('serve makes a store, answers, and ends with status 0', () =>
  withCli(async (cli) => {
    const { status, stderr } = await served(cli, [], async (url) => {
      const body = '{"playerId":"ann","score":7}'
      const post = { method: 'POST', body, headers: HEADERS }
      const response = await fetch(`${url}/api/v1/boards/default/scores`, post)
      expect(response.status).toBe(200)
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(await cli.ok('rank', 'ann')).toBe('1\n')
  }))

test('serve takes keys that key makes, and says what it refuses', () =>
  withCli(async (cli) => {
    const keys = cli.file('keys.json')
    const made = await cli.run(['key', 'create', '--role', 'admin', '--keys', keys])
    expect(made.stderr).toContain('shown only now')
    const { id, key } = await cli.json('key', 'create', '--role', 'read', '--keys', keys)
    await served(cli, ['--keys', keys], async (url) => {
      const ask = async (authorization: string): Promise<number> =>
        (await fetch(`${url}/api/v1/boards`, { headers: { authorization } })).status
      expect(await ask(`Bearer ${made.stdout.trim()}`)).toBe(200)
      expect(await ask(`Bearer ${key}`)).toBe(200)
      expect(await ask('Bearer wrong')).toBe(401)
    })
    expect((await cli.json('key', 'list', '--keys', keys)).keys).toHaveLength(2)
    expect(await cli.ok('key', 'list', '--keys', keys)).toContain(id)
    expect(await cli.ok('key', 'revoke', id, '--keys', keys)).toContain(`revoked ${id}`)
    for (const args of [
      ['revoke', id],
      ['revoke'],
      ['create'],
      ['create', 'x'],
      ['list', '--role', 'read'],
    ]) {
      const { status } = await cli.run(['key', ...args, '--keys', keys])
      expect([args, status]).toEqual([args, 2])
    }
  }))

test('serve refuses other machines without keys, a taken port, and a file that is no keys', () =>
  withCli(async (cli) => {
    const open = await cli.run(['serve', '--host', '0.0.0.0', '--port', '0'])
    expect(open).toMatchObject({ status: 2, stderr: expect.stringContaining('key create') })
    await served(cli, [], async (url) => {
      const taken = await cli.run(['serve', '--port', new URL(url).port])
      expect(taken).toMatchObject({
        status: 5,
        stderr: expect.stringContaining('name another port'),
      })
    })
    const none = await cli.run(['serve', '--port', '0', '--keys', cli.file('none.json')])
    expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('key create') })
    expect((await cli.run(['serve', '--port', '65536'])).status).toBe(2)
    const fresh = ['--db', cli.file('fresh'), 'serve', '--port', '0']
    await cli.run([...fresh, '--keys', cli.file('none.json')])
    await cli.run([...fresh, '--host', '0.0.0.0'])
    for (const args of [
      ['--origin', 'x'],
      ['--trust-proxy', 'localhost'],
    ])
      expect((await cli.run([...fresh, ...args])).status).toBe(2)
    expect(existsSync(cli.file('fresh'))).toBe(false)
  }))

test('serve says where it is and how to stop it; --log tells each request', () =>
  withCli(async (cli) => {
    const told = await cli.run(['serve', '--port', '0'], { signal: AbortSignal.abort() })
    expect(told).toMatchObject({ status: 0, stdout: '' })
    const log = await served(cli, ['--log'], async (url) => {
      await (await fetch(`${url}/api/v1/boards?limit=1`)).text()
    })
    expect(log.stdout).toContain('"path":"/api/v1/boards?limit=1","status":400')
    for (const word of ['/api/v1', 'Ctrl-C or SIGTERM', 'this machine alone', 'stored'])
      expect(told.stderr).toContain(word)
  }))

test('serve takes nightly backups as they are typed, and refuses half of them before the store is made', () =>
  withCli(async (cli) => {
    const begun = { signal: AbortSignal.abort() }
    const serve = ['serve', '--port', '0', '--backup-at']
    const nightly = [...serve, '04:15', cli.file('nights'), '--keep-daily', '7']
    const told = await cli.run([...nightly, '--time-zone', 'Asia/Tokyo'], begun)
    expect(told).toMatchObject({ status: 0, stdout: '' })
    expect(told.stderr).toContain('every day at 04:15 (Asia/Tokyo)')
    const both = [...serve, '04:15', '--backups', cli.file('nights')]
    expect(await cli.run(both, begun)).toMatchObject({ status: 0 })
    const fresh = ['--db', cli.file('fresh'), 'serve', '--port', '0']
    for (const [args, words] of [
      [['--backup-at', '04:15'], 'a time and a directory'],
      [['--backup-at', '04:15', 'a', 'b'], 'a time and a directory'],
      [['--backup-at', '04:15', 'a', '--backups', 'b'], 'two directories'],
      [['--backup-at', '4.15', 'a'], '"4.15" as a time of day'],
      [['--backup-at', '04:15', 'a', '--time-zone', 'Mars/X'], 'IANA time zone'],
      [['--backup-at', '04:15', 'a', '--keep', '0'], 'keep no backup'],
      [['--keep-daily', '7'], 'need --backup-at'],
      [['--time-zone', 'UTC'], 'need --backup-at'],
      [['a'], 'too many arguments'],
    ] as const) {
      const { status, stderr } = await cli.run([...fresh, ...args])
      expect([args, status, stderr]).toEqual([args, 2, expect.stringContaining(words)])
    }
    expect(existsSync(cli.file('fresh'))).toBe(false)
  }))

// A submit that was answered must be there whatever ended the server.
test('SIGTERM under load loses nothing that was answered', () =>
  withCli(async (cli) => {
    const child = spawn(process.execPath, [BIN, '--db', cli.db, '--json', 'serve', '--port', '0'])
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { url } = JSON.parse(String(line)) as { url: string }
    const answered = new Map<string, number>()
    let count = 0
    const submitter = async (): Promise<void> => {
      for (;;) {
        const playerId = `p${count++}`
        const body = JSON.stringify({ playerId, score: count })
        const post = { method: 'POST', body, headers: HEADERS }
        const response = await fetch(`${url}/api/v1/boards/default/scores`, post).catch(
          () => undefined,
        )
        // Refused for a second, if the machine is busy; gone for good, if the server is.
        if (response?.status === 503 && (await response.text()).includes('OVERLOADED')) continue
        if (response?.ok !== true) return
        answered.set(playerId, ((await response.json()) as { score: number }).score)
        if (answered.size === 100) child.kill('SIGTERM')
      }
    }
    const ended = once(child, 'exit')
    await Promise.all(Array.from({ length: 16 }, submitter))
    expect(await ended).toEqual([0, null])
    expect(answered.size).toBeGreaterThanOrEqual(100)
    const store = openLeaderboards(cli.db, { readOnly: true })
    const stored = new Map(
      store
        .board('default')
        .top(10_000)
        .map((entry) => [entry.playerId, entry.score]),
    )
    await store.close()
    const lost = [...answered].filter(([playerId, score]) => stored.get(playerId) !== score)
    expect(lost).toEqual([])
  }))

// Who embeds the library has none of them: Node's own words name neither a remedy nor a version.
test('serve says what to install if a package is missing, and all else works without', () =>
  withCli(async (cli) => {
    const root = resolve(dirname(BIN), '..')
    const copy = cli.file('package')
    for (const name of ['dist', 'bin', 'package.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    mkdirSync(join(copy, 'node_modules'))
    for (const name of Object.keys(dependencies))
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
    const ladderdb = (...args: string[]) =>
      spawnSync(process.execPath, [join(copy, 'bin/ladderdb.js'), '--db', cli.db, ...args], {
        encoding: 'utf8',
      })
    const { status, stderr } = ladderdb('serve', '--port', '0')
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /the package [\w@/-]+ is not installed; run npm install .*\bhono@4\.\d+\.\d+/,
    )
    // What is refused makes no store.
    expect(existsSync(cli.db)).toBe(false)
    expect(ladderdb('submit', 'ann', '5').status).toBe(0)
    expect(
      ladderdb('key', 'create', '--role', 'read', '--keys', cli.file('keys.json')).status,
    ).toBe(0)
  }))
