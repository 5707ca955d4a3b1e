import { expect, test } from 'vitest'
import { withServer } from './support.ts'

test('a player is asked for, with neighbours, history and friends', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    for (const [playerId, score] of [
      ['a/b', 3],
      ['100%', 2],
      ['ö', 1],
    ] as const)
      await board.submit(playerId, score)
    const player = (await server.ask('GET /boards/arena/players/a%2Fb')).body
    expect(player.entry).toMatchObject({ playerId: 'a/b', rank: 1 })
    expect(player.standing).toMatchObject({ total: 3, percentile: 100 })
    const around = (await server.ask('GET /boards/arena/players/100%25/around?above=1&below=0'))
      .body
    expect(around).toMatchObject({ board: 'arena', total: 3 })
    expect(around.entries).toHaveLength(2)
    const history = (await server.ask('GET /boards/arena/players/%C3%B6/history?limit=1')).body
    expect(history.records[0]).toMatchObject({ playerId: 'ö', submitted: 1 })
    const among = { body: { playerIds: ['ö', 'nobody'] } }
    expect((await server.ask('POST /boards/arena/among', among)).body.missing).toEqual(['nobody'])
    expect((await server.ask('POST /boards/arena/ranks', among)).body.result).toEqual([3, null])
    expect((await server.ask('GET /boards/arena/players/%C3%B6/gap')).body.above.difference).toBe(1)
    expect((await server.ask('GET /boards/arena/players/%C3%B6/rank')).body).toEqual({ result: 3 })
  })
})

test.each([
  ['', ''],
  ['/around', ''],
  ['/rank', ''],
  ['/gap', ''],
  ['/standing', ''],
])('GET …/players/nobody%s is 404', async (path) => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    const { status, body } = await server.ask(`GET /boards/arena/players/nobody${path}`)
    expect([status, body.code]).toEqual([404, 'NO_PLAYER'])
  })
})

test('a player is known everywhere: boards, profile, ban, removal', async () => {
  await withServer(async (server) => {
    await (await server.store.createBoard('a')).submit('ann', 1)
    await (await server.store.createBoard('b')).submit('ann', 2)
    const profile = { name: 'Ann', avatar: 'https://example.com/a.png' }
    const set = await server.ask('PUT /players/ann/profile', { body: profile })
    expect(set.body).toEqual({ playerId: 'ann', ...profile })
    expect((await server.ask('GET /players/ann/profile')).body).toEqual(set.body)
    const everywhere = (await server.ask('GET /players/ann')).body
    expect(everywhere.boards.map(({ board }: { board: string }) => board)).toEqual(['a', 'b'])
    expect(everywhere.profile.name).toBe('Ann')
    const ban = await server.ask('PUT /players/ann/ban', { body: { board: 'a', reason: 'bot' } })
    expect(ban.body).toMatchObject({ boards: ['a'], reason: 'bot' })
    expect((await server.ask('GET /bans')).body.result).toHaveLength(1)
    expect((await server.ask('GET /boards/a/players/ann')).status).toBe(404)
    const scores = { body: { playerId: 'ann', score: 7 } }
    expect((await server.ask('POST /boards/a/scores', scores)).body.code).toBe('BANNED')
    const lifted = await server.ask('DELETE /players/ann/ban?board=a')
    expect(lifted.body).toEqual({ playerId: 'ann', unbanned: true })
    const removed = await server.ask('DELETE /boards/a/players/ann')
    expect(removed.body).toEqual({ board: 'a', playerId: 'ann', removed: true })
    const gone = await server.ask('DELETE /players/ann')
    expect(gone.body).toEqual({ playerId: 'ann', removed: 1 })
    expect((await server.ask('GET /players/nobody')).body.code).toBe('NO_PLAYER')
  })
})

test('runs are listed, undone and moved; a person is erased', async () => {
  await withServer(async (server) => {
    const board = await server.store.createBoard('arena')
    await board.submit('mallory', 9999)
    const log = (await server.ask('GET /log?kinds=submit,ban&before=1000')).body
    const [{ seq }] = log.records
    const dry = await server.ask('POST /undo', { body: { seqs: [seq], dryRun: true } })
    expect(dry.body).toMatchObject({ count: 1 })
    expect((await server.ask('POST /undo', { body: { seqs: [seq] } })).body.count).toBe(1)
    await board.submit('guest', 5)
    const moved = await server.ask('POST /move-player', { body: { from: 'guest', to: 'ann' } })
    expect(moved.body.boards).toEqual(['arena'])
    const erased = await server.ask('POST /players/ann/erase', { body: {} })
    expect(erased.body.boards).toEqual(['arena'])
    const path = await server.ask('POST /players/ann/erase', { body: { backups: '/etc' } })
    expect([path.status, path.body.code]).toEqual([400, 'INVALID_ARGUMENT'])
  })
})
