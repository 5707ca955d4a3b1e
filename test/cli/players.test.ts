import { expect, test } from 'vitest'
import { AT, submitFive, withCli } from './support.ts'

test('show prints a card', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('show', 'eve')).toBe(
      [
        'Eve (eve) · default',
        '  rank        2 of 5 (competition 1, dense 1)',
        '  score       2,000',
        '  since       2025-03-01T18:30:00.040Z',
        '  others      0 better, 1 equal, 3 worse',
        '  percentile  75.00: the share of the others with a worse score',
        '  bucket      top 1 %',
        '',
      ].join('\n'),
    )
  }))

test('show --json answers entry and standing', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.json('show', 'eve')).toEqual({
      entry: { rank: 2, playerId: 'eve', name: 'Eve', score: 2000, at: AT + 40 },
      standing: {
        ordinal: 2,
        competition: 1,
        dense: 1,
        better: 0,
        equal: 2,
        worse: 3,
        total: 5,
        percentile: 75,
        bucket: 'top 1 %',
      },
    })
  }))

test('rank prints the number alone', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('rank', 'charlie')).toBe('5\n')
    expect(await cli.ok('rank', 'charlie', '--rank-mode', 'dense')).toBe('4\n')
    expect(await cli.json('rank', 'charlie', '--rank-mode', 'dense')).toEqual({
      playerId: 'charlie',
      rank: 4,
    })
  }))

test('an unknown player is status 3, told on standard error and with --json as a document', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    for (const command of ['show', 'rank', 'around']) {
      const message = 'Cannot find player "nobody": no entry on board "default"'
      expect(await cli.run([command, 'nobody'])).toEqual({
        status: 3,
        stdout: '',
        stderr: `ladderdb: ${message}\n`,
      })
      expect(await cli.run([command, 'nobody', '--json'])).toEqual({
        status: 3,
        stdout: `${JSON.stringify({ error: { code: 'NO_PLAYER', message } })}\n`,
        stderr: `ladderdb: ${message}\n`,
      })
    }
  }))

test('remove takes a player off; one who is not there is status 3', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('remove', 'bob')).toMatch(
      /^removed bob from 'default': score 2,000, rank 1/,
    )
    expect(await cli.ok('rank', 'eve')).toBe('1\n')
    expect(await cli.json('remove', 'eve')).toMatchObject({ playerId: 'eve', removed: true })
    const again = await cli.run(['remove', 'bob', '--json'])
    expect(again.status).toBe(3)
    expect(JSON.parse(again.stdout)).toEqual({ playerId: 'bob', removed: false, entry: null })
    expect((await cli.run(['remove', 'bob'])).stdout).toBe('')
    expect((await cli.run(['remove', 'bob', '--board', 'nope'])).status).toBe(3)
  }))

test('submit tells scores and ranks before and after', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('submit', 'zoe', '1900.5')).toBe('zoe: 1,900.5 · new · rank 3 of 6\n')
    expect(await cli.ok('submit', 'charlie', '2000')).toBe(
      'charlie: 1,200 → 2,000 · rank 6 → 3 of 6\n',
    )
    expect(await cli.ok('submit', 'charlie', '5', '--mode', 'best')).toBe(
      'charlie: stays at 2,000 (best) · rank 3 of 6\n',
    )
    expect(await cli.ok('submit', 'charlie', '-3000', '--mode', 'increment')).toBe(
      'charlie: 2,000 → -1,000 · rank 3 → 6 of 6\n',
    )
    expect(await cli.ok('submit', 'bob', '1999', '--rank-mode', 'dense')).toBe(
      'bob: 2,000 → 1,999 · rank 1 → 2 of 6\n',
    )
  }))

