/**
 * One player's entries and history given to another id.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { BoardView, Score } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { withStore } from '../support/temporary-store.ts'

function runsOf(board: BoardView<Score>, playerId: string): unknown[] {
  return board
    .history(playerId)
    .records.map((record) => `${record.playerId} ${String(record.submitted)} ${record.plays}`)
}

test('movePlayer() gives entries, plays and runs to another id, on all boards in one record', () =>
  withStore(async ({ store, clock }) => {
    const [arena, golf] = [store.board('arena'), store.board('golf', { order: 'ascending' })]
    await arena.submit('guest', 10, { name: 'Guest', metadata: { a: 1 } })
    clock.advance(5)
    await arena.submit('guest', 30, { metadata: { a: 2 }, won: true })
    await golf.submit('guest', 70)
    const { at } = arena.get('guest') as { at: number }
    const answer = await store.movePlayer('guest', 'ada', { reason: 'signed up', actor: 'kim' })
    expect(answer).toEqual({ from: 'guest', to: 'ada', seq: answer.seq, boards: ['arena', 'golf'] })
    expect(arena.get('ada')).toEqual({
      ...{ rank: 1, playerId: 'ada', name: 'Guest', score: 30, at, metadata: { a: 2 } },
    })
    expect(store.boardsOf('guest')).toEqual([])
    expect(runsOf(arena, 'ada')).toEqual(['guest 30 2', 'guest 10 1'])
    expect(runsOf(arena, 'guest')).toEqual([])
    expect(store.log({ kinds: ['move'] }).records).toMatchObject([
      { seq: answer.seq, from: 'guest', to: 'ada', reason: 'signed up', actor: 'kim' },
    ])
    // The id is free again, and begins from nothing.
    expect(await arena.submit('guest', 1)).toMatchObject({ created: true })
    expect(runsOf(arena, 'guest')).toEqual(['guest 1 1'])
    await arena.submit('ada', 31, { won: true })
    expect(arena.history('ada').records[0]).toMatchObject({ plays: 3, wins: 2 })
    expect(runsOf(arena, 'ada')).toEqual(['ada 31 3', 'guest 30 2', 'guest 10 1'])
  }))

test('where both have an entry the better one stays, the earlier of equal ones, and sums add up', () =>
  withStore(async ({ store }) => {
    const best = store.board('best', { mode: 'best' })
    const golf = store.board('golf', { order: 'ascending' })
    const sum = store.board('sum', { mode: 'increment' })
    const race = store.board('race', {
      columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }],
    })
    const coins = store.board('coins', { scoreType: 'int64', mode: 'increment' })
    await best.submit('a', 5, { at: 1000, metadata: { of: 'a' }, name: 'A' })
    await best.submit('b', 5, { at: 2000, metadata: { of: 'b' }, name: 'B' })
    await golf.submit('a', 70, { at: 1000 })
    await golf.submit('b', 60, { at: 2000 })
    await sum.submit('a', 5, { at: 3000, metadata: { of: 'a' } })
    await sum.submit('b', 7, { at: 2000, metadata: { of: 'b' } })
    await race.submit('a', { points: 3, time: 9 })
    await race.submit('b', { points: 3, time: 10 })
    await coins.submit('a', 2n ** 62n, { at: 1000, metadata: { of: 'a' } })
    await coins.submit('b', 1n, { at: 2000 })
    await store.movePlayer('a', 'b')
    const at = (board: BoardView<Score>): unknown => board.get('b')
    expect(at(best)).toMatchObject({ score: 5, at: 1000, name: 'B', metadata: { of: 'a' } })
    expect(at(golf)).toMatchObject({ score: 60, at: 2000 })
    expect(at(sum)).toMatchObject({ score: 12, at: 3000, metadata: { of: 'a' } })
    expect(at(race)).toMatchObject({ score: { points: 3, time: 9 } })
    expect(at(coins)).toMatchObject({ score: 2n ** 62n + 1n, at: 2000, metadata: { of: 'a' } })
    for (const board of store.boards()) expect(board.size).toBe(1)
  }))

test('a receiver who is known keeps the name on boards that are new to him', () =>
  withStore(async ({ store }) => {
    await store.board('one').submit('a', 1, { name: 'A' })
    await store.board('two').submit('b', 1, { name: 'B' })
    await store.board('three').submit('c', 1)
    await store.movePlayer('a', 'b')
    expect(store.boardsOf('b').map(({ entry }) => entry.name)).toEqual(['B', 'B'])
    await store.movePlayer('b', 'c')
    expect(store.boardsOf('c').map(({ entry }) => entry.name)).toEqual(['c', 'c', 'c'])
  }))

test('movePlayer() refuses the banned, one to itself, and a sum that is not exact; nothing changes', () =>
  withStore(async ({ store }) => {
    const sum = store.board('sum', { mode: 'increment' })
    await store.board('arena').submit('a', 1)
    await sum.submit('a', 2 ** 53)
    await sum.submit('b', 1)
    const before = [store.boardsOf('a'), store.boardsOf('b'), store.log().records.length]
    await expect(store.movePlayer('a', 'b')).rejects.toMatchObject({ code: 'INEXACT' })
    await expect(store.movePlayer('a', 'a')).rejects.toThrow(RangeError)
    expect([store.boardsOf('a'), store.boardsOf('b'), store.log().records.length]).toEqual(before)
    await store.ban('x', { board: 'arena' })
    await expect(store.movePlayer('x', 'b')).rejects.toMatchObject({ code: 'BANNED' })
    await expect(store.movePlayer('b', 'x')).rejects.toMatchObject({
      code: 'BANNED',
      message: 'Cannot move player "b" to "x": player "x" is banned; unban first',
    })
    expect(await store.movePlayer('nobody', 'b')).toEqual({ from: 'nobody', to: 'b', boards: [] })
  }))

test('a move on a full board takes the place of the one who was moved', () =>
  withStore(async ({ store }) => {
    const board = store.board('best', { keep: 2 })
    await board.submit('a', 3)
    await board.submit('b', 2)
    await board.submit('c', 1)
    await store.movePlayer('a', 'c')
    expect(board.top().map(({ playerId }) => playerId)).toEqual(['c', 'b'])
    await store.movePlayer('b', 'c')
    expect(board.top().map(({ playerId }) => playerId)).toEqual(['c'])
    expect(runsOf(board, 'c')).toEqual(['c 1 1', 'b 2 1', 'a 3 1'])
  }))

test('a profile moves to a receiver who has none', () =>
  withStore(async ({ store }) => {
    await store.board('arena').submit('a', 1)
    await store.setProfile('a', { name: 'Ann', avatar: 'https://example.com/a.png' })
    await store.setProfile('c', { name: 'Cyd' })
    await store.movePlayer('a', 'b')
    expect(store.profile('a')).toBeUndefined()
    expect(store.profile('b')).toMatchObject({ name: 'Ann', avatar: 'https://example.com/a.png' })
    await store.movePlayer('b', 'c')
    expect(store.profile('c')).toEqual({ playerId: 'c', name: 'Cyd' })
    expect(store.board('arena').get('c')?.name).toBe('Cyd')
  }))

// Runs of who became one player are told in the order of their seqs, page by page.
test('history() of who received others, in pages of any size, is what the log says', () =>
  withStore(async (temporary) => {
    const random = new Random(runSeed('moves'))
    let { store } = temporary
    const ids = ['a', 'b', 'c', 'd']
    /** The runs of each id now, newest first. */
    const runs = new Map<string, number[]>(ids.map((id) => [id, []]))
    for (let step = 0; step < 120; step++) {
      const [playerId, other] = [random.pick(ids), random.pick(ids)]
      const board = store.board('arena', { keep: 3 })
      if (random.chance(0.75)) {
        await board.submit(playerId, random.below(50))
        const [record] = store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records
        runs.get(playerId)?.unshift(record?.seq as number)
      } else if (random.chance(0.8) && playerId !== other) {
        await store.movePlayer(playerId, other)
        const both = [...(runs.get(playerId) ?? []), ...(runs.get(other) ?? [])]
        runs.set(
          other,
          both.sort((x, y) => y - x),
        )
        runs.set(playerId, [])
      } else if (random.chance(0.3)) await board.remove(playerId)
      else store = await temporary.reopen()
      if (step % 6 !== 0) continue
      for (const [id, seqs] of runs) {
        const limit = 1 + random.below(5)
        const told: number[] = []
        let before: number | undefined
        do {
          const page = store
            .board('arena', { keep: 3 })
            .history(id, { limit, ...(before !== undefined && { before }) })
          told.push(...page.records.map(({ seq }) => seq))
          before = page.next
        } while (before !== undefined)
        expect(told).toEqual(seqs)
        const from = random.below(200)
        const page = store.board('arena', { keep: 3 }).history(id, { before: from, limit: 100 })
        expect(page.records.map(({ seq }) => seq)).toEqual(seqs.filter((seq) => seq < from))
      }
    }
  }))

