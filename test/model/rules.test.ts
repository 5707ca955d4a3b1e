/**
 * Random changes under random rules, held against a model that is trivially right: plain maps, every rule a
 * line. Reopening is one of the operations.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { BoardAlteration, BoardRules, Mode } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const STEPS = sizeOf('TORTURE_RULES', { test: 250, torture: 20_000 })
const BOARDS = ['up', 'down'] as const
const PLAYERS = ['a', 'b', 'c']
const NAMES = ['Ann', 'ANN', 'Bea', 'ß', 'SS', 'Cy']
const MODES: readonly Mode[] = ['set', 'best', 'increment']

type Board = (typeof BOARDS)[number]

interface Submit {
  playerId: string
  score: number
  mode: Mode
  name?: string
}

/** What a store with rules has to do. */
class Model {
  nowMs = 0
  isUnique = false
  isClosed = false
  rules = new Map<Board, BoardRules>(BOARDS.map((board) => [board, {}]))
  scores = new Map<Board, Map<string, number>>(BOARDS.map((board) => [board, new Map()]))
  names = new Map<Board, Map<string, string>>(BOARDS.map((board) => [board, new Map()]))
  profiles = new Map<string, string>()
  taken = new Map<Board, { playerId: string; ms: number }[]>(BOARDS.map((board) => [board, []]))
  flagged: string[] = []

  clone(): Model {
    return structuredCloneOf(this)
  }

  submit(board: Board, { playerId, score, mode, name }: Submit): string {
    const rules = this.rules.get(board) as BoardRules
    const scores = this.scores.get(board) as Map<string, number>
    const taken = this.taken.get(board) as { playerId: string; ms: number }[]
    if (this.isClosed || rules.writes === 'closed') return 'CLOSED_FOR_WRITES'
    if (rules.players === 'known' && !this.profiles.has(playerId)) return 'UNKNOWN_PLAYER'
    const before = scores.get(playerId)
    const judged = mode === 'increment' ? (before ?? 0) + score : score
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rules
    if (judged < min || judged > max) return 'OUT_OF_RANGE'
    const recent = taken.filter((one) => one.playerId === playerId && one.ms > this.nowMs - 60_000)
    if (rules.perMinute !== undefined && recent.length >= rules.perMinute) return 'RATE_LIMITED'
    const sign = board === 'up' ? 1 : -1
    const gain =
      mode === 'increment' ? sign * score : before === undefined ? 0 : sign * (score - before)
    const isMuch = rules.maxGain !== undefined && gain > rules.maxGain.by
    if (isMuch && rules.maxGain?.action === 'refuse') return 'SUSPICIOUS'
    if (name !== undefined && this.isTaken(name, playerId)) return 'NAME_TAKEN'
    if (isMuch) this.flagged.push(`${board} ${playerId} ${score}`)
    if (rules.perMinute !== undefined) taken.push({ playerId, ms: this.nowMs })
    const isBetter = before === undefined || sign * (score - before) > 0
    if (mode !== 'best' || isBetter) scores.set(playerId, judged)
    const shown = name ?? (before === undefined ? this.profiles.get(playerId) : undefined)
    if (shown !== undefined) this.give(board, playerId, shown)
    return 'taken'
  }

  // Once there is a profile, its name is that of every board.
  give(board: Board, playerId: string, name: string): void {
    this.names.get(board)?.set(playerId, name)
    if (this.profiles.has(playerId)) this.rename(playerId, name)
  }

  rename(playerId: string, name: string): void {
    if (this.profiles.has(playerId)) this.profiles.set(playerId, name)
    for (const board of BOARDS)
      if (this.scores.get(board)?.has(playerId)) this.names.get(board)?.set(playerId, name)
  }

  isTaken(name: string, playerId: string): boolean {
    return (
      this.isUnique && name !== playerId && this.owners(name).some((owner) => owner !== playerId)
    )
  }

