/**
 * Calls that can be made on a board and on its model, and random ones of every kind.
 *
 * @module
 */

import type {
  Metadata,
  Mode,
  RankMode,
  Score,
  ScoreCell,
  Submission,
  SubmitOptions,
} from '../../src/index.ts'
import type { Random } from '../support/random.ts'
import type { ImportRow } from './model.ts'
import { randomBound, randomScore, type ScoreKind } from './random-scores.ts'
import type { Shape } from './scores.ts'

/** A call of a board, or of the store, as data: it can be sent to another process. */
export interface Call {
  board: string
  name: string
  args: unknown[]
}

/** What came of a call. */
export type Outcome = { value: unknown } | { error: string }

/** What calls are made on: a board, a view of one, or a model. */
export type Target = object

export const MODES: readonly Mode[] = ['set', 'best', 'increment']
const RANK_MODES: readonly RankMode[] = ['ordinal', 'competition', 'dense']
const WRITES = new Set(['submit', 'submitMany', 'remove', 'rename', 'removePlayer', 'ban', 'unban'])
const CALLS_OF_STORE = new Set(['boardsOf', 'rename', 'removePlayer', 'ban', 'unban'])

/** Players who are banned at a time, about: more would leave too little to see. */
const BANNED_MAX = 6

/** Whether the call concerns all boards. */
export function isOfStore(call: Call): boolean {
  return CALLS_OF_STORE.has(call.name)
}

export function isWrite(call: Call): boolean {
  return WRITES.has(call.name)
}

/** Makes a call. */
export function make(target: Target, call: Call): unknown {
  const member: unknown = Reflect.get(target, call.name)
  if (typeof member !== 'function') return member
  const answer: unknown = Reflect.apply(member, target, call.args)
  if (call.name === 'ban') return boardsOfBan(answer)
  return call.name === 'entries' ? [...(answer as Iterable<unknown>)] : answer
}

// When it was made, and under which seq, is the store's affair.
function boardsOfBan(answer: unknown): unknown {
  if (!(answer instanceof Promise)) return answer
  return answer.then(({ boards }: { boards: string[] }) => boards)
}

/** What is the same on both sides of an outcome: whether there are cursors, not what they are. */
export function withoutCursors(call: Call, outcome: Outcome): Outcome {
  if (call.name !== 'page' || 'error' in outcome) return outcome
  const { next, previous, ...page } = outcome.value as Record<string, unknown>
  return { value: { ...page, leadsOn: next !== undefined, leadsBack: previous !== undefined } }
}

export function outcomeOf(work: () => unknown): Outcome {
  try {
    return { value: work() }
  } catch (error) {
    return { error: problemOf(error) }
  }
}

export async function outcomeOfPromise(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error: problemOf(error) }
  }
}

/** Returns what `work` answers, or what is wrong with it. */
export async function problemIn(work: () => unknown): Promise<string> {
  try {
    return `answered ${JSON.stringify(await work())}`
  } catch (error) {
    return problemOf(error)
  }
}

/** The stable part of an error: its code, or its name, after the number of the submission. */
export function problemOf(error: unknown): string {
  const { name, code, message } = error as Error & { code?: string }
  const kind = code ?? (name === 'TypeError' || name === 'RangeError' ? name : String(error))
  return (/^Submission \d+: /.exec(message)?.[0] ?? '') + kind
}

/** Ids whose order is easily got wrong, and enough plain ones to be a crowd. */
export function playerIds(count: number): string[] {
  const odd = [
    ...['\u00e9', 'e\u0301', '\u212b', '\u00c5', 'A\u030a', '\uffff', '\ue000', '\u{10000}'],
    ...['\u{10ffff}', '\u{1f600}', '\0', '\0\0', 'a', 'aa', 'ab', 'a\0', 'A', '0', ' ', '-1'],
    ...[
      '__proto__',
      'constructor',
      'undefined',
      '=1+1',
      '"',
      'x'.repeat(512),
      '\u{1f3c6}'.repeat(128),
    ],
  ]
  const plain = Array.from({ length: Math.max(0, count - odd.length) }, (_, i) => `player-${i}`)
  return [...odd, ...plain]
}

/** Makes random calls. */
export class CallMaker {
  readonly #random: Random
  readonly #ids: readonly string[]
  readonly #nowMs: () => number
  readonly #firstTimes: readonly number[]
  readonly #shapeOf: (board: string) => Shape
  readonly #banned: string[] = []
  #shape: Shape = { type: 'number', columns: [] }

