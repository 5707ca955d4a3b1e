/**
 * Names that belong to one player only, on a server.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { RemoteBoard, RemoteLeaderboards } from '../../src/redis/index.ts'
import { problemIn } from '../model/calls.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis, redisSizeOf } from '../support/redis-server.ts'

/** Of the changes that are made at once. */
const ROUNDS = redisSizeOf('NAME_ROUNDS', { test: 25, whole: 1_000 })
const TAKEN = 'NAME_TAKEN'

for (const partitions of [1, 4])
  describeOnRedis(`unique names on a server, boards of ${partitions}`, () => {
    test('have one owner by every way, whatever case and form', () =>
      withRedisScene(async ({ store, other }) => {
        const board = await other.board('arena', { partitions })
        await board.submit('p1', 5, { name: 'Straße' })
        await board.submit('p2', 5)
        expect(await store.alter({ names: 'unique' })).toMatchObject({ names: 'unique' })
        expect(await problemIn(() => board.submit('p2', 6, { name: 'STRASSE' }))).toBe(TAKEN)
        expect(await problemIn(() => store.rename('p2', 'ｓtrasse'))).toBe(TAKEN)
        expect(await problemIn(() => store.setProfile('p2', { name: 'straße' }))).toBe(TAKEN)
        expect(await problemIn(() => store.setProfile('p3', { name: 'straße' }))).toBe(TAKEN)
        expect(await store.profile('p3')).toBeUndefined()
        const many = [
          { playerId: 'p2', score: 7, name: 'Free' },
          { playerId: 'p3', score: 7, name: 'FREE' },
        ]
        const submitted = board.submitMany(many, { atomic: partitions === 1 })
        if (partitions === 1) {
          await expect(submitted).rejects.toMatchObject({ code: TAKEN })
          await expect(submitted).rejects.toThrow(/^Submission 1: .*"p3" the name "FREE".*"p2"/)
          expect(await board.get('p2')).toMatchObject({ name: 'p2', score: 5 })
          expect(await board.size()).toBe(2)
        } else await submitted.catch(({ code }) => expect(code).toBe(TAKEN))
        const unborn = await store.board('new', { partitions })
        expect(await problemIn(() => unborn.submit('p2', 1, { name: 'STRASSE' }))).toBe(TAKEN)
        if (partitions === 1) expect(await store.hasBoard('new')).toBe(false)
        // The owner may write it another way.
        await store.rename('p1', 'STRASSE')
        expect((await board.get('p1'))?.name).toBe('STRASSE')
      }))

    test('are free again if nobody shows them', () =>
      withRedisScene(async ({ store }) => {
        const one = await store.board('one', { partitions })
        const two = await store.board('two', { partitions })
        await store.alter({ names: 'unique' })
        await one.submit('p1', 5, { name: 'Ada' })
        await two.submit('p1', 5, { name: 'Ada' })
        await one.submit('p1', 6, { name: 'Bea' })
        // The other board still shows it.
        expect(await problemIn(() => one.submit('p2', 6, { name: 'ada' }))).toBe(TAKEN)
        await two.remove('p1')
        await one.submit('p2', 6, { name: 'ada' })
        expect(await problemIn(() => two.submit('p1', 6, { name: 'Ada' }))).toBe(TAKEN)
        await store.dropBoard('one')
        await two.submit('p1', 6, { name: 'Ada' })
        // A profile owns its name without any entry.
        await store.setProfile('p3', { name: 'Cy' })
        expect(await problemIn(() => two.submit('p1', 7, { name: 'cy' }))).toBe(TAKEN)
        await store.setProfile('p3', { name: null })
        await two.submit('p1', 7, { name: 'cy' })
        await store.alter({ names: 'free' })
        await two.submit('p9', 7, { name: 'cy' })
      }))

    // A row of a file asks nobody, and the player's own submit did not either, as the board showed the name: it was anybody's.
    test('are asked for by the first submit of one that a file gave', () =>
      withRedisScene(async ({ store }) => {
        const board = await store.board('arena', { partitions })
        await store.alter({ names: 'unique' })
        const rows = ['playerId,score,name\n', 'p1,5,Ada\n', 'p2,5,Bea\n']
        await board.importFrom(rows, { format: 'csv' })
        await board.submit('p1', 6, { name: 'Ada' })
        expect(await problemIn(() => board.submit('p3', 6, { name: 'ada' }))).toBe(TAKEN)
        await store.rename('p3', 'Bea')
        await board.submit('p3', 6, { name: 'Bea' })
        expect(await problemIn(() => board.submit('p2', 6, { name: 'Bea' }))).toBe(TAKEN)
        await board.submit('p2', 6)
        // A profile takes the name that is shown, whosever it was.
        await store.setProfile('p2')
        expect(await problemIn(() => board.submit('p3', 7, { name: 'Bea' }))).toBe(TAKEN)
      }))

    test('are refused over duplicates, and list them', () =>
      withRedisScene(async ({ store, admin }) => {
        const one = await store.board('one', { partitions })
        const two = await store.board('two', { partitions })
        await one.submit('p1', 5, { name: 'Ada' })
        await two.submit('p2', 5, { name: 'ADA' })
        await two.submit('p3', 5, { name: 'Bea' })
        await store.setProfile('p4', { name: 'bea' })
        const error = await store.alter({ names: 'unique' }).catch((cause: Error) => cause)
        expect(error).toMatchObject({
          code: TAKEN,
          message: expect.stringMatching(/"(BEA|Bea|bea)" \(p4, p3\)/),
        })
        expect((error as Error).message).toMatch(/"(ADA|Ada)" \((p1, p2|p2, p1)\)/)
        expect((await store.settings()).names).toBe('free')
        expect(await admin.exists('{ld:boards}:owners')).toBe(0)
        await store.rename('p2', 'Adele')
        await store.rename('p4', 'Beatrice')
        const altered = await store.alter({ names: 'unique', writes: 'closed' })
        expect(altered).toMatchObject({ names: 'unique', writes: 'closed' })
      }))

    test('are kept by banned players, in seasons that are on, and with who moves', () =>
      withRedisScene(async ({ store }) => {
        const windows = partitions === 1 ? { windows: ['day'] as const } : {}
        const board = await store.board('arena', { partitions, ...windows })
        await board.submit('p1', 5, { name: 'Ann' })
        await store.alter({ names: 'unique' })
        await store.ban('p1', { submits: 'keep' })
        expect(await problemIn(() => board.submit('p2', 5, { name: 'ANN' }))).toBe(TAKEN)
        await store.setProfile('p1', { name: 'Bea' })
        await board.submit('p2', 5, { name: 'Ann' })
        await board.submit('p1', 6)
        await store.unban('p1')
        expect(await board.get('p1')).toMatchObject({ name: 'Bea', score: 6 })
        expect(await problemIn(() => store.rename('p3', 'ann'))).toBe(TAKEN)
        if (partitions > 1) return
        await store.movePlayer('p2', 'p4')
        expect((await board.get('p4'))?.name).toBe('Ann')
        expect(await problemIn(() => store.rename('p3', 'ann'))).toBe(TAKEN)
        await board.submit('p4', 6, { name: 'Annie' })
        await store.rename('p3', 'ann')
      }))

    test(
      'are never those of two, whatever is done at once',
      () =>
        withRedisScene(async ({ store, other }) => {
          await store.alter({ names: 'unique' })
          const random = new Random(runSeed('unique names'))
          await withSeed(random, async () => {
            for (let i = 0; i < ROUNDS; i++) {
              const changes = Array.from({ length: 2 + random.below(5) }, (_, n) =>
                changeOf(random, { store: n % 2 === 0 ? store : other, partitions }),
              )
              await Promise.all(changes.map((change) => swallowing(change())))
              await expectOwners(store)
            }
          })
          // All that was taken is found again.
          await store.alter({ names: 'free' })
          expect((await store.alter({ names: 'unique' })).names).toBe('unique')
        }),
      120_000,
    )

    test('are unique or refused, if some are given while it is found out', () =>
      withRedisScene(async ({ store, other }) => {
        const board = await other.board('arena', { partitions })
        for (let i = 0; i < 5; i++) {
          for (const id of ['p1', 'p2', 'p3']) await other.rename(id, `${id} ${i}`)
          const outcomes = await Promise.all([
            problemIn(() => store.alter({ names: 'unique' })),
            ...['p1', 'p2', 'p3'].map((id) =>
              problemIn(() => board.submit(id, 1, { name: 'Same' })),
            ),
          ])
          const { names } = await store.settings()
          const shown = (await board.top()).filter(({ name }) => name === 'Same')
          if (names === 'unique') expect(shown.length).toBeLessThan(2)
          else expect(outcomes[0]).toBe(TAKEN)
          await store.alter({ names: 'free' })
        }
      }))
  })

