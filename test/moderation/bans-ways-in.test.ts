/**
 * Banned players in imports, backups, rebuilds and salvages, and what `check` says of bans.
 *
 * @module
 */

import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BoardKeys } from '../../src/format/keys.ts'
import { banEndKey, banKey, encodeBan, encodeBanEnd } from '../../src/format/people/ban.ts'
import type { Table } from '../../src/format/tables.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import {
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
  restoreBoard,
  salvageStore,
} from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { checkHere } from '../support/check-here.ts'
import { changeRaw } from '../support/raw-store.ts'
import { START_MS, withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

const ROWS = 'playerId,score,name\nada,40,Ada\nbob,30,Bob\ncyd,20,Cyd\n'

function idsOf(store: Leaderboards, board: string): string[] {
  return store
    .board(board)
    .top(100)
    .map(({ playerId }) => playerId)
}

async function importInto(store: Leaderboards, board: string, rows: string): Promise<number> {
  const { imported } = await store.board(board).importFrom([rows], { format: 'csv' })
  return imported
}

// Three ways lead into a board: one for an empty board, one for others, one for those that keep the best.
test.each([
  ['an empty board', {}, ''],
  ['a board with entries', {}, 'zoe'],
  ['a board of the best', { keep: 10 }, ''],
] as const)('an import stores a banned player unseen: %s', (_what, settings, first) =>
  withStore(async ({ store }) => {
    const board = store.board('arena', settings)
    if (first !== '') await board.submit(first, 1)
    const others = first === '' ? [] : [first]
    for (const submits of ['refuse', 'keep'] as const) {
      await store.ban('bob', { submits })
      expect(await importInto(store, 'arena', ROWS)).toBe(3)
      expect(idsOf(store, 'arena')).toEqual(['ada', 'cyd', ...others])
    }
    // The second import finds a hidden entry.
    expect(await importInto(store, 'arena', 'playerId,score\nbob,35\n')).toBe(1)
    expect((await store.check()).findings).toEqual([])
    await store.unban('bob')
    expect(board.get('bob')).toMatchObject({ score: 35, name: 'Bob', rank: 2 })
  }),
)

// Where the first row was of a banned player, a board of the best was made in the change of the rows.
test.each([
  ['a board of all', {}],
  ['a board of the best', { keep: 10 }],
  ['a board with windows', { windows: ['day'] }],
] as const)('%s that an import makes is a change of its own', (_what, settings) =>
  withStore(async ({ store }) => {
    await store.ban('ada', { submits: 'keep' })
    await store.board('arena', settings).importFrom([ROWS], { format: 'csv' })
    const records = store.log({ after: 1 }).records.map(({ kind, seq, commit }) => ({
      ...{ kind, seq, commit },
    }))
    const made = records.find(({ kind }) => kind === 'create')
    const rows = records.filter(({ kind }) => kind === 'submit')
    expect(made?.commit).toBe(made?.seq)
    expect(rows.map(({ commit }) => commit)).toEqual(rows.map(() => rows[0]?.seq))
  }),
)

test('an import fills a board whose banned players are those of the moment at which it is done', () =>
  withStore(async ({ store }) => {
    await store.createBoard('arena')
    await store.ban('cyd', { board: 'arena' })
    async function* rows(): AsyncGenerator<string> {
      yield ROWS
      await store.ban('bob')
    }
    await store.board('arena').importFrom(rows(), { format: 'csv' })
    expect(idsOf(store, 'arena')).toEqual(['ada'])
    // The board has another number now, and its ban came along.
    expect(store.bans().map(({ playerId, board }) => [playerId, board])).toEqual([
      ['bob', undefined],
      ['cyd', 'arena'],
    ])
    await store.unban('cyd')
    await store.unban('bob')
    expect(idsOf(store, 'arena')).toEqual(['ada', 'bob', 'cyd'])
  }))

test('an export shows nothing of the hidden, and a backup keeps them with their bans', () =>
  withStore(async ({ store, path }) => {
    await importInto(store, 'arena', ROWS)
    await store.ban('bob', { reason: 'bot', actor: 'kim', until: START_MS + 1e9 })
    const lines: string[] = []
    const { Writable } = await import('node:stream')
    const target = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk))
        done()
      },
    })
    await store.board('arena').exportTo(target, { format: 'csv' })
    expect(lines.join('')).not.toContain('bob')
    await store.backup(join(path, 'backup'))
    await restoreBackup(join(path, 'backup'), join(path, 'restored'))
    const restored = openLeaderboards(join(path, 'restored'), { clock: () => START_MS })
    try {
      expect(restored.bans()).toEqual(store.bans())
      expect(idsOf(restored, 'arena')).toEqual(['ada', 'cyd'])
      await restored.unban('bob')
      expect(restored.board('arena').get('bob')).toMatchObject({ score: 30, name: 'Bob', rank: 2 })
    } finally {
      await restored.close()
    }
  }))

