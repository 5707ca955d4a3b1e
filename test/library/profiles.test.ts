/**
 * Profiles: one name of a player on every board, and names that belong to one player only.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboards, ProfileOptions } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

function namesOf(store: Leaderboards, playerId: string): string[] {
  return store.boardsOf(playerId).map(({ entry }) => entry.name)
}

const taken = { code: 'NAME_TAKEN' }

test('setProfile() sets what is named, and null takes it away', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    expect(store.profile('ada')).toBeUndefined()
    expect(await store.setProfile('ada')).toEqual({ playerId: 'ada', name: 'ada' })
    const avatar = 'https://example.com/ada.png'
    await store.setProfile('ada', { name: 'Ada', avatar })
    await store.setProfile('ada', { metadata: { team: 'red' } })
    const all = { playerId: 'ada', name: 'Ada', avatar, metadata: { team: 'red' } }
    expect((await temporary.reopen()).profile('ada')).toEqual(all)
    await temporary.store.setProfile('ada', { avatar: null, metadata: {} })
    expect(temporary.store.profile('ada')).toEqual({ playerId: 'ada', name: 'Ada' })
    await temporary.store.setProfile('ada', { name: null })
    expect(temporary.store.profile('ada')).toEqual({ playerId: 'ada', name: 'ada' })
    expect([...temporary.store.dump({ table: 'people' })].map(({ text }) => text)).toEqual([
      'profile of player "ada" → no name',
    ])
  })
})

test.each<[string, ProfileOptions, string]>([
  ['an avatar over http', { avatar: 'http://example.com/a.png' }, 'https'],
  ['a script as avatar', { avatar: 'javascript:alert(1)' }, 'https'],
  ['a password in an avatar', { avatar: 'https://a:b@example.com/' }, 'password'],
  ['an avatar of 3,000 characters', { avatar: `https://example.com/${'a'.repeat(3000)}` }, '2048'],
  ['an empty name', { name: '' }, 'at least one character'],
  ['metadata of a list', { metadata: [] as never }, 'plain object'],
  ['metadata of 5,000 bytes', { metadata: { a: 'a'.repeat(5000) } }, '4096'],
  ['a field that there is not', { nick: 'a' } as never, 'name, avatar, metadata'],
])('setProfile() refuses %s', async (_what, profile, words) => {
  await withStore(async ({ store }) => {
    await expect(store.setProfile('ada', profile)).rejects.toThrow(words)
    expect(store.profile('ada')).toBeUndefined()
  })
})

test('once there is a profile, every way to give a name gives it to all boards', async () => {
  await withStore(async ({ store, clock }) => {
    const [one, two, three] = ['one', 'two', 'three'].map((name) => store.board(name))
    await one?.submit('p1', 5, { name: 'First' })
    clock.advance(1000)
    await two?.submit('p1', 5, { name: 'Second' })
    expect(namesOf(store, 'p1')).toEqual(['First', 'Second'])
    // A first profile makes one name of them: that of the newest entry.
    expect((await store.setProfile('p1', { metadata: { a: 1 } })).name).toBe('Second')
    expect(namesOf(store, 'p1')).toEqual(['Second', 'Second'])
    // A board that comes later shows it too.
    await three?.submit('p1', 5)
    expect(namesOf(store, 'p1')).toEqual(['Second', 'Second', 'Second'])
    await one?.submit('p1', 1, { name: 'By submit', mode: 'best' })
    expect(new Set(namesOf(store, 'p1'))).toEqual(new Set(['By submit']))
    expect(store.profile('p1')?.name).toBe('By submit')
    expect(await store.rename('p1', 'By rename')).toBe(3)
    expect([...namesOf(store, 'p1'), store.profile('p1')?.name]).toEqual(
      Array.from({ length: 4 }, () => 'By rename'),
    )
    await store.setProfile('p1', { name: 'By profile' })
    expect(new Set(namesOf(store, 'p1'))).toEqual(new Set(['By profile']))
    await two?.submitMany([
      { playerId: 'p1', score: 6, name: 'By many' },
      { playerId: 'p2', score: 6, name: 'Other' },
    ])
    expect(new Set(namesOf(store, 'p1'))).toEqual(new Set(['By many']))
    // The id takes the name away.
    await store.rename('p1', 'p1')
    expect([...namesOf(store, 'p1'), store.profile('p1')?.name]).toEqual(['p1', 'p1', 'p1', 'p1'])
  })
})

test('a refused submit gives no name, nor does one for whom a full board has no place', async () => {
  await withStore(async ({ store }) => {
    const top = await store.createBoard('top', { keep: 1 })
    await top.submit('best', 10)
    await store.setProfile('ada', { name: 'Ada' })
    await top.submit('ada', 1, { name: 'New' })
    expect(store.profile('ada')?.name).toBe('Ada')
    await expect(top.submit('ada', 99, { name: 'New', only: 'existing' })).rejects.toMatchObject({
      code: 'CONDITION_FAILED',
    })
    expect(store.profile('ada')?.name).toBe('Ada')
    await top.submit('ada', 99)
    expect(top.get('ada')?.name).toBe('Ada')
  })
})

test('an import into any board leaves a profile its name', async () => {
  await withStore(async ({ store }) => {
    await store.setProfile('ada', { name: 'Ada' })
    await store.setProfile('bob')
    const rows = ['playerId,score,name\n', 'ada,5,Imported\n', 'bob,4,Bobby\n', 'cy,3,Cy\n']
    const expected = ['Ada', 'bob', 'Cy']
    const full = store.board('full')
    await full.submit('dee', 0)
    for (const board of [store.board('empty'), full, store.board('best', { keep: 5 })]) {
      await board.importFrom(rows, { format: 'csv' })
      expect(board.top(3).map(({ name }) => name)).toEqual(expected)
    }
  })
})

test('names: unique refuses a second owner by every way, whatever case and form', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    const board = store.board('arena')
    await board.submit('p1', 5, { name: 'Straße' })
    await board.submit('p2', 5)
    await store.alter({ names: 'unique' })
    await expect(board.submit('p2', 6, { name: 'STRASSE' })).rejects.toMatchObject(taken)
    await expect(store.rename('p2', 'ｓtrasse')).rejects.toMatchObject(taken)
    await expect(store.setProfile('p2', { name: 'straße' })).rejects.toMatchObject(taken)
    await expect(store.setProfile('p3', { name: 'straße' })).rejects.toMatchObject(taken)
    const many = [
      { playerId: 'p2', score: 7, name: 'Free' },
      { playerId: 'p3', score: 7, name: 'FREE' },
    ]
    await expect(board.submitMany(many)).rejects.toThrow(/^Submission 1: /)
    expect(board.get('p2')).toMatchObject({ name: 'p2', score: 5 })
    expect(board.size).toBe(2)
    await expect(
      (await temporary.reopen()).board('new').submit('p2', 1, { name: 'STRASSE' }),
    ).rejects.toMatchObject(taken)
    expect(temporary.store.hasBoard('new')).toBe(false)
    // The owner may write it another way.
    await temporary.store.rename('p1', 'STRASSE')
  })
})

test('a name that nobody shows any more is free', async () => {
  await withStore(async ({ store }) => {
    const [one, two] = [store.board('one'), store.board('two')]
    await store.alter({ names: 'unique' })
    await one.submit('p1', 5, { name: 'Ada' })
    await two.submit('p1', 5, { name: 'Ada' })
    await one.submit('p1', 6, { name: 'Bea' })
    // The other board still shows it.
    await expect(one.submit('p2', 6, { name: 'ada' })).rejects.toMatchObject(taken)
    await two.remove('p1')
    await one.submit('p2', 6, { name: 'ada' })
    await expect(two.submit('p1', 6, { name: 'Ada' })).rejects.toMatchObject(taken)
    await store.dropBoard('one')
    await two.submit('p1', 6, { name: 'Ada' })
    // A profile owns its name without any entry.
    await store.setProfile('p3', { name: 'Cy' })
    await expect(two.submit('p1', 7, { name: 'cy' })).rejects.toMatchObject(taken)
    await store.setProfile('p3', { name: null })
    await two.submit('p1', 7, { name: 'cy' })
    await store.alter({ names: 'free' })
    await two.submit('p9', 7, { name: 'cy' })
    const owners = [...store.dump({ table: 'people' })].filter(({ text }) => /^owner/.test(text))
    expect(owners).toEqual([])
  })
})

test('names: unique is refused over duplicates, and lists them', async () => {
  await withStore(async ({ store }) => {
    await store.board('one').submit('p1', 5, { name: 'Ada' })
    await store.board('two').submit('p2', 5, { name: 'ADA' })
    await store.board('two').submit('p3', 5, { name: 'Bea' })
    await store.setProfile('p4', { name: 'bea' })
    const error = await store.alter({ names: 'unique' }).catch((cause: Error) => cause)
    expect(error).toMatchObject({
      code: 'NAME_TAKEN',
      message: expect.stringMatching(/"BEA" \(p4, p3\).*"ADA" \(p1, p2\)|"ADA" \(p1, p2\).*"BEA"/),
    })
    expect(store.settings().names).toBe('free')
    expect([...store.dump({ table: 'people' })].length).toBe(1)
    await store.rename('p2', 'Adele')
    await store.rename('p4', 'Beatrice')
    expect((await store.alter({ names: 'unique', writes: 'closed' })).writes).toBe('closed')
  })
})

// The name still led to the id that was left behind, which shows it no more: anybody could take it.
test('a name that was moved with its player stays taken', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await store.alter({ names: 'unique' })
    await board.submit('guest', 5, { name: 'Ann' })
    await store.movePlayer('guest', 'p1')
    expect(board.get('p1')?.name).toBe('Ann')
    await expect(board.submit('p2', 5, { name: 'ANN' })).rejects.toMatchObject(taken)
    await store.setProfile('p1', { metadata: { a: 1 } })
    await store.movePlayer('p1', 'p3')
    expect([store.profile('p1'), store.profile('p3')?.name]).toEqual([undefined, 'Ann'])
    await expect(store.rename('p2', 'ann')).rejects.toMatchObject(taken)
    await board.submit('p2', 5)
    await expect(store.rename('p2', 'ann')).rejects.toMatchObject(taken)
  })
})

test('a banned player keeps the name, and a hidden entry shows the one of the profile', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await store.alter({ names: 'unique' })
    await board.submit('p1', 5, { name: 'Ann' })
    await store.ban('p1', { submits: 'keep' })
    await expect(board.submit('p2', 5, { name: 'ANN' })).rejects.toMatchObject(taken)
    await store.setProfile('p1', { name: 'Bea' })
    await board.submit('p2', 5, { name: 'Ann' })
    await board.submit('p1', 6)
    await store.unban('p1')
    expect(board.get('p1')).toMatchObject({ name: 'Bea', score: 6 })
  })
})

test('a player whom an undo brings back has the name of now, and none of somebody else', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await store.alter({ names: 'unique' })
    await board.submit('p1', 5, { name: 'Ann' })
    await board.submit('p2', 5, { name: 'Bea' })
    const undone = await store.undo({ board: 'arena' })
    expect([undone.count, board.size]).toEqual([2, 0])
    await store.setProfile('p3', { name: 'ANN' })
    await store.setProfile('p2', { name: 'Cy' })
    await store.undo({ seqs: [undone.seq ?? 0] })
    expect([board.get('p1')?.name, board.get('p2')?.name]).toEqual(['p1', 'Cy'])
  })
})

// A row of a banned player, for a board that keeps the best, was stored without the name of the profile.
test('a banned player whom a file brings to a full board has the name of the profile', () =>
  withStore(async ({ store }) => {
    const few = store.board('few', { keep: 2 })
    await store.setProfile('mallory', { name: 'Mal' })
    await store.ban('mallory')
    await few.importFrom(['playerId,score,name\n', 'mallory,6,Other\n'], { format: 'csv' })
    await store.unban('mallory')
    expect(few.get('mallory')?.name).toBe('Mal')
  }))

// What an undo brought back was shown, but nobody's: the next one could take the name too, and so could a second
// player whom the same undo brought back.
test('who comes back with an undo owns the name, where names are unique', () =>
  withStore(async ({ store }) => {
    const [a, b] = [store.board('a'), store.board('b')]
    await a.submit('ada', 1, { name: 'N' })
    await b.submit('bob', 2, { name: 'N' })
    const undone = await store.undo({ seqs: [2, 4] })
    await store.alter({ names: 'unique' })
    const seqs = [undone.seq as number]
    const dry = await store.undo({ seqs, dryRun: true })
    const { changes } = await store.undo({ seqs })
    expect(dry.changes).toEqual(changes)
    expect([a.get('ada')?.name, b.get('bob')?.name]).toEqual(['N', 'bob'])
    const taken = { code: 'NAME_TAKEN' }
    await expect(store.rename('bob', 'n')).rejects.toMatchObject(taken)
    await expect(b.submit('cyd', 1, { name: 'N' })).rejects.toMatchObject(taken)
  }))
