import { expect, test } from 'vitest'
import { submitFive, withCli } from './support.ts'

test('alter shows the rules of a board, sets them and takes them away', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('alter', 'default')).toBe('default\n  no rules\n')
    const tiers = '[{"name":"gold","rank":2},{"name":"rest"}]'
    const given = ['--min', '0', '--max', '5000', '--max-gain', '100', '--per-minute', '60']
    expect(await cli.json('alter', 'default', ...given, '--tiers', tiers)).toEqual({
      board: 'default',
      rules: {
        ...{ min: 0, max: 5000, maxGain: { by: 100, action: 'flag' }, perMinute: 60 },
        tiers: [{ name: 'gold', rank: 2 }, { name: 'rest' }],
      },
    })
    const more = ['--max-gain-action', 'refuse', '--min', 'none', '--no-per-minute']
    expect(await cli.ok('alter', 'default', ...more, '--players', 'known')).toBe(
      [
        'default',
        '  max         5,000',
        '  max gain    100, refuse',
        '  players     known',
        '  tiers       gold to rank 2, rest',
        '',
      ].join('\n'),
    )
    expect(await cli.json('alter', 'default')).toMatchObject({ rules: { players: 'known' } })
    const refused = await cli.run(['submit', 'new', '5', '--json'])
    expect([refused.status, JSON.parse(refused.stdout).error.code]).toEqual([1, 'UNKNOWN_PLAYER'])
    const none = ['max', 'max-gain', 'players', 'tiers'].flatMap((name) => [`--${name}`, 'none'])
    expect(await cli.json('alter', 'default', ...none)).toEqual({ board: 'default', rules: {} })
    expect(await cli.ok('alter', 'default', '--writes', 'closed')).toContain('writes      closed')
    expect(await cli.run(['submit', 'new', '5'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'ladderdb: Cannot change board "default": it is closed for writes; alter writes to open\n',
    })
    await cli.ok('alter', 'default', '--writes', 'open')
    await cli.ok('submit', 'new', '5')
  }))

test('alter without a board is about the store, and each kind of option has its place', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('alter', '--retention-days', '7', '--names', 'unique')).toBe(
      [
        '  retention  7 days, 1.00 GiB of the log',
        '  requests   1 day, 1,000,000 ids',
        '  names      unique',
        '  writes     open',
        '',
      ].join('\n'),
    )
    expect(await cli.json('alter', '--no-retention', '--names', 'free')).toMatchObject({
      settings: { retention: { days: 30 }, names: 'free' },
    })
    expect(await cli.run(['alter', '--max', '5'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it is a rule of a board; name the board'),
    })
    expect(await cli.run(['alter', 'default', '--names', 'unique'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('take no board'),
    })
    expect(await cli.run(['alter', 'defalt', '--max', '5'])).toMatchObject({ status: 3 })
    expect(await cli.run(['alter', 'default', '--max', 'x'])).toMatchObject({ status: 2 })
    expect(await cli.run(['alter', 'default', '--tiers', '{'])).toMatchObject({ status: 2 })
  }))

test('flags lists what is to be reviewed, and resolve takes it off', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('alter', 'default', '--max-gain', '100')
    await cli.ok('submit', 'eve', '9000', '--mode', 'increment')
    const table = await cli.ok('flags')
    expect(table).toMatch(/seq +when +board +player +submitted +before +now +mode +flags/)
    expect(table).toMatch(/eve +9,000 .* increment +maxGain/)
    const { records } = await cli.json('--board', 'default', 'flags', '--limit', '1')
    const seq = String(records[0].seq)
    const by = ['--verdict', 'accepted', '--reason', 'seen live', '--actor', 'kim']
    expect(await cli.ok('resolve', seq, ...by)).toBe(`${seq} is accepted\n`)
    expect(await cli.json('flags')).toEqual({ records: [], next: null })
    expect(await cli.run(['resolve', seq, ...by])).toMatchObject({
      status: 3,
      stderr: `ladderdb: Cannot resolve ${seq}: it has no open flag; flags lists all that are open\n`,
    })
    await cli.ok('alter', 'default', '--max-gain', '100')
    await cli.ok('submit', 'eve', '9000', '--mode', 'increment')
    const again = await cli.json('flags')
    const undone = ['resolve', String(again.records[0].seq), '--verdict', 'undone']
    expect(await cli.json(...undone)).toMatchObject({ verdict: 'undone', resolved: true })
    expect(await cli.run(['resolve', 'x', ...by])).toMatchObject({ status: 2 })
  }))

test('profile shows and sets what is known of a player, and makes the store', () =>
  withCli(async (cli) => {
    const url = 'https://example.com/ada.png'
    expect(await cli.ok('profile', 'ada', '--name', 'Ada', '--avatar', url)).toBe(
      `ada\n  name      Ada\n  avatar    ${url}\n`,
    )
    await cli.ok('submit', 'ada', '5')
    expect(await cli.json('top')).toMatchObject({ entries: [{ name: 'Ada' }] })
    expect(await cli.json('profile', 'ada', '--metadata', '{"team":"red"}', '--no-avatar')).toEqual(
      { playerId: 'ada', name: 'Ada', metadata: { team: 'red' } },
    )
    await cli.ok('rename', 'ada', 'Bea')
    expect(await cli.json('profile', 'ada')).toMatchObject({ name: 'Bea' })
    expect(await cli.run(['profile', 'bob'])).toMatchObject({ status: 3 })
    expect(await cli.run(['profile', 'ada', '--avatar', 'http://a.io'])).toMatchObject({
      status: 2,
    })
  }))

