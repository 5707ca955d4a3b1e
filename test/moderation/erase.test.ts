/**
 * Taking a person out of a store: nothing of the id is left, wherever it stood.
 *
 * @module
 */

import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
  restoreBoard,
  type UndoAnswer,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

checkHere()

const WHO = 'mallory-é"x'

/** Everything that a store holds, as one text. */
function textOf(store: Leaderboards): string {
  return [...store.dump()]
    .map(({ key, value }) => Buffer.from(key + value, 'hex').toString('latin1'))
    .join('\n')
}

const plain = Buffer.from(WHO).toString('latin1')
const escaped = Buffer.from(JSON.stringify(WHO).slice(1, -1)).toString('latin1')

function holds(store: Leaderboards): boolean {
  const text = textOf(store)
  return text.includes(plain) || text.includes(escaped)
}

async function play(store: Leaderboards): Promise<void> {
  const [arena, best] = [store.board('arena'), store.board('best', { keep: 1 })]
  await arena.submit('ada', 10)
  await arena.submit(WHO, 20, { name: 'Mal', metadata: { a: WHO }, requestId: 'one' })
  await arena.submit('ada', 30, { requestId: 'two', passed: 5 })
  await best.submit(WHO, 1)
  await best.submit('ada', 2)
  await store.rename(WHO, `The ${WHO}`)
  await store.setProfile(WHO, { name: 'Mal', avatar: 'https://example.com/m.png' })
  await store.alter('arena', { perMinute: 100 })
  await arena.submit(WHO, 5)
  await store.ban(WHO, { board: 'best', until: START_MS + 1e9, reason: 'bot' })
  await store.unban(WHO)
  await arena.submit('guest', 7)
  await store.movePlayer('guest', WHO)
  await arena.submit('zoe', 1)
}

test('erase() leaves nothing of a person but that there were records', () =>
  withStore(async ({ store }) => {
    await play(store)
    expect(holds(store)).toBe(true)
    const before = store.log({ limit: 1000 }).records
    const answer = await store.erase(WHO)
    expect(holds(store)).toBe(false)
    expect(answer).toEqual({
      ...{ seq: before.length + 1, found: true, boards: ['arena'], records: 9 },
    })
    const after = store.log({ limit: 1000 }).records
    expect(after.map(({ seq }) => seq)).toEqual([...before.map(({ seq }) => seq), answer.seq])
    const left = after.filter(({ of }) => of !== undefined)
    expect(left[0]).toEqual({
      ...{ seq: left[0]?.seq, at: expect.any(Number), kind: 'erase', commit: left[0]?.commit },
      ...{ of: 'submit', by: answer.seq },
    })
    // Records of others stay, without the one who is gone.
    expect(
      store
        .board('arena')
        .top()
        .map(({ playerId }) => playerId),
    ).toEqual(['ada', 'zoe'])
    expect(store.board('best').history('ada').records[0]).toMatchObject({ submitted: 2 })
    expect(store.board('best').history('ada').records[0]).not.toHaveProperty('pushedOut')
    expect(store.board('arena').history('ada').records).toHaveLength(2)
    expect(store.profile(WHO)).toBeUndefined()
    expect(store.board('arena').history(WHO).records).toEqual([])
    // The id of another's request is known on; what it told of the one who is gone is not.
    const again = await store.board('arena').submit('ada', 30, { requestId: 'two', passed: 5 })
    expect(again).toMatchObject({ repeated: true, passed: { count: 1, entries: [] } })
    expect((await store.check()).findings).toEqual([])
    // Whoever comes with the id is somebody new.
    expect(await store.board('arena').submit(WHO, 1)).toMatchObject({ created: true })
    expect(store.board('arena').history(WHO).records).toMatchObject([{ plays: 1 }])
  }))

test('erase() takes out a hidden person with the ban, and one of whom only the log knows', () =>
  withStore(async ({ store }) => {
    await play(store)
    await store.ban(WHO)
    expect(await store.erase(WHO)).toMatchObject({ boards: ['arena'] })
    expect(store.bans()).toEqual([])
    await store.ban('x-of-the-log')
    await store.unban('x-of-the-log')
    expect(await store.erase('x-of-the-log')).toMatchObject({ boards: [], records: 2 })
    expect(textOf(store)).not.toContain('x-of-the-log')
    expect(await store.erase('x-of-the-log')).toEqual({
      ...{ found: false, boards: [], records: 0 },
    })
  }))

