/**
 * Changes, log, moderation, rules and undo, all mixed, against a model that makes the whole history again.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { Leaderboards } from '../../src/index.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'
import { endDue, isThere, setProfile } from './changes.ts'
import { NAMES } from './kinds.ts'
import { type Operation, Operations, PLAYERS, show } from './operations.ts'
import { beginChange, setName } from './submits.ts'
import {
  type Board,
  type Expected,
  ModelError,
  newWorld,
  runsOf,
  scoreOf,
  sorted,
  type World,
} from './world.ts'

const ROUNDS = sizeOf('HISTORY_ROUNDS', { test: 1, torture: 400 })
const STEPS = sizeOf('HISTORY_STEPS', { test: 100, torture: 400 })

type Outcome = { value: unknown } | { error: string }

/** A store, the model beside it, and other handles on the same files. */
class Course {
  readonly #temporary: TemporaryStore
  readonly #random: Random
  readonly #operations: Operations
  readonly #trace: string[] = []
  #world: World
  #other: Leaderboards
  #reader: Leaderboards | undefined
  #compared = 0

  constructor(temporary: TemporaryStore, random: Random) {
    this.#temporary = temporary
    this.#random = random
    this.#world = newWorld(temporary.clock.now)
    this.#operations = new Operations(random, () => this.#world)
    this.#other = temporary.open()
  }

  async run(): Promise<void> {
    for (let i = 0; i < STEPS; i++) await this.#step()
    await this.#check()
  }

  async end(): Promise<void> {
    await this.#other.close()
    await this.#reader?.close()
  }

