/**
 * Moderation on windows against plain maps: random submits, bans, removals, names, moves and erasures on
 * boards of every kind while seasons pass, with reopenings and two handles on one store.
 *
 * The model keeps a map of players for each board and each season and says of each season by its borders alone
 * whether it is sealed. All times are given, so the present is what the clock says.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type BoardSettings,
  type Leaderboard,
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
  type Score,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

checkHere()

const STEPS = sizeOf('TORTURE_SEASON_STEPS', { test: 60, torture: 5_000 })
const MODES = ['ordinal', 'competition', 'dense'] as const
const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 10, 27, 23)
const IDS = Array.from({ length: 9 }, (_, i) => `p${i}`)

type Mode = 'set' | 'best' | 'increment'

interface WindowKind {
  name: string
  lengthMs: number
  graceMs: number
  mode?: Mode
  isGain?: boolean
  keep?: number
}

interface Kind {
  settings: BoardSettings
  mode: Mode
  keep?: number
  windows: WindowKind[]
  score: (random: Random) => Score
  /** Negative if the first one is better. */
  compare: (a: Score, b: Score) => number
}

const DAY: WindowKind = { name: 'day', lengthMs: 24 * HOUR_MS, graceMs: 600_000 }
const QUARTER: WindowKind = { name: 'quarter', lengthMs: 6 * HOUR_MS, graceMs: 2 * HOUR_MS }

const KINDS: Record<string, Kind> = {
  best: {
    ...{ settings: {}, mode: 'best', windows: [DAY, { ...QUARTER, mode: 'increment' }] },
    score: (random) => random.below(40),
    compare: (a, b) => (b as number) - (a as number),
  },
  total: {
    ...{ settings: {}, mode: 'set', windows: [{ ...QUARTER, isGain: true }, DAY] },
    score: (random) => random.below(40),
    compare: (a, b) => (b as number) - (a as number),
  },
  golf: {
    ...{ settings: { order: 'ascending' }, mode: 'set', windows: [{ ...DAY, mode: 'best' }] },
    score: (random) => random.below(40) - 20,
    compare: (a, b) => (a as number) - (b as number),
  },
  coins: {
    ...{ settings: { scoreType: 'int64' }, mode: 'increment', windows: [QUARTER] },
    score: (random) => 2n ** 53n + BigInt(random.below(5)),
    compare: (a, b) => Number((b as bigint) - (a as bigint)),
  },
  kept: {
    ...{ settings: { keep: 3 }, mode: 'set', keep: 3, windows: [QUARTER, { ...DAY, keep: 2 }] },
    score: (random) => random.below(40),
    compare: (a, b) => (b as number) - (a as number),
  },
  race: {
    settings: { columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }] },
    ...{ mode: 'best', windows: [{ ...QUARTER, mode: 'set' }] },
    score: (random) => ({ points: random.below(4), time: random.below(4) }),
    compare: (a, b) => {
      const [x, y] = [a, b] as { points: number; time: number }[]
      return (y?.points ?? 0) - (x?.points ?? 0) || (x?.time ?? 0) - (y?.time ?? 0)
    },
  },
}

function settingsOf({ settings, mode, windows }: Kind): BoardSettings {
  return {
    ...settings,
    mode,
    windows: windows.map(({ name, lengthMs, graceMs, mode: own, isGain, keep }) => ({
      ...{ name, graceMs },
      every: name === 'day' ? 'day' : { hours: lengthMs / HOUR_MS, from: 0 },
      ...(own !== undefined && { mode: own }),
      ...(isGain === true && { value: 'gain' as const }),
      ...(keep !== undefined && { keep }),
    })),
  } as BoardSettings
}

interface Row {
  score: Score
  at: number
  name: string | undefined
  metadata: unknown
  isHidden: boolean
}

interface Sent {
  score: Score
  at: number
  name: string | undefined
  metadata: unknown
}

