/**
 * Several processes on one store, and processes that are killed.
 *
 * @module
 */

import type { ChildProcess } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Leaderboard, Leaderboards, Standing } from '../../src/index.ts'
import { ask, ended, kill, messageOf, startChild } from '../model/child.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const SUBMITS = sizeOf('TORTURE_SUBMITS', { test: 48, torture: 4_000 })
/** Rounds of reads, at least: each looks at other places of a board. */
const READS = sizeOf('TORTURE_READS', { test: 30, torture: 200 })
const CYCLES = sizeOf('TORTURE_SUBMIT_KILLS', { test: 1, torture: 5 })
/** Those who were there before: enough for a tree of many spans, with ties. */
const CROWD = new Map(Array.from({ length: 1_000 }, (_, i) => [`crowd-${i}`, i % 300]))

/** What a submitter said was stored: the last score of each player, and how often it added one. */
class Acknowledged {
  readonly scores = new Map<string, number>()
  tally = 0
  count = 0

  listenTo(child: ChildProcess): void {
    child.on('message', (message: { playerId: string; score: number } | { tally: number }) => {
      this.count++
      if ('tally' in message) this.tally += message.tally
      else this.scores.set(message.playerId, message.score)
    })
  }
}

test('submit() of two processes loses nothing, and a third never reads a contradiction', async () => {
  await withStore(async (temporary) => {
    await begin(temporary.store)
    await temporary.store.close()
    const reader = startChild('reader.js', temporary.path, String(READS))
    await messageOf(reader)
    const said = new Acknowledged()
    const writers = ['a', 'b'].map((prefix) => {
      return startChild('submitter.js', temporary.path, prefix, String(SUBMITS))
    })
    for (const writer of writers) said.listenTo(writer)
    expect(await Promise.all(writers.map(ended))).toEqual([0, 0])
    const { rounds } = (await ask(reader, { isEnding: true })) as { rounds: number }
    expect(await ended(reader)).toBe(0)
    const store = await temporary.reopen()
    expect(said.count).toBe(2 * (SUBMITS + SUBMITS / 8))
    expect(scoresOf(store.board('arena'))).toEqual(new Map([...CROWD, ...said.scores]))
    expect(store.board('tally').get('all')?.score).toBe((2 * SUBMITS) / 8)
    expectRecount(store)
    console.info(`${said.count} submits of two processes, ${rounds} rounds of reads meanwhile`)
  })
})

test('submit() answers survive kill -9 in a load of submits, and ranks equal a recount', async () => {
  const random = new Random(runSeed('kill'))
  await withStore(async (temporary) => {
    await begin(temporary.store)
    const said = new Acknowledged()
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await temporary.store.close()
      const prefix = `cycle-${cycle}`
      const writer = startChild('submitter.js', temporary.path, prefix, '1000000')
      said.listenTo(writer)
      const other = startChild('submitter.js', temporary.path, 'other', '1000000')
      const until = said.count + 20 + random.below(400)
      while (said.count < until) await messageOf(writer)
      // What was said is there, whatever the process was doing when it ended.
      await Promise.all([kill(writer), kill(other)])
      const store = await temporary.reopen()
      const stored = scoresOf(store.board('arena'))
      for (const [playerId, score] of said.scores)
        expect(stored.get(playerId), playerId).toBeGreaterThanOrEqual(score)
      expect(store.board('tally').get('all')?.score).toBeGreaterThanOrEqual(said.tally)
      const sum = [...store.board('purse').entries()].reduce((sum, { score }) => sum + score, 0)
      expect(sum).toBe(0)
      expect((await store.check()).findings).toEqual([])
      expectRecount(store)
      await store.board('arena').submit(prefix, 1e9)
      expect(store.board('arena').rank(prefix)).toBe(cycle + 1)
    }
    console.info(`${CYCLES} times killed after ${said.count} answers in all`)
  })
})

test('submit() goes on after a process was killed that held the store open', async () => {
  await withStore(async ({ store, path }) => {
    await begin(store)
    const writer = startChild('submitter.js', path, 'a', '1000000')
    await messageOf(writer)
    const answers = Array.from({ length: 50 }, (_, i) => store.board('arena').submit(`own-${i}`, i))
    await kill(writer)
    await Promise.all(answers)
    expect(await store.board('arena').submit('last', 1e9)).toMatchObject({ rank: 1 })
    expectRecount(store)
  })
})

async function begin(store: Leaderboards): Promise<void> {
  const arena = await store.createBoard('arena')
  await arena.submitMany([...CROWD].map(([playerId, score]) => ({ playerId, score })))
  await store.createBoard('tally', { mode: 'increment' })
  await store.createBoard('purse', { mode: 'increment' })
}

function scoresOf(board: Leaderboard): Map<string, number> {
  return new Map([...board.entries()].map(({ playerId, score }) => [playerId, score]))
}

// Every rank in every mode against a plain count over all entries.
function expectRecount(store: Leaderboards): void {
  for (const { name, size } of store.boards()) {
    const board = store.board(name)
    const entries = [...board.entries()]
    const sorted = entries.toSorted((a, b) => b.score - a.score || a.at - b.at)
    expect(entries).toEqual(sorted)
    expect(entries).toHaveLength(size)
    let [better, dense] = [0, 1]
    for (const [i, { playerId, score }] of entries.entries()) {
      if (i > 0 && score !== entries[i - 1]?.score) [better, dense] = [i, dense + 1]
      const { ordinal, competition, ...rest } = board.standing(playerId) as Standing
      expect([ordinal, competition, rest.dense, rest.better, rest.total]).toEqual([
        ...[i + 1, better + 1, dense, better, size],
      ])
    }
  }
}
