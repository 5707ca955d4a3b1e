/**
 * The calls once more, written down by hand: this test does not read the table to judge the table.
 *
 * Somebody planted four faults in the table (a bound, an option, a kind, what is required), and no test
 * found one: all of them took their expectations from it.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { CALLS, type Call } from '../../src/calls/table.ts'
import type * as library from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { withStore } from '../support/temporary-store.ts'

checkHere()

interface Written {
  /** Owner, kind, whether JSON can ask it, and whether it is a property. */
  is: string
  /** Arguments; with `?` they may be left out. */
  takes: readonly string[]
  /** Options; with `!` they must be given. */
  options?: readonly string[]
}

const WRITTEN = {
  get: { is: 'board question remote', takes: ['playerId'], options: ['rankMode'] },
  rank: { is: 'board question remote', takes: ['playerId'], options: ['rankMode'] },
  ranks: { is: 'board question remote', takes: ['playerIds'], options: ['rankMode'] },
  standing: { is: 'board question remote', takes: ['playerId'] },
  standingOf: { is: 'board question remote', takes: ['score'] },
  top: { is: 'board question remote', takes: ['n?'], options: ['rankMode'] },
  range: { is: 'board question remote', takes: ['first', 'last'], options: ['rankMode'] },
  entryAt: { is: 'board question remote', takes: ['place'], options: ['rankMode'] },
  around: {
    is: 'board question remote',
    takes: ['playerId'],
    options: ['above', 'below', 'fill', 'rankMode'],
  },
  between: {
    is: 'board question remote',
    takes: ['min?', 'max?'],
    options: ['minExclusive', 'maxExclusive', 'offset', 'limit', 'rankMode'],
  },
  countBetween: {
    is: 'board question remote',
    takes: ['min?', 'max?'],
    options: ['minExclusive', 'maxExclusive'],
  },
  page: {
    is: 'board question remote',
    takes: [],
    options: ['limit', 'after', 'before', 'rankMode'],
  },
  among: { is: 'board question remote', takes: ['playerIds'], options: ['rankMode'] },
  history: { is: 'board question remote', takes: ['playerId'], options: ['limit', 'before'] },
  gap: { is: 'board question remote', takes: ['playerId'], options: ['rankMode'] },
  scoreAt: { is: 'board question remote', takes: ['rank'], options: ['rankMode'] },
  scoreFor: {
    is: 'board question remote',
    takes: [],
    options: ['rank', 'topPercent', 'playerId', 'rankMode'],
  },
  find: { is: 'board question remote', takes: ['name'], options: ['limit', 'signal'] },
  size: { is: 'board question remote property', takes: [] },
  rules: { is: 'board question remote', takes: [] },
  windows: { is: 'board question remote', takes: [] },
  window: { is: 'board question local', takes: ['window', 'season?'] },
  seasons: {
    is: 'board question remote',
    takes: ['window'],
    options: ['limit', 'after', 'before'],
  },
  finals: {
    is: 'board question remote',
    takes: ['playerId', 'window'],
    options: ['limit', 'after', 'before', 'rankMode'],
  },
  info: { is: 'board question local property', takes: [] },
  entries: { is: 'board question local', takes: [], options: ['rankMode'] },
  watch: {
    is: 'board question local',
    takes: [],
    options: ['top', 'playerId', 'signal', 'intervalMs', 'rankMode'],
  },
  submit: {
    is: 'board change remote',
    takes: ['playerId', 'score'],
    options: [
      'name',
      'mode',
      'at',
      'atUnit',
      'metadata',
      'only',
      'won',
      'expected',
      'requestId',
      'season',
      'rankMode',
      'ranks',
      'passed',
      'windows',
    ],
  },
  submitMany: {
    is: 'board change remote',
    takes: ['submissions'],
    options: ['rankMode', 'ranks', 'passed', 'windows', 'requestId'],
  },
  remove: { is: 'board change remote', takes: ['playerId'], options: ['sealed'] },
  take: { is: 'board change remote', takes: ['playerId'], options: ['sealed'] },
  startSeason: { is: 'board change remote', takes: ['window', 'season'] },
  importFrom: {
    is: 'board work local',
    takes: ['source'],
    options: [
      'signal',
      'onProgress',
      'format!',
      'gzip',
      'mode',
      'skipBad',
      'resume',
      'onBadRow',
      'atUnit',
      'columns',
      'ignoreExtra',
      'delimiter',
      'scoreFormat',
      'decimalComma',
      'futureAllowanceMs',
      'rules',
      'log',
    ],
  },
  exportTo: {
    is: 'board work local',
    takes: ['target'],
    options: ['signal', 'onProgress', 'format!', 'gzip', 'top', 'bom', 'force'],
  },
  boards: { is: 'store question remote', takes: [] },
  hasBoard: { is: 'store question remote', takes: ['name'] },
  metrics: { is: 'store question remote', takes: [] },
  sequence: { is: 'store question remote property', takes: [] },
  log: {
    is: 'store question remote',
    takes: [],
    options: ['after', 'before', 'limit', 'board', 'playerId', 'kinds', 'flagged', 'from', 'to'],
  },
  follow: {
    is: 'store question local',
    takes: [],
    options: ['after', 'board', 'playerId', 'kinds', 'signal', 'intervalMs'],
  },
  boardsOf: { is: 'store question remote', takes: ['playerId'], options: ['rankMode'] },
  bans: { is: 'store question remote', takes: [] },
  settings: { is: 'store question remote', takes: [] },
  profile: { is: 'store question remote', takes: ['playerId'] },
  stats: { is: 'store question remote', takes: [] },
  dump: { is: 'store question local', takes: [], options: ['table', 'board'] },
  snapshot: { is: 'store question local', takes: ['read'] },
  board: {
    is: 'store question local',
    takes: ['name'],
    options: ['order', 'mode', 'scoreType', 'columns', 'keep', 'log', 'windows'],
  },
  openBoard: {
    is: 'store question local',
    takes: ['name'],
    options: ['order', 'mode', 'scoreType', 'columns', 'keep', 'log', 'windows'],
  },
  createBoard: {
    is: 'store change remote',
    takes: ['name'],
    options: ['order', 'mode', 'scoreType', 'columns', 'keep', 'log', 'windows'],
  },
  dropBoard: { is: 'store change remote', takes: ['name'], options: ['signal', 'onProgress'] },
  rename: { is: 'store change remote', takes: ['playerId', 'name'], options: ['sealed'] },
  removePlayer: { is: 'store change remote', takes: ['playerId'], options: ['sealed'] },
  takePlayer: { is: 'store change remote', takes: ['playerId'], options: ['sealed'] },
  ban: {
    is: 'store change remote',
    takes: ['playerId'],
    options: ['board', 'reason', 'actor', 'until', 'submits', 'sealed'],
  },
  movePlayer: {
    is: 'store change remote',
    takes: ['from', 'to'],
    options: ['reason', 'actor', 'sealed'],
  },
  undo: {
    is: 'store change remote',
    takes: [],
    options: [
      ...['board', 'playerId', 'from', 'to', 'seqs', 'reason', 'actor', 'dryRun', 'expectedSeq'],
      'sealed',
    ],
  },
  erase: { is: 'store change remote', takes: ['playerId'], options: ['backups'] },
  unban: {
    is: 'store change remote',
    takes: ['playerId'],
    options: ['board', 'reason', 'actor', 'sealed'],
  },
  alter: {
    is: 'store change remote',
    takes: ['board'],
    options: ['min', 'max', 'maxGain', 'perMinute', 'players', 'tiers', 'writes', 'windows'],
  },
  setProfile: {
    is: 'store change remote',
    takes: ['playerId'],
    options: ['name', 'avatar', 'metadata'],
  },
  resolve: {
    is: 'store change remote',
    takes: ['seq'],
    options: ['verdict!', 'reason', 'actor'],
  },
  check: {
    is: 'store work remote',
    takes: [],
    options: ['signal', 'onProgress', 'history', 'onStage'],
  },
  rebuild: {
    is: 'store work remote',
    takes: ['board?'],
    options: ['signal', 'onProgress', 'from'],
  },
  backup: { is: 'store work local', takes: ['target'], options: ['signal'] },
  close: { is: 'store work local', takes: [] },
  openLeaderboards: {
    is: 'module work local',
    takes: ['path'],
    options: [
      'readOnly',
      'create',
      'durability',
      'allowNetworkFileSystem',
      'futureAllowanceMs',
      'cacheBytes',
      'clock',
    ],
  },
  checkStore: {
    is: 'module work local',
    takes: ['directory'],
    options: ['signal', 'onProgress', 'history', 'allowNetworkFileSystem'],
  },
  salvageStore: {
    is: 'module work local',
    takes: ['source', 'target'],
    options: ['signal', 'onProgress'],
  },
  compactStore: {
    is: 'module work local',
    takes: ['directory'],
    options: ['signal', 'allowNetworkFileSystem'],
  },
  verifyBackup: { is: 'module work local', takes: ['source'], options: ['signal'] },
  restoreBackup: {
    is: 'module work local',
    takes: ['source', 'target'],
    options: ['signal', 'force', 'dryRun', 'until', 'seq', 'log'],
  },
  restoreBoard: {
    is: 'module work local',
    takes: ['source', 'target'],
    options: ['signal', 'force', 'dryRun', 'board!', 'as', 'allowNetworkFileSystem'],
  },
  listBackups: { is: 'module work local', takes: ['directory'] },
  rotateBackups: {
    is: 'module work local',
    takes: ['directory'],
    options: ['signal', 'storeId!', 'rules!', 'made'],
  },
  packBackup: { is: 'module work local', takes: ['directory', 'target'], options: ['signal'] },
  unpackBackup: { is: 'module work local', takes: ['source', 'directory'], options: ['signal'] },
} as const satisfies Readonly<Record<string, Written>>

