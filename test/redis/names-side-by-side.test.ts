/**
 * Unique names on a server and in the embedded engine side by side, among them those that rows of a file gave without
 * asking: who may take which name, and who shows it then.
 *
 * @module
 */

import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { Leaderboards } from '../../src/index.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { withRedisScene } from '../support/redis-scene.ts'
import { describeOnRedis, redisSizeOf } from '../support/redis-server.ts'
import { withStore } from '../support/temporary-store.ts'

const OPERATIONS = redisSizeOf('NAME_OPERATIONS', { test: 40, whole: 20_000 })
const PLAYERS = ['p1', 'p2', 'p3']
const BOARDS = ['one', 'two']

describeOnRedis('unique names on a server', () => {
  test.each([1, 4])(
    `are those of the embedded engine through ${OPERATIONS} random operations, partitions: %i`,
    (partitions) =>
      withRedisScene(async ({ store: remote, clock }) =>
        withStore(
          async ({ store: embedded, clock: other }) => {
            other.now = clock.now
            for (const board of BOARDS) {
              // On a server no board knows who ever played there: a move does not give away names of those.
              await embedded.createBoard(board, { log: 'none' })
              await remote.createBoard(board, { partitions })
            }
            const stores = [embedded, remote as unknown as Leaderboards]
            for (const store of stores) await store.alter({ names: 'unique' })
            const random = new Random(runSeed(`names side by side, partitions ${partitions}`))
            await withSeed(random, async () => {
              for (let i = 0; i < OPERATIONS; i++) {
                for (const one of [clock, other]) one.advance(1)
                const change = changeOf(random)
                const [expected, actual] = await Promise.all(
                  stores.map((store) => outcomeOf(store, change)),
                )
                expect(actual, `operation ${i}, ${change.text}`).toEqual(expected)
              }
            })
          },
          { durability: 'relaxed' },
        ),
      ),
    Math.max(60_000, OPERATIONS * 20),
  )
})

/** A change to a store, and how it is told. */
interface Change {
  text: string
  make: (store: Leaderboards) => unknown
}

function changeOf(random: Random): Change {
  const [id, to, board] = [random.pick(PLAYERS), random.pick(PLAYERS), random.pick(BOARDS)]
  const name = random.pick(['Ann', 'ANN', 'Bea', 'Bea', id])
  const profile = random.pick([{ name }, { name: null }, {}])
  const row = JSON.stringify({ playerId: id, score: 5, name })
  const kind = random.pick([
    ...(['submit', 'submit', 'submit', 'submit', 'import', 'import'] as const),
    ...(['unnamed', 'remove', 'remove', 'rename', 'setProfile', 'erase', 'movePlayer'] as const),
  ])
  const changes: Record<typeof kind, Change['make']> = {
    submit: async (store) => (await store.board(board)).submit(id, 5, { name }),
    import: async (store) => (await store.board(board)).importFrom([row], { format: 'ndjson' }),
    unnamed: async (store) => (await store.board(board)).submit(id, 4),
    remove: async (store) => (await store.board(board)).remove(id),
    // A name that nobody was given is owned on a server all the same, until somebody else wants it.
    rename: async (store) => (await store.boardsOf(id)).length > 0 && store.rename(id, name),
    setProfile: (store) => store.setProfile(id, profile),
    movePlayer: (store) => id !== to && store.movePlayer(id, to),
    erase: (store) => store.erase(id),
  }
  return { text: inspect({ kind, id, to, board, name, profile }), make: changes[kind] }
}

// What is refused, and who shows which name.
async function outcomeOf(store: Leaderboards, { make }: Change): Promise<unknown> {
  let problem = ''
  try {
    await make(store)
  } catch (error) {
    problem = (error as Error).message
  }
  const shown = PLAYERS.map(async (id) => [
    (await store.profile(id))?.name,
    (await store.boardsOf(id)).map(({ board, entry }) => `${board}: ${entry.name}`).join(),
  ])
  return { problem, shown: await Promise.all(shown) }
}
