import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import { encodeEntryKey } from '../../src/format/entry-key.ts'
import { BoardKeys, type Table } from '../../src/format/keys.ts'
import { boardKey, encodeBoard } from '../../src/format/meta/board.ts'
import { boardChangeKey, encodeBoardChange } from '../../src/format/meta/board-change.ts'
import { COUNTERS_KEY } from '../../src/format/meta/counters.ts'
import { encodeOrphan, orphanKey } from '../../src/format/meta/orphan.ts'
import { encodeEntryValue, encodePlayerRecord } from '../../src/format/player-record.ts'
import {
  encodeRequest,
  encodeRequestsState,
  REQUESTS_STATE_KEY,
  requestKey,
} from '../../src/format/request-record.ts'
import { plainShape } from '../../src/format/score-shape.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import type { CheckReport } from '../../src/index.ts'
import { checkStore, openLeaderboards, verifyBackup } from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { BIN, run } from '../cli/support.ts'
import { changeRaw, flipped } from '../support/raw-store.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'

const PAGE_BYTES = 4096
const ABORTS = sizeOf('TORTURE_CHECK_ABORTS', { test: 2, torture: 3 })
const PAGE_STEP = sizeOf('TORTURE_CHECK_STEP', { test: 73, torture: 1 })
const SHAPE = plainShape('descending')
const NO_DETAILS = { name: undefined, metadata: undefined }

async function makeStore(path: string, players = 3): Promise<void> {
  const store = openLeaderboards(path)
  const arena = await store.createBoard('arena')
  await store.createBoard('golf', { order: 'ascending' })
  for (let start = 0; start < players; start += 10_000)
    await arena.submitMany(
      Array.from({ length: Math.min(10_000, players - start) }, (_, i) => {
        return { playerId: `p${start + i}`, score: i }
      }),
    )
  await store.close()
}

/** Puts a player with head and entry, both sealed: only what they say is wrong. */
function putPlayer(
  writer: Writer<Table>,
  player: { score: number; atMicros: number; playerId: string },
  change: (treeKey: Buffer) => Buffer = (key) => key,
): void {
  const keys = new BoardKeys(1)
  const treeKey = change(encodeEntryKey(player, SHAPE))
  const key = keys.entry(treeKey)
  writer.put('entries', key, encodeEntryValue(key, NO_DETAILS))
  const playerKey = Buffer.from(keys.player(player.playerId))
  const record = encodePlayerRecord(playerKey, { head: treeKey, ...NO_DETAILS }, SHAPE.headBytes)
  writer.put('players', playerKey, record)
}

function putClock(
  writer: Writer<Table>,
  clock: { sequence: bigint; lastMicros: bigint; nextBoardId: number },
): void {
  const value = Buffer.alloc(24)
  value.writeBigUInt64BE(clock.sequence, 4)
  value.writeBigUInt64BE(clock.lastMicros, 12)
  value.writeUInt32BE(clock.nextBoardId, 20)
  writer.put('meta', COUNTERS_KEY, seal(COUNTERS_KEY, value))
}

function putRequest(writer: Writer<Table>, request: { boardId: number; number: number }): Buffer {
  const { boardId, number } = request
  const key = requestKey(boardId, 'r')
  const answer = {
    ...{ playerId: 'p1', score: 1, previousScore: undefined },
    ...{ rank: 1, previousRank: undefined, changed: true, created: true },
  }
  const record = { number, ms: 5, digest: Buffer.alloc(8), answer }
  writer.put('requests', key, encodeRequest(key, record, SHAPE))
  return key
}

function putState(writer: Writer<Table>, state: { next: number; count: number }): void {
  const value = encodeRequestsState({ ...state, hand: Buffer.alloc(0) })
  writer.put('requests', REQUESTS_STATE_KEY, value)
}

const SETTINGS = { shape: SHAPE, mode: 'set', keep: undefined, log: 'all' } as const