test('erase() keeps the history of who received the person before', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit('ada', 1)
    await arena.submit(WHO, 2)
    await arena.submit('ada', 3)
    await store.movePlayer(WHO, 'ada')
    await arena.submit('ada', 4)
    expect(arena.history('ada').records).toHaveLength(4)
    await store.erase(WHO)
    expect(holds(store)).toBe(false)
    expect(arena.history('ada').records.map(({ submitted }) => submitted)).toEqual([4, 3, 1])
    expect(arena.get('ada')).toMatchObject({ score: 4 })
    // Ada has the runs of a guest, which go with her.
    await arena.submit('guest', 9)
    await store.movePlayer('guest', 'ada')
    await store.erase('ada')
    const runs = store.log({ kinds: ['submit'] }).records
    expect(runs).toEqual([])
    expect((await store.check()).findings).toEqual([])
  }))

test('erase() says which backups still hold the person', () =>
  withStore(async ({ store, path }) => {
    const backups = join(path, 'backups')
    await mkdir(backups)
    await store.createBoard('arena')
    await store.backup(join(backups, 'before'))
    await play(store)
    await store.backup(join(backups, 'held'))
    await store.board('arena').remove(WHO)
    await store.backup(join(backups, 'removed'))
    await expect(store.erase(WHO, { backups: join(path, 'nowhere') })).rejects.toThrow(
      'there is no such directory',
    )
    expect(holds(store)).toBe(true)
    const { heldBy } = await store.erase(WHO, { backups })
    expect(heldBy?.sort()).toEqual([join(backups, 'held'), join(backups, 'removed')])
    // A backup named for its directory told of nobody.
    const held = join(backups, 'held')
    expect((await store.erase(WHO, { backups: held })).heldBy).toEqual([held])
    await store.backup(join(backups, 'after'))
    expect((await store.erase(WHO, { backups })).heldBy).toEqual(
      expect.arrayContaining(heldBy ?? []),
    )
  }))

// What a backup brings back of somebody erased since would be back for good.
test('a restore over the store erases again whom the store had erased', () =>
  withStore(async (temporary) => {
    const { path, store } = temporary
    await play(store)
    await store.backup(join(path, 'backup'))
    await store.erase(WHO)
    await store.board('arena').submit(WHO, 3)
    await store.backup(join(path, 'later'))
    await store.close()
    await restoreBoard(join(path, 'backup'), path, { board: 'arena', force: true })
    const mended = await temporary.reopen()
    // The rows of the backup leave the person out.
    expect(mended.board('arena').rank(WHO)).toBeUndefined()
    await mended.close()
    await restoreBackup(join(path, 'backup'), path, { force: true })
    const again = await temporary.reopen()
    expect(holds(again)).toBe(false)
    expect(
      again
        .board('arena')
        .top()
        .map(({ playerId }) => playerId),
    ).toEqual(['ada', 'zoe'])
    await again.close()
    // A backup made after the erasure knows of it: who has come since stays.
    await restoreBackup(join(path, 'later'), path, { force: true })
    const later = await temporary.reopen()
    expect(later.board('arena').get(WHO)).toMatchObject({ score: 3 })
    await mkdir(join(path, 'new'))
    await copyFile(join(path, 'data.mdb'), join(path, 'new', 'data.mdb'))
    const copy = openLeaderboards(join(path, 'new'))
    try {
      expect((await copy.check()).findings).toEqual([])
    } finally {
      await copy.close()
    }
  }))

