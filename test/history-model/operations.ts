/**
 * Random operations of every kind: each can be made on a store and on the model.
 *
 * @module
 */

import type {
  BoardAlteration,
  Leaderboard,
  Leaderboards,
  ProfileOptions,
  Score,
  Submission,
  UndoOptions,
} from '../../src/index.ts'
import type { Random } from '../support/random.ts'
import {
  alter,
  alterStore,
  ban,
  drop,
  erase,
  movePlayer,
  remove,
  removePlayer,
  rename,
  setProfile,
  unban,
} from './changes.ts'
import { KINDS, NAMES } from './kinds.ts'
import { create, importRows, type Sent, submit, submitMany } from './submits.ts'
import { resolve, undo } from './undo.ts'
import { type Cell, type Kind, scoreOf, type World } from './world.ts'

/** One operation. */
export interface Operation {
  text: string
  /** Whether it may be made at the same moment as others. */
  isQuick: boolean
  /** What of an error is compared: its code, or only that there is one. */
  isVague: boolean
  /** The names that an undo answered. */
  names?: { board: string; playerId: string; name: string }[]
  make: (store: Leaderboards) => Promise<unknown>
  model: (world: World) => unknown
}

export const PLAYERS: readonly string[] = ['p', 'p1', 'p10', 'é', 'p\0q', '"', '\u{1f3c6}']
const ACTORS = ['kim', undefined] as const

/** Opens a board, made or not. */
export function open(store: Leaderboards, name: string): Leaderboard<Score> {
  return store.board(name, (KINDS[name] as Kind).settings) as object as Leaderboard<Score>
}

/** Makes random operations for a world as it is. */
export class Operations {
  readonly #random: Random
  readonly #world: () => World
  readonly #sentBefore: { name: string; sent: Sent }[] = []
  #requests = 0
  #untils = 0

  constructor(random: Random, world: () => World) {
    this.#random = random
    this.#world = world
  }

  /** Returns one of the kinds that others of the same moment do not disturb, or of all. */
  next(isQuick: boolean): Operation {
    const roll = this.#random.next()
    let sum = 0
    for (const [share, kind] of this.#kinds) {
      sum += share
      if (roll >= sum) continue
      const operation = kind()
      return operation.isQuick || !isQuick ? operation : this.submit()
    }
    return this.submit()
  }

