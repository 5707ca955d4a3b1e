import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { BoardKeys } from '../../src/format/keys.ts'
import { boardKey, decodeBoard } from '../../src/format/meta/board.ts'
import { COUNTERS_KEY, decodeCounters, encodeCounters } from '../../src/format/meta/counters.ts'
import {
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
} from '../../src/format/player-record.ts'
import { AT_MICROS_MAX } from '../../src/ground/limits.ts'
import { openLeaderboards } from '../../src/index.ts'
import { changeRaw } from '../support/raw-store.ts'
import { START_MS, withDirectory, withStore } from '../support/temporary-store.ts'

const DAY_MS = 86_400_000
const YEAR_2120 = 4_733_510_400_000
const MICROSECONDS = START_MS * 1000

// A machine whose clock said 2120 wrote times that no double holds: the submit was taken, check found
// the store spoilt, and every submit after it got a time as bad.
test.each([
  ['the year 2120', YEAR_2120],
  ['microseconds', MICROSECONDS],
  ['1e20', 1e20],
  ['a time before 1970', -1],
  ['seconds', START_MS / 1000],
])('submit() is refused with CLOCK if the clock tells %s, and nothing is stored', (_name, now) =>
  withStore(async ({ store, clock }) => {
    const arena = store.board('arena')
    await arena.submit('ada', 1)
    const { sequence } = store.stats()
    clock.now = now
    await expect(arena.submit('bob', 2)).rejects.toMatchObject({ code: 'CLOCK' })
    clock.now = START_MS
    expect(store.stats().sequence).toBe(sequence)
    expect(arena.get('bob')).toBeUndefined()
    await arena.submit('bob', 2)
  }),
)

test('openLeaderboards() creates no store by a clock that tells no time that can be stored', () =>
  withDirectory(async (path) => {
    expect(() => openLeaderboards(`${path}/store`, { clock: () => YEAR_2120 })).toThrow(
      expect.objectContaining({ code: 'CLOCK', message: expect.stringContaining('clock right') }),
    )
    expect(() => openLeaderboards(`${path}/store`, { create: false })).toThrow(
      expect.objectContaining({ code: 'NO_STORE' }),
    )
  }))

test('a store whose clock was ahead goes on, in order, and stats() says by how much', () =>
  withStore(async ({ store, clock }) => {
    const arena = store.board('arena')
    clock.advance(DAY_MS)
    await arena.submit('first', 5)
    clock.advance(-DAY_MS)
    await arena.submit('second', 5)
    expect(arena.top(2).map(({ playerId }) => playerId)).toEqual(['first', 'second'])
    expect(store.stats().clockAheadMs).toBe(DAY_MS + 0.001)
    clock.advance(2 * DAY_MS)
    expect(store.stats().clockAheadMs).toBe(0)
  }))

// The own export of such a store was refused by its own import: "its time is in the future".
test('importFrom() takes the own export of a store whose clock was ahead, elsewhere by an allowance', () =>
  withStore(async ({ store, clock }) => {
    const arena = store.board('arena')
    clock.advance(DAY_MS)
    await arena.submit('ada', 5)
    clock.advance(-DAY_MS)
    const out = new PassThrough()
    const [rows] = await Promise.all([text(out), arena.exportTo(out, { format: 'csv' })])
    const copy = store.board('copy')
    await copy.importFrom(Readable.from([Buffer.from(rows)]), { format: 'csv' })
    expect(copy.get('ada')).toEqual(arena.get('ada'))
    await withStore(async (other) => {
      const board = other.store.board('arena')
      const bytes = (): Readable => Readable.from([Buffer.from(rows)])
      await expect(board.importFrom(bytes(), { format: 'csv' })).rejects.toThrow('in the future')
      const options = { format: 'csv', futureAllowanceMs: 2 * DAY_MS } as const
      expect(await board.importFrom(bytes(), options)).toMatchObject({ imported: 1 })
      expect(board.get('ada')).toEqual(arena.get('ada'))
    })
  }))

// Before times were checked a store could be spoilt like this; nothing but a backup helped.
test('rebuild() from players mends a store with times that cannot be stored', () =>
  withStore(async (temporary) => {
    const arena = temporary.store.board('arena')
    for (const playerId of ['ada', 'bob', 'cyd']) await arena.submit(playerId, 5)
    await temporary.store.close()
    await spoil(temporary.path, ['bob', 'ada'])
    const store = await temporary.reopen()
    expect((await store.check()).findings.length).toBeGreaterThan(2)
    await expect(store.board('arena').submit('dan', 1)).rejects.toMatchObject({
      code: 'CLOCK',
      message: expect.stringContaining('rebuild'),
    })
    const report = await store.rebuild('arena', { from: 'players' })
    expect(report).toMatchObject({ entries: 3, retimed: 2 })
    expect(
      store
        .board('arena')
        .top(3)
        .map(({ playerId }) => playerId),
    ).toEqual(['cyd', 'bob', 'ada'])
    expect((await store.check()).findings).toEqual([])
    await store.board('arena').submit('dan', 1)
    expect(store.stats().clockAheadMs).toBeLessThan(1)
  }))

/** Gives these players times beyond all that can be stored, in this order, as an older release did. */
async function spoil(path: string, playerIds: string[]): Promise<void> {
  await changeRaw(path, (writer) => {
    const nameKey = boardKey('arena')
    const { id, shape } = decodeBoard(nameKey, writer.get('meta', nameKey) as Buffer) as {
      id: number
      shape: NonNullable<ReturnType<typeof decodeBoard>>['shape']
    }
    const keys = new BoardKeys(id)
    for (const [i, playerId] of playerIds.entries()) {
      const key = Buffer.from(keys.player(playerId))
      const record = decodePlayerRecord(key, writer.get('players', key) as Buffer, shape.headBytes)
      if (record === undefined) throw new Error(`no record of ${playerId}`)
      const head = Buffer.from(record.head)
      writer.remove('entries', keys.entry(Buffer.concat([head, Buffer.from(playerId)])))
      head.writeBigUInt64BE(BigInt(AT_MICROS_MAX + 10 + i), shape.bytes)
      const entryKey = keys.entry(Buffer.concat([head, Buffer.from(playerId)]))
      writer.put('players', key, encodePlayerRecord(key, { ...record, head }, shape.headBytes))
      writer.put('entries', entryKey, encodeEntryValue(entryKey, record))
    }
    const counters = decodeCounters(writer.get('meta', COUNTERS_KEY) as Buffer)
    if (counters === undefined) throw new Error('no counters')
    const lastMicros = AT_MICROS_MAX + 20
    writer.put('meta', COUNTERS_KEY, encodeCounters({ ...counters, lastMicros }))
  })
}