// A backup that knew an erasure of the id kept who had come back under it and was erased a second time.
test('a restore erases again who was erased twice, with the backup in between', () =>
  withStore(async (temporary) => {
    const { path, store } = temporary
    const board = store.board('arena')
    await board.submit('ada', 1)
    await board.submit(WHO, 2)
    await store.erase(WHO)
    await board.submit(WHO, 3)
    await store.backup(join(path, 'between'))
    await store.erase(WHO)
    await store.close()
    await restoreBoard(join(path, 'between'), path, { board: 'arena', force: true })
    const one = await temporary.reopen()
    expect(one.board('arena').rank(WHO)).toBeUndefined()
    await one.close()
    await restoreBackup(join(path, 'between'), path, { force: true })
    const all = await temporary.reopen()
    expect(holds(all)).toBe(false)
    expect(all.board('arena').size).toBe(1)
  }))

// The undo lists the runs that it took back, those of the one who is gone too.
test('an undo of several players can be undone after one of them was erased', () =>
  withStore(async ({ store, clock }) => {
    const arena = store.board('arena', { mode: 'increment' })
    await arena.submit('ada', 1)
    await arena.submit(WHO, 2)
    const { at } = arena.get('ada') as { at: number }
    clock.advance(1000)
    await arena.submit('ada', 10)
    await arena.submit(WHO, 20)
    const { seq, changes } = await store.undo({ board: 'arena', from: at + 500 })
    expect(changes).toHaveLength(2)
    await store.erase(WHO)
    expect(holds(store)).toBe(false)
    const [note] = store.log({ kinds: ['undo'] }).records
    expect(note?.['changes']).toMatchObject([{ playerId: 'ada' }])
    const again = await store.undo({ seqs: [seq as number] })
    expect(again).toMatchObject({ count: 1, changes: [{ playerId: 'ada', to: { score: 11 } }] })
    expect((await store.check()).findings).toEqual([])
  }))

// Who was a guest before is the same person: the old id was left in notes, and in backups that came back.
test('erase() takes out the ids that the person had before, unless they are somebody else by now', () =>
  withStore(async (temporary) => {
    const { store, path } = temporary
    const arena = store.board('arena')
    await mkdir(join(path, 'backups'))
    for (const guest of ['guest-1', 'guest-2']) {
      await arena.submit(guest, 5)
      await store.ban(guest)
      await store.unban(guest)
    }
    await store.backup(join(path, 'backups', 'old'))
    await store.movePlayer('guest-2', 'guest-1')
    await store.movePlayer('guest-1', WHO)
    await arena.submit('guest-2', 3)
    const { records, heldBy } = await store.erase(WHO, { backups: join(path, 'backups') })
    expect(records).toBe(8)
    expect(heldBy).toEqual([join(path, 'backups', 'old')])
    expect(holds(store)).toBe(false)
    expect(textOf(store)).not.toContain('guest-1')
    expect(store.log({ kinds: ['erase'] }).records.map(({ of }) => of)).not.toContain('erase')
    // The second guest came back as somebody new, of whom all stays.
    expect(arena.history('guest-2').records).toMatchObject([{ submitted: 3, plays: 1 }])
    expect(store.log({ playerId: 'guest-2' }).records).toHaveLength(1)
    expect((await store.check()).findings).toEqual([])
    await store.close()
    await restoreBackup(join(path, 'backups', 'old'), path, { force: true })
    const restored = await temporary.reopen()
    expect(textOf(restored)).not.toContain('guest-1')
    expect(restored.board('arena').rank('guest-2')).toBe(1)
  }))

// The store forgot with the first restore whom an older backup held.
test('a restore keeps the hashes of those whom the backup does not hold', () =>
  withStore(async (temporary) => {
    const { store, path } = temporary
    await store.board('arena').submit(WHO, 5)
    await store.backup(join(path, 'older'))
    await store.board('arena').submit('ada', 1)
    await store.erase(WHO)
    await store.close()
    // A backup without the person and without the erasure: of a copy, cleared by hand.
    await restoreBackup(join(path, 'older'), join(path, 'copy'))
    const copy = openLeaderboards(join(path, 'copy'))
    await copy.dropBoard('arena')
    await copy.backup(join(path, 'without'))
    await copy.close()
    await restoreBackup(join(path, 'without'), path, { force: true })
    await restoreBackup(join(path, 'older'), path, { force: true })
    const restored = await temporary.reopen()
    expect(holds(restored)).toBe(false)
    expect(restored.board('arena').size).toBe(0)
  }))

