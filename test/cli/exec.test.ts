import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { linesOf } from '../../src/cli/exec/lines.ts'
import { OPERATIONS } from '../../src/cli/exec/operations.ts'
import { type Cli, withCli } from './support.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are what the test says they are
type Answer = any

async function exec(cli: Cli, lines: (object | string)[]): Promise<Answer[]> {
  const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  const { status, stdout, stderr } = await cli.run(['exec'], { stdin: `${input.join('\n')}\n` })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const answers = stdout.split('\n')
  expect(answers.pop()).toBe('')
  expect(answers.length).toBe(lines.length)
  return answers.map((line) => JSON.parse(line))
}

async function results(cli: Cli, lines: object[]): Promise<Answer[]> {
  return (await exec(cli, lines)).map(({ ok, result, ...rest }) => {
    expect({ ok, rest }).toEqual({ ok: true, rest: {} })
    return result
  })
}

const FIVE = [
  { op: 'submit', playerId: 'alice', score: 1500, at: 1 },
  { op: 'submit', playerId: 'bob', score: 2000, at: 2 },
  { op: 'submit', playerId: 'charlie', score: 1200, at: 3 },
  { op: 'submit', playerId: 'dave', score: 1800, at: 4 },
  { op: 'submit', playerId: 'eve', score: 2000, at: 5, name: 'Eve' },
]
const ids = (entries: { playerId: string }[]): string[] => entries.map(({ playerId }) => playerId)

test('exec rebuilds a board, and all of them from the log', () =>
  withCli(async (cli) => {
    const report = { board: 'default', entries: 1, nodes: 1 }
    const rows = { added: 0, removed: 0 }
    const lines = [
      { op: 'submit', playerId: 'ann', score: 5 },
      { op: 'createBoard', name: 'golf' },
      { op: 'rebuild' },
      { op: 'rebuild', board: 'golf', from: 'players' },
      { op: 'rebuild', from: 'log' },
      { op: 'rebuild', board: 'golf', from: 'log' },
    ]
    const golf = { ...report, board: 'golf', entries: 0 }
    expect((await results(cli, lines)).slice(2)).toEqual([
      report,
      { ...golf, ...rows, retimed: 0 },
      [
        { ...report, ...rows },
        { ...golf, ...rows },
      ],
      { ...golf, ...rows },
    ])
  }))

test('exec counts a request once, alone and in submitMany', () =>
  withCli(async (cli) => {
    const one = { op: 'submit', playerId: 'ann', score: 5, mode: 'increment', requestId: 'a' }
    const { op: _, ...item } = one
    const lines = [
      one,
      one,
      { op: 'submitMany', submissions: [item, { ...item, requestId: 'b' }] },
      { ...one, score: 6 },
      { op: 'get', playerId: 'ann' },
    ]
    const [first, again, many, reused, get] = await exec(cli, lines)
    expect(again.result).toEqual({ ...first.result, repeated: true })
    expect(many.result).toMatchObject([{ score: 5, repeated: true }, { score: 10 }])
    expect(reused.error).toMatchObject({ code: 'REQUEST_REUSED' })
    expect(get.result.score).toBe(10)
  }))

test('exec answers every read as the library does', () =>
  withCli(async (cli) => {
    await exec(cli, FIVE)
    const [get, none, rank, ranks, standing, standingOf, top, all, range, at, beyond] =
      await results(cli, [
        { op: 'get', playerId: 'eve', rankMode: 'dense' },
        { op: 'get', playerId: 'nobody' },
        { op: 'rank', playerId: 'charlie' },
        { op: 'ranks', playerIds: ['eve', 'nobody', 'bob'] },
        { op: 'standing', playerId: 'dave' },
        { op: 'standingOf', score: 1800 },
        { op: 'top', n: 3 },
        { op: 'top' },
        { op: 'range', first: 4, last: 9 },
        { op: 'entryAt', place: 1 },
        { op: 'entryAt', place: 6 },
      ])
    expect(get).toEqual({ rank: 1, playerId: 'eve', name: 'Eve', score: 2000, at: 5 })
    expect(none).toBe(null)
    expect(rank).toBe(5)
    expect(ranks).toEqual([2, null, 1])
    expect(standing).toMatchObject({ ordinal: 3, competition: 3, dense: 2, total: 5 })
    expect(standingOf).toMatchObject({ ordinal: 4, competition: 3, equal: 2, total: 6 })
    expect(ids(top)).toEqual(['bob', 'eve', 'dave'])
    expect(ids(all)).toEqual(['bob', 'eve', 'dave', 'alice', 'charlie'])
    expect(ids(range)).toEqual(['alice', 'charlie'])
    expect(at).toEqual({ rank: 1, playerId: 'bob', name: 'bob', score: 2000, at: 2 })
    expect(beyond).toBe(null)
  }))

