import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkHere } from '../support/check-here.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { Cli, submitFive, withCli, writeSeason } from './support.ts'

checkHere()

test('boards lists names, settings and sizes', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('create', 'golf', '--order', 'ascending', '--mode', 'best')
    expect(await cli.ok('boards')).toBe(
      [
        'board    order       mode  entries',
        'default  descending  set         5',
        'golf     ascending   best        0',
        '',
      ].join('\n'),
    )
    expect(await cli.json('boards')).toEqual({
      boards: [
        { name: 'default', order: 'descending', mode: 'set', size: 5 },
        { name: 'golf', order: 'ascending', mode: 'best', size: 0 },
      ],
    })
  }))

test('create makes a board once, and refuses other settings later', () =>
  withCli(async (cli) => {
    expect(await cli.json('create', 'golf', '--order', 'ascending')).toEqual({
      board: 'golf',
      order: 'ascending',
      mode: 'set',
      created: true,
    })
    expect(await cli.ok('create', 'golf')).toBe("board 'golf' exists (ascending, set)\n")
    const differs = await cli.run(['create', 'golf', '--mode', 'best', '--json'])
    expect(differs.status).toBe(1)
    expect(JSON.parse(differs.stdout).error.code).toBe('SETTINGS_DIFFER')
  }))

test('drop wants a yes, and an existing board', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const unsure = await cli.run(['drop', 'default'])
    expect(unsure).toMatchObject({ status: 2, stdout: '' })
    expect(unsure.stderr).toContain('--yes')
    expect(await cli.json('drop', 'default', '--yes')).toEqual({
      board: 'default',
      order: 'descending',
      mode: 'set',
      dropped: true,
      entries: 5,
    })
    expect((await cli.run(['drop', 'default', '--yes'])).status).toBe(3)
    await cli.ok('create', 'golf', '--order', 'ascending', '--mode', 'best', '--keep', '9')
    expect(await cli.ok('drop', 'golf', '--yes')).toBe(
      "dropped board 'golf' (ascending, the best 9, best) with 0 entries\n",
    )
    expect(await cli.ok('boards')).toContain('no boards')
  }))

test('stats shows the store and the shape of every tree', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('create', 'golf')
    const stats = await cli.json('stats')
    expect(stats).toMatchObject({
      path: cli.db,
      formatVersion: 3,
      boards: 2,
      entries: 5,
      dropping: 0,
    })
    expect(Object.keys(stats).sort()).toEqual(
      [
        ...[
          'boards',
          'clockAheadMs',
          'createdAt',
          'dropping',
          'entries',
          'fileBytes',
          'formatVersion',
          'path',
        ],
        ...['lineageId', 'readers', 'sequence', 'storeId', 'trees', 'usedBytes'],
        ...['seasons', 'seasonEntries'],
      ].sort(),
    )
    expect(stats.trees).toEqual([
      { board: 'default', entries: 5, scores: 4, height: 1, nodes: 1, spans: 1 },
      { board: 'golf', entries: 0, scores: 0, height: 1, nodes: 1, spans: 1 },
    ])
    const shown = await cli.ok('stats')
    expect(shown).toContain(`store       ${cli.db}\n`)
    expect(shown).toContain('boards      2\nentries     5\n')
    expect(shown).toContain('board    entries  distinct scores  height  nodes  spans\n')
    expect(shown).toContain('default        5                4       1      1      1\n')
  }))

test('stats counts the seasons of boards with windows', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('create', 'cups', '--window', 'day', '--window', 'month')
    for (const player of ['ada', 'bob']) await cli.ok('submit', player, '5', '--board', 'cups')
    const stats = await cli.json('stats')
    expect([stats.entries, stats.seasons, stats.seasonEntries]).toEqual([7, 2, 4])
    expect(stats.trees[0]).toMatchObject({
      board: 'cups',
      seasons: { count: 2, entries: 4, nodes: 2 },
    })
    expect(stats.trees[1]).not.toHaveProperty('seasons')
    const shown = await cli.ok('stats')
    expect(shown).toContain('entries     7\nseasons     2, with 4 entries\n')
    expect(shown).toContain('nodes  spans  seasons\n')
  }))

test('check finds nothing in a sound store', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('check')).toMatch(
      /^checked 1 board, 5 entries, 5 player records, 1 tree node in [\d.]+ m?s: all is well\n$/,
    )
    expect(await cli.json('check')).toEqual({
      ok: true,
      findings: [],
      checked: { boards: 1, entries: 5, players: 5, nodes: 1 },
    })
  }))

test('check tells every finding with its place, and ends with status 4', () =>
  withDirectory(async (directory) => {
    const cli = new Cli(directory)
    await cli.ok('submit', 'p1', '1', '--name', 'a-name-to-be-damaged')
    await cli.ok('submit', 'p2', '2')
    const file = join(cli.db, 'data.mdb')
    const bytes = await readFile(file)
    for (let at = 0; ; at++) {
      at = bytes.indexOf('a-name-to-be-damaged', at)
      if (at === -1) break
      bytes[at] = 'b'.charCodeAt(0)
    }
    await writeFile(file, bytes)
    const { status, stdout } = await cli.run(['check', '--json'])
    const report = JSON.parse(stdout)
    expect(status).toBe(4)
    expect(report.ok).toBe(false)
    expect(report.findings.length).toBeGreaterThanOrEqual(2)
    // The name stands in the log too, whose records are of the whole store.
    for (const finding of report.findings)
      expect(finding).toEqual({
        ...(finding.place !== 'record 2' && { board: 'default' }),
        place: expect.any(String),
        problem: expect.any(String),
        invariant: expect.stringMatching(/^(1|10)$/),
      })
    const shown = await cli.run(['check'])
    expect(shown.status).toBe(4)
    expect(shown.stdout.split('\n').slice(0, -2)).toEqual(
      report.findings.map(
        ({ board, place, problem, invariant }: Record<string, string>) =>
          `${board === undefined ? 'store' : `board '${board}'`}: ${place}: ${problem} (invariant ${invariant})`,
      ),
    )
    expect((await cli.run(['show', 'p1', '--json'])).status).toBe(4)
  }))