function changeOf(
  random: Random,
  { store, partitions }: { store: RemoteLeaderboards; partitions: number },
): () => Promise<unknown> {
  const board = `board ${random.below(2)}`
  const id = `p${random.below(4)}`
  const name = random.pick(['Ann', 'ANN', 'Bea', 'Cy'])
  const opened = (): Promise<RemoteBoard> => store.board(board, { partitions })
  return random.pick([
    () => store.setProfile(id, { name: random.pick([name, null]) }),
    () => store.rename(id, random.pick([name, id])),
    async () => (await opened()).remove(id),
    async () => (await opened()).submit(id, 1),
    async () => (await opened()).submit(id, 2, { name }),
    async () => (await opened()).submit(id, 3, { name }),
  ])
}

async function expectOwners(store: RemoteLeaderboards): Promise<void> {
  const owners = new Map<string, string>()
  const take = (name: string, playerId: string): void => {
    if (name === playerId) return
    expect([name, owners.get(name.toLowerCase()) ?? playerId]).toEqual([name, playerId])
    owners.set(name.toLowerCase(), playerId)
  }
  for (const id of ['p0', 'p1', 'p2', 'p3']) {
    const profile = await store.profile(id)
    if (profile !== undefined) take(profile.name, id)
    for (const { entry } of await store.boardsOf(id)) take(entry.name, id)
  }
}

async function swallowing(work: Promise<unknown>): Promise<void> {
  await work.catch(({ code }) => expect([TAKEN, 'UNKNOWN']).toContain(code))
}