test('exec answers neighbourhoods and score ranges, whose ends may be open', () =>
  withCli(async (cli) => {
    await exec(cli, FIVE)
    const [around, filled, between, exclusive, open, page, count, countAll, size] = await results(
      cli,
      [
        { op: 'around', playerId: 'alice', above: 1, below: 1 },
        { op: 'around', playerId: 'bob', above: 1, below: 1, fill: true },
        { op: 'between', min: 1500, max: 1800 },
        { op: 'between', min: 1500, max: 2000, minExclusive: true, maxExclusive: true },
        { op: 'between', min: null, max: 1500 },
        { op: 'between', offset: 1, limit: 2, rankMode: 'competition' },
        { op: 'countBetween', min: 1500 },
        { op: 'countBetween' },
        { op: 'size' },
      ],
    )
    expect(ids(around)).toEqual(['dave', 'alice', 'charlie'])
    expect(ids(filled)).toEqual(['bob', 'eve', 'dave'])
    expect(ids(between)).toEqual(['dave', 'alice'])
    expect(ids(exclusive)).toEqual(['dave'])
    expect(ids(open)).toEqual(['alice', 'charlie'])
    expect(page.map(({ rank }: { rank: number }) => rank)).toEqual([1, 3])
    expect([count, countAll, size]).toEqual([4, 5, 5])
  }))

test('exec answers writes, one board or another', () =>
  withCli(async (cli) => {
    const golf = { board: 'golf' }
    const answers = await results(cli, [
      { op: 'createBoard', name: 'golf', order: 'ascending', mode: 'best' },
      { op: 'submit', ...golf, playerId: 'ann', score: 72 },
      { op: 'submit', ...golf, playerId: 'ann', score: 75 },
      { op: 'submitMany', ...golf, submissions: [{ playerId: 'ben', score: 70, name: null }] },
      { op: 'submitMany', ...golf, entries: [{ playerId: 'cat', score: 71 }], ranks: false },
      { op: 'remove', ...golf, playerId: 'ben' },
      { op: 'remove', ...golf, playerId: 'ben' },
      { op: 'top', ...golf },
      { op: 'boards' },
      { op: 'dropBoard', ...golf },
      { op: 'boards' },
    ])
    expect(answers[0]).toEqual({ name: 'golf', order: 'ascending', mode: 'best', size: 0 })
    expect(answers[1]).toEqual({
      playerId: 'ann',
      score: 72,
      previousScore: null,
      rank: 1,
      previousRank: null,
      changed: true,
      created: true,
    })
    expect(answers[2]).toMatchObject({ score: 72, changed: false })
    expect(answers[3]).toMatchObject([{ playerId: 'ben', rank: 1 }])
    expect(answers[4]).toMatchObject([{ playerId: 'cat', rank: null }])
    expect(answers.slice(5, 7)).toEqual([true, false])
    expect(ids(answers[7])).toEqual(['cat', 'ann'])
    expect(answers[8]).toEqual([{ name: 'golf', order: 'ascending', mode: 'best', size: 2 }])
    expect(answers.slice(9)).toEqual([null, []])
  }))

test('exec answers stats and check', () =>
  withCli(async (cli) => {
    await exec(cli, FIVE)
    const [stats, check] = await results(cli, [{ op: 'stats' }, { op: 'check' }])
    expect(stats).toMatchObject({ path: cli.db, boards: 1, entries: 5 })
    expect(check).toMatchObject({ ok: true, findings: [] })
  }))