  constructor(
    random: Random,
    options: {
      ids: readonly string[]
      nowMs: () => number
      shapeOf: (board: string) => Shape
      /** The earliest time that is given; 1970 if not said. */
      firstMs?: number | undefined
    },
  ) {
    this.#random = random
    this.#ids = options.ids
    this.#nowMs = options.nowMs
    const { firstMs } = options
    // Parts of a microsecond are there only near 1970.
    this.#firstTimes = firstMs === undefined ? [0, 0.0004, 0.0006] : [firstMs, firstMs + 0.001]
    this.#shapeOf = options.shapeOf
  }

  write(board: string): Call {
    this.#shape = this.#shapeOf(board)
    const random = this.#random
    const kind = random.next()
    if (kind < 0.2) return { board, name: 'remove', args: [this.#id()] }
    if (kind < 0.3) return { board, name: 'submitMany', args: this.#manyArgs() }
    const { playerId, score, ...options } = this.#submission()
    const args = [playerId, score, { ...options, ...this.#answerOptions() }]
    return { board, name: 'submit', args }
  }

  read(board: string): Call {
    this.#shape = this.#shapeOf(board)
    const [name, args] = this.#random.pick(this.#reads)()
    return { board, name, args }
  }

  /** A read, or one that embedded engines answer later. */
  readOrFind(board: string): Call {
    if (this.#random.chance(0.95)) return this.read(board)
    return { board, name: 'find', args: [this.#searched(), { limit: 1 + this.#count() }] }
  }

  readOfStore(): Call {
    return { board: '', name: 'boardsOf', args: [this.#id(), this.#rankOptions()] }
  }

  writeOfStore(): Call {
    const kind = this.#random.next()
    if (kind < 0.2) return { board: '', name: 'removePlayer', args: [this.#id()] }
    if (kind < 0.6) return this.#banOrUnban()
    const id = this.#id()
    const name = this.#random.chance(0.2) ? id : `Renamed ${this.#random.below(9)}`
    return { board: '', name: 'rename', args: [id, name] }
  }

  #banOrUnban(): Call {
    const random = this.#random
    if (random.chance(this.#banned.length / BANNED_MAX)) {
      const id = random.chance(0.1) ? this.#id() : (this.#banned.shift() ?? this.#id())
      return { board: '', name: 'unban', args: [id] }
    }
    const id = this.#id()
    this.#banned.push(id)
    const submits = random.pick(['refuse', 'keep'])
    return { board: '', name: 'ban', args: random.chance(0.3) ? [id] : [id, { submits }] }
  }

  importRows(board: string, count: number): ImportRow[] {
    this.#shape = this.#shapeOf(board)
    return Array.from({ length: count }, () => {
      const { playerId, name, at, metadata } = this.#submission('good')
      return { playerId, score: this.#score('plain'), name, at, metadata }
    })
  }

  readonly #reads: readonly (() => [name: string, args: unknown[]])[] = [
    () => ['size', []],
    () => ['get', [this.#id(), this.#rankOptions()]],
    () => ['rank', [this.#id(), this.#rankOptions()]],
    () => ['rank', [this.#id(), this.#rankOptions()]],
    () => ['ranks', [this.#some(8, () => this.#id()), this.#rankOptions()]],
    () => ['standing', [this.#id()]],
    () => ['standingOf', [this.#score()]],
    () => ['top', this.#random.chance(0.2) ? [] : [this.#count(), this.#rankOptions()]],
    () => ['range', [this.#count() + 1, this.#count(), this.#rankOptions()]],
    () => ['range', this.#rangeArgs()],
    () => ['entryAt', [1 + this.#random.below(300), this.#rankOptions()]],
    () => ['around', [this.#id(), this.#aroundOptions()]],
    () => ['around', [this.#id(), this.#aroundOptions()]],
    () => ['between', [this.#bound(), this.#bound(), this.#betweenOptions()]],
    () => ['between', [this.#bound(), this.#bound(), this.#betweenOptions()]],
    () => ['countBetween', [this.#bound(), this.#bound(), this.#boundOptions()]],
    () => ['among', [this.#some(8, () => this.#id()), this.#rankOptions()]],
    () => ['gap', [this.#id(), this.#rankOptions()]],
    () => ['scoreAt', [1 + this.#random.below(60), this.#rankOptions()]],
    () => ['scoreFor', [this.#goal()]],
    () => ['page', [{ limit: 1 + this.#count(), ...this.#rankOptions() }]],
    () => (this.#random.chance(0.3) ? ['entries', [this.#rankOptions()]] : ['size', []]),
  ]

  #manyArgs(): unknown[] {
    // Longer ones hold more of what must be refused: half of them fail as a whole.
    const quality = this.#random.chance(0.5) ? 'good' : 'mixed'
    return [this.#some(12, () => this.#submission(quality)), this.#answerOptions()]
  }

  #submission(quality: 'good' | 'mixed' = 'mixed'): Submission<Score> {
    const random = this.#random
    const isBad = quality === 'mixed' && random.chance(0.03)
    const submission: Submission<Score> = {
      playerId: isBad && random.chance(0.3) ? random.pick(BAD_IDS) : this.#id(),
      score: this.#score(
        isBad && random.chance(0.3) ? 'bad' : quality === 'good' ? 'plain' : 'any',
      ),
    }
    if (random.chance(0.3)) submission.at = this.#at(isBad)
    if (random.chance(0.2)) submission.name = `Name ${random.below(50)} \u{1f3c6}`
    if (random.chance(0.2)) submission.metadata = random.pick(METADATA)
    if (quality === 'good') return submission
    if (random.chance(0.5)) submission.mode = random.pick(MODES)
    if (random.chance(0.06)) submission.only = random.pick(['new', 'existing'])
    if (random.chance(0.06)) submission.expected = this.#score('plain')
    if (random.chance(0.03)) submission.expected = null
    if (isBad && random.chance(0.2)) submission.metadata = { text: '\u{1f3c6}'.repeat(300) }
    return submission
  }

  #answerOptions(): Pick<SubmitOptions, 'rankMode' | 'ranks' | 'passed'> {
    const random = this.#random
    const passed = random.chance(0.2) ? { passed: random.pick([1, 5, 1000]) } : {}
    const ranks = random.chance(0.1) ? { ranks: false } : {}
    return { ...this.#rankOptions(), ...ranks, ...passed }
  }

  #rankOptions(): { rankMode?: RankMode } {
    return this.#random.chance(0.4) ? {} : { rankMode: this.#random.pick(RANK_MODES) }
  }

  #goal(): object {
    const random = this.#random
    const who = random.chance(0.5) ? { playerId: this.#id() } : {}
    const what = random.chance(0.5)
      ? { rank: 1 + random.below(60) }
      : { topPercent: (1 + random.below(1000)) / 10 }
    return { ...who, ...what, ...this.#rankOptions() }
  }

  #aroundOptions(): object {
    const random = this.#random
    const sides = random.chance(0.1) ? {} : { above: this.#count(), below: this.#count() }
    return { ...sides, ...this.#rankOptions(), fill: random.chance(0.5) }
  }

  #betweenOptions(): object {
    const random = this.#random
    const page = random.chance(0.5) ? {} : { offset: this.#count(), limit: this.#count() }
    return { ...this.#boundOptions(), ...this.#rankOptions(), ...page }
  }

  #boundOptions(): object {
    const random = this.#random
    return { minExclusive: random.chance(0.4), maxExclusive: random.chance(0.4) }
  }

  #rangeArgs(): unknown[] {
    const first = 1 + this.#random.below(300)
    return [first, first + this.#count(), this.#rankOptions()]
  }

  #id(): string {
    return this.#random.pick(this.#ids)
  }

  #score(kind: ScoreKind = 'any'): Score {
    return randomScore(this.#random, this.#shape, kind)
  }

  // The beginning of a name or of an id, in another case.
  #searched(): string {
    const random = this.#random
    const begin = random.chance(0.5) ? random.pick(['NAME ', 'name 1', 'Re', 'pLAYER-2']) : ''
    const id = [...this.#id().toUpperCase()].slice(0, 6).join('')
    return begin || id
  }

  #bound(): ScoreCell {
    return randomBound(this.#random, this.#shape)
  }

  // Few values again, in the past and in the near future; a bad one lies too far ahead.
  #at(isBad: boolean): number {
    const random = this.#random
    if (isBad) return this.#nowMs() + 300_001 + random.below(1e6)
    if (random.chance(0.6)) return PAST_MS + random.below(6) / 1000
    if (random.chance(0.5)) return random.pick([...this.#firstTimes, PAST_MS + 0.9995])
    return this.#nowMs() + random.below(300_000) - 0.0005
  }

  #count(): number {
    return this.#random.chance(0.1) ? this.#random.below(500) : this.#random.below(20)
  }

  #some<T>(most: number, one: () => T): T[] {
    return Array.from({ length: this.#random.below(most + 1) }, one)
  }
}

const PAST_MS = 1_700_000_000_000
const BAD_IDS = ['', 'x'.repeat(513), '\ud800', 'a\udc00b', `${'\u{1f3c6}'.repeat(128)}x`]
const METADATA: readonly Metadata[] = [
  ...[{}, { a: 1 }, { a: 2 }, { nested: { list: [null, 1.5, '\u{1f3c6}'] } }],
  JSON.parse('{"__proto__":{"a":1},"constructor":0,"":"\\u0000"}'),
  { text: 'x'.repeat(1013) },
]
