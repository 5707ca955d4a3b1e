/**
 * Bans against a plain sort: random submits, bans and ends of bans on boards of every kind, with reopening.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type {
  BoardSettings,
  Leaderboard,
  Leaderboards,
  Score,
  ScoreInput,
} from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withStore } from '../support/temporary-store.ts'

const STEPS = sizeOf('TORTURE_BAN_STEPS', { test: 100, torture: 5_000 })
const CROWD = sizeOf('TORTURE_BAN_CROWD', { test: 400, torture: 10_000 })
const MODES = ['ordinal', 'competition', 'dense'] as const

interface Kind {
  settings: BoardSettings
  score: (random: Random) => ScoreInput<Score>
  /** Negative if the first one is better. */
  compare: (a: Score, b: Score) => number
}

const KINDS: Record<string, Kind> = {
  best: {
    settings: { mode: 'best' },
    score: (random) => random.below(40),
    compare: (a, b) => (b as number) - (a as number),
  },
  golf: {
    settings: { order: 'ascending', mode: 'set' },
    score: (random) => random.below(40) - 20,
    compare: (a, b) => (a as number) - (b as number),
  },
  coins: {
    settings: { scoreType: 'int64', mode: 'increment' },
    score: (random) => 2n ** 53n + BigInt(random.below(5)),
    compare: (a, b) => Number((b as bigint) - (a as bigint)),
  },
  race: {
    settings: { columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }], mode: 'set' },
    score: (random) => ({ points: random.below(4), time: random.below(4) }),
    compare: (a, b) => {
      const [x, y] = [a, b] as { points: number; time: number }[]
      return (y?.points ?? 0) - (x?.points ?? 0) || (x?.time ?? 0) - (y?.time ?? 0)
    },
  },
}

interface Row {
  playerId: string
  score: Score
  at: number
  name: string
  metadata: unknown
}

/** What a board should be: every player's row, seen or not. */
class Model {
  readonly rows = new Map<string, Row>()
  readonly #kind: Kind

  constructor(kind: Kind) {
    this.#kind = kind
  }

  submit(playerId: string, sent: { score: Score; at: number; name: string; metadata: unknown }) {
    const { mode } = this.#kind.settings
    const old = this.rows.get(playerId)
    const score =
      mode === 'increment' && old !== undefined
        ? (old.score as bigint) + (sent.score as bigint)
        : sent.score
    const side = old === undefined ? -1 : this.#kind.compare(score, old.score)
    const isRefused = mode === 'best' && side >= 0
    const isSame = mode === 'set' && side === 0
    if (old === undefined || (!isRefused && !isSame))
      this.rows.set(playerId, { playerId, ...sent, score })
    else
      this.rows.set(playerId, {
        ...old,
        name: sent.name,
        metadata: isRefused ? old.metadata : sent.metadata,
      })
  }

  /** The rows of those who are seen, with their three ranks. */
  seen(banned: ReadonlySet<string>): (Row & { ranks: number[] })[] {
    const rows = [...this.rows.values()]
      .filter(({ playerId }) => !banned.has(playerId))
      .sort((a, b) => {
        const byScore = this.#kind.compare(a.score, b.score)
        return byScore || a.at - b.at || Buffer.from(a.playerId).compare(Buffer.from(b.playerId))
      })
    let [competition, dense] = [0, 0]
    return rows.map((row, i) => {
      const before = rows[i - 1]
      const isNew = before === undefined || this.#kind.compare(before.score, row.score) !== 0
      if (isNew) [competition, dense] = [i + 1, dense + 1]
      return { ...row, ranks: [i + 1, competition, dense] }
    })
  }
}

function expectSame(board: Leaderboard<Score>, model: Model, banned: ReadonlySet<string>): void {
  const rows = model.seen(banned)
  for (const [i, rankMode] of MODES.entries()) {
    const expected = rows.map(({ ranks, ...row }) => ({ ...row, rank: ranks[i] }))
    expect([...board.entries({ rankMode })]).toEqual(expected)
    const ids = [...model.rows.keys()]
    const byId = new Map(rows.map(({ playerId, ranks }) => [playerId, ranks[i]]))
    expect(board.ranks(ids, { rankMode })).toEqual(ids.map((id) => byId.get(id)))
  }
  expect(board.size).toBe(rows.length)
}