test('exec answers errors with a code and goes on', () =>
  withCli(async (cli) => {
    const cases: [object | string, string, string][] = [
      ['{"op":', 'BAD_JSON', 'JSON'],
      ['[1]', 'BAD_JSON', 'not an object'],
      ['null', 'BAD_JSON', 'not an object'],
      [{}, 'UNKNOWN_OP', 'submitMany'],
      [{ op: 'fly' }, 'UNKNOWN_OP', '"fly"'],
      [{ op: 'constructor' }, 'UNKNOWN_OP', 'one of get, rank'],
      [{ op: 5 }, 'UNKNOWN_OP', '5'],
      [{ op: 'top', board: 'nope' }, 'NO_BOARD', 'createBoard'],
      [{ op: 'size' }, 'NO_BOARD', 'default'],
      [{ op: 'remove', playerId: 'a' }, 'NO_BOARD', 'default'],
      [{ op: 'submit', playerId: 'a', score: 1, board: 'nope' }, 'NO_BOARD', 'nope'],
      [{ op: 'submit', playerId: 'a' }, 'INVALID_ARGUMENT', 'score'],
      [{ op: 'submit', playerId: 'a', score: '1' }, 'INVALID_ARGUMENT', 'score'],
      [{ op: 'submit', playerId: '', score: 1 }, 'INVALID_ARGUMENT', 'empty'],
      [{ op: 'submit', playerId: 'a', score: 1, nmae: 'A' }, 'INVALID_ARGUMENT', '"nmae"'],
      [{ op: 'submit', playerId: 'a', score: 1, at: 5e15 }, 'INVALID_ARGUMENT', 'at'],
      [{ op: 'submit', playerId: 'a', score: 1, at: 4e12 }, 'FUTURE_TIME', 'later than now'],
      [{ op: 'submit', playerId: 'a', score: 1, board: 5 }, 'INVALID_ARGUMENT', 'board'],
      [{ op: 'submitMany' }, 'INVALID_ARGUMENT', 'array'],
      [{ op: 'submitMany', submissions: [{ player: 'a' }] }, 'INVALID_ARGUMENT', '"player"'],
      [{ op: 'submitMany', submissions: [5] }, 'INVALID_ARGUMENT', 'Submission 0'],
      [{ op: 'submitMany', submissions: [], entries: [] }, 'INVALID_ARGUMENT', 'both'],
      [{ op: 'dropBoard', name: 'nope' }, 'NO_BOARD', 'nope'],
      [{ op: 'top', n: -1, board: 'made' }, 'INVALID_ARGUMENT', 'n'],
      [{ op: 'top', rankMode: 'fair', board: 'made' }, 'INVALID_ARGUMENT', 'rankMode'],
    ]
    const lines = cases.map(([line]) => line)
    const [, ...answers] = await exec(cli, [
      ...[{ op: 'createBoard', name: 'made' }, ...lines, { op: 'boards' }],
    ])
    for (const [i, [line, code, part]] of cases.entries()) {
      const { ok, error } = answers[i]
      expect([line, ok, error.code]).toEqual([line, false, code])
      expect(error.message).toContain(part)
    }
    // What was refused made no board.
    const made = expect.objectContaining({ name: 'made', size: 0 })
    expect(answers.at(-1)).toEqual({ ok: true, result: [made] })
  }))

test('exec takes bytes that are not UTF-8 for a bad line, and a last line without a break', () =>
  withCli(async (cli) => {
    const stdin = new PassThrough()
    stdin.end(
      Buffer.concat([
        Buffer.from([0x22, 0xff, 0x22, 10]),
        Buffer.from('{"op":"boards"}\r\n{"op":"boards"}'),
      ]),
    )
    const { stdout } = await cli.run(['exec'], { stdin })
    const [bad, ...good] = stdout.trimEnd().split('\n')
    expect(JSON.parse(bad ?? '').error.message).toContain('UTF-8')
    expect(good).toEqual(Array(2).fill('{"ok":true,"result":[]}'))
  }))