  readonly #kinds: readonly [number, () => Operation][] = [
    [0.35, () => this.submit()],
    [0.07, () => this.#submitMany()],
    [0.04, () => this.#import()],
    [0.03, () => this.#remove()],
    [0.01, () => this.#removePlayer()],
    [0.03, () => this.#rename()],
    [0.04, () => this.#profile()],
    [0.07, () => this.#ban()],
    [0.06, () => this.#unban()],
    [0.04, () => this.#move()],
    [0.02, () => this.#erase()],
    [0.05, () => this.#alter()],
    [0.01, () => this.#alterStore()],
    [0.02, () => this.#resolve()],
    [0.12, () => this.#undo()],
    [0.015, () => this.drop()],
    [0.015, () => this.#create()],
  ]

  submit(name = this.#random.pick(NAMES), given?: Sent): Operation {
    const random = this.#random
    const [isAgain, hasRanks] = [random.chance(0.08), random.chance(0.9)]
    const before = random.pick(this.#sentBefore)
    if (given === undefined && isAgain && before !== undefined) {
      const isOther = random.chance(0.2)
      const sent = isOther ? { ...before.sent, won: before.sent.won !== true } : before.sent
      return this.#submitOf(before.name, sent, hasRanks)
    }
    return this.#submitOf(name, given ?? this.#sent(name), hasRanks)
  }

  #submitOf(name: string, sent: Sent, hasRanks: boolean): Operation {
    const { playerId, score, ...options } = submissionOf(KINDS[name] as Kind, sent)
    if (sent.requestId !== undefined) this.#sentBefore.push({ name, sent })
    return quick(`submit ${name} ${show(sent)} ${hasRanks}`, {
      make: (store) =>
        open(store, name).submit(playerId, score as never, {
          ...(options as object),
          ...(!hasRanks && { ranks: false }),
        }),
      model: (world) => submit(world, name, sent, hasRanks),
    })
  }

  #submitMany(): Operation {
    const random = this.#random
    const name = random.pick(NAMES)
    const sent = Array.from({ length: 1 + random.below(5) }, () => this.#sent(name))
    const submissions = sent.map((one) => submissionOf(KINDS[name] as Kind, one))
    const operation = quick(`submitMany ${name} ${show(sent)}`, {
      make: (store) => open(store, name).submitMany(submissions as never),
      model: (world) => submitMany(world, name, { sent, hasRanks: true }),
    })
    return { ...operation, isVague: true }
  }

  // With times: which ones rows get that lack them is the import's affair.
  #import(): Operation {
    const random = this.#random
    const name = random.pick(NAMES)
    const kind = KINDS[name] as Kind
    const { nowMs } = this.#world()
    const mode = random.pick(['set', 'best', 'increment'] as const)
    const rows = Array.from({ length: 1 + random.below(8) }, (): Sent => {
      const { playerId, cells, metadata } = this.#sent(name)
      const row: Sent = { playerId, cells, atMs: nowMs - random.below(4000), mode }
      return metadata === undefined ? row : { ...row, metadata }
    })
    const lines = rows.map(({ playerId, cells, atMs, metadata }) => {
      const score = scoreOf(kind, cells)
      const plain = typeof score === 'bigint' ? String(score) : score
      const columns = typeof plain === 'object' ? (plain as object) : { score: plain }
      return `${JSON.stringify({ playerId, ...columns, at: atMs, metadata })}\n`
    })
    return {
      text: `import ${name} ${show(rows)}`,
      ...{ isQuick: false, isVague: true },
      make: async (store) => {
        const board = open(store, name)
        return (await board.importFrom(lines, { format: 'ndjson', mode })).changed
      },
      model: (world) => importRows(world, name, rows),
    }
  }

  #remove(): Operation {
    const [name, playerId] = [this.#random.pick(NAMES), this.#player()]
    return quick(`remove ${name} ${playerId}`, {
      make: (store) => open(store, name).remove(playerId),
      model: (world) => remove(world, name, playerId),
    })
  }

  #removePlayer(): Operation {
    const playerId = this.#player()
    return quick(`removePlayer ${playerId}`, {
      make: (store) => store.removePlayer(playerId),
      model: (world) => removePlayer(world, playerId),
    })
  }

  #rename(): Operation {
    const playerId = this.#player()
    const name = this.#random.chance(0.2) ? playerId : this.#name()
    return quick(`rename ${playerId} ${name}`, {
      make: (store) => store.rename(playerId, name),
      model: (world) => rename(world, playerId, name),
    })
  }

  #profile(): Operation {
    const random = this.#random
    const playerId = this.#player()
    const profile: ProfileOptions = {
      ...(random.chance(0.5) && { name: random.chance(0.2) ? null : this.#name() }),
      ...(random.chance(0.3) && { avatar: random.pick([null, 'https://example.com/a.png']) }),
      ...(random.chance(0.3) && { metadata: random.pick([null, { a: random.below(3) }]) }),
    }
    return quick(`setProfile ${playerId} ${show(profile)}`, {
      make: (store) => store.setProfile(playerId, profile),
      model: (world) => setProfile(world, playerId, profile),
    })
  }

  #ban(): Operation {
    const random = this.#random
    const playerId = this.#player()
    const board = random.chance(0.4) ? random.pick(NAMES) : undefined
    const reason = random.chance(0.5) ? `R${random.below(3)}` : undefined
    const actor = random.pick(ACTORS)
    this.#untils++
    const isBounded = random.chance(0.4)
    const until = isBounded
      ? this.#world().nowMs + 1 + random.below(3000) + this.#untils / 1000
      : undefined
    const submits = random.pick(['refuse', 'keep'] as const)
    const asked = { playerId, board, reason, actor, until, submits }
    return quick(`ban ${show(asked)}`, {
      make: async (store) => {
        const { boards, since, seq } = await store.ban(playerId, {
          ...{ board, reason, actor, until, submits },
        })
        return { boards, since, seq }
      },
      model: (world) => {
        const { boards, since, seq } = ban(world, asked)
        return { boards, since, seq }
      },
    })
  }

  #unban(): Operation {
    const random = this.#random
    const one = random.pick(this.#world().bans)
    const playerId = one === undefined || random.chance(0.1) ? this.#player() : one.playerId
    const board = random.chance(0.4) ? (one?.board ?? random.pick(NAMES)) : undefined
    const reason = random.chance(0.3) ? 'sorry' : undefined
    return quick(`unban ${playerId} ${board}`, {
      make: (store) => store.unban(playerId, { board, reason }),
      model: (world) => unban(world, playerId, { board, reason }),
    })
  }

  #move(): Operation {
    const from = this.#player()
    const to = this.#random.pick(PLAYERS.filter((id) => id !== from))
    return quick(`move ${from} ${to}`, {
      make: (store) => store.movePlayer(from, to),
      model: (world) => movePlayer(world, from, to),
    })
  }

  #erase(): Operation {
    const playerId = this.#player()
    return {
      text: `erase ${playerId}`,
      ...{ isQuick: false, isVague: false },
      make: async (store) => {
        const { found, boards, records } = await store.erase(playerId)
        return { found, boards, records }
      },
      model: (world) => erase(world, playerId),
    }
  }

  #alter(): Operation {
    const random = this.#random
    const name = random.pick(NAMES)
    const { isBig, log } = KINDS[name] as Kind
    const cell = (n: number): Cell => (isBig ? BigInt(n) : n)
    const flag = log === 'none' ? 'refuse' : 'flag'
    const rules = random.pick<BoardAlteration>([
      { min: cell(random.below(6)) },
      { max: cell(30 + random.below(20)) },
      { maxGain: { by: cell(random.below(12)), action: flag } },
      { maxGain: { by: cell(random.below(12)), action: flag } },
      { maxGain: { by: cell(4 + random.below(20)), action: 'refuse' } },
      { perMinute: 1 + random.below(4) },
      { players: 'known' },
      { writes: 'closed' },
      { min: null, max: null, players: null, writes: 'open' },
      { maxGain: null, perMinute: null, players: null, writes: 'open' },
      { min: null, max: null, maxGain: null, perMinute: null, players: null, writes: null },
      { min: null, max: null, maxGain: null, perMinute: null, players: null, writes: null },
    ])
    return quick(`alter ${name} ${show(rules)}`, {
      make: (store) => store.alter(name, rules),
      model: (world) => alter(world, name, rules),
    })
  }

  #alterStore(): Operation {
    const settings = this.#world().isClosed
      ? ({ writes: 'open' } as const)
      : this.#random.pick([
          { writes: 'closed' },
          { names: 'unique' },
          { names: 'unique' },
          { names: 'free' },
        ] as const)
    return {
      text: `alter ${show(settings)}`,
      ...{ isQuick: false, isVague: false },
      make: (store) => store.alter(settings).then(() => undefined),
      model: (world) => alterStore(world, settings),
    }
  }

  #resolve(): Operation {
    const random = this.#random
    const { flags, log } = this.#world()
    const flag = random.pick([...flags])
    const seq = flag === undefined || random.chance(0.1) ? 1 + random.below(log.length + 2) : flag
    const verdict = random.pick(['accepted', 'undone'] as const)
    return quick(`resolve ${seq} ${verdict}`, {
      make: (store) => store.resolve(seq, { verdict, actor: 'kim' }),
      model: (world) => resolve(world, seq, { verdict, actor: 'kim' }),
    })
  }

  #undo(): Operation {
    const options = this.#undoOptions()
    const names: NonNullable<Operation['names']> = []
    const operation = quick(`undo ${show(options)}`, {
      make: async (store) => {
        const answer = await store.undo(options)
        const changes = answer.changes.map(({ from, to, ...who }) => {
          if (to !== null) names.push({ ...who, name: to.name })
          return { ...who, from: nameless(from), to: nameless(to) }
        })
        return { ...answer, changes }
      },
      model: (world) => undo(world, options),
    })
    // Who comes back may take a name that others ask for.
    return { ...operation, names, isQuick: !this.#world().isUnique }
  }

  #undoOptions(): UndoOptions {
    const random = this.#random
    const { log, undos } = this.#world()
    const runs = log.filter(({ kind }) => kind === 'submit')
    const seqs = [...undos.keys()]
    const one = random.pick(runs)
    const other = random.pick(runs)
    if (one === undefined || other === undefined) return { playerId: this.#player() }
    const committed = (run: typeof one): number => (run['committedAt'] ?? run['at']) as number
    const [from, to] = [committed(one), committed(other)].sort((a, b) => a - b) as [number, number]
    const board = one['board'] as string
    const playerId = one['playerId'] as string
    const who = random.chance(0.1) ? { reason: 'why', actor: 'kim' } : {}
    const undoSeq = random.pick(seqs) ?? one.seq
    const options = random.pick<UndoOptions>([
      { seqs: [one.seq] },
      { seqs: [one.seq, other.seq, undoSeq] },
      { seqs: [undoSeq] },
      { seqs: [undoSeq] },
      { seqs: [undoSeq], playerId },
      { seqs: [undoSeq, one.seq], board },
      { seqs: [1 + random.below(log.length + 2)] },
      { playerId, board },
      { playerId, from },
      { playerId: this.#player() },
      { from: to },
      { from, to },
      { board, from, to },
      { board, playerId, to },
      { board: random.pick(NAMES), from },
    ])
    const expected = random.chance(0.1) ? { expectedSeq: log.length + random.below(2) + 1 } : {}
    return { ...options, ...who, ...expected, ...(random.chance(0.1) && { dryRun: true }) }
  }

  drop(name = this.#random.pick(NAMES)): Operation {
    return {
      text: `drop ${name}`,
      ...{ isQuick: false, isVague: false },
      make: (store) => store.dropBoard(name),
      model: (world) => drop(world, name),
    }
  }

  #create(): Operation {
    const name = this.#random.pick(NAMES)
    const { settings } = KINDS[name] as Kind
    return quick(`create ${name}`, {
      make: (store) => store.createBoard(name, settings).then(() => undefined),
      model: (world) => {
        create(world, name)
      },
    })
  }

  #sent(name: string): Sent {
    const random = this.#random
    const { columns, isBig } = KINDS[name] as Kind
    const cells = (): Cell[] =>
      columns.map(() => {
        const n = random.below(12)
        return isBig ? BigInt(n) : n
      })
    const sent: Sent = { playerId: this.#player(), cells: cells() }
    if (random.chance(0.35)) sent.mode = random.pick(['set', 'best', 'increment'])
    if (random.chance(0.3)) sent.atMs = this.#world().nowMs - random.below(4000)
    if (random.chance(0.15)) sent.name = this.#name()
    if (random.chance(0.3)) sent.metadata = random.chance(0.2) ? {} : { n: random.below(20) }
    if (random.chance(0.2)) sent.won = true
    if (random.chance(0.05)) sent.only = random.pick(['new', 'existing'])
    if (random.chance(0.04)) sent.expected = random.chance(0.3) ? null : cells()
    if (random.chance(0.2)) sent.requestId = `r${this.#requests++ % 40}`
    if (random.chance(0.01)) sent.cells = columns.map(() => (isBig ? 2n ** 63n - 2n : 2 ** 53 - 2))
    return sent
  }

  #player(): string {
    return this.#random.pick(PLAYERS)
  }

  #name(): string {
    return `N${this.#random.below(6)}`
  }
}

function quick(text: string, parts: Pick<Operation, 'make' | 'model'>): Operation {
  return { text, isQuick: true, isVague: false, ...parts }
}

function submissionOf(kind: Kind, sent: Sent): Submission<Score> {
  const { cells, atMs, expected, ...others } = sent
  return {
    ...others,
    score: scoreOf(kind, cells) as Score,
    ...(atMs !== undefined && { at: atMs }),
    ...(expected !== undefined && {
      expected: expected === null ? null : (scoreOf(kind, expected) as Score),
    }),
  }
}

function nameless(entry: object | null): object | null {
  if (entry === null) return null
  const { name: _, ...others } = entry as { name: string }
  return others
}

/** Returns a value as text. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_key, cell: unknown) =>
    typeof cell === 'bigint' ? `${cell}n` : cell,
  )
}