/** The players of one board or season. */
class Place {
  readonly rows = new Map<string, Row>()
  readonly kind: Kind
  readonly mode: Mode
  readonly keep: number | undefined

  constructor(kind: Kind, { mode, keep }: { mode: Mode; keep: number | undefined }) {
    this.kind = kind
    this.mode = mode
    this.keep = keep
  }

  submit(playerId: string, sent: Sent, isHidden: boolean): void {
    const old = this.rows.get(playerId)
    const after = this.#after(old, sent)
    this.rows.set(playerId, { ...after, isHidden })
    this.#trim(old === undefined)
  }

  #after(old: Row | undefined, sent: Sent): Omit<Row, 'isHidden'> {
    if (old === undefined) return sent
    const name = sent.name ?? old.name
    const score = this.mode === 'increment' ? sum(old.score, sent.score) : sent.score
    const side = this.kind.compare(score, old.score)
    const isRefused = this.mode === 'best' && !(side < 0 || (side === 0 && sent.at < old.at))
    if (isRefused) return { ...old, name }
    if (side === 0 && this.mode !== 'best') return { ...old, name, metadata: sent.metadata }
    return { ...sent, score, name }
  }

  hide(playerId: string): void {
    const row = this.rows.get(playerId)
    if (row !== undefined) row.isHidden = true
  }

  show(playerId: string): void {
    const row = this.rows.get(playerId)
    if (row === undefined || !row.isHidden) return
    row.isHidden = false
    this.#trim(true)
  }

  // One who comes to a full board and is the worst has no place; else the last one leaves.
  #trim(isNew: boolean): void {
    const seen = this.seen()
    if (this.keep === undefined || !isNew || seen.length <= this.keep) return
    this.rows.delete(seen.at(-1)?.playerId ?? '')
  }

  /** Those who are seen, in their order. */
  seen(): (Row & { playerId: string })[] {
    return [...this.rows]
      .filter(([, { isHidden }]) => !isHidden)
      .map(([playerId, row]) => ({ playerId, ...row }))
      .sort(
        (a, b) =>
          this.kind.compare(a.score, b.score) ||
          a.at - b.at ||
          Buffer.from(a.playerId).compare(Buffer.from(b.playerId)),
      )
  }

  entries(mode: (typeof MODES)[number]): unknown[] {
    let [competition, dense] = [0, 0]
    const seen = this.seen()
    return seen.map(({ isHidden: _, name, ...row }, i) => {
      const before = seen[i - 1]
      const isNew = before === undefined || this.kind.compare(before.score, row.score) !== 0
      if (isNew) [competition, dense] = [i + 1, dense + 1]
      const rank = { ordinal: i + 1, competition, dense }[mode]
      return { ...row, name: name ?? row.playerId, rank }
    })
  }

  move(from: string, to: string, known: { name: string | undefined } | undefined): void {
    const [one, other] = [this.rows.get(from), this.rows.get(to)]
    if (one === undefined) return
    this.rows.delete(from)
    const isUnseen = [one, other].every((row) => row?.isHidden !== false)
    const [left, right] = [one, other].map((row) =>
      isUnseen || row?.isHidden === false ? row : undefined,
    )
    if (left === undefined || right === undefined) {
      const only = (left ?? right) as Row
      // The receiver keeps the name, if any place shows one.
      const name = right === undefined && known !== undefined ? known.name : only.name
      this.rows.set(to, { ...only, name })
      return
    }
    const side = this.kind.compare(left.score, right.score)
    if (this.mode === 'increment') {
      const [late, early] = left.at > right.at ? [left, right] : [right, left]
      const score = sum(left.score, right.score)
      const metadata = late.metadata ?? early.metadata
      this.rows.set(to, { ...late, score, metadata, name: right.name, isHidden: isUnseen })
      return
    }
    const better = side < 0 || (side === 0 && left.at < right.at) ? left : right
    this.rows.set(to, { ...better, name: right.name, isHidden: isUnseen })
  }
}