test('exec answers in order, and a read sees every write above it', () =>
  withCli(async (cli) => {
    const lines: object[] = []
    for (let i = 0; i < 500; i++) {
      lines.push({ op: 'submit', playerId: `p${i}`, score: i })
      if (i % 3 === 0) lines.push({ op: 'size' }, { op: 'rank', playerId: `p${i}` })
      if (i % 50 === 0)
        lines.push({ op: 'remove', playerId: `p${i}` }, { op: 'get', playerId: `p${i}` })
      if (i % 50 === 0) lines.push({ op: 'submit', playerId: `p${i}`, score: i })
    }
    const answers = await results(cli, lines)
    let size = 0
    for (const [i, line] of lines.entries()) {
      const { op, playerId } = line as { op: string; playerId: string }
      if (op === 'submit') expect([answers[i].playerId, ++size]).toEqual([playerId, size])
      if (op === 'remove') expect([answers[i], --size]).toEqual([true, size])
      if (op === 'size') expect(answers[i]).toBe(size)
      if (op === 'rank') expect(answers[i]).toBe(1)
      if (op === 'get') expect(answers[i]).toBe(null)
    }
  }))

// A question that the table calls a change was answered before the writes above it, and no test saw it.
const AFTER_A_SUBMIT: [object, (result: Answer) => unknown, unknown][] = [
  [{ op: 'get', playerId: 'ann' }, (entry) => entry?.score, 5],
  [{ op: 'rank', playerId: 'ann' }, (rank) => rank, 1],
  [{ op: 'ranks', playerIds: ['ann'] }, (ranks) => ranks, [1]],
  [{ op: 'standing', playerId: 'ann' }, (standing) => standing?.total, 1],
  [{ op: 'standingOf', score: 1 }, (standing) => standing?.total, 2],
  [{ op: 'top' }, ids, ['ann']],
  [{ op: 'range', first: 1, last: 2 }, ids, ['ann']],
  [{ op: 'entryAt', place: 1 }, (entry) => entry?.score, 5],
  [{ op: 'around', playerId: 'ann' }, ids, ['ann']],
  [{ op: 'between', min: 1 }, ids, ['ann']],
  [{ op: 'countBetween', min: 1 }, (count) => count, 1],
  [{ op: 'page' }, ({ entries }) => ids(entries), ['ann']],
  [{ op: 'among', playerIds: ['ann'] }, ({ entries }) => ids(entries), ['ann']],
  [{ op: 'gap', playerId: 'ann' }, (gap) => gap?.entry?.score, 5],
  [{ op: 'scoreAt', rank: 1 }, (score) => score, 5],
  [{ op: 'scoreFor', rank: 1 }, ({ mark }) => mark, 5],
  [{ op: 'find', name: 'ann' }, ids, ['ann']],
  [{ op: 'history', playerId: 'ann' }, ({ records }) => records[0].submitted, 5],
  [{ op: 'log' }, ({ records }) => records.at(-1).score, 5],
  [{ op: 'size' }, (size) => size, 1],
  [{ op: 'boards' }, (boards) => boards.map(({ size }: { size: number }) => size), [1, 0]],
  [{ op: 'hasBoard', name: 'default' }, (has) => has, true],
  [{ op: 'boardsOf', playerId: 'ann' }, (boards) => boards.length, 1],
  [{ op: 'bans' }, (bans) => bans, []],
  [{ op: 'rules' }, (rules) => rules, {}],
  [{ op: 'windows' }, ([window]) => window.window, 'year'],
  [{ op: 'seasons', window: 'year' }, ([season]) => season.size, 1],
  [{ op: 'finals', playerId: 'ann', window: 'year' }, (finals) => finals, []],
  [{ op: 'settings' }, ({ names }) => names, 'free'],
  [{ op: 'profile', playerId: 'ann' }, (profile) => profile, null],
  [{ op: 'stats' }, ({ entries }) => entries, 1],
  [{ op: 'sequence' }, (sequence) => sequence, 2],
  [{ op: 'metrics' }, ({ calls }) => typeof calls, 'object'],
  [{ op: 'check' }, ({ checked }) => checked.entries, 1],
]

