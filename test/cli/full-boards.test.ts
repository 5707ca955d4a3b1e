/**
 * Boards in full on the command line: columns, integers, metadata, pages, friends, questions.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { AT, type Cli, withCli } from './support.ts'

async function makeRace(cli: Cli): Promise<void> {
  await cli.ok('create', 'race', '--column', 'points', '--column', 'time:ascending')
  const race = ['--board', 'race']
  await cli.ok(...race, 'submit', 'ann', '100,70.5', '--at', `${AT}`, '--metadata', '{"car":"red"}')
  await cli.ok(...race, 'submit', 'bob', '100,60', '--at', `${AT}`)
  await cli.ok(...race, 'submit', 'cid', '90,5', '--at', `${AT}`)
}

test('scores of several columns are written with commas and shown in columns', () =>
  withCli(async (cli) => {
    await makeRace(cli)
    expect(await cli.ok('--board', 'race', 'top')).toBe(
      [
        'race: top 3 of 3',
        'rank  player  points  time  when',
        '   1  bob        100    60  2025-03-01T18:30:00.000Z',
        '   2  ann        100  70.5  2025-03-01T18:30:00.000Z',
        '   3  cid         90     5  2025-03-01T18:30:00.000Z',
        '',
      ].join('\n'),
    )
    expect(await cli.ok('boards')).toContain('points descending, time ascending')
    const wrong = await cli.run(['--board', 'race', 'submit', 'ann', '100'])
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toContain('write points,time, like')
  }))

test('metadata is kept, shown and exported', () =>
  withCli(async (cli) => {
    await makeRace(cli)
    expect(await cli.ok('--board', 'race', 'show', 'ann')).toContain('metadata    {"car":"red"}')
    expect((await cli.run(['--board', 'race', 'export', '-', '--format', 'csv'])).stdout).toBe(
      [
        'playerId,points,time,name,at,metadata',
        `bob,100,60,bob,${AT},`,
        `ann,100,70.5,ann,${AT},"{""car"":""red""}"`,
        `cid,90,5,cid,${AT},`,
        '',
      ].join('\n'),
    )
    const wrong = await cli.run(['--board', 'race', 'submit', 'ann', '1,1', '--metadata', '{'])
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toContain('Cannot read the metadata')
  }))

test('int64 scores are text in JSON and digits elsewhere', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'big', '--score-type', 'int64', '--keep', '2')
    const big = ['--board', 'big']
    await cli.ok(...big, 'submit', 'ann', '9007199254740993')
    expect(await cli.json(...big, 'submit', 'bob', '9007199254740992')).toMatchObject({
      score: '9007199254740992',
      rank: 2,
    })
    expect(await cli.ok(...big, 'submit', 'cid', '5')).toBe('cid: 5 · not among the best 2\n')
    const { stdout } = await cli.run([...big, 'export', '-', '--format', 'csv'])
    expect(stdout).toContain('ann,9007199254740993,')
    expect(await cli.json(...big, 'between', '-inf', '9007199254740992')).toMatchObject({
      entries: [{ playerId: 'bob' }],
    })
    expect(await cli.json('boards')).toEqual({
      boards: [
        { name: 'big', order: 'descending', mode: 'set', scoreType: 'int64', keep: 2, size: 2 },
      ],
    })
    expect((await cli.run([...big, 'submit', 'ann', '1.5'])).status).toBe(2)
  }))

test('page goes forward and back by its cursors', () =>
  withCli(async (cli) => {
    await makeRace(cli)
    const page = (...args: string[]): Promise<Record<string, unknown>> =>
      cli.json('--board', 'race', 'page', '--limit', '2', ...args) as Promise<
        Record<string, unknown>
      >
    const first = await page()
    expect(first).toMatchObject({ board: 'race', total: 3, previous: null })
    const second = await page('--after', String(first['next']))
    expect(second).toMatchObject({ entries: [{ rank: 3, playerId: 'cid' }], next: null })
    expect((await page('--before', String(second['previous'])))['entries']).toEqual(
      first['entries'],
    )
    expect(await cli.ok('--board', 'race', 'page', '--limit', '2')).toContain(
      `page --limit 2 --after ${String(first['next'])}`,
    )
    const wrong = await cli.run(['--board', 'race', 'page', '--after', 'abc'])
    expect(wrong.status).toBe(1)
    expect(wrong.stderr).toContain('start with the first page')
  }))

test('among, gap, score-at and score-for answer for people and programs', () =>
  withCli(async (cli) => {
    await makeRace(cli)
    const race = ['--board', 'race']
    expect(await cli.json(...race, 'among', 'cid', 'nobody', 'bob')).toMatchObject({
      entries: [
        { playerId: 'bob', rank: 1, groupRank: 1 },
        { playerId: 'cid', rank: 3, groupRank: 2 },
      ],
      missing: ['nobody'],
    })
    expect(await cli.ok(...race, 'among', 'cid', 'nobody')).toContain('no entry: nobody')
    expect(await cli.json(...race, 'gap', 'ann')).toMatchObject({
      above: { entry: { playerId: 'bob' }, difference: { points: 0, time: 10.5 } },
      below: { entry: { playerId: 'cid' }, difference: { points: 10, time: -65.5 } },
    })
    expect(await cli.ok(...race, 'gap', 'ann')).toContain('points 0 · time 10.5 ahead')
    expect((await cli.run([...race, 'gap', 'nobody'])).status).toBe(3)
    expect(await cli.ok(...race, 'score-at', '2')).toBe('points 100 · time 70.5\n')
    expect((await cli.run([...race, 'score-at', '4'])).status).toBe(3)
    expect(await cli.ok(...race, 'score-for', '--rank', '1')).toBe(
      'rank 1: better than points 100 · time 60\n',
    )
    expect(await cli.json(...race, 'score-for', '--top-percent', '100')).toMatchObject({
      rank: 4,
      score: null,
      mark: null,
    })
    expect((await cli.run([...race, 'score-for'])).status).toBe(2)
  }))

test('rename, player and remove --all-boards work on every board', () =>
  withCli(async (cli) => {
    await makeRace(cli)
    await cli.ok('submit', 'ann', '7')
    expect(await cli.json('rename', 'ann', 'Anna')).toEqual({
      playerId: 'ann',
      name: 'Anna',
      boards: 2,
    })
    expect(await cli.json('player', 'ann')).toMatchObject({
      boards: [
        { board: 'default', entry: { name: 'Anna', score: 7 } },
        { board: 'race', entry: { name: 'Anna', score: { points: 100, time: 70.5 } } },
      ],
    })
    expect(await cli.json('remove', 'ann', '--all-boards')).toMatchObject({
      playerId: 'ann',
      removed: true,
      boards: 2,
    })
    for (const args of [
      ['player', 'ann'],
      ['rename', 'ann', 'A'],
      ['remove', 'ann', '--all-boards'],
    ])
      expect((await cli.run(args)).status).toBe(3)
  }))

test('submit takes conditions and tells who was passed', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '5')
    expect(await cli.ok('submit', 'bob', '9', '--passed', '3')).toContain('passed ann')
    const refused = await cli.run(['submit', 'ann', '7', '--only', 'new'])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('has an entry')
    expect((await cli.run(['submit', 'ann', '7', '--expected', '6'])).status).toBe(1)
    await cli.ok('submit', 'ann', '7', '--expected', '5')
    expect(await cli.ok('rank', 'ann')).toBe('2\n')
  }))

test('a full board of the best says in words and JSON that it has no place, and what it takes', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'best', '--keep', '2')
    const best = ['--board', 'best']
    await cli.ok(...best, 'submit', 'a', '12')
    await cli.ok(...best, 'submit', 'b', '11')
    expect(await cli.ok(...best, 'submit', 'late', '10')).toBe('late: 10 · not among the best 2\n')
    expect(await cli.json(...best, 'submit', 'late', '11')).toEqual({
      ...{ playerId: 'late', score: null, submitted: 11, previousScore: null },
      ...{ rank: null, previousRank: null, changed: false, created: false },
    })
    expect(await cli.ok(...best, 'score-for', '--rank', '3')).toBe('rank 3: better than 11\n')
    expect(await cli.ok(...best, 'score-for', '--rank', '2', '--player', 'a')).toBe(
      'rank 2: held already\n',
    )
    expect(await cli.json(...best, 'score-for', '--rank', '1', '--player', 'a')).toEqual({
      ...{ board: 'best', rank: 1, score: null, mark: null, mustBeat: false, held: true },
    })
    const lines = ['{"op":"standingOf","score":11,"board":"best"}']
    const { stdout } = await cli.run(['exec'], { stdin: `${lines.join('\n')}\n` })
    expect(stdout).toBe('{"ok":true,"result":null}\n')
  }))

// A difference of several columns was cut after forty characters.
test('gap shows differences as decimals, and those of many columns whole', () =>
  withCli(async (cli) => {
    const columns = ['laps', 'seconds:ascending', 'penalties:ascending', 'bonus']
    await cli.ok('create', 'race', ...columns.flatMap((column) => ['--column', column]))
    const race = ['--board', 'race']
    await cli.ok(...race, 'submit', 'ann', '1000000,71.4,1000,10.3')
    await cli.ok(...race, 'submit', 'bob', '1,71.5,2000,10.1')
    expect(await cli.ok(...race, 'gap', 'bob')).toContain(
      'laps 999,999 · seconds 0.1 · penalties 1,000 · bonus 0.2 ahead',
    )
  }))