test('restoreBoard() asks the store who is banned now; another store takes the bans over', () =>
  withStore(async (temporary) => {
    const { path, store } = temporary
    await importInto(store, 'arena', ROWS)
    await store.ban('bob', { reason: 'bot' })
    await store.ban('cyd')
    await store.backup(join(path, 'backup'))
    await store.unban('bob')
    await store.ban('ada', { board: 'arena' })
    await store.close()
    await restoreBoard(join(path, 'backup'), path, { board: 'arena', force: true })
    const again = await temporary.reopen()
    expect(idsOf(again, 'arena')).toEqual(['bob'])
    expect(again.bans().map(({ playerId, board }) => [playerId, board])).toEqual([
      ['ada', 'arena'],
      ['cyd', undefined],
    ])
    await again.unban('ada')
    expect(again.board('arena').rank('ada')).toBe(1)
    const other = join(path, 'other')
    await restoreBoard(join(path, 'backup'), other, { board: 'arena', as: 'old' })
    const elsewhere = openLeaderboards(other)
    try {
      expect(idsOf(elsewhere, 'old')).toEqual(['ada'])
      expect(elsewhere.bans()).toMatchObject([
        { playerId: 'bob', board: 'old', reason: 'bot' },
        { playerId: 'cyd', board: 'old' },
      ])
      expect((await elsewhere.check()).findings).toEqual([])
      await elsewhere.unban('bob')
      expect(elsewhere.board('old').get('bob')).toMatchObject({ rank: 2, name: 'Bob' })
    } finally {
      await elsewhere.close()
    }
  }))

test('rebuild() leaves the hidden hidden, from entries and from players', () =>
  withStore(async (temporary) => {
    await importInto(temporary.store, 'arena', ROWS)
    await temporary.store.ban('bob')
    await temporary.store.close()
    await changeRaw(temporary.path, (writer) => {
      const keys = new BoardKeys(idOf(writer))
      for (const key of [...writer.keys('entries', keys.all())]) writer.remove('entries', key)
    })
    const store = await temporary.reopen()
    expect(await store.rebuild('arena', { from: 'players' })).toMatchObject({
      entries: 2,
      added: 2,
    })
    expect(await store.rebuild('arena')).toMatchObject({ entries: 2 })
    expect(idsOf(store, 'arena')).toEqual(['ada', 'cyd'])
    await store.unban('bob')
    expect(idsOf(store, 'arena')).toEqual(['ada', 'bob', 'cyd'])
  }))

