/**
 * Stores that earlier releases wrote, and this one: what users have must open, answer and go on.
 *
 * `version-1` is of the first release. The others were made with `make.js` when their version was new, those with
 * a history and with seasons by scripts of their own.
 *
 * @module
 */

import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import {
  decodeHeader,
  encodeHeader,
  FORMAT_VERSION,
  featureBit,
  HEADER_KEY,
  type Header,
} from '../../src/format/meta/header.ts'
import { decodeOrphan, orphanIdOf } from '../../src/format/meta/orphan.ts'
import { FIRST_TABLES, TABLES, type Table } from '../../src/format/tables.ts'
import {
  type BoardSettings,
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
} from '../../src/index.ts'
import { openLmdbStore } from '../../src/store/lmdb/open-lmdb.ts'
import type { Pair, Writer } from '../../src/store/store.ts'
import { checkHere } from '../support/check-here.ts'
import { changeRaw, pairsOf } from '../support/raw-store.ts'
import { FakeClock, withDirectory } from '../support/temporary-store.ts'
import {
  type BoardContent,
  contentOf,
  historyOf,
  SEASONS_END_MS,
  seasonStoreOf,
} from './content.js'

checkHere()

const INTEGER_MAX = 2n ** 63n - 1n
const INTEGER_MIN = -(2n ** 63n)
// After the times in all of the stores.
const NOW = Date.UTC(2026, 10, 22)

/** A copy of a golden store, and what it holds. */
interface Golden {
  version: number
  directory: string
  path: string
  data: Buffer
  content: { [name: string]: BoardContent }
}

const VERSIONS = Array.from({ length: FORMAT_VERSION }, (_, i) => i + 1)

test.each(VERSIONS)(
  'a store of version %d opened read-only answers and stays as it is',
  (version) =>
    withGolden(version, async ({ path, data, content }) => {
      const store = openLeaderboards(path, { readOnly: true })
      expect(contentOf(store)).toEqual(content)
      expect(store.stats().formatVersion).toBe(version)
      expect((await store.check()).findings).toEqual([])
      await store.close()
      expect((await dataOf(path)).equals(data)).toBe(true)
    }),
)

test.each(VERSIONS)('a store of version %d has the ranks that its lists have', (version) =>
  withGolden(version, async ({ path, content }) => {
    await using store = openLeaderboards(path, { readOnly: true })
    for (const [name, { entries }] of Object.entries(content)) {
      const board = store.board(name)
      expect(board.size).toBe(entries.length)
      for (const { playerId, rank } of entries) expect(board.rank(playerId)).toBe(rank)
      expect(board.top(5).length).toBe(Math.min(5, entries.length))
    }
  }),
)

test('a store with a history tells it, and goes on with it', () =>
  withGolden('3-history', async ({ path, data, content }) => {
    const read = openLeaderboards(path, { readOnly: true })
    expect(historyOf(read)).toEqual(content)
    expect((await read.check()).findings).toEqual([])
    await read.close()
    expect((await dataOf(path)).equals(data)).toBe(true)
    await using store = writable(path)
    const arena = store.openBoard('arena')
    const last = store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records[0]?.seq as number
    expect(await arena.submit('bob', 800, { requestId: 'run-17' })).toHaveProperty('repeated', true)
    await expect(arena.submit('ada', -1)).rejects.toHaveProperty('code', 'OUT_OF_RANGE')
    await store.unban('cy')
    expect(arena.get('cy')?.score).toBe(860)
    await arena.submit('ada', 901)
    expect(store.log({ after: last }).records.map(({ seq, kind }) => [seq, kind])).toEqual([
      [last + 1, 'unban'],
      [last + 2, 'submit'],
    ])
    expect(arena.history('ada').records.map(({ plays }) => plays)).toEqual([3, 2, 1])
    expect((await store.check()).findings).toEqual([])
  }))

