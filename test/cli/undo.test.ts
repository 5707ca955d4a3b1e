import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { submitFive, withCli } from './support.ts'

test('undo takes runs back, and tells of it', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const { score } = (await cli.json('show', 'eve')).entry
    await cli.ok('submit', 'eve', '99999')
    const dry = await cli.json('undo', '--player', 'eve', '--from', '2020-01-01', '--dry-run')
    expect(dry).toMatchObject({ count: 2, dryRun: true, changes: [{ from: { score: 99999 } }] })
    expect((await cli.json('show', 'eve')).entry.score).toBe(99999)
    const run = dry.seq - 1
    const answer = await cli.json('undo', String(run), '--expected-seq', String(dry.seq))
    expect(answer).toMatchObject({ count: 1, changes: [{ to: { score } }], lost: [] })
    expect(await cli.ok('undo', String(answer.seq), '--reason', 'no\tbot')).toMatch(
      /board +player +from +to\ndefault +eve +\S+ +99,999\nundid 1 run, as change \d+\n/,
    )
    expect((await cli.json('show', 'eve')).entry.score).toBe(99999)
    expect(await cli.ok('--board', 'default', 'undo', '--dry-run')).toMatch(
      /would undo 6 runs; its seq would be \d+\n$/,
    )
    await cli.ok('--board', 'default', 'undo', '--player', 'eve')
    expect(await cli.ok('undo', '--player', 'eve')).toBe(
      'nothing to undo: there is no such run, or all of them are undone already\n',
    )
  }))

// Without an offset times are UTC: who meant another range saw it from the wrong runs alone, or not at all.
test('undo shows the range of time that it took', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const range = ['undo', '--player', 'eve', '--from', '2020-01-01T12:00', '--to', '2100-01-01']
    const since = 'committed from 2020-01-01T12:00:00.000Z before 2100-01-01T00:00:00.000Z'
    expect(await cli.ok(...range, '--dry-run')).toContain(`would undo 1 run ${since}; its seq`)
    expect(await cli.ok(...range)).toContain(`undid 1 run ${since}, as change 7\n`)
    expect(await cli.ok(...range)).toContain(`there is no such run ${since}, or all of them`)
    for (const command of ['undo', 'log', 'ban', 'restore', 'import', 'submit'])
      expect(await cli.ok(command, '--help'), command).toMatch(/UTC (if|without)/)
  }))

test('undo says what it cannot do', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const cases: [string[], number, string][] = [
      [['undo'], 2, 'Cannot undo all runs of a store'],
      [['undo', 'x'], 2, 'Cannot use "x" as a seq'],
      [['undo', '1'], 1, 'Cannot undo change 1: it is a change of kind "create"'],
      [['--board', 'nowhere', 'undo'], 3, 'Cannot find board "nowhere"'],
      [['undo', '--player', 'eve', '--expected-seq', '2'], 1, 'the log has moved on'],
      [['undo', '--from', 'noon'], 2, 'Cannot use "noon" as from'],
    ]
    for (const [args, status, message] of cases) {
      const run = await cli.run(args)
      expect(run, args.join(' ')).toMatchObject({ status })
      expect(run.stderr).toContain(message)
    }
  }))

test('exec: undo is of the whole store unless a board is named', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const lines = [
      { op: 'submit', playerId: 'eve', score: 77777 },
      { op: 'undo', playerId: 'eve', from: '2020-01-01', dryRun: true },
      { op: 'undo' },
      { op: 'undo', board: 'default', playerId: 'eve', reason: 'bot' },
      { op: 'get', playerId: 'eve' },
    ]
    const stdin = lines.map((line) => JSON.stringify(line)).join('\n')
    const { stdout } = await cli.run(['exec'], { stdin })
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers[1].result).toMatchObject({ count: 2, changes: [{ to: null }] })
    expect(answers[2].error.code).toBe('INVALID_ARGUMENT')
    expect(answers[3].result).toMatchObject({ count: 2, seq: answers[1].result.seq })
    expect(answers[4].result).toBeNull()
  }))

// The library could take runs back in sealed seasons too; the command line had no way to ask for it.
test('undo --sealed takes runs back in seasons that are final', () =>
  withCli(async (cli) => {
    const store = openLeaderboards(cli.db)
    const windows = [{ name: 'cup', every: 'manual', graceMs: 0 }] as const
    const board = await store.createBoard('default', { mode: 'best', windows })
    await board.startSeason('cup', 'spring')
    await board.submit('ann', 5)
    await board.submit('ann', 99_999)
    await board.startSeason('cup', 'summer')
    await store.close()
    const spring = ['show', 'ann', '--window', 'cup', '--season', 'spring']
    const runs = await cli.json('history', 'ann')
    const seq = String(runs.records[0].seq)
    await cli.ok('undo', seq)
    expect((await cli.json(...spring)).entry.score).toBe(99_999)
    const undone = JSON.parse(
      (await cli.ok('--json', 'log', '--kind', 'undo')).split('\n')[1] ?? '',
    )
    await cli.ok('undo', String(undone.seq))
    expect(await cli.ok('undo', seq, '--sealed')).toMatch(
      /default +ann +99,999 +5\ndefault cup spring +ann +99,999 +5\n/,
    )
    expect((await cli.json(...spring)).entry.score).toBe(5)
    expect((await cli.json('show', 'ann')).entry.score).toBe(5)
  }))