// Ban and unban of a random tenth leave every rank, in all modes, as a plain sort says.
test.each(Object.keys(KINDS))(
  'ranks without a banned tenth are those of a plain sort: %s',
  (name) =>
    withStore(async (temporary) => {
      const random = new Random(runSeed(`banned tenth ${name}`))
      const kind = KINDS[name] as Kind
      const model = new Model(kind)
      const { store } = temporary
      const board = store.board(name, kind.settings) as Leaderboard<Score>
      const sent = Array.from({ length: CROWD }, (_, i) => {
        const metadata = { i }
        return {
          playerId: `p${i}`,
          score: kind.score(random) as Score,
          at: 1e12 + random.below(50),
          name: `N${i}`,
          metadata,
        }
      })
      await board.submitMany(sent as never)
      for (const { playerId, ...row } of sent) model.submit(playerId, row)
      const tenth = new Set(sent.filter(() => random.chance(0.1)).map(({ playerId }) => playerId))
      await Promise.all([...tenth].map((playerId) => store.ban(playerId)))
      expectSame(board, model, tenth)
      expect((await store.check()).findings).toEqual([])
      const reopened = await temporary.reopen()
      const again = reopened.openBoard(name) as Leaderboard<Score>
      expectSame(again, model, tenth)
      await Promise.all([...tenth].map((playerId) => reopened.unban(playerId)))
      expectSame(again, model, new Set())
    }),
)

test('a random course of submits, bans, ends and reopenings is what the rules say', () =>
  withStore(async (temporary) => {
    const random = new Random(runSeed('bans'))
    const { clock } = temporary
    let store: Leaderboards = temporary.store
    const models = new Map(Object.entries(KINDS).map(([name, kind]) => [name, new Model(kind)]))
    const ids = Array.from({ length: 12 }, (_, i) => `p${i}`)
    /** By player and board, empty for all: whether submits are kept, and until when. */
    const bans = new Map<string, { submits: string; until: number }>()
    const bansOf = (playerId: string, board: string) =>
      ['', board].flatMap((place) => bans.get(`${playerId} ${place}`) ?? [])
    const endBans = (): void => {
      for (const [key, { until }] of bans) if (until <= clock.now) bans.delete(key)
    }
    const open = (name: string) =>
      store.board(name, KINDS[name]?.settings as BoardSettings) as Leaderboard<Score>
    for (let step = 0; step < STEPS; step++) {
      clock.advance(1 + random.below(3))
      const playerId = random.pick(ids)
      const name = random.pick(Object.keys(KINDS))
      const board = random.chance(0.5) && store.hasBoard(name) ? name : undefined
      const act = random.below(10)
      if (act < 6) {
        endBans()
        const score = (KINDS[name] as Kind).score(random) as Score
        const sent = { name: `N${step}`, metadata: { step }, at: clock.now + step / 1000 }
        const held = bansOf(playerId, name)
        const isRefused = held.some(({ submits }) => submits === 'refuse')
        const result = open(name).submit(playerId, score as never, sent)
        if (isRefused) await expect(result).rejects.toMatchObject({ code: 'BANNED' })
        else {
          const answer = await result
          expect(answer.rank === undefined).toBe(held.length > 0)
          models.get(name)?.submit(playerId, { ...sent, score })
        }
      } else if (act < 8) {
        endBans()
        const submits = random.pick(['refuse', 'keep'] as const)
        const until = random.chance(0.4) ? clock.now + 1 + random.below(30) : undefined
        await store.ban(playerId, {
          submits,
          ...(board !== undefined && { board }),
          ...(until !== undefined && { until }),
        })
        bans.set(`${playerId} ${board ?? ''}`, {
          submits,
          until: until ?? Number.POSITIVE_INFINITY,
        })
      } else if (act === 8) {
        endBans()
        const keys = [...bans.keys()].filter((key) =>
          board === undefined ? key.startsWith(`${playerId} `) : key === `${playerId} ${board}`,
        )
        const options = board === undefined ? {} : { board }
        expect(await store.unban(playerId, options)).toBe(keys.length > 0)
        for (const key of keys) bans.delete(key)
      } else if (random.chance(0.3)) store = await temporary.reopen()
      if (step % 25 !== 0) continue
      // What has ended since the last change is seen with the next one.
      endBans()
      await open('best').submit('clock', step, { at: 1, name: `${step}`, metadata: { step } })
      models
        .get('best')
        ?.submit('clock', { score: step, at: 1, name: `${step}`, metadata: { step } })
      for (const [kind, model] of models) {
        const banned = new Set(ids.filter((id) => bansOf(id, kind).length > 0))
        if (store.hasBoard(kind)) expectSame(open(kind), model, banned)
      }
      expect(store.bans()).toHaveLength(bans.size)
    }
  }))

