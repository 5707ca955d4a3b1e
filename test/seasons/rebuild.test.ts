/**
 * Rebuilding a board whose seasons are damaged too.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { joinBytes } from '../../src/format/bytes.ts'
import { BoardKeys } from '../../src/format/keys.ts'
import {
  decodePlayerRecord,
  encodePlayerRecord,
  type PlayerRecord,
} from '../../src/format/player-record.ts'
import { openLeaderboards } from '../../src/index.ts'
import { changeRaw, pairsOf } from '../support/raw-store.ts'
import { withDirectory } from '../support/temporary-store.ts'

const NOON = Date.UTC(2026, 10, 28, 12)

// check() told of a season whose tree was damaged, and nothing could mend it: a season has no name.
test('rebuild() of a board rebuilds its seasons', () =>
  withDirectory(async (path) => {
    let now = NOON
    const open = (): ReturnType<typeof openLeaderboards> =>
      openLeaderboards(path, { clock: () => now })
    const store = open()
    const board = store.board('arena', { windows: ['day'] })
    await board.submit('ada', 5)
    await board.submit('bob', 7)
    now += 86_400_000
    await board.submit('bob', 9)
    await store.close()
    await changeRaw(path, (writer) => {
      const [season] = [new BoardKeys(2)]
      const [entry] = [...writer.keys('entries', season.all())]
      writer.remove('entries', entry as Buffer)
      writer.put('ranks', season.node(0), Buffer.from('bad'))
      for (const key of [...writer.keys('ranks', new BoardKeys(3).all())])
        writer.remove('ranks', Buffer.from(key))
    })
    const damaged = open()
    const { findings } = await damaged.check()
    expect(findings.map(({ place }) => place.split(', ').slice(0, 2).join(', '))).toEqual([
      'season "2026-11-28" of window "day", player record of board 2',
      'season "2026-11-28" of window "day", rank tree',
      'season "2026-11-29" of window "day", rank tree',
    ])
    const report = await damaged.rebuild('arena', { from: 'players' })
    expect(report).toMatchObject({ board: 'arena', entries: 5, added: 1, removed: 0, retimed: 0 })
    expect((await damaged.check()).findings).toEqual([])
    const notes = damaged.log({ kinds: ['rebuild'] }).records
    expect(notes.map(({ window, season, entries }) => [window, season, entries])).toEqual([
      [undefined, undefined, 2],
      ['day', '2026-11-28', 2],
      ['day', '2026-11-29', 1],
    ])
    const answer = await damaged.board('arena').submit('ada', 1, { at: NOON })
    expect(answer.windows).toMatchObject({ day: { season: '2026-11-28' } })
    await damaged.close()
  }))

// They got the time of now, which lies outside of a season that is over.
test('rebuild() gives entries whose time cannot be one a time of their season', () =>
  withDirectory(async (path) => {
    let now = NOON
    const store = openLeaderboards(path, { clock: () => now })
    const board = store.board('arena', { windows: ['day'] })
    await board.submit('ada', 5)
    now += 86_400_000
    await board.submit('bob', 9)
    await store.close()
    await changeRaw(path, (writer) => {
      for (const id of [2, 3]) {
        const keys = new BoardKeys(id)
        for (const { key, value } of pairsOf(writer, 'players').filter(
          ({ key: [of] }) => of === id,
        )) {
          const record = decodePlayerRecord(key, value, 16) as PlayerRecord
          writer.remove('entries', keys.entry(joinBytes(record.head, key.subarray(1))))
          record.head.writeBigUInt64BE(2n ** 60n, 8)
          writer.put('players', key, encodePlayerRecord(key, record, 16))
        }
      }
    })
    const damaged = openLeaderboards(path, { clock: () => now })
    expect(await damaged.rebuild('arena', { from: 'players' })).toMatchObject({ retimed: 2 })
    expect((await damaged.check()).findings).toEqual([])
    const arena = damaged.board('arena')
    const day = Date.UTC(2026, 10, 29)
    expect(arena.window('day', '2026-11-28').get('ada')?.at).toBe(day - 0.001)
    expect(arena.window('day').get('bob')?.at).toBeGreaterThanOrEqual(now)
    await damaged.close()
  }))