const DAMAGES: [
  name: string,
  damage: (writer: Writer<Table>) => void,
  found: RegExp,
  invariant: string,
][] = [
  [
    'a commit number beyond what a double counts',
    (writer) => putClock(writer, { sequence: 2n ** 53n + 2n, lastMicros: 0n, nextBoardId: 9 }),
    /store: counters: their commit number is 9007199254740994, at most/,
    '7',
  ],
  [
    'a last time beyond the last one',
    (writer) => putClock(writer, { sequence: 9n, lastMicros: 2n ** 52n, nextBoardId: 9 }),
    /store: counters: their last time is 4503599627370496, at most/,
    '7',
  ],
  [
    'damaged counters',
    (writer) => writer.put('meta', COUNTERS_KEY, Buffer.alloc(24)),
    /store: counters: they are missing or damaged/,
    '10',
  ],
  [
    'two boards with one number',
    (writer) => {
      const key = boardKey('twin')
      writer.put('meta', key, encodeBoard(key, { id: 1, ...SETTINGS }))
    },
    /twin: catalog: its number 1 is that of board "arena" too/,
    '6',
  ],
  [
    'a board number that was not given yet',
    (writer) => {
      const key = boardKey('later')
      writer.put('meta', key, encodeBoard(key, { id: 77, ...SETTINGS }))
    },
    /later: catalog: its board number is 77, numbers 1 to 2 were given/,
    '6',
  ],
  [
    'a board with more entries than it keeps',
    (writer) => {
      const key = boardKey('arena')
      writer.put('meta', key, encodeBoard(key, { id: 1, ...SETTINGS, keep: 1 }))
    },
    /arena: entries: the board has 3 of them and keeps 1/,
    '12',
  ],
  [
    'the board number 0',
    (writer) => {
      const key = boardKey('zero')
      const value = encodeBoard(key, { id: 1, ...SETTINGS })
      value.writeUInt32BE(0, 4)
      writer.put('meta', key, seal(key, value))
    },
    /zero: catalog: its board number is 0/,
    '6',
  ],
  [
    'an orphan that was not given yet',
    (writer) => {
      const key = orphanKey(77)
      writer.put('meta', key, encodeOrphan(key, { state: 'dropped' }))
    },
    /store: .*: its board number is 77/,
    '6',
  ],
  [
    'a time beyond the last one',
    (writer) => putPlayer(writer, { score: 1, atMicros: AT_MICROS_MAX + 1, playerId: 'late' }),
    /arena: entry of .*late.*: its time is 4503599627370496, at most/,
    '3',
  ],
  [
    'a score of -0',
    (writer) =>
      putPlayer(writer, { score: 1, atMicros: 5, playerId: 'zero' }, (key) => {
        // -0 is all bits inverted, and on a descending board inverted once more.
        const changed = Buffer.from(key)
        changed.fill(0, 0, 8)
        changed[0] = 0x80
        return changed
      }),
    /arena: entry of .*7a65726f: .* its checksum or form is wrong/,
    '3',
  ],
  [
    'an entry whose player has no record',
    (writer) => {
      const [pair] = writer.pairs('players', {})
      if (pair) writer.remove('players', Buffer.from(pair.key))
    },
    /arena: entry of .*p0.*: player "p0" has no record/,
    '1',
  ],
  [
    'an entry that has another name than its record',
    (writer) => {
      const [pair] = writer.pairs('entries', {})
      const key = Buffer.from(pair?.key ?? [])
      writer.put('entries', key, encodeEntryValue(key, { name: 'Ann', metadata: undefined }))
    },
    /arena: entry of .*p2.*: its name is not the one in the record/,
    '1',
  ],
  [
    'an entry that has other metadata than its record',
    (writer) => {
      const [pair] = writer.pairs('entries', {})
      const key = Buffer.from(pair?.key ?? [])
      writer.put('entries', key, encodeEntryValue(key, { name: undefined, metadata: '{}' }))
    },
    /arena: entry of .*p2.*: its metadata is not that in the record/,
    '1',
  ],
  [
    'a record that leads to another entry',
    (writer) => {
      const keys = new BoardKeys(1)
      const key = Buffer.from(keys.player('p1'))
      const head = encodeEntryKey({ score: 7, atMicros: 5, playerId: 'p1' }, SHAPE)
      writer.put('players', key, encodePlayerRecord(key, { head, ...NO_DETAILS }, SHAPE.headBytes))
    },
    /arena: entry of .*p1.*: the record of player "p1" leads to another entry/,
    '1',
  ],
  [
    'a record that leads to no entry',
    (writer) => {
      const keys = new BoardKeys(1)
      const key = Buffer.from(keys.player('none'))
      const head = encodeEntryKey({ score: 7, atMicros: 5, playerId: 'none' }, SHAPE)
      writer.put('players', key, encodePlayerRecord(key, { head, ...NO_DETAILS }, SHAPE.headBytes))
    },
    /arena: player record of .*player "none": the record leads to no entry/,
    '2',
  ],
  [
    'a damaged entry',
    (writer) => {
      const [pair] = writer.pairs('entries', {})
      if (pair) writer.put('entries', Buffer.from(pair.key), flipped(Buffer.from(pair.value), 0))
    },
    /arena: entry of .*p2.*: its checksum or form is wrong/,
    '10',
  ],
  [
    'a count of a rank tree that is wrong',
    (writer) => {
      const key = new BoardKeys(1).entry(
        encodeEntryKey({ score: 1, atMicros: 5, playerId: 'more' }, SHAPE),
      )
      writer.put('entries', key, encodeEntryValue(key, NO_DETAILS))
    },
    /arena: rank tree, node 0: /,
    '4.3',
  ],
  [
    'keys of a board that is not there',
    (writer) => {
      const key = new BoardKeys(77).entry(
        encodeEntryKey({ score: 1, atMicros: 5, playerId: 'ann' }, SHAPE),
      )
      writer.put('entries', key, encodeEntryValue(key, NO_DETAILS))
    },
    /store: entries of board 77: no such board is in the catalog/,
    '5',
  ],
  [
    'a request whose number was not given yet',
    (writer) => {
      putRequest(writer, { boardId: 1, number: 3 })
      putState(writer, { next: 3, count: 1 })
    },
    /arena: board 1, request "r": its number is 3, numbers 1 to 2 were given/,
    '15',
  ],
  [
    'a count of requests that is wrong',
    (writer) => {
      putRequest(writer, { boardId: 1, number: 2 })
      putState(writer, { next: 3, count: 2 })
    },
    /store: state of the requests: it counts 2 requests, there are 1/,
    '15',
  ],
  [
    'requests without their state',
    (writer) => putRequest(writer, { boardId: 1, number: 2 }),
    /store: state of the requests: it is missing or damaged/,
    '10',
  ],
  [
    'a damaged request',
    (writer) => {
      const key = putRequest(writer, { boardId: 1, number: 2 })
      const [pair] = writer.pairs('requests', {})
      if (pair) writer.put('requests', key, flipped(Buffer.from(pair.value), 20))
      putState(writer, { next: 3, count: 1 })
    },
    /arena: board 1, request "r": it has a wrong checksum or form/,
    '10',
  ],
  [
    'a request of a board that is not there',
    (writer) => {
      putRequest(writer, { boardId: 77, number: 2 })
      putState(writer, { next: 3, count: 1 })
    },
    /store: requests of board 77: no such board is in the catalog/,
    '5',
  ],
  [
    'a last change behind the last commit',
    (writer) => {
      const change = { sequence: 1_000, micros: 5, tail: NO_FIELDS }
      const key = boardChangeKey(1)
      writer.put('meta', key, encodeBoardChange(key, change))
    },
    /store: .*: it is of commit 1000, the last one is /,
    '8',
  ],
]