/** A board that keeps its best, as a list: those who are seen, in order, and the hidden beside it. */
class KeptModel {
  seen: { playerId: string; score: number; at: number }[] = []
  readonly hidden = new Map<string, { score: number; at: number }>()
  readonly #keep: number

  constructor(keep: number) {
    this.#keep = keep
  }

  submit(playerId: string, score: number, at: number, isBanned: boolean): void {
    if (isBanned) {
      if (this.hidden.get(playerId)?.score !== score) this.hidden.set(playerId, { score, at })
      return
    }
    const old = this.seen.find((row) => row.playerId === playerId)
    if (old?.score === score) return
    this.seen = this.seen.filter((row) => row !== old)
    this.put(playerId, { score, at })
  }

  put(playerId: string, row: { score: number; at: number }): void {
    this.seen.push({ playerId, ...row })
    this.seen.sort((a, b) => b.score - a.score || a.at - b.at)
    this.seen.length = Math.min(this.seen.length, this.#keep)
  }

  ban(playerId: string): void {
    const row = this.seen.find((one) => one.playerId === playerId)
    if (row === undefined) return
    this.seen = this.seen.filter((one) => one !== row)
    this.hidden.set(playerId, row)
  }

  unban(playerId: string): void {
    const row = this.hidden.get(playerId)
    if (row === undefined) return
    this.hidden.delete(playerId)
    this.put(playerId, { score: row.score, at: row.at })
  }
}

test('a board of the best holds through a mix of submits, bans and ends of bans', () =>
  withStore(async (temporary) => {
    const random = new Random(runSeed('bans on a board of the best'))
    const model = new KeptModel(5)
    const banned = new Map<string, 'refuse' | 'keep'>()
    const ids = Array.from({ length: 12 }, (_, i) => `p${i}`)
    let { store } = temporary
    for (let step = 0; step < 2 * STEPS; step++) {
      const board = store.board('best', { keep: 5 })
      const playerId = random.pick(ids)
      const act = random.below(20)
      if (act < 12) {
        const score = random.below(30)
        const result = board.submit(playerId, score, { at: 1000 + step })
        if (banned.get(playerId) === 'refuse') {
          await expect(result).rejects.toMatchObject({ code: 'BANNED' })
        } else {
          await result
          model.submit(playerId, score, 1000 + step, banned.has(playerId))
        }
      } else if (act < 16) {
        const submits = random.pick(['refuse', 'keep'] as const)
        await store.ban(playerId, { submits })
        banned.set(playerId, submits)
        model.ban(playerId)
      } else if (act < 19) {
        expect(await store.unban(playerId)).toBe(banned.delete(playerId))
        model.unban(playerId)
      } else store = await temporary.reopen()
      const shown = store.board('best').top(10)
      expect(shown.map(({ playerId: id, score, at }) => ({ playerId: id, score, at }))).toEqual(
        model.seen,
      )
    }
  }))