const CHANGES = [
  ...['submit', 'submitMany', 'remove', 'take', 'createBoard', 'dropBoard'],
  ...['rename', 'removePlayer', 'takePlayer', 'ban', 'unban', 'movePlayer', 'erase'],
  ...['alter', 'setProfile', 'resolve', 'startSeason'],
  ...['undo', 'rebuild'],
]

test('exec: each question sees the submit above it', () =>
  withCli(async (cli) => {
    const asked = AFTER_A_SUBMIT.map(([{ op }]: Answer) => op)
    expect([...asked, ...CHANGES].sort()).toEqual([...OPERATIONS.keys()].sort())
    for (const [question, pick, expected] of AFTER_A_SUBMIT) {
      const db = cli.file(`store-${(question as Answer).op}`)
      const isWindowed = /^(windows|seasons|finals)$/.test((question as Answer).op)
      const lines = [
        { op: 'createBoard', name: 'other' },
        ...(isWindowed ? [{ op: 'createBoard', name: 'default', windows: ['year'] }] : []),
        { op: 'submit', playerId: 'ann', score: 5 },
        question,
      ]
      const stdin = lines.map((line) => JSON.stringify(line)).join('\n')
      const { stdout } = await cli.run(['exec', '--db', db], { stdin })
      const { result } = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)
      expect(pick(result), JSON.stringify(question)).toEqual(expected)
    }
  }))

test('exec refuses arguments that an operation does not take', () =>
  withCli(async (cli) => {
    await exec(cli, FIVE)
    const lines = [...OPERATIONS.keys()].map((op) => ({ op, qqqqqqqqq: 1 }))
    for (const { ok, error } of await exec(cli, lines))
      expect([ok, error.message]).toEqual([
        false,
        expect.stringMatching('Cannot use "qqqqqqqqq" in arguments of'),
      ])
    const [standing] = await exec(cli, [{ op: 'standing', playerId: 'bob', rankMode: 'dense' }])
    expect(standing.error.message).toMatch('Cannot use "rankMode" in arguments of standing')
    expect(await results(cli, [{ op: 'size' }])).toEqual([5])
  }))

test('exec runs 2,000 submits from a file, sharing commits', () =>
  withCli(async (cli) => {
    const lines = Array.from({ length: 2000 }, (_, i) => {
      return `${JSON.stringify({ op: 'submit', playerId: `p${i % 1600}`, score: (i * 7919) % 10_007 })}\n`
    })
    await writeFile(cli.file('operations'), lines.join(''))
    const answers = (await cli.ok('exec', cli.file('operations'))).trimEnd().split('\n')
    expect(answers.length).toBe(2000)
    for (const [i, answer] of answers.entries())
      expect(JSON.parse(answer).result.playerId).toBe(`p${i % 1600}`)
    const { sequence, entries } = await cli.json('stats')
    expect(entries).toBe(1600)
    expect(sequence).toBeLessThan(400)
  }))

test('exec keeps long answers within memory by waiting for their reader', () =>
  withCli(async (cli) => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ playerId: `player ${i}`, score: i }))
    await exec(cli, [{ op: 'submitMany', submissions: many }])
    const reads = Array.from({ length: 30 }, () => ({ op: 'top', n: 2000 }))
    for (const top of await results(cli, reads)) expect(top.length).toBe(2000)
  }))

test('linesOf() cuts chunks anywhere, and names a line that is too long', async () => {
  const text = 'one\n\ntwo three\r\nfour'
  for (let size = 1; size <= text.length; size++) {
    const source = new PassThrough()
    for (let at = 0; at < text.length; at += size) source.write(text.slice(at, at + size))
    source.end()
    const lines: (string | undefined)[] = []
    for await (const batch of linesOf(source, 10))
      lines.push(...batch.map((line) => line?.toString()))
    expect(lines).toEqual(['one', '', 'two three\r', 'four'])
    lines.length = 0
  }
  const tooLong: (string | undefined)[] = []
  const source = new PassThrough()
  source.end('short\nmuch too long\nok\nmuch too long')
  for await (const batch of linesOf(source, 8))
    tooLong.push(...batch.map((line) => line?.toString()))
  expect(tooLong).toEqual(['short', undefined, 'ok', undefined])
})