function linesOf({ findings }: CheckReport): string[] {
  return findings.map(({ board, place, problem }) => `${board ?? 'store'}: ${place}: ${problem}`)
}

test.each(DAMAGES)('check() finds %s', (_, damage, found, invariant) =>
  withDirectory(async (path) => {
    await makeStore(path)
    await changeRaw(path, damage)
    // In this process: below it is shown that a process apart says the same.
    const store = openLeaderboards(path, { readOnly: true })
    const report = await store.check()
    await store.close()
    expect(report.ok).toBe(false)
    expect(linesOf(report).join('\n')).toMatch(found)
    const [line] = linesOf(report).flatMap((text, i) => (found.test(text) ? [i] : []))
    expect(report.findings[line as number]?.invariant).toBe(invariant)
  }),
)

test('check() tells its stages, and checkStore() the same as check()', () =>
  withDirectory(async (path) => {
    await makeStore(path, 6_000)
    await changeRaw(path, (writer) => {
      const [pair] = writer.pairs('players', {})
      if (pair) writer.put('players', pair.key, flipped(Buffer.from(pair.value), 6))
    })
    const store = openLeaderboards(path, { readOnly: true })
    const stages: string[] = []
    const report = await store.check({ onStage: (stage) => stages.push(stage) })
    await store.close()
    expect(stages).toEqual([
      'header',
      'counters',
      'catalog',
      'entries of board "arena"',
      'player records of board "arena"',
      'rank tree of board "arena"',
      'entries of board "golf"',
      'player records of board "golf"',
      'rank tree of board "golf"',
      'orphans',
      'windows',
      'lineage',
      'last changes',
      'requests',
      'bans',
      'rules and players',
      'log',
      'keys of no board',
    ])
    const progress: unknown[] = []
    const apart = await checkStore(path, { onProgress: (step) => progress.push(step) })
    expect(apart).toEqual(JSON.parse(JSON.stringify(report)))
    expect(progress).toEqual([
      { done: 10_000, total: 18_002 },
      { done: 12_000, total: 18_002 },
    ])
  }))

