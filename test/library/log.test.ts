/**
 * The log against a list that a test keeps: every change in its order, ranks of the answers, a player's
 * runs, over reopenings.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Leaderboards, LogOptions, LogRecord, Mode, SubmitOptions } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const PLAYERS = Array.from({ length: 12 }, (_, i) => `p${i}`)
const BOARDS = {
  best: { mode: 'best' },
  sum: { mode: 'increment' },
  few: { mode: 'best', keep: 4 },
  golf: { order: 'ascending' },
  quiet: { mode: 'best', log: 'changes' },
  silent: { log: 'none' },
} as const
type Name = keyof typeof BOARDS

/** A record, as far as the test foresees it. */
type Foreseen = { [field in keyof LogRecord]?: unknown }

class Expected {
  readonly records: Foreseen[] = []
  readonly plays = new Map<string, number>()
  readonly wins = new Map<string, number>()

  add(record: Foreseen): void {
    this.records.push({ ...record, seq: this.records.length + 1 })
  }
}

/** One random change; the test foresees its record from the answer alone. */
async function change(random: Random, store: Leaderboards, expected: Expected): Promise<void> {
  const name = random.pick(Object.keys(BOARDS)) as Name
  const isNew = !store.hasBoard(name)
  const board = store.board(name, BOARDS[name])
  const playerId = random.pick(PLAYERS)
  const kind = random.below(20)
  if (kind === 0) {
    const entry = board.get(playerId)
    // Submits alone leave no record on a board without a log.
    if (await board.remove(playerId))
      expected.add({ kind: 'remove', board: name, playerId, previousScore: entry?.score })
    return
  }
  if (kind === 1) {
    const found = store.boardsOf(playerId)
    const newName = `${playerId} ${random.below(10)}`
    // Who has the name everywhere already is not renamed.
    const isOther = found.some(({ entry }) => entry.name !== newName)
    await store.rename(playerId, newName)
    const boards = found.map((one) => one.board)
    if (isOther) expected.add({ kind: 'rename', playerId, boards })
    return
  }
  if (kind === 2 && !isNew) {
    const { size } = board
    await store.dropBoard(name)
    expected.add({ kind: 'drop', board: name, size })
    for (const key of [...expected.plays.keys()].filter((key) => key.startsWith(`${name} `))) {
      expected.plays.delete(key)
      expected.wins.delete(key)
    }
    return
  }
  if (isNew) expected.add({ kind: 'create', board: name })
  const many = kind < 6 ? 3 : 1
  const submits = Array.from({ length: many }, () => submission(random))
  const answers =
    many === 1
      ? await Promise.all(submits.map((one) => board.submit(one.playerId, one.score, one.options)))
      : await board.submitMany(submits.map(({ options, ...rest }) => ({ ...rest, ...options })))
  const commit = expected.records.length + 1
  for (const [i, answer] of answers.entries()) {
    const { playerId, score, options } = submits[i] as ReturnType<typeof submission>
    if (name === 'silent') continue
    const isOther = options.name !== undefined || options.metadata !== undefined
    if (name === 'quiet' && !answer.changed && !isOther) continue
    if (name === 'quiet' && answer.submitted !== undefined) continue
    const key = `${name} ${playerId}`
    const plays = (expected.plays.get(key) ?? 0) + 1
    expected.plays.set(key, plays)
    const wins = (expected.wins.get(key) ?? 0) + (options.won ? 1 : 0)
    expected.wins.set(key, wins)
    expected.add({
      ...{ kind: 'submit', board: name, playerId, submitted: score, plays, wins },
      ...{ changed: answer.changed, score: answer.score, previousScore: answer.previousScore },
      ...{ rank: answer.rank, previousRank: answer.previousRank, commit },
      ...{ name: options.name, metadata: options.metadata, mode: options.mode },
    })
  }
}

function submission(random: Random): {
  playerId: string
  score: number
  options: Pick<SubmitOptions, 'mode' | 'won' | 'name' | 'metadata'>
} {
  const mode = random.pick<Mode>(['set', 'best', 'increment'])
  return {
    playerId: random.pick(PLAYERS),
    score: random.below(50),
    options: {
      mode,
      ...(random.chance(0.3) && { won: true }),
      // New every time, so that it is a change on every board.
      ...(random.chance(0.2) && { name: `n${random.below(1e9)}` }),
    },
  }
}

// What is undefined is absent.
function present(record: Foreseen): Foreseen {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

test('the log holds every change, in order, with what was answered', async () => {
  const random = new Random(runSeed('log'))
  const expected = new Expected()
  await withStore(async (temporary) => {
    let { store } = temporary
    for (let i = 0; i < sizeOf('LOG_CHANGES', { test: 180, torture: 20_000 }); i++) {
      if (random.chance(0.02)) store = await temporary.reopen()
      temporary.clock.advance(random.below(3))
      await change(random, store, expected)
    }
    const records = everything(store)
    expect(records.length).toBe(expected.records.length)
    for (const [i, record] of records.entries())
      expect(record, `SEED=${random.seed}`).toMatchObject(present(expected.records[i] as Foreseen))
    expectTimesRise(records)
    expectPagesToAgree(random, store, records)
    expectHistories(store, records)
  })
})

/** All records, by pages of random sizes. */
function everything(store: Leaderboards, asked: LogOptions = {}): LogRecord[] {
  const records: LogRecord[] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = store.log({ ...asked, after, limit: 97 })
    records.push(...page.records)
    after = page.next
  }
  return records
}