  /** Those who show a name of their own that is the same without case. */
  owners(name: string): string[] {
    const shown = [...this.names.values(), this.profiles].flatMap((names) => [...names])
    return shown
      .filter(([playerId, other]) => other !== playerId && fold(other) === fold(name))
      .map(([playerId]) => playerId)
  }

  hasDuplicates(): boolean {
    return NAMES.some((name) => new Set(this.owners(name)).size > 1)
  }

  remove(board: Board, playerId: string): string {
    if (this.isClosed || this.rules.get(board)?.writes === 'closed') return 'CLOSED_FOR_WRITES'
    this.scores.get(board)?.delete(playerId)
    this.names.get(board)?.delete(playerId)
    return 'taken'
  }

  /** All that can be seen. */
  content(): unknown {
    return BOARDS.map((board) => {
      const entries = [...(this.scores.get(board) ?? [])].map(([playerId, score]) => {
        return [playerId, score, this.names.get(board)?.get(playerId) ?? playerId]
      })
      return [entries.sort(), this.rules.get(board)]
    })
  }
}

function fold(name: string): string {
  return name.toLowerCase().toUpperCase()
}

function structuredCloneOf(model: Model): Model {
  return Object.assign(new Model(), structuredClone({ ...model }))
}

function contentOf({ store }: TemporaryStore): unknown {
  return BOARDS.map((name) => {
    const board = store.board(name)
    const entries = [...board.entries()].map(({ playerId, score, name }) => [playerId, score, name])
    return [entries.sort(), board.rules()]
  })
}

class Run {
  readonly #random: Random
  readonly #temporary: TemporaryStore
  #model = new Model()

  constructor(random: Random, temporary: TemporaryStore) {
    this.#random = random
    this.#temporary = temporary
  }

  async begin(): Promise<void> {
    await this.#temporary.store.createBoard('up')
    await this.#temporary.store.createBoard('down', { order: 'ascending' })
  }