// A record of somebody else that told of the person in passing was counted like those of the person's own.
test('erase() counts the records of which nothing else is left', () =>
  withStore(async ({ store }) => {
    const few = store.board('few', { keep: 1 })
    await few.submit('ada', 1)
    await few.submit('bob', 2)
    expect((await store.erase('ada')).records).toBe(1)
    const { records } = store.log({ kinds: ['submit'] })
    expect(records).toMatchObject([{ playerId: 'bob' }])
    expect(records[0]).not.toHaveProperty('pushedOut')
  }))

// The runs of who took over an id that had been moved away were lost to history, and to undo, if they were
// all undone when the one who had the id before was erased.
test('who has an id of an erased person now keeps runs that are undone', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit('guest', 1)
    await store.movePlayer('guest', 'ada')
    await arena.submit('guest', 2)
    const { seq } = await store.undo({ playerId: 'guest' })
    await store.erase('ada')
    expect(arena.history('guest').records).toMatchObject([{ submitted: 2, undone: seq }])
    await store.undo({ seqs: [seq as number] })
    expect(arena.get('guest')?.score).toBe(2)
  }))

// The move by which who had an id after the person became a third was forgotten with the person: an undo did
// not find whose the run was.
test('a run of who had an id after an erased person comes back to whom it was moved', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit('guest', 1)
    await store.movePlayer('guest', 'ada')
    await arena.submit('guest', 2)
    const { seq } = await store.undo({ playerId: 'guest' })
    await store.movePlayer('guest', 'bob')
    await store.erase('ada')
    await store.undo({ seqs: [seq as number] })
    expect(arena.get('bob')?.score).toBe(2)
  }))

// An erased run forgot whom it had pushed out of a board that keeps the best. An undo of an older run then knew
// nothing of that player: the player did not come back, and the answer did not say so.
test('undo() brings back whom the run of an erased person pushed out', () =>
  withStore(async ({ store }) => {
    const few = store.board('few', { mode: 'best', keep: 2 })
    await few.submit('ada', 10)
    await few.submit('bob', 5)
    await few.submit('cheat', 20) // pushes bob out
    await few.submit(WHO, 15) // pushes ada out
    const { seq: by } = await store.erase(WHO)
    expect(holds(store)).toBe(false)
    const left = { seq: 5, at: expect.any(Number), kind: 'erase', commit: 5, of: 'submit', by }
    const pushedOut = [{ playerId: 'ada', score: 10, at: expect.any(Number) }]
    const leftOf = (): unknown => store.log({ after: 4, limit: 1 }).records[0]
    expect(leftOf()).toEqual({ ...left, board: 'few', pushedOut })
    const [cheat] = few.history('cheat').records
    expect(inShort(await store.undo({ seqs: [cheat?.seq as number] }))).toEqual([
      ...[
        ['ada', 10],
        ['bob', 5],
        ['cheat', undefined],
      ],
    ])
    // And who was pushed out is taken out of what is left as well.
    await store.erase('ada')
    expect(leftOf()).toEqual(left)
    expect((await store.check({ history: true })).findings).toEqual([])
  }))

test('undo() brings back whom an erased person pushed out by the end of a ban', () =>
  withStore(async ({ store }) => {
    const few = store.board('few', { mode: 'best', keep: 2 })
    await few.submit('ada', 10)
    await few.submit(WHO, 15)
    await store.ban(WHO)
    await few.submit('cheat', 20)
    await store.unban(WHO) // pushes ada out
    await store.erase(WHO)
    expect(holds(store)).toBe(false)
    const [cheat] = few.history('cheat').records
    expect(inShort(await store.undo({ seqs: [cheat?.seq as number] }))).toEqual([
      ...[
        ['ada', 10],
        ['cheat', undefined],
      ],
    ])
  }))

test('undo() brings back whom an undo of an erased person took off', () =>
  withStore(async ({ store }) => {
    const few = store.board('few', { mode: 'best', keep: 1 })
    await few.submit('ada', 10)
    await few.submit(WHO, 20) // pushes ada out
    const { seq } = await store.undo({ playerId: WHO })
    await few.submit('bob', 5)
    await store.undo({ seqs: [seq as number], playerId: WHO }) // pushes ada out once more
    await store.erase(WHO)
    expect(holds(store)).toBe(false)
    const [bob] = few.history('bob').records
    expect(inShort(await store.undo({ seqs: [bob?.seq as number] }))).toEqual([['ada', 10]])
  }))

