import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isFree, withNewStore } from '../../src/cli/new-store.ts'
import { openLeaderboards } from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { asNobody, isRoot } from '../support/system.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { run, withCli } from './support.ts'

checkHere()

// `--db typo submit ann abc` was refused with status 2 and left a store with a board "default" behind;
// a bad import, `create ''` and `create b --keep 0` left an empty store.
test('a refused command creates nothing, neither store nor directory', () =>
  withCli(async (cli) => {
    await writeFile(cli.file('bad.csv'), 'playerId,score\nann,abc\n')
    await mkdir(cli.file('empty'))
    const before = readdirSync(cli.directory)
    const refused: [status: number, ...args: string[]][] = [
      [2, 'submit', 'ann', 'abc'],
      [2, 'submit', '', '1'],
      [2, 'submit', 'ann', '1', '--metadata', '{'],
      [2, 'submit', 'ann', '1', '--metadata', '[]'],
      [1, 'submit', 'ann', '1', '--only', 'existing'],
      [1, 'submit', 'ann', '1', '--at', '2099-01-01'],
      [1, 'import', cli.file('bad.csv')],
      [1, 'import', cli.file('none.csv')],
      [2, 'create', ''],
      [2, 'create', 'b', '--keep', '0'],
      [2, 'create', 'b', '--column', 'a', '--column', 'a'],
    ]
    for (const db of ['typo', 'deep/down/typo', 'empty'])
      for (const [status, ...args] of refused) {
        const ran = await cli.run(['--db', cli.file(db), ...args])
        expect([ran.status, ...args]).toEqual([status, ...args])
        expect(ran.stderr).not.toContain('.ladderdb-new')
        expect(readdirSync(cli.directory)).toEqual(before)
      }
    expect(readdirSync(cli.file('empty'))).toEqual([])
  }))

test('a command that works makes the store, for its owner alone and with its directories', () =>
  withCli(async (cli) => {
    await writeFile(cli.file('good.csv'), 'playerId,score\nann,1\n')
    await mkdir(cli.file('empty'))
    for (const [db, ...args] of [
      ['one', 'submit', 'ann', '1'],
      ['deep/down/two', 'import', cli.file('good.csv')],
      ['empty', 'create', 'default'],
    ] as string[][]) {
      const path = cli.file(db as string)
      expect((await cli.run(['--db', path, ...(args as string[])])).status).toBe(0)
      expect(readdirSync(path)).toEqual(['data.mdb'])
      expect((await stat(path)).mode & 0o777).toBe(0o700)
      expect((await stat(join(path, 'data.mdb'))).mode & 0o777).toBe(0o600)
      expect((await cli.run(['--db', path, 'check'])).status).toBe(0)
    }
    expect(readdirSync(cli.directory).sort()).toEqual(['deep', 'empty', 'good.csv', 'one'])
  }))

test('two commands that make one store at once: both submits are in it', () =>
  withCli(async (cli) => {
    const players = ['ann', 'bob', 'cleo', 'dave']
    await Promise.all(players.map((player) => cli.ok('submit', player, '1')))
    expect((await cli.json('top')).total).toBe(4)
    expect(readdirSync(cli.directory)).toEqual(['store'])
  }))

test('withNewStore() never takes the place of a store that somebody else made meanwhile', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'store')
    const late = withNewStore(path, async (place) => {
      for (const db of [place, path]) {
        const store = openLeaderboards(db)
        await store.createBoard(db === place ? 'late' : 'early')
        await store.close()
      }
    })
    await expect(late).rejects.toMatchObject({ code: 'BUSY' })
    const store = openLeaderboards(path, { readOnly: true })
    expect(store.boards().map(({ name }) => name)).toEqual(['early'])
    await store.close()
    expect(readdirSync(directory)).toEqual(['store'])
  }))