// A file of Windows begins with a byte order mark, and `echo` leaves empty lines: both were BAD_JSON.
test('exec passes over a byte order mark and empty lines', () =>
  withCli(async (cli) => {
    const size = '{"op":"hasBoard","name":"b"}'
    const stdin = `\uFEFF${size}\r\n\n  \r\n${size}\n\uFEFF\n`
    const { stdout, status } = await cli.run(['exec'], { stdin })
    expect({ stdout, status }).toEqual({
      stdout: '{"ok":true,"result":false}\n'.repeat(2),
      status: 0,
    })
  }))

// `exec` with reads alone, or with refused changes, left an empty store where there was a slip of the pen.
test('exec makes a store with the first change that is accepted', () =>
  withCli(async (cli) => {
    const submit = { op: 'submit', playerId: 'ann', score: 1 }
    const answers = await exec(cli, [
      ...[{ op: 'size' }, { op: 'boards' }, { op: 'stats' }, { op: 'remove', playerId: 'ann' }],
      ...[
        { ...submit, score: 'abc' },
        { ...submit, only: 'existing' },
        { ...submit, board: 'b' },
      ],
      ...[
        { op: 'createBoard', keep: 0 },
        { op: 'rename', playerId: 'ann', name: 'Ann' },
      ],
    ])
    expect(answers.map(({ ok, error }) => (ok ? 'ok' : error.code))).toEqual([
      ...['NO_BOARD', 'ok', 'NO_STORE', 'NO_BOARD'],
      ...['INVALID_ARGUMENT', 'CONDITION_FAILED', 'NO_BOARD', 'INVALID_ARGUMENT', 'NO_STORE'],
    ])
    expect(existsSync(cli.db)).toBe(false)
    const [first, second, size] = await results(cli, [
      ...[submit, { ...submit, playerId: 'bob', expected: null }, { op: 'size' }],
    ])
    expect([first.created, second.rank, size]).toEqual([true, 2, 2])
  }))

// 9007199254740993 was answered, and stored, as …992; metadata of 76561198000000001 as …000.
test('exec refuses digits that no number keeps, and takes them as text for int64', () =>
  withCli(async (cli) => {
    const answers = await exec(cli, [
      { op: 'createBoard', name: 'big', scoreType: 'int64' },
      '{"op":"submit","board":"big","playerId":"ann","score":9007199254740993}',
      '{"op":"submit","board":"big","playerId":"ann","score":"9007199254740993"}',
      '{"op":"submit","playerId":"ann","score":1,"metadata":{"steam":76561198000000001}}',
      '{"op":"submitMany","submissions":[{"playerId":"ann","score":1e400}]}',
      '{"op":"submit","playerId":"ann","score":1,"score":2}',
      '{"op":"between","board":"big","min":null}',
      '{"op":"submit","board":"big","playerId":"ann","score":"007"}',
    ])
    expect(answers.map(({ ok, result, error }) => (ok ? result : error.message))).toEqual([
      expect.objectContaining({ name: 'big' }),
      'Cannot read score: 9007199254740993 is not exact as a number, the nearest one is 9007199254740992; write 9007199254740992, or on a board of int64 the string "9007199254740993"',
      expect.objectContaining({ score: '9007199254740993', created: true }),
      expect.stringContaining('Cannot read metadata.steam: 76561198000000001 is not exact'),
      expect.stringContaining('Cannot read submissions[0].score: 1e400 is too large'),
      expect.stringContaining('Cannot read score: it is there twice'),
      [expect.objectContaining({ score: '9007199254740993' })],
      expect.stringContaining('Cannot use "007" as score'),
    ])
  }))

// A submit below the erasure of its player was answered as taken, and then erased with the rest: an erasure
// reads the log before it commits, and the lines below it did not wait.
test('what comes below an erasure is not erased', () =>
  withCli(async (cli) => {
    const [, , , got] = await exec(cli, [
      { op: 'submit', playerId: 'ann', score: 3 },
      { op: 'erase', playerId: 'ann' },
      { op: 'submit', playerId: 'ann', score: 4 },
      { op: 'get', playerId: 'ann' },
    ])
    expect(got).toMatchObject({ ok: true, result: { score: 4, rank: 1 } })
  }))
