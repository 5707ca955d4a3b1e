/**
 * The log and a player's runs on the command line.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { submitFive, withCli } from './support.ts'

test('log shows the newest changes first, or those behind a seq, for people and as lines', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const table = await cli.ok('log', '--limit', '2')
    expect(table).toMatch(/seq +when +kind +board +player +submitted +score +rank/)
    expect(table.trim().split('\n')).toHaveLength(3)
    const lines = linesOf(await cli.ok('log', '--after', '0', '--json'))
    expect(lines[0]).toMatchObject({ ladderdb: 'log', format: 1, lineageId: null })
    expect(lines.slice(1).map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'create'],
      ...[2, 3, 4, 5, 6].map((seq) => [seq, 'submit']),
    ])
    const newest = linesOf(await cli.ok('log', '--json', '--kind', 'submit', '--limit', '3'))
    expect(newest.slice(1).map(({ seq }) => seq)).toEqual([6, 5, 4])
    const { playerId } = newest[1] as { playerId: string }
    const own = linesOf(await cli.ok('log', '--json', '--player', playerId))
    expect(own.slice(1)).toMatchObject([{ seq: 6, playerId }])
    expect(linesOf(await cli.ok('log', '--json', '--to', '2001-01-01')).slice(1)).toEqual([])
    expect(linesOf(await cli.ok('--board', 'none', 'log', '--json')).slice(1)).toEqual([])
    expect((await cli.run(['log', '--kind', 'sumbit'])).status).toBe(2)
  }))

test('log --follow writes lines into a pipe, and resumes behind the last one', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const first = linesOf(await cli.ok('log', '--follow', '--after', '0', '--limit', '4'))
    expect(first.slice(1).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    const second = linesOf(await cli.ok('log', '--follow', '--after', '4', '--limit', '2'))
    expect(second.slice(1).map(({ seq }) => seq)).toEqual([5, 6])
    const ahead = await cli.run(['log', '--follow', '--after', '7', '--json'])
    expect(ahead).toMatchObject({ status: 1 })
    expect(ahead.stdout + ahead.stderr).toContain('LOG_AHEAD')
    expect(await cli.run(['log', '--follow', '--before', '3'])).toMatchObject({ status: 2 })
  }))

// An error as JSON ended the file that a restore was to read.
test('log --follow that is interrupted writes nothing behind its records', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const asked = ['log', '--follow', '--after', '0', '--json']
    const { status, stdout } = await cli.run(asked, { signal: AbortSignal.timeout(300) })
    expect(status).toBe(130)
    expect(stdout).not.toContain('error')
  }))

// It took the board as its first word, unlike all other commands about a player.
test('history shows the runs of a player, and create says what the log keeps', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'quiet', '--log', 'none')
    expect(await cli.ok('boards')).toContain('log none')
    await cli.ok('create', 'game', '--mode', 'best')
    for (const score of ['5', '3', '9']) await cli.ok('--board', 'game', 'submit', 'ann', score)
    const { records, next } = await cli.json('--board', 'game', 'history', 'ann', '--limit', '2')
    expect(records).toMatchObject([{ submitted: 9 }, { submitted: 3, changed: false }])
    expect(
      await cli.json('--board', 'game', 'history', 'ann', '--before', String(next)),
    ).toMatchObject({
      records: [{ submitted: 5 }],
      next: null,
    })
    expect(await cli.ok('--board', 'game', 'history', 'ann')).toContain('changed nothing')
    expect(await cli.run(['--board', 'nowhere', 'history', 'ann'])).toMatchObject({ status: 3 })
    expect((await cli.json('--board', 'game', 'history', 'bob')).records).toEqual([])
  }))

// The cell was empty for all kinds but runs and undos.
test('log says of each kind what it has of its own', () =>
  withCli(async (cli) => {
    const board = ['--board', 'game']
    await cli.ok('create', 'game')
    await cli.ok(...board, 'submit', 'ann', '5')
    const stdin = 'playerId,score\nbob,7\nbob,6\n'
    await cli.run([...board, 'import', '-', '--format', 'csv', '--mode', 'best'], { stdin })
    await cli.ok('move', 'ann', 'eve', '--reason', 'one person')
    await cli.ok('rename', 'bob', 'Bobby')
    await cli.ok('ban', 'bob', '--until', '2100-01-01')
    await cli.ok('alter', 'game', '--min', '0', '--max-gain', '3')
    await cli.ok(...board, 'submit', 'eve', '50')
    expect(linesOf(await cli.ok('log', '--flagged', '--json')).slice(1)).toMatchObject([
      { playerId: 'eve', submitted: 50, flags: ['maxGain'] },
    ])
    expect((await cli.run(['log', '--flagged', '--follow'])).stderr).toContain('with --flagged')
    const history = await cli.ok(...board, 'history', 'eve')
    expect(history).toMatch(/ann +5 +5 +#1 +moved to eve\n$/)
    expect(await cli.ok(...board, 'history', 'ann')).toBe(
      'no runs of ann; a move takes them to the new id\n',
    )
    const { seq } = linesOf(await cli.ok('log', '--flagged', '--json'))[1] as { seq: number }
    await cli.ok('resolve', String(seq), '--verdict', 'accepted')
    await cli.ok('drop', 'game', '--yes')
    await cli.ok('erase', 'eve', '--yes')
    const table = await cli.ok('log')
    for (const words of [
      /import +game +2 rows, 1 changed\n/,
      /erase +move, erased by \d+\n/,
      /rename +bob +now Bobby\n/,
      /ban +bob +until 2100-01-01T00:00:00.000Z\n/,
      /alter +game +min, maxGain\n/,
      /drop +game +1 entry\n/,
    ])
      expect(table).toMatch(words)
  }))

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

// The text form of a season's record told nothing but its kind: which season, of which window, only JSON said.
test('log shows the window and the season of what became of seasons', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'arena', '--window', '{"name":"cup","every":"manual","graceMs":0}')
    for (const id of ['spring', 'summer'])
      await cli.ok('--board', 'arena', 'start-season', 'cup', id)
    await cli.ok('alter', 'arena', '--window', 'day', '--max', '9')
    await cli.ok('alter', 'arena', '--no-window', 'cup', '--yes')
    const told = await cli.ok('log', '--kind', 'season-open', 'season-close', 'season-seal')
    expect(told).toMatch(/^ *2 .* season-open +arena +cup spring$/m)
    expect(told).toMatch(/season-close +arena +cup spring$/m)
    expect(told).toMatch(/season-seal +arena +cup spring$/m)
    const altered = await cli.ok('log', '--kind', 'alter')
    expect(altered).toMatch(/alter +arena +max, window day$/m)
    expect(altered).toMatch(/alter +arena +window cup taken away$/m)
  }))