function inShort({ changes, lost }: UndoAnswer): unknown[] {
  expect(lost).toEqual([])
  return changes.map(({ playerId, to }) => [playerId, to?.score])
}

// close() says that it waits for every write that was begun, but an erasure between its look through the log and
// its transaction was refused with CLOSED.
test('close() waits for an erasure', () =>
  withStore(async (temporary) => {
    const { store } = temporary
    await store.board('arena').submit(WHO, 1)
    const erasing = store.erase(WHO)
    await store.close()
    expect(await erasing).toMatchObject({ found: true, boards: ['arena'] })
    expect(holds(await temporary.reopen())).toBe(false)
  }))

test('what is submitted while erase() looks through the log goes too; later submits make a new player', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit(WHO, 1)
    const erasing = store.erase(WHO)
    const before = arena.submit(WHO, 2)
    expect((await erasing).records).toBe(2)
    await before
    expect(holds(store)).toBe(false)
    expect(await arena.submit(WHO, 3)).toMatchObject({ created: true, rank: 1 })
    expect(arena.history(WHO).records).toMatchObject([{ plays: 1 }])
  }))

test('erase() says if nothing of the player was there, and keeps the hash', () =>
  withStore(async ({ store }) => {
    await store.board('arena').submit('ada', 1)
    expect(await store.erase('adda')).toEqual({ seq: 3, found: false, boards: [], records: 0 })
    expect(await store.erase('adda')).toEqual({ found: false, boards: [], records: 0 })
    expect(await store.erase('ada')).toMatchObject({ found: true, boards: ['arena'] })
  }))

// The log was looked through again for a new id of the person, but not for a known one that was the person's
// for longer than was known: records of it stayed in the log.
test('erase() takes out what an id made that became the person twice, by another one', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena')
    await arena.submit('guest', 1)
    await store.movePlayer('guest', WHO)
    await arena.submit('guest', 2)
    await store.rename('guest', 'Guest')
    await store.movePlayer('guest', 'temp')
    await store.movePlayer('temp', WHO)
    expect((await store.erase(WHO)).records).toBe(6)
    expect(store.log({ playerId: 'guest' }).records).toEqual([])
  }))

// For each board all boards were listed, and the note of the move, which names them all, was read: 421 s at 10,000.
test.runIf(process.env['TORTURE'])(
  'erase() of somebody on many boards costs what the boards cost',
  async () => {
    const costOf = async (boards: number): Promise<number> => {
      let cost = 0
      await withStore(async ({ store }) => {
        const names = Array.from({ length: boards }, (_, i) => `board ${i}`)
        await Promise.all(names.map((name, i) => store.board(name).submit('guest', i)))
        await store.movePlayer('guest', 'ada')
        const start = performance.now()
        expect((await store.erase('ada')).boards).toHaveLength(boards)
        cost = performance.now() - start
      })
      return cost
    }
    // Eight times as many cost eight times as much; they cost sixty times as much.
    expect((await costOf(4000)) / (await costOf(500))).toBeLessThan(25)
  },
)

test('an undo knows who had lost a place to whom, also when a person was erased since', () =>
  withStore(async (temporary) => {
    const store = temporary.open()
    const best = store.board('best', { mode: 'increment', keep: 2 })
    await best.submit(WHO, 20)
    await best.submit('old', 9, { metadata: { n: 2 } })
    await best.submit('new', 11)
    await store.erase(WHO)
    // Nothing but the chain of runs comes along.
    await store.movePlayer('old', 'new')
    const { seq } = await best.submit('new', 1, { metadata: { n: 5 } }).then(() => {
      return best.history('new', { limit: 1 }).records[0] as { seq: number }
    })
    const { changes } = await store.undo({ seqs: [seq] })
    expect(changes[0]?.to).toEqual({ score: 11, at: expect.any(Number), name: 'new' })
    expect(best.get('new')).not.toHaveProperty('metadata')
  }))