test('withNewStore() removes what a killed command left a day ago, and nothing else', () =>
  withDirectory(async (directory) => {
    const [stale, fresh, foreign] = ['stale', 'fresh', 'foreign'].map((name) =>
      join(directory, `.ladderdb-new-${name}`),
    ) as [string, string, string]
    for (const path of [stale, fresh, foreign]) await mkdir(path)
    for (const path of [stale, fresh]) await writeFile(join(path, 'data.mdb'), '')
    await writeFile(join(foreign, 'photo.jpg'), '')
    const longAgo = new Date(0)
    for (const path of [join(stale, 'data.mdb'), stale, foreign])
      await utimes(path, longAgo, longAgo)
    await withNewStore(join(directory, 'store'), async (place) => {
      await writeFile(join(place, 'data.mdb'), '')
    })
    expect([stale, fresh, foreign].map((path) => existsSync(path))).toEqual([false, true, true])
    expect([isFree(join(directory, 'store')), isFree(join(directory, 'none'))]).toEqual([
      false,
      true,
    ])
  }))

// The new user's first look at a store without a board "default" was a dead end.
test('a board that is not there is told together with those that are', () =>
  withCli(async (cli) => {
    const told = async (...args: string[]) => (await cli.run(args)).stderr
    await cli.ok('create', 'arena')
    const only = 'Cannot find board "default": the only board is "arena"; say --board arena\n'
    for (const args of [['top'], ['show', 'x'], ['watch'], ['page'], ['remove', 'x']])
      expect(await told(...args)).toContain(only)
    await cli.ok('create', 'golf')
    expect(await told('top')).toContain('the boards are "arena", "golf"; name one with --board')
    expect(await told('drop', 'gulf', '--yes')).toContain('board "gulf": the boards are "arena"')
    for (let i = 0; i < 12; i++) await cli.ok('create', `week-${10 + i}`)
    expect(await told('top')).toContain('"week-17" and 4 more; name one')
    const { status, stdout } = await cli.run(['--json', 'top'])
    expect([status, JSON.parse(stdout).error.code]).toEqual([3, 'NO_BOARD'])
  }))

test('submit --mode makes a new board of that mode, and keeps the mode of one that is there', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '5', '--mode', 'best')
    await cli.ok('--board', 'coins', 'submit', 'ann', '5', '--mode', 'increment', '--create-board')
    await cli.ok('--board', 'coins', 'submit', 'ann', '7', '--mode', 'set')
    const { boards } = await cli.json('boards')
    expect(boards).toMatchObject([
      { name: 'coins', mode: 'increment' },
      { name: 'default', mode: 'best' },
    ])
  }))

test('range with the last place before the first is refused in words', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '5')
    const { status, stderr } = await cli.run(['range', '4', '2'])
    expect([status, stderr]).toEqual([2, expect.stringContaining('say  range 2 4')])
    expect(await cli.ok('range', '2', '2')).toContain('places 2 to 2')
  }))

// Another user was shown a raw EACCES of the command line's own look at the directory; compact said that
// the system does not tell who has the store open, and salvage that there is none.
test.skipIf(!isRoot)('commands say PERMISSION of a directory of another user', () =>
  withDirectory(async (directory) => {
    const db = join(directory, 'store')
    await openLeaderboards(db).close()
    await chmod(directory, 0o755)
    const target = join(directory, 'saved')
    const commands = [['submit', 'ann', '1'], ['exec'], ['compact'], ['salvage', target], ['top']]
    await asNobody(async () => {
      for (const place of [db, join(db, 'below')])
        for (const command of commands) {
          const stdin = '{"op":"submit","playerId":"ann","score":1}\n'
          const ran = await run(['--db', place, ...command, ...jsonOf(command)], { stdin })
          expect([command[0], ran.stdout]).toEqual([
            command[0],
            /"code":"PERMISSION"/.exec(ran.stdout)?.input,
          ])
          expect(ran.stdout).toMatch(/run as/)
        }
    })
  }),
)

function jsonOf([name]: string[]): string[] {
  return name === 'exec' ? [] : ['--json']
}
