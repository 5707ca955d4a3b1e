/**
 * Bans while other processes submit for the banned.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { ask, ended, messageOf, startChild } from '../model/child.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

const ROUNDS = sizeOf('TORTURE_BAN_ROUNDS', { test: 25, torture: 300 })
const CHILDREN = sizeOf('TORTURE_BAN_CHILDREN', { test: 1, torture: 3 })
const PLAYERS = 20

interface Told {
  taken: Map<string, number>
  refused: number
}

test('nobody sees a banned player again while another process submits for all', () =>
  withStore(async ({ store, path }) => {
    const random = new Random(runSeed('bans and submits'))
    const arena = store.board('arena')
    await arena.submit('first', 1)
    const children = Array.from({ length: CHILDREN }, () => {
      return startChild('banned-submitter.js', path, String(PLAYERS))
    })
    await Promise.all(children.map(messageOf))
    const banned = new Map<string, 'refuse' | 'keep'>()
    for (let round = 0; round < ROUNDS; round++) {
      const playerId = `p${random.below(PLAYERS)}`
      if (banned.has(playerId)) {
        expect(await store.unban(playerId)).toBe(true)
        banned.delete(playerId)
      } else {
        const submits = random.pick(['refuse', 'keep'] as const)
        await store.ban(playerId, { submits })
        banned.set(playerId, submits)
      }
      // A submit of this process comes behind those of the others that wait.
      await arena.submit('first', 1 + round)
      const seen = arena.top(100).map((entry) => entry.playerId)
      expect(seen.filter((id) => banned.has(id))).toEqual([])
      expect(arena.ranks([...banned.keys()])).toEqual([...banned].map(() => undefined))
      expect(arena.size).toBe(seen.length)
    }
    const told = (await Promise.all(
      children.map((child) => ask(child, { isEnding: true })),
    )) as Told[]
    expect(await Promise.all(children.map(ended))).toEqual(children.map(() => 0))
    for (const playerId of banned.keys()) await store.unban(playerId)
    // With one other process its last score that was taken is the one that is there.
    if (CHILDREN === 1)
      for (const [playerId, score] of told[0]?.taken ?? [])
        expect(arena.get(playerId)).toMatchObject({ score })
    const refused = told.reduce((sum, one) => sum + one.refused, 0)
    console.info(`${refused} submits of ${CHILDREN} processes were refused meanwhile`)
  }))

// Whoever comes first ends it: the other finds nothing to end, and the log has it once.
test('a ban that ends is ended once, whichever of two openings comes first', () =>
  withStore(async (temporary) => {
    const { store, clock } = temporary
    await store.board('arena').submit('ada', 5)
    await store.ban('ada', { until: START_MS + 1000 })
    const other = temporary.open()
    try {
      clock.advance(1000)
      await Promise.all([
        store.board('arena').submit('bob', 4),
        other.board('arena').submit('cyd', 3),
      ])
      expect(other.board('arena').rank('ada')).toBe(1)
      expect(await store.unban('ada')).toBe(false)
    } finally {
      await other.close()
    }
  }))