// Whose ban is lost stays hidden: a cheater must not come back with the damage.
test('salvageStore() saves bans, and makes those of hidden players that are lost', () =>
  withStore(async (temporary) => {
    const { path } = temporary
    await importInto(temporary.store, 'golf', ROWS)
    await importInto(temporary.store, 'arena', ROWS)
    await temporary.store.dropBoard('golf')
    await temporary.store.ban('bob', { board: 'arena', reason: 'bot', until: START_MS + 1e9 })
    await temporary.store.ban('cyd')
    await temporary.store.close()
    await changeRaw(path, (writer) =>
      writer.remove('people', banKey({ playerId: 'cyd', boardId: 0 })),
    )
    await mkdir(join(path, 'copy'))
    await copyFile(join(path, 'data.mdb'), join(path, 'copy', 'data.mdb'))
    await salvageStore(join(path, 'copy'), join(path, 'saved'))
    const saved = openLeaderboards(join(path, 'saved'), { clock: () => START_MS })
    try {
      expect(idsOf(saved, 'arena')).toEqual(['ada'])
      expect(saved.bans()).toMatchObject([
        { playerId: 'bob', board: 'arena', reason: 'bot', until: START_MS + 1e9 },
        { playerId: 'cyd', board: 'arena', submits: 'refuse' },
      ])
      expect((await saved.check()).findings).toEqual([])
    } finally {
      await saved.close()
    }
    await changeRaw(path, (writer) => {
      const place = { playerId: 'cyd', boardId: 0 }
      const ban = { sinceMicros: 1, untilMicros: 0, submits: 'keep', tail: NO_FIELDS } as const
      writer.put('people', banKey(place), encodeBan(banKey(place), ban))
    })
  }))

const PLACE = { playerId: 'bob', boardId: 0 }
const BAN = { sinceMicros: 1, untilMicros: 9, submits: 'keep', tail: NO_FIELDS } as const
const END = banEndKey({ ...PLACE, untilMicros: 9 })

const DAMAGES: [
  what: string,
  damage: (writer: Writer<Table>) => void,
  number: string,
  words: RegExp,
][] = [
  [
    'a hidden player whom no ban is about',
    (writer) => void writer.remove('people', banKey(PLACE)),
    '16',
    /the player is hidden, and no ban says so/,
  ],
  [
    'a banned player with an entry',
    (writer) => {
      const key = banKey({ playerId: 'ada', boardId: 0 })
      writer.put('people', key, encodeBan(key, { ...BAN, untilMicros: 0 }))
    },
    '16',
    /the player is banned and has an entry/,
  ],
  [
    'a ban whose end is not noted',
    (writer) => writer.put('people', banKey(PLACE), encodeBan(banKey(PLACE), BAN)),
    '17',
    /its end is not noted/,
  ],
  [
    'an end without a ban',
    (writer) => writer.put('people', END, encodeBanEnd(END)),
    '17',
    /no ban ends then/,
  ],
  [
    'a ban of a board that is not there',
    (writer) => {
      const key = banKey({ playerId: 'x', boardId: 77 })
      writer.put('people', key, encodeBan(key, { ...BAN, untilMicros: 0 }))
    },
    '17',
    /no such board/,
  ],
  [
    'a damaged ban',
    (writer) => writer.put('people', banKey(PLACE), Buffer.alloc(30)),
    '10',
    /it is damaged/,
  ],
  ['a damaged end', (writer) => writer.put('people', END, Buffer.alloc(4)), '10', /it is damaged/],
]

test.each(DAMAGES)('check() finds %s', (_what, damage, number, words) =>
  withDirectory(async (path) => {
    const store = openLeaderboards(join(path, 'store'))
    await importInto(store, 'arena', ROWS)
    await store.ban('bob')
    await store.close()
    await changeRaw(join(path, 'store'), damage)
    const again = openLeaderboards(join(path, 'store'))
    try {
      const { findings } = await again.check()
      expect(findings.map(({ invariant }) => invariant)).toEqual([number])
      expect(findings[0]?.problem).toMatch(words)
    } finally {
      await again.close()
    }
  }),
)

function idOf(writer: Writer<Table>): number {
  for (const key of writer.keys('players', {})) return key[0] as number
  throw new Error('there is a player')
}