function sum(a: Score, b: Score): Score {
  if (typeof a === 'bigint') return a + (b as bigint)
  return (a as number) + (b as number)
}

interface SeasonPlace {
  start: number
  end: number
  place: Place
}

/** One board with the seasons of its windows. */
class BoardModel {
  readonly main: Place
  readonly windows: { window: WindowKind; seasons: Map<number, SeasonPlace> }[]
  readonly since: number
  readonly kind: Kind

  constructor(kind: Kind, since: number) {
    this.kind = kind
    this.since = since
    const { mode, keep, windows } = kind
    this.main = new Place(kind, { mode, keep })
    this.windows = windows.map((window) => ({ window, seasons: new Map() }))
  }

  submit(playerId: string, sent: Sent, { now, isHidden }: { now: number; isHidden: boolean }) {
    const before = this.main.rows.get(playerId)
    const score = before?.score
    this.main.submit(playerId, sent, isHidden)
    const after = this.main.rows.get(playerId)
    for (const { window, seasons } of this.windows) {
      const start = Math.floor(sent.at / window.lengthMs) * window.lengthMs
      const end = start + window.lengthMs
      if (end + window.graceMs <= now || end <= this.since) continue
      const name = sent.name ?? after?.name
      const gain = Math.max(0, Number(after?.score) - Number(score ?? 0))
      const own = window.isGain === true ? { ...sent, score: gain } : sent
      this.#seasonAt(window, seasons, start).place.submit(playerId, { ...own, name }, isHidden)
    }
    if (sent.name === undefined || (before === undefined && this.kind.keep === undefined)) return
    for (const place of this.reached(now, false)) rename(place, playerId, sent.name)
  }

  #seasonAt(window: WindowKind, seasons: Map<number, SeasonPlace>, start: number): SeasonPlace {
    const found = seasons.get(start)
    if (found !== undefined) return found
    const mode = window.isGain === true ? 'increment' : (window.mode ?? this.kind.mode)
    const place = new Place(this.kind, { mode, keep: window.keep ?? this.kind.keep })
    const season = { start, end: start + window.lengthMs, place }
    seasons.set(start, season)
    return season
  }

  /** The seasons that a change reaches, the newest first. */
  reached(now: number, isSealedToo: boolean, sealedBy = 0): Place[] {
    return this.windows.flatMap(({ window: { graceMs }, seasons }) =>
      [...seasons.values()]
        .filter(({ end }) => isSealedToo || end + graceMs > now || end + graceMs <= sealedBy)
        .sort((a, b) => b.start - a.start)
        .map(({ place }) => place),
    )
  }
}

function rename(place: Place, playerId: string, name: string): boolean {
  const row = place.rows.get(playerId)
  if (row !== undefined) row.name = name
  return row !== undefined
}

interface BanModel {
  board: string | undefined
  submits: 'refuse' | 'keep'
  until: number
  /** When it took the player out of sealed seasons too; 0: it did not. */
  sealedBy: number
}

/** A store and what it should be. */
class World {
  readonly boards = new Map<string, BoardModel>()
  /** By player and board, empty for all. */
  readonly bans = new Map<string, BanModel>()
  readonly random: Random
  readonly temporary: TemporaryStore
  stores: Leaderboards[]
  /** Whether nobody is erased: the log then tells all. */
  keepsAll = false
  #moves: { from: string; to: string; seq: number; now: number }[] = []
  #step = 0

  constructor(temporary: TemporaryStore, random: Random) {
    this.temporary = temporary
    this.random = random
    this.stores = [temporary.store, temporary.open()]
  }

  get now(): number {
    return this.temporary.clock.now
  }

  get store(): Leaderboards {
    return this.random.pick(this.stores)
  }

  async closeSecond(): Promise<void> {
    await this.stores[1]?.close()
  }

  async reopen(): Promise<void> {
    await this.closeSecond()
    this.stores = [await this.temporary.reopen(), this.temporary.open()]
  }

