// Windows and seasons on the command line: every read, and the commands about them.

import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { AT, type Cli, withCli } from './support.ts'

const MONTH = ['--window', 'month', '--season', '2025-03']
const CUP = ['--window', 'cup']

/** A board with months and a cup: the spring is over, alice and bob play in the summer. */
async function playSeasons(cli: Cli): Promise<void> {
  // A clock of ten milliseconds a look: no two times are the same.
  let now = AT
  const clock = (): number => {
    now += 10
    return now
  }
  const store = openLeaderboards(cli.db, { clock })
  const windows = ['month', { name: 'cup', every: 'manual', graceMs: 0 }] as const
  const board = await store.createBoard('default', { mode: 'best', windows })
  await board.startSeason('cup', 'spring')
  for (const [playerId, score] of [
    ['alice', 1500],
    ['bob', 2000],
    ['carol', 1200],
  ] as const)
    await board.submit(playerId, score)
  await board.startSeason('cup', 'summer')
  await board.submit('alice', 300)
  await board.submit('bob', 200)
  await store.close()
}

function withSeasons(body: (cli: Cli) => Promise<void>): Promise<void> {
  return withCli(async (cli) => {
    await playSeasons(cli)
    await body(cli)
  })
}

const idsOf = (entries: { playerId: string }[]): string[] => entries.map(({ playerId }) => playerId)

test('every list reads a window with --window, and a season of it with --season', () =>
  withSeasons(async (cli) => {
    const lists: [args: string[], ids: string[]][] = [
      [['top'], ['alice', 'bob']],
      [
        ['range', '1', '2'],
        ['alice', 'bob'],
      ],
      [['around', 'bob', '--above', '0'], ['bob']],
      [['between', '250', '900'], ['alice']],
      [
        ['page', '--limit', '9'],
        ['alice', 'bob'],
      ],
      [['among', 'bob', 'carol'], ['bob']],
      [['find', 'al'], ['alice']],
    ]
    for (const [args, ids] of lists) {
      const answer = await cli.json(...args, ...CUP)
      expect([args, idsOf(answer.entries)]).toEqual([args, ids])
      expect(answer).toMatchObject({ board: 'default', window: 'cup', season: 'summer' })
      const march = await cli.json(...args, ...MONTH)
      expect(march).toMatchObject({ window: 'month', season: '2025-03' })
      // Documents of a board stay what they were.
      expect(await cli.json(...args)).not.toHaveProperty('window')
    }
    expect(idsOf((await cli.json('top', ...MONTH)).entries)).toEqual(['bob', 'alice', 'carol'])
    expect(idsOf((await cli.json('top', ...CUP, '--season', 'spring')).entries)).toEqual([
      ...['bob', 'alice', 'carol'],
    ])
  }))

test('every question about a player or a rank reads a window too', () =>
  withSeasons(async (cli) => {
    const summer = { window: 'cup', season: 'summer' }
    expect(await cli.json('rank', 'bob', ...CUP)).toEqual({ playerId: 'bob', rank: 2, ...summer })
    expect(await cli.ok('rank', 'bob', ...CUP)).toBe('2\n')
    expect(await cli.json('show', 'bob', ...CUP)).toMatchObject({
      ...{ entry: { score: 200 }, standing: { total: 2 }, ...summer },
    })
    expect(await cli.ok('show', 'bob', ...CUP)).toMatch(/^bob · default, cup summer\n/)
    expect(await cli.json('gap', 'bob', ...CUP)).toMatchObject({
      ...{ above: { difference: 100 }, ...summer },
    })
    expect(await cli.json('score-at', '2', ...CUP)).toMatchObject({ score: 200, ...summer })
    expect(await cli.json('score-for', '--rank', '1', ...CUP)).toMatchObject({
      mark: 300,
      ...summer,
    })
    const { records, season } = await cli.json('history', 'alice', ...CUP)
    expect([records.map((run: { submitted: number }) => run.submitted), season]).toEqual([
      ...[[300], 'summer'],
    ])
    const [update] = (await cli.ok('--json', 'watch', ...CUP, '--count', '1')).split('\n')
    expect(JSON.parse(update as string)).toMatchObject({ season: 'summer', total: 2 })
    expect(await cli.ok('watch', ...CUP, '--count', '1')).toContain(
      'default, cup summer: top 2 of 2',
    )
    const file = cli.file('summer.csv')
    expect(await cli.json('export', file, ...CUP)).toMatchObject({ exported: 2, ...summer })
    expect((await readFile(file, 'utf8')).split('\n')[1]).toMatch(/^alice,300,/)
  }))