test('a store with seasons tells them, and goes on with them', () =>
  withGolden('3-seasons', async ({ path, data, content }) => {
    let now = SEASONS_END_MS
    const clock = (): number => now
    const read = openLeaderboards(path, { readOnly: true, clock })
    expect(seasonStoreOf(read)).toEqual(content)
    expect((await read.check()).findings).toEqual([])
    await read.close()
    expect(await dataOf(path)).toEqual(data)
    await using store = openLeaderboards(path, { clock })
    const arena = store.openBoard('arena')
    const again = await arena.submit('bob', 820, { requestId: 'run-17', windows: 'all' })
    expect(again).toMatchObject({ repeated: true, windows: { gained: { season: '2026-12-02' } } })
    const finals = arena.finals('ada', 'day')
    expect(finals.length).toBeGreaterThan(0)
    now += 86_400_000
    const { windows } = await arena.submit('ada', 960)
    expect(windows?.['gained']).toEqual({ season: '2026-12-03', rank: 1 })
    expect(arena.finals('ada', 'day')).toEqual(expect.arrayContaining(finals))
    // It was put ahead of the clock, before its season began.
    expect(store.board('coins').window('best', '2026-12-03').size).toBe(1)
    await store.unban('cy')
    expect((await store.check()).findings).toEqual([])
    await store.rebuild('arena', { from: 'players' })
    expect((await store.check()).findings).toEqual([])
  }))

// The first change of a store of an older version brings the tables that bans, moves and erasures lie in.
test.each(VERSIONS)('a store of version %d bans, moves and erases its players', (version) =>
  withGolden(version, async ({ path, content }) => {
    await using store = writable(path)
    const [name, { entries }] = Object.entries(content).find(
      ([, board]) => board.entries.length > 3,
    ) as [string, BoardContent]
    const [first, second, third] = entries.map(({ playerId }) => playerId) as [
      string,
      string,
      string,
    ]
    const board = store.board(name)
    await store.ban(first)
    expect(board.rank(second)).toBe(1)
    await store.unban(first)
    expect(board.rank(first)).toBe(1)
    await store.movePlayer(second, 'somebody new')
    expect(board.rank('somebody new')).toBe(2)
    await store.erase(third)
    expect(board.size).toBe(entries.length - 1)
    expect((await store.check()).findings).toEqual([])
  }),
)

test.each(VERSIONS)('a store of version %d opened for writing keeps what it holds', (version) =>
  withGolden(version, async ({ path, content }) => {
    const store = writable(path)
    expect(contentOf(store)).toEqual(content)
    await store.close()
    const again = writable(path)
    expect(contentOf(again)).toEqual(content)
    const { findings, checked } = await again.check()
    expect(findings).toEqual([])
    expect(checked.boards).toBe(Object.keys(content).length)
    await again.close()
  }),
)

// Without the feature in its header a store is one that releases without windows may read.
test.each(VERSIONS)('a store of version %d gets its first window, and says so', (version) =>
  withGolden(version, async ({ path, content }) => {
    let now = NOW
    const store = openLeaderboards(path, { clock: () => now })
    const [name = ''] = Object.keys(content)
    const board = store.openBoard(name)
    const best = board.top(1)[0] as { playerId: string; score: number }
    const before = headerOf(await pairsIn(path))
    expect((before?.features ?? 0) & featureBit('windows')).toBe(0)
    await store.alter(name, { windows: ['day', 'month'] })
    await board.submit('somebody new', best.score)
    now += 86_400_000
    await board.submit(best.playerId, best.score)
    expect(board.window('day').size).toBe(1)
    expect(board.window('day', '2026-11-22').top(1)).toMatchObject([{ playerId: 'somebody new' }])
    expect((await store.check()).findings).toEqual([])
    expect((headerOf(await pairsIn(path))?.features ?? 0) & featureBit('windows')).not.toBe(0)
    expect(store.stats().formatVersion).toBe(FORMAT_VERSION)
    await store.dropBoard(name)
    expect((await store.check()).findings).toEqual([])
    await store.close()
  }),
)