  #bansOf(playerId: string, board: string): BanModel[] {
    return ['', board].flatMap((place) => this.bans.get(`${playerId} ${place}`) ?? [])
  }

  #banned(playerId: string): boolean {
    return [...this.bans.keys()].some((key) => key.startsWith(`${playerId} `))
  }

  /** Ends the bans whose time has come, each as of then. */
  endBans(): void {
    const ends = [...this.bans].filter(([, { until }]) => until <= this.now)
    for (const [key, ban] of ends.sort(([, a], [, b]) => a.until - b.until))
      this.#lift(key.split(' ')[0] as string, { keys: [key], asOf: ban.until, sealed: false })
  }

  #lift(playerId: string, of: { keys: string[]; asOf: number; sealed: boolean }): void {
    const lifted = of.keys.map((key) => this.bans.get(key) as BanModel)
    for (const key of of.keys) this.bans.delete(key)
    const sealedBy = Math.max(0, ...lifted.map((ban) => ban.sealedBy))
    const boards = lifted.map(({ board }) => board)
    for (const [key, ban] of this.bans)
      if (key.startsWith(`${playerId} `))
        if ([...boards, undefined].includes(ban.board) || boards.includes(undefined))
          ban.sealedBy = Math.max(ban.sealedBy, sealedBy)
    for (const [name, model] of this.boards) {
      const isMeant = lifted.some(({ board }) => board === undefined || board === name)
      if (!isMeant || this.#bansOf(playerId, name).length > 0) continue
      const seasons = model.reached(of.asOf, of.sealed, sealedBy)
      for (const place of [model.main, ...seasons]) place.show(playerId)
    }
  }

  async step(): Promise<void> {
    const { random, temporary } = this
    this.#step++
    temporary.clock.advance(random.chance(0.05) ? 7 * HOUR_MS : random.below(HOUR_MS / 3))
    const act = random.below(100)
    if (act < 62) await this.#submit()
    else if (act < 72) await this.#ban()
    else if (act < 80) await this.#unban()
    else if (act < 85) await this.#remove()
    else if (act < 88) await this.#removePlayer()
    else if (act < 91) await this.#rename()
    else if (act < 96) await this.#move()
    else if (act < 98 && !this.keepsAll) await this.#erase()
    else await this.reopen()
  }

  async #submit(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const name = random.pick(Object.keys(KINDS))
    const kind = KINDS[name] as Kind
    const playerId = random.pick(IDS)
    const back = random.chance(0.2) ? random.below(9 * HOUR_MS) : 0
    const sent: Sent = {
      score: kind.score(random),
      at: now - 1 - back + (this.#step % 1000) / 1000,
      name: random.chance(0.4) ? `N${random.below(5)}` : undefined,
      metadata: { step: this.#step },
    }
    const held = this.#bansOf(playerId, name)
    const board = this.store.board(name, settingsOf(kind)) as Leaderboard<Score>
    const { score, name: given, ...options } = sent
    const result = board.submit(
      playerId,
      score as never,
      {
        ...options,
        ...(given !== undefined && { name: given }),
      } as never,
    )
    if (held.some(({ submits }) => submits === 'refuse')) {
      await expect(result).rejects.toMatchObject({ code: 'BANNED' })
      return
    }
    await result
    const model = this.boards.get(name) ?? new BoardModel(kind, now)
    this.boards.set(name, model)
    model.submit(playerId, sent, { now, isHidden: held.length > 0 })
  }

  #someBoard(): string | undefined {
    const name = this.random.pick([...this.boards.keys(), ''])
    return name === '' || this.random.chance(0.4) ? undefined : name
  }

  async #ban(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const [playerId, board] = [random.pick(IDS), this.#someBoard()]
    const until = random.chance(0.5) ? now + 1 + random.below(8 * HOUR_MS) : undefined
    const submits = random.chance(0.7) ? 'keep' : 'refuse'
    const sealed = random.chance(0.3)
    await this.store.ban(playerId, {
      ...{ submits, sealed },
      ...(board !== undefined && { board }),
      ...(until !== undefined && { until }),
    })
    const key = `${playerId} ${board ?? ''}`
    const before = this.bans.get(key)
    const sealedBy = sealed ? now : (before?.sealedBy ?? 0)
    this.bans.set(key, { board, submits, until: until ?? Number.POSITIVE_INFINITY, sealedBy })
    for (const [name, model] of this.boards)
      if (board === undefined || board === name)
        for (const place of [model.main, ...model.reached(now, sealed)]) place.hide(playerId)
  }

  async #unban(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const [playerId, board] = [random.pick(IDS), this.#someBoard()]
    const sealed = random.chance(0.3)
    const keys = [...this.bans.keys()].filter((key) =>
      board === undefined ? key.startsWith(`${playerId} `) : key === `${playerId} ${board}`,
    )
    const options = { sealed, ...(board !== undefined && { board }) }
    expect(await this.store.unban(playerId, options)).toBe(keys.length > 0)
    this.#lift(playerId, { keys, asOf: now, sealed })
  }

  async #remove(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const playerId = random.pick(IDS)
    const name = random.pick([...this.boards.keys(), ''])
    const model = this.boards.get(name)
    if (model === undefined) return
    const sealed = random.chance(0.3)
    const places = [model.main, ...model.reached(now, sealed)]
    const removed = places.filter(({ rows }) => rows.delete(playerId)).length > 0
    expect(await this.store.board(name).remove(playerId, { sealed })).toBe(removed)
  }

  async #removePlayer(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const playerId = random.pick(IDS)
    const sealed = random.chance(0.3)
    const boards = [...this.boards.values()].filter((model) => {
      const places = [model.main, ...model.reached(now, sealed)]
      return places.filter(({ rows }) => rows.delete(playerId)).length > 0
    })
    expect(await this.store.removePlayer(playerId, { sealed })).toBe(boards.length)
  }

  async #rename(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const [playerId, name] = [random.pick(IDS), `R${random.below(5)}`]
    const sealed = random.chance(0.3)
    const boards = [...this.boards.values()].filter((model) => {
      const places = [model.main, ...model.reached(now, sealed)]
      return places.filter((place) => rename(place, playerId, name)).length > 0
    })
    expect(await this.store.rename(playerId, name, { sealed })).toBe(boards.length)
  }

  async #move(): Promise<void> {
    this.endBans()
    const { random, now } = this
    const [from, to] = [random.pick(IDS), random.pick(IDS)]
    if (from === to) return
    const sealed = random.chance(0.3)
    const result = this.store.movePlayer(from, to, { sealed })
    if (this.#banned(from) || this.#banned(to)) {
      await expect(result).rejects.toMatchObject({ code: 'BANNED' })
      return
    }
    const { seq } = await result
    if (seq !== undefined) this.#moves.push({ from, to, seq, now })
    const models = [...this.boards].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, model]) => model)
    const places = [
      ...models.map(({ main }) => main),
      ...models.flatMap((model) => model.reached(now, sealed)),
    ]
    // What names the receiver stands in any season, reached or not.
    const known = [
      ...models.map(({ main }) => main),
      ...models.flatMap((model) => model.reached(now, true)),
    ]
      .map(({ rows }) => rows.get(to))
      .find((row) => row !== undefined)
    const name = known && { name: known.name }
    for (const place of places) place.move(from, to, name)
  }

  async #erase(): Promise<void> {
    this.endBans()
    const playerId = this.random.pick(IDS)
    await this.store.erase(playerId)
    for (const key of this.bans.keys()) if (key.startsWith(`${playerId} `)) this.bans.delete(key)
    const ids = this.#idsOf(playerId)
    for (const { main, windows } of this.boards.values()) {
      main.rows.delete(playerId)
      for (const { window, seasons } of windows)
        for (const { end, place } of seasons.values())
          for (const [id, until] of ids)
            if (end + window.graceMs <= until.now || id === playerId) place.rows.delete(id)
    }
    this.#moves = this.#moves.filter(({ from, to, seq }) => {
      const isOf = (id: string): boolean => seq <= (ids.get(id)?.seq ?? 0)
      return !isOf(from) && !isOf(to)
    })
  }

  // Who was moved to somebody is the same person up to then.
  #idsOf(playerId: string): Map<string, { seq: number; now: number }> {
    const end = Number.POSITIVE_INFINITY
    const ids = new Map([[playerId, { seq: end, now: end }]])
    for (const { from, to, seq, now } of [...this.#moves].reverse())
      if (seq < (ids.get(to)?.seq ?? 0) && seq > (ids.get(from)?.seq ?? 0))
        ids.set(from, { seq, now })
    return ids
  }

  /** What has ended since the last change is seen with the next one. */
  async seeEnds(): Promise<void> {
    this.endBans()
    await this.stores[0]?.setProfile('clock', { metadata: { now: this.now } })
  }

  /** Holds the boards and seasons against the model, some of them or all. */
  compare(share: number, random: Random): void {
    const store = random.pick(this.stores)
    for (const [name, model] of this.boards) {
      const board = store.board(name) as Leaderboard<Score>
      const rankMode = random.pick(MODES)
      expect([...board.entries({ rankMode })]).toEqual(model.main.entries(rankMode))
      for (const { window, seasons } of model.windows) {
        const told = board.seasons(window.name, { limit: 1_000 })
        for (const { season, from, sealed, size } of told) {
          if (!random.chance(share)) continue
          const kept = seasons.get(from)
          const view = board.window(window.name, season)
          const expected = kept?.place.entries(rankMode) ?? []
          expect([season, [...view.entries({ rankMode })]]).toEqual([season, expected])
          expect([sealed, size]).toEqual([
            from + window.lengthMs + window.graceMs <= this.now,
            expected.length,
          ])
        }
        const starts = told.map(({ from }) => from)
        expect(starts).toEqual(expect.arrayContaining([...seasons.keys()]))
      }
    }
    expect(store.bans()).toHaveLength(this.bans.size)
  }
}