// The name stayed that of the id that had moved away, which showed it nowhere: so it was free for anybody.
test('a name that a receiver takes over is taken, where names are unique', () =>
  withStore(async ({ store }) => {
    const arena = store.board('arena')
    await store.alter({ names: 'unique' })
    await arena.submit('guest', 1, { name: 'Ada' })
    await store.movePlayer('guest', 'ada')
    await expect(arena.submit('bob', 2, { name: 'Ada' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    })
    expect(arena.get('ada')?.name).toBe('Ada')
  }))

// A receiver without a profile got the name of the other one in it, while boards went on to show the own name.
test('a receiver keeps the name under a profile that comes with a move, on every board', () =>
  withStore(async ({ store }) => {
    await store.board('arena').submit('guest', 1)
    await store.setProfile('guest', { name: 'Guest', metadata: { a: 1 } })
    await store.board('chess').submit('ada', 2)
    await store.board('golf').submit('ada', 3, { name: 'Ada' })
    await store.movePlayer('guest', 'ada')
    expect(store.profile('ada')).toEqual({ playerId: 'ada', name: 'ada', metadata: { a: 1 } })
    const names = store.boardsOf('ada').map(({ entry }) => entry.name)
    expect(names).toEqual(['ada', 'ada', 'ada'])
  }))

// The receiver became the owner of a name that a file had given, and that no board showed any more under the profile: so
// it was free for anybody, though its owner showed it.
test('a move takes no name from its owner that nobody shows afterwards', () =>
  withStore(async ({ store }) => {
    await store.alter({ names: 'unique' })
    const [arena, chess] = [store.board('arena'), store.board('chess')]
    await arena.submit('bob', 1, { name: 'Ann' })
    await arena.submit('ada', 1)
    await chess.importFrom(['playerId,score,name\n', 'ada,5,Ann\n'], { format: 'csv' })
    await chess.submit('guest', 6)
    await store.setProfile('guest')
    await store.movePlayer('guest', 'ada')
    expect(chess.get('ada')?.name).toBe('ada')
    await expect(arena.submit('eve', 2, { name: 'Ann' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    })
  }))