test('checkStore() names zeroed pages, which end a process that reads them', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'store')
    await makeStore(path, 2_000)
    const bytes = readFileSync(join(path, 'data.mdb'))
    let [tried, named] = [0, 0]
    const pages = bytes.length / PAGE_BYTES
    for (let page = 2; page < pages; page += PAGE_STEP) {
      tried++
      const copy = join(directory, `page${page}`)
      mkdirSync(copy)
      const damaged = Buffer.from(bytes)
      damaged.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
      writeFileSync(join(copy, 'data.mdb'), damaged)
      const report = await checkStore(copy).catch((error: { code: string }) => error)
      if ('code' in report) expect(['CORRUPT', 'NOT_A_STORE']).toContain(report.code)
      else expect(linesOf(report).join()).not.toContain('SIG')
      if ('code' in report || !report.ok) named++
    }
    // The others are free pages.
    expect(named).toBeGreaterThan(tried / 3)
  }))

test('check on the command line ends with status 4 where pages end a process', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'store')
    await makeStore(path, 2_000)
    const file = join(path, 'data.mdb')
    const bytes = readFileSync(file)
    bytes.fill(0xff, 2 * PAGE_BYTES)
    writeFileSync(file, bytes)
    const { status, stdout } = await run(['--db', path, '--json', 'check'])
    expect(status).toBe(4)
    const { ok, findings, error } = JSON.parse(stdout)
    if (error === undefined) {
      expect(ok).toBe(false)
      expect(findings[0].problem).toMatch(/ended the process by SIG|cannot be read/)
    } else expect(error.code).toMatch(/CORRUPT|NOT_A_STORE/)
  }))

test('check that is interrupted ends with status 130 and takes its child along', () =>
  withDirectory(async (path) => {
    await makeStore(path, 5_000)
    const child = spawn(process.execPath, [BIN, '--db', path, 'check'], { stdio: 'ignore' })
    const closed = once(child, 'close')
    while (childrenOf(child.pid as number).length === 0) await delay(5)
    const [checker] = childrenOf(child.pid as number)
    child.kill('SIGINT')
    expect(await closed).toEqual([130, null])
    expect(isRunning(checker as number)).toBe(false)
  }))

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test('checkStore() and verifyBackup() end when they are aborted', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'store')
    await makeStore(path, 3_000)
    const store = openLeaderboards(path, { readOnly: true })
    await store.backup(join(directory, 'b'))
    await store.close()
    const calls = [checkStore, verifyBackup]
    for (const [i, place] of [path, join(directory, 'b')].entries())
      for (const afterMs of [0, 60, 20].slice(0, ABORTS)) {
        const call = calls[i]?.(place, { signal: AbortSignal.timeout(afterMs) })
        await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
      }
    cpSync(join(directory, 'b'), join(directory, 'c'), { recursive: true })
    await verifyBackup(join(directory, 'c'))
  }))