test('moderation on seasons is what the rules say, whatever comes', () =>
  withStore(async (temporary) => {
    temporary.clock.now = START
    const random = new Random(runSeed('moderation on seasons'))
    await withSeed(random, async () => {
      const world = new World(temporary, random)
      const looks = new Random(random.seed)
      try {
        for (let step = 0; step < STEPS; step++) {
          await world.step()
          if (step % 10 === 0) {
            await world.seeEnds()
            world.compare(step % 100 === 0 ? 1 : 0.3, looks)
          }
        }
        await world.seeEnds()
        world.compare(1, looks)
        expect((await world.store.check()).findings).toEqual([])
      } finally {
        await world.closeSecond()
      }
    })
  }))

test('a restore from the log makes moderation on seasons again', () =>
  withStore(async (temporary) => {
    temporary.clock.now = START
    const random = new Random(runSeed('moderation on seasons from the log'))
    const [backup, target] = [join(temporary.path, 'backup'), join(temporary.path, 'again')]
    await withSeed(random, async () => {
      const world = new World(temporary, random)
      world.keepsAll = true
      try {
        for (let step = 0; step < STEPS; step++) {
          await world.step()
          if (step === Math.floor(STEPS / 4)) await world.store.backup(backup)
        }
        await world.seeEnds()
        const seq = world.store.log({ limit: 1, before: Number.MAX_SAFE_INTEGER }).records[0]?.seq
        await restoreBackup(backup, target, { log: temporary.path, seq: seq as number })
        const again = openLeaderboards(target, { clock: temporary.clock.read })
        try {
          const [first, second] = world.stores
          world.stores = [again]
          world.compare(1, random)
          world.stores = [first as Leaderboards, second as Leaderboards]
          expect((await again.check()).findings).toEqual([])
        } finally {
          await again.close()
        }
      } finally {
        await world.closeSecond()
      }
    })
  }))
