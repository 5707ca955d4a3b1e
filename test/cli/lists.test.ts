import { expect, test } from 'vitest'
import { AT, run, submitFive, withCli, writeSeason } from './support.ts'

const EVE = { rank: 2, playerId: 'eve', name: 'Eve', score: 2000, at: AT + 40 }
const BOB = { rank: 1, playerId: 'bob', name: 'bob', score: 2000, at: AT + 10 }

test('top shows a table with names, ids and times', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.ok('top', '3')).toBe(
      [
        'default: top 3 of 5',
        'rank  player  id    score  when',
        '   1  bob     bob   2,000  2025-03-01T18:30:00.010Z',
        '   2  Eve     eve   2,000  2025-03-01T18:30:00.040Z',
        '   3  dave    dave  1,800  2025-03-01T18:30:00.030Z',
        '',
      ].join('\n'),
    )
  }))

test('top shows ids only where they are not the names, and numbers to the last digit', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ann', '1234567.125', '--at', '2024-01-02T03:04:05.000250Z')
    await cli.ok('submit', 'ben', '-5', '--at', '0')
    expect(await cli.ok('top')).toBe(
      [
        'default: top 2 of 2',
        'rank  player          score  when',
        '   1  ann     1,234,567.125  2024-01-02T03:04:05.000250Z',
        '   2  ben                -5  1970-01-01T00:00:00.000Z',
        '',
      ].join('\n'),
    )
  }))

test('a long table keeps its columns from the first row to the last', () =>
  withCli(async (cli) => {
    await cli.ok('import', await writeSeason(cli, 1001))
    await cli.ok('submit', 'p7', '-1', '--name', 'the longest name of all stands near the end')
    const lines = (await cli.ok('top', '1001')).trimEnd().split('\n').slice(1)
    expect(lines.length).toBe(1002)
    expect(new Set(lines.slice(1).map((line) => line.lastIndexOf('  '))).size).toBe(1)
    expect(lines[1]).toMatch(/^ {4}1 {2}Player \d+ +p\d+ +\d,\d{3} {2}2025/)
    expect(lines[1001]).toMatch(/^1,001 {2}the longest .*… {2}p7 +-1 {2}2/)
  }))

test('top --json answers board, total and entries', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    expect(await cli.json('top', '2')).toEqual({
      board: 'default',
      total: 5,
      entries: [BOB, EVE],
    })
    expect(await cli.json('top', '0')).toEqual({ board: 'default', total: 5, entries: [] })
  }))

test('every list takes a rank mode', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const ranks = async (...args: string[]): Promise<number[]> =>
      (await cli.json(...args)).entries.map(({ rank }: { rank: number }) => rank)
    expect(await ranks('top', '4', '--rank-mode', 'competition')).toEqual([1, 1, 3, 4])
    expect(await ranks('range', '2', '3', '--rank-mode', 'dense')).toEqual([1, 2])
    expect(await ranks('around', 'dave', '--above', '1', '--rank-mode', 'dense')).toEqual([
      1, 2, 3, 4,
    ])
    expect(await ranks('between', '1000', '1800', '--rank-mode', 'competition')).toEqual([3, 4, 5])
  }))

test('range lists places, and leaves out those that do not exist', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const { total, entries } = await cli.json('range', '4', '9')
    expect(total).toBe(5)
    expect(entries.map(({ playerId }: { playerId: string }) => playerId)).toEqual([
      'alice',
      'charlie',
    ])
    expect(await cli.ok('range', '9', '12')).toBe('default: places 9 to 12 of 5\n')
  }))

test('around lists the neighbourhood, clipped or filled', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    const ids = async (...args: string[]): Promise<string[]> =>
      (await cli.json('around', ...args)).entries.map(
        (entry: { playerId: string }) => entry.playerId,
      )
    expect(await ids('alice', '--above', '1', '--below', '1')).toEqual(['dave', 'alice', 'charlie'])
    expect(await ids('bob', '--above', '1', '--below', '1')).toEqual(['bob', 'eve'])
    expect(await ids('bob', '--above', '1', '--below', '1', '--fill')).toEqual([
      'bob',
      'eve',
      'dave',
    ])
    expect(await cli.ok('around', 'charlie', '--above', '0')).toBe(
      [
        'default: around charlie, of 5',
        'rank  player   score  when',
        '   5  charlie  1,200  2025-03-01T18:30:00.020Z',
        '',
      ].join('\n'),
    )
  }))

test('between lists scores, with open ends, exclusive ends, offset and limit', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('submit', 'zoe', '-7.5')
    const ids = async (...args: string[]): Promise<string[]> =>
      (await cli.json('between', ...args)).entries.map(
        (entry: { playerId: string }) => entry.playerId,
      )
    expect(await ids('1200', '1800')).toEqual(['dave', 'alice', 'charlie'])
    expect(await ids('1200', '1800', '--min-exclusive', '--max-exclusive')).toEqual(['alice'])
    expect(await ids('-10', '-1')).toEqual(['zoe'])
    expect(await ids('-Infinity', '1200')).toEqual(['charlie', 'zoe'])
    expect(await ids('-inf', 'inf', '--offset', '4', '--limit', '1')).toEqual(['charlie'])
    expect(await ids('9', '1')).toEqual([])
    expect((await cli.ok('between', '1', '5000', '--limit', '2')).split('\n')[0]).toBe(
      'default: 5 of 6 score 1 to 5,000, 2 shown',
    )
  }))

test('an empty board lists nothing', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'empty')
    expect(await cli.ok('--board', 'empty', 'top')).toBe('empty: top 0 of 0\n')
    expect(await cli.json('--board', 'empty', 'top')).toEqual({
      board: 'empty',
      total: 0,
      entries: [],
    })
  }))

test('global options and the environment name store and board, in this order', () =>
  withCli(async (cli) => {
    await cli.ok('--board', 'a', 'submit', 'ann', '1', '--create-board')
    await cli.ok('--board', 'b', 'submit', 'ben', '2', '--create-board')
    const env = { LADDERDB_DB: cli.db, LADDERDB_BOARD: 'a' }
    expect((await run(['rank', 'ann'], { env })).stdout).toBe('1\n')
    expect((await run(['rank', 'ben', '--board', 'b'], { env })).stdout).toBe('1\n')
    expect((await run(['rank', 'ben', '--json', '--board', 'b'], { env })).stdout).toBe(
      '{"playerId":"ben","rank":1}\n',
    )
    expect((await run(['rank', 'ann', '--db', cli.file('other')], { env })).status).toBe(4)
  }))