// An opening used to bring the new version at once. Whoever only looked at a store with a new release
// could not go back to the old one.
test('a store of version 1 opened for writing stays as it is until something changes', () =>
  withGolden(1, async ({ path, data, content }) => {
    const store = writable(path)
    expect(contentOf(store)).toEqual(content)
    expect(await store.board('kills').remove('nobody')).toBe(false)
    await store.close()
    expect((await dataOf(path)).equals(data)).toBe(true)
  }))

test.each([1, 2])(
  'the first change brings a store of version %d to the newest, and touches no other pair',
  (version) =>
    withGolden(version, async ({ path }) => {
      const before = await pairsIn(path)
      const old = headerOf(before)
      await changeFirst(path)
      const after = await pairsIn(path)
      expect(headerOf(after)).toEqual({ ...old, version: FORMAT_VERSION, features: 1 })
      expect(await tablesIn(path)).toEqual([...TABLES].sort())
      // The root of the board's tree is the only other pair that is not new.
      const changed = different(before, after).filter((line) => before.has(line) && after.has(line))
      expect(changed).toEqual(['meta 00', 'meta 01', expect.stringMatching(/^ranks ..0{8}$/)])
    }),
)

// The table comes with the end of the transaction, and its first records with it.
test.each([1, 2])(
  'a submit with an id can be the first change to a store of version %d',
  (version) =>
    withGolden(version, async ({ path }) => {
      const store = writable(path)
      const [name = ''] = store.boards().map((board) => board.name)
      const board = store.openBoard(name)
      const { score } = board.top(1)[0] as { score: number }
      const retry = { playerId: 'somebody new', score, requestId: 'a' }
      const [first, second] = await board.submitMany([retry, retry])
      expect(second).toEqual({ ...first, repeated: true })
      await store.close()
      const again = writable(path)
      expect(await again.openBoard(name).submitMany([retry])).toEqual([second])
      expect((await again.check()).findings).toEqual([])
      expect(headerOf(await pairsIn(path))?.features).toBe(17)
      await again.close()
    }),
)

// The sweep of an orphan upgraded a store while it was checked, and LMDB refused the check a table that is
// younger than its snapshot.
test('a snapshot of version 2 that is held during the upgrade reads the new tables as empty', () =>
  withGolden(2, async ({ path }) => {
    const files = { readOnly: false, create: false, relaxed: true, initial: [] }
    const store = openLmdbStore(path, { tables: TABLES, required: FIRST_TABLES, ...files })
    const key = Buffer.from('key')
    try {
      await store.hold(async (reader) => {
        await store.write((writer) => {
          writer.willChange()
          writer.addTables()
          writer.put('requests', key, key)
        })
        expect(reader.has('requests')).toBe(false)
        expect(reader.get('requests', key)).toBeUndefined()
        expect([...reader.keys('requests', {})]).toEqual([])
        expect(reader.count('requests', {})).toBe(0)
        expect(store.current().has('requests')).toBe(true)
      })
      expect([...store.current().keys('requests', {})]).toEqual([key])
    } finally {
      await store.close()
    }
  }))

// The tables come in the transaction of the first change: a crash in it must leave the version before.
test.each([1, 2])(
  'an upgrade of version %d that is broken off leaves the store as it was',
  (version) =>
    withGolden(version, async ({ path, content }) => {
      const pairs = await pairsIn(path)
      const broken = changeRaw(path, (writer) => {
        writer.addTables()
        setVersion(FORMAT_VERSION)(writer)
        writer.put('log', Buffer.alloc(8), Buffer.from('half'))
        throw new Error('the power went')
      })
      await expect(broken).rejects.toThrow('the power went')
      expect(await tablesIn(path)).toEqual([...FIRST_TABLES].sort())
      expect(different(pairs, await pairsIn(path))).toEqual([])
      const store = writable(path)
      expect(contentOf(store)).toEqual(content)
      await store.board('new').submit('ada', 1)
      expect(store.stats().formatVersion).toBe(FORMAT_VERSION)
      expect((await store.check()).findings).toEqual([])
      await store.close()
      expect(await tablesIn(path)).toEqual([...TABLES].sort())
    }),
)