test('people see which season a list is of, and how to go on in it', () =>
  withSeasons(async (cli) => {
    expect(await cli.ok('top', ...CUP)).toMatch(/^default, cup summer: top 2 of 2\n/)
    const page = await cli.ok('page', ...MONTH, '--limit', '2')
    const [, next] = /^next: {3}ladderdb (.*)$/m.exec(page) ?? []
    expect(next).toMatch(/ page --window month --season 2025-03 --limit 2 --after /)
    const words = (next as string).split(' ').slice(2)
    expect(idsOf((await cli.json(...words)).entries)).toEqual(['carol'])
  }))

test('what is no window, no season, or nobody in it is told as such', () =>
  withSeasons(async (cli) => {
    const cases: [args: string[], status: number, words: RegExp][] = [
      [['top', '--window', 'week'], 3, /NO_WINDOW|Cannot find window "week"/],
      [['top', ...CUP, '--season', 'winter'], 3, /Cannot find season "winter"/],
      [['top', '--season', 'summer'], 2, /add --window NAME/],
      [
        ['rank', 'carol', ...CUP],
        3,
        /no entry in window "cup", season "summer", of board "default"/,
      ],
      [['score-at', '9', ...CUP], 3, /window "cup", season "summer", of board "default" has fewer/],
      [['start-season', 'cup', 'spring'], 1, /id was used before/],
      [['seasons', 'week'], 3, /Cannot find window "week"/],
    ]
    for (const [args, status, words] of cases) {
      const ran = await cli.run(args)
      expect([args, ran.status, ran.stdout]).toEqual([args, status, ''])
      expect(ran.stderr).toMatch(words)
    }
  }))

test('windows, seasons and finals list what there is', () =>
  withSeasons(async (cli) => {
    const { windows } = await cli.json('windows')
    expect(windows[0]).toMatchObject({ window: 'month', every: 'month' })
    expect(windows[1]).toEqual({
      ...{ window: 'cup', season: 'summer', from: expect.any(Number), to: null },
      ...{ remainingMs: null, every: 'manual', graceMs: 0 },
    })
    expect(await cli.ok('windows')).toMatch(
      /^cup +summer +2025-03-01T18:30:0\d\.\d+Z +manual, grace 0 s$/m,
    )
    expect(await cli.ok('boards')).toMatch(/^default +descending, windows month cup +best +3$/m)
    const { seasons, ...place } = await cli.json('seasons', 'cup')
    expect(place).toEqual({ board: 'default', window: 'cup' })
    expect(seasons).toMatchObject([
      { season: 'summer', to: null, sealed: false, size: 2 },
      { season: 'spring', sealed: true, size: 3 },
    ])
    expect(await cli.ok('seasons', 'cup')).toMatch(/^spring .* final +3$/m)
    const after = await cli.json('seasons', 'month', '--after', '2025-04')
    expect(after.seasons).toMatchObject([{ season: '2025-03', size: 3, sealed: true }])
    const finals = await cli.json('finals', 'alice', 'cup')
    expect(finals).toMatchObject({ playerId: 'alice', window: 'cup' })
    expect(finals.finals).toMatchObject([{ season: 'spring', rank: 2, size: 3, score: 1500 }])
    expect(await cli.ok('finals', 'alice', 'cup')).toMatch(/^spring +2 +3 +1,500 /m)
    expect(await cli.ok('finals', 'nobody', 'cup')).toBe('nobody has no final standing in cup\n')
  }))