test('the table is as written', () => {
  const told = Object.entries(CALLS as Record<string, Call>).map(([name, call]) => {
    const { owner, kind, isRemote, isProperty, optional = [], required = [] } = call
    const is = `${owner} ${kind} ${isRemote ? 'remote' : 'local'}${isProperty ? ' property' : ''}`
    const takes = marked(call.arguments, optional, '?')
    return [
      name,
      { is, takes, ...(call.options && { options: marked(call.options, required, '!') }) },
    ]
  })
  expect(Object.fromEntries(told)).toEqual(WRITTEN)
})

function marked(fields: object, those: readonly string[], mark: string): string[] {
  return Object.keys(fields).map((name) => (those.includes(name) ? `${name}${mark}` : name))
}

// What the types say, held against what is written by the compiler alone: `npm run types`.
type Members = library.Leaderboard & library.Leaderboards & typeof library
type Bare<T extends string> = T extends `${infer Name}!` ? Name : T
type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never
type Typed<F> = F extends (...given: infer A) => unknown ? NonNullable<Last<Required<A>>> : never
type Names = keyof typeof WRITTEN
type WithOptions = {
  [N in Names]: (typeof WRITTEN)[N] extends { options: unknown } ? N : never
}[Names]
type Differing = {
  [N in WithOptions]: Same<
    keyof Typed<Members[N]>,
    Bare<(typeof WRITTEN)[N] extends { options: readonly (infer O extends string)[] } ? O : never>
  > extends true
    ? never
    : N
}[WithOptions]
type Same<A, B> = [A, B] extends [B, A] ? true : false