  async #step(): Promise<void> {
    const random = this.#random
    await this.#pass(random.pick([0, 0, 0, 1, 1, 20, 700, 20_000]))
    if (random.chance(0.02)) await this.#reopen()
    const count = random.chance(0.2) ? 2 + random.below(4) : 1
    const made = Array.from({ length: count }, () => this.#operations.next(count > 1))
    await this.#together(made)
    if (made.some(({ text }) => text.startsWith('import'))) this.#learnTimes()
    for (const { board, playerId, name } of made.flatMap(({ names }) => names ?? [])) {
      const there = this.#world.boards.get(board)
      if (there !== undefined) this.#learnName(there, playerId, name)
    }
    const isWide = made.some(({ text }) => /^(undo|erase|move|resolve)/.test(text))
    this.#compare(isWide || random.chance(0.05))
    for (const name of this.#world.disturbed) await this.#together([this.#operations.drop(name)])
    if (this.#world.disturbed.size > 0) this.#compare(false)
    this.#world.disturbed.clear()
    if (random.chance(0.02)) await this.#check()
  }

  // Times pass; the first change after the end of a ban ends it.
  async #pass(ms: number): Promise<void> {
    this.#temporary.clock.advance(ms)
    this.#world.nowMs += ms
    if (!this.#world.bans.some(({ until = Infinity }) => until <= this.#world.nowMs)) return
    this.#trace.push(`ends at ${this.#world.nowMs}`)
    endDue(this.#world)
    beginChange(this.#world)
    const profile = { metadata: { now: this.#world.nowMs } }
    setProfile(this.#world, 'tick', profile)
    await this.#store.setProfile('tick', profile)
    this.#compare(false)
  }

  // How many times an import takes is its own affair; afterwards the clock is behind all of them.
  #learnTimes(): void {
    const { log, boards, nowMs } = this.#world
    for (const record of this.#store.log({ after: this.#compared, limit: 10_000 }).records) {
      const own = log[record.seq - 1]
      if (own === undefined) continue
      const committed = record.committedAt ?? record.at
      this.#same(committed >= nowMs && committed < nowMs + 1, true, `time of record ${record.seq}`)
      if (own.kind === 'submit') {
        if (committed === record.at) delete own['committedAt']
        else own['committedAt'] = committed
        // A row of a player with a profile has its name.
        const profile = this.#world.profiles.get(record.playerId as string)
        if (profile !== undefined && profile.name === record.name) own['name'] = record.name
      }
      if (own.kind !== 'submit') own['at'] = committed
      for (const board of boards.values())
        for (const run of runsOf(board))
          if (run.seq === record.seq) run.committed = Math.round(committed * 1000)
    }
    this.#temporary.clock.advance(1000)
    this.#world.nowMs += 1000
  }

  async #reopen(): Promise<void> {
    this.#trace.push('reopen')
    await this.#other.close()
    await this.#reader?.close()
    await this.#temporary.reopen()
    this.#other = this.#temporary.open()
    this.#reader = this.#temporary.open({ readOnly: true })
  }

  async #together(made: readonly Operation[]): Promise<void> {
    const store = this.#random.chance(0.3) ? this.#other : this.#store
    for (const { text } of made) this.#trace.push(text)
    const expected = made.map((operation) => this.#onModel(operation))
    const answers = await Promise.all(
      made.map(async (operation): Promise<Outcome> => {
        try {
          return { value: await operation.make(store) }
        } catch (error) {
          const { code, name } = error as { code?: string; name: string }
          if (code === undefined && name !== 'RangeError') throw error
          return { error: operation.isVague ? 'refused' : (code ?? name) }
        }
      }),
    )
    for (const [i, answer] of answers.entries()) this.#same(answer, expected[i], made[i]?.text)
  }

  // A change that is refused leaves nothing, and neither does a dry run.
  #onModel({ model, isVague, text }: Operation): Outcome {
    const before = structuredClone(this.#world)
    beginChange(this.#world)
    try {
      const value: unknown = structuredClone(model(this.#world))
      if (text.includes('"dryRun":true')) this.#world = before
      return { value }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      this.#world = before
      return { error: isVague ? 'refused' : error.code }
    }
  }

  get #store(): Leaderboards {
    return this.#temporary.store
  }

  async #check(): Promise<void> {
    this.#compare(true)
    expect((await this.#store.check()).findings, this.#why()).toEqual([])
  }

  #compare(isWhole: boolean): void {
    for (const store of [this.#store, this.#other, this.#reader])
      if (store !== undefined) this.#compareBoards(store)
    const { log, bans } = this.#world
    this.#compareLog(isWhole ? 0 : this.#compared)
    this.#compared = log.length
    const bytes = (text = ''): Buffer => Buffer.from(text)
    const rows = [...bans]
      .sort(
        (a, b) =>
          Buffer.compare(bytes(a.playerId), bytes(b.playerId)) ||
          Buffer.compare(bytes(a.board), bytes(b.board)),
      )
      .map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => isThere(value))))
    this.#same(this.#store.bans(), rows, 'bans')
    for (const playerId of PLAYERS)
      this.#same(this.#store.profile(playerId), this.#world.profiles.get(playerId), 'profile')
    if (isWhole) for (const board of this.#world.boards.values()) this.#compareHistory(board)
    const flagged = this.#store.log({ flagged: true, limit: 10_000 }).records.map(({ seq }) => seq)
    const open = [...this.#world.flags].filter((seq) => log[seq - 1]?.['undone'] === undefined)
    this.#same(
      flagged,
      open.sort((a, b) => a - b),
      'flagged',
    )
  }

  #compareBoards(store: Leaderboards): void {
    for (const name of NAMES) {
      const board = this.#world.boards.get(name)
      this.#same(store.hasBoard(name), board !== undefined, `hasBoard ${name}`)
      if (board === undefined) continue
      const entries = store.openBoard(name).top(1000)
      this.#same(entries, this.#entriesOf(board, entries), name)
      const playerId = this.#random.pick(PLAYERS)
      const index = sorted(board).findIndex(([id]) => id === playerId)
      const own = index < 0 ? undefined : entries[index]
      this.#same(store.openBoard(name).get(playerId), own, `${name} get ${playerId}`)
      this.#same(store.openBoard(name).size, board.visible.size, `${name} size`)
    }
  }

  #entriesOf(board: Board, actual: readonly { playerId: string; name: string }[]): unknown[] {
    return sorted(board).map(([playerId, { cells, micros, metadata }], i) => {
      const row = actual[i]
      if (row?.playerId === playerId) this.#learnName(board, playerId, row.name)
      return {
        ...{ rank: i + 1, playerId, name: board.names.get(playerId) ?? playerId },
        ...{ score: scoreOf(board.kind, cells), at: micros / 1000 },
        ...(metadata !== undefined && { metadata }),
      }
    })
  }

  // Which name a player comes back with, whom an undo brings, is not for a sort to say.
  #learnName(board: Board, playerId: string, name: string): void {
    if (!board.returned.has(playerId)) return
    board.returned.delete(playerId)
    if (!this.#world.profiles.has(playerId) && board.shown.get(playerId)?.has(name) === true)
      setName(board, playerId, name)
  }

  #compareLog(after: number): void {
    const { records } = this.#store.log({ after, limit: 10_000 })
    const expected = this.#world.log.slice(after)
    this.#same(records.length, expected.length, 'length of the log')
    for (const [i, record] of records.entries()) {
      const own = expected[i] as Expected
      const isRun = own.kind === 'submit'
      const asked = isRun
        ? record
        : Object.fromEntries(Object.keys(own).map((field) => [field, record[field]]))
      this.#same(asked, own, `record ${own.seq}`)
    }
  }

  #compareHistory(board: Board): void {
    const opened = this.#store.openBoard(board.name)
    for (const playerId of PLAYERS) {
      const runs = runsOf(board).filter(({ owner, seq }) => owner === playerId && seq > 0)
      const expected = runs.map(({ seq }) => this.#world.log[seq - 1]).reverse()
      const { records } = opened.history(playerId, { limit: 10_000 })
      this.#same(records, expected, `history of ${playerId} on ${board.name}`)
    }
  }

  #same(actual: unknown, expected: unknown, what = ''): void {
    if (isDeepStrictEqual(actual, expected)) return
    expect(actual, `${what}, ${this.#why()}`).toStrictEqual(expected)
    throw new Error(`${what}: ${show(actual)}, expected ${show(expected)}, ${this.#why()}`)
  }

  #why(): string {
    const last = this.#trace.slice(-(Number(process.env['TRACE']) || 5))
    return `after ${this.#trace.length} operations, SEED=${this.#random.seed}:\n${last.join('\n')}\n`
  }
}

test(
  `${ROUNDS} mixed courses of ${STEPS} operations are what a replay of all changes says`,
  async () => {
    const seed = runSeed('history model')
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random(seed + round)
      await withSeed(random, () => runCourse(random))
    }
  },
  Math.max(60_000, ROUNDS * STEPS * 100),
)

async function runCourse(random: Random): Promise<void> {
  await withStore(
    async (temporary) => {
      const course = new Course(temporary, random)
      try {
        await course.run()
      } finally {
        await course.end()
      }
    },
    { durability: 'relaxed' },
  )
}