test('a board gets its windows from create and alter, which takes them away only with --yes', () =>
  withCli(async (cli) => {
    const hours = '{"name":"sprint","every":{"hours":72,"from":"2026-11-28T00:00:00Z"}}'
    const created = await cli.json('create', 'arena', '--window', 'day', '--window', hours)
    expect(created.windows).toEqual([
      { name: 'day', every: 'day' },
      { name: 'sprint', every: { hours: 72, from: Date.UTC(2026, 10, 28) } },
    ])
    expect(await cli.ok('create', 'arena')).toContain('windows day sprint')
    expect(await cli.ok('--board', 'arena', 'windows')).toMatch(/^sprint .* every 72 h$/m)
    const altered = await cli.json(
      ...[
        'alter',
        'arena',
        '--window',
        'month',
        '--window',
        '{"name":"day","retain":7,"finals":true}',
      ],
    )
    expect(altered.windows).toMatchObject([
      { window: 'day', retain: 7, finals: true },
      { window: 'sprint' },
      { window: 'month', every: 'month' },
    ])
    const kept = await cli.run(['alter', 'arena', '--no-window', 'sprint'])
    expect([kept.status, kept.stdout]).toEqual([2, ''])
    expect(kept.stderr).toContain('all seasons of window "sprint" would be lost; say --yes')
    const shown = await cli.ok('alter', 'arena', '--no-window', 'sprint', '--yes')
    expect(shown).toMatch(/^ {2}window {6}day: every day, retain 7, finals, now \d{4}-\d\d-\d\d$/m)
    expect(shown).not.toContain('sprint')
    for (const window of ['fortnight', '{"every":', '{"every":{"cron":"* *"}}', '{"name":"x"}']) {
      const ran = await cli.run(['create', 'other', '--window', window])
      expect([window, ran.status, ran.stdout]).toEqual([window, 2, ''])
    }
  }))

test('submit says what became of each window, and may be meant for one season', () =>
  withSeasons(async (cli) => {
    const { windows } = await cli.json('submit', 'dave', '250', '--windows', 'all')
    expect(windows.cup).toMatchObject({ season: 'summer', rank: 2, score: 250, created: true })
    expect(await cli.ok('submit', 'dave', '350', '--season', 'cup=summer')).toMatch(
      / · month \d{4}-\d\d rank 1 · cup summer rank 1\n$/,
    )
    const over = await cli.run(['submit', 'dave', '400', '--season', 'cup=spring'])
    expect([over.status, over.stdout]).toEqual([1, ''])
    expect(over.stderr).toContain('spring')
    expect(await cli.json('start-season', 'cup', 'autumn')).toMatchObject({
      ...{ board: 'default', window: 'cup', season: 'autumn' },
    })
    expect(await cli.ok('start-season', 'cup', 'winter')).toMatch(
      /^default: season winter of cup began \d{4}-/,
    )
  }))

// --season was read like the columns of an import: an id with a comma was cut, and the hint spoke of columns.
test('submit is meant for a season of any id, and for several', () =>
  withSeasons(async (cli) => {
    await cli.ok('start-season', 'cup', 'all, and = more ')
    const { windows } = await cli.json('submit', 'dave', '1', '--season', 'cup=all, and = more ')
    expect(windows.cup).toMatchObject({ season: 'all, and = more ' })
    const both = `cup=all, and = more ,month=${windows.month.season}`
    expect((await cli.json('submit', 'dave', '2', '--season', both)).windows.cup.rank).toBe(1)
    for (const wrong of ['cup', 'cup=', '=x', '__proto__=x']) {
      const { status, stderr } = await cli.run(['submit', 'dave', '3', '--season', wrong])
      expect([wrong, status]).toEqual([wrong, 2])
      expect(stderr).toContain('It must be like month=2026-11.')
    }
  }))

test('exec has every call about windows, and reads a season by window and season', () =>
  withSeasons(async (cli) => {
    const lines = [
      { op: 'top', n: 1, window: 'cup' },
      { op: 'rank', playerId: 'carol', window: 'cup', season: 'spring' },
      { op: 'size', window: 'cup' },
      { op: 'history', playerId: 'bob', window: 'cup', season: null },
      { op: 'seasons', window: 'cup', limit: 1 },
      { op: 'finals', playerId: 'carol', window: 'cup' },
      { op: 'startSeason', window: 'cup', season: 'autumn' },
      { op: 'windows' },
      { op: 'size', window: 'cup' },
      { op: 'top', season: 'spring' },
      { op: 'seasons' },
      { op: 'finals', playerId: 'bob' },
      { op: 'startSeason', season: 'winter' },
      { op: 'top', window: 'week' },
      { op: 'boards', window: 'cup' },
      { op: 'submit', playerId: 'bob', score: 1, season: { cup: 'summer' } },
    ]
    const input = lines.map((line) => JSON.stringify(line)).join('\n')
    const { status, stdout } = await cli.run(['exec'], { stdin: `${input}\n` })
    expect(status).toBe(0)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const results = answers.map(({ result }) => result)
    expect(results.slice(0, 3)).toMatchObject([[{ playerId: 'alice', score: 300 }], 3, 2])
    expect(results[3].records.map((run: { submitted: number }) => run.submitted)).toEqual([200])
    expect(results.slice(4, 7)).toMatchObject([
      [{ season: 'summer', size: 2 }],
      [{ season: 'spring', rank: 3 }],
      { season: 'autumn' },
    ])
    expect(results[7].map(({ season }: { season: string }) => season)[1]).toBe('autumn')
    expect(results[8]).toBe(0)
    expect(answers.slice(9).map(({ error }) => error?.code)).toEqual([
      ...Array(4).fill('INVALID_ARGUMENT'),
      ...['NO_WINDOW', 'INVALID_ARGUMENT', 'SEASON_OVER'],
    ])
    expect(answers.slice(9, 14).map(({ error }) => error.message)).toEqual([
      'Cannot read a season without a window: board "default" has "month", "cup"; give window',
      'Cannot list seasons without a window: board "default" has "month", "cup"; give window',
      'Cannot list finals without a window: board "default" has "month", "cup"; give window',
      'Cannot start a season without a window: board "default" has "month", "cup"; give window',
      'Cannot find window "week" of board "default": it has "month", "cup"; alter adds one',
    ])
  }))