test('the options of a call are those of its type', () => {
  // It does not compile if a call differs.
  const differing: Differing[] = []
  expect(differing).toEqual([])
  const none: [Differing] extends [never] ? true : false = true
  expect(none).toBe(true)
})

test('numbers have the bounds that are written, and just these', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 5)
    const refused: [string, () => unknown][] = [
      ['top', () => board.top(-1)],
      ['range', () => board.range(0, 1)],
      ['range', () => board.range(1, -1)],
      ['entryAt', () => board.entryAt(0)],
      ['scoreAt', () => board.scoreAt(0)],
      ['scoreFor', () => board.scoreFor({ rank: 0 })],
      ['scoreFor', () => board.scoreFor({ topPercent: 0 })],
      ['scoreFor', () => board.scoreFor({ topPercent: 101 })],
      ['around', () => board.around('ann', { above: -1 })],
      ['around', () => board.around('ann', { below: -1 })],
      ['between', () => board.between(1, 9, { offset: -1 })],
      ['between', () => board.between(1, 9, { limit: -1 })],
      ['page', () => board.page({ limit: 0 })],
      ['watch', () => board.watch({ top: 0 })],
      ['watch', () => board.watch({ intervalMs: 9 })],
      ['board', () => store.board('new', { keep: 0 })],
    ]
    for (const [name, call] of refused) expect(call, `${call} of ${name}`).toThrow(RangeError)
    await expect(board.find('a', { limit: 0 })).rejects.toThrow(RangeError)
    await expect(board.submit('ann', 5, { passed: -1 })).rejects.toThrow(RangeError)
    expect([board.top(0), board.range(1, 0), board.between(1, 9, { limit: 0 })]).toEqual([
      ...[[], [], []],
    ])
    expect([board.scoreAt(1), board.entryAt(1)?.playerId, board.page({ limit: 1 }).total]).toEqual([
      ...[5, 'ann', 1],
    ])
    expect(board.around('ann', { above: 0, below: 0 }).length).toBe(1)
    expect(board.scoreFor({ topPercent: 100, playerId: 'ann' }).rank).toBe(1)
    expect((await board.find('a', { limit: 1 })).length).toBe(1)
  })
})
