import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { type Cli, type Ran, run, withCli } from './support.ts'

const AT = Date.UTC(2020, 6, 13, 22, 40, 11)

async function timesOf(cli: Cli): Promise<Record<string, number>> {
  const { entries } = await cli.json('top')
  return Object.fromEntries(
    entries.map(({ playerId, at }: { playerId: string; at: number }) => [playerId, at]),
  )
}

// From the field: 2023-02-29 became 1 March without a word, and a time in seconds one of January
// 1970, which wins every tie. Imports refused the dates that lists show.
test('a time is milliseconds or ISO 8601 in submit, import and exec', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'a', '9', '--at', '2020-07-13T22:40:11Z')
    await cli.ok('submit', 'b', '8', '--at', '1594680011', '--at-unit', 's')
    await writeFile(cli.file('c.csv'), 'playerId,score,at\nc,7,2020-07-14T00:40:11+02:00\n')
    await cli.ok('import', cli.file('c.csv'))
    await writeFile(cli.file('d.ndjson'), '{"playerId":"d","score":6,"at":1594680011}\n')
    await cli.ok('import', cli.file('d.ndjson'), '--at-unit', 's')
    const stdin = [
      { op: 'submit', playerId: 'e', score: 5, at: '2020-07-13 22:40:11' },
      { op: 'submit', playerId: 'f', score: 4, at: 1594680011, atUnit: 's' },
      { op: 'submitMany', submissions: [{ playerId: 'g', score: 3, at: '2020-07-13T22:40:11Z' }] },
      { op: 'submit', playerId: 'h', score: 2, at: 5 },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n')
    const { stdout } = await cli.run(['exec'], { stdin })
    expect(stdout).not.toContain('"ok":false')
    const same = Object.fromEntries([...'abcdefg'].map((id) => [id, AT]))
    expect(await timesOf(cli)).toEqual({ ...same, h: 5 })
  }))

test('a time that no calendar has, or of another unit, is refused everywhere', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'a', '9')
    for (const at of ['2023-02-29', '1594680011', '1594680011000000', '20200713']) {
      const submit = await cli.run(['submit', 'x', '1', '--at', at])
      expect([at, submit.status]).toEqual([at, 2])
      await writeFile(cli.file('x.csv'), `playerId,score,at\nx,1,${at}\n`)
      const imported = await cli.run(['import', cli.file('x.csv')])
      expect(imported.status).toBe(1)
      expect(imported.stderr).toMatch(new RegExp(`Line 2: Cannot use "?${at}"? as at: `))
      const stdin = JSON.stringify({ op: 'submit', playerId: 'x', score: 1, at })
      expect((await cli.run(['exec'], { stdin })).stdout).toContain('INVALID_ARGUMENT')
    }
    expect((await cli.json('top')).total).toBe(1)
  }))

// A store whose clock had been ahead could not be moved: its export was refused elsewhere, and no option
// of the command line took it.
test('an export of a store whose clock was ahead is imported elsewhere by --future-allowance', () =>
  withCli(async (cli) => {
    const ahead = Date.now() + 26 * 3_600_000
    const store = openLeaderboards(cli.db, { clock: () => ahead })
    await store.board('default').submit('ann', 5)
    await store.close()
    await cli.ok('submit', 'bob', '5')
    const file = cli.file('own.csv')
    await cli.ok('export', file)
    await cli.ok('--board', 'again', 'import', file)
    const into = (...args: string[]): Promise<Ran> =>
      run(['--db', cli.file('other'), 'import', file, ...args])
    const refused = await into()
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('--future-allowance')
    expect((await into('--future-allowance', '25h')).status).toBe(1)
    expect((await into('--future-allowance', '2 days')).stderr).toContain('number with a unit')
    expect((await into('--future-allowance', '27h')).status).toBe(0)
    const shown = await run(['--db', cli.file('other'), '--json', 'top'])
    expect(JSON.parse(shown.stdout).entries).toEqual((await cli.json('top')).entries)
  }))