test('submit --request-id counts once, and says what it answered first', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'coins', '--mode', 'increment')
    const submit = ['submit', 'ann', '5', '--board', 'coins', '--request-id', 'run 1']
    expect(await cli.ok(...submit)).toBe('ann: 5 · new · rank 1 of 1\n')
    expect(await cli.ok(...submit)).toBe(
      'ann: 5 · new · rank 1 of 1 · answered before: this request counts once\n',
    )
    expect(await cli.json(...submit)).toMatchObject({ score: 5, created: true, repeated: true })
    const reused = await cli.run(['submit', 'ann', '6', ...submit.slice(3)])
    expect(reused.status).toBe(1)
    expect(reused.stderr).toContain('under request id "run 1": it was used for a submit with other')
    const empty = await cli.run([...submit.slice(0, -1), ''])
    expect(empty.status).toBe(2)
    expect(empty.stderr).toContain('empty requestId')
    expect((await cli.json('show', 'ann', '--board', 'coins')).entry.score).toBe(5)
  }))

test('submit --json is the answer of the library', () =>
  withCli(async (cli) => {
    expect(await cli.json('submit', 'ann', '-0')).toEqual({
      playerId: 'ann',
      score: 0,
      previousScore: null,
      rank: 1,
      previousRank: null,
      changed: true,
      created: true,
    })
    expect(await cli.json('submit', 'ann', '-2.5', '--name', 'Ann')).toEqual({
      playerId: 'ann',
      score: -2.5,
      previousScore: 0,
      rank: 1,
      previousRank: 1,
      changed: true,
      created: false,
    })
    expect((await cli.json('show', 'ann')).entry.name).toBe('Ann')
  }))

test('submit makes the board default by itself, another only when told to', () =>
  withCli(async (cli) => {
    const refused = await cli.run(['submit', 'ann', '1', '--board', 'arena'])
    expect(refused.status).toBe(3)
    expect(refused.stderr).toContain('--create-board')
    expect(refused.stderr).toContain(`no store at ${cli.db};`)
    await cli.ok('submit', 'ann', '1')
    const again = await cli.run(['submit', 'ann', '1', '--board', 'arena'])
    expect(again.status).toBe(3)
    expect(again.stderr).toContain('board "arena": it does not exist;')
    await cli.ok('submit', 'ann', '1', '--board', 'arena', '--create-board')
    await cli.ok('submit', 'ben', '2', '--board', 'arena')
    const { boards } = await cli.json('boards')
    expect(boards).toEqual([
      { name: 'arena', order: 'descending', mode: 'set', size: 2 },
      { name: 'default', order: 'descending', mode: 'set', size: 1 },
    ])
  }))

test('submit takes negative numbers, and ids that begin with a minus behind --', () =>
  withCli(async (cli) => {
    for (const score of ['-5', '-5.5', '-.5', '-1e3']) {
      expect((await cli.json('submit', 'bob', score)).score).toBe(Number(score))
    }
    expect((await cli.json('submit', '--', '-id-', '-7')).score).toBe(-7)
    expect(await cli.ok('rank', '--', '-id-')).toBe('1\n')
    expect(await cli.ok('rank', '--rank-mode', 'dense', '--', '-id-')).toBe('1\n')
    expect(await cli.json('submit', '-1', '3')).toMatchObject({ playerId: '-1', score: 3 })
  }))

test('submit --at takes milliseconds or a date-time', () =>
  withCli(async (cli) => {
    const times: [string, number][] = [
      ['1760000000000', 1_760_000_000_000],
      ['1760000000000.25', 1_760_000_000_000.25],
      ['2025-03-01T18:30:00Z', AT],
      ['2025-03-01T19:30:00.0105+01:00', AT + 10.5],
      ['2025-03-01 18:30', AT],
      ['2025-03-01', Date.UTC(2025, 2, 1)],
    ]
    for (const [i, [text, at]] of times.entries()) {
      await cli.ok('submit', `p${i}`, '1', '--at', text)
      expect((await cli.json('show', `p${i}`)).entry.at).toBe(at)
    }
    const late = await cli.run(['submit', 'x', '1', '--at', '2100-01-01', '--json'])
    expect(late.status).toBe(1)
    expect(JSON.parse(late.stdout).error.code).toBe('FUTURE_TIME')
  }))