test.each([1, 2])(
  'a store of version %d that is open twice is upgraded by one of the two',
  (version) =>
    withGolden(version, async ({ path }) => {
      await using one = writable(path)
      await using two = writable(path)
      await using reader = openLeaderboards(path, { readOnly: true })
      expect(reader.stats().formatVersion).toBe(version)
      await Promise.all([one.board('new').submit('ada', 1), two.board('new').submit('bob', 2)])
      for (const store of [reader, one, two]) {
        expect(
          store
            .board('new')
            .top(3)
            .map(({ playerId }) => playerId),
        ).toEqual(['bob', 'ada'])
        expect(store.stats().formatVersion).toBe(FORMAT_VERSION)
      }
      // The tables that came with the upgrade are open in it.
      for (const store of [one, two]) expect([...store.dump({ table: 'log' })]).toHaveLength(3)
      expect((await one.check()).findings).toEqual([])
    }),
)

test('openLeaderboards() refuses a store of version 3 that lacks one of its tables', () =>
  withGolden(1, async ({ path }) => {
    await changeRaw(path, setVersion(3))
    expect(() => openLeaderboards(path)).toThrow(
      expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining('"log"') }),
    )
  }))

test('openLeaderboards() refuses a store with features that it does not know, and names them', () =>
  withGolden(FORMAT_VERSION, async ({ path }) => {
    await changeRaw(path, (writer) => {
      const header = decodeHeader(writer.get('meta', HEADER_KEY) as Buffer) as Header
      writer.put('meta', HEADER_KEY, encodeHeader({ ...header, features: 5 }))
    })
    expect(() => openLeaderboards(path)).toThrow(
      expect.objectContaining({
        code: 'VERSION',
        message: expect.stringContaining('(sealed boards)'),
      }),
    )
  }))

test.each(VERSIONS)(
  'a store of version %d takes new things and answers them after opening',
  (version) =>
    withGolden(version, async ({ path, content }) => {
      const store = writable(path)
      await addNewThings(store)
      const added = contentOf(store)
      await store.close()
      const again = writable(path)
      expect(contentOf(again)).toEqual(added)
      expect(added).toMatchObject(untouched(content))
      expectNewThings(again)
      expect((await again.check()).findings).toEqual([])
      await again.close()
    }),
)

test.each(VERSIONS)('a store of version %d is rebuilt from entries and from players', (version) =>
  withGolden(version, async ({ path, content }) => {
    await using store = writable(path)
    for (const from of ['entries', 'players'] as const) {
      for (const [name, { entries }] of Object.entries(content))
        expect(await store.rebuild(name, { from })).toMatchObject({ entries: entries.length })
      expect(contentOf(store)).toEqual(content)
      expect((await store.check()).findings).toEqual([])
    }
  }),
)

test.each(VERSIONS)('a store of version %d is exported and imported again', (version) =>
  withGolden(version, async ({ path, content }) => {
    await using store = writable(path)
    for (const [name, { entries, ...settings }] of Object.entries(content)) {
      for (const format of ['csv', 'ndjson'] as const) {
        const copy = `${name} as ${format}`
        const text = new PassThrough()
        const written = store.board(name).exportTo(text, { format })
        const board = await store.createBoard(copy, settingsOf(settings))
        await board.importFrom(text, { format, mode: 'set' })
        await written
        expect(contentOf(store)[copy]).toEqual({ ...settings, entries })
      }
    }
  }),
)

