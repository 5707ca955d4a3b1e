import { expect, test } from 'vitest'
import { checkHere } from '../support/check-here.ts'
import { submitFive, withCli } from './support.ts'

checkHere()

test('ban hides a player on all boards, bans lists it, unban lifts it', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('ban', 'eve', '--reason', 'plays\twith a bot', '--actor', 'kim')).toBe(
      'banned eve on all boards, until unban, submits refused; 1 entry hidden\n',
    )
    expect(await cli.json('top', '10')).toMatchObject({ total: 4 })
    expect(await cli.run(['submit', 'eve', '9'])).toMatchObject({
      status: 1,
      stderr:
        'ladderdb: Cannot submit to board "default": player "eve" is banned; unban lifts it\n',
    })
    const { bans } = await cli.json('bans')
    expect(bans).toMatchObject([
      { playerId: 'eve', reason: 'plays\twith a bot', actor: 'kim', submits: 'refuse' },
    ])
    expect(bans[0]).not.toHaveProperty('board')
    const table = await cli.ok('bans')
    expect(table).toMatch(/player +board +since +until +submits +actor +reason/)
    expect(table).toMatch(/eve +\(all\) +20\d\d-.* refuse +kim +plays/)
    expect(table).not.toContain('\t')
    expect(await cli.json('unban', 'eve', '--reason', 'sorry')).toEqual({
      playerId: 'eve',
      unbanned: true,
    })
    expect(await cli.ok('rank', 'eve')).toBe('2\n')
  }))

test('ban and unban with --board are of that board alone', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('create', 'golf')
    const ban = ['--board', 'golf', 'ban', 'eve', '--until', '2100-01-01', '--keep-submits']
    expect(await cli.ok(...ban)).toBe(
      "banned eve on board 'golf', until 2100-01-01T00:00:00.000Z, submits taken unseen; 0 entries hidden\n",
    )
    expect(await cli.json('bans')).toMatchObject({
      bans: [{ board: 'golf', until: Date.UTC(2100, 0, 1), submits: 'keep' }],
    })
    expect(await cli.ok('rank', 'eve')).toBe('2\n')
    expect(await cli.run(['--board', 'default', 'unban', 'eve'])).toEqual({
      status: 3,
      stdout: '',
      stderr: 'ladderdb: Cannot unban player "eve": there is no ban on board "default"\n',
    })
    expect(await cli.ok('--board', 'golf', 'unban', 'eve')).toBe('unbanned eve\n')
    expect(await cli.run(['unban', 'eve', '--json'])).toMatchObject({
      status: 3,
      stdout: '{"playerId":"eve","unbanned":false}\n',
    })
    expect(await cli.json('bans')).toEqual({ bans: [] })
  }))

test('ban refuses an end that is over and one that looks like seconds, with status 2', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.run(['ban', 'eve', '--until', '2001-01-01'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('as until: it must be later than now'),
    })
    expect(await cli.run(['ban', 'eve', '--until', '1760000000'])).toMatchObject({
      status: 2,
      stderr:
        'ladderdb: Cannot use 1760000000 as until: it looks like seconds; give milliseconds (1760000000 * 1000)\n',
    })
    expect(await cli.run(['--board', 'nope', 'ban', 'eve'])).toMatchObject({ status: 3 })
    expect(await cli.json('bans')).toEqual({ bans: [] })
  }))

test('exec bans and unbans; without a board the whole store is meant', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const lines = [
      { op: 'ban', playerId: 'eve', until: '2100-01-01T00:00:00Z', submits: 'keep' },
      { op: 'submit', playerId: 'eve', score: 5 },
      { op: 'rank', playerId: 'eve' },
      { op: 'ban', playerId: 'bob', board: 'default', reason: 'bot' },
      { op: 'bans' },
      { op: 'submit', playerId: 'bob', score: 5 },
      { op: 'unban', playerId: 'eve', board: 'default' },
      { op: 'unban', playerId: 'eve' },
      { op: 'undo', from: '2100-01-01', to: '2100-01-02T00:00:00Z', dryRun: true },
      { op: 'log', kinds: ['ban'], from: '2001-01-01' },
      { op: 'movePlayer', from: '2001-01-01', to: '2001-01-02' },
      { op: 'ban', playerId: 'eve', until: 5 },
      { op: 'ban', playerId: 'eve', untill: 5 },
    ]
    const stdin = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const { stdout } = await cli.run(['exec'], { stdin })
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers[0]).toMatchObject({
      result: { until: Date.UTC(2100, 0, 1), boards: ['default'] },
    })
    expect(answers[0].result).not.toHaveProperty('board')
    expect(answers[1]).toMatchObject({ ok: true, result: { score: 5, rank: null } })
    expect(answers[2]).toEqual({ ok: true, result: null })
    expect(answers[3]).toMatchObject({ result: { board: 'default', reason: 'bot' } })
    expect(answers[4].result).toHaveLength(2)
    expect(answers[5]).toMatchObject({ ok: false, error: { code: 'BANNED' } })
    expect(answers[6]).toEqual({ ok: true, result: false })
    expect(answers[7]).toEqual({ ok: true, result: true })
    // Times may be texts in every call; ids that look like times are ids.
    expect(answers[8]).toMatchObject({ result: { count: 0 } })
    expect(answers[9].result.records).toHaveLength(2)
    expect(answers[10]).toMatchObject({ result: { from: '2001-01-01', boards: [] } })
    expect(answers[11]).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } })
    expect(answers[12]).toMatchObject({ error: { message: expect.stringContaining('"until"') } })
  }))

test('move gives entries to another id, and is status 3 if there is nothing to move', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('move', 'eve', 'eva', '--reason', 'new account')).toBe(
      'moved eve to eva on 1 board\n',
    )
    expect(await cli.ok('rank', 'eva')).toBe('2\n')
    expect(await cli.run(['move', 'eve', 'eva'])).toMatchObject({ status: 3 })
    expect(await cli.run(['move', 'eva', 'eva'])).toMatchObject({ status: 2 })
    expect(await cli.json('move', 'eva', 'eve')).toMatchObject({ boards: ['default'] })
  }))

test('erase asks for --yes, and tells of backups', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('backup', cli.file('kept'))
    expect(await cli.run(['erase', 'eve'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('without --yes'),
    })
    expect(await cli.ok('erase', 'eve', '--yes', '--backups', cli.file('.'))).toBe(
      [
        'erased eve: off 1 board, out of 1 record of the log',
        `still held by ${cli.file('kept')}`,
        '',
      ].join('\n'),
    )
    expect(await cli.json('erase', 'eve', '--yes')).toEqual({
      ...{ playerId: 'eve', found: false, boards: [], records: 0 },
    })
    expect(await cli.ok('erase', 'evve', '--yes')).toBe(
      'nothing of evve was here: check the id; backups restored over this store will lose such a player\n',
    )
  }))

// A submit of a banned player that is taken unseen was told as "not among the best 2", on a board that
// keeps everybody: an answer without a rank was thought to have one cause only.
test('submit says why a banned player has no rank, and flags refuses a board that is not there', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '5')
    await cli.ok('ban', 'eve', '--keep-submits')
    expect(await cli.ok('submit', 'eve', '6')).toBe(
      'eve: 6 · new · no rank, the player is banned\n',
    )
    expect(await cli.ok('submit', 'eve', '6', '--mode', 'best')).toBe(
      'eve: 6 · not changed · no rank, the player is banned\n',
    )
    expect(await cli.run(['--board', 'nope', 'flags'])).toMatchObject({ status: 3, stdout: '' })
    expect(await cli.run(['undo'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--player, --from or --board'),
    })
  }))