test('rebuild makes the rank tree anew', () =>
  withCli(async (cli) => {
    await cli.ok('--board', 'arena', 'import', await writeSeason(cli, 200), '--mode', 'best')
    const before = await cli.ok('--board', 'arena', 'top', '100')
    const report = await cli.json('--board', 'arena', 'rebuild')
    expect(report).toEqual({
      board: 'arena',
      entries: 200,
      nodes: expect.any(Number),
      ms: expect.any(Number),
    })
    expect(await cli.ok('--board', 'arena', 'top', '100')).toBe(before)
    expect(await cli.ok('--board', 'arena', 'rebuild')).toMatch(
      /^rebuilt 'arena': 200 entries, \d+ tree nodes? in [\d.]+ m?s\n$/,
    )
    expect((await cli.run(['rebuild'])).status).toBe(3)
  }))

test('rebuild --from players makes the entries anew too', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.json('rebuild', '--from', 'players')).toEqual({
      board: 'default',
      entries: 5,
      nodes: 1,
      added: 0,
      removed: 0,
      retimed: 0,
      ms: expect.any(Number),
    })
    expect(await cli.ok('rebuild', '--from', 'players')).toMatch(
      /^rebuilt 'default': 5 entries, 1 tree node, 0 added, 0 removed, in [\d.]+ m?s\n$/,
    )
    expect((await cli.run(['rebuild', '--from', 'nowhere'])).status).toBe(2)
  }))

test('rebuild --from log makes a board again, or all of them', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('--board', 'golf', 'submit', 'ada', '3', '--create-board')
    const report = { board: 'default', entries: 5, nodes: 1, added: 0, removed: 0 }
    const golf = { ...report, board: 'golf', entries: 1 }
    expect(await cli.json('rebuild', '--from', 'log')).toEqual({
      boards: [report, golf],
      ms: expect.any(Number),
    })
    expect(await cli.json('--board', 'golf', 'rebuild', '--from', 'log')).toEqual({
      ...golf,
      ms: expect.any(Number),
    })
    expect(await cli.ok('rebuild', '--from', 'log')).toMatch(
      /^rebuilt 'default': 5 entries, 1 tree node, 0 added, 0 removed\nrebuilt 'golf': 1 entry, 1 tree node, 0 added, 0 removed\nrebuilt 2 boards in [\d.]+ m?s\n$/,
    )
    expect(await cli.ok('--board', 'golf', 'rebuild', '--from', 'log')).toMatch(
      /^rebuilt 'golf': 1 entry, 1 tree node, 0 added, 0 removed, in [\d.]+ m?s\n$/,
    )
    await cli.ok('create', 'quiet', '--log', 'none')
    const { status, stderr } = await cli.run(['rebuild', '--from', 'log'])
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/board "quiet" .* has no log; rebuild with --from players, or/),
    })
  }))

test('commands that need a store make none', () =>
  withCli(async (cli) => {
    for (const args of [['drop', 'x', '--yes'], ['remove', 'x'], ['rebuild']]) {
      expect((await cli.run(args)).status).toBe(4)
      expect(existsSync(cli.db)).toBe(false)
    }
  }))

test('compact says what it gained, and that nobody may have the store open', () =>
  withCli(async (cli) => {
    await cli.ok('import', await writeSeason(cli, 300))
    await cli.ok('create', 'small')
    await cli.ok('drop', 'default', '--yes')
    const { path, bytes, bytesBefore, previous } = await cli.json('compact')
    expect([path, previous, bytes < bytesBefore]).toEqual([cli.db, null, true])
    expect(await cli.ok('compact')).toMatch(/^compacted \S+: [\d.]+ KiB → [\d.]+ KiB, in /)
    expect((await cli.json('boards')).boards).toMatchObject([{ name: 'small', size: 0 }])
    const none = await cli.run(['--db', cli.file('none'), '--json', 'compact'])
    expect([none.status, JSON.parse(none.stdout).error.code]).toEqual([4, 'NO_STORE'])
  }))

test('create --log says what history keeps, and submit --won counts a run as won', () =>
  withCli(async (cli) => {
    expect(await cli.ok('create', 'quiet', '--log', 'none')).toContain(
      '(descending, log none, set)',
    )
    expect(await cli.json('boards')).toMatchObject({ boards: [{ name: 'quiet', log: 'none' }] })
    await cli.ok('submit', 'ann', '5', '--won')
    await cli.ok('submit', 'ann', '6')
    const { stdout } = await cli.run(['exec'], {
      stdin: '{"op":"history","playerId":"ann"}\n',
    })
    expect(JSON.parse(stdout).result.records).toMatchObject([
      { plays: 2, wins: 1 },
      { plays: 1, wins: 1, won: true },
    ])
    expect((await cli.run(['create', 'x', '--log', 'some'])).status).toBe(2)
  }))