test.each(VERSIONS)('a store of version %d is backed up and restored', (version) =>
  withGolden(version, async ({ directory, path, data, content }) => {
    for (const readOnly of [true, false]) {
      const store = readOnly ? openLeaderboards(path, { readOnly }) : writable(path)
      const backup = join(directory, `backup ${readOnly}`)
      const target = join(directory, `target ${readOnly}`)
      if (!readOnly) await store.board('of mine').submit('ada', 1)
      expect(store.stats().formatVersion).toBe(readOnly ? version : FORMAT_VERSION)
      await store.backup(backup)
      await store.close()
      if (readOnly) expect((await dataOf(path)).equals(data)).toBe(true)
      await restoreBackup(backup, target)
      const restored = openLeaderboards(target, { readOnly: true })
      // The restore begins a new history, which is a change.
      expect(restored.stats().formatVersion).toBe(FORMAT_VERSION)
      expect(contentOf(restored)).toMatchObject(content)
      await restored.close()
      const goingOn = writable(target)
      await addNewThings(goingOn)
      expectNewThings(goingOn)
      expect((await goingOn.check()).findings).toEqual([])
      await goingOn.close()
    }
  }),
)

test('a store of version 2 has a dropped board that was not swept, and sweeps it', () =>
  withGolden(2, async ({ path }) => {
    const [leftover, ...others] = leftoversOf(await pairsIn(path))
    expect(others).toEqual([])
    expect(leftover?.value).toEqual({ state: 'dropped' })
    const store = writable(path)
    await expect.poll(() => store.stats().dropping).toBe(0)
    await store.close()
    const pairs = await pairsIn(path)
    expect(leftoversOf(pairs)).toEqual([])
    const id = leftover?.boardId as number
    expect(
      [...pairs.keys()].filter((key) => /^(entries|players|ranks)/.test(key)),
    ).not.toContainEqual(
      expect.stringMatching(new RegExp(`^\\w+ ${id.toString(16).padStart(2, '0')}`)),
    )
  }))

test.each([
  [FORMAT_VERSION + 1, true],
  [FORMAT_VERSION + 1, false],
  [65_535, true],
  [65_535, false],
])('openLeaderboards() refuses a store of version %d, read-only %s', (version, readOnly) =>
  withGolden(FORMAT_VERSION, async ({ path }) => {
    await changeRaw(path, setVersion(version))
    const data = await dataOf(path)
    const words = `version is ${version}, this release reads up to ${FORMAT_VERSION}`
    // Twice in one turn: what was refused is closed already.
    for (let i = 0; i < 2; i++)
      expect(() => openLeaderboards(path, { readOnly })).toThrow(
        expect.objectContaining({ code: 'VERSION', message: expect.stringContaining(words) }),
      )
    expect((await dataOf(path)).equals(data)).toBe(true)
  }),
)

function withGolden(
  version: number | string,
  body: (golden: Golden) => Promise<void>,
): Promise<void> {
  return withDirectory(async (directory) => {
    const source = resolve(import.meta.dirname, `version-${version}`)
    const path = join(directory, 'store')
    await mkdir(path)
    await copyFile(join(source, 'data.mdb'), join(path, 'data.mdb'))
    const content = JSON.parse(await readFile(join(source, 'content.json'), 'utf8'))
    await body({
      version: Number.parseInt(String(version), 10),
      directory,
      path,
      data: await dataOf(path),
      content,
    })
  })
}

function writable(path: string): Leaderboards {
  const clock = new FakeClock()
  clock.now = NOW
  return openLeaderboards(path, { create: false, clock: clock.read })
}

function dataOf(path: string): Promise<Buffer> {
  return readFile(join(path, 'data.mdb'))
}