function expectTimesRise(records: LogRecord[]): void {
  const times = records.map(({ at, committedAt = at }) => committedAt)
  expect([...times].sort((a, b) => a - b)).toEqual(times)
}

function expectPagesToAgree(random: Random, store: Leaderboards, records: LogRecord[]): void {
  for (let i = 0; i < 50; i++) {
    const after = random.below(records.length)
    const before = after + random.below(60)
    const within = records.filter(({ seq }) => seq > after && seq < before)
    expect(store.log({ after, before }).records).toEqual(within)
    const newest = records.filter(({ seq }) => seq < before).reverse()
    expect(store.log({ before, limit: 7 }).records).toEqual(newest.slice(0, 7))
    const board = random.pick(Object.keys(BOARDS))
    const playerId = random.pick(PLAYERS)
    const about = records.filter(
      (record) =>
        record.playerId === playerId &&
        (record.board === board || (record['boards'] as string[] | undefined)?.includes(board)),
    )
    expect(store.log({ board, playerId, limit: 5 }).records).toEqual(about.slice(0, 5))
    const { at, committedAt: from = at } = records[after] as LogRecord
    const since = records.filter(({ at, committedAt = at }) => committedAt >= from)
    expect(store.log({ from, limit: 9 }).records).toEqual(since.slice(0, 9))
    const until = records.filter(({ at, committedAt = at }) => committedAt < from)
    expect(store.log({ to: from, before: 1e9, limit: 3 }).records).toEqual(
      until.reverse().slice(0, 3),
    )
    const kinds = ['rename', 'drop'] as const
    const some = records.filter(({ kind }) => kind === 'rename' || kind === 'drop')
    expect(everything(store, { kinds })).toEqual(some)
  }
}

// By the present life of each board.
function expectHistories(store: Leaderboards, records: LogRecord[]): void {
  for (const name of Object.keys(BOARDS)) {
    const born = records.findLast(({ kind, board }) => kind === 'create' && board === name)
    if (born === undefined || !store.hasBoard(name)) continue
    for (const playerId of PLAYERS) {
      const runs = records
        .filter((record) => record.kind === 'submit' && record.seq > born.seq)
        .filter((record) => record.board === name && record.playerId === playerId)
        .reverse()
      const board = store.board(name)
      expect(board.history(playerId).records).toEqual(runs)
      const pages: LogRecord[] = []
      for (let before: number | undefined = Number.MAX_SAFE_INTEGER; before !== undefined; ) {
        const page = board.history(playerId, { before, limit: 2 })
        pages.push(...page.records)
        before = page.next
      }
      expect(pages).toEqual(runs)
    }
  }
}

test('a submit that is refused leaves no record', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ada', 5)
    await expect(board.submit('ada', 6, { only: 'new' }))
      .rejects.toThrow('CONDITION')
      .catch(() => undefined)
    await expect(
      board.submitMany([
        { playerId: 'bob', score: 1 },
        { playerId: 'ada', score: 2, expected: 9 },
      ]),
    ).rejects.toThrow()
    expect(store.log().records.map(({ kind }) => kind)).toEqual(['create', 'submit'])
  })
})

test('who leaves a full board is named by the run that pushed it out', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('few', { keep: 2, mode: 'best' })
    for (const [i, playerId] of ['ada', 'bob', 'cy'].entries()) await board.submit(playerId, 10 + i)
    await board.submit('dan', 1)
    const { records } = store.log({ kinds: ['submit'] })
    expect(records[2]?.pushedOut).toEqual([expect.objectContaining({ playerId: 'ada', score: 10 })])
    expect(records[3]).not.toHaveProperty('score')
    // The runs of both go on.
    await board.submit('ada', 50)
    await board.submit('dan', 60)
    expect(board.history('ada').records.map(({ plays }) => plays)).toEqual([2, 1])
    expect(board.history('dan').records.map(({ plays }) => plays)).toEqual([2, 1])
  })
})

// A change that alters nothing has no record; this one had.
test('rename() to the name that a player has leaves no record', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('arena')
    await board.submit('ada', 1, { name: 'Ada' })
    await store.board('golf').submit('ada', 1)
    expect(await store.rename('ada', 'Ada')).toBe(2)
    expect(await store.rename('ada', 'Ada')).toBe(2)
    expect(await store.rename('bob', 'Bob')).toBe(0)
    expect(store.log({ kinds: ['rename'] }).records).toHaveLength(1)
  })
})