  async step(i: number): Promise<void> {
    const what = this.#random.pick([
      ...(['submit', 'submit', 'submit', 'submit', 'submit', 'many', 'many', 'wait'] as const),
      ...(['alter', 'profile', 'rename', 'remove', 'unique', 'closed', 'resolve'] as const),
      ...(this.#random.chance(0.3) ? (['reopen'] as const) : []),
    ])
    const outcome = await this[what]()
    const at = `seed ${this.#random.seed}, step ${i}: ${what}`
    if (outcome !== undefined) expect([at, outcome[0]]).toEqual([at, outcome[1]])
    expect([at, contentOf(this.#temporary)]).toEqual([at, this.#model.content()])
    const flagged = this.#temporary.store.log({ flagged: true }).records
    expect([
      at,
      flagged.map(({ board, playerId, submitted }) => `${board} ${playerId} ${submitted}`),
    ]).toEqual([at, this.#model.flagged])
  }

  async submit(): Promise<[string, string]> {
    const board = this.#random.pick(BOARDS)
    const submit = this.#submit()
    const { playerId, score, ...options } = submit
    const call = this.#temporary.store.board(board).submit(playerId, score, options)
    return [await codeOf(call), this.#model.submit(board, submit)]
  }

  async many(): Promise<[string, string]> {
    const board = this.#random.pick(BOARDS)
    const submits = Array.from({ length: 1 + this.#random.below(4) }, () => this.#submit())
    const after = this.#model.clone()
    const codes = submits.map((submit) => after.submit(board, submit))
    const refused = codes.find((code) => code !== 'taken')
    if (refused === undefined) this.#model = after
    const code = await codeOf(this.#temporary.store.board(board).submitMany(submits))
    // Of several that are refused it may be another one that is told.
    return [code, refused !== undefined && code !== 'taken' ? code : (refused ?? 'taken')]
  }

  async alter(): Promise<undefined> {
    const board = this.#random.pick(BOARDS)
    const alteration = this.#alteration()
    const rules = { ...this.#model.rules.get(board) } as Record<string, unknown>
    for (const [name, value] of Object.entries(alteration))
      if (value === null || value === 'open') delete rules[name]
      else rules[name] = value
    await this.#temporary.store.alter(board, alteration)
    this.#model.rules.set(board, rules as BoardRules)
  }

  async profile(): Promise<[string, string]> {
    const playerId = this.#random.pick(PLAYERS)
    const name = this.#random.chance(0.8) ? this.#random.pick(NAMES) : null
    const call = this.#temporary.store.setProfile(playerId, { name })
    const isTaken = name !== null && this.#model.isTaken(name, playerId)
    if (!isTaken) {
      this.#model.profiles.set(playerId, playerId)
      this.#model.rename(playerId, name ?? playerId)
    }
    return [await codeOf(call), isTaken ? 'NAME_TAKEN' : 'taken']
  }

  async rename(): Promise<[string, string]> {
    const playerId = this.#random.pick(PLAYERS)
    const name = this.#random.pick([...NAMES, playerId])
    const isTaken = this.#model.isTaken(name, playerId)
    if (!isTaken) this.#model.rename(playerId, name)
    const code = await codeOf(this.#temporary.store.rename(playerId, name))
    return [code, isTaken ? 'NAME_TAKEN' : 'taken']
  }

  async remove(): Promise<[string, string]> {
    const board = this.#random.pick(BOARDS)
    const playerId = this.#random.pick(PLAYERS)
    const code = await codeOf(this.#temporary.store.board(board).remove(playerId))
    return [code, this.#model.remove(board, playerId)]
  }

  async unique(): Promise<[string, string]> {
    const names = this.#model.isUnique || this.#random.chance(0.2) ? 'free' : 'unique'
    const isRefused = names === 'unique' && this.#model.hasDuplicates()
    if (!isRefused) this.#model.isUnique = names === 'unique'
    const code = await codeOf(this.#temporary.store.alter({ names }))
    return [code, isRefused ? 'NAME_TAKEN' : 'taken']
  }

  async closed(): Promise<undefined> {
    this.#model.isClosed = !this.#model.isClosed && this.#random.chance(0.2)
    await this.#temporary.store.alter({ writes: this.#model.isClosed ? 'closed' : 'open' })
  }

  async resolve(): Promise<undefined> {
    const [first] = this.#temporary.store.log({ flagged: true, limit: 1 }).records
    if (first === undefined) return
    expect(await this.#temporary.store.resolve(first.seq, { verdict: 'accepted' })).toBe(true)
    this.#model.flagged.shift()
  }

  // Odd milliseconds: no sum of them is a minute, at which the store's microseconds would decide.
  async wait(): Promise<undefined> {
    const ms = 1000 * this.#random.below(25) + 137
    this.#temporary.clock.advance(ms)
    this.#model.nowMs += ms
  }

  async reopen(): Promise<undefined> {
    await this.#temporary.reopen()
  }

  #submit(): Submit {
    return {
      playerId: this.#random.pick(PLAYERS),
      score: this.#random.below(41) - 15,
      mode: this.#random.pick(MODES),
      ...(this.#random.chance(0.3) && { name: this.#random.pick(NAMES) }),
    }
  }

  #alteration(): BoardAlteration {
    const some = <T>(value: T): T | null => (this.#random.chance(0.6) ? value : null)
    const by = this.#random.below(15)
    return this.#random.pick<BoardAlteration>([
      { min: some(0 - this.#random.below(30)) },
      { max: some(5 + this.#random.below(60)) },
      { maxGain: some({ by, action: this.#random.pick(['flag', 'refuse'] as const) }) },
      { perMinute: some(1 + this.#random.below(3)) },
      { players: this.#random.chance(0.3) ? 'known' : null },
      { writes: this.#random.chance(0.1) ? 'closed' : 'open' },
    ])
  }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'taken',
    (error: { code?: string; stack?: string }) => error.code ?? String(error.stack),
  )
}

test('random changes under random rules leave what a trivial model says', async () => {
  const random = new Random(runSeed('rules'))
  await withStore(async (temporary) => {
    const run = new Run(random, temporary)
    await run.begin()
    for (let i = 0; i < STEPS; i++) await run.step(i)
  })
})