// On the boards that all the golden stores have, and on new ones of every new kind.
async function addNewThings(store: Leaderboards): Promise<void> {
  await store.board('kills').submit('old player', 7, { name: 'Old', metadata: { team: 'red' } })
  await store.board('kills').submit('old player', 1)
  const coins = store.board('new coins', { scoreType: 'int64' })
  await coins.submit('max', INTEGER_MAX)
  await coins.submit('min', INTEGER_MIN, { metadata: { last: true } })
  await coins.submit('odd', 2n ** 53n + 1n)
  const race = store.board('new race', {
    columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
  })
  await race.submit('slow', { points: 12, time: 80.25 })
  await race.submit('fast', { points: 12, time: 71.5 }, { metadata: { car: 'red' } })
  const top = store.board('new top', { keep: 2 })
  for (let score = 0; score < 5; score++) await top.submit(`p${score}`, score)
}

function expectNewThings(store: Leaderboards): void {
  expect(store.board('kills').get('old player')).toMatchObject({
    score: 8,
    name: 'Old',
    metadata: { team: 'red' },
  })
  const coins = store.board('new coins', { scoreType: 'int64' })
  expect(coins.top(3).map(({ score }) => score)).toEqual([INTEGER_MAX, 2n ** 53n + 1n, INTEGER_MIN])
  expect(coins.get('min')?.metadata).toEqual({ last: true })
  const [first, second] = store.board('new race').top(2)
  expect(first).toMatchObject({ playerId: 'fast', score: { points: 12, time: 71.5 }, rank: 1 })
  expect(first?.metadata).toEqual({ car: 'red' })
  expect(second).toMatchObject({ playerId: 'slow', rank: 2 })
  expect(
    store
      .board('new top', { keep: 2 })
      .top(5)
      .map(({ playerId }) => playerId),
  ).toEqual(['p4', 'p3'])
}

// A board lists its order also where its columns say it.
function settingsOf({ order, columns, ...settings }: BoardSettings): BoardSettings {
  if (columns !== undefined) return { ...settings, columns }
  return order === undefined ? settings : { ...settings, order }
}

function untouched({ kills: _, ...content }: Golden['content']): Golden['content'] {
  return content
}

/** Changes a store by one submit that makes a board's entry. */
async function changeFirst(path: string): Promise<void> {
  await using store = writable(path)
  await store.board('kills').submit('first', 1)
}

async function tablesIn(path: string): Promise<string[]> {
  return changeRaw(path, (writer) => TABLES.filter((table) => writer.has(table)).sort())
}

/** All pairs of a store by table and key, as hexadecimal. */
async function pairsIn(path: string): Promise<Map<string, string>> {
  const copy = `${path}-copy`
  await mkdir(copy, { recursive: true })
  await copyFile(join(path, 'data.mdb'), join(copy, 'data.mdb'))
  return changeRaw(copy, (writer) => {
    const lines = (['meta', 'entries', 'players', 'ranks'] as const).flatMap((table) =>
      pairsOf(writer, table).map(
        ({ key, value }: Pair) =>
          [`${table} ${key.toString('hex')}`, value.toString('hex')] as const,
      ),
    )
    return new Map(lines)
  })
}

function different(a: Map<string, string>, b: Map<string, string>): string[] {
  const keys = new Set([...a.keys(), ...b.keys()])
  return [...keys].filter((key) => a.get(key) !== b.get(key)).sort()
}

function headerOf(pairs: Map<string, string>): Header | undefined {
  return decodeHeader(Buffer.from(pairs.get('meta 00') as string, 'hex'))
}

function leftoversOf(
  pairs: Map<string, string>,
): { boardId: number | undefined; value: unknown }[] {
  return [...pairs].flatMap(([line, value]) => {
    if (!line.startsWith('meta 03')) return []
    const key = Buffer.from(line.slice('meta '.length), 'hex')
    return [{ boardId: orphanIdOf(key), value: decodeOrphan(key, Buffer.from(value, 'hex')) }]
  })
}

function setVersion(version: number): (writer: Writer<Table>) => void {
  return (writer) => {
    const header = decodeHeader(writer.get('meta', HEADER_KEY) as Buffer) as Header
    writer.put('meta', HEADER_KEY, encodeHeader({ ...header, version }))
  }
}