test('changes reach the seasons that are not sealed, with --sealed all', () =>
  withSeasons(async (cli) => {
    const season = (window: string, id: string) => ({ board: 'default', window, season: id })
    const playersOf = async (...args: string[]): Promise<string[]> =>
      idsOf((await cli.json('top', '9', ...args)).entries)
    const spring = [...CUP, '--season', 'spring']
    expect(await cli.ok('ban', 'alice')).toBe(
      'banned alice on all boards, until unban, submits refused; 1 entry hidden, and in 1 season\n',
    )
    expect(await playersOf(...CUP)).toEqual(['bob'])
    expect(await playersOf(...spring)).toEqual(['bob', 'alice', 'carol'])
    expect(await cli.json('ban', 'alice', '--sealed')).toMatchObject({
      ...{ boards: [], seasons: [season('month', '2025-03'), season('cup', 'spring')] },
    })
    expect(await playersOf(...spring)).toEqual(['bob', 'carol'])
    expect(await cli.ok('unban', 'alice', '--sealed')).toBe('unbanned alice\n')
    expect(await playersOf(...spring)).toEqual(['bob', 'alice', 'carol'])
    expect(await cli.ok('rename', 'alice', 'Alice', '--sealed')).toBe(
      'alice is now Alice on 1 board\n',
    )
    expect(await cli.json('show', 'alice', ...spring)).toMatchObject({ entry: { name: 'Alice' } })
    expect(await cli.ok('move', 'alice', 'dora')).toBe(
      'moved alice to dora on 1 board and in 1 season\n',
    )
    expect(await playersOf(...CUP)).toEqual(['dora', 'bob'])
    expect(await cli.json('move', 'alice', 'dora', '--sealed')).toMatchObject({
      ...{ boards: [], seasons: [season('month', '2025-03'), season('cup', 'spring')] },
    })
    expect(await cli.json('remove', 'dora')).toMatchObject({
      ...{ removed: true, entry: { score: 1500 }, seasons: [season('cup', 'summer')] },
    })
    expect(await cli.ok('remove', 'dora', '--sealed')).toBe(
      "removed dora from season month 2025-03 of 'default'\nremoved dora from season cup spring of 'default'\n",
    )
    expect((await cli.run(['remove', 'dora', '--sealed'])).status).toBe(3)
    expect(await cli.json('remove', 'bob', '--all-boards', '--sealed')).toMatchObject({
      ...{ removed: true, boards: 1 },
      seasons: [season('month', '2025-03'), season('cup', 'summer'), season('cup', 'spring')],
    })
    expect(await playersOf(...spring)).toEqual(['carol'])
    expect(await cli.ok('log', '--kind', 'ban')).toContain('in 2 seasons')
  }))

// The counts of rows that a final standing did not take were named, and nothing said what they meant.
test('an import says which rows lie in seasons that are final, and its help why', () =>
  withSeasons(async (cli) => {
    const csv = cli.file('late.csv')
    await writeFile(csv, `playerId,score,at\ndora,9,${AT + 1}\nemil,8,${AT + 2}\n`)
    expect((await cli.json('import', csv)).sealed).toEqual({ month: 2 })
    expect(await cli.ok('import', csv)).toContain(
      '\nwindow "month": 2 rows of seasons that are sealed, so final, went to the board alone\n',
    )
    expect(await cli.ok('import', '--help')).toContain('"sealed":{"month":12}')
  }))