test('show names the tier of a player, and what the next one takes', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const { entries } = await cli.json('top')
    const last = entries.at(-1).playerId
    const before = await cli.ok('show', last)
    expect(before).not.toContain('tier')
    const tiers = '[{"name":"gold","rank":1},{"name":"rest"}]'
    await cli.ok('alter', 'default', '--tiers', tiers)
    const { standing } = await cli.json('show', last)
    expect(standing).toMatchObject({ tier: 'rest', next: { name: 'gold', rank: 1 } })
    expect(await cli.ok('show', last)).toMatch(/tier +rest; gold takes [\d,]+, rank 1 now/)
  }))

// It said "as score", whichever option was wrong, and of a setting not what takes it away.
test('alter names the option that it cannot use', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '5')
    const cases: [string[], string][] = [
      [['alter', 'default', '--min', 'x'], 'Cannot use "x" as --min: it must be a number'],
      [['alter', 'default', '--max', '9007199254740993'], 'as --max: it is not exact'],
      [['alter', 'default', '--max-gain', ''], 'Cannot use "" as --max-gain'],
      [['submit', 'ann', '5', '--expected', 'x'], 'Cannot use "x" as --expected'],
      [['between', '1', 'x'], 'Cannot use "x" as max'],
      [['alter', '--retention-days', 'none'], '--no-retention brings the default back'],
      [['alter', '--request-count', 'none'], '--no-requests brings the default back'],
    ]
    for (const [args, message] of cases) {
      const run = await cli.run(args)
      expect(run, args.join(' ')).toMatchObject({ status: 2 })
      expect(run.stderr).toContain(message)
    }
  }))

test('exec: alter without board means the whole store, and null takes a rule away', () =>
  withCli(async (cli) => {
    const lines = [
      { op: 'submit', playerId: 'ada', score: 5 },
      { op: 'alter', board: 'default', max: 9, perMinute: 2 },
      { op: 'alter', board: 'default', perMinute: null },
      { op: 'rules' },
      { op: 'alter', writes: 'closed' },
      { op: 'submit', playerId: 'ada', score: 6 },
      { op: 'alter', writes: null },
      { op: 'alter', max: 5 },
      { op: 'alter', board: 'default', names: 'unique' },
      { op: 'setProfile', playerId: 'ada', name: 'Ada' },
      { op: 'setProfile', playerId: 'ada', name: null, metadata: { a: 1 } },
      { op: 'alter', board: 'default', perMinute: 1 },
      { op: 'submit', playerId: 'ada', score: 7 },
      { op: 'submit', playerId: 'ada', score: 8 },
      { op: 'resolve', seq: 1, verdict: 'accepted' },
    ]
    const stdin = lines.map((line) => JSON.stringify(line)).join('\n')
    const { stdout } = await cli.run(['exec'], { stdin })
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const told = answers.map(({ result, error }) => error?.code ?? result)
    expect(told.slice(1, 4)).toEqual([{ max: 9, perMinute: 2 }, { max: 9 }, { max: 9 }])
    expect(told[4]).toMatchObject({ writes: 'closed', names: 'free' })
    expect(told[5]).toBe('CLOSED_FOR_WRITES')
    expect(told.slice(7, 9)).toEqual(['INVALID_ARGUMENT', 'INVALID_ARGUMENT'])
    expect(told.slice(9, 11)).toEqual([
      { playerId: 'ada', name: 'Ada' },
      { playerId: 'ada', name: 'ada', metadata: { a: 1 } },
    ])
    expect(answers[13].error).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: expect.any(Number),
    })
    expect(told[14]).toBe(false)
  }))

// `alter --per-minute 0` and `resolve x` ended with status 2 and not one word: who parses while a command
// runs throws the error that commander tells, but commander was done by then.
test('a word that stands for nothing is told with its option, and two that contradict are refused', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const told: [args: string[], words: string][] = [
      [['alter', 'default', '--per-minute', '0'], "'--per-minute <n>' argument '0' is invalid"],
      [['alter', 'default', '--per-minute', 'x'], "'--per-minute <n>' argument 'x' is invalid"],
      [['resolve', 'x', '--verdict', 'accepted'], "'x' is invalid for argument 'seq'"],
      [['undo', 'x'], 'Cannot use "x" as a seq'],
      [['alter', '--retention-days', 'x'], "'--retention-days <days>' argument 'x' is invalid"],
      [['alter', '--request-days', '1e400'], "argument '1e400' is invalid"],
      [['alter', '--no-retention', '--retention-days', '3'], 'or what --retention-'],
      [['alter', '--no-requests', '--request-count', '3'], 'or what --request-'],
    ]
    for (const [args, words] of told)
      expect(await cli.run(args)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(words),
      })
    expect(await cli.json('alter', 'default', '--per-minute', '5')).toMatchObject({
      rules: { perMinute: 5 },
    })
    expect(await cli.json('alter', 'default', '--per-minute', 'none')).toMatchObject({ rules: {} })
  }))
